/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model_fixture.h"

static enum pcscf_subscription_state watch_state_now;
static unsigned int subscriptions_seen;

static bool look(const struct pcscf_subscription_view *view, void *arg)
{
	(void)arg;
	subscriptions_seen++;
	watch_state_now = view->state;
	return true;
}

static enum pcscf_subscription_state pcscf_subscription_state(void)
{
	subscriptions_seen = 0;
	pcscf_each_subscription(fixture_model, look, NULL);
	ck_assert_uint_eq(subscriptions_seen, 1);
	return watch_state_now;
}

static struct pcscf_subscribe next_subscribe(void)
{
	struct pcscf_todo todo;

	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	return todo.subscribe;
}

START_TEST(a_subscription_is_refreshed_before_it_ends)
{
	struct pcscf_subscribe s, again;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_pass((600000 - 601) * 1000LL);
	pcscf_nothing_asked();
	pcscf_pass(2000);
	again = next_subscribe();
	ck_assert_str_eq(again.call_id, s.call_id);
	ck_assert_str_eq(again.local_tag, s.local_tag);
	ck_assert_str_eq(again.remote_tag, "srv");
	ck_assert_str_eq(again.target, "sip:scscf.home1.net:5060");
	ck_assert_str_eq(again.routes, "<sip:10.0.0.4;lr>");
	ck_assert_uint_eq(again.cseq, s.cseq + 1);
	answer(&again, 200);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(a_481_makes_a_new_dialog_at_once)
{
	struct pcscf_subscribe s, again, fresh;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	pcscf_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	answer(&again, 481);
	fresh = next_subscribe();
	ck_assert_str_ne(fresh.call_id, s.call_id);
	ck_assert_str_eq(fresh.remote_tag, "");
	ck_assert_uint_eq(fresh.cseq, 1);
	ck_assert(!pcscf_knows_dialog(fixture_model, slice_str(s.call_id), slice_str(s.local_tag)));
	ck_assert(pcscf_knows_dialog(fixture_model, slice_str(fresh.call_id),
				     slice_str(fresh.local_tag)));
	pcscf_stop();
}
END_TEST

START_TEST(a_phone_that_registers_again_makes_us_ask_whether_it_still_stands)
{
	struct pcscf_subscribe s, again, fresh;

	pcscf_start();
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
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(failures_are_retried_with_growing_pauses_and_an_end)
{
	struct pcscf_subscribe s;
	int64_t pause = 1000;

	pcscf_start();
	register_over(1, ALICE, WLAN);
	for (int i = 0; i < 7; i++) {
		s = next_subscribe();
		answer(&s, 403);
		ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_BACKOFF);
		pcscf_pass(pause - 500);
		pcscf_nothing_asked();
		pcscf_pass(1000);
		pause *= 2;
	}
	s = next_subscribe();
	answer(&s, 403);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_GIVEN_UP);
	pcscf_pass(3600 * 1000);
	pcscf_nothing_asked();
	/* The identity registers again: a new chance. */
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	answer(&s, 200);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(no_answer_at_all_counts_as_failure)
{
	struct pcscf_subscribe s, again;

	pcscf_start();
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	pcscf_pass(43000);
	again = next_subscribe();
	ck_assert_str_ne(again.call_id, s.call_id);
	answer(&s, 200); /* too late, for a request that is not the last */
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_SUBSCRIBING);
	pcscf_stop();
}
END_TEST

START_TEST(a_refusal_of_a_refresh_leaves_the_subscription)
{
	struct pcscf_subscribe s, again;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	pcscf_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	answer(&again, 403);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	ck_assert(pcscf_knows_dialog(fixture_model, slice_str(s.call_id), slice_str(s.local_tag)));
	pcscf_stop();
}
END_TEST

START_TEST(the_notify_may_overtake_the_answer)
{
	struct pcscf_subscribe s, again;
	struct pcscf_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	pcscf_start();
	register_over(1, ALICE, WLAN);
	s = next_subscribe();
	row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	n.routes = SLICE_LIT("<sip:rr;lr>");
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_APPLY);
	answer(&s, 200);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_pass((600000 - 600) * 1000LL);
	again = next_subscribe();
	ck_assert_str_eq(again.target, "sip:scscf"); /* what came first made the dialog */
	ck_assert_str_eq(again.routes, "<sip:rr;lr>");
	pcscf_stop();
}
END_TEST

START_TEST(strangers_cannot_notify)
{
	struct pcscf_subscribe s;
	struct pcscf_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	row(&r, 5, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	n.call_id = SLICE_LIT("guess");
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), PCSCF_E_UNKNOWN);
	n = notify_of(&s, &r.doc);
	n.local_tag = SLICE_LIT("guess");
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), PCSCF_E_UNKNOWN);
	n = notify_of(&s, &r.doc);
	n.remote_tag = SLICE_LIT("other");
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), PCSCF_E_UNKNOWN);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	n = notify_of(&s, &r.doc);
	n.cseq = 1000;
	n.doc = NULL;
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	n.cseq = 999;
	n.doc = &r.doc;
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), PCSCF_E_ORDER);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(a_missed_document_brings_a_refresh_and_an_old_one_nothing)
{
	struct pcscf_subscribe s, again;
	struct pcscf_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_APPLY_AND_REFRESH);
	again = next_subscribe();
	ck_assert_str_eq(again.call_id, s.call_id);
	answer(&again, 200);
	n = notify_of(&s,
		      row(&r, 2, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	ck_assert_int_eq(v, REGINFO_DISCARD);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(full_state_that_does_not_come_is_asked_for_in_a_new_dialog)
{
	struct pcscf_subscribe s, again, fresh;
	struct pcscf_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	again = next_subscribe();
	answer(&again, 200);
	pcscf_pass(2500);
	pcscf_nothing_asked();
	pcscf_pass(1000);
	fresh = next_subscribe();
	ck_assert_str_ne(fresh.call_id, s.call_id);
	answer(&fresh, 200);
	/* What was missed: the end. */
	pcscf_pass(5000);
	row(&r, 1, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&fresh, &r.doc);
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(full_state_that_comes_ends_the_waiting_for_it)
{
	struct pcscf_subscribe s, again;
	struct pcscf_notify n;
	enum reginfo_verdict v;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	n = notify_of(&s, row(&r, 3, ALICE, LTE, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	again = next_subscribe();
	answer(&again, 200);
	row(&r, 4, ALICE, WLAN, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	n = notify_of(&s, &r.doc);
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
	pcscf_pass(60 * 1000);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_ACTIVE);
	pcscf_stop();
}
END_TEST

static void terminated(const struct pcscf_subscribe *s, const char *reason, uint32_t retry_after)
{
	struct pcscf_notify n = notify_of(s, NULL);
	enum reginfo_verdict v;

	n.terminated = true;
	n.reason = slice_str(reason);
	n.retry_after = retry_after;
	ck_assert_int_eq(pcscf_notified(fixture_model, &n, &v, fixture_now), 0);
}

START_TEST(an_ended_subscription_is_remade_as_its_reason_says)
{
	struct pcscf_subscribe s;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	terminated(&s, "deactivated", 0);
	s = next_subscribe();
	answer(&s, 200);
	terminated(&s, "probation", 60);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_BACKOFF);
	pcscf_pass(59000);
	pcscf_nothing_asked();
	pcscf_pass(2000);
	s = next_subscribe();
	answer(&s, 200);
	terminated(&s, "noresource", 0);
	ck_assert_int_eq(pcscf_subscription_state(), PCSCF_SUB_GIVEN_UP);
	pcscf_pass(600 * 1000);
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(a_longer_interval_is_used_when_demanded)
{
	struct pcscf_memory mem = {fixture_alloc, fixture_release};
	struct pcscf_config cfg;
	struct pcscf_answer a = {.code = 423, .min_expires = 7200};
	struct pcscf_todo todo;

	fixture_blocks = 0;
	fixture_fail_after = -1;
	fixture_now = 1000;
	pcscf_config_defaults(&cfg);
	cfg.subscribe_s = 600;
	fixture_model = pcscf_model_new(&cfg, &mem, fixture_random, &fixture_key, fixture_now);
	register_over(1, ALICE, WLAN);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	pcscf_subscribe_answered(fixture_model, todo.subscribe.request_id, &a, fixture_now);
	pcscf_pass(2000);
	ck_assert_uint_eq(next_subscribe().expires, 7200);
	pcscf_stop();
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
