/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our requests: repetition, replies, acknowledgements. Clauses 8.2, D.1.3, D.1.5. */
#include <stdlib.h>

#include "h248/transaction/channel.h"

static void schedule(struct h248_channel *c, struct request *r, int64_t now_ms)
{
	uint32_t ms = c->timers.t_max_ms;

	if (r->pendings)
		ms = c->timers.pending_repeat_ms;
	else if (!c->timers.reliable)
		ms = channel_interval(c, r->average8, r->repeats);
	timer_set(&c->heap, &r->timer, now_ms + ms);
}

int h248_channel_request(struct h248_channel *c, const struct h248_action *actions,
			 h248_reply_h done, void *user, int64_t now_ms, uint32_t *id)
{
	struct h248_transaction t = {.kind = H248_REQUEST};
	struct request *r;
	size_t len;
	int rc;

	if (c->dead || c->requests.count >= c->timers.max_outstanding)
		return H248_E_STATE;
	do {
		t.id = c->next_id;
		c->next_id = c->next_id == UINT32_MAX ? 1 : c->next_id + 1;
	} while (id_find(&c->requests, t.id));
	t.actions = (struct h248_action *)actions;
	rc = channel_encode(c, &t, true, &len);
	if (rc)
		return rc;
	if (c->timers.max_pdu && !c->timers.reliable && len > 65507)
		return H248_E_SIZE;
	r = calloc(1, sizeof(*r));
	if (!r || bytes_copy(&r->message, c->out, len) || timer_reserve(&c->heap))
		goto no_memory;
	r->node.id = t.id;
	if (id_insert(&c->requests, &r->node))
		goto no_memory;
	r->timer.kind = TIMER_REQUEST;
	r->done = done;
	r->user = user;
	r->first_sent = r->last_sent = now_ms;
	r->average8 = c->average8;
	schedule(c, r, now_ms);
	c->counters.requests_out++;
	if (id)
		*id = t.id;
	channel_send(c, &c->to, r->message.p, r->message.len);
	return H248_OK;
no_memory:
	if (r)
		bytes_free(&r->message);
	free(r);
	return H248_E_MEMORY;
}

void request_finish(struct h248_channel *c, struct request *r, enum h248_outcome outcome,
		    const struct h248_transaction *reply)
{
	timer_stop(&c->heap, &r->timer);
	id_remove(&c->requests, &r->node);
	c->ended_repeats = r->repeats;
	if (r->done)
		r->done(r->user, outcome, reply);
	segments_drop(c, r);
	bytes_free(&r->message);
	free(r);
}

void requests_free(struct h248_channel *c, enum h248_outcome outcome)
{
	struct by_id *n;
	uint32_t at = 0;

	while ((n = id_any(&c->requests, &at)))
		request_finish(c, (struct request *)n, outcome, NULL);
}

/* Those made by the handlers of the cancelled ones stay. */
void h248_channel_cancel(struct h248_channel *c, enum h248_outcome outcome)
{
	struct id_table old = c->requests;
	struct by_id *n;
	uint32_t at = 0;

	channel_enter(c);
	c->requests = (struct id_table){0};
	while ((n = id_any(&old, &at))) {
		struct request *r = (struct request *)n;

		id_remove(&old, n);
		timer_stop(&c->heap, &r->timer);
		c->ended_repeats = r->repeats;
		if (r->done)
			r->done(r->user, outcome, NULL);
		segments_drop(c, r);
		bytes_free(&r->message);
		free(r);
	}
	id_table_free(&old);
	channel_leave(c);
}

unsigned h248_channel_repeats(const struct h248_channel *c)
{
	return c->ended_repeats;
}

void h248_channel_repeat(struct h248_channel *c, int64_t now_ms)
{
	for (uint32_t i = 0; i < c->requests.buckets; i++) {
		for (struct by_id *n = c->requests.bucket[i]; n; n = n->next) {
			struct request *r = (struct request *)n;

			r->first_sent = now_ms;
			r->repeats = 1;
			r->pendings = 0;
			c->counters.retransmissions++;
			channel_send(c, &c->to, r->message.p, r->message.len);
			schedule(c, r, now_ms);
		}
	}
}

void request_timer(struct h248_channel *c, struct request *r, int64_t now_ms)
{
	/* D.1.5: before a repetition the age is compared with T-MAX. Missing segments of a reply:
	 * 459. */
	bool segments = r->segments != NULL;

	if (segments || now_ms - r->first_sent >= c->timers.t_max_ms) {
		c->counters.timeouts++;
		if (!segments && c->ops.failed) {
			uint32_t id = r->node.id;

			timer_set(&c->heap, &r->timer, now_ms + c->timers.t_max_ms);
			c->ops.failed(c->ops.user, now_ms);
			if (c->dead || id_find(&c->requests, id) != &r->node)
				return; /* the handler ended it */
		}
		request_finish(c, r, segments ? H248_REPLY_INVALID : H248_TIMED_OUT, NULL);
		return;
	}
	r->repeats++;
	r->last_sent = now_ms;
	c->counters.retransmissions++;
	channel_send(c, &c->to, r->message.p, r->message.len);
	schedule(c, r, now_ms);
	if (r->timer.at - r->first_sent > c->timers.t_max_ms)
		timer_set(&c->heap, &r->timer, r->first_sent + c->timers.t_max_ms);
}

/* Karn's rule: only a request that was sent once tells the round trip. */
static void measure(struct h248_channel *c, const struct request *r, int64_t now_ms)
{
	int64_t sample8 = (now_ms - r->first_sent) * 8, off;

	if (r->repeats || r->pendings || sample8 < 0)
		return;
	off = sample8 - c->average8;
	c->average8 = (uint32_t)(c->average8 + off / 8);
	if (off < 0)
		off = -off;
	c->deviation8 = (uint32_t)(c->deviation8 + (off - c->deviation8) / 4);
}

static void send_ack(struct h248_channel *c, const struct h248_addr *to, uint32_t id)
{
	struct h248_ack_range range = {NULL, id, id};
	struct h248_transaction t = {.kind = H248_ACK, .acks = &range};

	c->counters.acks_out++;
	channel_send_simple(c, to, &t);
}

/* An acknowledgement that waits for the next message; ranges grow at their ends. */
static void note_ack(struct h248_channel *c, uint32_t id)
{
	for (unsigned i = 0; i < c->ack_count; i++) {
		struct h248_ack_range *a = &c->acks[i];

		if (id >= a->first && id <= a->last)
			return;
		if (id == a->last + 1 && id != 0) {
			a->last = id;
			return;
		}
		if (id + 1 == a->first && id + 1 != 0) {
			a->first = id;
			return;
		}
	}
	if (c->ack_count == ACK_RANGES_MAX) {
		size_t len;

		if (channel_encode(c, NULL, true, &len) == H248_OK)
			channel_send(c, &c->to, c->out, len);
		c->ack_count = 0;
	}
	c->acks[c->ack_count].first = c->acks[c->ack_count].last = id;
	c->ack_count++;
}

void request_reply(struct h248_channel *c, const struct h248_addr *from, struct slice text,
		   const struct h248_transaction *reply, int64_t now_ms)
{
	struct request *r = (struct request *)id_find(&c->requests, reply->id);

	c->counters.replies_in++;
	if (reply->imm_ack && !reply->segmented)
		send_ack(c, from, reply->id);
	if (reply->segmented) {
		struct h248_transaction ack = *reply;

		ack.kind = H248_SEGMENT;
		ack.next = NULL;
		c->counters.segments_in++;
		channel_send_simple(c, from, &ack);
	}
	if (!r) {
		c->counters.unmatched++;
		return;
	}
	measure(c, r, now_ms);
	if (reply->malformed) {
		request_finish(c, r, H248_REPLY_INVALID, NULL);
		return;
	}
	if (!reply->segmented) {
		if (!reply->imm_ack)
			note_ack(c, reply->id);
		request_finish(c, r, H248_REPLIED, reply);
		return;
	}
	switch (segment_receive(c, r, text, reply)) {
	case 0:
		timer_set(&c->heap, &r->timer, now_ms + c->timers.segment_timer_ms * 2);
		break;
	case -1:
		request_finish(c, r, H248_REPLY_INVALID, NULL);
		break;
	default:
		break;
	}
}

void request_pending(struct h248_channel *c, uint32_t id, int64_t now_ms)
{
	struct request *r = (struct request *)id_find(&c->requests, id);

	if (!r) {
		c->counters.unmatched++;
		return;
	}
	r->pendings++;
	if (c->timers.pending_limit && r->pendings > c->timers.pending_limit) {
		struct h248_transaction t = {.kind = H248_REPLY, .id = id};

		t.error.code = 506;
		t.error.text = slice_str(h248_error_text(506));
		request_finish(c, r, H248_REPLIED, &t);
		return;
	}
	r->first_sent = now_ms;
	if (!r->segments)
		schedule(c, r, now_ms);
}

void channel_move_requests(struct h248_channel *from, struct h248_channel *to, int64_t now_ms)
{
	struct by_id *n;
	uint32_t at = 0;

	if (to->next_id < from->next_id)
		to->next_id = from->next_id;
	while ((n = id_any(&from->requests, &at))) {
		struct request *r = (struct request *)n;

		timer_stop(&from->heap, &r->timer);
		id_remove(&from->requests, n);
		if (id_find(&to->requests, n->id) || timer_reserve(&to->heap) ||
		    id_insert(&to->requests, n)) {
			if (r->done)
				r->done(r->user, H248_CANCELLED, NULL);
			segments_drop(from, r);
			bytes_free(&r->message);
			free(r);
			continue;
		}
		segments_drop(from, r);
		r->segment_count = r->segment_last = 0;
		r->first_sent = now_ms;
		r->repeats = 1;
		r->pendings = 0;
		schedule(to, r, now_ms);
		to->counters.retransmissions++;
		channel_send(to, &to->to, r->message.p, r->message.len);
	}
}
