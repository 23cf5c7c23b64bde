/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life of the model, finding, and the passing of time. */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"

#define WHEEL_TICK_MS 100
#define HASH_SIZE_MAX (1u << 24)

const char *scscf_model_strerror(int err)
{
	switch (err) {
	case SCSCF_MODEL_OK:
		return "no error";
	case SCSCF_MODEL_E_NOMEM:
		return "out of memory";
	case SCSCF_MODEL_E_LIMIT:
		return "a bound was reached";
	case SCSCF_MODEL_E_VALUE:
		return "value not usable";
	case SCSCF_MODEL_E_UNKNOWN:
		return "not known";
	case SCSCF_MODEL_E_REFUSED:
		return "refused";
	default:
		return "unknown error";
	}
}

/* ---- hash chains ---- */

uint32_t scscf_bucket(const struct scscf_model *m, struct slice text)
{
	return (uint32_t)keyed_hash(&m->key, text) & (m->hash_size - 1);
}

uint32_t scscf_bucket_of_pair(const struct scscf_model *m, struct slice a, struct slice b)
{
	uint64_t both[2] = {keyed_hash(&m->key, a), keyed_hash(&m->key, b)};

	return scscf_bucket(m, slice_make((const char *)both, sizeof(both)));
}

struct scscf_set_impu **scscf_impu_bucket(struct scscf_model *m, struct slice key)
{
	return &m->by_impu[scscf_bucket(m, key)];
}

struct scscf_set_impu *scscf_next_impu(struct scscf_model *m, struct slice key,
				       struct scscf_set_impu *after)
{
	struct scscf_set_impu *i = after ? after->hash_next : *scscf_impu_bucket(m, key);

	for (; i; i = i->hash_next) {
		m->counters.chain_steps++;
		if (slice_eq(i->key, key))
			return i;
	}
	return NULL;
}

/* ---- life ---- */

static void free_tables(struct scscf_model *m)
{
	size_t n = m->hash_size;

	scscf_store_free(&m->store, m->by_impi, n * sizeof(*m->by_impi));
	scscf_store_free(&m->store, m->by_impu, n * sizeof(*m->by_impu));
	scscf_store_free(&m->store, m->by_connection, n * sizeof(*m->by_connection));
	scscf_store_free(&m->store, m->by_call, n * sizeof(*m->by_call));
	scscf_store_free(&m->store, m->by_session, n * sizeof(*m->by_session));
	scscf_store_free(&m->store, m->by_talk, n * sizeof(*m->by_talk));
	m->by_impi = NULL;
	m->by_impu = NULL;
	m->by_connection = NULL;
	m->by_call = NULL;
	m->by_session = NULL;
	m->by_talk = NULL;
}

static int make_tables(struct scscf_model *m)
{
	size_t n = m->hash_size;

	m->by_impi = scscf_store_alloc(&m->store, n * sizeof(*m->by_impi));
	m->by_impu = scscf_store_alloc(&m->store, n * sizeof(*m->by_impu));
	m->by_connection = scscf_store_alloc(&m->store, n * sizeof(*m->by_connection));
	m->by_call = scscf_store_alloc(&m->store, n * sizeof(*m->by_call));
	m->by_session = scscf_store_alloc(&m->store, n * sizeof(*m->by_session));
	m->by_talk = scscf_store_alloc(&m->store, n * sizeof(*m->by_talk));
	if (m->by_impi && m->by_impu && m->by_connection && m->by_call && m->by_session &&
	    m->by_talk)
		return 0;
	free_tables(m);
	return SCSCF_MODEL_E_NOMEM;
}

int scscf_model_init(struct scscf_model *m, struct scscf_store store,
		     const struct keyed_hash_key *key, uint32_t hash_size, uint64_t now_ms)
{
	uint32_t size = 16;

	while (size < hash_size && size < HASH_SIZE_MAX)
		size <<= 1;
	memset(m, 0, sizeof(*m));
	m->store = store;
	m->key = *key;
	m->hash_size = size;
	timer_wheel_init(&m->wheel, now_ms, WHEEL_TICK_MS);
	m->next_id = 1;
	m->linger_ms = 30000;
	m->session_max_ms = (uint64_t)12 * 3600 * 1000;
	m->sessions_max = 1000000;
	return make_tables(m);
}

void scscf_model_free(struct scscf_model *m)
{
	for (uint32_t i = 0; i < m->hash_size && m->by_session; i++)
		while (m->by_session[i])
			scscf_session_remove(m, m->by_session[i], NULL);
	for (uint32_t i = 0; i < m->hash_size && m->by_impi; i++)
		while (m->by_impi[i])
			scscf_free_subscriber(m, m->by_impi[i]);
	free_tables(m);
}

/* ---- finding ---- */

struct scscf_subscriber *scscf_model_subscriber(struct scscf_model *m, struct slice impi)
{
	struct scscf_subscriber *s = m->by_impi[scscf_bucket(m, impi)];

	for (; s; s = s->hash_next) {
		m->counters.chain_steps++;
		if (slice_eq(s->impi, impi))
			return s;
	}
	return NULL;
}

struct scscf_implicit_set *scscf_model_set(struct scscf_model *m, struct slice impi,
					   struct slice impu)
{
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (scscf_identity_key(impu, buf, &key))
		return NULL;
	while ((i = scscf_next_impu(m, key, i)))
		if (!impi.len || slice_eq(i->set->subscriber->impi, impi))
			return i->set;
	return NULL;
}

struct scscf_connection *scscf_model_connection_by_id(struct scscf_model *m, uint64_t id)
{
	struct scscf_connection *c = m->by_connection[scscf_bucket_of_id(m, id)];

	while (c && c->id != id)
		c = c->hash_next;
	return c;
}

struct scscf_connection *scscf_subscriber_connection(struct scscf_subscriber *s,
						     const struct scscf_way *way)
{
	for (struct scscf_connection *c = s->connections; c; c = c->next)
		if (scscf_way_eq(&c->way, way))
			return c;
	return NULL;
}

bool scscf_model_registered(struct scscf_model *m, struct slice impu)
{
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (scscf_identity_key(impu, buf, &key))
		return false;
	while ((i = scscf_next_impu(m, key, i)))
		if (i->set->bindings)
			return true;
	return false;
}

/* Of a set: when the last of its bindings runs out. */
static uint64_t last_expiry(const struct scscf_implicit_set *set)
{
	uint64_t last = 0;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && !b->emergency && b->expires_ms > last)
				last = b->expires_ms;
	return last;
}

bool scscf_set_has_services(const struct scscf_implicit_set *set)
{
	return last_expiry(set) > 0;
}

uint32_t scscf_model_registered_for(struct scscf_model *m, struct slice impu, uint64_t now_ms)
{
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];
	uint64_t last = now_ms;
	struct slice key;

	if (scscf_identity_key(impu, buf, &key))
		return 0;
	while ((i = scscf_next_impu(m, key, i))) {
		uint64_t until = last_expiry(i->set);

		last = until > last ? until : last;
	}
	return (uint32_t)((last - now_ms + 999) / 1000);
}

struct slice scscf_set_told_as(const struct scscf_implicit_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->impu[i].told)
			return set->impu[i].impu;
	return SLICE_NULL;
}

void scscf_set_tell_as(struct scscf_implicit_set *set, struct slice key)
{
	for (size_t i = 0; i < set->n; i++)
		set->impu[i].told = key.len && slice_eq(set->impu[i].key, key);
}

struct slice scscf_model_told_as(struct scscf_model *m, struct slice impu)
{
	struct slice key, told = SLICE_NULL;
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];

	if (scscf_identity_key(impu, buf, &key))
		return told;
	while (!told.len && (i = scscf_next_impu(m, key, i)))
		told = scscf_set_told_as(i->set);
	return told;
}

void scscf_model_tell_as(struct scscf_model *m, struct slice impu)
{
	struct slice key, told = scscf_model_told_as(m, impu);
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];

	if (scscf_identity_key(told.len ? told : impu, buf, &key))
		return;
	while ((i = scscf_next_impu(m, key, i)))
		if (scscf_set_has_services(i->set))
			scscf_set_tell_as(i->set, key);
}

bool scscf_set_is_bound(struct scscf_model *m, struct slice impi, struct slice impu)
{
	const struct scscf_implicit_set *set = impi.len ? scscf_model_set(m, impi, impu) : NULL;

	return set && set->bindings;
}

/* ---- time ---- */

struct advance {
	struct scscf_model *m;
	struct scscf_effects *e;
	uint64_t now_ms;
};

#define FROM_TIMER(mt, type) ((struct type *)(void *)((char *)(mt)-offsetof(struct type, timer)))

static void linger_ends(struct advance *a, struct scscf_connection *c)
{
	if (c->state != SCSCF_CONNECTION_INACTIVE)
		return;
	a->m->counters.linger_ends++;
	scscf_add_connection_effect(a->e, SCSCF_EFFECT_LINGER_END, c);
	scscf_connection_step(a->m, c, SCSCF_CONNECTION_LINGER_END, a->now_ms, a->e);
}

static void fire(struct wheel_timer *t, void *arg)
{
	struct scscf_model_timer *mt = (struct scscf_model_timer *)(void *)t;
	struct advance *a = arg;

	switch (mt->kind) {
	case SCSCF_TIMER_SESSION:
		scscf_session_remove(a->m, FROM_TIMER(mt, scscf_session), a->e);
		break;
	case SCSCF_TIMER_LINGER:
		linger_ends(a, FROM_TIMER(mt, scscf_connection));
		break;
	case SCSCF_TIMER_BINDING:
		scscf_binding_due(a->m, FROM_TIMER(mt, scscf_binding), a->now_ms, a->e);
		break;
	}
}

size_t scscf_model_advance(struct scscf_model *m, uint64_t now_ms, size_t max,
			   struct scscf_effects *e)
{
	struct advance a = {m, e, now_ms};

	return timer_wheel_advance(&m->wheel, now_ms, max, fire, &a);
}
