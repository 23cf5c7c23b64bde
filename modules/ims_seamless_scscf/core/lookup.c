/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/lookup.h"
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"

/* The one to be tried first: higher q, then what registered last, then what was made last. */
static bool comes_before(const struct scscf_target *a, const struct scscf_target *b)
{
	if (a->q_milli != b->q_milli)
		return a->q_milli > b->q_milli;
	if (a->bound_ms != b->bound_ms)
		return a->bound_ms > b->bound_ms;
	return a->binding > b->binding;
}

static bool same_target(const struct scscf_target *a, const struct scscf_target *b)
{
	return slice_eq(a->contact, b->contact) && slice_eq(a->path, b->path);
}

/* Two flows of one instance (RFC 5626 4.2): both have a reg-id. */
static bool same_instance(const struct scscf_target *a, const struct scscf_target *b)
{
	return a->reg_id && b->reg_id && a->instance.len && slice_eq(a->instance, b->instance);
}

/* Into its place in the order; the last one falls out of a full list. */
static void insert(struct scscf_targets *t, const struct scscf_target *one)
{
	size_t at = 0;

	for (size_t i = 0; i < t->n; i++)
		if (same_target(&t->target[i], one))
			return;
	while (at < t->n && !comes_before(one, &t->target[at]))
		at++;
	t->cut = t->cut || t->n == SCSCF_TARGETS_MAX;
	if (at == SCSCF_TARGETS_MAX)
		return;
	if (t->n < SCSCF_TARGETS_MAX)
		t->n++;
	memmove(&t->target[at + 1], &t->target[at], (t->n - 1 - at) * sizeof(*one));
	t->target[at] = *one;
}

static void collect(const struct scscf_implicit_set *set, uint64_t now_ms,
		    struct scscf_targets *out)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		if (c->state != SCSCF_CONNECTION_ACTIVE)
			continue;
		for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
			struct scscf_target one = {.contact = b->contact,
						   .path = c->way.path,
						   .instance = b->instance,
						   .reg_id = b->reg_id,
						   .q_milli = b->q_milli,
						   .connection = c->id,
						   .binding = b->id,
						   .bound_ms = b->bound_ms};

			if (b->set == set && b->expires_ms > now_ms)
				insert(out, &one);
		}
	}
}

/* Bring what is another flow of an instance right behind its first one. */
static void put_alternatives(struct scscf_targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t behind = i + 1;

		if (t->target[i].alternative)
			continue;
		for (size_t k = i + 1; k < t->n; k++) {
			struct scscf_target other = t->target[k];

			if (!same_instance(&t->target[i], &other))
				continue;
			memmove(&t->target[behind + 1], &t->target[behind],
				(k - behind) * sizeof(other));
			other.alternative = true;
			t->target[behind++] = other;
		}
	}
}

static int own_texts(struct scscf_targets *t, struct scscf_arena *a)
{
	for (size_t i = 0; i < t->n; i++) {
		t->target[i].contact = scscf_arena_text(a, t->target[i].contact);
		t->target[i].path = scscf_arena_text(a, t->target[i].path);
		t->target[i].instance = scscf_arena_text(a, t->target[i].instance);
	}
	return a->failed ? SCSCF_MODEL_E_NOMEM : 0;
}

/* Returns how many sets have the identity, none of them barring it. */
static size_t collect_key(struct scscf_model *m, struct slice key, uint64_t now_ms,
			  struct scscf_targets *out)
{
	struct scscf_set_impu *i = NULL;
	size_t found = 0;

	while ((i = scscf_next_impu(m, key, i))) {
		if (i->barred || !i->set->bindings)
			continue;
		found++;
		collect(i->set, now_ms, out);
	}
	return found;
}

static const struct scscf_set_impu *bound_as(struct scscf_model *m, struct slice key)
{
	struct scscf_set_impu *i = NULL;

	while ((i = scscf_next_impu(m, key, i)))
		if (i->set->bindings)
			return i;
	return NULL;
}

static const struct scscf_set_impu *find_bound(struct scscf_model *m, struct slice impu)
{
	const struct scscf_set_impu *i = NULL;
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (!scscf_identity_key(impu, buf, &key))
		i = bound_as(m, key);
	if (!i && scscf_identity_tel(impu, buf, &key))
		i = bound_as(m, key);
	return i;
}

bool scscf_lookup_registered(struct scscf_model *m, struct slice impu)
{
	return find_bound(m, impu) != NULL;
}

bool scscf_lookup_barred(struct scscf_model *m, struct slice impu)
{
	const struct scscf_set_impu *i = find_bound(m, impu);

	return i && i->barred;
}

int scscf_lookup_identity(struct scscf_model *m, struct slice impu, struct scscf_arena *a,
			  struct slice *out)
{
	const struct scscf_set_impu *i = find_bound(m, impu);

	if (!i)
		return SCSCF_MODEL_E_UNKNOWN;
	*out = scscf_arena_text(a, i->impu);
	return a->failed ? SCSCF_MODEL_E_NOMEM : 0;
}

int scscf_lookup(struct scscf_model *m, struct slice impu, uint64_t now_ms, struct scscf_arena *a,
		 struct scscf_targets *out)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;
	size_t found = 0;

	out->n = 0;
	out->cut = false;
	if (!scscf_identity_key(impu, buf, &key))
		found = collect_key(m, key, now_ms, out);
	if (!found && scscf_identity_tel(impu, buf, &key))
		found = collect_key(m, key, now_ms, out);
	if (!found)
		return SCSCF_MODEL_E_UNKNOWN;
	put_alternatives(out);
	return own_texts(out, a);
}
