/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding and unbinding, what that does to connections, and the passing of time. */
#include "modules/ims_seamless_scscf/core/model_internal.h"
#include "modules/ims_seamless_scscf/core/sessions.h"
#include "sip/uri.h"

/* ---- rows for the NOTIFYs ---- */

static void add_row(struct scscf_effects *e, const struct scscf_implicit_set *set,
		    const struct scscf_binding *b, bool active, enum scscf_contact_event event,
		    const struct scscf_connection *c, uint64_t now_ms)
{
	struct scscf_effect *f = e ? scscf_effects_add(e, SCSCF_EFFECT_CONTACT) : NULL;

	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, c->subscriber->impi);
	f->connection_id = c->id;
	f->impus = scscf_arena_alloc(&e->arena, set->n * sizeof(*f->impus));
	for (size_t i = 0; f->impus && i < set->n; i++)
		if (!set->impu[i].barred)
			f->impus[f->impus_n++] = scscf_arena_text(&e->arena, set->impu[i].impu);
	f->aor_active = set->bindings > 0;
	f->contact_active = active;
	f->event = event;
	f->contact = scscf_arena_text(&e->arena, b->contact);
	f->params = scscf_arena_text(&e->arena, b->params);
	f->call_id = scscf_arena_text(&e->arena, b->call_id);
	f->cseq = b->cseq;
	f->usrloc_id = b->usrloc_id;
	f->expires_s =
	    active && b->expires_ms > now_ms ? (uint32_t)((b->expires_ms - now_ms) / 1000) : 0;
	f->connection_inactive = !active && c->state == SCSCF_CONNECTION_INACTIVE;
	f->connection_terminated = !active && c->state == SCSCF_CONNECTION_TERMINATED && c->ghosts;
	if (f->connection_inactive && c->linger_until_ms > now_ms)
		f->linger_s = (uint32_t)((c->linger_until_ms - now_ms + 999) / 1000);
}

static void add_connection_effect(struct scscf_effects *e, enum scscf_effect_kind kind,
				  const struct scscf_connection *c)
{
	struct scscf_effect *f = e ? scscf_effects_add(e, kind) : NULL;

	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, c->subscriber->impi);
	f->connection_id = c->id;
	f->contact = scscf_arena_text(&e->arena, c->contact);
	f->sessions = c->sessions;
}

void scscf_model_tell_set(const struct scscf_implicit_set *set, uint64_t now_ms,
			  struct scscf_effects *e)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set)
				add_row(e, set, b, true, SCSCF_CONTACT_REFRESHED, c, now_ms);
}

void scscf_model_tell_left(const struct scscf_implicit_set *set, const struct slice *impus,
			   size_t n, struct scscf_effects *e)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
			struct scscf_effect *f;

			if (b->set != set)
				continue;
			add_row(e, set, b, false, SCSCF_CONTACT_DEACTIVATED, c, 0);
			f = (struct scscf_effect *)(void *)((char *)e->last -
							    offsetof(struct scscf_effect, next));
			if (!e->first || e->arena.failed)
				return;
			f->aor_active = false;
			for (size_t i = 0; i < f->impus_n;) {
				size_t k = 0;

				while (k < n && !slice_eq(impus[k], f->impus[i]))
					k++;
				if (k < n)
					f->impus[i] = f->impus[--f->impus_n];
				else
					i++;
			}
		}
	}
}

/* ---- connections ---- */

/* Remove a connection whose state is TERMINATED: tell of the contacts that lingered, let its
 * sessions go. */
static void remove_connection(struct scscf_model *m, struct scscf_connection *c, bool release,
			      uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_subscriber *s = c->subscriber;

	s->pins++;
	while (c->ends.next != &c->ends) {
		struct scscf_session_end *end = (struct scscf_session_end *)(void *)c->ends.next;

		if (release) {
			m->counters.released_sessions++;
			scscf_session_release(m, end->session, now_ms, e);
		} else {
			scscf_session_leave(m, end, e);
		}
	}
	for (struct scscf_binding *b = c->ghosts; b; b = b->next)
		add_row(e, b->set, b, false, SCSCF_CONTACT_UNREGISTERED, c, 0);
	add_connection_effect(e, SCSCF_EFFECT_CONNECTION_GONE, c);
	scscf_model_free_connection(m, c);
	scscf_model_unpin(m, s, e);
}

/* Returns false when the connection was freed. */
static bool connection_step(struct scscf_model *m, struct scscf_connection *c,
			    enum scscf_connection_event event, uint64_t now_ms,
			    struct scscf_effects *e)
{
	struct scscf_connection_transition t = scscf_connection_transition(c->state, event);

	if (t.action == SCSCF_CONNECTION_FORBIDDEN)
		return true;
	if (c->state == SCSCF_CONNECTION_INACTIVE && t.to != SCSCF_CONNECTION_INACTIVE)
		m->inactive--;
	if (c->state != SCSCF_CONNECTION_INACTIVE && t.to == SCSCF_CONNECTION_INACTIVE)
		m->inactive++;
	c->state = t.to;
	switch (t.action) {
	case SCSCF_CONNECTION_START_LINGER:
		c->linger_until_ms = now_ms + m->linger_ms;
		timer_wheel_arm(&m->wheel, &c->timer.wheel, c->linger_until_ms);
		m->counters.lingers++;
		return true;
	case SCSCF_CONNECTION_STOP_LINGER:
		timer_wheel_cancel(&m->wheel, &c->timer.wheel);
		c->linger_until_ms = 0;
		scscf_model_free_bindings(m, &c->ghosts);
		return true;
	case SCSCF_CONNECTION_REMOVE:
		remove_connection(m, c, false, now_ms, e);
		return false;
	case SCSCF_CONNECTION_RELEASE_AND_REMOVE:
		remove_connection(m, c, true, now_ms, e);
		return false;
	default:
		return true;
	}
}

static struct scscf_connection *make_connection(struct scscf_model *m, struct scscf_subscriber *s,
						const struct sip_uri_parts *u, uint64_t now_ms)
{
	struct scscf_connection *c = scscf_store_alloc(&m->store, sizeof(*c)), **bucket;

	if (!c)
		return NULL;
	if (scscf_store_text(&m->store, u->host, &c->host)) {
		scscf_store_free(&m->store, c, sizeof(*c));
		return NULL;
	}
	c->subscriber = s;
	c->id = m->next_id++;
	c->port = u->port;
	c->created_ms = now_ms;
	scscf_list_init(&c->ends);
	c->next = s->connections;
	s->connections = c;
	s->connections_n++;
	bucket = scscf_model_host_bucket(m, c->host);
	c->hash_next = *bucket;
	*bucket = c;
	m->connections++;
	return c;
}

/* ---- binding ---- */

static struct scscf_binding *find_binding(struct scscf_connection *c,
					  const struct scscf_implicit_set *set,
					  struct slice instance, uint32_t reg_id)
{
	for (struct scscf_binding *b = c->bindings; b; b = b->next)
		if (b->set == set && slice_eq(b->instance, instance) && b->reg_id == reg_id)
			return b;
	return NULL;
}

static int fill_binding(struct scscf_model *m, struct scscf_binding *b,
			const struct scscf_binding_info *info)
{
	/* What was copied before a failure is a fresher value of the same thing: no need to go
	 * back. */
	if (scscf_store_text_set(&m->store, info->contact, &b->contact) ||
	    scscf_store_text_set(&m->store, info->params, &b->params) ||
	    scscf_store_text_set(&m->store, info->instance, &b->instance) ||
	    scscf_store_text_set(&m->store, info->call_id, &b->call_id))
		return SCSCF_MODEL_E_NOMEM;
	b->reg_id = info->reg_id;
	b->cseq = info->cseq;
	if (info->usrloc_id)
		b->usrloc_id = info->usrloc_id;
	return 0;
}

int scscf_model_bind(struct scscf_model *m, struct scscf_implicit_set *set,
		     const struct scscf_binding_info *info, uint64_t now_ms,
		     struct scscf_effects *e, struct scscf_binding **out)
{
	struct scscf_subscriber *s = set->subscriber;
	struct scscf_connection *c;
	struct sip_uri_parts u;
	struct scscf_binding *b;
	bool fresh_connection = false, fresh_binding = false;
	int rc;

	if (sip_uri_parse(info->contact, &u) || info->contact.len > SCSCF_MODEL_TEXT_MAX ||
	    info->params.len > SCSCF_MODEL_TEXT_MAX || info->path.len > SCSCF_MODEL_TEXT_MAX)
		return SCSCF_MODEL_E_VALUE;
	c = scscf_subscriber_connection(s, u.host, u.port);
	if (!c) {
		c = s->connections_n < SCSCF_IMPI_CONNECTIONS_MAX
			? make_connection(m, s, &u, now_ms)
			: NULL;
		if (!c) {
			rc = s->connections_n < SCSCF_IMPI_CONNECTIONS_MAX ? SCSCF_MODEL_E_NOMEM
									   : SCSCF_MODEL_E_LIMIT;
			scscf_model_sweep(m, s, NULL);
			return rc;
		}
		fresh_connection = true;
	}
	b = find_binding(c, set, info->instance, info->reg_id);
	rc = 0;
	if (!b) {
		if (set->bindings >= SCSCF_SET_BINDINGS_MAX)
			rc = SCSCF_MODEL_E_LIMIT;
		else if (!(b = scscf_store_alloc(&m->store, sizeof(*b))))
			rc = SCSCF_MODEL_E_NOMEM;
		fresh_binding = !rc;
	}
	if (!rc)
		rc = fill_binding(m, b, info);
	if (!rc && (scscf_store_text_set(&m->store, info->path, &c->path) ||
		    scscf_store_text_set(&m->store, info->contact, &c->contact)))
		rc = SCSCF_MODEL_E_NOMEM;
	if (rc) {
		if (fresh_binding && b)
			scscf_model_free_binding(m, b);
		if (fresh_connection)
			scscf_model_free_connection(m, c);
		scscf_model_sweep(m, s, NULL);
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
	connection_step(m, c, SCSCF_CONNECTION_BIND, now_ms, e);
	add_row(e, set, b, true, fresh_binding ? SCSCF_CONTACT_REGISTERED : SCSCF_CONTACT_REFRESHED,
		c, now_ms);
	if (out)
		*out = b;
	return 0;
}

/* Cut the bindings of set with this contact (any contact if empty) out of a connection into *out.
 */
static size_t cut_bindings(struct scscf_model *m, struct scscf_connection *c,
			   struct scscf_implicit_set *set, struct slice contact,
			   struct scscf_binding **out)
{
	struct scscf_binding **at = &c->bindings;
	size_t n = 0;

	while (*at) {
		struct scscf_binding *b = *at;

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

static size_t unbind_from(struct scscf_model *m, struct scscf_connection *c,
			  const struct scscf_unbind *list, size_t list_n,
			  enum scscf_contact_event event, bool quiet, bool final, uint64_t now_ms,
			  struct scscf_effects *e)
{
	struct scscf_binding *cut = NULL, **tail = &cut;
	size_t n = 0;
	bool lingers;

	for (size_t i = 0; i < list_n; i++)
		n += cut_bindings(m, c, list[i].set, list[i].contact, &cut);
	if (!n)
		return 0;
	lingers = !final && !c->bindings && c->sessions && c->seamless;
	if (lingers)
		connection_step(m, c, SCSCF_CONNECTION_UNBIND_BUSY, now_ms, e);
	for (struct scscf_binding *b = cut; b; b = b->next)
		if (!quiet || lingers)
			add_row(e, b->set, b, false, event, c, now_ms);
	if (lingers) {
		add_connection_effect(e, SCSCF_EFFECT_LINGER_START, c);
		while (*tail)
			tail = &(*tail)->next;
		*tail = c->ghosts;
		c->ghosts = cut;
		return n;
	}
	scscf_model_free_bindings(m, &cut);
	/* The sessions of a UE that never used the tag are left to whoever runs them. */
	if (!c->bindings)
		connection_step(m, c,
				final && c->seamless ? SCSCF_CONNECTION_DROP
						     : SCSCF_CONNECTION_UNBIND_IDLE,
				now_ms, e);
	return n;
}

static size_t unbind_list(struct scscf_model *m, struct scscf_subscriber *s,
			  const struct scscf_unbind *list, size_t n, enum scscf_contact_event event,
			  bool quiet, bool final, uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_connection *c = s->connections;
	size_t taken = 0;

	s->pins++;
	while (c) {
		size_t here = unbind_from(m, c, list, n, event, quiet, final, now_ms, e);

		/* A connection that goes may take another one with it: that of a session with
		 * itself. */
		taken += here;
		c = here ? s->connections : c->next;
	}
	scscf_model_unpin(m, s, e);
	return taken;
}

size_t scscf_model_unbind_list(struct scscf_model *m, struct scscf_subscriber *s,
			       const struct scscf_unbind *list, size_t n,
			       enum scscf_contact_event event, bool quiet, uint64_t now_ms,
			       struct scscf_effects *e)
{
	return unbind_list(m, s, list, n, event, quiet, false, now_ms, e);
}

size_t scscf_model_unbind(struct scscf_model *m, struct scscf_implicit_set *set,
			  struct slice contact, enum scscf_contact_event event, bool quiet,
			  uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_unbind one = {set, contact};

	return scscf_model_unbind_list(m, set->subscriber, &one, 1, event, quiet, now_ms, e);
}

size_t scscf_model_unbind_final(struct scscf_model *m, struct scscf_implicit_set *set,
				struct slice contact, uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_unbind one = {set, contact};

	return unbind_list(m, set->subscriber, &one, 1, SCSCF_CONTACT_UNREGISTERED, true, true,
			   now_ms, e);
}

void scscf_model_forget_set(struct scscf_model *m, struct scscf_implicit_set *set, uint64_t now_ms,
			    struct scscf_effects *e)
{
	struct scscf_unbind all = {set, SLICE_NULL};

	unbind_list(m, set->subscriber, &all, 1, SCSCF_CONTACT_DEACTIVATED, true, true, now_ms, e);
}

static bool is_named(const struct scscf_implicit_set *set, const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < n; k++)
			if (slice_eq(set->impu[i].impu, impus[k]))
				return true;
	return !n;
}

/* Does it linger for none but these sets? */
static bool lingers_for(const struct scscf_connection *c, const struct scscf_unbind *list, size_t n)
{
	for (const struct scscf_binding *b = c->ghosts; b; b = b->next) {
		size_t i = 0;

		while (i < n && list[i].set != b->set)
			i++;
		if (i == n)
			return false;
	}
	return c->state == SCSCF_CONNECTION_INACTIVE;
}

size_t scscf_model_deregister(struct scscf_model *m, struct slice impi, const struct slice *impus,
			      size_t n, enum scscf_contact_event event, uint64_t now_ms,
			      struct scscf_effects *e)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	struct scscf_unbind list[SCSCF_IMPI_SETS_MAX];
	struct scscf_connection *c;
	size_t sets = 0;

	if (!s)
		return 0;
	for (struct scscf_implicit_set *set = s->sets; set && sets < SCSCF_IMPI_SETS_MAX;
	     set = set->next)
		if (is_named(set, impus, n))
			list[sets++] = (struct scscf_unbind){set, SLICE_NULL};
	s->pins++;
	unbind_list(m, s, list, sets, event, false, true, now_ms, e);
	for (c = s->connections; c;) {
		if (lingers_for(c, list, sets)) {
			connection_step(m, c, SCSCF_CONNECTION_DROP, now_ms, e);
			c = s->connections;
		} else {
			c = c->next;
		}
	}
	scscf_model_unpin(m, s, e);
	return sets;
}

void scscf_model_drop_connection(struct scscf_model *m, struct scscf_connection *c, uint64_t now_ms,
				 struct scscf_effects *e)
{
	struct scscf_subscriber *s = c->subscriber;

	s->pins++;
	for (struct scscf_implicit_set *set = s->sets; set; set = set->next) {
		struct scscf_binding *cut = NULL;

		cut_bindings(m, c, set, SLICE_NULL, &cut);
		for (struct scscf_binding *b = cut; b; b = b->next)
			add_row(e, set, b, false, SCSCF_CONTACT_DEACTIVATED, c, now_ms);
		scscf_model_free_bindings(m, &cut);
	}
	connection_step(m, c, SCSCF_CONNECTION_DROP, now_ms, e);
	scscf_model_unpin(m, s, e);
}

void scscf_model_tell_lingering(struct scscf_model *m, struct slice impu, struct slice call_id,
				uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_implicit_set *set = scscf_model_set(m, SLICE_NULL, impu);

	for (struct scscf_connection *c = set ? set->subscriber->connections : NULL; c; c = c->next)
		for (struct scscf_binding *b = c->ghosts;
		     b && c->state == SCSCF_CONNECTION_INACTIVE; b = b->next)
			add_row(e, b->set, b, false, SCSCF_CONTACT_UNREGISTERED, c, now_ms);
	for (struct scscf_effect *f = e->first; f; f = f->next)
		f->only_call_id = scscf_arena_text(&e->arena, call_id);
}

/* ---- sessions and time ---- */

void scscf_connection_session_added(struct scscf_model *m, struct scscf_connection *c)
{
	(void)m;
	c->sessions++;
}

void scscf_connection_session_removed(struct scscf_model *m, struct scscf_connection *c,
				      struct scscf_effects *e)
{
	c->sessions--;
	if (!c->sessions && c->state == SCSCF_CONNECTION_INACTIVE)
		connection_step(m, c, SCSCF_CONNECTION_SESSIONS_GONE, 0, e);
}

struct advance {
	struct scscf_model *m;
	struct scscf_effects *e;
	uint64_t now_ms;
};

static void fire(struct wheel_timer *t, void *arg)
{
	struct advance *a = arg;
	struct scscf_model_timer *mt = (struct scscf_model_timer *)(void *)t;
	struct scscf_connection *c;

	if (mt->of_session) {
		scscf_session_remove(
		    a->m,
		    (struct scscf_session *)(void *)((char *)mt -
						     offsetof(struct scscf_session, timer)),
		    a->e);
		return;
	}
	c = (struct scscf_connection *)(void *)((char *)mt -
						offsetof(struct scscf_connection, timer));
	if (c->state != SCSCF_CONNECTION_INACTIVE)
		return;
	a->m->counters.linger_ends++;
	add_connection_effect(a->e, SCSCF_EFFECT_LINGER_END, c);
	connection_step(a->m, c, SCSCF_CONNECTION_LINGER_END, a->now_ms, a->e);
}

size_t scscf_model_advance(struct scscf_model *m, uint64_t now_ms, size_t max,
			   struct scscf_effects *e)
{
	struct advance a = {m, e, now_ms};

	return timer_wheel_advance(&m->wheel, now_ms, max, fire, &a);
}
