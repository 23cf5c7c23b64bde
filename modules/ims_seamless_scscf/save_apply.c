/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER changes, once the HSS has agreed: usrloc first (the new contact comes in), then the
 * model, then usrloc again (old contacts go out).
 */
#include "modules/ims_seamless_scscf/save.h"

#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/sizes.h"

/* So much longer usrloc keeps a contact: the model takes it out when it has run out, not usrloc's
 * timer. */
#define SHADOW_MARGIN_S 10

/* The IMPUs of a set that the HSS has just told us. */
static void learn_profile(struct save *p, size_t i)
{
	struct scscf_plan_set *s = &p->reg->sets[i];

	s->impus_n = user_data_identities(p->profile[i], s->impus, s->barred, SCSCF_SET_IMPUS_MAX);
	s->told = true;
}

/* A PPR has overtaken the SAAs: of sets that are registered they may bring the older profile. */
static void forget_overtaken_profiles(struct save *p)
{
	bool overtaken;

	(void)seamless_lock();
	overtaken = scscf_hss_pushes(p->reg->talk) != p->reg->pushes;
	seamless_unlock();
	for (size_t i = 0; overtaken && i < p->reg->sets_n; i++) {
		if (!p->profile[i] || !p->reg->sets[i].known || p->lost[i])
			continue;
		seamless_ul.unref_subscription(p->profile[i]);
		p->profile[i] = NULL;
	}
}

/* The records of a set that is registered get the profile that came with the SAA, new identities in
 * it the contacts of the others; those that left it lose theirs. The model follows in the commit. */
static int replace_profiles(struct save *p)
{
	for (size_t i = 0; i < p->reg->sets_n; i++) {
		const struct scscf_plan_set *s = &p->reg->sets[i];

		/* Without a record the binding makes one. */
		if (s->told && s->known &&
		    usrloc_replace_profile(p->profile[i], p->charging) == USRLOC_E_STOCK)
			return -1;
	}
	return 0;
}

/* To may name the identity in another form than the HSS does. */
static bool same_identity(struct slice a, struct slice b)
{
	char key_a[SCSCF_IDENTITY_MAX], key_b[SCSCF_IDENTITY_MAX];
	struct slice x, y;

	return !scscf_identity_key(a, key_a, &x) && !scscf_identity_key(b, key_b, &y) &&
	       slice_eq(x, y);
}

/* Without change of anything until all is known that is needed. */
static bool profiles_complete(struct save *p)
{
	for (size_t i = 0; i < p->reg->sets_n; i++) {
		struct scscf_plan_set *s = &p->reg->sets[i];
		bool found = false;

		if (p->profile[i] && !s->deregisters)
			learn_profile(p, i);
		if (s->deregisters || !p->reg->contact)
			continue;
		for (size_t k = 0; k < s->impus_n && !found; k++) {
			found = same_identity(s->impus[k], s->impu);
			/* From here on as the HSS writes it: usrloc compares octets. */
			if (found)
				s->impu = s->impus[k];
		}
		if (!found)
			return false;
	}
	return true;
}

/*
 * Stock must never have more in a set's records than its document has room for. True: it has room for
 * the new contact in all sets, in some perhaps without its parameters.
 */
static bool find_shadow_room(struct save *p)
{
	const struct sip_contact *c = p->reg->contact;
	bool fits = true;

	for (size_t i = 0; fits && i < p->reg->sets_n; i++) {
		struct scscf_plan_set *s = &p->reg->sets[i];
		enum scscf_shadow room =
		    scscf_shadow_room(seamless_lock(), p->reg->rq.impi, s->impus, s->barred,
				      s->impus_n, c->uri, c->params, p->reg->room);

		seamless_unlock();
		s->bare_shadow = room != SCSCF_SHADOW_WHOLE;
		fits = room != SCSCF_SHADOW_FULL;
	}
	return fits;
}

static void describe_contact(const struct save *p, bool bare, struct usrloc_contact *c)
{
	const struct scscf_saved_register *r = p->reg;

	*c = (struct usrloc_contact){
	    .uri = str_of(r->contact->uri),
	    .path = str_of(r->rq.path),
	    .call_id = str_of(r->rq.call_id),
	    .user_agent = p->user_agent,
	    .params = bare ? SLICE_NULL : r->contact->params,
	    .cseq = (int)r->rq.cseq,
	    .expires_s = r->expires + (seamless_params.save_all ? SHADOW_MARGIN_S : 0),
	    .q_milli = r->contact->q_milli,
	    .has_q = r->contact->has_q,
	    .sock = p->sock,
	    .cflags = p->cflags,
	};
}

/* What was linked for the first n sets goes again, unless it was bound before. */
static void take_back(const struct scscf_saved_register *r, size_t n)
{
	for (size_t i = 0; r->contact && i < n; i++) {
		const struct scscf_effect unbind = {.contact = r->contact->uri,
						    .impus = r->sets[i].impus,
						    .impus_n = r->sets[i].impus_n};

		usrloc_follow(&unbind);
	}
}

static int bind_contacts(struct save *p)
{
	const struct scscf_saved_register *r = p->reg;
	struct usrloc_contact c;
	bool bare = false;

	/* Sets share the contact's record. */
	for (size_t i = 0; i < r->sets_n; i++)
		bare = bare || r->sets[i].bare_shadow;
	describe_contact(p, bare, &c);
	for (size_t i = 0; i < r->sets_n; i++) {
		const struct scscf_plan_set *s = &r->sets[i];
		const struct usrloc_profile profile = {p->profile[i], p->charging};
		int rc = usrloc_bind(s->impus, s->impus_n, &c, profile.s ? &profile : NULL);

		if (rc) {
			LM_INFO("%.*s cannot be bound in usrloc: %s\n", (int)s->impu.len, s->impu.p,
				rc == USRLOC_E_UNKNOWN ? "its record has gone" : "no memory");
			take_back(r, i + 1);
			return -1;
		}
	}
	return 0;
}

/* usrloc after the model: what imsglobreg found only now comes in, old contacts go out. */
static void update_usrloc(const struct save *p, struct scscf_effects *e)
{
	for (struct scscf_effect *f = e->first; f; f = f->next) {
		struct usrloc_contact c;

		if (f->kind == SCSCF_EFFECT_SHADOW_BIND && p->reg->contact) {
			describe_contact(p, true, &c);
			/* It is called by the model; its next REGISTER heals the record. */
			if (usrloc_bind(f->impus, f->impus_n, &c, NULL))
				LM_INFO("usrloc has no record of %.*s\n", (int)f->impus[0].len,
					f->impus[0].p);
		}
	}
	usrloc_follow_all(e);
}

static int commit(struct save *p)
{
	const struct scscf_saved_register *r = p->reg;
	struct scscf_effects e;
	struct scscf_model *m;
	int rc;

	scscf_effects_init(&e);
	m = seamless_lock();
	rc = scscf_register_commit(m, r, kam_now_ms(), &e, &p->result);
	seamless_unlock();
	if (rc && rc != SCSCF_MODEL_E_REFUSED) {
		counter_inc(seamless_counters.no_memory);
		LM_ERR("REGISTER of %.*s: %s\n", (int)r->rq.impi.len, r->rq.impi.p,
		       scscf_model_strerror(rc));
	}
	update_usrloc(p, &e);
	/* The caller sends the 200 after this: what the UE does next must not be told before. */
	effects_later(&e);
	if (rc)
		take_back(r, r->sets_n);
	return rc == SCSCF_MODEL_E_REFUSED ? 1 : rc;
}

int save_apply(struct save *p)
{
	const struct scscf_saved_register *r = p->reg;

	forget_overtaken_profiles(p);
	if (!profiles_complete(p)) {
		LM_ERR("the profile from the HSS does not hold %.*s\n", (int)r->sets[0].impu.len,
		       r->sets[0].impu.p);
		return -1;
	}
	if (r->contact && !find_shadow_room(p)) {
		p->result.no = (struct scscf_register_refusal){
		    .status = 403,
		    .reason = "Too Many Contacts",
		    .why = "stock has no room for a document of so many contacts and identities"};
		return 1;
	}
	if (r->contact && memory_scarce())
		return -1;
	if (replace_profiles(p) || (r->contact && bind_contacts(p)))
		return -1;
	for (size_t i = 0; i < r->sets_n; i++)
		if (r->sets[i].deregisters)
			usrloc_no_sar(r->sets[i].impus, r->sets[i].impus_n);
	return commit(p);
}
