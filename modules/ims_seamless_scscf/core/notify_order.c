/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_order.h"

#define FIRST_VERSION 2 /* stock's first document */

int scscf_notify_order_init(struct scscf_notify_order *o, struct scscf_store *s,
			    const struct keyed_hash_key *key, size_t max)
{
	memset(o, 0, sizeof(*o));
	o->store = s;
	o->key = *key;
	o->max = max;
	for (o->buckets_n = 16; o->buckets_n < max;)
		o->buckets_n <<= 1;
	o->buckets = scscf_store_alloc(s, o->buckets_n * sizeof(struct scscf_notify_record *));
	return o->buckets ? 0 : -1;
}

static uint64_t name_of(const struct scscf_notify_order *o, struct slice call_id, struct slice tag)
{
	uint64_t both[2] = {keyed_hash(&o->key, call_id), keyed_hash(&o->key, tag)};

	return keyed_hash(&o->key, slice_make((const char *)both, sizeof(both)));
}

static struct scscf_notify_record **find(struct scscf_notify_order *o, uint64_t name)
{
	struct scscf_notify_record **at = &o->buckets[name & (o->buckets_n - 1)];

	for (; *at; at = &(*at)->hash_next) {
		o->steps++;
		if ((*at)->subscription == name)
			break;
	}
	return at;
}

static void take_out_of_order(struct scscf_notify_order *o, struct scscf_notify_record *r)
{
	if (r->newer)
		r->newer->older = r->older;
	else
		o->newest = r->older;
	if (r->older)
		r->older->newer = r->newer;
	else
		o->oldest = r->newer;
}

static void put_newest(struct scscf_notify_order *o, struct scscf_notify_record *r)
{
	r->newer = NULL;
	r->older = o->newest;
	if (o->newest)
		o->newest->newer = r;
	else
		o->oldest = r;
	o->newest = r;
}

static void forget(struct scscf_notify_order *o, struct scscf_notify_record **at)
{
	struct scscf_notify_record *r = *at;

	*at = r->hash_next;
	take_out_of_order(o, r);
	scscf_store_free(o->store, r, sizeof(*r));
	o->n--;
}

void scscf_notify_order_free(struct scscf_notify_order *o)
{
	while (o->oldest)
		forget(o, find(o, o->oldest->subscription));
	scscf_store_free(o->store, o->buckets, o->buckets_n * sizeof(struct scscf_notify_record *));
	o->buckets = NULL;
	o->max = 0;
}

static struct scscf_notify_record *make(struct scscf_notify_order *o, uint64_t name)
{
	struct scscf_notify_record *r, **at;

	if (!o->max)
		return NULL;
	if (o->n == o->max)
		forget(o, find(o, o->oldest->subscription));
	r = scscf_store_alloc(o->store, sizeof(*r));
	if (!r)
		return NULL;
	at = &o->buckets[name & (o->buckets_n - 1)];
	r->subscription = name;
	r->hash_next = *at;
	*at = r;
	put_newest(o, r);
	o->n++;
	return r;
}

void scscf_notify_order_answered(struct scscf_notify_order *o, struct slice call_id,
				 struct slice tag, uint32_t cseq)
{
	uint64_t name = name_of(o, call_id, tag);
	struct scscf_notify_record *r = *find(o, name);

	if (r) {
		take_out_of_order(o, r);
		put_newest(o, r);
	} else {
		r = make(o, name);
	}
	if (r && cseq > r->cseq)
		r->cseq = cseq;
}

bool scscf_notify_order_clear(struct scscf_notify_order *o, struct slice call_id, struct slice tag,
			      uint32_t cseq, int version)
{
	const struct scscf_notify_record *r = *find(o, name_of(o, call_id, tag));

	return r ? r->cseq >= cseq : version > FIRST_VERSION;
}

void scscf_notify_order_forget(struct scscf_notify_order *o, struct slice call_id, struct slice tag)
{
	struct scscf_notify_record **at = find(o, name_of(o, call_id, tag));

	if (*at)
		forget(o, at);
}
