/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/store.h"
#include "modules/ims_alg/table.h"

#include <string.h>
#include <sys/random.h>

#include "../../core/mem/shm_mem.h"

enum { LOCKS = 128 };

static struct table {
	struct keyed_hash_key key;
	uint32_t count; /* atomic */
	gen_lock_t lock[LOCKS];
	struct alg_entry *bucket[ALG_BUCKETS];
} * table;

static void *get(size_t size)
{
	return shm_malloc(size);
}

static void put(void *p)
{
	shm_free(p);
}

const struct alg_memory alg_shm = {get, put};

int alg_calls_init(void)
{
	table = shm_malloc(sizeof(*table));
	if (!table) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(table, 0, sizeof(*table));
	for (int i = 0; i < LOCKS; i++)
		if (!lock_init(&table->lock[i]))
			return -1;
	return keyed_hash_key_random(&table->key) || alg_store_init(&table->key) ? -1 : 0;
}

uint64_t alg_digest(struct slice text)
{
	return text.len ? keyed_hash(&table->key, text) | 1 : 0;
}

unsigned alg_calls_count(void)
{
	return __atomic_load_n(&table->count, __ATOMIC_RELAXED);
}

static unsigned bucket_of(struct slice call_id)
{
	return (unsigned)(keyed_hash(&table->key, call_id) % ALG_BUCKETS);
}

/* The place of a call is part of its number. */
unsigned alg_bucket_of_id(uint64_t id)
{
	return (unsigned)(id % ALG_BUCKETS);
}

void alg_bucket_lock(unsigned bucket)
{
	lock_get(&table->lock[bucket % LOCKS]);
}

void alg_bucket_unlock(unsigned bucket)
{
	lock_release(&table->lock[bucket % LOCKS]);
}

struct alg_entry **alg_bucket(unsigned at)
{
	return &table->bucket[at];
}

struct alg_entry *alg_entry_by_id(uint64_t id)
{
	struct alg_entry *e = table->bucket[alg_bucket_of_id(id)];

	while (e && e->id != id)
		e = e->next;
	return e;
}

/* ---- which call a message belongs to ---- */

static bool has_tag(const struct alg_entry *e, uint64_t digest)
{
	for (int i = 0; i < e->leg.call.dialogs; i++)
		if (e->leg.call.dialog[i].tag == digest)
			return true;
	return false;
}

/* 0: not at all. Of two that fit, the one that knows the callee's tag is meant; two contacts of one
 * user behind this P-CSCF answer the same INVITE with tags of their own. */
static int fits(const struct alg_entry *e, const struct alg_match *m, bool *from_caller)
{
	struct slice caller = slice_str(e->caller_tag);
	bool from = slice_eq(m->from_tag, caller), to = slice_eq(m->to_tag, caller);

	if (!slice_eq(m->call_id, slice_str(e->call_id)) || (!from && !to))
		return 0;
	if (m->branch && !m->to_tag.len)
		return from && m->branch == e->branch ? 2 : 0;
	*from_caller = from;
	/* A UE that calls another of this P-CSCF: its call is here twice, in opposite directions. */
	if ((from ? e->leg.caller : alg_other_side(e->leg.caller)) != m->from)
		return 0;
	return has_tag(e, alg_digest(from ? m->to_tag : m->from_tag)) ? 2 : 1;
}

int alg_calls_find(const struct alg_match *m, uint64_t *id, bool *from_caller)
{
	unsigned at = bucket_of(m->call_id);
	bool foreign = false;
	int best = 0;

	*id = 0;
	*from_caller = true;
	alg_bucket_lock(at);
	for (const struct alg_entry *e = table->bucket[at]; e && best < 2; e = e->next) {
		bool from = true;
		int fit = fits(e, m, &from);

		if (fit <= best)
			continue;
		/* Of two phones that one INVITE has reached each knows the other one's tags. */
		if (m->user && m->user != e->user) {
			foreign = true;
			continue;
		}
		best = fit;
		*id = e->id;
		*from_caller = from;
	}
	alg_bucket_unlock(at);
	return best ? 1 : foreign ? -1 : 0;
}

/* ---- life ---- */

void alg_entry_free(struct alg_entry *e)
{
	alg_leg_free(&e->leg, &alg_shm);
	alg_parties_free(e);
	alg_order_free(e->end_order);
	shm_free(e);
	__atomic_sub_fetch(&table->count, 1, __ATOMIC_RELAXED);
}

static struct alg_entry *entry_new(const struct alg_match *m)
{
	size_t size = sizeof(struct alg_entry) + m->call_id.len + m->from_tag.len + 2;
	struct alg_entry *e = shm_malloc(size);

	if (!e) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(e, 0, size);
	e->call_id = (char *)(e + 1);
	memcpy(e->call_id, m->call_id.p, m->call_id.len);
	e->caller_tag = e->call_id + m->call_id.len + 1;
	memcpy(e->caller_tag, m->from_tag.p, m->from_tag.len);
	return e;
}

static uint64_t new_id(unsigned bucket)
{
	uint64_t id = 0;

	while (id < ALG_BUCKETS)
		if (getrandom(&id, sizeof(id), 0) == sizeof(id))
			id = id - id % ALG_BUCKETS + bucket;
	return id;
}

static void link_entry(struct alg_entry *e, unsigned at)
{
	e->queue_end = &e->queue;
	e->born_ms = e->heard_ms = kam_now_ms();
	alg_bucket_lock(at);
	e->next = table->bucket[at];
	table->bucket[at] = e;
	alg_bucket_unlock(at);
}

struct alg_entry *alg_calls_restore(const struct alg_match *m, uint64_t id)
{
	unsigned at = bucket_of(m->call_id);
	struct alg_entry *e = alg_bucket_of_id(id) == at ? entry_new(m) : NULL;

	if (!e)
		return NULL;
	__atomic_add_fetch(&table->count, 1, __ATOMIC_RELAXED);
	e->id = id;
	e->branch = m->branch;
	e->user = m->user;
	e->leg.caller = m->from;
	e->end_order = alg_order_release_new(id);
	link_entry(e, at);
	return e;
}

struct alg_entry *alg_calls_new(const struct alg_match *m)
{
	unsigned at = bucket_of(m->call_id);
	struct alg_entry *e = NULL;

	if (__atomic_add_fetch(&table->count, 1, __ATOMIC_RELAXED) <=
	    (unsigned)alg_settings.max_calls)
		e = entry_new(m);
	if (!e) {
		__atomic_sub_fetch(&table->count, 1, __ATOMIC_RELAXED);
		counter_inc(alg_counters.calls_refused);
		return NULL;
	}
	e->id = new_id(at);
	e->end_order = alg_order_release_new(e->id);
	if (!e->end_order) {
		alg_entry_free(e);
		return NULL;
	}
	e->branch = m->branch;
	e->user = m->user;
	e->leg.caller = m->from;
	e->busy = true;
	link_entry(e, at);
	counter_inc(alg_counters.calls);
	return e;
}

bool alg_calls_look(uint64_t id, void (*f)(struct alg_entry *e, void *arg), void *arg)
{
	unsigned at = alg_bucket_of_id(id);
	struct alg_entry *e;

	alg_bucket_lock(at);
	e = alg_entry_by_id(id);
	if (e)
		f(e, arg);
	alg_bucket_unlock(at);
	return e != NULL;
}

static void note_settled(struct alg_entry *e, void *arg)
{
	e->settled = true;
	e->invite_live = false;
}

void alg_calls_settled(uint64_t id)
{
	(void)alg_calls_look(id, note_settled, NULL);
}

void alg_calls_each(int (*f)(const struct alg_entry *e, void *arg), void *arg)
{
	int rc = 0;

	for (unsigned at = 0; at < ALG_BUCKETS && !rc; at++) {
		alg_bucket_lock(at);
		for (const struct alg_entry *e = table->bucket[at]; e && !rc; e = e->next)
			rc = f(e, arg);
		alg_bucket_unlock(at);
	}
}
