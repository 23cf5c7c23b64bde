/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: at most once, whatever the network does. Annex D.1. */
#include <stdio.h>

#include "unit/h248/sides.h"
#include "unit/unit.h"

START_TEST(each_request_runs_once_and_is_answered_whatever_is_lost_doubled_or_overtaken)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		const struct h248_counters *ca, *cb;

		open_both(seed, NULL);
		net.loss = 200;
		net.twice = 200;
		net.delay_min = 1;
		net.delay_max = 300;
		b.hold_every = 5;
		b.hold_ms = 700;
		for (unsigned n = 1; n <= REQUESTS; n++) {
			ck_assert_int_eq(ask(n, NULL), H248_OK);
			network_run(&net, net.now + 10);
		}
		network_run(&net, net.now + 60000);
		for (unsigned n = 1; n <= REQUESTS; n++) {
			ck_assert_msg(b.executed[n] <= 1, "seed %d: request %u ran %u times",
				      (int)seed, n, b.executed[n]);
			ck_assert_msg(a.replies[n] <= b.executed[n], "request %u: %u replies", n,
				      a.replies[n]);
		}
		/* one in five packets is lost: with ten repetitions hardly any request is given up
		 */
		ck_assert_uint_ge(a.done[H248_REPLIED], REQUESTS - 3);
		ck_assert_uint_eq(a.done[H248_REPLIED] + a.done[H248_TIMED_OUT], REQUESTS);
		ca = h248_channel_counters(a.channel);
		cb = h248_channel_counters(b.channel);
		ck_assert_uint_gt(ca->retransmissions, 100);
		ck_assert_uint_gt(cb->duplicates, 100);
		ck_assert_uint_gt(cb->replies_repeated, 50);
		ck_assert_uint_gt(cb->pendings_out, 5);
		ck_assert_uint_gt(cb->acks_in, 100);
		close_both();
	}
}
END_TEST

START_TEST(round_trips_are_measured)
{
	uint32_t average, deviation;

	open_both(1, NULL);
	net.delay_min = net.delay_max = 40;
	for (unsigned n = 1; n <= 60; n++) {
		ask(n, NULL);
		network_run(&net, net.now + 200);
	}
	h248_channel_rtt(a.channel, &average, &deviation);
	ck_assert_uint_ge(average, 78);
	ck_assert_uint_le(average, 86);
	ck_assert_uint_le(deviation, 4);
	ck_assert_uint_eq(h248_channel_counters(a.channel)->retransmissions, 0);
	close_both();
}
END_TEST

START_TEST(repetitions_back_off_and_end_at_t_max)
{
	int64_t start, last, gap = 0;
	unsigned sent = 0;

	open_both(2, NULL);
	net.node[1].down = true;
	start = last = net.now;
	ask(1, NULL);
	sent = net.node[0].sent;
	while (a.done[H248_TIMED_OUT] == 0 && net.now < start + 60000) {
		network_run(&net, net.now + 1);
		if (net.node[0].sent != sent) {
			sent = net.node[0].sent;
			gap = net.now - last;
			last = net.now;
			ck_assert_int_le(gap, 4000 + 2); /* D.1.3: never longer than this */
		}
	}
	ck_assert_int_ge(net.now - start, 25000);
	ck_assert_int_le(net.now - start, 25002);
	ck_assert_uint_ge(sent, 7);
	ck_assert_uint_le(sent, 14);
	ck_assert_int_ge(gap, 1500); /* grown well beyond the first 200 ms */
	ck_assert_uint_eq(a.failed, 1);
	close_both();
}
END_TEST

START_TEST(limits_are_answered_with_511_and_nothing_is_run)
{
	struct h248_timers t;

	h248_timers_default(&t, false);
	t.max_running = 2;
	t.max_outstanding = 3;
	open_both(8, &t);
	b.ignore = true;
	ck_assert_int_eq(ask(1, NULL), H248_OK);
	ck_assert_int_eq(ask(2, NULL), H248_OK);
	ck_assert_int_eq(ask(3, NULL), H248_OK);
	ck_assert_int_eq(ask(4, NULL), H248_E_STATE);
	network_run(&net, net.now + 50);
	ck_assert_uint_eq(a.error, 511);
	ck_assert_uint_eq(b.total, 2);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->refused, 1);
	close_both();
}
END_TEST

START_TEST(a_segment_that_never_comes_ends_the_request)
{
	open_both(10, NULL);
	ask(1, NULL);
	net.node[1].down = true;
	{
		struct h248_addr to = network_addr(0);
		char text[256];
		uint32_t id;

		net.node[1].down = false;
		ask(2, &id);
		snprintf(text, sizeof(text), "!/3 b\nP=%u/2/&{C=1{MF=t/2}}", id);
		net.loss = 1000;
		network_run(&net, net.now + 30);
		net.loss = 0;
		network_send(&net, 1, &to, text, strlen(text));
		net.node[1].down = true;
	}
	network_run(&net, net.now + 10000);
	ck_assert_uint_eq(a.done[H248_REPLY_INVALID], 1);
	close_both();
}
END_TEST

START_TEST(what_cannot_be_read_gets_its_error)
{
	struct h248_addr to = network_addr(1);
	const char *const cases[][2] = {
	    {"!/1 a T=5{C=1{MF=t/5}", "P=5{C=1{MF=t/5}}"}, /* what could be read is run */
	    {"!/1 a T=6{X=1{}}", "P=6{ER=422{"},	   {"!/1 a T=7", "P=7{ER=403{"},
	    {"!/1 a T={C=1{MF=t/5}}", "P=0{ER=403{"},	   {"!/1 a hello", "P=0{ER=403{"},
	};

	open_both(11, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		network_send(&net, 0, &to, cases[i][0], strlen(cases[i][0]));
		network_run(&net, net.now + 20);
		ck_assert_msg(strstr(net.last[1], cases[i][1]) != NULL, "%s -> %s", cases[i][0],
			      net.last[1]);
	}
	close_both();
}
END_TEST

START_TEST(closing_cancels_what_waits)
{
	open_both(12, NULL);
	b.ignore = true;
	ask(1, NULL);
	ask(2, NULL);
	network_run(&net, net.now + 50);
	close_both(); /* held jobs go with it */
	ck_assert_uint_eq(a.done[H248_CANCELLED], 2);
}
END_TEST

UNIT_MAIN("h248 transactions",
	  each_request_runs_once_and_is_answered_whatever_is_lost_doubled_or_overtaken,
	  round_trips_are_measured, repetitions_back_off_and_end_at_t_max,
	  limits_are_answered_with_511_and_nothing_is_run,
	  a_segment_that_never_comes_ends_the_request, what_cannot_be_read_gets_its_error,
	  closing_cancels_what_waits)
