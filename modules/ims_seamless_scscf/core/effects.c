/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/effects.h"

void scscf_effects_init(struct scscf_effects *e)
{
	memset(e, 0, sizeof(*e));
	e->last = &e->first;
}

void scscf_effects_free(struct scscf_effects *e)
{
	scscf_arena_free(&e->arena);
	scscf_effects_init(e);
}

struct scscf_effect *scscf_effects_add(struct scscf_effects *e, enum scscf_effect_kind kind)
{
	struct scscf_effect *f = scscf_arena_alloc(&e->arena, sizeof(*f));

	if (!f)
		return NULL;
	f->kind = kind;
	*e->last = f;
	e->last = &f->next;
	return f;
}

/* Measures (at == NULL) or copies, as a cursor over one block. */
struct cursor {
	char *at;
	size_t bytes;
};

static void *take(struct cursor *c, const void *from, size_t n)
{
	size_t padded = (n + 15) & ~(size_t)15;
	void *to = c->at;

	c->bytes += padded;
	if (!c->at)
		return NULL;
	memcpy(to, from, n);
	c->at += padded;
	return to;
}

static void take_text(struct cursor *c, struct slice *s)
{
	const char *p = s->len ? take(c, s->p, s->len) : NULL;

	if (c->at && s->len)
		s->p = p;
}

static struct scscf_effect *take_effect(struct cursor *c, const struct scscf_effect *from)
{
	struct scscf_effect copy = *from, *to;
	struct slice *texts[] = {&copy.impi,	&copy.contact,	       &copy.params,
				 &copy.call_id, &copy.session_call_id, &copy.only_call_id};

	to = take(c, from, sizeof(*from));
	if (from->impus_n) {
		copy.impus = take(c, from->impus, from->impus_n * sizeof(*from->impus));
		for (size_t i = 0; i < from->impus_n; i++) {
			struct slice s = from->impus[i];

			take_text(c, &s);
			if (copy.impus)
				copy.impus[i] = s;
		}
	}
	if (from->impu_active && from->impus_n)
		copy.impu_active =
		    take(c, from->impu_active, from->impus_n * sizeof(*from->impu_active));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		take_text(c, texts[i]);
	for (int i = 0; i < 2; i++) {
		struct scscf_release_leg *l = &copy.leg[i];
		struct slice *legs[] = {&l->from,   &l->from_tag, &l->to,
					&l->to_tag, &l->target,	  &l->route};

		for (size_t k = 0; k < sizeof(legs) / sizeof(legs[0]); k++)
			take_text(c, legs[k]);
	}
	copy.next = NULL;
	if (to)
		*to = copy;
	return to;
}

static void take_all(struct cursor *c, struct scscf_packed_effects *p,
		     const struct scscf_effect *first)
{
	struct scscf_effect **last = p ? &p->first : NULL;

	for (const struct scscf_effect *f = first; f; f = f->next) {
		struct scscf_effect *to = take_effect(c, f);

		if (last) {
			*last = to;
			last = &to->next;
		}
	}
}

int scscf_effects_reserve_init(struct scscf_effects_reserve *r, struct scscf_store *s, size_t size)
{
	*r = (struct scscf_effects_reserve){.size = size};
	while (r->n < SCSCF_RESERVE_BLOCKS) {
		r->block[r->n] = scscf_store_alloc(s, size);
		if (!r->block[r->n])
			return -1;
		r->n++;
	}
	return 0;
}

static struct scscf_packed_effects *room(struct scscf_store *s, struct scscf_effects_reserve *r,
					 size_t size)
{
	struct scscf_packed_effects *p = scscf_store_alloc(s, size);

	if (p || !r || !r->n || size > r->size)
		return p;
	p = r->block[--r->n];
	memset(p, 0, size);
	p->reserved = 1;
	return p;
}

struct scscf_packed_effects *scscf_effects_pack(struct scscf_store *s,
						struct scscf_effects_reserve *r,
						const struct scscf_effects *e)
{
	struct cursor c = {0};
	struct scscf_packed_effects *p;

	take_all(&c, NULL, e->first);
	p = room(s, r, sizeof(*p) + c.bytes);
	if (!p)
		return NULL;
	p->size = sizeof(*p) + c.bytes;
	c = (struct cursor){(char *)p + sizeof(*p), 0};
	take_all(&c, p, e->first);
	return p;
}

void scscf_packed_effects_free(struct scscf_store *s, struct scscf_effects_reserve *r,
			       struct scscf_packed_effects *p)
{
	if (!p)
		return;
	if (p->reserved)
		r->block[r->n++] = p;
	else
		scscf_store_free(s, p, p->size);
}
