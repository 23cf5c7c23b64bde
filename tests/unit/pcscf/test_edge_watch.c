/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edge_fixture.h"

static enum watch_state watch_state_now;
static unsigned int watches_seen;

static bool look(const struct edge_watch_view *view, void *arg)
{
	(void)arg;
	watches_seen++;
	watch_state_now = view->state;
	return true;
}

static enum watch_state watch_state(void)
{
	watches_seen = 0;
	edge_each_watch(fixture_edge, look, NULL);
	ck_assert_uint_eq(watches_seen, 1);
	return watch_state_now;
}

static struct edge_subscribe next_subscribe(void)
{
	struct edge_todo todo;

	ck_assert(edge_asked(EDGE_TODO_SUBSCRIBE, &todo));
	return todo.subscribe;
}

START_TEST(a_subscription_is_refreshed_before_it_ends)
{
	struct edge_subscribe s, again;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_pass((600000 - 601) * 1000LL);
	edge_nothing_asked();
	edge_pass(2000);
	again = next_subscribe();
	ck_assert_str_eq(again.call_id, s.call_id);
	ck_assert_str_eq(again.local_tag, s.local_tag);
	ck_assert_str_eq(again.remote_tag, "srv");
	ck_assert_str_eq(again.target, "sip:scscf.home1.net:5060");
	ck_assert_str_eq(again.routes, "<sip:10.0.0.4;lr>");
	ck_assert_uint_eq(again.cseq, s.cseq + 1);
	answer(&again, 200);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_stop();
}
END_TEST

START_TEST(a_481_makes_a_new_dialog_at_once)
{
	struct edge_subscribe s, again, fresh;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	edge_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	answer(&again, 481);
	fresh = next_subscribe();
	ck_assert_str_ne(fresh.call_id, s.call_id);
	ck_assert_str_eq(fresh.remote_tag, "");
	ck_assert_uint_eq(fresh.cseq, 1);
	ck_assert(!edge_knows_dialog(fixture_edge, slice_str(s.call_id), slice_str(s.local_tag)));
	ck_assert(
	    edge_knows_dialog(fixture_edge, slice_str(fresh.call_id), slice_str(fresh.local_tag)));
	edge_stop();
}
END_TEST

START_TEST(a_phone_that_registers_again_makes_us_ask_whether_it_still_stands)
{
	struct edge_subscribe s, again, fresh;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_over(1, ALICE, WLAN);
	again = next_subscribe();
	ck_assert_str_eq(again.call_id, s.call_id);
	ck_assert_uint_eq(again.cseq, s.cseq + 1);
	/* The S-CSCF was restarted. */
	answer(&again, 481);
	fresh = next_subscribe();
	ck_assert_str_ne(fresh.call_id, s.call_id);
	answer(&fresh, 200);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_stop();
}
END_TEST

START_TEST(failures_are_retried_with_growing_pauses_and_an_end)
{
	struct edge_subscribe s;
	int64_t pause = 1000;

	edge_start();
	register_over(1, ALICE, WLAN);
	for (int i = 0; i < 7; i++) {
		s = next_subscribe();
		answer(&s, 403);
		ck_assert_int_eq(watch_state(), WATCH_BACKOFF);
		edge_pass(pause - 500);
		edge_nothing_asked();
		edge_pass(1000);
		pause *= 2;
	}
	s = next_subscribe();
	answer(&s, 403);
	ck_assert_int_eq(watch_state(), WATCH_GIVEN_UP);
	edge_pass(3600 * 1000);
	edge_nothing_asked();
	/* The identity registers again: a new chance. */
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	answer(&s, 200);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_stop();
}
END_TEST

START_TEST(no_answer_at_all_counts_as_failure)
{
	struct edge_subscribe s, again;

	edge_start();
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	edge_pass(43000);
	again = next_subscribe();
	ck_assert_str_ne(again.call_id, s.call_id);
	answer(&s, 200); /* too late, for a request that is not the last */
	ck_assert_int_eq(watch_state(), WATCH_SUBSCRIBING);
	edge_stop();
}
END_TEST

START_TEST(a_refusal_of_a_refresh_leaves_the_subscription)
{
	struct edge_subscribe s, again;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	edge_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	answer(&again, 403);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	ck_assert(edge_knows_dialog(fixture_edge, slice_str(s.call_id), slice_str(s.local_tag)));
	edge_stop();
}
END_TEST

START_TEST(the_notify_may_overtake_the_answer)
{
	struct edge_subscribe s, again;
	struct edge_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	edge_start();
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	n.routes = SLICE_LIT("<sip:rr;lr>");
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_APPLY);
	answer(&s, 200);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	ck_assert_str_eq(again.target, "sip:scscf"); /* what came first made the dialog */
	ck_assert_str_eq(again.routes, "<sip:rr;lr>");
	edge_stop();
}
END_TEST

START_TEST(strangers_cannot_notify)
{
	struct edge_subscribe s;
	struct edge_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	row(&r, 5, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	n.call_id = SLICE_LIT("guess");
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), EDGE_E_UNKNOWN);
	n = notify_of(&s, &r.doc);
	n.local_tag = SLICE_LIT("guess");
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), EDGE_E_UNKNOWN);
	n = notify_of(&s, &r.doc);
	n.remote_tag = SLICE_LIT("other");
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), EDGE_E_UNKNOWN);
	ck_assert_int_eq(state_of(1), CONNECTION_ACTIVE);
	n = notify_of(&s, &r.doc);
	n.cseq = 1000;
	n.doc = NULL;
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	n.cseq = 999;
	n.doc = &r.doc;
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), EDGE_E_ORDER);
	ck_assert_int_eq(state_of(1), CONNECTION_ACTIVE);
	edge_stop();
}
END_TEST

START_TEST(a_missed_document_brings_a_refresh_and_an_old_one_nothing)
{
	struct edge_subscribe s, again;
	struct edge_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_APPLY_AND_REFRESH);
	again = next_subscribe();
	ck_assert_str_eq(again.call_id, s.call_id);
	answer(&again, 200);
	n = notify_of(&s,
		      row(&r, 2, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_DISCARD);
	ck_assert_int_eq(state_of(1), CONNECTION_ACTIVE);
	edge_nothing_asked();
	edge_stop();
}
END_TEST

START_TEST(full_state_that_does_not_come_is_asked_for_in_a_new_dialog)
{
	struct edge_subscribe s, again, fresh;
	struct edge_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	again = next_subscribe();
	answer(&again, 200);
	edge_pass(2500);
	edge_nothing_asked();
	edge_pass(1000);
	fresh = next_subscribe();
	ck_assert_str_ne(fresh.call_id, s.call_id);
	answer(&fresh, 200);
	/* What was missed: the end. */
	edge_pass(5000);
	row(&r, 1, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&fresh, &r.doc);
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	ck_assert_int_eq(state_of(1), CONNECTION_DRAINING);
	edge_stop();
}
END_TEST

START_TEST(full_state_that_comes_ends_the_waiting_for_it)
{
	struct edge_subscribe s, again;
	struct edge_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	again = next_subscribe();
	answer(&again, 200);
	row(&r, 4, ALICE, WLAN, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
	edge_pass(60 * 1000);
	ck_assert_int_eq(state_of(1), CONNECTION_ACTIVE);
	ck_assert_int_eq(watch_state(), WATCH_ACTIVE);
	edge_stop();
}
END_TEST

static void terminated(const struct edge_subscribe *s, const char *reason, uint32_t retry_after)
{
	struct edge_notify n = notify_of(s, NULL);
	enum reginfo_verdict v;

	n.terminated = true;
	n.reason = slice_str(reason);
	n.retry_after = retry_after;
	ck_assert_int_eq(edge_notified(fixture_edge, &n, &v, fixture_now), 0);
}

START_TEST(an_ended_subscription_is_remade_as_its_reason_says)
{
	struct edge_subscribe s;

	edge_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	terminated(&s, "deactivated", 0);
	s = next_subscribe();
	answer(&s, 200);
	terminated(&s, "probation", 60);
	ck_assert_int_eq(watch_state(), WATCH_BACKOFF);
	edge_pass(59000);
	edge_nothing_asked();
	edge_pass(2000);
	s = next_subscribe();
	answer(&s, 200);
	terminated(&s, "noresource", 0);
	ck_assert_int_eq(watch_state(), WATCH_GIVEN_UP);
	edge_pass(600 * 1000);
	edge_nothing_asked();
	edge_stop();
}
END_TEST

START_TEST(a_longer_interval_is_used_when_demanded)
{
	struct edge_memory mem = {fixture_alloc, fixture_release};
	struct edge_config cfg;
	struct edge_answer a = {.code = 423, .min_expires = 7200};
	struct edge_todo todo;

	fixture_blocks = 0;
	fixture_fail_after = -1;
	fixture_now = 1000;
	edge_config_defaults(&cfg);
	cfg.subscribe_s = 600;
	fixture_edge = edge_new(&cfg, &mem, fixture_random, fixture_now);
	register_over(1, ALICE, WLAN);
	ck_assert(edge_asked(EDGE_TODO_SUBSCRIBE, &todo));
	edge_subscribe_answered(fixture_edge, todo.subscribe.request_id, &a, fixture_now);
	edge_pass(2000);
	ck_assert_uint_eq(next_subscribe().expires, 7200);
	edge_stop();
}
END_TEST

UNIT_MAIN("P-CSCF subscriptions", a_subscription_is_refreshed_before_it_ends,
	  a_481_makes_a_new_dialog_at_once,
	  a_phone_that_registers_again_makes_us_ask_whether_it_still_stands,
	  failures_are_retried_with_growing_pauses_and_an_end, no_answer_at_all_counts_as_failure,
	  a_refusal_of_a_refresh_leaves_the_subscription, the_notify_may_overtake_the_answer,
	  strangers_cannot_notify, a_missed_document_brings_a_refresh_and_an_old_one_nothing,
	  full_state_that_does_not_come_is_asked_for_in_a_new_dialog,
	  full_state_that_comes_ends_the_waiting_for_it,
	  an_ended_subscription_is_remade_as_its_reason_says,
	  a_longer_interval_is_used_when_demanded)
