/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/register_plan.h"
#include "sip/uri.h"

/* RFC 3261 10.3: an interval of an hour or more is never too brief. */
#define NEVER_TOO_BRIEF 3600

static int refuse(struct scscf_register_refusal *no, int status, const char *reason,
		  const char *why)
{
	no->status = status;
	no->reason = reason;
	no->why = why;
	return -1;
}

const char *scscf_register_kind_name(enum scscf_register_kind k)
{
	static const char *const names[] = {"add", "move", "global", "dereg"};

	return (unsigned)k < 4 ? names[k] : "?";
}

static uint32_t wish(const struct scscf_register_request *rq, const struct sip_contact *c,
		     const struct scscf_register_policy *p)
{
	if (c->has_expires)
		return c->expires;
	return rq->has_expires ? rq->expires : p->default_expires;
}

/*
 * The one new contact must be the UE's own (seed 001, 3.2): where both the contact and the UE's Via
 * show an address, they must show the same. A name in either says nothing.
 */
static bool own_address(const struct scscf_register_request *rq, struct slice host)
{
	if (!rq->via_host.len || !sip_host_is_address(host))
		return true;
	if (sip_host_eq(host, rq->via_host))
		return true;
	if (rq->via_received.len && sip_host_eq(host, rq->via_received))
		return true;
	return !sip_host_is_address(rq->via_host) && !rq->via_received.len;
}

static bool same_address(const struct scscf_connection *c, const struct sip_uri_parts *u)
{
	uint16_t a = c->port ? c->port : 5060, b = u->port ? u->port : 5060;

	return a == b && sip_host_eq(c->host, u->host);
}

/* RFC 3261 10.3 step 7: the same Call-ID needs a higher CSeq, otherwise the whole request fails. */
static bool stale(const struct scscf_register_request *rq, const struct scscf_binding *b)
{
	return slice_eq(b->call_id, rq->call_id) && rq->cseq <= b->cseq;
}

static size_t add_set(struct scscf_register_plan *plan, const struct scscf_implicit_set *set,
		      struct slice impu)
{
	struct scscf_plan_set *ps = &plan->sets[plan->sets_n];

	memset(ps, 0, sizeof(*ps));
	ps->impu = impu;
	if (set) {
		ps->known = true;
		for (size_t i = 0; i < set->n; i++) {
			ps->impus[i] = set->impu[i].impu;
			ps->barred[i] = set->impu[i].barred;
		}
		ps->impus_n = set->n;
	}
	return plan->sets_n++;
}

static int add_unbind(struct scscf_register_plan *plan, size_t set, struct slice contact)
{
	for (size_t i = 0; i < plan->unbinds_n; i++)
		if (plan->unbinds[i].set == set && slice_eq(plan->unbinds[i].contact, contact))
			return 0;
	if (plan->unbinds_n == SCSCF_PLAN_UNBINDS_MAX)
		return -1;
	plan->unbinds[plan->unbinds_n++] = (struct scscf_plan_unbind){set, contact};
	return 0;
}

static int add_bind(struct scscf_register_plan *plan, size_t set, struct slice instance,
		    uint32_t reg_id)
{
	for (size_t i = 0; i < plan->binds_n; i++)
		if (plan->binds[i].set == set && slice_eq(plan->binds[i].instance, instance) &&
		    plan->binds[i].reg_id == reg_id)
			return 0;
	if (plan->binds_n == SCSCF_PLAN_BINDS_MAX)
		return -1;
	plan->binds[plan->binds_n++] = (struct scscf_plan_bind){set, instance, reg_id};
	return 0;
}

/* Sort the contacts: the new one, and those to go. */
static int sort_contacts(struct scscf_model *m, const struct scscf_register_request *rq,
			 const struct scscf_register_policy *policy,
			 struct scscf_register_plan *plan, struct scscf_register_refusal *no)
{
	const struct sip_contact_list *l = rq->contacts;
	struct sip_uri_parts u;

	plan->contact = NULL;
	for (size_t i = 0; i < l->n; i++) {
		const struct sip_contact *c = &l->contact[i];

		if (sip_uri_parse(c->uri, &u))
			return refuse(no, 400, "Bad Contact", "contact is no SIP URI");
		for (size_t j = 0; j < i; j++)
			if (slice_eq(c->uri, l->contact[j].uri))
				return refuse(no, 400, "Bad Contact", "the same contact twice");
		if (scscf_model_contact_of_other(m, rq->impi, c->uri))
			return refuse(no, 403, "Contact Belongs To Another User",
				      "contact of another IMPI");
		if (!wish(rq, c, policy))
			continue;
		if (plan->contact)
			return refuse(no, 400, "More Than One New Contact",
				      "two contacts that are not expires=0");
		if (!own_address(rq, u.host))
			return refuse(no, 400, "Contact Of Another Connection",
				      "new contact is not the address of this connection");
		plan->contact = c;
	}
	return 0;
}

static int grant(const struct scscf_register_request *rq,
		 const struct scscf_register_policy *policy, struct scscf_register_plan *plan,
		 struct scscf_register_refusal *no)
{
	uint32_t e = wish(rq, plan->contact, policy);

	if (e < policy->min_expires && e < NEVER_TOO_BRIEF) {
		no->min_expires = policy->min_expires;
		return refuse(no, 423, "Interval Too Brief", "expiry below the minimum");
	}
	plan->expires = policy->max_expires && e > policy->max_expires ? policy->max_expires : e;
	return 0;
}

/* Bindings of one set that this REGISTER takes away or refreshes; the set is sets[index]. */
static int plan_to_set(const struct scscf_register_request *rq,
		       const struct scscf_implicit_set *set, size_t index,
		       const struct sip_uri_parts *u, struct scscf_register_plan *plan,
		       struct scscf_register_refusal *no)
{
	const struct sip_contact *nc = plan->contact;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
			bool named = rq->contacts->star, own = nc && same_address(c, u);

			if (b->set != set)
				continue;
			for (size_t i = 0; i < rq->contacts->n && !named; i++)
				named = &rq->contacts->contact[i] != nc &&
					slice_eq(rq->contacts->contact[i].uri, b->contact);
			if ((named || own) && stale(rq, b))
				return refuse(no, 500, "CSeq Out Of Order",
					      "same Call-ID, CSeq not higher");
			/* RFC 5626 6: the same instance and reg-id over another flow replaces. */
			if (!named && !own && nc && nc->reg_id && b->reg_id == nc->reg_id &&
			    slice_eq(b->instance, nc->instance))
				named = true;
			/* Another URI at the own address gives way to the new one. */
			if (!named && own && !slice_eq(b->contact, nc->uri) &&
			    slice_eq(b->instance, nc->instance))
				named = true;
			if (named && add_unbind(plan, index, b->contact))
				return refuse(no, 500, "Too Many Bindings", "plan is full");
		}
	}
	return 0;
}

/* imsglobreg: everything this set has elsewhere moves to the new contact, each instance by itself.
 */
static int plan_global_set(const struct scscf_implicit_set *set, size_t index,
			   const struct sip_uri_parts *u, struct scscf_register_plan *plan,
			   struct scscf_register_refusal *no)
{
	const struct sip_contact *nc = plan->contact;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
			bool same = slice_eq(b->instance, nc->instance);

			if (b->set != set)
				continue;
			if (add_bind(plan, index, b->instance, same ? nc->reg_id : b->reg_id))
				return refuse(no, 500, "Too Many Bindings", "plan is full");
			if ((!same_address(c, u) || !slice_eq(b->contact, nc->uri)) &&
			    add_unbind(plan, index, b->contact))
				return refuse(no, 500, "Too Many Bindings", "plan is full");
		}
	}
	return 0;
}

static int plan_global(const struct scscf_implicit_set *to_set, const struct scscf_subscriber *s,
		       const struct sip_uri_parts *u, struct scscf_register_plan *plan,
		       struct scscf_register_refusal *no)
{
	if (to_set && plan_global_set(to_set, 0, u, plan, no))
		return -1;
	for (const struct scscf_implicit_set *set = s ? s->sets : NULL; set; set = set->next) {
		size_t first = 0, index;

		if (set == to_set || !set->bindings)
			continue;
		if (plan->sets_n == SCSCF_PLAN_SETS_MAX)
			return refuse(no, 500, "Too Many Implicit Sets", "plan is full");
		while (first + 1 < set->n && set->impu[first].barred)
			first++;
		index = add_set(plan, set, set->impu[first].impu);
		plan->sets[index].sar = true;
		if (plan_global_set(set, index, u, plan, no))
			return -1;
	}
	return 0;
}

static size_t bindings_left(const struct scscf_implicit_set *set,
			    const struct scscf_register_plan *plan)
{
	size_t n = 0;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (const struct scscf_binding *b = c->bindings; b; b = b->next) {
			bool goes = false;

			for (size_t i = 0; i < plan->unbinds_n; i++)
				goes = goes || (plan->unbinds[i].set == 0 &&
						slice_eq(plan->unbinds[i].contact, b->contact));
			n += b->set == set && !goes;
		}
	}
	return n;
}

int scscf_register_plan(struct scscf_model *m, const struct scscf_register_request *rq,
			const struct scscf_register_policy *policy,
			struct scscf_register_plan *plan, struct scscf_register_refusal *no)
{
	const struct sip_contact_list *l = rq->contacts;
	struct scscf_implicit_set *set = scscf_model_set(m, rq->impi, rq->impu);
	size_t max = policy->contacts_max && policy->contacts_max < SCSCF_SET_BINDINGS_MAX
			 ? policy->contacts_max
			 : SCSCF_SET_BINDINGS_MAX;
	struct sip_uri_parts u = {0};
	struct slice value;
	int global = sip_param_get(rq->to_params, SLICE_LIT("imsglobreg"), &value);

	plan->sets_n = plan->binds_n = plan->unbinds_n = 0;
	plan->expires = 0;
	memset(no, 0, sizeof(*no));
	if (global < 0)
		return refuse(no, 400, "Bad To", "malformed To parameters");
	if (!rq->impi.len)
		return refuse(no, 403, "No Private Identity", "no IMPI");
	if (l->star ? !rq->has_expires || rq->expires : !l->n)
		return refuse(no, 400, "Bad Contact",
			      l->star ? "* without Expires: 0" : "no contact");
	if (sort_contacts(m, rq, policy, plan, no))
		return -1;
	add_set(plan, set, rq->impu);
	if (!plan->contact) {
		if (global)
			return refuse(no, 400, "imsglobreg Without New Contact",
				      "imsglobreg, but nothing to move to");
		plan->kind = SCSCF_REGISTER_DEREG;
		if (set && plan_to_set(rq, set, 0, &u, plan, no))
			return -1;
		plan->sets[0].deregisters = set && plan->unbinds_n && !bindings_left(set, plan);
		plan->sets[0].sar = plan->sets[0].deregisters;
		return 0;
	}
	if (sip_uri_parse(plan->contact->uri, &u))
		return refuse(no, 400, "Bad Contact", "contact is no SIP URI");
	if (grant(rq, policy, plan, no))
		return -1;
	plan->sets[0].sar = true;
	if (set && plan_to_set(rq, set, 0, &u, plan, no))
		return -1;
	if (global && plan_global(set, scscf_model_subscriber(m, rq->impi), &u, plan, no))
		return -1;
	if (add_bind(plan, 0, plan->contact->instance, plan->contact->reg_id))
		return refuse(no, 500, "Too Many Bindings", "plan is full");
	plan->kind = global	? SCSCF_REGISTER_GLOBAL
		     : l->n > 1 ? SCSCF_REGISTER_MOVE
				: SCSCF_REGISTER_ADD;
	if (set && !global && bindings_left(set, plan) >= max &&
	    !scscf_subscriber_connection(set->subscriber, u.host, u.port))
		return refuse(no, 403, "Too Many Contacts", "bound on contacts reached");
	return 0;
}
