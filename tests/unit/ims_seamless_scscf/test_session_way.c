/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests for an end of a session, when its connection has changed or its access is lost. */
#include "unit/ims_seamless_scscf/fixture.h"

static struct sip_contact_list list;
static struct scscf_register_request rq;
static struct scscf_register_plan plan;
static struct scscf_register_refusal no;

#define THIRD S("sip:10.4.0.10:5070")
#define PATH3 S("<sip:tok3@10.0.0.13;lr;ob>")

/* user1 registers at contact over path, everything moves there. */
static void move_to(struct scscf_model *m, const char *contacts, struct slice path, uint64_t now_ms,
		    struct scscf_effects *e)
{
	fixture_request(slice_str(contacts), S(";imsglobreg"), &list, &rq);
	rq.path = path;
	rq.cseq = (uint32_t)now_ms;
	ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, now_ms, e), 0);
}

START_TEST(during_linger_requests_go_where_the_bindings_went)
{
	struct scscf_model *m = fixture_model();
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	ck_assert(!scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way));
	scscf_effects_init(&e);
	move_to(m, "<sip:10.2.0.10:5070>", PATH2, 2000, &e);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way));
	ck_assert(slice_eq(way.path, PATH2) && slice_eq(way.contact, NEW));
	/* The far end has not moved. */
	ck_assert(!scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way));
	/* And again: the one that took them over has lost them to another one. */
	move_to(m, "<sip:10.4.0.10:5070>", PATH3, 3000, &e);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way));
	ck_assert(slice_eq(way.path, PATH3) && slice_eq(way.contact, THIRD));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(what_took_the_bindings_over_is_preferred_to_other_active_connections)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), THIRD, PATH3, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI2, (struct slice[]){IMPU_B}, 1), OLD_B, PATH1,
		     SLICE_NULL, 0);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>, <sip:10.1.0.10:5070>;expires=0"),
				      SLICE_NULL, &list, &rq, &plan, &no),
			 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, PATH2));
	/* An Active one is never left because of another one. */
	ck_assert(!scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(otherwise_two_active_connections_are_no_reason_to_guess)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_EXPIRED};
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), NEW, PATH2, SLICE_NULL, 0);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set1, 2), OLD, &how, 2000, &e);
	scscf_model_unbind(m, fixture_set(m, IMPI1, (struct slice[]){IMPU3}, 1), OLD, &how, 2000,
			   &e);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, PATH2));
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), THIRD, PATH3, SLICE_NULL, 0);
	ck_assert(!scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(both_parties_lose_their_access_and_find_each_other)
{
	struct scscf_model *m = fixture_model();
	struct slice theirs[] = {IMPU_B};
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED};

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_to(m, "<sip:10.2.0.10:5070>", PATH2, 2000, &e);
	fixture_bind(m, fixture_set(m, IMPI2, theirs, 1), THIRD, PATH3, SLICE_NULL, 0);
	scscf_model_unbind(m, fixture_set(m, IMPI2, theirs, 1), OLD_B, &how, 2000, &e);
	ck_assert_uint_eq(m->inactive, 2);
	/* Both ask at once; each request finds the other's new access. */
	scscf_session_expect_move(m, s, SCSCF_SIDE_CALLER, fixture_at(m, IMPI1, NEW), NEW);
	scscf_session_expect_move(m, s, SCSCF_SIDE_CALLEE, fixture_at(m, IMPI2, THIRD), THIRD);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, PATH2));
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way) && slice_eq(way.path, PATH3));
	/* Both get 491; they are found all the same when they ask again. */
	scscf_session_expect_nothing(m, s, SCSCF_SIDE_CALLER);
	scscf_session_expect_nothing(m, s, SCSCF_SIDE_CALLEE);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, PATH2));
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way) && slice_eq(way.path, PATH3));
	ck_assert_int_eq(s->state, SCSCF_SESSION_CONFIRMED);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_release_at_lingers_end_reaches_the_phone_where_it_is)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct scscf_session *s;
	struct scscf_session_way way;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_to(m, "<sip:10.2.0.10:5070>", PATH2, 2000, &e);
	scscf_effects_free(&e);
	scscf_model_advance(m, 40000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	for (const struct scscf_effect *f = e.first; f; f = f->next) {
		if (f->kind != SCSCF_EFFECT_RELEASE)
			continue;
		ck_assert(slice_eq(f->leg[SCSCF_SIDE_CALLER].route, PATH2) &&
			  slice_eq(f->leg[SCSCF_SIDE_CALLER].target, NEW));
		ck_assert(slice_eq(f->leg[SCSCF_SIDE_CALLEE].route, PATH1));
	}
	/* A BYE that is sent again goes the same way. */
	ck_assert_int_eq(s->state, SCSCF_SESSION_ENDING);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) && slice_eq(way.path, PATH2));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_call_that_rings_keeps_the_connections_it_rings_on)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_session_info info = {.call_id = S("ring"),
					  .from_tag = S("a"),
					  .from_uri = IMPU_B,
					  .to_uri = IMPU1,
					  .cseq = 1,
					  .caller_contact = OLD_B};
	struct scscf_session_answer answer = {.to_tag = S("t"), .contact = NEW};
	struct scscf_connection *old, *third;
	struct scscf_session *s;
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), THIRD, PATH3, SLICE_NULL, 0);
	old = fixture_at(m, IMPI1, OLD);
	third = fixture_at(m, IMPI1, THIRD);
	ck_assert_int_eq(scscf_session_open(m, &info, 1500, &s), 0);
	ck_assert_int_eq(scscf_session_ring(m, s, third, THIRD), 0);
	ck_assert_int_eq(scscf_session_ring(m, s, old, OLD), 0);
	ck_assert_int_eq(scscf_session_ring(m, s, old, OLD), 0);
	ck_assert(old->sessions == 1 && third->sessions == 1);
	scscf_effects_init(&e);
	move_to(m, "<sip:10.2.0.10:5070>", PATH2, 2000, &e);
	ck_assert(old->state == SCSCF_CONNECTION_INACTIVE &&
		  third->state == SCSCF_CONNECTION_INACTIVE);
	/* It is answered over the first one. */
	answer.connection = old;
	ck_assert_int_eq(scscf_session_confirm(m, s, &answer, 3000, &e), 0);
	ck_assert(s->end[SCSCF_SIDE_CALLEE].connection == old && old->sessions == 1 && !s->ringing);
	ck_assert_ptr_null(fixture_at(m, IMPI1, THIRD));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_end_of_linger_takes_no_call_that_rings_elsewhere)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_session_info info = {
	    .call_id = S("ring"), .from_tag = S("a"), .from_uri = IMPU_B, .to_uri = IMPU1};
	struct scscf_session *s;
	struct scscf_effects e;

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), THIRD, PATH3, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_session_open(m, &info, 1500, &s), 0);
	scscf_session_ring(m, s, fixture_at(m, IMPI1, OLD), OLD);
	scscf_session_ring(m, s, fixture_at(m, IMPI1, THIRD), THIRD);
	scscf_effects_init(&e);
	ck_assert_int_eq(fixture_plan(m, S("<sip:10.2.0.10:5070>, <sip:10.1.0.10:5070>;expires=0"),
				      SLICE_NULL, &list, &rq, &plan, &no),
			 0);
	ck_assert_int_eq(fixture_commit(m, &plan, &rq, 2000, &e), 0);
	scscf_model_advance(m, 40000, 0, &e);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	ck_assert_ptr_eq(scscf_session_find_initial(m, S("ring"), S("a")), s);
	ck_assert_uint_eq(fixture_at(m, IMPI1, THIRD)->sessions, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(without_the_tag_a_session_finds_its_user_at_the_next_address)
{
	struct scscf_model *m = fixture_model();
	struct slice theirs[] = {IMPU_B};
	struct scscf_session_way way;
	struct scscf_session *s;
	struct scscf_effects e;
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED};

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	fixture_at(m, IMPI2, OLD_B)->seamless = false;
	scscf_effects_init(&e);
	fixture_bind(m, fixture_set(m, IMPI2, theirs, 1), THIRD, PATH3, SLICE_NULL, 0);
	scscf_model_unbind(m, fixture_set(m, IMPI2, theirs, 1), OLD_B, &how, 2000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 0);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way) && slice_eq(way.path, PATH3));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* user1's identity is user2's too; a call to it rings at both. */
static struct scscf_session *ring_at_both(struct scscf_model *m)
{
	struct slice shared[] = {IMPU1};
	struct scscf_session_info info = {
	    .call_id = S("ring"), .from_tag = S("a"), .from_uri = IMPU3, .to_uri = IMPU1};
	struct scscf_session *s;

	fixture_bind(m, fixture_set(m, IMPI1, shared, 1), OLD, PATH1, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI2, shared, 1), OLD_B, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(scscf_session_open(m, &info, 1500, &s), 0);
	ck_assert_int_eq(scscf_session_ring(m, s, fixture_at(m, IMPI1, OLD), OLD), 0);
	ck_assert_int_eq(scscf_session_ring(m, s, fixture_at(m, IMPI2, OLD_B), OLD_B), 0);
	return s;
}

START_TEST(what_cannot_be_told_which_user_answered_goes_along_the_route_set)
{
	static const struct scscf_session_answer answer = {.to_tag = {"b", 1},
							   .contact = {"sip:192.168.1.2", 15}};
	struct scscf_model *m = fixture_model();
	struct scscf_session_way way;
	struct scscf_session *s = ring_at_both(m);
	struct scscf_effects e;

	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_session_confirm(m, s, &answer, 2000, &e), 0);
	ck_assert(!scscf_session_way(m, s, SCSCF_SIDE_CALLEE, &way));
	ck_assert_uint_eq(fixture_at(m, IMPI1, OLD)->sessions, 0);
	ck_assert_uint_eq(fixture_at(m, IMPI2, OLD_B)->sessions, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_end_of_one_early_dialog_leaves_the_call_to_the_others)
{
	static const struct scscf_session_answer answer = {.to_tag = {"b", 1},
							   .contact = {"sip:10.3.0.10:5070", 18}};
	struct scscf_session_answer there = answer;
	struct scscf_model *m = fixture_model();
	struct scscf_session *s = ring_at_both(m);
	struct scscf_effects e;

	scscf_effects_init(&e);
	scscf_session_bye(m, s, SCSCF_SIDE_CALLER, 1800, &e);
	there.connection = fixture_at(m, IMPI2, OLD_B);
	ck_assert_int_eq(scscf_session_confirm(m, s, &there, 2000, &e), 0);
	ck_assert_int_eq(s->state, SCSCF_SESSION_CONFIRMED);
	ck_assert_uint_eq(there.connection->sessions, 1);
	scscf_session_bye(m, s, SCSCF_SIDE_CALLER, 3000, &e);
	ck_assert_int_eq(s->state, SCSCF_SESSION_ENDING);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("session_way", during_linger_requests_go_where_the_bindings_went,
	  what_took_the_bindings_over_is_preferred_to_other_active_connections,
	  otherwise_two_active_connections_are_no_reason_to_guess,
	  both_parties_lose_their_access_and_find_each_other,
	  the_release_at_lingers_end_reaches_the_phone_where_it_is,
	  a_call_that_rings_keeps_the_connections_it_rings_on,
	  the_end_of_linger_takes_no_call_that_rings_elsewhere,
	  without_the_tag_a_session_finds_its_user_at_the_next_address,
	  what_cannot_be_told_which_user_answered_goes_along_the_route_set,
	  the_end_of_one_early_dialog_leaves_the_call_to_the_others)
