/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HSS believes when changes of one subscriber cross: REGISTERs with each other, with a lapse,
 * with an RTR or a PPR, with a lost answer. In the end it must believe what is so.
 */
#include "unit/ims_seamless_scscf/fixture.h"

static struct scscf_register_refusal no;

/* A REGISTER under way. */
struct under_way {
	struct sip_contact_list list;
	struct scscf_register_request rq;
	struct scscf_saved_register *r;
	struct scscf_register_result res;
};

static void begin(struct scscf_model *m, struct under_way *u, struct slice contacts,
		  struct slice path, struct slice call_id)
{
	struct scscf_register_plan plan;

	fixture_request(contacts, SLICE_NULL, &u->list, &u->rq);
	u->rq.path = path;
	u->rq.call_id = call_id;
	ck_assert_int_eq(scscf_register_plan(m, &u->rq, &fixture_policy, &plan, &no), 0);
	u->r = scscf_saved_register_make(m, &plan, &u->rq, &fixture_policy);
	ck_assert_ptr_nonnull(u->r);
}

static bool says_registered(const struct under_way *u)
{
	return !u->r->sets[0].deregisters;
}

static void asked(struct under_way *u)
{
	ck_assert(u->r->sets[0].sar);
	scscf_hss_asked(u->r->talk, u->r->sets[0].asked, says_registered(u));
}

static void answered(struct under_way *u, enum scscf_hss_answer answer)
{
	scscf_hss_answered(u->r->talk, u->r->sets[0].asked, says_registered(u), answer);
}

/* The SAA named these identities. */
static void told(struct under_way *u, const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u->r->sets[0].impus[i] = impus[i];
		u->r->sets[0].barred[i] = false;
	}
	u->r->sets[0].impus_n = n;
	u->r->sets[0].told = true;
}

static int commit(struct scscf_model *m, struct under_way *u)
{
	struct scscf_effects e;
	int rc;

	scscf_effects_init(&e);
	rc = scscf_register_commit(m, u->r, 2000, &e, &u->res);
	scscf_effects_free(&e);
	return rc;
}

/* It is over. Returns how many differences the HSS must be told. */
static size_t end(struct scscf_model *m, struct under_way *u)
{
	struct scscf_effects e;
	size_t n;

	scscf_effects_init(&e);
	scscf_saved_register_free(m, u->r, &e);
	n = fixture_count(&e, SCSCF_EFFECT_HSS_DIFFERS);
	if (n)
		ck_assert(slice_eq(e.first->impi, IMPI1) && slice_eq(e.first->impus[0], IMPU1));
	scscf_effects_free(&e);
	return n;
}

/* user1 with one set over OLD; a de-registration and an added contact, both planned. */
static struct scscf_model *leaving_and_coming(struct under_way *dereg, struct under_way *add)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	begin(m, dereg, S("<sip:10.1.0.10:5070>;expires=0"), PATH1, S("out@ue"));
	begin(m, add, S("<sip:10.2.0.10:5070>"), PATH2, S("in@ue"));
	return m;
}

START_TEST(a_deregistration_that_crossed_an_added_contact_leaves_the_hss_at_registered)
{
	/* In which order both are asked, answered, and applied. */
	static const char *const orders[] = {"aAdDcC", "aAdDCc", "dDaAcC", "dDaACc", "adADcC",
					     "adDACc", "daADCc", "aAcdDC", "dDCaAc"};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		static struct under_way dereg, add;
		struct scscf_model *m = leaving_and_coming(&dereg, &add);
		size_t differences = 0;
		bool ends_at_registered = false, crossed = false;
		int out[2] = {0, 0};

		for (const char *p = orders[i]; *p; p++) {
			switch (*p) {
			case 'd':
				asked(&dereg);
				out[0]++;
				break;
			case 'D':
				answered(&dereg, SCSCF_HSS_DONE);
				out[0]--;
				ends_at_registered = false;
				break;
			case 'a':
				asked(&add);
				out[1]++;
				break;
			case 'A':
				answered(&add, SCSCF_HSS_DONE);
				out[1]--;
				ends_at_registered = true;
				break;
			case 'c':
				ck_assert_int_eq(commit(m, &add), 0);
				differences += end(m, &add);
				break;
			case 'C':
				ck_assert_int_eq(commit(m, &dereg), 0);
				differences += end(m, &dereg);
				break;
			}
			crossed = crossed || (out[0] && out[1]);
		}
		ck_assert(scscf_set_is_bound(m, IMPI1, IMPU1));
		/* Told once, and only where it may believe otherwise. */
		ck_assert_msg(differences == (size_t)(crossed || !ends_at_registered), "%s: %zu",
			      orders[i], differences);
		fixture_done(m);
	}
}
END_TEST

START_TEST(of_two_deregistrations_neither_of_which_was_the_last_the_hss_is_told)
{
	static struct under_way a, b;
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, scscf_model_set(m, IMPI1, IMPU1), NEW, PATH2, SLICE_NULL, 0);
	begin(m, &a, S("<sip:10.1.0.10:5070>;expires=0"), PATH1, S("a@ue"));
	begin(m, &b, S("<sip:10.2.0.10:5070>;expires=0"), PATH2, S("b@ue"));
	ck_assert(!a.r->sets[0].sar && !b.r->sets[0].sar);
	ck_assert_int_eq(commit(m, &a), 0);
	ck_assert_uint_eq(end(m, &a), 0);
	ck_assert_int_eq(commit(m, &b), 0);
	ck_assert(!scscf_set_is_bound(m, IMPI1, IMPU1));
	ck_assert_uint_eq(end(m, &b), 1);
	fixture_done(m);
}
END_TEST

START_TEST(what_crosses_nothing_is_told_once_and_no_more)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);

	asked(&add);
	answered(&add, SCSCF_HSS_DONE);
	ck_assert_int_eq(commit(m, &add), 0);
	ck_assert_uint_eq(end(m, &add), 0);
	/* The other one never was asked: its P-CSCF gave up. */
	ck_assert_uint_eq(end(m, &dereg), 0);
	fixture_done(m);
}
END_TEST

START_TEST(a_registration_that_is_refused_after_the_hss_agreed_is_taken_back_there)
{
	static struct under_way u;
	struct scscf_model *m = fixture_model();

	begin(m, &u, S("<sip:10.2.0.10:5070>"), PATH2, S("in@ue"));
	asked(&u);
	answered(&u, SCSCF_HSS_DONE);
	/* No memory, no room, no profile: nothing was bound. */
	ck_assert_uint_eq(end(m, &u), 1);
	fixture_done(m);
}
END_TEST

START_TEST(after_an_answer_that_was_lost_the_hss_is_told_what_is_so)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);

	asked(&dereg);
	answered(&dereg, SCSCF_HSS_LOST);
	ck_assert_uint_eq(end(m, &dereg), 0);
	/* The last one that is under way tells. */
	ck_assert_uint_eq(end(m, &add), 1);
	begin(m, &dereg, S("<sip:10.1.0.10:5070>;expires=0"), PATH1, S("out@ue"));
	asked(&dereg);
	answered(&dereg, SCSCF_HSS_REFUSED);
	ck_assert_uint_eq(end(m, &dereg), 0);
	/* A correction that is lost is not sent again. */
	begin(m, &dereg, S("<sip:10.1.0.10:5070>;expires=0"), PATH1, S("out@ue"));
	asked(&dereg);
	answered(&dereg, SCSCF_HSS_GIVEN_UP);
	ck_assert_uint_eq(end(m, &dereg), 0);
	fixture_done(m);
}
END_TEST

START_TEST(an_rtr_that_overtakes_a_register_is_obeyed)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);
	struct slice other[] = {IMPU3}, named[] = {IMPU2};
	struct scscf_effects e;

	scscf_effects_init(&e);
	asked(&add);
	/* One for another set says nothing of this one. */
	scscf_hss_recalled(m, IMPI1, other, 1);
	ck_assert_uint_eq(scscf_hss_recalls(add.r->talk, IMPU1), 0);
	scscf_hss_recalled(m, IMPI1, named, 1);
	ck_assert_uint_eq(scscf_model_deregister(m, IMPI1, named, 1, SCSCF_CONTACT_REJECTED,
						 SCSCF_END_BY_HSS, 1900, &e),
			  1);
	answered(&add, SCSCF_HSS_DONE);
	ck_assert_int_eq(commit(m, &add), SCSCF_MODEL_E_REFUSED);
	ck_assert_int_eq(add.res.no.status, 480);
	ck_assert(!scscf_set_is_bound(m, IMPI1, IMPU1));
	ck_assert_uint_eq(end(m, &dereg), 0);
	/* The SAR may have come after it: the HSS must not keep him registered. */
	ck_assert_uint_eq(end(m, &add), 1);
	/* Afterwards he may register as ever. */
	begin(m, &add, S("<sip:10.2.0.10:5070>"), PATH2, S("in@ue"));
	asked(&add);
	answered(&add, SCSCF_HSS_DONE);
	told(&add, named, 1);
	add.r->sets[0].impus[1] = IMPU1;
	add.r->sets[0].impus_n = 2;
	ck_assert_int_eq(commit(m, &add), 0);
	ck_assert_uint_eq(end(m, &add), 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_profile_that_comes_with_an_saa_changes_a_registered_set)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);
	struct slice now[] = {IMPU1, S("sip:another@home1.net")};
	struct scscf_effects e;

	scscf_effects_init(&e);
	told(&add, now, 2);
	ck_assert_int_eq(scscf_register_commit(m, add.r, 2000, &e, &add.res), 0);
	ck_assert(scscf_set_is_bound(m, IMPI1, now[1]));
	ck_assert_ptr_null(scscf_model_set(m, IMPI1, IMPU2));
	ck_assert_uint_eq(scscf_model_set(m, IMPI1, IMPU1)->bindings, 2);
	/* Who left it is told to be gone. */
	ck_assert(!e.first->contact_active && slice_eq(e.first->impus[0], IMPU2) &&
		  e.first->event == SCSCF_CONTACT_DEACTIVATED);
	scscf_effects_free(&e);
	end(m, &dereg);
	end(m, &add);
	fixture_done(m);
}
END_TEST

START_TEST(a_profile_counts_although_its_register_is_refused)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);
	struct slice now[] = {IMPU1};
	struct scscf_effects e;

	scscf_effects_init(&e);
	told(&add, now, 1);
	/* Another REGISTER with a higher CSeq was quicker. */
	fixture_bind(m, scscf_model_set(m, IMPI1, IMPU1), NEW, PATH2, SLICE_NULL, 0);
	scscf_store_text_set(&m->store, S("in@ue"), &fixture_at(m, IMPI1, NEW)->bindings->call_id);
	fixture_at(m, IMPI1, NEW)->bindings->cseq = 9;
	ck_assert_int_eq(scscf_register_commit(m, add.r, 2000, &e, &add.res),
			 SCSCF_MODEL_E_REFUSED);
	ck_assert_ptr_null(scscf_model_set(m, IMPI1, IMPU2));
	scscf_effects_free(&e);
	end(m, &dereg);
	end(m, &add);
	fixture_done(m);
}
END_TEST

START_TEST(a_ppr_that_overtakes_an_saa_has_the_last_word)
{
	static struct under_way dereg, add;
	struct scscf_model *m = leaving_and_coming(&dereg, &add);
	struct slice before[] = {IMPU1};

	told(&add, before, 1);
	scscf_hss_pushed(m, IMPI1);
	ck_assert_int_eq(commit(m, &add), 0);
	ck_assert(scscf_set_is_bound(m, IMPI1, IMPU2));
	end(m, &dereg);
	end(m, &add);
	fixture_done(m);
}
END_TEST

START_TEST(without_memory_a_register_is_not_begun_and_nothing_is_left)
{
	struct scscf_model *m = fixture_model();
	struct scscf_register_plan plan;
	static struct under_way u;
	size_t used = m->store.used;

	fixture_request(S("<sip:10.2.0.10:5070>"), SLICE_NULL, &u.list, &u.rq);
	ck_assert_int_eq(scscf_register_plan(m, &u.rq, &fixture_policy, &plan, &no), 0);
	for (size_t limit = used; limit < used + 8192; limit += 16) {
		m->store.limit = limit;
		u.r = scscf_saved_register_make(m, &plan, &u.rq, &fixture_policy);
		if (u.r)
			scscf_saved_register_free(m, u.r, NULL);
		ck_assert_uint_eq(m->store.used, used);
	}
	ck_assert_ptr_nonnull(u.r);
	fixture_done(m);
}
END_TEST

/* ---- sets that end without a REGISTER ---- */

static const struct scscf_effect *ended(const struct scscf_effects *e)
{
	return fixture_first(e, SCSCF_EFFECT_SET_ENDED);
}

START_TEST(hss_and_application_servers_hear_of_every_set_that_ends_without_a_register)
{
	struct scscf_model *m = fixture_model();
	struct scscf_connection *c;
	struct slice named[] = {IMPU3};
	struct scscf_effects e;

	m->owns_expiry = true;
	fixture_users(m);
	scscf_effects_init(&e);
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU3, 1000), 600);
	scscf_model_deregister(m, IMPI1, named, 1, SCSCF_CONTACT_REJECTED, SCSCF_END_BY_HSS, 2000,
			       &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SET_ENDED), 1);
	ck_assert(ended(&e)->end == SCSCF_END_BY_HSS && slice_eq(ended(&e)->impus[0], IMPU3));
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU3, 1000), 0);
	scscf_effects_free(&e);
	c = fixture_at(m, IMPI1, OLD);
	scscf_model_drop_connection(m, c, 3000, &e);
	ck_assert(ended(&e)->end == SCSCF_END_BY_OPERATOR && slice_eq(ended(&e)->impus[0], IMPU1));
	scscf_effects_free(&e);
	scscf_model_advance(m, 700000, 0, &e);
	ck_assert(ended(&e)->end == SCSCF_END_RAN_OUT && slice_eq(ended(&e)->impus[0], IMPU_B));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(an_identity_is_registered_as_long_as_any_phone_that_shares_it_is)
{
	struct scscf_model *m = fixture_model();
	struct slice shared[] = {IMPU1};

	fixture_users(m);
	fixture_bind(m, fixture_set(m, IMPI2, shared, 1), OLD_B, PATH1, SLICE_NULL, 0);
	fixture_at(m, IMPI2, OLD_B)->bindings->expires_ms = 1000 + 900 * 1000;
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU1, 1000), 900);
	ck_assert_uint_eq(scscf_model_registered_for(m, IMPU2, 1000), 600);
	ck_assert_uint_eq(scscf_model_registered_for(m, S("sip:nobody@home1.net"), 1000), 0);
	fixture_done(m);
}
END_TEST

START_TEST(application_servers_know_a_set_by_one_name_until_it_ends)
{
	struct scscf_model *m = fixture_model();
	struct slice both[] = {IMPU1, IMPU2}, more[] = {IMPU3, IMPU2, IMPU1}, without[] = {IMPU1};
	const bool open[] = {false, false, false};
	struct scscf_effects e;

	m->owns_expiry = true;
	fixture_bind(m, fixture_set(m, IMPI1, both, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI2, both, 2), OLD_B, PATH1, SLICE_NULL, 0);
	scscf_effects_init(&e);
	ck_assert_uint_eq(scscf_model_told_as(m, IMPU1).len, 0);
	scscf_model_tell_as(m, IMPU2);
	scscf_model_tell_as(m, IMPU1);
	ck_assert(slice_eq(scscf_model_told_as(m, IMPU1), IMPU2));
	/* A profile that changes about it leaves it. */
	ck_assert_int_eq(scscf_model_change_set(m, IMPI1, more, open, 3, 2000, &e), 0);
	ck_assert(slice_eq(scscf_model_told_as(m, IMPU3), IMPU2));
	/* Whoever shares it keeps the name, too, and the end says it. */
	scscf_model_drop_connection(m, fixture_at(m, IMPI1, OLD), 3000, &e);
	ck_assert(slice_eq(scscf_model_told_as(m, IMPU1), IMPU2));
	scscf_effects_free(&e);
	scscf_model_advance(m, 700000, 0, &e);
	ck_assert(slice_eq(fixture_first(&e, SCSCF_EFFECT_SERVICES_ENDED)->impus[0], IMPU2));
	scscf_effects_free(&e);
	/* Then it is over, and one that nobody is registered by is no name. */
	scscf_model_tell_as(m, IMPU1);
	ck_assert_uint_eq(scscf_model_told_as(m, IMPU1).len, 0);
	fixture_bind(m, fixture_set(m, IMPI1, both, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_uint_eq(scscf_model_told_as(m, IMPU1).len, 0);
	scscf_model_tell_as(m, IMPU2);
	ck_assert_int_eq(scscf_model_change_set(m, IMPI1, without, open, 1, 2000, &e), 0);
	ck_assert_uint_eq(scscf_model_told_as(m, IMPU1).len, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("hss_talk", a_deregistration_that_crossed_an_added_contact_leaves_the_hss_at_registered,
	  of_two_deregistrations_neither_of_which_was_the_last_the_hss_is_told,
	  what_crosses_nothing_is_told_once_and_no_more,
	  a_registration_that_is_refused_after_the_hss_agreed_is_taken_back_there,
	  after_an_answer_that_was_lost_the_hss_is_told_what_is_so,
	  an_rtr_that_overtakes_a_register_is_obeyed,
	  a_profile_that_comes_with_an_saa_changes_a_registered_set,
	  a_profile_counts_although_its_register_is_refused,
	  a_ppr_that_overtakes_an_saa_has_the_last_word,
	  without_memory_a_register_is_not_begun_and_nothing_is_left,
	  hss_and_application_servers_hear_of_every_set_that_ends_without_a_register,
	  an_identity_is_registered_as_long_as_any_phone_that_shares_it_is,
	  application_servers_know_a_set_by_one_name_until_it_ends)
