/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/calls_internal.h"

static struct vcc_order *order_new(struct vcc_calls *c, struct call *call, enum vcc_order_kind kind,
				   struct slice headers, struct slice body)
{
	struct vcc_order *o = c->mem.take(sizeof(*o) + headers.len + body.len);
	char *text;

	if (!o)
		return NULL;
	text = (char *)(o + 1);
	memset(o, 0, sizeof(*o));
	o->kind = kind;
	o->call = call->id;
	if (headers.len)
		memcpy(text, headers.p, headers.len);
	if (body.len)
		memcpy(text + headers.len, body.p, body.len);
	o->headers = slice_make(text, headers.len);
	o->body = slice_make(text + headers.len, body.len);
	*c->last = o;
	c->last = &o->next;
	c->counts.orders++;
	return o;
}

void order_send(struct vcc_calls *c, struct call *call, struct leg *leg, const struct tx *tx,
		const char *method, struct slice headers, struct slice body)
{
	struct vcc_order *o = order_new(c, call, VCC_ORDER_SEND, headers, body);

	if (!o)
		return;
	o->dialog = leg->d;
	o->token = tx ? tx_token(call, tx) : 0;
	slice_copy(slice_str(method), o->method, sizeof(o->method));
}

void order_reply(struct vcc_calls *c, struct call *call, const struct leg *leg,
		 struct vcc_server server, unsigned code, const char *reason, struct slice headers,
		 struct slice body)
{
	struct vcc_order *o = order_new(c, call, VCC_ORDER_REPLY, headers, body);

	if (!o)
		return;
	o->server = server;
	o->code = code;
	if (slice_copy(slice_str(reason), o->reason, sizeof(o->reason)) || !o->reason[0])
		memcpy(o->reason, "X", 2);
	memcpy(o->tag, leg->d.local_tag, sizeof(o->tag));
}

void order_cancel(struct vcc_calls *c, struct call *call, const struct tx *tx)
{
	struct vcc_order *o = order_new(c, call, VCC_ORDER_CANCEL, SLICE_NULL, SLICE_NULL);

	if (o)
		o->token = tx_token(call, tx);
}

struct vcc_order *vcc_calls_next(struct vcc_calls *c)
{
	for (struct vcc_order **at = &c->first; *at; at = &(*at)->next) {
		struct vcc_order *o = *at;
		struct call *call = c->by_number[o->call & 0xffff];

		if (call && call->id == o->call) {
			if (call->busy)
				continue;
			call->busy = true;
		}
		*at = o->next;
		if (!o->next)
			c->last = at;
		o->next = NULL;
		return o;
	}
	return NULL;
}

void vcc_calls_done(struct vcc_calls *c, struct vcc_order *o)
{
	struct call *call = c->by_number[o->call & 0xffff];

	if (call && call->id == o->call)
		call->busy = false;
	c->counts.orders--;
	c->mem.give(o);
}
