/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_queue.h"

struct scscf_notify_dialog {
	struct scscf_notify_dialog *hash_next;
	uint64_t name; /* keyed hash of Call-ID and tag */
	struct scscf_notify_turn *first, *last;
};

int scscf_notify_queue_init(struct scscf_notify_queue *q, struct scscf_store *s,
			    const struct keyed_hash_key *key, size_t buckets)
{
	memset(q, 0, sizeof(*q));
	q->store = s;
	q->key = *key;
	for (q->buckets_n = 16; q->buckets_n < buckets;)
		q->buckets_n <<= 1;
	q->buckets = scscf_store_alloc(s, q->buckets_n * sizeof(struct scscf_notify_dialog *));
	return q->buckets ? 0 : -1;
}

void scscf_notify_queue_free(struct scscf_notify_queue *q)
{
	scscf_store_free(q->store, q->buckets, q->buckets_n * sizeof(struct scscf_notify_dialog *));
	q->buckets = NULL;
}

static struct scscf_notify_dialog **find(struct scscf_notify_queue *q, uint64_t name)
{
	struct scscf_notify_dialog **at = &q->buckets[name & (q->buckets_n - 1)];

	for (; *at; at = &(*at)->hash_next) {
		q->steps++;
		if ((*at)->name == name)
			break;
	}
	return at;
}

int scscf_notify_queue_join(struct scscf_notify_queue *q, struct scscf_notify_turn *t,
			    struct slice call_id, struct slice tag)
{
	uint64_t both[2] = {keyed_hash(&q->key, call_id), keyed_hash(&q->key, tag)};
	uint64_t name = keyed_hash(&q->key, slice_make((const char *)both, sizeof(both)));
	struct scscf_notify_dialog **at = find(q, name);

	if (!*at) {
		*at = scscf_store_alloc(q->store, sizeof(**at));
		if (!*at)
			return -1;
		(*at)->name = name;
		q->dialogs++;
	}
	t->dialog = *at;
	t->next = NULL;
	t->prev = t->dialog->last;
	if (t->prev)
		t->prev->next = t;
	else
		t->dialog->first = t;
	t->dialog->last = t;
	return 0;
}

void scscf_notify_queue_leave(struct scscf_notify_queue *q, struct scscf_notify_turn *t)
{
	struct scscf_notify_dialog *d = t->dialog, **at;

	if (!d)
		return;
	if (t->prev)
		t->prev->next = t->next;
	else
		d->first = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		d->last = t->prev;
	memset(t, 0, sizeof(*t));
	if (d->first)
		return;
	at = find(q, d->name);
	*at = d->hash_next;
	scscf_store_free(q->store, d, sizeof(*d));
	q->dialogs--;
}

bool scscf_notify_queue_is_first(const struct scscf_notify_turn *t)
{
	return !t->dialog || t->dialog->first == t;
}
