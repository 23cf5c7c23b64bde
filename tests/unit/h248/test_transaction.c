/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two channels over a network in memory: at most once, whatever the network does. Annex D.1. */
#include <stdio.h>

#include "h248/transaction.h"
#include "unit/h248/link.h"
#include "unit/unit.h"

#define REQUESTS 3000

struct side {
	struct network *net;
	unsigned number;
	struct h248_channel *channel;
	/* as the one who executes */
	unsigned executed[REQUESTS + 1]; /* by the number in the TerminationID */
	unsigned total;
	int hold_every; /* hold each n-th job and answer it later */
	struct h248_job *held[64];
	int64_t held_at[64];
	int64_t hold_ms;
	unsigned reply_size; /* commands in the reply; 0 = 1 */
	bool ignore;	     /* hold all, never answer */
	/* as the one who asks */
	unsigned done[5], failed;
	unsigned replies[REQUESTS + 1], reply_commands;
	unsigned error;
};

static struct network net;
static struct side a, b;
static char decode_memory[1 << 20];

static void answer(struct side *s, struct h248_job *job, int64_t now)
{
	const struct h248_transaction *t = h248_job_request(job);
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *actions = NULL, *action;
	struct slice tid = t->actions->commands->tid.id;

	action = h248_new_action(arena, &actions, t->actions->context);
	for (unsigned i = 0; i < (s->reply_size ? s->reply_size : 1); i++)
		h248_new_command(arena, action, H248_MODIFY,
				 i ? h248_printf(arena, "padding/to/make/it/long/%u", i)
				   : h248_copy(arena, tid));
	h248_job_reply(job, actions, now);
}

static unsigned number_of(const struct h248_transaction *t)
{
	struct slice tid = t->actions->commands->tid.id;
	uint64_t n = 0;

	slice_cut(&tid, '/');
	ck_assert_int_eq(slice_u64(tid, REQUESTS, &n), 0);
	return (unsigned)n;
}

static void on_request(void *user, struct h248_job *job, int64_t now)
{
	struct side *s = user;

	s->executed[number_of(h248_job_request(job))]++;
	s->total++;
	if (s->ignore) {
		ck_assert_int_eq(h248_job_hold(job), H248_OK);
		return;
	}
	for (unsigned i = 0; s->hold_every && i < 64; i++) {
		if (s->held[i] || s->total % (unsigned)s->hold_every)
			continue;
		ck_assert_int_eq(h248_job_hold(job), H248_OK);
		s->held[i] = job;
		s->held_at[i] = now + s->hold_ms;
		return;
	}
	answer(s, job, now);
}

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct side *s = user;

	network_send(s->net, s->number, to, bytes, len);
}

static uint32_t on_random(void *user)
{
	struct side *s = user;

	return network_random(s->net, 1u << 31);
}

static void on_failed(void *user, int64_t now)
{
	(void)now;
	((struct side *)user)->failed++;
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	struct side *s = user;
	struct h248_arena arena;
	struct h248_message *m;

	h248_arena_init(&arena, decode_memory, sizeof(decode_memory));
	ck_assert_int_eq(h248_decode(text, NULL, &arena, &m, NULL), H248_OK);
	h248_channel_receive(s->channel, from, text, m, now);
}

static int64_t on_timeout(void *user, int64_t now)
{
	struct side *s = user;
	int64_t wait = h248_channel_timeout(s->channel, now);

	for (unsigned i = 0; i < 64; i++) {
		if (s->held[i] && (wait < 0 || s->held_at[i] - now < wait))
			wait = s->held_at[i] > now ? s->held_at[i] - now : 0;
	}
	return wait;
}

static void on_tick(void *user, int64_t now)
{
	struct side *s = user;

	for (unsigned i = 0; i < 64; i++) {
		if (s->held[i] && s->held_at[i] <= now) {
			struct h248_job *job = s->held[i];

			s->held[i] = NULL;
			answer(s, job, now);
		}
	}
	h248_channel_tick(s->channel, now);
}

static void side_open(struct side *s, unsigned number, const struct h248_timers *timers)
{
	struct h248_mid mid = {H248_MID_DEVICE, number ? SLICE_LIT("b") : SLICE_LIT("a"), 0};
	struct h248_channel_ops ops = {on_send, on_request, on_failed, on_random, s};
	struct h248_addr to = network_addr(1 - number);

	memset(s, 0, sizeof(*s));
	s->net = &net;
	s->number = number;
	ck_assert_int_eq(h248_channel_new(&mid, timers, &ops, &s->channel), H248_OK);
	h248_channel_set_address(s->channel, &to);
	h248_channel_set_version(s->channel, 3);
	h248_channel_set_style(s->channel, number ? H248_COMPACT : H248_PRETTY);
	net.node[number] = (struct link_node){
	    network_addr(number), s, on_receive, on_timeout, on_tick, false, 0, 0};
	net.nodes = 2;
}

static void open_both(uint64_t seed, struct h248_timers *timers)
{
	struct h248_timers defaults;

	network_init(&net, seed);
	if (!timers) {
		h248_timers_default(&defaults, false);
		timers = &defaults;
	}
	side_open(&a, 0, timers);
	side_open(&b, 1, timers);
}

static void close_both(void)
{
	h248_channel_free(a.channel);
	h248_channel_free(b.channel);
	network_free(&net);
}

static void on_done(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	a.done[outcome]++;
	if (outcome == H248_REPLIED && reply->error.code) {
		a.error = reply->error.code;
	} else if (outcome == H248_REPLIED) {
		a.replies[(uintptr_t)user]++;
		ck_assert_uint_eq(number_of(reply),
				  (uintptr_t)user); /* the right reply to the right request */
		a.reply_commands = 0;
		for (const struct h248_action *x = reply->actions; x; x = x->next) {
			for (const struct h248_command *c = x->commands; c; c = c->next)
				a.reply_commands++;
		}
	}
}

static int ask(unsigned n, uint32_t *id)
{
	char memory[1024];
	struct h248_arena arena;
	struct h248_action *actions = NULL;

	h248_arena_init(&arena, memory, sizeof(memory));
	h248_new_command(&arena, h248_new_action(&arena, &actions, 1), H248_MODIFY,
			 h248_printf(&arena, "t/%u", n));
	return h248_channel_request(a.channel, actions, on_done, (void *)(uintptr_t)n, net.now, id);
}

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
	  a_copy_gets_the_stored_reply_until_long_timer,
	  an_acknowledged_reply_is_dropped_but_its_id_is_kept,
	  acknowledgements_of_everything_again_and_again_are_cut_short,
	  a_running_request_is_answered_with_pending_and_its_reply_is_confirmed,
	  a_reply_that_wants_an_acknowledgement_is_repeated_until_it_comes,
	  too_many_pendings_end_in_506, limits_are_answered_with_511_and_nothing_is_run,
	  long_replies_come_in_segments_and_whole, long_replies_before_version_3_are_533,
	  a_segment_that_never_comes_ends_the_request, what_cannot_be_read_gets_its_error,
	  closing_cancels_what_waits)
