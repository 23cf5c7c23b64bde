/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/model_internal.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "sip/uri.h"

#define WHEEL_TICK_MS 100

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
	default:
		return "unknown error";
	}
}

/* ---- hashing: a stranger chooses hosts and Call-IDs, so chains are bounded by the limits, not by
 * the hash ---- */

static struct scscf_subscriber **impi_bucket(struct scscf_model *m, struct slice impi)
{
	return &m->by_impi[slice_hash(impi) & (m->hash_size - 1)];
}

static struct scscf_set_impu **impu_bucket(struct scscf_model *m, struct slice impu)
{
	return &m->by_impu[slice_hash(impu) & (m->hash_size - 1)];
}

struct scscf_connection **scscf_model_host_bucket(struct scscf_model *m, struct slice host)
{
	uint32_t h = 2166136261u;

	/* Hosts compare without case and brackets. */
	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (c == '[' || c == ']')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c | 0x20);
		h = (h ^ c) * 16777619u;
	}
	return &m->by_host[h & (m->hash_size - 1)];
}

/* ---- life of the model ---- */

int scscf_model_init(struct scscf_model *m, struct scscf_store store, uint32_t hash_size,
		     uint64_t now_ms)
{
	uint32_t size = 16;

	while (size < hash_size && size < (1u << 24))
		size <<= 1;
	memset(m, 0, sizeof(*m));
	m->store = store;
	m->hash_size = size;
	m->by_impi = scscf_store_alloc(&m->store, size * sizeof(*m->by_impi));
	m->by_impu = scscf_store_alloc(&m->store, size * sizeof(*m->by_impu));
	m->by_host = scscf_store_alloc(&m->store, size * sizeof(*m->by_host));
	m->by_call = scscf_store_alloc(&m->store, size * sizeof(*m->by_call));
	timer_wheel_init(&m->wheel, now_ms, WHEEL_TICK_MS);
	m->next_id = 1;
	m->linger_ms = 30000;
	m->session_max_ms = (uint64_t)12 * 3600 * 1000;
	m->sessions_max = 1000000;
	if (!m->by_impi || !m->by_impu || !m->by_host || !m->by_call) {
		scscf_model_free(m);
		return SCSCF_MODEL_E_NOMEM;
	}
	return 0;
}

void scscf_model_free_binding(struct scscf_model *m, struct scscf_binding *b)
{
	scscf_store_text_free(&m->store, &b->contact);
	scscf_store_text_free(&m->store, &b->params);
	scscf_store_text_free(&m->store, &b->instance);
	scscf_store_text_free(&m->store, &b->call_id);
	scscf_store_free(&m->store, b, sizeof(*b));
}

void scscf_model_free_bindings(struct scscf_model *m, struct scscf_binding **list)
{
	while (*list) {
		struct scscf_binding *b = *list;

		*list = b->next;
		scscf_model_free_binding(m, b);
	}
}

static void forget_impus(struct scscf_model *m, struct scscf_implicit_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct scscf_set_impu **h = impu_bucket(m, set->impu[i].impu);

		while (*h && *h != &set->impu[i])
			h = &(*h)->hash_next;
		if (*h)
			*h = set->impu[i].hash_next;
		scscf_store_text_free(&m->store, &set->impu[i].impu);
	}
	set->n = 0;
}

static void free_set(struct scscf_model *m, struct scscf_implicit_set *set)
{
	struct scscf_implicit_set **at = &set->subscriber->sets;

	forget_impus(m, set);
	while (*at && *at != set)
		at = &(*at)->next;
	if (*at) {
		*at = set->next;
		set->subscriber->sets_n--;
	}
	scscf_store_free(&m->store, set, sizeof(*set));
}

static bool set_has_ghost(const struct scscf_implicit_set *set)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->ghosts; b; b = b->next)
			if (b->set == set)
				return true;
	return false;
}

static void forget_former(struct scscf_model *m, struct scscf_subscriber *s, struct slice impu)
{
	struct scscf_former_impu **at = &s->former, *f;

	while ((f = *at)) {
		if (impu.len && !slice_eq(f->impu, impu)) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		scscf_store_text_free(&m->store, &f->impu);
		scscf_store_free(&m->store, f, sizeof(*f));
		s->former_n--;
	}
}

/* Without memory its watchers are not told of what becomes of the other sets: no reason to fail. */
static void remember_former(struct scscf_model *m, struct scscf_subscriber *s, struct slice impu)
{
	struct scscf_former_impu *f;

	if (s->former_n == SCSCF_FORMER_IMPUS_MAX ||
	    !(f = scscf_store_alloc(&m->store, sizeof(*f))))
		return;
	if (scscf_store_text(&m->store, impu, &f->impu)) {
		scscf_store_free(&m->store, f, sizeof(*f));
		return;
	}
	f->next = s->former;
	s->former = f;
	s->former_n++;
}

static void tell_gone(const struct scscf_subscriber *s, struct scscf_effects *e)
{
	struct scscf_effect *f =
	    e && s->former_n ? scscf_effects_add(e, SCSCF_EFFECT_SUBSCRIBER_GONE) : NULL;

	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, s->impi);
	f->impus = scscf_arena_alloc(&e->arena, s->former_n * sizeof(*f->impus));
	for (const struct scscf_former_impu *i = s->former; f->impus && i; i = i->next)
		f->impus[f->impus_n++] = scscf_arena_text(&e->arena, i->impu);
}

/* Forget sets that nothing is bound for, and a subscriber without sets and connections. */
void scscf_model_sweep(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e)
{
	struct scscf_subscriber **at = impi_bucket(m, s->impi);
	struct scscf_implicit_set *set, *next;

	if (s->pins)
		return;
	for (set = s->sets; set; set = next) {
		next = set->next;
		if (set->bindings || set_has_ghost(set))
			continue;
		for (size_t i = 0; e && i < set->n; i++)
			if (!set->impu[i].barred)
				remember_former(m, s, set->impu[i].impu);
		free_set(m, set);
	}
	if (s->sets || s->connections)
		return;
	tell_gone(s, e);
	forget_former(m, s, SLICE_NULL);
	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	scscf_store_text_free(&m->store, &s->impi);
	scscf_store_free(&m->store, s, sizeof(*s));
	m->subscribers--;
}

void scscf_model_unpin(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e)
{
	s->pins--;
	scscf_model_sweep(m, s, e);
}

/* Take a connection without sessions out of everything and free it. */
void scscf_model_free_connection(struct scscf_model *m, struct scscf_connection *c)
{
	struct scscf_subscriber *s = c->subscriber;
	struct scscf_connection **at = &s->connections, **h = scscf_model_host_bucket(m, c->host);

	timer_wheel_cancel(&m->wheel, &c->timer.wheel);
	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	while (*h && *h != c)
		h = &(*h)->hash_next;
	if (*h)
		*h = c->hash_next;
	s->connections_n--;
	m->connections--;
	if (c->state == SCSCF_CONNECTION_INACTIVE)
		m->inactive--;
	scscf_model_free_bindings(m, &c->bindings);
	scscf_model_free_bindings(m, &c->ghosts);
	scscf_store_text_free(&m->store, &c->host);
	scscf_store_text_free(&m->store, &c->contact);
	scscf_store_text_free(&m->store, &c->path);
	scscf_store_free(&m->store, c, sizeof(*c));
}

void scscf_model_free(struct scscf_model *m)
{
	for (uint32_t i = 0; i < m->hash_size && m->by_call; i++)
		while (m->by_call[i])
			scscf_session_remove(m, m->by_call[i], NULL);
	for (uint32_t i = 0; i < m->hash_size && m->by_impi; i++) {
		while (m->by_impi[i]) {
			struct scscf_subscriber *s = m->by_impi[i];

			while (s->connections)
				scscf_model_free_connection(m, s->connections);
			while (s->sets)
				free_set(m, s->sets);
			s->pins = 0;
			scscf_model_sweep(m, s, NULL);
		}
	}
	scscf_store_free(&m->store, m->by_impi, m->hash_size * sizeof(*m->by_impi));
	scscf_store_free(&m->store, m->by_impu, m->hash_size * sizeof(*m->by_impu));
	scscf_store_free(&m->store, m->by_host, m->hash_size * sizeof(*m->by_host));
	scscf_store_free(&m->store, m->by_call, m->hash_size * sizeof(*m->by_call));
	m->by_impi = NULL;
	m->by_impu = NULL;
	m->by_host = NULL;
	m->by_call = NULL;
}

/* ---- finding ---- */

struct scscf_subscriber *scscf_model_subscriber(struct scscf_model *m, struct slice impi)
{
	struct scscf_subscriber *s = *impi_bucket(m, impi);

	while (s && !slice_eq(s->impi, impi))
		s = s->hash_next;
	return s;
}

struct scscf_implicit_set *scscf_model_set(struct scscf_model *m, struct slice impi,
					   struct slice impu)
{
	for (struct scscf_set_impu *i = *impu_bucket(m, impu); i; i = i->hash_next)
		if (slice_eq(i->impu, impu) &&
		    (!impi.len || slice_eq(i->set->subscriber->impi, impi)))
			return i->set;
	return NULL;
}

struct scscf_connection *scscf_model_connection_by_id(struct scscf_model *m, uint64_t id)
{
	for (uint32_t i = 0; i < m->hash_size; i++)
		for (struct scscf_connection *c = m->by_host[i]; c; c = c->hash_next)
			if (c->id == id)
				return c;
	return NULL;
}

struct scscf_connection *scscf_subscriber_connection(struct scscf_subscriber *s, struct slice host,
						     uint16_t port)
{
	for (struct scscf_connection *c = s->connections; c; c = c->next)
		if (scscf_contact_port(c->port) == scscf_contact_port(port) &&
		    sip_host_eq(c->host, host))
			return c;
	return NULL;
}

struct scscf_connection *scscf_model_connection_by_contact(struct scscf_model *m, struct slice impi,
							   struct slice contact_uri)
{
	struct scscf_connection *exact = NULL, *same_host = NULL;
	size_t exact_n = 0, host_n = 0;
	struct sip_uri_parts u;

	if (sip_uri_parse(contact_uri, &u))
		return NULL;
	for (struct scscf_connection *c = *scscf_model_host_bucket(m, u.host); c;
	     c = c->hash_next) {
		if (!sip_host_eq(c->host, u.host) ||
		    (impi.len && !slice_eq(c->subscriber->impi, impi)))
			continue;
		/* The URI as registered beats the address, where several hide behind one. */
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (slice_eq(b->contact, contact_uri))
				return c;
		same_host = c;
		host_n++;
		if (scscf_contact_port(c->port) == scscf_contact_port(u.port)) {
			exact = c;
			exact_n++;
		}
	}
	if (exact_n)
		return exact_n == 1 ? exact : NULL;
	return host_n == 1 ? same_host : NULL;
}

bool scscf_model_contact_of_other(struct scscf_model *m, struct slice impi,
				  struct slice contact_uri)
{
	struct sip_uri_parts u;

	if (sip_uri_parse(contact_uri, &u))
		return false;
	for (struct scscf_connection *c = *scscf_model_host_bucket(m, u.host); c;
	     c = c->hash_next) {
		if (slice_eq(c->subscriber->impi, impi))
			continue;
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (slice_eq(b->contact, contact_uri))
				return true;
	}
	return false;
}

/* ---- learning ---- */

static struct scscf_subscriber *learn_subscriber(struct scscf_model *m, struct slice impi)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi), **bucket;

	if (s)
		return s;
	s = scscf_store_alloc(&m->store, sizeof(*s));
	if (!s)
		return NULL;
	if (scscf_store_text(&m->store, impi, &s->impi)) {
		scscf_store_free(&m->store, s, sizeof(*s));
		return NULL;
	}
	bucket = impi_bucket(m, impi);
	s->hash_next = *bucket;
	*bucket = s;
	m->subscribers++;
	return s;
}

static bool set_has(const struct scscf_implicit_set *set, struct slice impu)
{
	for (size_t i = 0; i < set->n; i++)
		if (slice_eq(set->impu[i].impu, impu))
			return true;
	return false;
}

static int add_impu(struct scscf_model *m, struct scscf_implicit_set *set, struct slice impu,
		    bool barred)
{
	struct scscf_set_impu *i, **bucket;

	if (set->n == SCSCF_SET_IMPUS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	i = &set->impu[set->n];
	if (scscf_store_text(&m->store, impu, &i->impu))
		return SCSCF_MODEL_E_NOMEM;
	i->barred = barred;
	i->set = set;
	bucket = impu_bucket(m, impu);
	i->hash_next = *bucket;
	*bucket = i;
	set->n++;
	return 0;
}

int scscf_model_learn_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			  const bool *barred, size_t n, struct scscf_implicit_set **out)
{
	struct scscf_implicit_set *set = NULL;
	struct scscf_subscriber *s;
	int rc = 0;

	if (!impi.len || impi.len > SCSCF_MODEL_TEXT_MAX || !n)
		return SCSCF_MODEL_E_VALUE;
	if (n > SCSCF_SET_IMPUS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	s = learn_subscriber(m, impi);
	if (!s)
		return SCSCF_MODEL_E_NOMEM;
	for (size_t i = 0; i < n && !set; i++)
		set = scscf_model_set(m, impi, impus[i]);
	if (!set) {
		set = s->sets_n < SCSCF_IMPI_SETS_MAX ? scscf_store_alloc(&m->store, sizeof(*set))
						      : NULL;
		if (!set) {
			rc = s->sets_n < SCSCF_IMPI_SETS_MAX ? SCSCF_MODEL_E_NOMEM
							     : SCSCF_MODEL_E_LIMIT;
			scscf_model_sweep(m, s, NULL);
			return rc;
		}
		set->subscriber = s;
		set->next = s->sets;
		s->sets = set;
		s->sets_n++;
	}
	for (size_t i = 0; i < n && !rc; i++)
		if (!set_has(set, impus[i]))
			rc = add_impu(m, set, impus[i], barred && barred[i]);
	if (rc) {
		scscf_model_sweep(m, s, NULL);
		return rc;
	}
	for (size_t i = 0; i < n && s->former; i++)
		forget_former(m, s, impus[i]);
	*out = set;
	return 0;
}

static bool same_members(const struct scscf_implicit_set *set, const struct slice *impus,
			 const bool *barred, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < set->n && !slice_eq(set->impu[k].impu, impus[i]))
			k++;
		if (k == set->n || set->impu[k].barred != barred[i])
			return false;
	}
	return n == set->n;
}

int scscf_model_change_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			   const bool *barred, size_t n, uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_implicit_set *set = NULL;
	int rc = 0;

	for (size_t i = 0; i < n && !set; i++)
		set = scscf_model_set(m, impi, impus[i]);
	if (!set)
		return SCSCF_MODEL_E_UNKNOWN;
	if (same_members(set, impus, barred, n))
		return 0;
	scscf_model_tell_left(set, impus, n, e);
	for (size_t i = 0; i < set->n; i++)
		if (!set->impu[i].barred)
			remember_former(m, set->subscriber, set->impu[i].impu);
	forget_impus(m, set);
	for (size_t i = 0; i < n && !rc; i++) {
		forget_former(m, set->subscriber, impus[i]);
		rc = add_impu(m, set, impus[i], barred[i]);
	}
	scscf_model_tell_set(set, now_ms, e);
	return rc;
}
