/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/sizes.h"
#include "modules/ims_seamless_scscf/core/hss_talk.h"
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"
#include "modules/ims_seamless_scscf/core/plan_internal.h"
#include "modules/ims_seamless_scscf/core/shadow_text.h"
#include "sip/name_addr.h"

/* What stands around the texts, generously. */
#define CONTACT_LINE   48
#define IDENTITY_ENTRY 20
#define OTHER_LINES    64

/* ---- the 200 ---- */

static size_t contact_line(struct slice uri, struct slice params)
{
	return CONTACT_LINE + uri.len + params.len;
}

static bool is_taken(const struct scscf_register_plan *plan, const struct scscf_binding *b)
{
	for (size_t i = 0; i < plan->unbinds_n; i++)
		if (plan->unbinds[i].binding == b->id)
			return true;
	return false;
}

size_t scscf_associated_size(const struct slice *impus, const bool *barred, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		if (!barred[i])
			size += IDENTITY_ENTRY + impus[i].len;
	return size;
}

size_t scscf_answer_size(struct scscf_model *m, const struct scscf_register_request *rq,
			 const struct scscf_register_plan *plan)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, rq->impi);
	size_t size = OTHER_LINES + rq->path.len;

	if (plan->contact)
		size += contact_line(plan->contact->uri, plan->contact->params) *
			(plan->binds_n ? plan->binds_n : 1);
	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == plan->sets[0].set && !is_taken(plan, b))
				size += contact_line(b->contact, b->params);
	for (struct scscf_implicit_set *set = s && plan->contact ? s->sets : NULL; set;
	     set = set->next)
		for (size_t i = 0; i < set->n; i++)
			if (!set->impu[i].barred)
				size += IDENTITY_ENTRY + set->impu[i].impu.len;
	return size;
}

/* ---- stock's document ---- */

/* As stock's format strings have them, with the largest numbers. */
#define DOCUMENT_ENDS	   130
#define REGISTRATION_ENDS  84
#define CONTACT_ENDS	   138
#define UNKNOWN_PARAM_ENDS 52

static size_t params_size(struct slice params)
{
	struct slice name, value;
	size_t size = 0;

	while (sip_param_next(&params, &name, &value) == 1)
		size += UNKNOWN_PARAM_ENDS + name.len + value.len;
	return size;
}

size_t scscf_shadow_size(struct slice contact, struct slice params, bool bare)
{
	return CONTACT_ENDS + contact.len + (bare ? 0 : params_size(params));
}

/* Contacts of the set, over whatever connection; the one with this URI is written anew. */
static size_t contacts_size(const struct scscf_implicit_set *set, struct slice but)
{
	size_t size = 0;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && !slice_eq(b->contact, but))
				size += scscf_shadow_size(b->contact, b->params, b->bare_shadow);
	return size;
}

/* All contacts of an identity: private identities that share it share its record, too. */
static size_t linked_size(struct scscf_model *m, struct slice key,
			  const struct scscf_implicit_set *own, struct slice but)
{
	struct scscf_set_impu *i = NULL;
	size_t size = 0;

	while ((i = scscf_next_impu(m, key, i)))
		size += contacts_size(i->set, i->set == own ? but : SLICE_NULL);
	return size;
}

/* The document of a set whose members the model has. */
static size_t document_size(struct scscf_model *m, const struct scscf_implicit_set *set,
			    const struct scscf_implicit_set *own, struct slice but)
{
	size_t size = DOCUMENT_ENDS, taken = scscf_hss_room_taken(m, set->subscriber->impi);

	for (size_t i = 0; i < set->n; i++)
		if (!set->impu[i].barred)
			size += REGISTRATION_ENDS + set->impu[i].impu.len + taken +
				linked_size(m, set->impu[i].key, own, but);
	return size;
}

/* A contact under way for some identities. */
struct room {
	struct scscf_model *m;
	const struct scscf_implicit_set *own; /* the set it is for, if there is one */
	const struct slice *impus;
	const bool *barred;
	size_t n, taken;
	struct slice contact;
};

/* Its set's document with an entry of size octets for it under each identity. */
static bool own_document_fits(const struct room *r, struct slice impi, size_t size)
{
	size_t taken = scscf_hss_room_taken(r->m, impi) - r->taken, all = DOCUMENT_ENDS;
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	for (size_t i = 0; i < r->n; i++)
		if (!r->barred[i] && !scscf_identity_key(r->impus[i], buf, &key))
			all += REGISTRATION_ENDS + r->impus[i].len + taken + size +
			       linked_size(r->m, key, r->own, r->contact);
	return all <= SCSCF_STOCK_DOCUMENT_MAX;
}

/* And the documents of sets of others who share some of them. */
static bool others_documents_fit(const struct room *r, struct slice impi, size_t size)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	for (size_t i = 0; i < r->n; i++) {
		struct scscf_set_impu *u = NULL;

		if (scscf_identity_key(r->impus[i], buf, &key))
			continue;
		/* All n may be shared: from above. */
		while ((u = scscf_next_impu(r->m, key, u)))
			if (u->set != r->own && !slice_eq(u->set->subscriber->impi, impi) &&
			    document_size(r->m, u->set, r->own, r->contact) + r->n * size >
				SCSCF_STOCK_DOCUMENT_MAX)
				return false;
	}
	return true;
}

enum scscf_shadow scscf_shadow_room(struct scscf_model *m, struct slice impi,
				    const struct slice *impus, const bool *barred, size_t n,
				    struct slice contact, struct slice params, size_t taken)
{
	struct room r = {
	    .m = m, .impus = impus, .barred = barred, .n = n, .taken = taken, .contact = contact};

	for (size_t i = 0; i < n && !r.own; i++)
		r.own = scscf_model_set(m, impi, impus[i]);
	for (int bare = !scscf_shadow_params_plain(params); bare < 2; bare++) {
		size_t size = scscf_shadow_size(contact, params, bare);

		if (own_document_fits(&r, impi, size) && others_documents_fit(&r, impi, size))
			return bare ? SCSCF_SHADOW_BARE : SCSCF_SHADOW_WHOLE;
	}
	return SCSCF_SHADOW_FULL;
}
