/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/register_commit.h"

/* Either measures (at == NULL) or copies. */
struct packer {
	char *at;
	size_t bytes;
};

static void pack(struct packer *p, struct slice *s)
{
	p->bytes += s->len;
	if (!p->at || !s->len)
		return;
	memcpy(p->at, s->p, s->len);
	*s = slice_make(p->at, s->len);
	p->at += s->len;
}

static void pack_all(struct packer *p, struct scscf_saved_register *r)
{
	struct scscf_register_plan *plan = &r->plan;

	pack(p, &r->impi);
	pack(p, &r->path);
	pack(p, &r->call_id);
	if (plan->contact) {
		pack(p, &r->contact.uri);
		pack(p, &r->contact.params);
		pack(p, &r->contact.instance);
	}
	for (size_t i = 0; i < plan->sets_n; i++) {
		pack(p, &plan->sets[i].impu);
		for (size_t k = 0; k < plan->sets[i].impus_n; k++)
			pack(p, &plan->sets[i].impus[k]);
	}
	for (size_t i = 0; i < plan->binds_n; i++)
		pack(p, &plan->binds[i].instance);
	for (size_t i = 0; i < plan->unbinds_n; i++)
		pack(p, &plan->unbinds[i].contact);
}

static void fill(struct scscf_saved_register *r, const struct scscf_register_plan *plan,
		 const struct scscf_register_request *rq)
{
	r->plan = *plan;
	if (plan->contact)
		r->contact = *plan->contact;
	r->impi = rq->impi;
	r->path = rq->path;
	r->call_id = rq->call_id;
	r->cseq = rq->cseq;
}

struct scscf_saved_register *scscf_saved_register_make(struct scscf_store *s,
						       const struct scscf_register_plan *plan,
						       const struct scscf_register_request *rq)
{
	struct packer p = {NULL, sizeof(struct scscf_saved_register)};
	struct scscf_saved_register *r = scscf_store_alloc(s, sizeof(*r));
	size_t size;

	if (!r)
		return NULL;
	fill(r, plan, rq);
	pack_all(&p, r);
	size = p.bytes;
	scscf_store_free(s, r, sizeof(*r));
	r = scscf_store_alloc(s, size);
	if (!r)
		return NULL;
	fill(r, plan, rq);
	r->size = size;
	p = (struct packer){(char *)(r + 1), 0};
	pack_all(&p, r);
	if (plan->contact)
		r->plan.contact = &r->contact;
	return r;
}

void scscf_saved_register_free(struct scscf_store *s, struct scscf_saved_register *r)
{
	if (r)
		scscf_store_free(s, r, r->size);
}

static void describe(const struct scscf_saved_register *r, const struct scscf_plan_bind *b,
		     uint64_t usrloc_id, struct scscf_binding_info *info)
{
	*info = (struct scscf_binding_info){
	    .contact = r->contact.uri,
	    .params = r->contact.params,
	    .instance = b->instance,
	    .reg_id = b->reg_id,
	    .path = r->path,
	    .call_id = r->call_id,
	    .cseq = r->cseq,
	    .expires_s = r->plan.expires,
	    .usrloc_id = usrloc_id,
	    .seamless = true,
	};
}

/*
 * All binds before the first unbind: a subscriber is never without contact in between, and a bind
 * that fails leaves the old ones untouched.
 */
int scscf_register_commit(struct scscf_model *m, const struct scscf_saved_register *r,
			  uint64_t usrloc_id, uint64_t now_ms, struct scscf_effects *e)
{
	const struct scscf_register_plan *plan = &r->plan;
	struct scscf_unbind gone[SCSCF_PLAN_UNBINDS_MAX];
	struct scscf_implicit_set *set;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < plan->binds_n && !rc; i++) {
		const struct scscf_plan_set *ps = &plan->sets[plan->binds[i].set];
		struct scscf_binding_info info;

		rc = scscf_model_learn_set(m, r->impi, ps->impus, ps->barred, ps->impus_n, &set);
		if (rc)
			break;
		describe(r, &plan->binds[i], usrloc_id, &info);
		rc = scscf_model_bind(m, set, &info, now_ms, e, NULL);
	}
	if (rc)
		return rc;
	for (size_t i = 0; i < plan->unbinds_n; i++) {
		set = scscf_model_set(m, r->impi, plan->sets[plan->unbinds[i].set].impu);
		if (set)
			gone[n++] = (struct scscf_unbind){set, plan->unbinds[i].contact};
	}
	if (n)
		m->counters.moved_bindings +=
		    scscf_model_unbind_list(m, gone[0].set->subscriber, gone, n,
					    SCSCF_CONTACT_UNREGISTERED, false, now_ms, e);
	if (plan->kind == SCSCF_REGISTER_GLOBAL)
		m->counters.global_moves++;
	return 0;
}
