/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows for the NOTIFYs, and what usrloc is to be told. */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"

/* Is this contact of the set bound still, by another instance or over another connection? */
static bool set_has_contact(const struct scscf_implicit_set *set, struct slice contact)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && slice_eq(b->contact, contact))
				return true;
	return false;
}

static bool contact_is_bound(struct scscf_model *m, struct slice key, struct slice contact)
{
	struct scscf_set_impu *i = NULL;

	while ((i = scscf_next_impu(m, key, i)))
		if (set_has_contact(i->set, contact))
			return true;
	return false;
}

bool scscf_model_contact_bound(struct scscf_model *m, struct slice impu, struct slice contact)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	return !scscf_identity_key(impu, buf, &key) && contact_is_bound(m, key, contact);
}

static struct scscf_effect *told_already(const struct scscf_effects *e,
					 const struct scscf_binding *b, const struct scscf_row *row)
{
	const struct scscf_implicit_set *set = b->set;

	for (struct scscf_effect *f = e->first; f; f = f->next)
		if (f->kind == SCSCF_EFFECT_CONTACT && f->contact_active == row->active &&
		    slice_eq(f->contact, b->contact) && slice_eq(f->impi, set->subscriber->impi) &&
		    f->impus_n && slice_eq(f->impus[0], scscf_set_identity(set)))
			return f;
	return NULL;
}

static void put_impus(struct scscf_model *m, struct scscf_effects *e, struct scscf_effect *f,
		      const struct scscf_implicit_set *set)
{
	f->impus = scscf_arena_alloc(&e->arena, set->n * sizeof(*f->impus));
	f->impu_active = scscf_arena_alloc(&e->arena, set->n * sizeof(*f->impu_active));
	for (size_t i = 0; f->impus && f->impu_active && i < set->n; i++) {
		if (set->impu[i].barred)
			continue;
		f->impu_active[f->impus_n] =
		    set->bindings || scscf_model_registered(m, set->impu[i].impu);
		f->impus[f->impus_n++] = scscf_arena_text(&e->arena, set->impu[i].impu);
	}
}

void scscf_add_row(struct scscf_model *m, struct scscf_effects *e, const struct scscf_binding *b,
		   const struct scscf_connection *c, struct scscf_row row, uint64_t now_ms)
{
	struct scscf_effect *f;

	f = e ? told_already(e, b, &row) : NULL;
	/* One row speaks for all bindings of a contact: it names the newest REGISTER, by which a
	 * watcher tells it from what was written before. */
	if (f && slice_eq(f->call_id, b->call_id) && b->cseq > f->cseq)
		f->cseq = b->cseq;
	if (!e || f ||
	    (!row.active && row.event != SCSCF_CONTACT_DEACTIVATED &&
	     set_has_contact(b->set, b->contact)))
		return;
	f = scscf_effects_add(e, SCSCF_EFFECT_CONTACT);
	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, c->subscriber->impi);
	f->connection_id = c->id;
	put_impus(m, e, f, b->set);
	f->contact_active = row.active;
	f->event = row.event;
	f->contact = scscf_arena_text(&e->arena, b->contact);
	f->params = scscf_arena_text(&e->arena, b->params);
	f->call_id = scscf_arena_text(&e->arena, b->call_id);
	f->cseq = b->cseq;
	if (row.active && b->expires_ms > now_ms)
		f->expires_s = (uint32_t)((b->expires_ms - now_ms) / 1000);
	f->connection_inactive = !row.active && c->state == SCSCF_CONNECTION_INACTIVE;
	f->connection_terminated = !row.active && row.connection_over;
	if (f->connection_inactive && c->linger_until_ms > now_ms)
		f->linger_s = (uint32_t)((c->linger_until_ms - now_ms + 999) / 1000);
}

void scscf_add_connection_effect(struct scscf_effects *e, enum scscf_effect_kind kind,
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

static void add_shadow(struct scscf_model *m, struct scscf_effects *e,
		       const struct scscf_binding *b, struct slice contact, bool bind)
{
	const struct scscf_implicit_set *set = b->set;
	struct scscf_effect *f;

	if (!e)
		return;
	f = scscf_effects_add(e, bind ? SCSCF_EFFECT_SHADOW_BIND : SCSCF_EFFECT_SHADOW_UNBIND);
	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, set->subscriber->impi);
	f->contact = scscf_arena_text(&e->arena, contact);
	f->impus = scscf_arena_alloc(&e->arena, set->n * sizeof(*f->impus));
	for (size_t i = 0; f->impus && i < set->n; i++)
		if (bind || !contact_is_bound(m, set->impu[i].key, contact))
			f->impus[f->impus_n++] = scscf_arena_text(&e->arena, set->impu[i].impu);
}

void scscf_add_shadow(struct scscf_model *m, struct scscf_effects *e, const struct scscf_binding *b,
		      bool bind)
{
	add_shadow(m, e, b, b->contact, bind);
}

void scscf_add_shadow_of(struct scscf_model *m, struct scscf_effects *e,
			 const struct scscf_binding *b, struct slice contact)
{
	add_shadow(m, e, b, contact, false);
}
