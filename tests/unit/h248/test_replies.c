/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies: remembered, confirmed, in segments, and late. Annex D.1. */
#include <stdio.h>

#include "unit/h248/sides.h"
#include "unit/unit.h"

/* What b sent last, once more to the other side: a copy made by the network. */
static void replay(unsigned from, unsigned to, const char *text)
{
	struct h248_addr addr = network_addr(to);
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", text);
	network_send(&net, from, &addr, copy, strlen(copy));
	network_run(&net, net.now + 20);
}

START_TEST(a_copy_gets_the_stored_reply_until_long_timer)
{
	char request[4096];

	open_both(3, NULL);
	ask(1, NULL);
	snprintf(request, sizeof(request), "%s", net.last[0]);
	network_run(&net, net.now + 100);
	ck_assert_uint_eq(b.executed[1], 1);
	for (int i = 0; i < 3; i++) {
		network_run(&net, net.now + 9000);
		replay(0, 1, request);
	}
	ck_assert_uint_eq(b.executed[1], 1);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->replies_repeated, 3);
	ck_assert_uint_eq(a.done[H248_REPLIED], 1);
	ck_assert_uint_eq(h248_channel_counters(a.channel)->unmatched, 3);
	network_run(&net, net.now + 3100);
	replay(0, 1, request); /* LONG-TIMER is over: it counts as new */
	ck_assert_uint_eq(b.executed[1], 2);
	close_both();
}
END_TEST

START_TEST(an_acknowledged_reply_is_dropped_but_its_id_is_kept)
{
	unsigned outstanding, running, remembered;
	char request[4096];

	open_both(4, NULL);
	ask(1, NULL);
	snprintf(request, sizeof(request), "%s", net.last[0]);
	network_run(&net, net.now + 100);
	ask(2, NULL); /* carries the acknowledgement of 1 */
	ck_assert_ptr_nonnull(strstr(net.last[0], "TransactionResponseAck"));
	network_run(&net, net.now + 100);
	replay(0, 1, request);
	ck_assert_uint_eq(b.executed[1], 1);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->discarded, 1);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->replies_repeated, 0);
	h248_channel_load(b.channel, &outstanding, &running, &remembered);
	ck_assert_uint_eq(remembered, 2);
	network_run(&net, net.now + 30100);
	h248_channel_load(b.channel, &outstanding, &running, &remembered);
	ck_assert_uint_eq(remembered, 0);
	close_both();
}
END_TEST

/* A message of acknowledgements is not worth more work than all that is remembered. */
START_TEST(acknowledgements_of_everything_again_and_again_are_cut_short)
{
	char text[16384] = "!/3 a K{0-4294967295";
	size_t n = strlen(text);
	unsigned outstanding, running, remembered;

	open_both(4, NULL);
	for (unsigned i = 1; i <= 40; i++)
		ask(i, NULL);
	network_run(&net, net.now + 100);
	while (n < sizeof(text) - 16)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",0-4294967295");
	snprintf(text + n, sizeof(text) - n, "}");
	replay(0, 1, text);
	ck_assert_uint_ge(h248_channel_counters(b.channel)->acks_in, 1);
	ck_assert_uint_le(h248_channel_counters(b.channel)->acks_in, 4);
	h248_channel_load(b.channel, &outstanding, &running, &remembered);
	ck_assert_uint_eq(remembered, 40);
	close_both();
}
END_TEST

START_TEST(a_running_request_is_answered_with_pending_and_its_reply_is_confirmed)
{
	open_both(5, NULL);
	b.hold_every = 1;
	b.hold_ms = 3000;
	ask(1, NULL);
	network_run(&net, net.now + 2000);
	ck_assert_uint_eq(b.executed[1], 1);
	ck_assert_uint_ge(h248_channel_counters(b.channel)->pendings_out, 1);
	ck_assert_uint_eq(a.done[H248_REPLIED], 0);
	/* after a Pending the sender repeats slowly */
	ck_assert_uint_le(h248_channel_counters(a.channel)->retransmissions, 2);
	network_run(&net, net.now + 1020);
	ck_assert_ptr_nonnull(strstr(net.last[1], "IA,"));
	ck_assert_uint_eq(a.done[H248_REPLIED], 1);
	network_run(&net, net.now + 10);
	ck_assert_ptr_nonnull(strstr(net.last[0], "TransactionResponseAck{"));
	ck_assert_uint_eq(h248_channel_counters(b.channel)->acks_in, 1);
	/* not repeated once it is confirmed */
	network_run(&net, net.now + 10000);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->replies_repeated, 0);
	close_both();
}
END_TEST

START_TEST(a_reply_that_wants_an_acknowledgement_is_repeated_until_it_comes)
{
	open_both(6, NULL);
	b.hold_every = 1;
	b.hold_ms = 1500;
	ask(1, NULL);
	network_run(&net, net.now + 1400);
	net.loss = 1000;
	network_run(&net, net.now + 1000); /* the reply is lost */
	ck_assert_uint_eq(a.done[H248_REPLIED], 0);
	net.loss = 0;
	network_run(&net, net.now + 4000); /* before the sender would repeat */
	ck_assert_uint_eq(a.done[H248_REPLIED], 1);
	ck_assert_uint_ge(h248_channel_counters(b.channel)->replies_repeated, 1);
	close_both();
}
END_TEST

START_TEST(too_many_pendings_end_in_506)
{
	struct h248_timers t;

	h248_timers_default(&t, false);
	t.pending_limit = 2;
	t.pending_repeat_ms = 300;
	open_both(7, &t);
	b.ignore = true;
	ask(1, NULL);
	network_run(&net, net.now + 5000);
	ck_assert_uint_eq(a.done[H248_REPLIED], 1);
	ck_assert_uint_eq(a.error, 506);
	ck_assert_uint_eq(b.executed[1], 1);
	close_both();
}
END_TEST

START_TEST(long_replies_come_in_segments_and_whole)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		open_both(seed, NULL);
		net.loss = 150;
		net.twice = 100;
		net.delay_max = 60;
		b.reply_size = 400; /* about 16 kB in messages of at most 1400 */
		ask(1, NULL);
		network_run(&net, net.now + 40000);
		ck_assert_uint_eq(a.done[H248_REPLIED], 1);
		ck_assert_uint_eq(a.reply_commands, 400);
		ck_assert_uint_eq(b.executed[1], 1);
		ck_assert_uint_ge(h248_channel_counters(b.channel)->segments_out, 8);
		close_both();
	}
}
END_TEST

START_TEST(long_replies_before_version_3_are_533)
{
	open_both(9, NULL);
	h248_channel_set_version(b.channel, 2);
	b.reply_size = 400;
	ask(1, NULL);
	network_run(&net, net.now + 1000);
	ck_assert_uint_eq(a.error, 533);
	close_both();
}
END_TEST

START_TEST(a_job_that_was_given_up_may_still_be_answered)
{
	struct h248_timers t;

	h248_timers_default(&t, false);
	t.pending_limit = 2;
	t.pending_repeat_ms = 300;
	open_both(7, &t);
	b.hold_every = 1;
	b.hold_ms = 6000;
	ask(1, NULL);
	network_run(&net, net.now + 10000);
	ck_assert_uint_eq(a.error, 506);
	ck_assert_uint_eq(a.done[H248_REPLIED], 1);
	close_both();
}
END_TEST

static uint64_t mark_reached;

static bool reached(void *user, uint64_t mark)
{
	(void)user;
	return mark <= mark_reached;
}

START_TEST(an_answer_waits_for_its_mark_and_a_copy_gets_pending)
{
	open_both(13, NULL);
	b.later = true;
	mark_reached = 0;
	ask(1, NULL);
	ask(2, NULL);
	network_run(&net, net.now + 500); /* with copies of both */
	ck_assert_uint_eq(b.total, 2);
	ck_assert_uint_eq(a.done[H248_REPLIED], 0);
	ck_assert_uint_ge(h248_channel_counters(b.channel)->pendings_out, 2);
	ck_assert(h248_channel_release(b.channel, reached, NULL, net.now));
	mark_reached = 1;
	ck_assert(h248_channel_release(b.channel, reached, NULL, net.now));
	network_run(&net, net.now + 50);
	ck_assert_uint_eq(a.replies[1], 1);
	ck_assert_uint_eq(a.replies[2], 0);
	mark_reached = 2;
	ck_assert(!h248_channel_release(b.channel, reached, NULL, net.now));
	network_run(&net, net.now + 50);
	ck_assert_uint_eq(a.replies[2], 1);
	ck_assert_uint_eq(b.total, 2);
	close_both();
}
END_TEST

START_TEST(what_waits_for_its_mark_goes_with_its_channel)
{
	struct h248_timers t;

	h248_timers_default(&t, false);
	t.pending_limit = 2;
	t.pending_repeat_ms = 300;
	open_both(14, &t);
	b.later = true;
	mark_reached = 0;
	ask(1, NULL);
	ask(2, NULL);
	network_run(&net, net.now + 5000);
	ck_assert_uint_eq(a.error, 506); /* too late by then */
	mark_reached = 1;
	ck_assert(h248_channel_release(b.channel, reached, NULL, net.now));
	close_both(); /* the other one */
}
END_TEST

/* A segment with a high number makes room for all before it: that is bounded over all requests. */
START_TEST(segments_of_many_replies_are_bounded)
{
	struct h248_addr to = network_addr(0);
	char text[100];
	uint32_t id;

	open_both(15, NULL);
	b.ignore = true;
	for (unsigned n = 1; n <= 300; n++) {
		ask(n, &id);
		snprintf(text, sizeof(text), "!/3 b\nP=%u/16000{C=1{MF=t/%u}}", id, n);
		network_send(&net, 1, &to, text, strlen(text));
		network_run(&net, net.now + 2);
	}
	ck_assert_uint_ge(a.done[H248_REPLY_INVALID], 100);
	ck_assert_uint_le(a.done[H248_REPLY_INVALID], 250);
	h248_channel_cancel(a.channel, H248_CANCELLED);
	b.ignore = false;
	b.reply_size = 400;
	ask(301, NULL);
	network_run(&net, net.now + 1000);
	ck_assert_uint_eq(a.reply_commands, 400);
	close_both();
}
END_TEST

/* However long: no more than the peer has acknowledged and a window. */
START_TEST(a_very_long_reply_goes_out_as_fast_as_it_is_acknowledged)
{
	unsigned sent;

	open_both(16, NULL);
	b.reply_size = 5000; /* 190 kB */
	net.delay_min = net.delay_max = 20;
	ask(1, NULL);
	network_run(&net, net.now + 30); /* the request is there, nothing has come back yet */
	sent = net.node[1].sent;
	ck_assert_uint_eq(sent, 32);
	network_run(&net, net.now + 2000);
	ck_assert_uint_gt(net.node[1].sent, 100);
	ck_assert_uint_eq(h248_channel_counters(b.channel)->replies_repeated, 0);
	ck_assert_uint_eq(a.replies[1], 1);
	ck_assert_uint_eq(a.reply_commands, 5000);
	close_both();
}
END_TEST

UNIT_MAIN("h248 replies", a_copy_gets_the_stored_reply_until_long_timer,
	  an_acknowledged_reply_is_dropped_but_its_id_is_kept,
	  acknowledgements_of_everything_again_and_again_are_cut_short,
	  a_running_request_is_answered_with_pending_and_its_reply_is_confirmed,
	  a_reply_that_wants_an_acknowledgement_is_repeated_until_it_comes,
	  too_many_pendings_end_in_506, long_replies_come_in_segments_and_whole,
	  long_replies_before_version_3_are_533, a_job_that_was_given_up_may_still_be_answered,
	  an_answer_waits_for_its_mark_and_a_copy_gets_pending,
	  what_waits_for_its_mark_goes_with_its_channel, segments_of_many_replies_are_bounded,
	  a_very_long_reply_goes_out_as_fast_as_it_is_acknowledged)
