/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER changes, once the HSS has agreed: usrloc first (the new contact comes in), then the
 * model, then usrloc again (old contacts go out).
 */
#include "modules/ims_seamless_scscf/save.h"

/* The IMPUs of a set that the HSS has just told us. */
static void learn_profile(struct save *p, size_t i)
{
	struct scscf_plan_set *s = &p->reg->plan.sets[i];

	s->impus_n = user_data_identities(p->profile[i], s->impus, s->barred, SCSCF_SET_IMPUS_MAX);
}

/* Without change of anything until all is known that is needed. */
static bool profiles_complete(struct save *p)
{
	for (size_t i = 0; i < p->reg->plan.sets_n; i++) {
		struct scscf_plan_set *s = &p->reg->plan.sets[i];
		bool found = false;

		if (p->profile[i] && !s->deregisters)
			learn_profile(p, i);
		if (s->deregisters || p->reg->plan.kind == SCSCF_REGISTER_DEREG)
			continue;
		for (size_t k = 0; k < s->impus_n; k++)
			found = found || slice_eq(s->impus[k], s->impu);
		if (!found)
			return false;
	}
	return true;
}

static int bind_contacts(struct save *p, uint64_t *id)
{
	const struct scscf_saved_register *r = p->reg;
	struct usrloc_contact c = {
	    .uri = str_of(r->contact.uri),
	    .path = str_of(r->path),
	    .call_id = str_of(r->call_id),
	    .user_agent = p->user_agent,
	    .params = r->contact.params,
	    .cseq = (int)r->cseq,
	    .expires_s = r->plan.expires,
	    .q_milli = r->contact.q_milli,
	    .has_q = r->contact.has_q,
	    .sock = p->sock,
	    .cflags = p->cflags,
	};

	for (size_t i = 0; i < r->plan.sets_n; i++) {
		const struct scscf_plan_set *s = &r->plan.sets[i];

		if (p->profile[i] && usrloc_store_profile(p->profile[i], p->charging))
			return -1;
		if (usrloc_bind(s->impus, s->impus_n, &c, id)) {
			/* What was linked already is taken back. */
			for (size_t k = 0; k <= i; k++)
				usrloc_unbind(r->plan.sets[k].impus, r->plan.sets[k].impus_n,
					      r->contact.uri);
			return -1;
		}
	}
	return 0;
}

static void unbind_contacts(const struct scscf_saved_register *r)
{
	for (size_t i = 0; i < r->plan.unbinds_n; i++) {
		const struct scscf_plan_unbind *u = &r->plan.unbinds[i];
		const struct scscf_plan_set *s = &r->plan.sets[u->set];

		/* The contact may be the new one, bound anew for another instance. */
		if (r->plan.contact && slice_eq(u->contact, r->contact.uri))
			continue;
		usrloc_unbind(s->impus, s->impus_n, u->contact);
	}
}

/* Every old connection of a UE that uses the tag may linger, also one it made without the tag. */
static void mark_seamless(struct scscf_model *m, struct slice impi)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		c->seamless = true;
}

int save_apply(struct save *p)
{
	const struct scscf_saved_register *r = p->reg;
	struct scscf_effects e;
	uint64_t id = 0;
	struct scscf_model *m;
	int rc;

	if (!profiles_complete(p)) {
		LM_ERR("the profile from the HSS does not hold %.*s\n",
		       (int)r->plan.sets[0].impu.len, r->plan.sets[0].impu.p);
		return -1;
	}
	if (r->plan.contact && bind_contacts(p, &id))
		return -1;
	for (size_t i = 0; i < r->plan.sets_n; i++)
		if (r->plan.sets[i].deregisters)
			usrloc_no_sar(r->plan.sets[i].impus, r->plan.sets[i].impus_n);
	scscf_effects_init(&e);
	m = seamless_lock();
	mark_seamless(m, r->impi);
	rc = scscf_register_commit(m, r, id, kam_now_ms(), &e);
	seamless_unlock();
	if (rc) {
		counter_inc(seamless_counters.no_memory);
		LM_ERR("REGISTER of %.*s: %s\n", (int)r->impi.len, r->impi.p,
		       scscf_model_strerror(rc));
		scscf_effects_free(&e);
		return -1;
	}
	unbind_contacts(r);
	/* The caller sends the 200 after this: what the UE does next must not be told before. */
	effects_later(&e);
	return 0;
}
