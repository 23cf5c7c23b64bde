/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/register_commit.h"
#include "modules/ims_seamless_scscf/core/internal.h"
#include "modules/ims_seamless_scscf/core/sizes.h"

/* ---- the copy ---- */

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

static void pack_request(struct packer *p, struct scscf_saved_register *r)
{
	struct scscf_register_request *rq = &r->rq;
	struct slice *texts[] = {&rq->impi,    &rq->impu,     &rq->to_params,	&rq->path,
				 &rq->call_id, &rq->via_host, &rq->via_received};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pack(p, texts[i]);
	for (size_t i = 0; i < r->contacts.n; i++) {
		pack(p, &r->contacts.contact[i].uri);
		pack(p, &r->contacts.contact[i].params);
		pack(p, &r->contacts.contact[i].instance);
	}
}

static void pack_set(struct packer *p, struct scscf_plan_set *s)
{
	pack(p, &s->impu);
	s->asked = s->impu;
	for (size_t k = 0; k < s->impus_n; k++)
		pack(p, &s->impus[k]);
	s->set = NULL;
}

/* Without texts: they point into the request and the model yet. */
static void fill(struct scscf_saved_register *r, const struct scscf_register_plan *plan,
		 const struct scscf_register_request *rq,
		 const struct scscf_register_policy *policy)
{
	r->rq = *rq;
	r->contacts = *rq->contacts;
	r->policy = *policy;
	r->rq.contacts = &r->contacts;
	r->kind = plan->kind;
	if (plan->contact)
		r->contact = &r->contacts.contact[plan->contact - rq->contacts->contact];
	r->expires = plan->expires;
	r->moved = plan->unbinds_n;
	r->sets_n = plan->sets_n;
	r->answer_size = plan->answer_size;
}

static size_t bytes_of_texts(const struct scscf_register_plan *plan,
			     const struct scscf_register_request *rq)
{
	struct scscf_saved_register probe = {.rq = *rq, .contacts = *rq->contacts};
	struct packer p = {NULL, 0};

	pack_request(&p, &probe);
	for (size_t i = 0; i < plan->sets_n; i++) {
		p.bytes += plan->sets[i].impu.len;
		for (size_t k = 0; k < plan->sets[i].impus_n; k++)
			p.bytes += plan->sets[i].impus[k].len;
	}
	return p.bytes;
}

/* What the HSS will be told of it is compared with the model when it is over. */
static int join_talk(struct scscf_model *m, struct scscf_saved_register *r)
{
	r->talk = scscf_hss_begin(m, r->rq.impi);
	if (!r->talk)
		return -1;
	for (size_t i = 0; i < r->sets_n; i++) {
		if (scscf_hss_note(m, r->talk, r->sets[i].asked)) {
			scscf_hss_end(m, r->talk, NULL);
			return -1;
		}
		r->sets[i].recalls = scscf_hss_recalls(r->talk, r->sets[i].asked);
	}
	r->pushes = scscf_hss_pushes(r->talk);
	if (r->contact) {
		r->room =
		    scscf_shadow_size(r->contact->uri, r->contact->params, r->sets[0].bare_shadow);
		scscf_hss_take_room(r->talk, r->room);
	}
	return 0;
}

struct scscf_saved_register *scscf_saved_register_make(struct scscf_model *m,
						       const struct scscf_register_plan *plan,
						       const struct scscf_register_request *rq,
						       const struct scscf_register_policy *policy)
{
	size_t size = sizeof(struct scscf_saved_register) +
		      plan->sets_n * sizeof(struct scscf_plan_set) + bytes_of_texts(plan, rq);
	struct scscf_saved_register *r = scscf_store_alloc(&m->store, size);
	struct packer p = {0};

	if (!r)
		return NULL;
	r->size = size;
	r->sets = (struct scscf_plan_set *)(void *)(r + 1);
	memcpy(r->sets, plan->sets, plan->sets_n * sizeof(*r->sets));
	fill(r, plan, rq, policy);
	p.at = (char *)(r->sets + r->sets_n);
	pack_request(&p, r);
	for (size_t i = 0; i < r->sets_n; i++)
		pack_set(&p, &r->sets[i]);
	if (join_talk(m, r)) {
		scscf_store_free(&m->store, r, size);
		return NULL;
	}
	return r;
}

void scscf_saved_register_free(struct scscf_model *m, struct scscf_saved_register *r,
			       struct scscf_effects *e)
{
	if (!r)
		return;
	scscf_hss_give_room(r->talk, r->room);
	scscf_hss_end(m, r->talk, e);
	scscf_store_free(&m->store, r, r->size);
}

/* ---- applying it ---- */

/* What was asked about this set of the plan; NULL: it was not known of then. [0] is To's in both. */
static const struct scscf_plan_set *asked_about(const struct scscf_saved_register *r,
						const struct scscf_register_plan *plan, size_t set)
{
	if (!set)
		return &r->sets[0];
	for (size_t i = 1; i < r->sets_n; i++)
		if (slice_eq(r->sets[i].impu, plan->sets[set].impu))
			return &r->sets[i];
	return NULL;
}

/* What the HSS has told of sets that are registered already. */
static void follow_profiles(struct scscf_model *m, const struct scscf_saved_register *r,
			    uint64_t now_ms, struct scscf_effects *e)
{
	if (scscf_hss_pushes(r->talk) != r->pushes)
		return;
	for (size_t i = 0; i < r->sets_n; i++) {
		const struct scscf_plan_set *s = &r->sets[i];

		/* Without memory identities may be missing, which the next REGISTER heals. */
		if (s->told && scscf_set_is_bound(m, r->rq.impi, s->impu))
			(void)scscf_model_change_set(m, r->rq.impi, s->impus, s->barred, s->impus_n,
						     now_ms, e);
	}
}

/* An RTR has overtaken it: the user must not stay registered by what was asked before. */
static bool was_recalled(const struct scscf_saved_register *r, struct scscf_register_result *res)
{
	if (!r->contact || scscf_hss_recalls(r->talk, r->sets[0].asked) == r->sets[0].recalls)
		return false;
	res->no = (struct scscf_register_refusal){
	    .status = 480, .reason = "Deregistered By The Network", .why = "an RTR came meanwhile"};
	return true;
}

static bool no_room(struct scscf_register_result *res, const char *reason, const char *why)
{
	res->no = (struct scscf_register_refusal){.status = 403, .reason = reason, .why = why};
	return false;
}

/* What the plan could not look at, because only the SAA has told the identities. */
static bool told_sets_fit(struct scscf_model *m, const struct scscf_saved_register *r,
			  struct scscf_register_result *res)
{
	size_t identities = 0;

	for (size_t i = 0; r->contact && i < r->sets_n; i++) {
		const struct scscf_plan_set *s = &r->sets[i];

		if (!s->told)
			continue;
		identities += scscf_associated_size(s->impus, s->barred, s->impus_n);
		if (r->policy.shadowed &&
		    scscf_shadow_room(m, r->rq.impi, s->impus, s->barred, s->impus_n,
				      r->contact->uri, r->contact->params, 0) == SCSCF_SHADOW_FULL)
			return no_room(res, "Too Many Contacts", "no room in stock's document");
	}
	if (r->policy.answer_max && r->answer_size + identities > r->policy.answer_max)
		return no_room(res, "Answer Too Large", "more identities than a 200 may name");
	return true;
}

/* The set in the model: there already, or made of what the HSS has told. */
static int get_set(struct scscf_model *m, const struct scscf_saved_register *r,
		   struct scscf_register_plan *plan, size_t set)
{
	const struct scscf_plan_set *asked = asked_about(r, plan, set);
	struct scscf_plan_set *ps = &plan->sets[set];

	if (ps->known)
		return 0;
	if (!asked || !asked->impus_n)
		return SCSCF_MODEL_E_UNKNOWN;
	return scscf_model_learn_set(m, r->rq.impi, asked->impus, asked->barred, asked->impus_n,
				     &ps->set);
}

static void describe(const struct scscf_saved_register *r, const struct scscf_register_plan *plan,
		     const struct scscf_plan_bind *b, struct scscf_binding_info *info)
{
	*info = (struct scscf_binding_info){
	    .contact = plan->contact->uri,
	    .params = plan->contact->params,
	    .instance = b->instance,
	    .reg_id = b->reg_id,
	    .q_milli = plan->contact->q_milli,
	    .path = plan->way.path,
	    .received = plan->way.received,
	    .call_id = r->rq.call_id,
	    .cseq = r->rq.cseq,
	    .expires_s = plan->expires,
	    .seamless = r->rq.tagged,
	    .shadow = !asked_about(r, plan, b->set),
	    .bare_shadow = asked_about(r, plan, b->set) ? asked_about(r, plan, b->set)->bare_shadow
							: plan->sets[b->set].bare_shadow,
	};
}

/* Every connection of a UE that uses the tag may linger, also one it made without the tag. */
static void mark_seamless(struct scscf_subscriber *s)
{
	for (struct scscf_connection *c = s->connections; c; c = c->next)
		c->seamless = true;
}

static int bind_all(struct scscf_model *m, const struct scscf_saved_register *r,
		    struct scscf_register_plan *plan, uint64_t now_ms, struct scscf_effects *e,
		    struct scscf_register_result *res)
{
	int rc = 0;

	for (size_t i = 0; i < plan->binds_n && !rc; i++) {
		struct scscf_plan_set *ps = &plan->sets[plan->binds[i].set];
		struct scscf_binding_info info;
		struct scscf_binding *b;

		rc = get_set(m, r, plan, plan->binds[i].set);
		if (rc)
			break;
		describe(r, plan, &plan->binds[i], &info);
		rc = scscf_model_bind(m, ps->set, &info, now_ms, e, &b);
		if (!rc) {
			ps->known = true;
			res->connection = b->connection->id;
		}
	}
	return rc;
}

static size_t unbind_all(struct scscf_model *m, struct scscf_subscriber *s,
			 const struct scscf_register_plan *plan, uint64_t by, uint64_t now_ms,
			 struct scscf_effects *e)
{
	struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED, .taken_over_by = by};
	uint64_t ids[SCSCF_PLAN_UNBINDS_MAX];

	for (size_t i = 0; i < plan->unbinds_n; i++)
		ids[i] = plan->unbinds[i].binding;
	return plan->unbinds_n ? scscf_model_unbind_ids(m, s, ids, plan->unbinds_n, &how, now_ms, e)
			       : 0;
}

/* What was bound before one failed goes again: nobody is called at a contact that was refused. */
static void undo_binds(struct scscf_model *m, struct scscf_subscriber *s, uint64_t first_id,
		       uint64_t now_ms, struct scscf_effects *e)
{
	const struct scscf_unbind_how how = {.event = SCSCF_CONTACT_UNREGISTERED};
	uint64_t ids[SCSCF_PLAN_BINDS_MAX];
	size_t n = 0;

	for (const struct scscf_connection *c = s->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->id >= first_id && n < SCSCF_PLAN_BINDS_MAX)
				ids[n++] = b->id;
	if (n)
		scscf_model_unbind_ids(m, s, ids, n, &how, now_ms, e);
}

/*
 * All binds before the first unbind: a subscriber is never without contact in between, and a bind
 * that fails leaves the old ones untouched.
 */
int scscf_register_commit(struct scscf_model *m, const struct scscf_saved_register *r,
			  uint64_t now_ms, struct scscf_effects *e,
			  struct scscf_register_result *res)
{
	struct scscf_register_plan plan;
	struct scscf_subscriber *s;
	uint64_t first_id = m->next_id;
	bool refused;
	int rc;

	memset(res, 0, sizeof(*res));
	follow_profiles(m, r, now_ms, e);
	/* It is its own room. */
	scscf_hss_give_room(r->talk, r->room);
	refused = was_recalled(r, res) || !told_sets_fit(m, r, res) ||
		  scscf_register_plan(m, &r->rq, &r->policy, &plan, &res->no);
	scscf_hss_take_room(r->talk, r->room);
	if (refused)
		return SCSCF_MODEL_E_REFUSED;
	s = scscf_learn_subscriber(m, r->rq.impi);
	if (!s)
		return SCSCF_MODEL_E_NOMEM;
	s->holds++;
	rc = bind_all(m, r, &plan, now_ms, e, res);
	if (!rc) {
		if (r->rq.tagged)
			mark_seamless(s);
		res->moved = unbind_all(m, s, &plan, res->connection, now_ms, e);
		m->counters.moved_bindings += res->moved;
		m->counters.global_moves += plan.kind == SCSCF_REGISTER_GLOBAL;
	} else {
		undo_binds(m, s, first_id, now_ms, e);
	}
	scscf_model_release(m, s, e);
	return rc;
}
