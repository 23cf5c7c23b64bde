/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/ims_seamless_scscf/fixture.h"

static void move_user1(struct model *m, struct effects *e)
{
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct implicit_set *sets[] = {fixture_set(m, IMPI1, set1, 2),
				       fixture_set(m, IMPI1, set2, 1)};

	struct unbind gone[] = {{sets[0], OLD}, {sets[1], OLD}};

	for (int i = 0; i < 2; i++)
		fixture_bind(m, sets[i], NEW, PATH2, SLICE_NULL, 0);
	ck_assert_uint_eq(model_unbind_list(m, sets[0]->subscriber, gone, 2, CONTACT_UNREGISTERED,
					    false, 5000, e),
			  2);
}

START_TEST(an_end_is_found_from_either_side)
{
	struct model *m = fixture_model();
	enum session_side from;
	struct session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	ck_assert_ptr_eq(session_find(m, S("call1"), S("a"), S("b"), &from), s);
	ck_assert_int_eq(from, SIDE_CALLER);
	ck_assert_ptr_eq(session_find(m, S("call1"), S("b"), S("a"), &from), s);
	ck_assert_int_eq(from, SIDE_CALLEE);
	ck_assert_ptr_null(session_find(m, S("call1"), S("a"), S("c"), &from));
	ck_assert_ptr_null(session_find(m, S("call2"), S("a"), S("b"), &from));
	ck_assert_uint_eq(s->end[SIDE_CALLEE].connection->sessions, 1);
	fixture_done(m);
}
END_TEST

START_TEST(the_last_session_that_moves_takes_the_inactive_connection_away)
{
	struct model *m = fixture_model();
	struct effects e;
	struct session *one, *two;
	struct connection *new;

	fixture_users(m);
	one = fixture_call(m, S("call1"));
	two = fixture_call(m, S("call2"));
	effects_init(&e);
	move_user1(m, &e);
	new = fixture_at(m, IMPI1, NEW);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, CONNECTION_INACTIVE);
	effects_free(&e);
	ck_assert(session_move(m, one, SIDE_CALLER, new, NEW, &e));
	ck_assert_ptr_null(e.first);
	ck_assert(one->end[SIDE_CALLER].moved && slice_eq(one->end[SIDE_CALLER].contact, NEW));
	session_end(m, two, 6000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_CONNECTION_GONE), 1);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_LINGER_END), 0);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 0);
	/* One row each for the two sets that had lingered on it. */
	ck_assert_uint_eq(fixture_count(&e, EFFECT_CONTACT), 2);
	ck_assert_ptr_null(fixture_at(m, IMPI1, OLD));
	ck_assert_uint_eq(new->sessions, 1);
	ck_assert_uint_eq(m->inactive, 0);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_bye_sent_again_still_finds_the_moved_end)
{
	struct model *m = fixture_model();
	struct effects e;
	struct session *s;
	enum session_side from;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	effects_init(&e);
	move_user1(m, &e);
	session_move(m, s, SIDE_CALLER, fixture_at(m, IMPI1, NEW), NEW, &e);
	session_end(m, s, 6000, &e);
	ck_assert_ptr_eq(session_find(m, S("call1"), S("b"), S("a"), &from), s);
	ck_assert(s->end[SIDE_CALLER].moved && slice_eq(s->end[SIDE_CALLER].route, PATH2));
	effects_free(&e);
	effects_init(&e);
	model_advance(m, 6000 + 33000, 0, &e);
	ck_assert_uint_eq(m->sessions, 0);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_move_that_is_asked_for_is_known_before_it_is_confirmed)
{
	struct model *m = fixture_model();
	struct effects e;
	struct connection *new;
	struct session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	effects_init(&e);
	move_user1(m, &e);
	new = fixture_at(m, IMPI1, NEW);
	ck_assert_int_eq(session_expect_move(m, s, SIDE_CALLER, new, NEW), 0);
	ck_assert_ptr_eq(session_successor(m, &s->end[SIDE_CALLER]), new);
	/* Still on the old one until the 2xx. */
	ck_assert_int_eq(s->end[SIDE_CALLER].connection->state, CONNECTION_INACTIVE);
	session_expect_nothing(m, s, SIDE_CALLER);
	ck_assert_ptr_null(session_successor(m, &s->end[SIDE_CALLER]));
	ck_assert_int_eq(session_expect_move(m, s, SIDE_CALLER, new, NEW), 0);
	session_move(m, s, SIDE_CALLER, new, s->end[SIDE_CALLER].successor_contact, &e);
	ck_assert_ptr_null(session_successor(m, &s->end[SIDE_CALLER]));
	ck_assert(slice_eq(s->end[SIDE_CALLER].contact, NEW));
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(coming_back_ends_the_lingering)
{
	struct model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2};
	struct effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	effects_init(&e);
	move_user1(m, &e);
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, CONNECTION_ACTIVE);
	effects_free(&e);
	effects_init(&e);
	model_advance(m, 100000, 0, &e);
	ck_assert_ptr_null(e.first);
	ck_assert_uint_eq(m->sessions, 1);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(without_the_tag_nothing_lingers)
{
	struct model *m = fixture_model();
	struct effects e;
	struct slice set3[] = {IMPU_B};

	fixture_users(m);
	fixture_call(m, S("call1"));
	fixture_at(m, IMPI2, OLD_B)->seamless = false;
	effects_init(&e);
	model_unbind(m, fixture_set(m, IMPI2, set3, 1), OLD_B, CONTACT_EXPIRED, true, 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_LINGER_START), 0);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 0);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_CONTACT), 0);
	ck_assert_ptr_null(model_subscriber(m, IMPI2));
	/* user1's end of the session can still move. */
	ck_assert_uint_eq(m->sessions, 1);
	ck_assert_uint_eq(fixture_at(m, IMPI1, OLD)->sessions, 1);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(a_network_deregistration_lets_nothing_linger)
{
	struct model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	effects_init(&e);
	model_forget_set(m, fixture_set(m, IMPI1, set1, 2), 5000, &e);
	ck_assert_ptr_null(e.first);
	model_forget_set(m, fixture_set(m, IMPI1, set2, 1), 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_LINGER_START), 0);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 1);
	ck_assert_ptr_null(model_subscriber(m, IMPI1));
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_network_may_end_lingering_too)
{
	struct model *m = fixture_model();
	struct effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	effects_init(&e);
	move_user1(m, &e);
	effects_free(&e);
	/* One of two sets: what both had on the Inactive connection lingers on. */
	ck_assert_uint_eq(
	    model_deregister(m, IMPI1, (struct slice[]){IMPU3}, 1, CONTACT_DEACTIVATED, 5000, &e),
	    1);
	ck_assert_int_eq(fixture_at(m, IMPI1, OLD)->state, CONNECTION_INACTIVE);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 0);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 0);
	effects_free(&e);
	ck_assert_uint_eq(model_deregister(m, IMPI1, NULL, 0, CONTACT_REJECTED, 5000, &e), 2);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 1);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 1);
	ck_assert(!e.first->aor_active && e.first->event == CONTACT_REJECTED);
	ck_assert_ptr_null(model_subscriber(m, IMPI1));
	ck_assert_uint_eq(m->inactive, 0);
	ck_assert_uint_eq(model_deregister(m, IMPI1, NULL, 0, CONTACT_REJECTED, 5000, &e), 0);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_hss_may_change_who_belongs_to_a_set)
{
	struct model *m = fixture_model();
	struct slice before[] = {IMPU1, IMPU2}, now[] = {IMPU1, S("sip:new@home1.net")};
	bool barred[] = {false, false};
	struct implicit_set *set;
	struct effects e;

	fixture_users(m);
	set = fixture_set(m, IMPI1, before, 2);
	effects_init(&e);
	ck_assert_int_eq(model_change_set(m, IMPI1, before, barred, 2, 5000, &e), 0);
	ck_assert_ptr_null(e.first);
	ck_assert_int_eq(model_change_set(m, IMPI1, now, barred, 2, 5000, &e), 0);
	/* The one that left, then those that are in it. */
	ck_assert_uint_eq(fixture_count(&e, EFFECT_CONTACT), 2);
	ck_assert(!e.first->aor_active && !e.first->contact_active);
	ck_assert_uint_eq(e.first->impus_n, 1);
	ck_assert(slice_eq(e.first->impus[0], IMPU2));
	ck_assert(e.first->next->aor_active && e.first->next->impus_n == 2);
	ck_assert_ptr_eq(model_set(m, IMPI1, now[1]), set);
	ck_assert_ptr_null(model_set(m, IMPI1, IMPU2));
	ck_assert_uint_eq(set->n, 2);
	ck_assert_uint_eq(set->subscriber->former_n, 1);
	ck_assert_int_eq(model_change_set(m, IMPI2, now, barred, 2, 5000, &e), MODEL_E_UNKNOWN);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(whoever_is_gone_is_told_of_once_with_all_he_was)
{
	struct model *m = fixture_model();
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct subscriber *s;
	struct effects e;

	fixture_users(m);
	effects_init(&e);
	model_unbind(m, fixture_set(m, IMPI1, set1, 2), OLD, CONTACT_UNREGISTERED, false, 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 0);
	s = model_subscriber(m, IMPI1);
	ck_assert_uint_eq(s->former_n, 2);
	/* Registered again: no former identity any more. */
	fixture_bind(m, fixture_set(m, IMPI1, set1, 2), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_uint_eq(s->former_n, 0);
	model_unbind(m, fixture_set(m, IMPI1, set1, 2), OLD, CONTACT_UNREGISTERED, false, 5000, &e);
	effects_free(&e);
	model_unbind(m, fixture_set(m, IMPI1, set2, 1), OLD, CONTACT_EXPIRED, true, 6000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 1);
	for (struct effect *f = e.first; f; f = f->next) {
		if (f->kind == EFFECT_SUBSCRIBER_GONE) {
			ck_assert_uint_eq(f->impus_n, 3);
			ck_assert(slice_eq(f->impi, IMPI1));
		}
	}
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(lingering_goes_on_before_the_end_is_told)
{
	struct model *m = fixture_model();
	struct unbind gone[2];
	struct slice set1[] = {IMPU1, IMPU2}, set2[] = {IMPU3};
	struct effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	gone[0] = (struct unbind){fixture_set(m, IMPI1, set1, 2), OLD};
	gone[1] = (struct unbind){fixture_set(m, IMPI1, set2, 1), OLD};
	effects_init(&e);
	model_unbind_list(m, gone[0].set->subscriber, gone, 2, CONTACT_UNREGISTERED, false, 5000,
			  &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_LINGER_START), 1);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 0);
	effects_free(&e);
	model_advance(m, 40000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_SUBSCRIBER_GONE), 1);
	/* With the sets of seed 001: two and one identity, each once. */
	for (struct effect *f = e.first; f; f = f->next)
		if (f->kind == EFFECT_SUBSCRIBER_GONE)
			ck_assert_uint_eq(f->impus_n, 3);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(the_bye_to_the_callee_passes_application_servers)
{
	struct model *m = fixture_model();
	struct slice through = S("<sip:as;lr>,<sip:scscf;lr>,<sip:p2;lr>");
	enum session_side from;
	struct effects e;
	struct session *s;

	fixture_users(m);
	s = fixture_call(m, S("call1"));
	effects_init(&e);
	s->state = SESSION_EARLY;
	ck_assert_int_eq(session_confirm(m, s, S("b"), OLD_B, PATH1, through, NULL, 1000, &e), 0);
	move_user1(m, &e);
	effects_free(&e);
	model_advance(m, 40000, 0, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 1);
	for (struct effect *f = e.first; f; f = f->next) {
		if (f->kind != EFFECT_RELEASE)
			continue;
		ck_assert(slice_eq(f->leg[SIDE_CALLER].route, PATH1));
		ck_assert(slice_eq(f->leg[SIDE_CALLEE].route, through));
	}
	/* It comes back to us on its way. */
	ck_assert_ptr_eq(session_find(m, S("call1"), S("a"), S("b"), &from), s);
	ck_assert_int_eq(s->state, SESSION_ENDING);
	effects_free(&e);
	model_advance(m, 40000 + 33000, 0, &e);
	ck_assert_uint_eq(m->sessions, 0);
	effects_free(&e);
	fixture_done(m);
}
END_TEST

START_TEST(dropping_releases_and_deactivates)
{
	struct model *m = fixture_model();
	struct effects e;

	fixture_users(m);
	fixture_call(m, S("call1"));
	effects_init(&e);
	model_drop_connection(m, fixture_at(m, IMPI1, OLD), 5000, &e);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_RELEASE), 1);
	ck_assert_uint_eq(fixture_count(&e, EFFECT_CONTACT), 2);
	ck_assert(!e.first->aor_active && e.first->event == CONTACT_DEACTIVATED);
	ck_assert_ptr_null(model_subscriber(m, IMPI1));
	ck_assert_ptr_nonnull(model_subscriber(m, IMPI2));
	effects_free(&e);
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
	static const struct store store = {.alloc = scarce, .release = free};

	for (size_t k = 5; k < 60; k++) {
		struct model *m = malloc(sizeof(*m));
		struct slice set1[] = {IMPU1, IMPU2};
		struct implicit_set *set;
		struct binding_info i = {.contact = OLD,
					 .path = PATH1,
					 .instance = S("<urn:x>"),
					 .call_id = S("c"),
					 .params = S(";q=1"),
					 .expires_s = 60};
		struct session_info si = {.call_id = S("c1"),
					  .from_tag = S("a"),
					  .from_uri = IMPU1,
					  .to_uri = IMPU_B,
					  .caller_contact = OLD,
					  .caller_route = PATH1};
		struct session *s;
		struct effects e;

		effects_init(&e);
		allowed = k;
		if (model_init(m, store, 16, 0)) {
			free(m);
			continue;
		}
		if (!model_learn_set(m, IMPI1, set1, NULL, 2, &set) &&
		    !model_bind(m, set, &i, 0, &e, NULL)) {
			si.caller = fixture_at(m, IMPI1, OLD);
			if (!session_open(m, &si, 0, &s))
				(void)session_confirm(m, s, S("b"), OLD_B, PATH2, SLICE_NULL, NULL,
						      0, &e);
		}
		effects_free(&e);
		fixture_done(m);
	}
}
END_TEST

START_TEST(the_store_is_bounded)
{
	struct model *m = fixture_model();
	struct slice set1[] = {IMPU1};
	struct implicit_set *set;

	m->store.limit = m->store.used + 100;
	ck_assert_int_eq(model_learn_set(m, IMPI1, set1, NULL, 1, &set), MODEL_E_NOMEM);
	ck_assert_uint_eq(m->subscribers, 0);
	fixture_done(m);
}
END_TEST

UNIT_MAIN("sessions", an_end_is_found_from_either_side,
	  the_last_session_that_moves_takes_the_inactive_connection_away,
	  a_bye_sent_again_still_finds_the_moved_end,
	  a_move_that_is_asked_for_is_known_before_it_is_confirmed, coming_back_ends_the_lingering,
	  without_the_tag_nothing_lingers, a_network_deregistration_lets_nothing_linger,
	  the_network_may_end_lingering_too, the_hss_may_change_who_belongs_to_a_set,
	  whoever_is_gone_is_told_of_once_with_all_he_was, lingering_goes_on_before_the_end_is_told,
	  the_bye_to_the_callee_passes_application_servers, dropping_releases_and_deactivates,
	  every_allocation_may_fail, the_store_is_bounded)
