/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock tells nobody when it removes a contact explicitly (5.6 never runs UL_IMPU_DELETE_CONTACT),
 * and keeps the record while somebody watches it. So after a deregistration through stock save()
 * the model is compared with usrloc.
 */
#include "modules/ims_seamless_scscf/glue.h"

#define BINDINGS_MAX (SCSCF_IMPI_CONNECTIONS_MAX * SCSCF_IMPI_SETS_MAX)

struct known {
	struct slice impu, contact;
	bool gone;
};

static size_t list_bindings(struct slice impi, struct known *known, struct scscf_arena *a)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	size_t n = 0;

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next) {
		for (struct scscf_binding *b = c->bindings; b && n < BINDINGS_MAX; b = b->next) {
			known[n].impu = scscf_arena_text(a, b->set->impu[0].impu);
			known[n++].contact = scscf_arena_text(a, b->contact);
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
	const struct scscf_unbind_how how = {
	    .event = SCSCF_CONTACT_UNREGISTERED, .quiet = true, .final = true, .stock = true};
	static struct known known[BINDINGS_MAX];
	struct scscf_arena a = {0};
	size_t n = list_bindings(impi, known, &a);
	struct scscf_effects e;
	struct scscf_model *m;

	for (size_t i = 0; i < n; i++)
		known[i].gone = !a.failed && !usrloc_has(known[i].impu, known[i].contact);
	scscf_effects_init(&e);
	m = seamless_lock();
	for (size_t i = 0; i < n; i++) {
		struct scscf_implicit_set *set =
		    known[i].gone ? scscf_model_set(m, impi, known[i].impu) : NULL;

		if (set)
			scscf_model_unbind(m, set, known[i].contact, &how, kam_now_ms(), &e);
	}
	seamless_unlock();
	scscf_arena_free(&a);
	effects_later(&e);
}

void usrloc_verify_later(struct slice impi)
{
	struct scscf_effects e;
	struct scscf_effect *f;

	scscf_effects_init(&e);
	f = scscf_effects_add(&e, SCSCF_EFFECT_VERIFY);
	if (f)
		f->impi = scscf_arena_text(&e.arena, impi);
	effects_later(&e);
}
