/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose contact, whose session: an address says nothing about the user; a connection is an address
 * and the way to it.
 */
#include "unit/ims_seamless_scscf/fixture.h"

#include "modules/ims_seamless_scscf/core/lookup.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan;
static struct scscf_register_refusal no;

static const struct scscf_unbind_how unregistered = {.event = SCSCF_CONTACT_UNREGISTERED};

#define PRIVATE S("sip:phone@192.168.1.10:5060")
#define HOME	S("<sip:term@10.0.0.11;lr>")
#define OFFICE	S("<sip:term@10.0.0.12;lr>")

START_TEST(a_call_of_strangers_with_the_same_address_is_not_counted_on_a_user)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1}, theirs = S("sip:zoe@10.1.0.10:5070");
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_session_info info = {.call_id = S("foreign-call"),
					  .from_tag = S("y"),
					  .from_uri = S("sip:yvonne@home1.net"),
					  .to_uri = S("sip:zoe@other.net"),
					  .cseq = 1,
					  .caller_contact = S("sip:yvonne@10.7.7.7:5060")};
	struct scscf_session_answer answer = {.to_tag = S("z"), .contact = theirs};
	const struct scscf_where where = {.contact = theirs, .route = PATH1};
	struct scscf_effects e;
	struct scscf_session *s;

	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_session_open(m, &info, 2000, &s), 0);
	scscf_effects_init(&e);
	answer.connection = scscf_served_connection(m, S("sip:zoe@other.net"), &where);
	ck_assert_ptr_null(answer.connection);
	ck_assert_int_eq(scscf_session_confirm(m, s, &answer, 2000, &e), 0);
	fixture_bind(m, set, NEW, PATH2, SLICE_NULL, 0);
	scscf_model_unbind(m, set, OLD, &unregistered, 3000, &e);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	scscf_model_advance(m, 3000 + 31000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 0);
	ck_assert_uint_eq(m->sessions, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(nobody_is_locked_out_by_another_users_contact)
{
	struct scscf_model *m = fixture_model();
	struct slice theirs[] = {IMPU_B};
	struct scscf_effects e;

	/* user2 is registered with the URI that user1's phone is about to use. */
	fixture_bind(m, fixture_set(m, IMPI2, theirs, 1), NEW, PATH1, SLICE_NULL, 0);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600"), SLICE_NULL, &list,
				      &rq, &plan, &no),
			 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_int_eq(fixture_at(m, IMPI1, NEW)->state, SCSCF_CONNECTION_ACTIVE);
	/* Neither takes the other's away. */
	fixture_request(S("<sip:10.2.0.10:5070>;expires=0"), SLICE_NULL, &list, &rq);
	rq.cseq++;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 3000, &e), 0);
	ck_assert_ptr_null(fixture_at(m, IMPI1, NEW));
	ck_assert_int_eq(fixture_at(m, IMPI2, NEW)->state, SCSCF_CONNECTION_ACTIVE);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(removing_a_contact_that_is_another_users_changes_nothing)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	scscf_effects_init(&e);
	ck_assert_int_eq(
	    fixture_plan(m, S("<sip:10.2.0.10:5070>;expires=600, <sip:10.3.0.10:5070>;expires=0"),
			 SLICE_NULL, &list, &rq, &plan, &no),
	    0);
	ck_assert_uint_eq(plan.unbinds_n, 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_int_eq(fixture_at(m, IMPI2, OLD_B)->state, SCSCF_CONNECTION_ACTIVE);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* A contact that is not the UE's own address is refused, with the tag and without. */
START_TEST(a_foreign_contact_is_refused_with_and_without_the_tag)
{
	struct scscf_model *m = fixture_model();

	fixture_users(m);
	for (int tagged = 0; tagged < 2; tagged++) {
		fixture_request(S("<sip:user1@10.1.0.10:5070>"), SLICE_NULL, &list, &rq);
		rq.tagged = tagged != 0;
		rq.impi = IMPI2;
		rq.impu = IMPU_B;
		rq.via_host = S("10.3.0.10");
		ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), -1);
		ck_assert_int_eq(no.status, 400);
	}
	fixture_done(m);
}
END_TEST

START_TEST(one_private_address_at_home_and_at_the_office_is_two_connections)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_connection *home, *office;
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;
	struct scscf_session_info info = {.call_id = S("c"),
					  .from_tag = S("a"),
					  .from_uri = IMPU1,
					  .to_uri = IMPU_B,
					  .cseq = 1,
					  .caller_contact = PRIVATE,
					  .caller_route = HOME};
	const struct scscf_where at_home = {PRIVATE, HOME}, at_office = {PRIVATE, OFFICE};

	fixture_bind(m, set, PRIVATE, HOME, SLICE_NULL, 0);
	info.caller = home = scscf_served_connection(m, IMPU1, &at_home);
	ck_assert_int_eq(scscf_session_open(m, &info, 1500, &s), 0);
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_session_confirm(m, s, &fixture_answer, 1500, &e), 0);
	/* The same URI twice: the new one over this way, the old one over the other. */
	ck_assert_int_eq(fixture_plan(m,
				      S("<sip:phone@192.168.1.10:5060>;expires=600, "
					"<sip:phone@192.168.1.10:5060>;expires=0"),
				      SLICE_NULL, &list, &rq, &plan, &no),
			 0);
	rq.path = OFFICE;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	office = scscf_served_connection(m, IMPU1, &at_office);
	ck_assert(office != home && office->state == SCSCF_CONNECTION_ACTIVE);
	ck_assert(home->state == SCSCF_CONNECTION_INACTIVE && home->sessions == 1);
	/* The session moves by the way its re-INVITE came, not by the address. */
	ck_assert_ptr_eq(scscf_user_connection(m, IMPI1, &at_office), office);
	ck_assert(scscf_session_move(m, s, SCSCF_SIDE_CALLER, office, PRIVATE, &e));
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, OFFICE));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_household_with_one_private_address_is_served_one_by_one)
{
	struct scscf_model *m = fixture_model();
	struct slice one[] = {IMPU1}, two[] = {IMPU_B};
	struct scscf_arena a = {0};
	struct scscf_targets t;

	fixture_bind(m, fixture_set(m, IMPI1, one, 1), PRIVATE, HOME, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI2, two, 1), PRIVATE, HOME, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 1000, &a, &t), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_uint_eq(t.target[0].connection,
			  scscf_model_subscriber(m, IMPI1)->connections->id);
	ck_assert_int_eq(scscf_lookup(m, IMPU_B, 1000, &a, &t), 0);
	ck_assert_uint_eq(t.target[0].connection,
			  scscf_model_subscriber(m, IMPI2)->connections->id);
	scscf_arena_free(&a);
	fixture_done(m);
}
END_TEST

START_TEST(a_phone_that_comes_back_with_another_token_has_the_same_connection)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_connection *c;

	fixture_bind(m, set, OLD, S("<sip:flow1.one@p1.home1.net;lr;ob>"), SLICE_NULL, 0);
	c = fixture_at(m, IMPI1, OLD);
	fixture_bind(m, set, OLD, S("<sip:flow1.two@P1.home1.net:5060;lr;ob>"), SLICE_NULL, 0);
	ck_assert(set->bindings == 1 && fixture_at(m, IMPI1, OLD) == c &&
		  slice_eq(c->way.path, S("<sip:flow1.two@P1.home1.net:5060;lr;ob>")));
	/* The token alone, behind another NAT. */
	struct scscf_way other = {S("10.1.0.10"), 5070, S("<sip:flow1.three@p1.home1.net;lr>"),
				  S("198.51.100.7")};
	ck_assert_ptr_null(scscf_subscriber_connection(c->subscriber, &other));
	other.path = c->way.path;
	ck_assert_ptr_eq(scscf_subscriber_connection(c->subscriber, &other), c);
	fixture_done(m);
}
END_TEST

START_TEST(the_way_decides_before_the_address)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_implicit_set *set = fixture_set(m, IMPI1, impus, 1);
	struct scscf_where where = {.contact = OLD, .route = PATH2};

	fixture_bind(m, set, OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, set, NEW, PATH2, SLICE_NULL, 0);
	ck_assert_ptr_eq(scscf_served_connection(m, IMPU1, &where), fixture_at(m, IMPI1, NEW));
	where.route = SLICE_NULL;
	ck_assert_ptr_eq(scscf_served_connection(m, IMPU1, &where), fixture_at(m, IMPI1, OLD));
	/* Another port of the host, the only one there. */
	where.contact = S("sip:x@10.2.0.10:6000");
	ck_assert_ptr_eq(scscf_served_connection(m, IMPU1, &where), fixture_at(m, IMPI1, NEW));
	where.contact = S("sip:x@10.9.9.9");
	ck_assert_ptr_null(scscf_served_connection(m, IMPU1, &where));
	ck_assert_ptr_null(scscf_served_connection(m, S("sip:nobody@home1.net"), &where));
	fixture_done(m);
}
END_TEST

/* ---- one identity under two private ones ---- */

#define TABLET S("user1_tablet@home1.net")

static void phone_and_tablet(struct scscf_model *m)
{
	struct slice impus[] = {IMPU1};

	fixture_bind(m, fixture_set(m, IMPI1, impus, 1), OLD, PATH1, S("<urn:phone>"), 0);
	fixture_bind(m, fixture_set(m, TABLET, impus, 1), S("sip:10.4.0.10:5070"), PATH1,
		     S("<urn:tablet>"), 0);
}

START_TEST(the_phones_move_leaves_the_tablet_alone)
{
	struct scscf_model *m = fixture_model();
	struct scscf_arena a = {0};
	struct scscf_targets t;
	struct scscf_effects e;

	phone_and_tablet(m);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m,
				      S("<sip:10.2.0.10:5070>;expires=600;+sip.instance=\"<urn:"
					"phone>\""),
				      S(";imsglobreg"), &list, &rq, &plan, &no),
			 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_int_eq(scscf_lookup(m, IMPU1, 2000, &a, &t), 0);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	scscf_arena_free(&a);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_network_takes_only_the_named_private_identity_away)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_effects e;

	phone_and_tablet(m);
	scscf_effects_init(&e);
	ck_assert_uint_eq(scscf_model_deregister(m, IMPI1, impus, 1, SCSCF_CONTACT_REJECTED,
						 SCSCF_END_BY_HSS, 2000, &e),
			  1);
	ck_assert_ptr_null(scscf_model_subscriber(m, IMPI1));
	ck_assert_ptr_nonnull(scscf_model_subscriber(m, TABLET));
	/* The identity is registered still: no watcher gets his last NOTIFY. */
	for (const struct scscf_effect *f = e.first; f; f = f->next) {
		if (f->kind == SCSCF_EFFECT_CONTACT)
			ck_assert(f->impu_active[0] && !f->contact_active);
		if (f->kind == SCSCF_EFFECT_SUBSCRIBER_GONE)
			ck_assert_uint_eq(f->impus_n, 0);
		if (f->kind == SCSCF_EFFECT_SHADOW_UNBIND)
			ck_assert(slice_eq(f->contact, OLD) && f->impus_n == 1);
	}
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_contact_that_another_private_identity_has_stays_in_usrloc)
{
	struct scscf_model *m = fixture_model();
	struct slice impus[] = {IMPU1};
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, impus, 1), PRIVATE, HOME, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, TABLET, impus, 1), PRIVATE, HOME, SLICE_NULL, 0);
	scscf_effects_init(&e);
	scscf_model_deregister(m, IMPI1, NULL, 0, SCSCF_CONTACT_REJECTED, SCSCF_END_BY_HSS, 2000,
			       &e);
	for (const struct scscf_effect *f = e.first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_SHADOW_UNBIND)
			ck_assert_uint_eq(f->impus_n, 0);
	ck_assert(scscf_model_contact_bound(m, IMPU1, PRIVATE));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("ownership", a_call_of_strangers_with_the_same_address_is_not_counted_on_a_user,
	  nobody_is_locked_out_by_another_users_contact,
	  removing_a_contact_that_is_another_users_changes_nothing,
	  a_foreign_contact_is_refused_with_and_without_the_tag,
	  one_private_address_at_home_and_at_the_office_is_two_connections,
	  a_household_with_one_private_address_is_served_one_by_one,
	  a_phone_that_comes_back_with_another_token_has_the_same_connection,
	  the_way_decides_before_the_address, the_phones_move_leaves_the_tablet_alone,
	  the_network_takes_only_the_named_private_identity_away,
	  a_contact_that_another_private_identity_has_stays_in_usrloc)
