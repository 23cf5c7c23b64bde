/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_order.h"

#define FIRST_VERSION 2 /* stock's first document */

int scscf_notify_order_init(struct scscf_notify_order *o, struct scscf_store *s, size_t n)
{
	o->answered = scscf_store_alloc(s, n * sizeof(*o->answered));
	o->n = o->answered ? n : 0;
	return o->answered ? 0 : -1;
}

void scscf_notify_order_free(struct scscf_notify_order *o, struct scscf_store *s)
{
	scscf_store_free(s, o->answered, o->n * sizeof(*o->answered));
	o->answered = NULL;
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

void scscf_notify_order_answered(struct scscf_notify_order *o, struct slice call_id,
				 struct slice tag, uint32_t cseq)
{
	uint64_t name = name_of(call_id, tag);
	struct scscf_notify_answered *e;

	if (!o->n)
		return;
	e = &o->answered[name % o->n];
	if (e->subscription == name && cseq < e->cseq)
		return;
	e->subscription = name;
	e->cseq = cseq;
}

bool scscf_notify_order_clear(const struct scscf_notify_order *o, struct slice call_id,
			      struct slice tag, uint32_t cseq, int version)
{
	uint64_t name = name_of(call_id, tag);
	const struct scscf_notify_answered *e = o->n ? &o->answered[name % o->n] : NULL;

	if (!e || e->subscription != name)
		return version > FIRST_VERSION;
	return e->cseq >= cseq;
}
