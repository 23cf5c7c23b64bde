/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel: what is common to both directions. Requests are in request.c, jobs in job.c. */
#include <stdlib.h>

#include "h248/transaction/channel.h"

void h248_timers_default(struct h248_timers *timers, bool reliable)
{
	*timers = (struct h248_timers){
	    .initial_rtt_ms = 200,
	    .interval_max_ms = 4000,
	    .t_max_ms = 25000,
	    .long_timer_ms = 30000,
	    .pending_repeat_ms = 5000,
	    .segment_timer_ms = 3000,
	    .reliable = reliable,
	    .max_outstanding = 4096,
	    .max_running = 1024,
	    .max_remembered = 262144,
	    .max_reply_bytes = 16u << 20,
	    .max_pdu = reliable ? 0 : 1400,
	};
}

/* ---- tables by transaction id ---- */

static uint32_t bucket_of(const struct id_table *table, uint32_t id)
{
	return (id * 2654435761u >> 7) & (table->buckets - 1);
}

struct by_id *id_find(const struct id_table *table, uint32_t id)
{
	struct by_id *n = table->buckets ? table->bucket[bucket_of(table, id)] : NULL;

	while (n && n->id != id)
		n = n->next;
	return n;
}

static int id_grow(struct id_table *table)
{
	struct id_table bigger = {.buckets = table->buckets ? table->buckets * 2 : 64,
				  .count = table->count};

	bigger.bucket = calloc(bigger.buckets, sizeof(bigger.bucket[0]));
	if (!bigger.bucket)
		return table->buckets ? 0 : -1; /* a crowded table still works */
	for (uint32_t i = 0; i < table->buckets; i++) {
		for (struct by_id *n = table->bucket[i], *next; n; n = next) {
			uint32_t b = bucket_of(&bigger, n->id);

			next = n->next;
			n->next = bigger.bucket[b];
			bigger.bucket[b] = n;
		}
	}
	free(table->bucket);
	*table = bigger;
	return 0;
}

int id_insert(struct id_table *table, struct by_id *node)
{
	uint32_t b;

	if (table->count >= table->buckets && id_grow(table))
		return -1;
	b = bucket_of(table, node->id);
	node->next = table->bucket[b];
	table->bucket[b] = node;
	table->count++;
	return 0;
}

void id_remove(struct id_table *table, struct by_id *node)
{
	struct by_id **link = &table->bucket[bucket_of(table, node->id)];

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	table->count--;
}

struct by_id *id_any(const struct id_table *table, uint32_t *at)
{
	for (uint32_t i = 0; table->count && i < table->buckets; i++, (*at)++) {
		*at &= table->buckets - 1;
		if (table->bucket[*at])
			return table->bucket[*at];
	}
	return NULL;
}

void id_table_free(struct id_table *table)
{
	free(table->bucket);
	*table = (struct id_table){0};
}

int bytes_copy(struct bytes *out, const char *p, size_t len)
{
	out->p = malloc(len ? len : 1);
	if (!out->p)
		return -1;
	memcpy(out->p, p, len);
	out->len = len;
	return 0;
}

void bytes_free(struct bytes *bytes)
{
	if (bytes->p)
		explicit_bzero(bytes->p, bytes->len);
	free(bytes->p);
	*bytes = (struct bytes){0};
}

/* ---- life ---- */

int h248_channel_new(const struct h248_mid *own_mid, const struct h248_timers *timers,
		     const struct h248_channel_ops *ops, struct h248_channel **out)
{
	struct h248_channel *c;

	if (!ops->send || !ops->random || !ops->request ||
	    own_mid->name.len >= sizeof(c->mid_name) || timers->t_max_ms >= timers->long_timer_ms)
		return H248_E_ARGUMENT;
	c = calloc(1, sizeof(*c));
	if (!c)
		return H248_E_MEMORY;
	c->ops = *ops;
	c->timers = *timers;
	c->mid = *own_mid;
	if (own_mid->name.len)
		memcpy(c->mid_name, own_mid->name.p, own_mid->name.len);
	c->mid.name.p = c->mid_name;
	c->version = 1;
	c->later_tail = &c->later;
	c->average8 = timers->initial_rtt_ms * 8;
	do
		c->next_id = ops->random(ops->user) &
			     0x3fffffffu; /* ids of an earlier life are not met again soon */
	while (c->next_id == 0);
	*out = c;
	return H248_OK;
}

static void channel_destroy(struct h248_channel *c)
{
	timer_heap_free(&c->heap);
	id_table_free(&c->requests);
	id_table_free(&c->incoming);
	free(c->scratch);
	free(c);
}

void channel_enter(struct h248_channel *c)
{
	c->depth++;
}

void channel_leave(struct h248_channel *c)
{
	if (--c->depth)
		return;
	explicit_bzero(c->out, c->out_used);
	c->out_used = 0;
	if (c->dead)
		channel_destroy(c);
}

void h248_channel_free(struct h248_channel *c)
{
	if (!c || c->dead)
		return;
	channel_enter(c);
	c->dead = true;
	requests_free(c, H248_CANCELLED);
	incoming_free_all(c);
	channel_leave(c);
}

void h248_channel_set_address(struct h248_channel *c, const struct h248_addr *to)
{
	c->to = *to;
}

const struct h248_addr *h248_channel_address(const struct h248_channel *c)
{
	return &c->to;
}

void h248_channel_set_version(struct h248_channel *c, uint8_t version)
{
	c->version = version;
}

void h248_channel_set_style(struct h248_channel *c, enum h248_style style)
{
	c->style = style;
}

/* ---- output ---- */

int channel_encode(struct h248_channel *c, struct h248_transaction *t, bool ride, size_t *len)
{
	struct h248_transaction acks = {.kind = H248_ACK, .next = t};
	struct h248_message m = {.version = c->version, .mid = c->mid, .transactions = t};
	int rc;

	if (ride && c->ack_count) {
		for (unsigned i = 0; i < c->ack_count; i++)
			c->acks[i].next = i + 1 < c->ack_count ? &c->acks[i + 1] : NULL;
		acks.acks = c->acks;
		m.transactions = &acks;
	}
	rc = h248_encode(&m, c->style, c->out, sizeof(c->out), len);
	if (rc)
		c->out_used = sizeof(c->out); /* nobody knows how far it came */
	else if (*len > c->out_used)
		c->out_used = *len;
	if (rc == H248_OK && m.transactions == &acks) {
		c->counters.acks_out += c->ack_count;
		c->ack_count = 0;
	}
	return rc;
}

void channel_send(struct h248_channel *c, const struct h248_addr *to, const char *bytes, size_t len)
{
	c->counters.messages_out++;
	c->counters.bytes_out += len;
	c->ops.send(c->ops.user, to, bytes, len);
}

int channel_send_simple(struct h248_channel *c, const struct h248_addr *to,
			struct h248_transaction *t)
{
	size_t len;
	int rc = channel_encode(c, t, false, &len);

	if (rc == H248_OK)
		channel_send(c, to, c->out, len);
	return rc;
}

/*
 * D.1.3: after the first time the average counts double with each repetition; the timer is a random
 * value between half and all of it plus four times the deviation, at most interval_max_ms.
 */
uint32_t channel_interval(struct h248_channel *c, uint32_t average8, unsigned repeats)
{
	uint64_t average = (uint64_t)(average8 / 8) << (repeats < 16 ? repeats : 16);
	uint64_t ms = average;

	if (repeats > 0 && average > 1)
		ms = average / 2 + c->ops.random(c->ops.user) % (average - average / 2 + 1);
	ms += (uint64_t)c->deviation8 / 8 * 4;
	if (ms < INTERVAL_MIN_MS)
		ms = INTERVAL_MIN_MS;
	return ms > c->timers.interval_max_ms ? c->timers.interval_max_ms : (uint32_t)ms;
}

/* ---- input ---- */

void h248_channel_receive(struct h248_channel *c, const struct h248_addr *from, struct slice text,
			  const struct h248_message *message, int64_t now_ms)
{
	uint64_t ack_budget = 2 * (uint64_t)c->incoming.count + ACK_RANGES_MAX;
	unsigned index = 0;

	channel_enter(c);
	c->counters.messages_in++;
	c->counters.bytes_in += text.len;
	for (const struct h248_transaction *t = message->transactions; t && !c->dead;
	     t = t->next, index++) {
		if (t->malformed)
			c->counters.malformed++;
		switch (t->kind) {
		case H248_REQUEST:
			incoming_request(c, from, text, message, t, index, now_ms);
			break;
		case H248_REPLY:
			request_reply(c, from, text, t, now_ms);
			break;
		case H248_PENDING:
			c->counters.pendings_in++;
			if (!t->malformed)
				request_pending(c, t->id, now_ms);
			break;
		case H248_ACK:
			incoming_acks(c, t->acks, &ack_budget);
			break;
		case H248_SEGMENT:
			if (!t->malformed)
				incoming_segment_ack(c, t, now_ms);
			break;
		default:
			break;
		}
	}
	channel_leave(c);
}

int64_t h248_channel_timeout(const struct h248_channel *c, int64_t now_ms)
{
	int64_t wait = timer_wait(&c->heap, now_ms);

	if (c->oldest) {
		int64_t expiry = c->oldest->expires > now_ms ? c->oldest->expires - now_ms : 0;

		if (wait < 0 || expiry < wait)
			wait = expiry;
	}
	return wait;
}

void h248_channel_tick(struct h248_channel *c, int64_t now_ms)
{
	struct h248_timer *timer;

	channel_enter(c);
	incoming_expire(c, now_ms);
	while (!c->dead && (timer = timer_due(&c->heap, now_ms))) {
		if (timer->kind == TIMER_REQUEST)
			request_timer(
			    c, (struct request *)((char *)timer - offsetof(struct request, timer)),
			    now_ms);
		else
			incoming_timer(
			    c,
			    (struct incoming *)((char *)timer - offsetof(struct incoming, timer)),
			    now_ms);
	}
	channel_leave(c);
}

/* ---- what it knows ---- */

const struct h248_counters *h248_channel_counters(const struct h248_channel *c)
{
	return &c->counters;
}

void h248_channel_rtt(const struct h248_channel *c, uint32_t *average_ms, uint32_t *deviation_ms)
{
	*average_ms = c->average8 / 8;
	*deviation_ms = c->deviation8 / 8;
}

void h248_channel_load(const struct h248_channel *c, unsigned *outstanding, unsigned *running,
		       unsigned *remembered)
{
	*outstanding = c->requests.count;
	*running = c->running;
	*remembered = c->incoming.count - c->running;
}
