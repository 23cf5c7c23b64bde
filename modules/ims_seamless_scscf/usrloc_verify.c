/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock tells nobody when it removes a contact explicitly (5.6 never runs UL_IMPU_DELETE_CONTACT),
 * and keeps the record while somebody watches it. So after a deregistration through stock save()
 * the model is compared with usrloc.
 */
#include "modules/ims_seamless_scscf/glue.h"

#define BINDINGS_MAX (IMPI_CONNECTIONS_MAX * IMPI_SETS_MAX)

struct known {
	struct slice impu, contact;
	bool gone;
};

static size_t list_bindings(struct slice impi, struct known *known, struct arena *a)
{
	struct model *m = seamless_lock();
	struct subscriber *s = model_subscriber(m, impi);
	size_t n = 0;

	for (struct connection *c = s ? s->connections : NULL; c; c = c->next) {
		for (struct binding *b = c->bindings; b && n < BINDINGS_MAX; b = b->next) {
			known[n].impu = arena_text(a, b->set->impu[0].impu);
			known[n++].contact = arena_text(a, b->contact);
		}
	}
	seamless_unlock();
	return n;
}

static bool usrloc_has(struct slice impu, struct slice contact)
{
	str s = str_of(impu);
	impurecord_t *r;
	bool found = false;

	seamless_ul.lock_udomain(seamless_domain, &s);
	if (seamless_ul.get_impurecord(seamless_domain, &s, &r) == 0)
		for (impu_contact_t *ic = r->linked_contacts.head; ic && !found; ic = ic->next)
			found = ic->contact && ic->contact->state == CONTACT_VALID &&
				slice_eq(slice_of(ic->contact->c), contact);
	seamless_ul.unlock_udomain(seamless_domain, &s);
	return found;
}

void usrloc_verify(struct slice impi)
{
	static struct known known[BINDINGS_MAX];
	struct arena a = {0};
	size_t n = list_bindings(impi, known, &a);
	struct effects e;
	struct model *m;

	for (size_t i = 0; i < n; i++)
		known[i].gone = !a.failed && !usrloc_has(known[i].impu, known[i].contact);
	effects_init(&e);
	m = seamless_lock();
	for (size_t i = 0; i < n; i++) {
		struct implicit_set *set = known[i].gone ? model_set(m, impi, known[i].impu) : NULL;

		if (set)
			model_unbind_final(m, set, known[i].contact, seamless_now_ms(), &e);
	}
	seamless_unlock();
	arena_free(&a);
	effects_later(&e);
}

void usrloc_verify_later(struct slice impi)
{
	struct effects e;
	struct effect *f;

	effects_init(&e);
	f = effects_add(&e, EFFECT_VERIFY);
	if (f)
		f->impi = arena_text(&e.arena, impi);
	effects_later(&e);
}
