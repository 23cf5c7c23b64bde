/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the peer: executed at most once, answered as often as asked. Clauses D.1.1, D.1.2,
 * D.1.4. */
#include <stdlib.h>

#include "h248/transaction/channel.h"

/* ---- remembered replies ---- */

static void drop_reply(struct h248_channel *c, struct incoming *in)
{
	for (unsigned i = 0; i < in->reply_count; i++) {
		c->reply_bytes -= in->reply[i].len;
		bytes_free(&in->reply[i]);
	}
	if (in->reply != &in->whole)
		free(in->reply);
	in->reply = NULL;
	in->reply_count = in->reply_sent = in->reply_open = 0;
}

void incoming_drop(struct h248_channel *c, struct incoming *in)
{
	timer_stop(&c->heap, &in->timer);
	if (in->state != INCOMING_RUNNING) {
		*(in->older ? &in->older->newer : &c->oldest) = in->newer;
		*(in->newer ? &in->newer->older : &c->newest) = in->older;
	} else {
		c->running--;
	}
	if (in->job)
		in->job->incoming = NULL;
	drop_reply(c, in);
	id_remove(&c->incoming, &in->node);
	free(in);
}

void incoming_expire(struct h248_channel *c, int64_t now_ms)
{
	while (c->oldest && c->oldest->expires <= now_ms)
		incoming_drop(c, c->oldest);
}

static void send_reply(struct h248_channel *c, const struct incoming *in)
{
	for (unsigned i = 0; i < in->reply_sent; i++) {
		if (in->reply[i].p)
			channel_send(c, &in->from, in->reply[i].p, in->reply[i].len);
	}
}

static void send_pending(struct h248_channel *c, struct incoming *in)
{
	struct h248_transaction t = {.kind = H248_PENDING, .id = in->node.id};

	in->pending_sent = true;
	in->pendings++;
	c->counters.pendings_out++;
	channel_send_simple(c, &in->from, &t);
}

/* The reply is in in->reply: send it and remember it for LONG-TIMER. */
static void answered(struct h248_channel *c, struct incoming *in, int64_t now_ms)
{
	struct state_step step = state_step(&incoming_states, in->state, INCOMING_EV_REPLY);

	if (step.action != INCOMING_DO_REMEMBER)
		return;
	timer_stop(&c->heap, &in->timer);
	in->state = (enum incoming_state)step.next;
	c->running--;
	in->expires = now_ms + c->timers.long_timer_ms;
	in->first_sent = now_ms;
	in->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = in;
	c->newest = in;
	c->counters.replies_out++;
	in->reply_sent = in->reply_open > SEGMENT_WINDOW ? SEGMENT_WINDOW : in->reply_count;
	send_reply(c, in);
	if ((in->wants_ack && !c->timers.reliable) || in->reply_open) {
		in->timer.kind = TIMER_REPLY;
		in->average8 = c->average8;
		timer_set(&c->heap, &in->timer, now_ms + channel_interval(c, in->average8, 0));
	}
}

void incoming_timer(struct h248_channel *c, struct incoming *in, int64_t now_ms)
{
	if (in->state == INCOMING_RUNNING) {
		send_pending(c, in);
		return;
	}
	if (in->state != INCOMING_ANSWERED || now_ms - in->first_sent >= c->timers.t_max_ms)
		return;
	in->repeats++;
	c->counters.replies_repeated++;
	send_reply(c, in);
	timer_set(&c->heap, &in->timer, now_ms + channel_interval(c, in->average8, in->repeats));
}

static void confirm(struct h248_channel *c, struct incoming *in)
{
	struct state_step step = state_step(&incoming_states, in->state, INCOMING_EV_ACK);

	if (step.action != INCOMING_DO_DROP)
		return;
	in->state = (enum incoming_state)step.next;
	timer_stop(&c->heap, &in->timer);
	drop_reply(c, in);
}

/*
 * A range may name more ids than exist: walk whichever is shorter. The work for one message is
 * bounded by what is remembered: ranges beyond that overlap, and a reply that stays unconfirmed
 * only stays longer.
 */
void incoming_acks(struct h248_channel *c, const struct h248_ack_range *acks, uint64_t *budget)
{
	for (; acks; acks = acks->next) {
		uint64_t width = (uint64_t)acks->last - acks->first + 1;
		uint64_t work = width < c->incoming.count ? width : c->incoming.count;

		c->counters.acks_in++;
		if (work > *budget)
			return;
		*budget -= work;
		if (width <= c->incoming.count) {
			for (uint64_t id = acks->first; id <= acks->last; id++) {
				struct by_id *n = id_find(&c->incoming, (uint32_t)id);

				if (n)
					confirm(c, (struct incoming *)n);
			}
			continue;
		}
		for (struct incoming *in = c->oldest; in; in = in->newer) {
			if (in->node.id >= acks->first && in->node.id <= acks->last)
				confirm(c, in);
		}
	}
}

/* More of a long reply, as the peer acknowledges what it has: no more than it may have room for. */
static void send_more(struct h248_channel *c, struct incoming *in, int64_t now_ms)
{
	unsigned acknowledged = in->reply_count - in->reply_open;

	in->first_sent = now_ms; /* it moves: T-MAX counts from here */
	in->repeats = 0;
	while (in->reply_sent < in->reply_count && in->reply_sent - acknowledged < SEGMENT_WINDOW) {
		const struct bytes *part = &in->reply[in->reply_sent++];

		channel_send(c, &in->from, part->p, part->len);
	}
	timer_set(&c->heap, &in->timer, now_ms + channel_interval(c, in->average8, 0));
}

void incoming_segment_ack(struct h248_channel *c, const struct h248_transaction *t, int64_t now_ms)
{
	struct incoming *in = (struct incoming *)id_find(&c->incoming, t->id);
	struct bytes *part;

	if (!in || in->state != INCOMING_ANSWERED || !in->reply_open || t->segment < 1 ||
	    t->segment > in->reply_sent)
		return;
	part = &in->reply[t->segment - 1];
	if (!part->p)
		return;
	c->reply_bytes -= part->len;
	bytes_free(part);
	if (--in->reply_open == 0)
		confirm(c, in);
	else
		send_more(c, in, now_ms);
}

static void give_up(struct h248_channel *c, struct incoming *in, int64_t now_ms);

static void duplicate(struct h248_channel *c, struct incoming *in, const struct h248_addr *from,
		      int64_t now_ms)
{
	c->counters.duplicates++;
	in->from = *from;
	switch (state_step(&incoming_states, in->state, INCOMING_EV_COPY).action) {
	case INCOMING_DO_PEND:
		if (c->timers.pending_limit && in->pendings >= c->timers.pending_limit) {
			give_up(c, in, now_ms);
			return;
		}
		send_pending(c, in);
		return;
	case INCOMING_DO_REPEAT:
		c->counters.replies_repeated++;
		send_reply(c, in);
		return;
	default:
		c->counters.discarded++;
		return;
	}
}

/* An error for a request that is not remembered: it was not executed and may come again. */
static void refuse(struct h248_channel *c, const struct h248_addr *from, uint32_t id, unsigned code)
{
	struct h248_transaction t = {.kind = H248_REPLY, .id = id};

	t.error.code = (uint16_t)code;
	t.error.text = slice_str(h248_error_text(code));
	channel_send_simple(c, from, &t);
}

/* ---- jobs ---- */

static void later_remove(struct h248_channel *c, struct h248_job *job)
{
	struct h248_job **link = &c->later;

	while (*link != job)
		link = &(*link)->later_next;
	*link = job->later_next;
	if (c->later_tail == &job->later_next)
		c->later_tail = link;
}

/* What the job needed to be worked on. */
static void job_memory_free(struct h248_job *job)
{
	struct h248_channel *c = job->channel;

	if (job->arena_memory)
		explicit_bzero(job->arena.base, job->arena.used);
	if (job->memory)
		explicit_bzero(job->memory, job->memory_size);
	if (job->arena_memory && !c->scratch && job->arena.size <= JOB_ARENA)
		c->scratch = job->arena_memory;
	else
		free(job->arena_memory);
	free(job->memory);
	job->arena_memory = job->memory = NULL;
}

static void job_end(struct h248_job *job)
{
	if (job->later)
		later_remove(job->channel, job);
	*job->link = job->next;
	if (job->next)
		job->next->link = job->link;
	if (job->incoming)
		job->incoming->job = NULL;
	job_memory_free(job);
	free(job);
}

void incoming_free_all(struct h248_channel *c)
{
	struct by_id *n;
	uint32_t at = 0;

	while (c->jobs)
		job_end(c->jobs);
	while ((n = id_any(&c->incoming, &at)))
		incoming_drop(c, (struct incoming *)n);
}

void h248_channel_forget(struct h248_channel *c)
{
	while (c->oldest)
		incoming_drop(c, c->oldest);
	c->ack_count = 0;
}

static bool too_much(const struct h248_channel *c)
{
	return c->running >= c->timers.max_running ||
	       c->incoming.count - c->running >= c->timers.max_remembered ||
	       c->reply_bytes >= c->timers.max_reply_bytes;
}

static struct h248_job *job_new(struct h248_channel *c, const struct h248_addr *from, uint32_t id,
				int64_t now_ms)
{
	struct h248_job *job = calloc(1, sizeof(*job));
	struct incoming *in = calloc(1, sizeof(*in));

	if (!job || !in || timer_reserve(&c->heap))
		goto no_memory;
	in->node.id = id;
	if (id_insert(&c->incoming, &in->node))
		goto no_memory;
	in->from = *from;
	in->timer.kind = TIMER_PROVISIONAL;
	in->job = job;
	c->running++;
	if (c->timers.provisional_ms)
		timer_set(&c->heap, &in->timer, now_ms + c->timers.provisional_ms);
	job->channel = c;
	job->incoming = in;
	job->from = *from;
	job->id = id;
	job->next = c->jobs;
	job->link = &c->jobs;
	if (job->next)
		job->next->link = &job->next;
	c->jobs = job;
	return job;
no_memory:
	free(job);
	free(in);
	return NULL;
}

void incoming_request(struct h248_channel *c, const struct h248_addr *from, struct slice text,
		      const struct h248_message *message, const struct h248_transaction *t,
		      unsigned index, int64_t now_ms)
{
	struct incoming *in = (struct incoming *)id_find(&c->incoming, t->id);
	struct h248_job *job;

	(void)message;
	c->counters.requests_in++;
	if (t->malformed && t->id == 0) {
		refuse(c, from, 0, 403);
		return;
	}
	if (in) {
		duplicate(c, in, from, now_ms);
		return;
	}
	if (too_much(c) || !(job = job_new(c, from, t->id, now_ms))) {
		c->counters.refused++;
		refuse(c, from, t->id, 511);
		return;
	}
	if (!t->actions) {
		h248_job_reply_error(job, t->error.code ? t->error.code : 403, NULL, now_ms);
		return;
	}
	job->request = t;
	job->text = text;
	job->index = index;
	in = job->incoming;
	c->ops.request(c->ops.user, job, now_ms);
	/* The job may be gone: what the table says about this id counts. */
	if (c->dead || (struct incoming *)id_find(&c->incoming, t->id) != in || in->job != job ||
	    job->held)
		return;
	h248_job_reply_error(job, 500, NULL, now_ms);
}

const struct h248_transaction *h248_job_request(const struct h248_job *job)
{
	return job->request;
}

struct h248_channel *h248_job_channel(const struct h248_job *job)
{
	return job->channel;
}

const struct h248_addr *h248_job_from(const struct h248_job *job)
{
	return &job->from;
}

void *h248_job_user(const struct h248_job *job)
{
	return job->user;
}

void h248_job_set_user(struct h248_job *job, void *user)
{
	job->user = user;
}

struct h248_arena *h248_job_arena(struct h248_job *job)
{
	struct h248_channel *c = job->channel;

	if (!job->arena_memory) {
		job->arena_memory = c->scratch ? c->scratch : malloc(JOB_ARENA);
		c->scratch = NULL;
		h248_arena_init(&job->arena, job->arena_memory, job->arena_memory ? JOB_ARENA : 0);
	}
	return &job->arena;
}

int h248_job_arena_grow(struct h248_job *job)
{
	size_t size = job->arena.size * 16;
	void *memory = size <= JOB_ARENA_MAX && job->arena_memory ? malloc(size) : NULL;

	if (!memory)
		return H248_E_MEMORY;
	explicit_bzero(job->arena.base, job->arena.used);
	if (job->arena.size == JOB_ARENA && !job->channel->scratch)
		job->channel->scratch = job->arena_memory;
	else
		free(job->arena_memory);
	job->arena_memory = memory;
	h248_arena_init(&job->arena, memory, size);
	return H248_OK;
}

/* The text is copied and read again into memory of the job's own. */
int h248_job_hold(struct h248_job *job)
{
	size_t room = job->text.len * 8 + 4096;

	if (job->held)
		return H248_OK;
	for (int tries = 0; tries < 6; tries++, room *= 2) {
		char *memory = malloc(job->text.len + room);
		struct h248_arena arena;
		struct h248_message *m;
		int rc;

		if (!memory)
			return H248_E_MEMORY;
		memcpy(memory, job->text.p, job->text.len);
		h248_arena_init(&arena, memory + job->text.len, room);
		rc = h248_decode(slice_make(memory, job->text.len), NULL, &arena, &m, NULL);
		if (rc == H248_OK) {
			const struct h248_transaction *t = m->transactions;

			for (unsigned i = 0; i < job->index; i++)
				t = t->next;
			job->request = t;
			job->memory = memory;
			job->memory_size = job->text.len + room;
			job->held = true;
			return H248_OK;
		}
		explicit_bzero(memory, job->text.len + room);
		free(memory);
		if (rc != H248_E_MEMORY)
			return rc;
	}
	return H248_E_MEMORY;
}

static int keep_whole(struct h248_channel *c, struct incoming *in, size_t len)
{
	if (bytes_copy(&in->whole, c->out, len))
		return H248_E_MEMORY;
	in->reply = &in->whole;
	in->reply_count = 1;
	return H248_OK;
}

/* Encode, in segments if it must be; the result is in in->reply. */
static int make_reply(struct h248_channel *c, struct incoming *in, struct h248_transaction *t)
{
	size_t len = 0;
	int rc = channel_encode(c, t, false, &len);
	bool too_long =
	    rc == H248_E_SPACE || (rc == H248_OK && c->timers.max_pdu && len > c->timers.max_pdu);

	if (!too_long)
		return rc ? rc : keep_whole(c, in, len);
	if (c->version < 3)
		return H248_E_SIZE;
	rc = segment_reply(c, t, &in->reply, &in->reply_count);
	if (rc == H248_OK) {
		in->reply_open = in->reply_count;
		c->counters.segments_out += in->reply_count;
	}
	return rc;
}

/* The reply into in->reply, or an error that says why it cannot be. *rc: what became of it. 0, or -1
 * without memory: in has gone, as if the request had been lost. */
static int encode(struct h248_channel *c, struct incoming *in, const struct h248_action *actions,
		  const struct h248_error *error, int *rc)
{
	struct h248_transaction t = {.kind = H248_REPLY, .id = in->node.id};

	in->wants_ack = in->pending_sent;
	t.imm_ack = in->wants_ack && !c->timers.reliable;
	t.actions = (struct h248_action *)actions;
	if (error)
		t.error = *error;
	*rc = make_reply(c, in, &t);
	if (*rc) {
		t.actions = NULL;
		t.error.code = *rc == H248_E_SIZE ? 533 : 500;
		t.error.text = slice_str(h248_error_text(t.error.code));
		if (make_reply(c, in, &t)) {
			incoming_drop(c, in);
			return -1;
		}
	}
	for (unsigned i = 0; i < in->reply_count; i++)
		c->reply_bytes += in->reply[i].len;
	return 0;
}

static int job_reply(struct h248_job *job, const struct h248_action *actions,
		     const struct h248_error *error, int64_t now_ms)
{
	struct incoming *in = job->incoming; /* NULL: it was ended by 506 */
	int rc = H248_OK;

	if (in && encode(job->channel, in, actions, error, &rc) == 0)
		answered(job->channel, in, now_ms);
	job_end(job);
	return rc;
}

/* 506: the job goes on, and its answer will be nobody's. */
static void give_up(struct h248_channel *c, struct incoming *in, int64_t now_ms)
{
	struct h248_error error = {506, slice_str(h248_error_text(506))};
	int rc;

	if (in->job)
		in->job->incoming = NULL;
	in->job = NULL;
	drop_reply(c, in);
	if (encode(c, in, NULL, &error, &rc) == 0)
		answered(c, in, now_ms);
}

int h248_job_reply(struct h248_job *job, const struct h248_action *actions, int64_t now_ms)
{
	if (!actions)
		return h248_job_reply_error(job, 500, NULL, now_ms);
	return job_reply(job, actions, NULL, now_ms);
}

int h248_job_reply_error(struct h248_job *job, unsigned code, const char *text, int64_t now_ms)
{
	struct h248_error error = {(uint16_t)code, slice_str(text ? text : h248_error_text(code))};

	return job_reply(job, NULL, &error, now_ms);
}

int h248_job_reply_later(struct h248_job *job, const struct h248_action *actions, uint64_t mark)
{
	struct h248_channel *c = job->channel;
	int rc = H248_OK;

	if (!job->incoming || encode(c, job->incoming, actions, NULL, &rc) < 0) {
		job_end(job);
		return rc;
	}
	job_memory_free(job);
	job->request = NULL;
	job->held = job->later = true;
	job->mark = mark;
	job->later_next = NULL;
	*c->later_tail = job;
	c->later_tail = &job->later_next;
	return rc;
}

bool h248_channel_release(struct h248_channel *c, bool (*reached)(void *user, uint64_t mark),
			  void *user, int64_t now_ms)
{
	bool waiting;

	channel_enter(c);
	while (!c->dead && c->later && reached(user, c->later->mark)) {
		struct h248_job *job = c->later;

		if (job->incoming)
			answered(c, job->incoming, now_ms);
		job_end(job);
	}
	waiting = c->later != NULL;
	channel_leave(c);
	return waiting;
}
