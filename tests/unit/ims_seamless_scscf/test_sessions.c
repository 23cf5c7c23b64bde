/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/ims_seamless_scscf/fixture.h"

static const struct scscf_unbind_how unregistered = {.event = SCSCF_CONTACT_UNREGISTERED};
static const struct scscf_unbind_how by_stock = {
    .event = SCSCF_CONTACT_EXPIRED, .quiet = true, .stock = true};
static const struct scscf_unbind_how by_network = {
    .event = SCSCF_CONTACT_DEACTIVATED, .quiet = true, .final = true, .stock = true};

/* Both of user1's bindings at OLD go at one stroke. */
static void leave_old(struct scscf_model *m, struct scscf_effects *e)
{
	struct scscf_connection *old = fixture_at(m, IMPI1, OLD);
	uint64_t gone[] = {old->bindings->id, old->bindings->next->id};

	ck_assert_uint_eq(
	    scscf_model_unbind_ids(m, old->subscriber, gone, 2, &unregistered, 5000, e), 2);
}

static void move_user1(struct scscf_model *m, struct scscf_effects *e)
{
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};

	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), NEW, PATH2, SLICE_NULL, 0);
	fixture_bind(m, fixture_set(m, IMPI1, set2, 1), NEW, PATH2, SLICE_NULL, 0);
	leave_old(m, e);
}

START_TEST(an_end_is_found_from_either_side)
{
	struct scscf_model *m = fixture_model();
	enum scscf_session_side from;
	struct scscf_session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	ck_assert_ptr_eq(scscf_session_find(m, S("call1"), S("a"), S("b"), &from), s);
	ck_assert_int_eq(from, SCSCF_SIDE_CALLER);
	ck_assert_ptr_eq(scscf_session_find(m, S("call1"), S("b"), S("a"), &from), s);
	ck_assert_int_eq(from, SCSCF_SIDE_CALLEE);
	ck_assert_ptr_null(scscf_session_find(m, S("call1"), S("a"), S("c"), &from));
	ck_assert_ptr_null(scscf_session_find(m, S("call2"), S("a"), S("b"), &from));
	ck_assert_uint_eq(s->end[SCSCF_SIDE_CALLEE].connection->sessions, 1);
	fixture_done(m);
}
END_TEST

START_TEST(the_last_session_that_moves_takes_the_inactive_connection_away)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct scscf_session *one, *two;
	struct scscf_connection *new;

	fixture_users(m);
	one = fixture_call(m, S("call1"));
	two = fixture_call(m, S("call2"));
	scscf_effects_init(&e);
	move_user1(m, &e);
	new = fixture_at(m, IMPI1, NEW);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	scscf_effects_free(&e);
	ck_assert(scscf_session_move(m, one, SCSCF_SIDE_CALLER, new, NEW, &e));
	ck_assert_ptr_null(e.first);
	ck_assert(one->end[SCSCF_SIDE_CALLER].moved &&
		  slice_eq(one->end[SCSCF_SIDE_CALLER].contact, NEW));
	scscf_session_end(m, two, 6000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONNECTION_GONE), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_END), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 0);
	/* One row each for the two sets that had lingered on it. */
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	ck_assert_uint_eq(new->sessions, 1);
	ck_assert_uint_eq(m->inactive, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_bye_sent_again_still_finds_the_moved_end)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct scscf_session *s;
	enum scscf_session_side from;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_user1(m, &e);
	scscf_session_move(m, s, SCSCF_SIDE_CALLER, fixture_at(m, IMPI1, NEW), NEW, &e);
	scscf_session_end(m, s, 6000, &e);
	ck_assert_ptr_eq(scscf_session_find(m, S("call1"), S("b"), S("a"), &from), s);
	ck_assert(s->end[SCSCF_SIDE_CALLER].moved &&
		  slice_eq(s->end[SCSCF_SIDE_CALLER].route, PATH2));
	scscf_effects_free(&e);
	scscf_effects_init(&e);
	scscf_model_advance(m, 6000 + 33000, 0, &e);
	ck_assert_uint_eq(m->sessions, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_move_that_is_asked_for_is_known_before_it_is_confirmed)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct slice asked = S("sip:there@10.2.0.10:5070");
	struct scscf_session_way way;
	struct scscf_connection *new;
	struct scscf_session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_user1(m, &e);
	new = fixture_at(m, IMPI1, NEW);
	ck_assert_int_eq(scscf_session_expect_move(m, s, SCSCF_SIDE_CALLER, new, asked), 0);
	ck_assert(scscf_session_way(m, s, SCSCF_SIDE_CALLER, &way) &&
		  way.connection == new->id &&slice_eq(way.contact, asked));
	/* Still on the old one until the 2xx. */
	ck_assert_int_eq(s->end[SCSCF_SIDE_CALLER].connection->state, SCSCF_CONNECTION_INACTIVE);
	scscf_session_expect_nothing(m, s, SCSCF_SIDE_CALLER);
	ck_assert_uint_eq(s->end[SCSCF_SIDE_CALLER].successor, 0);
	ck_assert_int_eq(scscf_session_expect_move(m, s, SCSCF_SIDE_CALLER, new, NEW), 0);
	scscf_session_move(m, s, SCSCF_SIDE_CALLER, new,
			   s->end[SCSCF_SIDE_CALLER].successor_contact, &e);
	ck_assert_uint_eq(s->end[SCSCF_SIDE_CALLER].successor, 0);
	ck_assert(slice_eq(s->end[SCSCF_SIDE_CALLER].contact, NEW));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(coming_back_ends_the_lingering)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_user1(m, &e);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_ACTIVE);
	scscf_effects_free(&e);
	scscf_effects_init(&e);
	scscf_model_advance(m, 100000, 0, &e);
	ck_assert_ptr_null(e.first);
	ck_assert_uint_eq(m->sessions, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(without_the_tag_nothing_lingers)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;
	struct slice set3[] = {IMPU_B};

	fixture_users(m);
	fixture_call(m, S("call1"));
	fixture_at(m, IMPI2, OLD_B)->seamless = false;
	scscf_effects_init(&e);
	scscf_model_unbind(m, fixture_set(m, IMPI2, set3, 1), OLD_B, &by_stock, 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 0);
	ck_assert_ptr_null(scscf_model_subscriber(m, IMPI2));
	/* user1's end of the session can still move. */
	ck_assert_uint_eq(m->sessions, 1);
	ck_assert_uint_eq(fixture_at(m, IMPI1, OLD)->sessions, 1);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

/* By a de-registration, by running out, and by the network. */
START_TEST(without_the_tag_sessions_end_with_the_registration)
{
	static const struct scscf_unbind_how hows[] = {
	    {.event = SCSCF_CONTACT_UNREGISTERED},
	    {.event = SCSCF_CONTACT_EXPIRED, .end = SCSCF_END_RAN_OUT},
	    {.event = SCSCF_CONTACT_REJECTED, .final = true, .end = SCSCF_END_BY_HSS}};
	struct slice set3[] = {IMPU_B};

	for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++) {
		struct scscf_model *m = fixture_model();
		struct scscf_effects e;

		fixture_users(m);
		fixture_call(m, S("call1"));
		fixture_at(m, IMPI2, OLD_B)->seamless = false;
		scscf_effects_init(&e);
		scscf_model_unbind(m, fixture_set(m, IMPI2, set3, 1), OLD_B, &hows[i], 5000, &e);
		ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 0);
		ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
		ck_assert_ptr_null(scscf_model_subscriber(m, IMPI2));
		ck_assert_uint_eq(fixture_at(m, IMPI1, OLD)->sessions, 0);
		scscf_effects_free(&e);
		fixture_done(m);
	}
}
END_TEST

START_TEST(a_network_deregistration_lets_nothing_linger)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set1, 2), SLICE_NULL, &by_network, 5000, &e);
	ck_assert_ptr_null(e.first);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set2, 1), SLICE_NULL, &by_network, 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	ck_assert_ptr_null(scscf_model_subscriber(m, IMPI1));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_network_may_end_lingering_too)
{
	struct scscf_model *m = fixture_model();
	const struct scscf_effect *f;
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	move_user1(m, &e);
	scscf_effects_free(&e);
	/* One of two sets: what both had on the Inactive connection lingers on. */
	ck_assert_uint_eq(scscf_model_deregister(m, IMPI1, (struct slice[]){IMPU3}, 1,
						 SCSCF_CONTACT_DEACTIVATED, SCSCF_END_BY_HSS, 5000,
						 &e),
			  1);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, SCSCF_CONNECTION_INACTIVE);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 0);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 0);
	scscf_effects_free(&e);
	ck_assert_uint_eq(scscf_model_deregister(m, IMPI1, NULL, 0, SCSCF_CONTACT_REJECTED,
						 SCSCF_END_BY_HSS, 5000, &e),
			  2);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 1);
	f = fixture_first(&e, SCSCF_EFFECT_CONTACT);
	ck_assert(!f->impu_active[0] && f->event == SCSCF_CONTACT_REJECTED);
	ck_assert_ptr_null(scscf_model_subscriber(m, IMPI1));
	ck_assert_uint_eq(m->inactive, 0);
	ck_assert_uint_eq(scscf_model_deregister(m, IMPI1, NULL, 0, SCSCF_CONTACT_REJECTED,
						 SCSCF_END_BY_HSS, 5000, &e),
			  0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_hss_may_change_who_belongs_to_a_set)
{
	struct scscf_model *m = fixture_model();
	struct slice before[] = {IMPU1, IMPU2}, now[] = {IMPU1, S("sip:new@home1.net")};
	bool barred[] = {false, false};
	struct scscf_implicit_set *set;
	struct scscf_effects e;

	fixture_users(m);
	set = fixture_set(m, IMPI1, before, 2);
	scscf_effects_init(&e);
	ck_assert_int_eq(scscf_model_change_set(m, IMPI1, before, barred, 2, 5000, &e), 0);
	ck_assert_ptr_null(e.first);
	ck_assert_int_eq(scscf_model_change_set(m, IMPI1, now, barred, 2, 5000, &e), 0);
	/* The one that left, then those that are in it. */
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	ck_assert(!e.first->impu_active[0] && !e.first->contact_active);
	ck_assert_uint_eq(e.first->impus_n, 1);
	ck_assert(slice_eq(e.first->impus[0], IMPU2));
	ck_assert(e.first->next->impu_active[0] && e.first->next->impus_n == 2);
	ck_assert_ptr_eq(scscf_model_set(m, IMPI1, now[1]), set);
	ck_assert_ptr_null(scscf_model_set(m, IMPI1, IMPU2));
	ck_assert_uint_eq(set->n, 2);
	ck_assert_uint_eq(set->subscriber->former_n, 1);
	ck_assert_int_eq(scscf_model_change_set(m, IMPI2, now, barred, 2, 5000, &e),
			 SCSCF_MODEL_E_UNKNOWN);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(whoever_is_gone_is_told_of_once_with_all_he_was)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct scscf_subscriber *s;
	struct scscf_effects e;

	fixture_users(m);
	scscf_effects_init(&e);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set1, 2), OLD, &unregistered, 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 0);
	s = scscf_model_subscriber(m, IMPI1);
	ck_assert_uint_eq(s->former_n, 2);
	/* Registered again: no former identity any more. */
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_uint_eq(s->former_n, 0);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set1, 2), OLD, &unregistered, 5000, &e);
	scscf_effects_free(&e);
	scscf_model_unbind(m, fixture_set(m, IMPI1, set2, 1), OLD, &by_stock, 6000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 1);
	for (struct scscf_effect *f = e.first; f; f = f->next) {
		if (f->kind == SCSCF_EFFECT_SUBSCRIBER_GONE) {
			ck_assert_uint_eq(f->impus_n, 3);
			ck_assert(slice_eq(f->impi, IMPI1));
		}
	}
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(lingering_goes_on_before_the_end_is_told)
{
	struct scscf_model *m = fixture_model();
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	leave_old(m, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_LINGER_START), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 0);
	scscf_effects_free(&e);
	scscf_model_advance(m, 40000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_SUBSCRIBER_GONE), 1);
	/* With the sets of C1-062198: two and one identity, each once. */
	for (struct scscf_effect *f = e.first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_SUBSCRIBER_GONE)
			ck_assert_uint_eq(f->impus_n, 3);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_bye_to_the_callee_passes_application_servers)
{
	struct scscf_model *m = fixture_model();
	struct slice through = S("<sip:as;lr>,<sip:scscf;lr>,<sip:p2;lr>");
	struct scscf_session_answer answer = fixture_answer;
	enum scscf_session_side from;
	struct scscf_effects e;
	struct scscf_session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	s->state = SCSCF_SESSION_EARLY;
	answer.through = through;
	ck_assert_int_eq(scscf_session_confirm(m, s, &answer, 1000, &e), 0);
	move_user1(m, &e);
	scscf_effects_free(&e);
	scscf_model_advance(m, 40000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	for (struct scscf_effect *f = e.first; f; f = f->next) {
		if (f->kind != SCSCF_EFFECT_RELEASE)
			continue;
		ck_assert(slice_eq(f->leg[SCSCF_SIDE_CALLER].route, PATH2));
		ck_assert(slice_eq(f->leg[SCSCF_SIDE_CALLEE].route, through));
	}
	/* It comes back to us on its way. */
	ck_assert_ptr_eq(scscf_session_find(m, S("call1"), S("a"), S("b"), &from), s);
	ck_assert_int_eq(s->state, SCSCF_SESSION_ENDING);
	scscf_effects_free(&e);
	scscf_model_advance(m, 40000 + 33000, 0, &e);
	ck_assert_uint_eq(m->sessions, 0);
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(dropping_releases_and_deactivates)
{
	struct scscf_model *m = fixture_model();
	const struct scscf_effect *f;
	struct scscf_effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	scscf_effects_init(&e);
	scscf_model_drop_connection(m, fixture_at(m, IMPI1, OLD), 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_RELEASE), 1);
	ck_assert_uint_eq(fixture_count(&e, SCSCF_EFFECT_CONTACT), 2);
	f = fixture_first(&e, SCSCF_EFFECT_CONTACT);
	ck_assert(!f->impu_active[0] && f->event == SCSCF_CONTACT_DEACTIVATED);
	ck_assert_ptr_null(scscf_model_subscriber(m, IMPI1));
	ck_assert_ptr_nonnull(scscf_model_subscriber(m, IMPI2));
	scscf_effects_free(&e);
	fixture_done(m);
}
END_TEST

static size_t allowed;
static void *scarce(size_t n)
{
	if (!allowed)
		return NULL;
	allowed--;
	return malloc(n);
}

START_TEST(every_allocation_may_fail)
{
	static const struct scscf_store store = {.alloc = scarce, .release = free};

	for (size_t k = 5; k < 60; k++) {
		struct scscf_model *m = malloc(sizeof(*m));
		struct slice set1[] = {IMPU1, IMPU2};
		struct scscf_implicit_set *set;
		struct scscf_binding_info i = {.contact = OLD,
					       .path = PATH1,
					       .instance = S("<urn:x>"),
					       .call_id = S("c"),
					       .params = S(";q=1"),
					       .expires_s = 60};
		struct scscf_session_info si = {.call_id = S("c1"),
						.from_tag = S("a"),
						.from_uri = IMPU1,
						.to_uri = IMPU_B,
						.caller_contact = OLD,
						.caller_route = PATH1};
		struct scscf_session *s;
		struct scscf_effects e;

		scscf_effects_init(&e);
		allowed = k;
		if (scscf_model_init(m, store, &fixture_key, 16, 0)) {
			free(m);
			continue;
		}
		if (!scscf_model_learn_set(m, IMPI1, set1, NULL, 2, &set) &&
		    !scscf_model_bind(m, set, &i, 0, &e, NULL)) {
			si.caller = fixture_at(m, IMPI1, OLD);
			if (!scscf_session_open(m, &si, 0, &s))
				(void)scscf_session_confirm(m, s, &fixture_answer, 0, &e);
		}
		scscf_effects_free(&e);
		fixture_done(m);
	}
}
END_TEST

START_TEST(the_store_is_bounded)
{
	struct scscf_model *m = fixture_model();
	struct slice set1[] = {IMPU1};
	struct scscf_implicit_set *set;

	m->store.limit = m->store.used + 100;
	ck_assert_int_eq(scscf_model_learn_set(m, IMPI1, set1, NULL, 1, &set), SCSCF_MODEL_E_NOMEM);
	ck_assert_uint_eq(m->subscribers, 0);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("sessions", an_end_is_found_from_either_side,
	  the_last_session_that_moves_takes_the_inactive_connection_away,
	  a_bye_sent_again_still_finds_the_moved_end,
	  a_move_that_is_asked_for_is_known_before_it_is_confirmed, coming_back_ends_the_lingering,
	  without_the_tag_nothing_lingers, without_the_tag_sessions_end_with_the_registration,
	  a_network_deregistration_lets_nothing_linger, the_network_may_end_lingering_too,
	  the_hss_may_change_who_belongs_to_a_set, whoever_is_gone_is_told_of_once_with_all_he_was,
	  lingering_goes_on_before_the_end_is_told,
	  the_bye_to_the_callee_passes_application_servers, dropping_releases_and_deactivates,
	  every_allocation_may_fail, the_store_is_bounded)
