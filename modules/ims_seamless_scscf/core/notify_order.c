/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_order.h"

#define FIRST_VERSION 2 /* stock's first document */

int notify_order_init(struct notify_order *o, struct store *s, size_t n)
{
	o->sent = store_alloc(s, n * sizeof(*o->sent));
	o->n = o->sent ? n : 0;
	return o->sent ? 0 : -1;
}

void notify_order_free(struct notify_order *o, struct store *s)
{
	store_free(s, o->sent, o->n * sizeof(*o->sent));
	o->sent = NULL;
	o->n = 0;
}

/* FNV-1a, 64 bits: a watcher who finds two that collide delays his own NOTIFY only. */
static uint64_t name_of(struct slice call_id, struct slice tag)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < call_id.len; i++)
		h = (h ^ (unsigned char)call_id.p[i]) * 1099511628211u;
	h = (h ^ 0xffu) * 1099511628211u;
	for (size_t i = 0; i < tag.len; i++)
		h = (h ^ (unsigned char)tag.p[i]) * 1099511628211u;
	return h ? h : 1;
}

void notify_order_sent(struct notify_order *o, struct slice call_id, struct slice tag,
		       uint32_t cseq)
{
	uint64_t name = name_of(call_id, tag);
	struct notify_sent *e;

	if (!o->n)
		return;
	e = &o->sent[name % o->n];
	if (e->subscription == name && cseq < e->cseq)
		return;
	e->subscription = name;
	e->cseq = cseq;
}

bool notify_order_clear(const struct notify_order *o, struct slice call_id, struct slice tag,
			uint32_t cseq, int version)
{
	uint64_t name = name_of(call_id, tag);
	const struct notify_sent *e = o->n ? &o->sent[name % o->n] : NULL;

	if (!e || e->subscription != name)
		return version > FIRST_VERSION;
	return e->cseq >= cseq;
}
