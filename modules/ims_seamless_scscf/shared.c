/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model in shared memory, behind one lock. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"

#include "modules/ims_seamless_scscf/third_party.h"

/* How long a NOTIFY waits for the answer to the one before: a lost packet is sent again after 0.5,
 * 1.5 and 3.5 s. */
#define NOTIFY_WAIT_MS	4000
#define ADVANCE_AT_ONCE 32
/* Subscriptions whose NOTIFYs are kept in order; of more, those used last. */
#define SUBSCRIPTIONS_MAX 65536
/* More than what imsglobreg makes of 16 sets of eight identities. */
#define RESERVE_BLOCK 65536

struct seamless_shared {
	gen_lock_t lock;
	struct scscf_model model;
	struct scscf_notify_order order;
	struct keyed_hash_key id_key;
	struct scscf_packed_effects *first, **last; /* for the timer process */
	struct scscf_effects_reserve reserve;
};

static struct seamless_shared *shared;

static void *from_shm(size_t n)
{
	return shm_malloc(n);
}

static void to_shm(void *p)
{
	shm_free(p);
}

int seamless_shared_init(uint32_t hash_size, size_t memory_limit)
{
	struct scscf_store store = {.alloc = from_shm, .release = to_shm, .limit = memory_limit};
	struct keyed_hash_key key;

	if (keyed_hash_key_random(&key)) {
		LM_ERR("the kernel gives no random numbers\n");
		return -1;
	}
	shared = shm_malloc(sizeof(*shared));
	if (!shared)
		return -1;
	memset(shared, 0, sizeof(*shared));
	if (!lock_init(&shared->lock) || keyed_hash_key_random(&shared->id_key) ||
	    scscf_model_init(&shared->model, store, &key, hash_size, kam_now_ms()) ||
	    scscf_notify_order_init(&shared->order, &shared->model.store, &key,
				    SUBSCRIPTIONS_MAX) ||
	    scscf_effects_reserve_init(&shared->reserve, &shared->model.store, RESERVE_BLOCK)) {
		shm_free(shared);
		shared = NULL;
		return -1;
	}
	shared->last = &shared->first;
	return 0;
}

/*
 * Not taken apart: a process that was ended in the middle of an update leaves lists half linked,
 * and all shared memory goes with Kamailio anyway.
 */
void seamless_shared_destroy(void)
{
	shared = NULL;
}

struct scscf_model *seamless_lock(void)
{
	lock_get(&shared->lock);
	shared->model.linger_ms = (uint64_t)seamless_cfg_linger_seconds() * 1000;
	return &shared->model;
}

void seamless_unlock(void)
{
	lock_release(&shared->lock);
}

bool seamless_notify_answered(struct slice call_id, struct slice tag, uint32_t cseq)
{
	bool lingers;

	seamless_lock();
	scscf_notify_order_answered(&shared->order, call_id, tag, cseq);
	lingers = shared->model.inactive > 0;
	seamless_unlock();
	return lingers;
}

void seamless_notify_forget(struct slice call_id, struct slice tag)
{
	seamless_lock();
	scscf_notify_order_forget(&shared->order, call_id, tag);
	seamless_unlock();
}

bool seamless_notify_clear(struct slice call_id, struct slice tag, uint32_t cseq, int version)
{
	bool clear;

	seamless_lock();
	clear = scscf_notify_order_clear(&shared->order, call_id, tag, cseq, version);
	seamless_unlock();
	return clear;
}

const struct keyed_hash_key *seamless_id_key(void)
{
	return &shared->id_key;
}

void seamless_free_plan(struct scscf_saved_register *r)
{
	struct scscf_effects e;

	scscf_effects_init(&e);
	scscf_saved_register_free(seamless_lock(), r, &e);
	seamless_unlock();
	effects_later(&e);
}

void effects_later(struct scscf_effects *e)
{
	struct scscf_packed_effects *p = NULL;

	if (e->first) {
		seamless_lock();
		p = scscf_effects_pack(&shared->model.store, &shared->reserve, e);
		if (p) {
			*shared->last = p;
			shared->last = &p->next;
		}
		seamless_unlock();
	}
	if ((e->first && !p) || e->arena.failed) {
		counter_inc(seamless_counters.no_memory);
		LM_ERR("out of memory: watchers are not told of a change; raise memory_kilobytes "
		       "or -m\n");
	}
	scscf_effects_free(e);
}

static void tell_lingering(const struct scscf_effect *f)
{
	struct scscf_effects e;
	struct scscf_model *m;

	scscf_effects_init(&e);
	m = seamless_lock();
	scscf_model_tell_lingering(m, f->contact, f->call_id, kam_now_ms(), &e);
	seamless_unlock();
	effects_later(&e);
}

/* A phone that has registered since is told of by its REGISTER. */
static void services_ended(const struct scscf_effect *f)
{
	struct slice impu = f->impus_n ? f->impus[0] : SLICE_NULL;
	bool again = scscf_model_registered_for(seamless_lock(), impu, kam_now_ms()) > 0;

	seamless_unlock();
	if (!again && impu.len && f->end != SCSCF_END_BY_SERVER)
		third_party_ended(f->impi, impu);
}

/* A phone that has registered since must not be deregistered at the HSS. */
static void set_ended(const struct scscf_effect *f)
{
	struct slice impu = f->impus_n ? f->impus[0] : SLICE_NULL;
	bool again = scscf_set_is_bound(seamless_lock(), f->impi, impu);

	seamless_unlock();
	if (again || !impu.len)
		return;
	if (f->end == SCSCF_END_RAN_OUT)
		cx_tell(f->impi, impu, CX_TELL_RAN_OUT);
	else if (f->end == SCSCF_END_BY_OPERATOR || f->end == SCSCF_END_BY_SERVER)
		cx_tell(f->impi, impu, CX_TELL_ADMINISTRATIVE);
}

/* Changes that crossed have left the HSS with another belief than what is so. */
static void hss_differs(const struct scscf_effect *f)
{
	struct slice impu = f->impus_n ? f->impus[0] : SLICE_NULL;
	struct scscf_model *m = seamless_lock();
	bool bound = scscf_set_is_bound(m, f->impi, impu);

	seamless_unlock();
	if (!impu.len)
		return;
	counter_inc(seamless_counters.hss_corrected);
	LM_INFO("%.*s is %s, the HSS may have been told otherwise: it is told again\n",
		(int)impu.len, impu.p, bound ? "registered" : "not registered");
	cx_tell(f->impi, impu, bound ? CX_TELL_REGISTERED : CX_TELL_NOT_REGISTERED);
}

static void perform(const struct scscf_effect *first)
{
	for (const struct scscf_effect *f = first; f; f = f->next) {
		switch (f->kind) {
		case SCSCF_EFFECT_LINGER_START:
			counter_inc(seamless_counters.lingers);
			LM_INFO("connection %s of %.*s is inactive, %zu sessions\n",
				kam_id_text(f->connection_id).text, (int)f->impi.len, f->impi.p,
				f->sessions);
			break;
		case SCSCF_EFFECT_LINGER_END:
			counter_inc(seamless_counters.linger_ends);
			event_route_linger_end(f);
			break;
		case SCSCF_EFFECT_CONNECTION_GONE:
			LM_INFO("connection %s of %.*s is gone\n",
				kam_id_text(f->connection_id).text, (int)f->impi.len, f->impi.p);
			break;
		case SCSCF_EFFECT_RELEASE:
			counter_inc(seamless_counters.sessions_released);
			release_session(f);
			break;
		case SCSCF_EFFECT_VERIFY:
			usrloc_verify(f->impi);
			break;
		case SCSCF_EFFECT_TELL:
			tell_lingering(f);
			break;
		case SCSCF_EFFECT_SHADOW_UNBIND:
			usrloc_follow(f);
			break;
		case SCSCF_EFFECT_SERVICES_ENDED:
			services_ended(f);
			break;
		case SCSCF_EFFECT_SET_ENDED:
			set_ended(f);
			break;
		case SCSCF_EFFECT_HSS_DIFFERS:
			hss_differs(f);
			break;
		case SCSCF_EFFECT_SHADOW_BIND:
		case SCSCF_EFFECT_CONTACT:
		case SCSCF_EFFECT_SUBSCRIBER_GONE:
			break;
		}
	}
}

/* What other processes left here. */
static struct scscf_packed_effects *take_all(void)
{
	struct scscf_packed_effects *list;

	seamless_lock();
	list = shared->first;
	shared->first = NULL;
	shared->last = &shared->first;
	seamless_unlock();
	return list;
}

static void give_back(struct scscf_packed_effects *list)
{
	struct scscf_packed_effects *p;
	struct scscf_model *m;

	if (!list)
		return;
	m = seamless_lock();
	while ((p = list)) {
		list = p->next;
		scscf_packed_effects_free(&m->store, &shared->reserve, p);
	}
	seamless_unlock();
}

static void let_time_pass(uint64_t now)
{
	size_t fired;

	do {
		struct scscf_effects e;

		scscf_effects_init(&e);
		fired = scscf_model_advance(seamless_lock(), now, ADVANCE_AT_ONCE, &e);
		seamless_unlock();
		effects_later(&e);
	} while (fired == ADVANCE_AT_ONCE);
}

/* BYEs, NOTIFYs and all else leave from here; what watchers are still to be told waits in held, in
 * the order in which it happened. */
void effects_timer(void)
{
	static struct scscf_packed_effects *held;
	struct scscf_packed_effects **at = &held, *done = NULL, *p;
	uint64_t now = kam_now_ms();

	let_time_pass(now);
	while (*at)
		at = &(*at)->next;
	*at = take_all();
	for (p = *at; p; p = p->next) {
		p->wait_until_ms = now + NOTIFY_WAIT_MS;
		p->told = notify_begin(p->first);
		perform(p->first);
	}
	for (at = &held; (p = *at);) {
		if (!notify_go_on(p, now < p->wait_until_ms)) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		p->next = done;
		done = p;
	}
	give_back(done);
}
