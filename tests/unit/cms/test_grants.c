/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Migrations as both systems decide them, over stores of their own. */
#include "unit/cms/cms_fixture.h"

static struct fixture *home, *away;
static struct grant g, at, other;
static unsigned int wait;

static void begin_two(void)
{
	home = fixture_new(home_text);
	away = fixture_new(partner_text);
	add_alice(home);
}

static void end_two(void)
{
	fixture_free(home);
	fixture_free(away);
}

/* Steps 1 to 13, without a network. */
static void migrate(int64_t now)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_request req;
	struct access_answer answer;

	ck_assert_int_eq(primary_begin(&home->cms, &ask, now, &g), CMS_OK);
	req = request_of(&g, now);
	ck_assert_int_eq(partner_admit(&away->cms, &away->cfg.partner[0], &req, now, &at, &wait),
			 CMS_OK);
	answer = answer_of(&at);
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &answer, "<x/>", 4, now, &g), CMS_OK);
}

static enum cms_result admit(const struct access_request *req)
{
	return partner_admit(&away->cms, &away->cfg.partner[0], req, NOW, &at, &wait);
}

START_TEST(all_steps_bind_both_ways)
{
	size_t len;
	void *document;

	begin_two();
	migrate(NOW);
	/* hidden from the partner: two identities for two, none of them real */
	ck_assert_uint_eq(g.pair.n_impu, 2);
	ck_assert_ptr_nonnull(strstr(g.pair.impi, "@out.home1.net"));
	ck_assert_ptr_null(strstr(g.pair.impu[0], "alice"));
	ck_assert_ptr_nonnull(strstr(g.inbound.impi, "@in.partner1.net"));
	ck_assert_str_eq(at.pair.impi, g.pair.impi);
	ck_assert_str_eq(at.pair.impu[1], g.pair.impu[1]);
	ck_assert_str_eq(at.database, "hss hss.home1.net home1.net");
	ck_assert_int_eq(bindings_find(&home->cms, "sip:alice@home1.net", &other, 1), 1);
	ck_assert_str_eq(other.id, g.id);
	ck_assert_int_eq(bindings_find(&home->cms, g.pair.impu[1], &other, 1), 1);
	ck_assert_int_eq(bindings_find(&home->cms, g.inbound.impi, &other, 1), 1);
	ck_assert_int_eq(bindings_find(&away->cms, g.inbound.impi, &other, 1), 1);
	ck_assert_str_eq(other.pair.impi, g.pair.impi);
	ck_assert_int_eq(bindings_find(&away->cms, g.pair.impi, &other, 1), 1);
	ck_assert_str_eq(other.inbound.impi, g.inbound.impi);
	ck_assert_int_eq(bindings_find(&away->cms, "sip:alice@home1.net", &other, 1), 0);
	document = grant_document(&home->cms, g.id, &len);
	ck_assert_uint_eq(len, 4);
	free(document);
	fixture_reopen(home);
	ck_assert_int_eq(grants_live(&home->cms, SIDE_PRIMARY), 1);
	end_two();
}
END_TEST

START_TEST(who_may_go_where)
{
	struct ue_request r = alice_asks("", "00102");
	char why[256];

	begin_two();
	strcpy(r.mc_id, "sip:bob@mc.home1.net");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_FORBIDDEN);
	r = alice_asks("", "00199");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_NO_PARTNER);
	r = alice_asks("", "");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_NO_PARTNER);
	r = alice_asks("", "00102");
	strcpy(r.services, "mcvideo");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_FORBIDDEN);
	/* the tracking area before the network; identities are shown to partner2 */
	r = alice_asks("", "00102");
	strcpy(r.tac, "0001");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.partner, "partner2");
	ck_assert_str_eq(g.chosen, "location");
	ck_assert_str_eq(g.pair.impi, "alice_private@home1.net");
	/* partner2 has no mcdata: another partner serves there */
	strcpy(r.services, "mcdata");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.partner, "partner1");
	ck_assert_int_eq(primary_fail(&home->cms, g.id, "test", false, NOW), CMS_OK);
	/* wished, but no agreement for this user: the one that serves there, and it is said */
	ck_assert_int_eq(agreement_set(&home->cms, ALICE, "partner2", false, NOW, why, sizeof(why)),
			 0);
	r = alice_asks("partner2", "00103");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.partner, "partner1");
	ck_assert_str_eq(g.chosen, "location");
	/* the agreement's end has ended what stood on it */
	ck_assert_int_eq(grants_live(&home->cms, SIDE_PRIMARY), 0);
	ck_assert_int_eq(grants_untold(&home->cms, NOW, &other, 1), 1);
	ck_assert_str_eq(other.partner, "partner2");
	end_two();
}
END_TEST

START_TEST(identities_hidden_or_not)
{
	struct names n = {"alice_private@home1.net", {"sip:alice@home1.net"}, 1};
	struct ue_request r = alice_asks("partner2", "");
	char why[256];

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.pair.impi, "alice_private@home1.net"); /* as partner2's section says */
	primary_fail(&home->cms, g.id, "test", false, NOW);
	user_set(&home->cms, ALICE, &n, "mcptt mcdata", 1, NOW, why, sizeof(why));
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_ptr_nonnull(strstr(g.pair.impi, "@out.home1.net"));
	primary_fail(&home->cms, g.id, "test", false, NOW);
	user_set(&home->cms, ALICE, &n, "mcptt mcdata", 0, NOW, why, sizeof(why));
	strcpy(r.partner, "partner1");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.pair.impi, "alice_private@home1.net");
	primary_fail(&home->cms, g.id, "test", false, NOW);
	strcpy(r.services, "mcdata"); /* hidden whatever else is said */
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_ptr_nonnull(strstr(g.pair.impi, "@out.home1.net"));
	end_two();
}
END_TEST

START_TEST(asked_again)
{
	struct ue_request r = alice_asks("partner1", "");

	begin_two();
	strcpy(r.key, "k1");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &other), CMS_CONFLICT);
	at = g;
	at.inbound.n_impu = 2;
	ck_assert_int_eq(names_draw(&at.inbound, "in.partner1.net"), 0);
	strcpy(at.id, "there");
	{
		struct access_answer a = answer_of(&at);

		ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_OK);
		ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_GONE);
	}
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &other), CMS_SAME);
	ck_assert_str_eq(other.id, g.id);
	r.key[0] = '\0';
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &other), CMS_SAME);
	strcpy(r.key, "k1");
	strcpy(r.ue, "urn:uuid:2");
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &other), CMS_REUSED);
	r.key[0] = '\0';
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &other), CMS_CONFLICT);
	end_two();
}
END_TEST

START_TEST(a_user_cannot_exhaust)
{
	struct ue_request r = alice_asks("partner1", "");

	begin_two();
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_OK);
		ck_assert_int_eq(primary_fail(&home->cms, g.id, "test", true, NOW), CMS_OK);
	}
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW, &g), CMS_QUOTA);
	ck_assert_int_eq(primary_begin(&home->cms, &r, NOW + 86401, &g), CMS_OK);
	end_two();
}
END_TEST

START_TEST(what_a_partner_may_not_say)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_request good, r;

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	good = request_of(&g, NOW);
#define WRONG(result, change)                                                                      \
	r = good;                                                                                  \
	change;                                                                                    \
	ck_assert_int_eq(admit(&r), result)
	WRONG(CMS_NOT_YOURS, strcpy(r.primary, "home2"));
	WRONG(CMS_NOT_YOURS, strcpy(r.mc_id, "sip:alice@mc.home2.net"));
	WRONG(CMS_NOT_YOURS, strcpy(r.pair.impi, "a@home2.net"));
	WRONG(CMS_NOT_YOURS, strcpy(r.pair.impi, "a@in.partner1.net"));
	WRONG(CMS_NOT_YOURS, strcpy(r.pair.impu[1], "sip:a@nothome1.net"));
	WRONG(CMS_NOT_YOURS, strcpy(r.database_host, "hss.partner1.net"));
	WRONG(CMS_LATE, r.issued = NOW - MESSAGE_AGE_S - 1);
	WRONG(CMS_LATE, r.issued = NOW + MESSAGE_AGE_S + 1);
	WRONG(CMS_LATE, r.expires = NOW);
	/* home2's users come only if they are listed */
	r = good;
	strcpy(r.primary, "home2");
	strcpy(r.mc_id, "sip:bob@mc.home2.net");
	strcpy(r.database_host, "hss.home2.net");
	r.pair = (struct names){"bob@home2.net", {"sip:bob@home2.net"}, 1};
	ck_assert_int_eq(partner_admit(&away->cms, &away->cfg.partner[1], &r, NOW, &at, &wait),
			 CMS_FORBIDDEN);
	{
		char why[256];

		ck_assert_int_eq(admission_set(&away->cms, "home2", r.mc_id, true, NOW, why, 256),
				 0);
		ck_assert_int_eq(
		    partner_admit(&away->cms, &away->cfg.partner[1], &r, NOW, &at, &wait), CMS_OK);
		ck_assert_int_eq(admission_set(&away->cms, "home2", r.mc_id, false, NOW, why, 256),
				 0);
		ck_assert_int_eq(grants_live(&away->cms, SIDE_PARTNER), 0);
	}
	/* nothing of what was refused is left */
	ck_assert_int_eq(admit(&good), CMS_OK);
	ck_assert_int_eq(grants_live(&away->cms, SIDE_PARTNER), 1);
	end_two();
}
END_TEST

START_TEST(replays)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_request r, later;
	struct grant first;

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	r = request_of(&g, NOW);
	ck_assert_int_eq(admit(&r), CMS_OK);
	first = at;
	/* the answer was lost: the same grant, and no second identity */
	ck_assert_int_eq(admit(&r), CMS_SAME);
	ck_assert_str_eq(at.inbound.impi, first.inbound.impi);
	strcpy(r.ue, "urn:uuid:9");
	ck_assert_int_eq(admit(&r), CMS_REUSED);
	strcpy(r.ue, g.ue);
	ck_assert_int_eq(grants_withdraw(&away->cms,
					 &(struct selection){.id = first.id, .both = true},
					 "partner", "primary", true, false, NOW),
			 1);
	ck_assert_int_eq(admit(&r), CMS_GONE);
	/* given up before it came */
	later = r;
	strcpy(later.message, "m2");
	ck_assert_int_eq(partner_cancel(&away->cms, &away->cfg.partner[0], "m2", NOW), CMS_OK);
	ck_assert_int_eq(admit(&later), CMS_GONE);
	/* the one that the primary has now ends the one before; that one does not come back, however late */
	strcpy(later.message, "m3");
	ck_assert_int_eq(admit(&later), CMS_OK);
	first = at;
	strcpy(later.message, "m4");
	later.issued = NOW + 2;
	ck_assert_int_eq(admit(&later), CMS_OK);
	ck_assert_str_ne(at.inbound.impi, first.inbound.impi);
	ck_assert_int_eq(grants_live(&away->cms, SIDE_PARTNER), 1);
	strcpy(later.message, "m5");
	later.issued = NOW + 1;
	ck_assert_int_eq(admit(&later), CMS_CONFLICT);
	ck_assert_int_eq(grants_live(&away->cms, SIDE_PARTNER), 1);
	end_two();
}
END_TEST

START_TEST(quotas_of_a_partner)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_request r;

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	r = request_of(&g, NOW);
	for (int i = 0; i <= 100; i++) {
		snprintf(r.message, sizeof(r.message), "m%d", i);
		snprintf(r.mc_id, sizeof(r.mc_id), "sip:u%d@home1.net", i);
		snprintf(r.pair.impi, sizeof(r.pair.impi), "u%d@home1.net", i);
		ck_assert_int_eq(admit(&r), i < 100 ? CMS_OK : CMS_QUOTA);
	}
	ck_assert_uint_gt(wait, 0);
	away->cfg.partner[0].live_max = 1000;
	away->cfg.partner[0].hour_max = 100;
	ck_assert_int_eq(admit(&r), CMS_QUOTA);
	end_two();
}
END_TEST

START_TEST(withdrawn_for_ever)
{
	const struct selection hers = {.mc_id = ALICE, .side = SIDE_PRIMARY};
	struct ue_request ask = alice_asks("partner1", "");

	begin_two();
	migrate(NOW);
	ck_assert_int_eq(grants_withdraw(&home->cms, &hers, "operator", "test", false, true, NOW),
			 1);
	ck_assert_int_eq(grants_withdraw(&home->cms, &hers, "operator", "test", false, true, NOW),
			 0);
	ck_assert_int_eq(bindings_find(&home->cms, g.pair.impi, &other, 1), 0);
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_FORBIDDEN);
	/* the partner has to be told until it knows, later and later */
	ck_assert_int_eq(grants_untold(&home->cms, NOW, &other, 1), 1);
	grant_told(&home->cms, other.id, false, NOW);
	ck_assert_int_eq(grants_untold(&home->cms, NOW, &other, 1), 0);
	ck_assert_int_eq(grants_untold(&home->cms, NOW + 1, &other, 1), 1);
	for (int i = 0; i < 30; i++)
		grant_told(&home->cms, other.id, false, NOW);
	ck_assert_int_eq(grants_untold(&home->cms, NOW + 3599, &other, 1), 0);
	fixture_reopen(home);
	ck_assert_int_eq(grants_untold(&home->cms, NOW + 3600, &other, 1), 1);
	grant_told(&home->cms, other.id, true, NOW);
	ck_assert_int_eq(grants_untold(&home->cms, NOW + 9999, &other, 1), 0);
	ck_assert_int_eq(bar_remove(&home->cms, ALICE, "*", NOW), 0);
	ck_assert_int_eq(bar_remove(&home->cms, ALICE, "*", NOW), -1);
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	end_two();
}
END_TEST

START_TEST(withdrawn_while_it_asks)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_request req;
	struct access_answer a;

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	req = request_of(&g, NOW);
	ck_assert_int_eq(admit(&req), CMS_OK);
	ck_assert_int_eq(grants_withdraw(&home->cms, &(struct selection){.both = true}, "operator",
					 "all", false, false, NOW),
			 1);
	a = answer_of(&at);
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_GONE);
	ck_assert_int_eq(grants_untold(&home->cms, NOW, &other, 1), 1);
	end_two();
}
END_TEST

START_TEST(time_ends_them)
{
	begin_two();
	migrate(NOW);
	ck_assert_int_eq(grants_expire(&home->cms, NOW + 168 * 3600 - 1), 0);
	ck_assert_int_eq(grants_expire(&home->cms, NOW + 168 * 3600), 1);
	ck_assert_int_eq(grants_expire(&away->cms, NOW + 168 * 3600), 1);
	ck_assert_int_eq(grants_untold(&home->cms, NOW * 2, &other, 1), 0);
	ck_assert_int_eq(grant_get(&home->cms, SIDE_PRIMARY, NULL, g.id, NULL, &other), CMS_OK);
	ck_assert_int_eq(other.state, GRANT_EXPIRED);
	/* kept for 90 days, then erased */
	ck_assert_int_eq(grants_expire(&home->cms, NOW + 168 * 3600 + 90 * 86400), 0);
	ck_assert_int_eq(grant_get(&home->cms, SIDE_PRIMARY, NULL, g.id, NULL, &other),
			 CMS_UNKNOWN);
	end_two();
}
END_TEST

START_TEST(died_while_it_asked)
{
	struct ue_request ask = alice_asks("partner1", "");

	begin_two();
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	fixture_reopen(home);
	ck_assert_int_eq(primary_recover(&home->cms, NOW), 1);
	ck_assert_int_eq(grants_untold(&home->cms, NOW, &other, 1), 1);
	ck_assert_str_eq(other.message, g.message);
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	end_two();
}
END_TEST

START_TEST(answers_that_are_refused)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct access_answer good, a;

	begin_two();
	migrate(NOW);
	good = answer_of(&at);
	grants_withdraw(&home->cms, &(struct selection){.both = true}, "operator", "x", true, false,
			NOW);
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	/* identities that were given to another before */
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &good, "x", 1, NOW, &g), CMS_NOT_YOURS);
	a = good;
	names_draw(&a.inbound, "in.partner2.net");
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_NOT_YOURS);
	a.inbound.n_impu = 1;
	names_draw(&a.inbound, "in.partner1.net");
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_NOT_YOURS);
	a.inbound.n_impu = 2;
	names_draw(&a.inbound, "in.partner1.net");
	a.expires = NOW;
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_NOT_YOURS);
	a.expires = NOW + 60;
	ck_assert_int_eq(primary_complete(&home->cms, g.id, &a, "x", 1, NOW, &g), CMS_OK);
	ck_assert_int_eq(g.expires, NOW + 60);
	end_two();
}
END_TEST

START_TEST(from_the_pool)
{
	struct ue_request ask = alice_asks("partner1", "");
	struct names n = {"p1@out.home1.net", {"sip:p1@out.home1.net", "sip:p1b@out.home1.net"}, 2};
	char why[256];

	begin_two();
	home->cfg.pool = true;
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_NO_IDENTITY);
	ck_assert_int_eq(pool_add(&home->cms, "outbound", &n, why, sizeof(why)), 0);
	ck_assert_int_eq(pool_add(&home->cms, "outbound", &n, why, sizeof(why)), -1);
	ck_assert_int_eq(pool_add(&home->cms, "inbound", &n, why, sizeof(why)), -1);
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_OK);
	ck_assert_str_eq(g.pair.impi, "p1@out.home1.net");
	ck_assert_int_eq(primary_fail(&home->cms, g.id, "test", false, NOW), CMS_OK);
	/* used is used */
	ck_assert_int_eq(primary_begin(&home->cms, &ask, NOW, &g), CMS_NO_IDENTITY);
	ck_assert_int_eq(pool_free(&home->cms, "outbound"), 0);
	end_two();
}
END_TEST

START_TEST(the_feed_of_bindings)
{
	struct grant some[4];
	int64_t seq;

	begin_two();
	migrate(NOW);
	ck_assert_int_eq(grants_after(&away->cms, 0, some, 4), 1);
	seq = some[0].seq;
	ck_assert_int_eq(grants_after(&away->cms, seq, some, 4), 0);
	grants_withdraw(&away->cms, &(struct selection){.both = true}, "operator", "x", false,
			false, NOW);
	ck_assert_int_eq(grants_after(&away->cms, seq, some, 4), 1);
	ck_assert_int_eq(some[0].state, GRANT_WITHDRAWN);
	end_two();
}
END_TEST

START_TEST(a_changed_audit_trail_is_seen)
{
	int64_t wrong = 0, lines;

	begin_two();
	migrate(NOW);
	store_begin_work(home->cms.store);
	lines = audit_verify(home->cms.store, &wrong);
	ck_assert_int_gt(lines, 3);
	store_run(home->cms.store, "DELETE FROM audit WHERE n = 2", "");
	ck_assert_int_eq(audit_verify(home->cms.store, &wrong), -1);
	ck_assert_int_eq(wrong, 2);
	store_end_work(home->cms.store, false);
	store_begin_work(home->cms.store);
	store_run(home->cms.store, "UPDATE audit SET detail = 'x' WHERE n = 3", "");
	ck_assert_int_eq(audit_verify(home->cms.store, &wrong), -1);
	ck_assert_int_eq(wrong, 3);
	store_end_work(home->cms.store, false);
	end_two();
}
END_TEST

UNIT_MAIN_WITHIN(60, "cms/grants", all_steps_bind_both_ways, who_may_go_where,
		 identities_hidden_or_not, asked_again, a_user_cannot_exhaust,
		 what_a_partner_may_not_say, replays, quotas_of_a_partner, withdrawn_for_ever,
		 withdrawn_while_it_asks, time_ends_them, died_while_it_asked,
		 answers_that_are_refused, from_the_pool, the_feed_of_bindings,
		 a_changed_audit_trail_is_seen)
