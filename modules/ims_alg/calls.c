/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/store.h"

#include <string.h>
#include <sys/random.h>

#include "../../core/mem/shm_mem.h"

enum { BUCKETS = 2048, LOCKS = 128, HANG_UP_MS = 4000 };

static struct table {
	struct keyed_hash_key key;
	uint32_t count; /* atomic */
	gen_lock_t lock[LOCKS];
	struct alg_entry *bucket[BUCKETS];
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
	return (unsigned)(keyed_hash(&table->key, call_id) % BUCKETS);
}

/* The place of a call is part of its number. */
static unsigned bucket_of_id(uint64_t id)
{
	return (unsigned)(id % BUCKETS);
}

static void lock(unsigned bucket)
{
	lock_get(&table->lock[bucket % LOCKS]);
}

static void unlock(unsigned bucket)
{
	lock_release(&table->lock[bucket % LOCKS]);
}

static struct alg_entry *by_id(uint64_t id)
{
	struct alg_entry *e = table->bucket[bucket_of_id(id)];

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

uint64_t alg_calls_find(const struct alg_match *m, bool *from_caller)
{
	unsigned at = bucket_of(m->call_id);
	uint64_t id = 0;
	int best = 0;

	*from_caller = true;
	lock(at);
	for (const struct alg_entry *e = table->bucket[at]; e && best < 2; e = e->next) {
		bool from = true;
		int fit = fits(e, m, &from);

		if (fit <= best)
			continue;
		best = fit;
		id = e->id;
		*from_caller = from;
	}
	unlock(at);
	return id;
}

/* ---- life ---- */

static void entry_free(struct alg_entry *e)
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

	while (id < BUCKETS)
		if (getrandom(&id, sizeof(id), 0) == sizeof(id))
			id = id - id % BUCKETS + bucket;
	return id;
}

static void link_entry(struct alg_entry *e, unsigned at)
{
	e->queue_end = &e->queue;
	e->born_ms = e->heard_ms = kam_now_ms();
	lock(at);
	e->next = table->bucket[at];
	table->bucket[at] = e;
	unlock(at);
}

struct alg_entry *alg_calls_restore(const struct alg_match *m, uint64_t id)
{
	unsigned at = bucket_of(m->call_id);
	struct alg_entry *e = bucket_of_id(id) == at ? entry_new(m) : NULL;

	if (!e)
		return NULL;
	__atomic_add_fetch(&table->count, 1, __ATOMIC_RELAXED);
	e->id = id;
	e->branch = m->branch;
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
		entry_free(e);
		return NULL;
	}
	e->branch = m->branch;
	e->leg.caller = m->from;
	e->busy = true;
	link_entry(e, at);
	counter_inc(alg_counters.calls);
	return e;
}

/* ---- owners ---- */

struct alg_entry *alg_calls_enter(uint64_t id, bool *busy)
{
	unsigned at = bucket_of_id(id);
	struct alg_entry *e;

	lock(at);
	e = by_id(id);
	*busy = e && e->busy;
	if (e && !*busy)
		e->busy = true;
	else
		e = NULL;
	unlock(at);
	return e;
}

struct alg_entry *alg_calls_mine(uint64_t id)
{
	unsigned at = bucket_of_id(id);
	struct alg_entry *e;

	lock(at);
	e = by_id(id);
	unlock(at);
	return e;
}

/* What tm told may not be left out; messages come again. */
static bool has_room(const struct alg_entry *e, const struct alg_held *h)
{
	return e->queued < ALG_QUEUE_MAX || h->kind == ALG_HELD_NOTE || h->kind == ALG_HELD_EVENT;
}

int alg_calls_queue(uint64_t id, struct alg_held *h)
{
	unsigned at = bucket_of_id(id);
	struct alg_entry *e;
	int rc = -1;

	h->next = NULL;
	lock(at);
	e = by_id(id);
	if (e && !e->busy) {
		e->busy = true;
		rc = 1;
	} else if (e && has_room(e, h)) {
		*e->queue_end = h;
		e->queue_end = &h->next;
		e->queued++;
		rc = 0;
	}
	unlock(at);
	return rc;
}

static struct alg_held *next_in_queue(struct alg_entry *e)
{
	struct alg_held *h = e->queue;

	if (!h)
		return NULL;
	e->queue = h->next;
	if (!e->queue)
		e->queue_end = &e->queue;
	e->queued--;
	return h;
}

/* The INVITE's transaction has gone. Without a final answer that was seen, it failed. */
static void settle(struct alg_entry *e)
{
	struct alg_held h = {.kind = ALG_HELD_NOTE};

	alg_leg_settled(&e->leg, &alg_shm);
	h.note = (struct alg_message){
	    .method = ALG_INVITE, .code = 500, .initial = true, .cseq = e->invite_cseq};
	if (e->leg.call.state == ALG_CALL_UP || e->leg.call.state == ALG_CALL_ENDED ||
	    e->leg.call.state >= ALG_CALL_REOFFERED)
		if (e->leg.call.state != ALG_CALL_CANCELLED)
			return;
	if (e->leg.call.state != ALG_CALL_UNANSWERED)
		alg_take_note(e, &h);
}

static void hang_up_if_due(struct alg_entry *e)
{
	if (e->hang_up != ALG_HANG_UP_NOW)
		return;
	e->hang_up = ALG_HANG_UP_DONE;
	if (alg_task_for(e->id, alg_hang_up))
		e->hang_up = ALG_HANG_UP_NOW; /* at the next tick */
}

/* What has to be known after a restart: calls whose media are in force. */
static void store(struct alg_entry *e)
{
	bool lives = e->leg.call.state != ALG_CALL_ENDED;

	if (e->stored && !lives) {
		alg_store_remove(ALG_STORE_CALL, e->id);
		e->stored = false;
	} else if (lives && e->changed && e->leg.call.state == ALG_CALL_UP && e->leg.now &&
		   e->leg.placed) {
		e->changed = false;
		e->stored = alg_store_on();
		alg_call_save(e);
	}
}

void alg_calls_leave(struct alg_entry *e)
{
	unsigned at = bucket_of_id(e->id);
	struct alg_held *h;
	bool settled;

	for (;;) {
		if (e->leg.call.state == ALG_CALL_ENDED && !e->ended_ms)
			e->ended_ms = kam_now_ms();
		hang_up_if_due(e);
		store(e);
		lock(at);
		settled = e->settled;
		e->settled = false;
		h = settled ? NULL : next_in_queue(e);
		if (!h && !settled)
			e->busy = false;
		unlock(at);
		if (settled)
			settle(e);
		else if (!h)
			return;
		else if (h->kind == ALG_HELD_NOTE || h->kind == ALG_HELD_EVENT) {
			alg_take_note(e, h);
			alg_held_free(h);
		} else {
			alg_held_go_on(h); /* the call is his now */
			return;
		}
	}
}

/* ---- time ---- */

static bool is_over(const struct alg_entry *e, uint64_t now_ms)
{
	return e->ended_ms && !e->invite_live && !e->queue &&
	       (e->hang_up == ALG_HANG_UP_NOT || e->hang_up == ALG_HANG_UP_DONE) &&
	       now_ms >= e->ended_ms + (uint64_t)alg_settings.linger_ms;
}

/* Is there something that no message brings about? Takes the call then. */
static bool is_due(struct alg_entry *e, uint64_t now_ms, bool *expired)
{
	*expired = !e->ended_ms && now_ms >= e->heard_ms + (uint64_t)alg_settings.call_s * 1000;
	if (e->busy)
		return false;
	if (e->hang_up == ALG_HANG_UP_AFTER_ACK && now_ms >= e->hang_up_ms + HANG_UP_MS)
		e->hang_up = ALG_HANG_UP_NOW;
	e->busy = *expired || e->settled || e->hang_up == ALG_HANG_UP_NOW;
	return e->busy;
}

/* One call of the bucket that is over or due; NULL: none is left. */
static struct alg_entry *next_due(unsigned at, uint64_t now_ms, bool *over, bool *expired)
{
	struct alg_entry **link, *e;

	lock(at);
	for (link = &table->bucket[at]; (e = *link); link = &e->next) {
		*over = !e->busy && is_over(e, now_ms);
		if (*over)
			*link = e->next;
		if (*over || is_due(e, now_ms, expired))
			break;
	}
	unlock(at);
	return e;
}

static void expire(struct alg_entry *e)
{
	struct alg_held h = {.kind = ALG_HELD_EVENT, .event = ALG_EV_EXPIRED};

	e->heard_ms = kam_now_ms();
	alg_note_end(e, 408, "nothing was heard of the call");
	alg_take_note(e, &h);
}

void alg_calls_tick(uint64_t now_ms)
{
	for (unsigned at = 0; at < BUCKETS; at++) {
		struct alg_entry *e;
		bool over, expired;

		if (!table->bucket[at])
			continue;
		/* As many as there were: what is due again waits for the next tick. */
		for (unsigned n = alg_calls_count(); n-- > 0;) {
			e = next_due(at, now_ms, &over, &expired);
			if (!e)
				break;
			if (over) {
				entry_free(e);
				continue;
			}
			if (expired)
				expire(e);
			alg_calls_leave(e);
		}
	}
}

bool alg_calls_look(uint64_t id, void (*f)(struct alg_entry *e, void *arg), void *arg)
{
	unsigned at = bucket_of_id(id);
	struct alg_entry *e;

	lock(at);
	e = by_id(id);
	if (e)
		f(e, arg);
	unlock(at);
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

	for (unsigned at = 0; at < BUCKETS && !rc; at++) {
		lock(at);
		for (const struct alg_entry *e = table->bucket[at]; e && !rc; e = e->next)
			rc = f(e, arg);
		unlock(at);
	}
}
