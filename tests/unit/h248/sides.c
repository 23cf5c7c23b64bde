/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "unit/h248/sides.h"
#include "unit/unit.h"

struct network net;
struct side a, b;
static char decode_memory[1 << 20];

static struct h248_action *build(struct h248_arena *arena, const struct h248_transaction *t,
				 unsigned commands)
{
	struct h248_action *actions = NULL, *action;

	action = h248_new_action(arena, &actions, t->actions->context);
	for (unsigned i = 0; i < commands; i++)
		h248_new_command(arena, action, H248_MODIFY,
				 i ? h248_printf(arena, "padding/to/make/it/long/%u", i)
				   : h248_copy(arena, t->actions->commands->tid.id));
	return actions;
}

static void answer(struct side *s, struct h248_job *job, int64_t now)
{
	const struct h248_transaction *t = h248_job_request(job);
	struct h248_arena *arena = h248_job_arena(job);
	unsigned commands = s->reply_size ? s->reply_size : 1;
	struct h248_action *actions = build(arena, t, commands);

	while (arena->overflow && h248_job_arena_grow(job) == H248_OK)
		actions = build(arena, t, commands);
	ck_assert(!arena->overflow);
	if (s->later)
		h248_job_reply_later(job, actions, s->total);
	else
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

void open_both(uint64_t seed, struct h248_timers *timers)
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

void close_both(void)
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

int ask(unsigned n, uint32_t *id)
{
	char memory[1024];
	struct h248_arena arena;
	struct h248_action *actions = NULL;

	h248_arena_init(&arena, memory, sizeof(memory));
	h248_new_command(&arena, h248_new_action(&arena, &actions, 1), H248_MODIFY,
			 h248_printf(&arena, "t/%u", n));
	return h248_channel_request(a.channel, actions, on_done, (void *)(uintptr_t)n, net.now, id);
}
