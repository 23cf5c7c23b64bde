/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSRP: messages of ours, chunk by chunk, and the responses to them. */
#include <stdlib.h>

#include "ue/msrp_line.h"
#include "ue/tlayer.h"

/* All messages that phones of this process have sent, for their receivers to compare with. */
static struct msrp_out *sent_messages;

static void finish(struct msrp_out *o, int code, bool local, const char *why)
{
	if (o->op)
		op_end(o->op, code, local, slice_str(why));
	o->op = NULL;
	o->refused = o->refused || code >= 300;
}

static bool all_sent(const struct msrp_out *o)
{
	return o->at >= o->data.len && (o->at || o->acked.n || !o->data.len);
}

const char *msrp_to_path(const struct msrp_line *x)
{
	return x->peer_path ? x->peer_path : "";
}

/* SENDs that say nothing bind connection and session (RFC 4975 5.4). */
void msrp_send_empty(struct msrp_line *x)
{
	struct msrp_open *o = &x->open[x->opens];
	struct ue_msrp_range range = {1, 0, 0};
	struct text t = {0};
	char id[17];

	if (x->opens == CHUNKS_OPEN)
		return;
	*o = (struct msrp_open){.until_ms = loop_now_ms() + RESPONSE_MS};
	tl_random(o->tid, 8);
	tl_random(id, 8);
	x->opens++;
	ue_msrp_write_send(&t, o->tid, msrp_to_path(x), x->path, id, &range);
	ue_msrp_write_end(&t, o->tid, '$');
	link_send(x->stream.link, text_slice(&t));
	text_free(&t);
}

static void send_chunk(struct msrp_line *x, struct msrp_out *m)
{
	struct msrp_open *o = &x->open[x->opens];
	uint64_t left = m->data.len - m->at, n = left < m->chunk ? left : m->chunk;
	struct ue_msrp_range range = {m->at + 1, m->at + n, m->data.len};
	bool last = m->at + n == m->data.len;
	char tid[UE_MSRP_TID_MAX + 1];
	struct text t = {0};

	tl_random(tid, 8);
	ue_msrp_write_send(&t, tid, msrp_to_path(x), x->path, m->id, &range);
	if (m->success)
		text_put(&t, SLICE_LIT("Success-Report: yes\r\n"));
	if (m->failure)
		text_add(&t, "Failure-Report: %s\r\n", m->failure);
	text_add(&t, "Content-Type: %s\r\n\r\n", m->type);
	text_put(&t, slice_make(m->data.p + m->at, n));
	text_put(&t, SLICE_LIT("\r\n"));
	ue_msrp_write_end(&t, tid, last ? '$' : '+');
	link_send(x->stream.link, text_slice(&t));
	text_free(&t);
	if (!m->failure || strcmp(m->failure, "yes") == 0) {
		*o = (struct msrp_open){
		    .message = m, .from = m->at, .len = n, .until_ms = loop_now_ms() + RESPONSE_MS};
		memcpy(o->tid, tid, sizeof(tid));
		x->opens++;
	} else {
		octets_add(&m->acked, m->at, n); /* nobody will say more */
		if (octets_have(&m->acked) == m->data.len)
			finish(m, 200, false, "sent");
	}
	m->at += n;
	x->sent += n;
	m->budget -= n < m->budget ? n : m->budget;
}

struct msrp_out *msrp_next_to_send(const struct msrp_line *x)
{
	struct msrp_out *m = x->out;

	while (m && (m->refused || all_sent(m)))
		m = m->next;
	return m;
}

static void on_tick(struct timer *t)
{
	struct msrp_line *x = t->owner;
	uint64_t now = loop_now_ms();

	for (unsigned i = 0; i < x->opens; i++)
		if (x->open[i].until_ms <= now && x->open[i].message)
			finish(x->open[i].message, 408, true, "no response came in 30 s");
	for (struct msrp_out *m = x->out; m; m = m->next)
		if (m->rate && m->budget < m->rate)
			m->budget += m->rate * RATE_MS / 1000 + 1;
	msrp_pump(x);
}

void msrp_pump(struct msrp_line *x)
{
	struct msrp_out *m;

	if (!stream_is_up(&x->stream) || !x->bound)
		return;
	while ((m = msrp_next_to_send(x)) && x->opens < CHUNKS_OPEN &&
	       link_waiting(x->stream.link) < QUEUED && (!m->rate || m->budget))
		send_chunk(x, m);
	if ((m || x->opens) && !x->tick.armed)
		loop_start(&x->tick, loop_now_ms() + (m && m->rate ? RATE_MS : 500), on_tick, x);
}

void msrp_on_response(struct msrp_line *x, const struct ue_msrp_head *h)
{
	struct msrp_open o;
	unsigned i = 0;

	while (i < x->opens && !slice_eq(slice_str(x->open[i].tid), h->tid))
		i++;
	if (i == x->opens) {
		media_fault(&x->stream.line, "a response to nothing: %.*s %d", (int)h->tid.len,
			    h->tid.p, h->code);
		return;
	}
	o = x->open[i];
	x->open[i] = x->open[--x->opens];
	if (!ue_msrp_path_eq(h->to_path, slice_str(x->path)))
		media_fault(&x->stream.line, "a response with To-Path %.*s", (int)h->to_path.len,
			    h->to_path.p);
	if (h->code != 200) {
		elog_line(x->stream.link->name, "MSRP response %d", h->code);
		if (o.message)
			finish(o.message, h->code, false, ue_msrp_reason(h->code));
		return;
	}
	if (!o.message)
		return;
	octets_add(&o.message->acked, o.from, o.len);
	if (octets_have(&o.message->acked) == o.message->data.len)
		finish(o.message, 200, false, "OK");
}

static struct msrp_out *new_message(struct msrp_line *x, const struct msrp_send_options *o,
				    struct op *op)
{
	struct msrp_out *m = ue_alloc(sizeof(*m)), **at = &x->out;
	char id[17];

	tl_random(id, 8);
	m->id = ue_dup(slice_str(id));
	m->type = ue_dup(slice_str(o->type ? o->type : "text/plain"));
	m->failure = o->failure ? ue_dup(slice_str(o->failure)) : NULL;
	m->chunk = o->chunk ? o->chunk : CHUNK;
	m->rate = o->rate;
	m->success = o->success;
	m->op = op;
	op_begin(op);
	while (*at)
		at = &(*at)->next;
	*at = m;
	m->next_sent = sent_messages;
	sent_messages = m;
	return m;
}

static bool can_send(const struct media_line *l)
{
	return l->kind == &media_msrp_kind && !l->refused && !l->plan->outside.family;
}

int msrp_send(struct media_line *l, struct slice text, const struct msrp_send_options *o,
	      struct op *op)
{
	if (!can_send(l) || !text.len)
		return -1;
	text_put(&new_message(msrp_of(l), o, op)->data, text);
	msrp_pump(msrp_of(l));
	return 0;
}

int msrp_send_file(struct media_line *l, const struct msrp_send_options *o, struct op *op)
{
	struct msrp_send_options file = *o;

	if (!can_send(l) || !l->plan->file || !msrp_of(l)->file.len)
		return -1;
	if (!file.type)
		file.type = "application/octet-stream";
	text_put(&new_message(msrp_of(l), &file, op)->data, text_slice(&msrp_of(l)->file));
	msrp_pump(msrp_of(l));
	return 0;
}

/* What was not acknowledged goes again, by the same Message-ID, over the next connection. */
void msrp_unsent(struct msrp_line *x)
{
	struct octet_range hole;

	loop_stop(&x->tick);
	x->opens = 0;
	x->bound = false;
	x->into = NULL;
	for (struct msrp_out *m = x->out; m; m = m->next)
		if (!m->refused && octets_missing(&m->acked, m->data.len, &hole) == 0)
			m->at = hole.from;
}

const struct msrp_out *msrp_sender_of(const char *id)
{
	for (const struct msrp_out *o = sent_messages; o; o = o->next_sent)
		if (strcmp(o->id, id) == 0)
			return o;
	return NULL;
}

void msrp_free_out(struct msrp_line *x)
{
	while (x->out) {
		struct msrp_out *m = x->out, **at = &sent_messages;

		x->out = m->next;
		while (*at && *at != m)
			at = &(*at)->next_sent;
		if (*at)
			*at = m->next_sent;
		finish(m, 408, true, "the session is over");
		octets_free(&m->acked);
		text_free(&m->data);
		free(m->id);
		free(m->type);
		free(m->failure);
		free(m);
	}
}
