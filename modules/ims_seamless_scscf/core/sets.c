/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscribers, their implicit sets, and the identities they had before. */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"

/* ---- members of a set ---- */

static void unlink_impu(struct scscf_model *m, struct scscf_set_impu *i)
{
	struct scscf_set_impu **h = scscf_impu_bucket(m, i->key);

	while (*h && *h != i)
		h = &(*h)->hash_next;
	if (*h)
		*h = i->hash_next;
}

static void link_impu(struct scscf_model *m, struct scscf_set_impu *i)
{
	struct scscf_set_impu **bucket = scscf_impu_bucket(m, i->key);

	i->hash_next = *bucket;
	*bucket = i;
}

static void free_impu_texts(struct scscf_model *m, struct scscf_set_impu *i)
{
	if (i->key.p != i->impu.p)
		scscf_store_text_free(&m->store, &i->key);
	i->key = SLICE_NULL;
	scscf_store_text_free(&m->store, &i->impu);
}

static void forget_impus(struct scscf_model *m, struct scscf_implicit_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		unlink_impu(m, &set->impu[i]);
		free_impu_texts(m, &set->impu[i]);
	}
	set->n = 0;
}

/* The others keep their order: the first is the default identity. */
static void forget_impu(struct scscf_model *m, struct scscf_implicit_set *set, size_t at)
{
	for (size_t i = at; i < set->n; i++)
		unlink_impu(m, &set->impu[i]);
	free_impu_texts(m, &set->impu[at]);
	set->n--;
	memmove(&set->impu[at], &set->impu[at + 1], (set->n - at) * sizeof(set->impu[0]));
	for (size_t i = at; i < set->n; i++)
		link_impu(m, &set->impu[i]);
}

static int set_texts(struct scscf_model *m, struct scscf_set_impu *i, struct slice impu)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (impu.len > SCSCF_IDENTITY_MAX || scscf_identity_key(impu, buf, &key))
		return SCSCF_MODEL_E_VALUE;
	if (scscf_store_text(&m->store, impu, &i->impu))
		return SCSCF_MODEL_E_NOMEM;
	i->key = i->impu;
	if (!slice_eq(key, impu) && scscf_store_text(&m->store, key, &i->key)) {
		scscf_store_text_free(&m->store, &i->impu);
		return SCSCF_MODEL_E_NOMEM;
	}
	return 0;
}

static int add_impu(struct scscf_model *m, struct scscf_implicit_set *set, struct slice impu,
		    bool barred)
{
	struct scscf_set_impu *i;
	int rc;

	if (set->n == SCSCF_SET_IMPUS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	i = &set->impu[set->n];
	rc = set_texts(m, i, impu);
	if (rc)
		return rc;
	i->barred = barred;
	i->told = false;
	i->set = set;
	link_impu(m, i);
	set->n++;
	return 0;
}

static bool set_has(const struct scscf_implicit_set *set, struct slice impu)
{
	for (size_t i = 0; i < set->n; i++)
		if (slice_eq(set->impu[i].impu, impu))
			return true;
	return false;
}

struct slice scscf_set_identity(const struct scscf_implicit_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (!set->impu[i].barred)
			return set->impu[i].impu;
	return set->n ? set->impu[0].impu : SLICE_NULL;
}

/* ---- identities that were registered before ---- */

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

	for (f = s->former; f; f = f->next)
		if (slice_eq(f->impu, impu))
			return;
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

/* An identity that another IMPI still registers is not gone. */
static void tell_gone(struct scscf_model *m, const struct scscf_subscriber *s,
		      struct scscf_effects *e)
{
	struct scscf_effect *f =
	    e && s->former_n ? scscf_effects_add(e, SCSCF_EFFECT_SUBSCRIBER_GONE) : NULL;

	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, s->impi);
	f->impus = scscf_arena_alloc(&e->arena, s->former_n * sizeof(*f->impus));
	for (const struct scscf_former_impu *i = s->former; f->impus && i; i = i->next)
		if (!scscf_model_registered(m, i->impu))
			f->impus[f->impus_n++] = scscf_arena_text(&e->arena, i->impu);
}

/* ---- life ---- */

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

static bool lingers_somewhere(const struct scscf_implicit_set *set)
{
	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->lingering; b; b = b->next)
			if (b->set == set)
				return true;
	return false;
}

static void unlink_subscriber(struct scscf_model *m, struct scscf_subscriber *s)
{
	struct scscf_subscriber **at = &m->by_impi[scscf_bucket(m, s->impi)];

	while (*at && *at != s)
		at = &(*at)->hash_next;
	if (*at)
		*at = s->hash_next;
	scscf_store_text_free(&m->store, &s->impi);
	scscf_store_free(&m->store, s, sizeof(*s));
	m->subscribers--;
}

void scscf_model_sweep(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e)
{
	struct scscf_implicit_set *set, *next;

	if (s->holds)
		return;
	for (set = s->sets; set; set = next) {
		next = set->next;
		if (set->bindings || lingers_somewhere(set))
			continue;
		for (size_t i = 0; e && i < set->n; i++)
			if (!set->impu[i].barred)
				remember_former(m, s, set->impu[i].impu);
		free_set(m, set);
	}
	if (s->sets || s->connections)
		return;
	tell_gone(m, s, e);
	forget_former(m, s, SLICE_NULL);
	unlink_subscriber(m, s);
}

void scscf_model_release(struct scscf_model *m, struct scscf_subscriber *s, struct scscf_effects *e)
{
	s->holds--;
	scscf_model_sweep(m, s, e);
}

void scscf_free_subscriber(struct scscf_model *m, struct scscf_subscriber *s)
{
	while (s->connections)
		scscf_free_connection(m, s->connections);
	while (s->sets)
		free_set(m, s->sets);
	s->holds = 0;
	scscf_model_sweep(m, s, NULL);
}

struct scscf_subscriber *scscf_learn_subscriber(struct scscf_model *m, struct slice impi)
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
	bucket = &m->by_impi[scscf_bucket(m, impi)];
	s->hash_next = *bucket;
	*bucket = s;
	m->subscribers++;
	return s;
}

/* ---- what the HSS says ---- */

static struct scscf_implicit_set *find_set(struct scscf_model *m, struct slice impi,
					   const struct slice *impus, size_t n)
{
	struct scscf_implicit_set *set = NULL;

	for (size_t i = 0; i < n && !set; i++)
		set = scscf_model_set(m, impi, impus[i]);
	return set;
}

static int make_set(struct scscf_model *m, struct scscf_subscriber *s,
		    struct scscf_implicit_set **out)
{
	struct scscf_implicit_set *set;

	if (s->sets_n == SCSCF_IMPI_SETS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	set = scscf_store_alloc(&m->store, sizeof(*set));
	if (!set)
		return SCSCF_MODEL_E_NOMEM;
	set->subscriber = s;
	set->next = s->sets;
	s->sets = set;
	s->sets_n++;
	*out = set;
	return 0;
}

/* An identity stands in one set of an IMPI only. A set that would be empty keeps its last one. */
static void take_from_others(struct scscf_model *m, const struct scscf_implicit_set *to,
			     struct slice impu)
{
	for (struct scscf_implicit_set *set = to->subscriber->sets; set; set = set->next)
		for (size_t i = 0; set != to && i < set->n && set->n > 1; i++)
			if (slice_eq(set->impu[i].impu, impu)) {
				forget_impu(m, set, i);
				break;
			}
}

static int fill_set(struct scscf_model *m, struct scscf_implicit_set *set,
		    const struct slice *impus, const bool *barred, size_t n)
{
	int rc = 0;

	if (!set->bindings)
		forget_impus(m, set);
	for (size_t i = 0; i < n && !rc; i++) {
		take_from_others(m, set, impus[i]);
		if (!set_has(set, impus[i]))
			rc = add_impu(m, set, impus[i], barred && barred[i]);
	}
	return rc;
}

int scscf_model_learn_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			  const bool *barred, size_t n, struct scscf_implicit_set **out)
{
	struct scscf_implicit_set *set;
	struct scscf_subscriber *s;
	int rc = 0;

	if (!impi.len || impi.len > SCSCF_MODEL_TEXT_MAX || !n)
		return SCSCF_MODEL_E_VALUE;
	if (n > SCSCF_SET_IMPUS_MAX)
		return SCSCF_MODEL_E_LIMIT;
	s = scscf_learn_subscriber(m, impi);
	if (!s)
		return SCSCF_MODEL_E_NOMEM;
	set = find_set(m, impi, impus, n);
	if (!set)
		rc = make_set(m, s, &set);
	if (!rc)
		rc = fill_set(m, set, impus, barred, n);
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

static bool is_in(struct slice impu, const struct slice *impus, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(impus[i], impu))
			return true;
	return false;
}

/* Rows for those IMPUs of the set that impus does not name: registered no more. */
static void tell_left(struct scscf_model *m, const struct scscf_implicit_set *set,
		      const struct slice *impus, size_t n, struct scscf_effects *e)
{
	struct scscf_row row = {.event = SCSCF_CONTACT_DEACTIVATED};
	struct scscf_effect **last = e->last;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set)
				scscf_add_row(m, e, b, c, row, 0);
	for (struct scscf_effect *f = *last; f; f = f->next) {
		size_t kept = 0;

		for (size_t i = 0; i < f->impus_n; i++)
			if (!is_in(f->impus[i], impus, n)) {
				f->impu_active[kept] = false;
				f->impus[kept++] = f->impus[i];
			}
		f->impus_n = kept;
	}
}

static void tell_set(struct scscf_model *m, const struct scscf_implicit_set *set, uint64_t now_ms,
		     struct scscf_effects *e)
{
	struct scscf_row row = {.active = true, .event = SCSCF_CONTACT_REFRESHED};

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set)
				scscf_add_row(m, e, b, c, row, now_ms);
}

int scscf_model_change_set(struct scscf_model *m, struct slice impi, const struct slice *impus,
			   const bool *barred, size_t n, uint64_t now_ms, struct scscf_effects *e)
{
	struct scscf_implicit_set *set = find_set(m, impi, impus, n);
	struct slice told = SLICE_NULL;
	int rc = 0;

	if (!set)
		return SCSCF_MODEL_E_UNKNOWN;
	if (same_members(set, impus, barred, n))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (slice_eq(impus[i], scscf_set_told_as(set)))
			told = impus[i];
	tell_left(m, set, impus, n, e);
	for (size_t i = 0; i < set->n; i++)
		if (!set->impu[i].barred)
			remember_former(m, set->subscriber, set->impu[i].impu);
	forget_impus(m, set);
	for (size_t i = 0; i < n && !rc; i++) {
		forget_former(m, set->subscriber, impus[i]);
		take_from_others(m, set, impus[i]);
		rc = add_impu(m, set, impus[i], barred[i]);
		if (!rc && slice_eq(impus[i], told))
			set->impu[set->n - 1].told = true;
	}
	tell_set(m, set, now_ms, e);
	return rc;
}
