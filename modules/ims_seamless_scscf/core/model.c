/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/model.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "sip/uri.h"

#define WHEEL_TICK_MS 100
#define DEFAULT_PORT  5060

const char *model_strerror(int err)
{
	switch (err) {
	case MODEL_OK:
		return "no error";
	case MODEL_E_NOMEM:
		return "out of memory";
	case MODEL_E_LIMIT:
		return "a bound was reached";
	case MODEL_E_VALUE:
		return "value not usable";
	case MODEL_E_UNKNOWN:
		return "not known";
	default:
		return "unknown error";
	}
}

/* ---- hashing: a stranger chooses hosts and Call-IDs, so chains are bounded by the limits, not by the hash ---- */

static struct subscriber **impi_bucket(struct model *m, struct slice impi)
{
	return &m->by_impi[slice_hash(impi) & (m->hash_size - 1)];
}

static struct set_impu **impu_bucket(struct model *m, struct slice impu)
{
	return &m->by_impu[slice_hash(impu) & (m->hash_size - 1)];
}

static struct connection **host_bucket(struct model *m, struct slice host)
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

static uint16_t port_of(uint16_t port)
{
	return port ? port : DEFAULT_PORT;
}

static void list_init(struct list *l)
{
	l->next = l->prev = l;
}

/* ---- life of the model ---- */

int model_init(struct model *m, struct store store, uint32_t hash_size, uint64_t now_ms)
{
	uint32_t size = 16;

	while (size < hash_size && size < (1u << 24))
		size <<= 1;
	memset(m, 0, sizeof(*m));
	m->store = store;
	m->hash_size = size;
	m->by_impi = store_alloc(&m->store, size * sizeof(*m->by_impi));
	m->by_impu = store_alloc(&m->store, size * sizeof(*m->by_impu));
	m->by_host = store_alloc(&m->store, size * sizeof(*m->by_host));
	m->by_call = store_alloc(&m->store, size * sizeof(*m->by_call));
	timer_wheel_init(&m->wheel, now_ms, WHEEL_TICK_MS);
	m->next_id = 1;
	m->linger_ms = 30000;
	m->session_max_ms = (uint64_t)12 * 3600 * 1000;
	m->sessions_max = 1000000;
	if (!m->by_impi || !m->by_impu || !m->by_host || !m->by_call) {
		model_free(m);
		return MODEL_E_NOMEM;
	}
	return 0;
}

static void free_binding(struct model *m, struct binding *b)
{
	store_text_free(&m->store, &b->contact);
	store_text_free(&m->store, &b->params);
	store_text_free(&m->store, &b->instance);
	store_text_free(&m->store, &b->call_id);
	store_free(&m->store, b, sizeof(*b));
}

static void free_bindings(struct model *m, struct binding **list)
{
	while (*list) {
		struct binding *b = *list;

		*list = b->next;
		free_binding(m, b);
	}
}

static void free_set(struct model *m, struct implicit_set *set)
{
	struct implicit_set **at = &set->subscriber->sets;

	for (size_t i = 0; i < set->n; i++) {
		struct set_impu **h = impu_bucket(m, set->impu[i].impu);

		while (*h && *h != &set->impu[i])
			h = &(*h)->hash_next;
		if (*h)
			*h = set->impu[i].hash_next;
		store_text_free(&m->store, &set->impu[i].impu);
	}
	while (*at && *at != set)
		at = &(*at)->next;
	if (*at) {
		*at = set->next;
		set->subscriber->sets_n--;
	}
	store_free(&m->store, set, sizeof(*set));
}

static bool set_has_ghost(const struct implicit_set *set)
{
	for (const struct connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct binding *b = c->ghosts; b; b = b->next)
			if (b->set == set)
				return true;
	return false;
}

/* Forget sets that nothing is bound for, and a subscriber without sets and connections. */
static void sweep(struct model *m, struct subscriber *s)
{
	struct subscriber **at = impi_bucket(m, s->impi);
	struct implicit_set *set, *next;

	if (s->pins)
		return;
	for (set = s->sets; set; set = next) {
		next = set->next;
		if (!set->bindings && !set_has_ghost(set))
			free_set(m, set);
	}
	if (s->sets || s->connections)
		return;
	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	store_text_free(&m->store, &s->impi);
	store_free(&m->store, s, sizeof(*s));
	m->subscribers--;
}

static void unpin(struct model *m, struct subscriber *s)
{
	s->pins--;
	sweep(m, s);
}

/* Take a connection without sessions out of everything and free it. */
static void free_connection(struct model *m, struct connection *c)
{
	struct subscriber *s = c->subscriber;
	struct connection **at = &s->connections, **h = host_bucket(m, c->host);

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
	if (c->state == CONNECTION_INACTIVE)
		m->inactive--;
	free_bindings(m, &c->bindings);
	free_bindings(m, &c->ghosts);
	store_text_free(&m->store, &c->host);
	store_text_free(&m->store, &c->contact);
	store_text_free(&m->store, &c->path);
	store_free(&m->store, c, sizeof(*c));
}

void model_free(struct model *m)
{
	for (uint32_t i = 0; i < m->hash_size && m->by_call; i++)
		while (m->by_call[i])
			session_remove(m, m->by_call[i], NULL);
	for (uint32_t i = 0; i < m->hash_size && m->by_impi; i++) {
		while (m->by_impi[i]) {
			struct subscriber *s = m->by_impi[i];

			while (s->connections)
				free_connection(m, s->connections);
			while (s->sets)
				free_set(m, s->sets);
			s->pins = 0;
			sweep(m, s);
		}
	}
	store_free(&m->store, m->by_impi, m->hash_size * sizeof(*m->by_impi));
	store_free(&m->store, m->by_impu, m->hash_size * sizeof(*m->by_impu));
	store_free(&m->store, m->by_host, m->hash_size * sizeof(*m->by_host));
	store_free(&m->store, m->by_call, m->hash_size * sizeof(*m->by_call));
	m->by_impi = NULL;
	m->by_impu = NULL;
	m->by_host = NULL;
	m->by_call = NULL;
}

/* ---- finding ---- */

struct subscriber *model_subscriber(struct model *m, struct slice impi)
{
	struct subscriber *s = *impi_bucket(m, impi);

	while (s && !slice_eq(s->impi, impi))
		s = s->hash_next;
	return s;
}

struct implicit_set *model_set(struct model *m, struct slice impi, struct slice impu)
{
	for (struct set_impu *i = *impu_bucket(m, impu); i; i = i->hash_next)
		if (slice_eq(i->impu, impu) && (!impi.len || slice_eq(i->set->subscriber->impi, impi)))
			return i->set;
	return NULL;
}

struct connection *model_connection_by_id(struct model *m, uint64_t id)
{
	for (uint32_t i = 0; i < m->hash_size; i++)
		for (struct connection *c = m->by_host[i]; c; c = c->hash_next)
			if (c->id == id)
				return c;
	return NULL;
}

struct connection *subscriber_connection(struct subscriber *s, struct slice host, uint16_t port)
{
	for (struct connection *c = s->connections; c; c = c->next)
		if (port_of(c->port) == port_of(port) && sip_host_eq(c->host, host))
			return c;
	return NULL;
}

struct connection *model_connection_by_contact(struct model *m, struct slice impi, struct slice contact_uri)
{
	struct connection *exact = NULL, *same_host = NULL;
	size_t exact_n = 0, host_n = 0;
	struct sip_uri_parts u;

	if (sip_uri_parse(contact_uri, &u))
		return NULL;
	for (struct connection *c = *host_bucket(m, u.host); c; c = c->hash_next) {
		if (!sip_host_eq(c->host, u.host) || (impi.len && !slice_eq(c->subscriber->impi, impi)))
			continue;
		/* The URI as registered beats the address, where several hide behind one. */
		for (struct binding *b = c->bindings; b; b = b->next)
			if (slice_eq(b->contact, contact_uri))
				return c;
		same_host = c;
		host_n++;
		if (port_of(c->port) == port_of(u.port)) {
			exact = c;
			exact_n++;
		}
	}
	if (exact_n)
		return exact_n == 1 ? exact : NULL;
	return host_n == 1 ? same_host : NULL;
}

bool model_contact_of_other(struct model *m, struct slice impi, struct slice contact_uri)
{
	struct sip_uri_parts u;

	if (sip_uri_parse(contact_uri, &u))
		return false;
	for (struct connection *c = *host_bucket(m, u.host); c; c = c->hash_next) {
		if (slice_eq(c->subscriber->impi, impi))
			continue;
		for (struct binding *b = c->bindings; b; b = b->next)
			if (slice_eq(b->contact, contact_uri))
				return true;
	}
	return false;
}

/* ---- learning ---- */

static struct subscriber *learn_subscriber(struct model *m, struct slice impi)
{
	struct subscriber *s = model_subscriber(m, impi), **bucket;

	if (s)
		return s;
	s = store_alloc(&m->store, sizeof(*s));
	if (!s)
		return NULL;
	if (store_text(&m->store, impi, &s->impi)) {
		store_free(&m->store, s, sizeof(*s));
		return NULL;
	}
	bucket = impi_bucket(m, impi);
	s->hash_next = *bucket;
	*bucket = s;
	m->subscribers++;
	return s;
}

static bool set_has(const struct implicit_set *set, struct slice impu)
{
	for (size_t i = 0; i < set->n; i++)
		if (slice_eq(set->impu[i].impu, impu))
			return true;
	return false;
}

static int add_impu(struct model *m, struct implicit_set *set, struct slice impu, bool barred)
{
	struct set_impu *i, **bucket;

	if (set->n == SET_IMPUS_MAX)
		return MODEL_E_LIMIT;
	i = &set->impu[set->n];
	if (store_text(&m->store, impu, &i->impu))
		return MODEL_E_NOMEM;
	i->barred = barred;
	i->set = set;
	bucket = impu_bucket(m, impu);
	i->hash_next = *bucket;
	*bucket = i;
	set->n++;
	return 0;
}

int model_learn_set(struct model *m, struct slice impi, const struct slice *impus, const bool *barred, size_t n,
		    struct implicit_set **out)
{
	struct implicit_set *set = NULL;
	struct subscriber *s;
	int rc = 0;

	if (!impi.len || impi.len > MODEL_TEXT_MAX || !n)
		return MODEL_E_VALUE;
	if (n > SET_IMPUS_MAX)
		return MODEL_E_LIMIT;
	s = learn_subscriber(m, impi);
	if (!s)
		return MODEL_E_NOMEM;
	for (size_t i = 0; i < n && !set; i++)
		set = model_set(m, impi, impus[i]);
	if (!set) {
		set = s->sets_n < IMPI_SETS_MAX ? store_alloc(&m->store, sizeof(*set)) : NULL;
		if (!set) {
			rc = s->sets_n < IMPI_SETS_MAX ? MODEL_E_NOMEM : MODEL_E_LIMIT;
			sweep(m, s);
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
		sweep(m, s);
		return rc;
	}
	*out = set;
	return 0;
}

/* ---- rows for the NOTIFYs ---- */

static void add_row(struct effects *e, const struct implicit_set *set, const struct binding *b, bool active,
		    enum contact_event event, const struct connection *c, uint64_t now_ms)
{
	struct effect *f = e ? effects_add(e, EFFECT_CONTACT) : NULL;

	if (!f)
		return;
	f->impi = arena_text(&e->arena, c->subscriber->impi);
	f->connection_id = c->id;
	f->impus = arena_alloc(&e->arena, set->n * sizeof(*f->impus));
	for (size_t i = 0; f->impus && i < set->n; i++)
		if (!set->impu[i].barred)
			f->impus[f->impus_n++] = arena_text(&e->arena, set->impu[i].impu);
	f->aor_active = set->bindings > 0;
	f->contact_active = active;
	f->event = event;
	f->contact = arena_text(&e->arena, b->contact);
	f->params = arena_text(&e->arena, b->params);
	f->call_id = arena_text(&e->arena, b->call_id);
	f->cseq = b->cseq;
	f->usrloc_id = b->usrloc_id;
	f->expires_s = active && b->expires_ms > now_ms ? (uint32_t)((b->expires_ms - now_ms) / 1000) : 0;
	f->connection_inactive = !active && c->state == CONNECTION_INACTIVE;
	f->connection_terminated = !active && c->state == CONNECTION_TERMINATED && c->ghosts;
	if (f->connection_inactive && c->linger_until_ms > now_ms)
		f->linger_s = (uint32_t)((c->linger_until_ms - now_ms + 999) / 1000);
}

static void add_connection_effect(struct effects *e, enum effect_kind kind, const struct connection *c)
{
	struct effect *f = e ? effects_add(e, kind) : NULL;

	if (!f)
		return;
	f->impi = arena_text(&e->arena, c->subscriber->impi);
	f->connection_id = c->id;
	f->contact = arena_text(&e->arena, c->contact);
	f->sessions = c->sessions;
}

/* ---- connections ---- */

/* Remove a connection whose state is TERMINATED: tell of the contacts that lingered, let its sessions go. */
static void remove_connection(struct model *m, struct connection *c, bool release, struct effects *e)
{
	struct subscriber *s = c->subscriber;

	s->pins++;
	while (c->ends.next != &c->ends) {
		struct session_end *end = (struct session_end *)(void *)c->ends.next;

		if (release) {
			m->counters.released_sessions++;
			session_release(m, end->session, e);
		} else {
			session_leave(m, end, e);
		}
	}
	for (struct binding *b = c->ghosts; b; b = b->next)
		add_row(e, b->set, b, false, CONTACT_UNREGISTERED, c, 0);
	add_connection_effect(e, EFFECT_CONNECTION_GONE, c);
	free_connection(m, c);
	unpin(m, s);
}

/* Returns false when the connection was freed. */
static bool connection_step(struct model *m, struct connection *c, enum connection_event event, uint64_t now_ms,
			    struct effects *e)
{
	struct connection_transition t = connection_transition(c->state, event);

	if (t.action == CONNECTION_FORBIDDEN)
		return true;
	if (c->state == CONNECTION_INACTIVE && t.to != CONNECTION_INACTIVE)
		m->inactive--;
	if (c->state != CONNECTION_INACTIVE && t.to == CONNECTION_INACTIVE)
		m->inactive++;
	c->state = t.to;
	switch (t.action) {
	case CONNECTION_START_LINGER:
		c->linger_until_ms = now_ms + m->linger_ms;
		timer_wheel_arm(&m->wheel, &c->timer.wheel, c->linger_until_ms);
		m->counters.lingers++;
		return true;
	case CONNECTION_STOP_LINGER:
		timer_wheel_cancel(&m->wheel, &c->timer.wheel);
		c->linger_until_ms = 0;
		free_bindings(m, &c->ghosts);
		return true;
	case CONNECTION_REMOVE:
		remove_connection(m, c, false, e);
		return false;
	case CONNECTION_RELEASE_AND_REMOVE:
		remove_connection(m, c, true, e);
		return false;
	default:
		return true;
	}
}

static struct connection *make_connection(struct model *m, struct subscriber *s, const struct sip_uri_parts *u,
					  uint64_t now_ms)
{
	struct connection *c = store_alloc(&m->store, sizeof(*c)), **bucket;

	if (!c)
		return NULL;
	if (store_text(&m->store, u->host, &c->host)) {
		store_free(&m->store, c, sizeof(*c));
		return NULL;
	}
	c->subscriber = s;
	c->id = m->next_id++;
	c->port = u->port;
	c->created_ms = now_ms;
	list_init(&c->ends);
	c->next = s->connections;
	s->connections = c;
	s->connections_n++;
	bucket = host_bucket(m, c->host);
	c->hash_next = *bucket;
	*bucket = c;
	m->connections++;
	return c;
}

/* ---- binding ---- */

static struct binding *find_binding(struct connection *c, const struct implicit_set *set, struct slice instance,
				    uint32_t reg_id)
{
	for (struct binding *b = c->bindings; b; b = b->next)
		if (b->set == set && slice_eq(b->instance, instance) && b->reg_id == reg_id)
			return b;
	return NULL;
}

static int fill_binding(struct model *m, struct binding *b, const struct binding_info *info)
{
	/* What was copied before a failure is a fresher value of the same thing: no need to go back. */
	if (store_text_set(&m->store, info->contact, &b->contact) ||
	    store_text_set(&m->store, info->params, &b->params) ||
	    store_text_set(&m->store, info->instance, &b->instance) ||
	    store_text_set(&m->store, info->call_id, &b->call_id))
		return MODEL_E_NOMEM;
	b->reg_id = info->reg_id;
	b->cseq = info->cseq;
	if (info->usrloc_id)
		b->usrloc_id = info->usrloc_id;
	return 0;
}

int model_bind(struct model *m, struct implicit_set *set, const struct binding_info *info, uint64_t now_ms,
	       struct effects *e, struct binding **out)
{
	struct subscriber *s = set->subscriber;
	struct connection *c;
	struct sip_uri_parts u;
	struct binding *b;
	bool fresh_connection = false, fresh_binding = false;
	int rc;

	if (sip_uri_parse(info->contact, &u) || info->contact.len > MODEL_TEXT_MAX ||
	    info->params.len > MODEL_TEXT_MAX || info->path.len > MODEL_TEXT_MAX)
		return MODEL_E_VALUE;
	c = subscriber_connection(s, u.host, u.port);
	if (!c) {
		c = s->connections_n < IMPI_CONNECTIONS_MAX ? make_connection(m, s, &u, now_ms) : NULL;
		if (!c) {
			rc = s->connections_n < IMPI_CONNECTIONS_MAX ? MODEL_E_NOMEM : MODEL_E_LIMIT;
			sweep(m, s);
			return rc;
		}
		fresh_connection = true;
	}
	b = find_binding(c, set, info->instance, info->reg_id);
	rc = 0;
	if (!b) {
		if (set->bindings >= SET_BINDINGS_MAX)
			rc = MODEL_E_LIMIT;
		else if (!(b = store_alloc(&m->store, sizeof(*b))))
			rc = MODEL_E_NOMEM;
		fresh_binding = !rc;
	}
	if (!rc)
		rc = fill_binding(m, b, info);
	if (!rc && (store_text_set(&m->store, info->path, &c->path) ||
		    store_text_set(&m->store, info->contact, &c->contact)))
		rc = MODEL_E_NOMEM;
	if (rc) {
		if (fresh_binding && b)
			free_binding(m, b);
		if (fresh_connection)
			free_connection(m, c);
		sweep(m, s);
		return rc;
	}
	b->expires_ms = now_ms + (uint64_t)info->expires_s * 1000;
	c->seamless = c->seamless || info->seamless;
	if (fresh_binding) {
		b->set = set;
		b->next = c->bindings;
		c->bindings = b;
		set->bindings++;
		m->bindings++;
	}
	connection_step(m, c, CONNECTION_BIND, now_ms, e);
	add_row(e, set, b, true, fresh_binding ? CONTACT_REGISTERED : CONTACT_REFRESHED, c, now_ms);
	if (out)
		*out = b;
	return 0;
}

/* Cut the bindings of set with this contact (any contact if empty) out of a connection into *out. */
static size_t cut_bindings(struct model *m, struct connection *c, struct implicit_set *set, struct slice contact,
			   struct binding **out)
{
	struct binding **at = &c->bindings;
	size_t n = 0;

	while (*at) {
		struct binding *b = *at;

		if (b->set != set || (contact.len && !slice_eq(b->contact, contact))) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		b->next = *out;
		*out = b;
		set->bindings--;
		m->bindings--;
		n++;
	}
	return n;
}

static size_t unbind_from(struct model *m, struct connection *c, const struct unbind *list, size_t list_n,
			  enum contact_event event, bool quiet, bool final, uint64_t now_ms, struct effects *e)
{
	struct binding *cut = NULL, **tail = &cut;
	size_t n = 0;
	bool lingers;

	for (size_t i = 0; i < list_n; i++)
		n += cut_bindings(m, c, list[i].set, list[i].contact, &cut);
	if (!n)
		return 0;
	lingers = !final && !c->bindings && c->sessions && c->seamless;
	if (lingers)
		connection_step(m, c, CONNECTION_UNBIND_BUSY, now_ms, e);
	for (struct binding *b = cut; b; b = b->next)
		if (!quiet || lingers)
			add_row(e, b->set, b, false, event, c, now_ms);
	if (lingers) {
		add_connection_effect(e, EFFECT_LINGER_START, c);
		while (*tail)
			tail = &(*tail)->next;
		*tail = c->ghosts;
		c->ghosts = cut;
		return n;
	}
	free_bindings(m, &cut);
	/* The sessions of a UE that never used the tag are left to whoever runs them. */
	if (!c->bindings)
		connection_step(m, c, final && c->seamless ? CONNECTION_DROP : CONNECTION_UNBIND_IDLE, now_ms, e);
	return n;
}

static size_t unbind_list(struct model *m, struct subscriber *s, const struct unbind *list, size_t n,
			  enum contact_event event, bool quiet, bool final, uint64_t now_ms, struct effects *e)
{
	struct connection *next;
	size_t taken = 0;

	s->pins++;
	for (struct connection *c = s->connections; c; c = next) {
		next = c->next;
		taken += unbind_from(m, c, list, n, event, quiet, final, now_ms, e);
	}
	unpin(m, s);
	return taken;
}

size_t model_unbind_list(struct model *m, struct subscriber *s, const struct unbind *list, size_t n,
			 enum contact_event event, bool quiet, uint64_t now_ms, struct effects *e)
{
	return unbind_list(m, s, list, n, event, quiet, false, now_ms, e);
}

size_t model_unbind(struct model *m, struct implicit_set *set, struct slice contact, enum contact_event event,
		    bool quiet, uint64_t now_ms, struct effects *e)
{
	struct unbind one = {set, contact};

	return model_unbind_list(m, set->subscriber, &one, 1, event, quiet, now_ms, e);
}

size_t model_unbind_final(struct model *m, struct implicit_set *set, struct slice contact, uint64_t now_ms,
			  struct effects *e)
{
	struct unbind one = {set, contact};

	return unbind_list(m, set->subscriber, &one, 1, CONTACT_UNREGISTERED, true, true, now_ms, e);
}

void model_forget_set(struct model *m, struct implicit_set *set, uint64_t now_ms, struct effects *e)
{
	struct unbind all = {set, SLICE_NULL};

	unbind_list(m, set->subscriber, &all, 1, CONTACT_DEACTIVATED, true, true, now_ms, e);
}

void model_drop_connection(struct model *m, struct connection *c, uint64_t now_ms, struct effects *e)
{
	struct subscriber *s = c->subscriber;

	s->pins++;
	for (struct implicit_set *set = s->sets; set; set = set->next) {
		struct binding *cut = NULL;

		cut_bindings(m, c, set, SLICE_NULL, &cut);
		for (struct binding *b = cut; b; b = b->next)
			add_row(e, set, b, false, CONTACT_DEACTIVATED, c, now_ms);
		free_bindings(m, &cut);
	}
	connection_step(m, c, CONNECTION_DROP, now_ms, e);
	unpin(m, s);
}

void model_tell_lingering(struct model *m, struct slice impu, uint64_t now_ms, struct effects *e)
{
	struct implicit_set *set = model_set(m, SLICE_NULL, impu);

	for (struct connection *c = set ? set->subscriber->connections : NULL; c; c = c->next)
		for (struct binding *b = c->ghosts; b && c->state == CONNECTION_INACTIVE; b = b->next)
			add_row(e, b->set, b, false, CONTACT_UNREGISTERED, c, now_ms);
}

/* ---- sessions and time ---- */

void connection_session_added(struct model *m, struct connection *c)
{
	(void)m;
	c->sessions++;
}

void connection_session_removed(struct model *m, struct connection *c, struct effects *e)
{
	c->sessions--;
	if (!c->sessions && c->state == CONNECTION_INACTIVE)
		connection_step(m, c, CONNECTION_SESSIONS_GONE, 0, e);
}

struct advance {
	struct model *m;
	struct effects *e;
	uint64_t now_ms;
};

static void fire(struct wheel_timer *t, void *arg)
{
	struct advance *a = arg;
	struct model_timer *mt = (struct model_timer *)(void *)t;
	struct connection *c;

	if (mt->of_session) {
		session_remove(a->m, (struct session *)(void *)((char *)mt - offsetof(struct session, timer)), a->e);
		return;
	}
	c = (struct connection *)(void *)((char *)mt - offsetof(struct connection, timer));
	if (c->state != CONNECTION_INACTIVE)
		return;
	a->m->counters.linger_ends++;
	add_connection_effect(a->e, EFFECT_LINGER_END, c);
	connection_step(a->m, c, CONNECTION_LINGER_END, a->now_ms, a->e);
}

size_t model_advance(struct model *m, uint64_t now_ms, size_t max, struct effects *e)
{
	struct advance a = {m, e, now_ms};

	return timer_wheel_advance(&m->wheel, now_ms, max, fire, &a);
}
