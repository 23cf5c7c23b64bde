/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking bindings away. A call marks what goes and then cuts it out of all connections of the
 * subscriber at one stroke.
 */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"

static void tell_ended(struct scscf_effects *e, enum scscf_effect_kind kind,
		       const struct scscf_unbind_how *how, const struct scscf_binding *b,
		       struct slice impu)
{
	struct scscf_effect *f = scscf_effects_add(e, kind);

	if (!f)
		return;
	f->end = how->end;
	f->impi = scscf_arena_text(&e->arena, b->set->subscriber->impi);
	f->impus = scscf_arena_alloc(&e->arena, sizeof(*f->impus));
	if (f->impus)
		f->impus[f->impus_n++] = scscf_arena_text(&e->arena, impu);
}

/* Application servers hear of the end by the identity by which they know the set. */
static void services_end(struct scscf_effects *e, const struct scscf_unbind_how *how, bool tells,
			 const struct scscf_binding *b)
{
	struct slice told = scscf_set_told_as(b->set);

	if (tells)
		tell_ended(e, SCSCF_EFFECT_SERVICES_ENDED, how, b,
			   told.len ? told : scscf_set_identity(b->set));
	scscf_set_tell_as(b->set, SLICE_NULL);
}

/* Cut what is marked out of a connection, into *out. */
static size_t cut_marked(struct scscf_model *m, struct scscf_connection *c,
			 const struct scscf_unbind_how *how, struct scscf_binding **out,
			 struct scscf_effects *e)
{
	bool tells = how->end != SCSCF_END_REGISTER && e;
	struct scscf_binding **at = &c->bindings, *b;
	size_t n = 0;

	while ((b = *at)) {
		if (!b->going) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		b->going = false;
		b->next = *out;
		*out = b;
		timer_wheel_cancel(&m->wheel, &b->timer.wheel);
		m->bindings--;
		n++;
		b->set->bindings--;
		if (!b->emergency && !scscf_set_has_services(b->set))
			services_end(e, how, tells, b);
		if (tells && !b->set->bindings)
			tell_ended(e, SCSCF_EFFECT_SET_ENDED, how, b, scscf_set_identity(b->set));
	}
	return n;
}

static void keep_lingering(struct scscf_connection *c, struct scscf_binding *cut)
{
	struct scscf_binding **tail = &cut;

	while (*tail)
		tail = &(*tail)->next;
	*tail = c->lingering;
	c->lingering = cut;
}

static bool is_active_elsewhere(const struct scscf_connection *c)
{
	for (const struct scscf_connection *o = c->subscriber->connections; o; o = o->next)
		if (o != c && o->state == SCSCF_CONNECTION_ACTIVE)
			return true;
	return false;
}

/*
 * Are the sessions of a connection that does not linger released with it (TS 24.229 5.4.1.4, 5.4.5.1.2)?
 * Not those of a user who is reached over another one: he has taken a new address without the tag.
 * Those of contacts that the stock registrar keeps are left to whoever runs them, unless the UE used the
 * tag.
 */
static bool releases(const struct scscf_connection *c, const struct scscf_unbind_how *how)
{
	if (how->stock)
		return how->final && c->seamless;
	return how->final || !is_active_elsewhere(c);
}

/* Returns how many were taken; with any, the connection may be gone. */
static size_t take_from(struct scscf_model *m, struct scscf_connection *c,
			const struct scscf_unbind_how *how, uint64_t now_ms,
			struct scscf_effects *e)
{
	struct scscf_row row = {.event = how->event};
	struct scscf_binding *cut = NULL;
	size_t n = cut_marked(m, c, how, &cut, e);
	bool lingers = n && !how->final && !c->bindings && c->sessions && c->seamless;

	if (!n)
		return 0;
	if (!c->bindings && how->taken_over_by != c->id)
		c->taken_over_by = how->taken_over_by;
	if (lingers)
		scscf_connection_step(m, c, SCSCF_CONNECTION_UNBIND_BUSY, now_ms, e);
	for (struct scscf_binding *b = cut; b; b = b->next) {
		if (!how->quiet || lingers)
			scscf_add_row(m, e, b, c, row, now_ms);
		if (!how->stock)
			scscf_add_shadow(m, e, b, false);
	}
	if (lingers) {
		scscf_add_connection_effect(e, SCSCF_EFFECT_LINGER_START, c);
		keep_lingering(c, cut);
		return n;
	}
	scscf_free_bindings(m, &cut);
	if (!c->bindings)
		scscf_connection_step(
		    m, c, releases(c, how) ? SCSCF_CONNECTION_DROP : SCSCF_CONNECTION_UNBIND_IDLE,
		    now_ms, e);
	return n;
}

static size_t take_marked(struct scscf_model *m, struct scscf_subscriber *s,
			  const struct scscf_unbind_how *how, uint64_t now_ms,
			  struct scscf_effects *e)
{
	struct scscf_connection *c = s->connections;
	size_t taken = 0;

	s->holds++;
	while (c) {
		size_t here = take_from(m, c, how, now_ms, e);

		/* A connection that goes may take another one with it: that of a session with
		 * itself. */
		taken += here;
		c = here ? s->connections : c->next;
	}
	scscf_model_release(m, s, e);
	return taken;
}

size_t scscf_model_unbind_ids(struct scscf_model *m, struct scscf_subscriber *s,
			      const uint64_t *ids, size_t n, const struct scscf_unbind_how *how,
			      uint64_t now_ms, struct scscf_effects *e)
{
	for (struct scscf_connection *c = s->connections; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			for (size_t i = 0; i < n; i++)
				b->going = b->going || b->id == ids[i];
	return take_marked(m, s, how, now_ms, e);
}

static void mark_set(struct scscf_implicit_set *set, struct slice contact)
{
	for (struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && (!contact.len || slice_eq(b->contact, contact)))
				b->going = true;
}

size_t scscf_model_unbind(struct scscf_model *m, struct scscf_implicit_set *set,
			  struct slice contact, const struct scscf_unbind_how *how, uint64_t now_ms,
			  struct scscf_effects *e)
{
	mark_set(set, contact);
	return take_marked(m, set->subscriber, how, now_ms, e);
}

/* ---- running out ---- */

void scscf_binding_due(struct scscf_model *m, struct scscf_binding *b, uint64_t now_ms,
		       struct scscf_effects *e)
{
	struct scscf_unbind_how how = {.event = SCSCF_CONTACT_EXPIRED, .end = SCSCF_END_RAN_OUT};
	struct scscf_subscriber *s = b->connection->subscriber;

	for (struct scscf_connection *c = s->connections; c; c = c->next)
		for (struct scscf_binding *other = c->bindings; other; other = other->next)
			other->going = other == b || other->expires_ms <= now_ms;
	m->counters.expired_bindings += take_marked(m, s, &how, now_ms, e);
}

/* ---- taken away by the network or an operator ---- */

static bool is_named(const struct scscf_implicit_set *set, const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < n; k++)
			if (slice_eq(set->impu[i].impu, impus[k]))
				return true;
	return !n;
}

/* Does it linger for none but these sets? */
static bool lingers_for(const struct scscf_connection *c, struct scscf_implicit_set *const *sets,
			size_t n)
{
	for (const struct scscf_binding *b = c->lingering; b; b = b->next) {
		size_t i = 0;

		while (i < n && sets[i] != b->set)
			i++;
		if (i == n)
			return false;
	}
	return c->state == SCSCF_CONNECTION_INACTIVE;
}

size_t scscf_model_deregister(struct scscf_model *m, struct slice impi, const struct slice *impus,
			      size_t n, enum scscf_contact_event event, enum scscf_set_end end,
			      uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_unbind_how how = {.event = event, .final = true, .end = end};
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	struct scscf_implicit_set *sets[SCSCF_IMPI_SETS_MAX];
	struct scscf_connection *c;
	size_t sets_n = 0;

	if (!s)
		return 0;
	for (struct scscf_implicit_set *set = s->sets; set && sets_n < SCSCF_IMPI_SETS_MAX;
	     set = set->next) {
		if (is_named(set, impus, n)) {
			sets[sets_n++] = set;
			mark_set(set, SLICE_NULL);
		}
	}
	s->holds++;
	take_marked(m, s, &how, now_ms, e);
	for (c = s->connections; c;) {
		if (lingers_for(c, sets, sets_n)) {
			scscf_connection_step(m, c, SCSCF_CONNECTION_DROP, now_ms, e);
			c = s->connections;
		} else {
			c = c->next;
		}
	}
	scscf_model_release(m, s, e);
	return sets_n;
}

void scscf_model_drop_connection(struct scscf_model *m, struct scscf_connection *c, uint64_t now_ms,
				 struct scscf_effects *e)
{
	struct scscf_unbind_how how = {
	    .event = SCSCF_CONTACT_DEACTIVATED, .final = true, .end = SCSCF_END_BY_OPERATOR};
	struct scscf_row row = {.event = SCSCF_CONTACT_DEACTIVATED};
	struct scscf_subscriber *s = c->subscriber;
	struct scscf_binding *cut = NULL;

	s->holds++;
	for (struct scscf_binding *b = c->bindings; b; b = b->next)
		b->going = true;
	(void)cut_marked(m, c, &how, &cut, e);
	for (struct scscf_binding *b = cut; b; b = b->next) {
		scscf_add_row(m, e, b, c, row, now_ms);
		scscf_add_shadow(m, e, b, false);
	}
	scscf_free_bindings(m, &cut);
	scscf_connection_step(m, c, SCSCF_CONNECTION_DROP, now_ms, e);
	scscf_model_release(m, s, e);
}

/* ---- who asks ---- */

static void tell_lingering_of(struct scscf_model *m, struct scscf_subscriber *s, uint64_t now_ms,
			      struct scscf_effects *e)
{
	struct scscf_row row = {.event = SCSCF_CONTACT_UNREGISTERED};

	for (struct scscf_connection *c = s->connections; c; c = c->next)
		for (struct scscf_binding *b = c->lingering;
		     b && c->state == SCSCF_CONNECTION_INACTIVE; b = b->next)
			scscf_add_row(m, e, b, c, row, now_ms);
}

void scscf_model_tell_lingering(struct scscf_model *m, struct slice impu, struct slice call_id,
				uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (scscf_identity_key(impu, buf, &key))
		return;
	while ((i = scscf_next_impu(m, key, i)))
		tell_lingering_of(m, i->set->subscriber, now_ms, e);
	for (struct scscf_effect *f = e->first; f; f = f->next)
		f->only_call_id = scscf_arena_text(&e->arena, call_id);
}
