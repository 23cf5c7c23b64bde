/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/plan_internal.h"
#include "modules/ims_seamless_scscf/core/sizes.h"

const char *scscf_register_kind_name(enum scscf_register_kind k)
{
	static const char *const names[] = {"add", "move", "global", "dereg", "fetch"};

	return (unsigned)k < 5 ? names[k] : "?";
}

static int full(struct planning *p)
{
	return scscf_plan_refuse(p, 500, "Too Many Bindings", "plan is full");
}

/* ---- lists of the plan ---- */

static size_t add_set(struct scscf_register_plan *plan, struct scscf_implicit_set *set,
		      struct slice impu)
{
	struct scscf_plan_set *ps = &plan->sets[plan->sets_n];

	memset(ps, 0, sizeof(*ps));
	ps->impu = impu;
	ps->set = set;
	ps->known = set && set->bindings;
	for (size_t i = 0; ps->known && i < set->n; i++) {
		ps->impus[i] = set->impu[i].impu;
		ps->barred[i] = set->impu[i].barred;
		ps->impus_n++;
	}
	return plan->sets_n++;
}

bool scscf_plan_takes(const struct planning *p, const struct scscf_binding *b)
{
	for (size_t i = 0; i < p->plan->unbinds_n; i++)
		if (p->plan->unbinds[i].binding == b->id)
			return true;
	return false;
}

int scscf_plan_add_unbind(struct planning *p, size_t set, const struct scscf_binding *b)
{
	if (scscf_plan_takes(p, b))
		return 0;
	if (p->plan->unbinds_n == SCSCF_PLAN_UNBINDS_MAX)
		return full(p);
	p->plan->unbinds[p->plan->unbinds_n++] = (struct scscf_plan_unbind){set, b->id};
	return 0;
}

int scscf_plan_add_bind(struct planning *p, size_t set, struct slice instance, uint32_t reg_id)
{
	struct scscf_register_plan *plan = p->plan;

	for (size_t i = 0; i < plan->binds_n; i++)
		if (plan->binds[i].set == set && slice_eq(plan->binds[i].instance, instance) &&
		    plan->binds[i].reg_id == reg_id)
			return 0;
	if (plan->binds_n == SCSCF_PLAN_BINDS_MAX)
		return full(p);
	plan->binds[plan->binds_n++] = (struct scscf_plan_bind){set, instance, reg_id};
	return 0;
}

/* ---- To's set ---- */

/* RFC 3261 10.3 step 7: the same Call-ID needs a higher CSeq, otherwise the whole request fails. */
static bool stale(const struct planning *p, const struct scscf_binding *b)
{
	return slice_eq(b->call_id, p->rq->call_id) && p->rq->cseq <= b->cseq;
}

static bool is_own(const struct planning *p, const struct scscf_binding *b)
{
	return p->plan->contact && scscf_way_eq(&b->connection->way, &p->plan->way);
}

static bool same_instance(const struct sip_contact *nc, const struct scscf_binding *b)
{
	return slice_eq(nc->instance, b->instance);
}

/* RFC 5626 6: the same instance and reg-id over another flow. */
static bool same_flow_id(const struct sip_contact *nc, const struct scscf_binding *b)
{
	return nc->reg_id && nc->reg_id == b->reg_id && same_instance(nc, b);
}

/*
 * What a phone had at this address before it was switched off: same instance-id, host and P-CSCF,
 * but another port or flow, and another Call-ID (RFC 3261 10.2: one Call-ID until the next start).
 */
static bool from_before_reboot(const struct planning *p, const struct scscf_binding *b)
{
	const struct sip_contact *nc = p->plan->contact;
	struct slice edge = scscf_path_edge(p->plan->way.path),
		     old = scscf_path_edge(b->connection->way.path);

	return nc->instance.len && same_instance(nc, b) && nc->reg_id == b->reg_id &&
	       !slice_eq(b->call_id, p->rq->call_id) &&
	       sip_host_eq(b->connection->way.host, p->plan->way.host) &&
	       slice_eq(b->connection->way.received, p->plan->way.received) &&
	       (scscf_same_node(edge, old) || (!edge.len && !old.len));
}

/* TS 24.229 5.4.1.2.2: without the tag a UE has one contact; other instances are other UEs. */
static bool replaced_untagged(const struct planning *p, const struct scscf_binding *b)
{
	const struct sip_contact *nc = p->plan->contact;

	return !p->rq->tagged && p->policy->untagged_old == SCSCF_UNTAGGED_REPLACE && !nc->reg_id &&
	       !b->reg_id && (!nc->instance.len || !b->instance.len || same_instance(nc, b));
}

/* Does the REGISTER refresh a binding of the set over its connection? */
static bool refreshes(const struct planning *p, const struct scscf_implicit_set *set)
{
	for (struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && is_own(p, b) && same_instance(p->plan->contact, b))
				return true;
	return false;
}

/* Must the binding go although it is not named? fresh: the REGISTER makes a new one. */
static bool gives_way(const struct planning *p, const struct scscf_binding *b, bool own, bool fresh)
{
	const struct sip_contact *nc = p->plan->contact;

	if (!nc)
		return false;
	/* At the own address it is refreshed, unless it changes its reg-id. */
	if (own)
		return same_instance(nc, b) && nc->reg_id != b->reg_id;
	return same_flow_id(nc, b) || (fresh && from_before_reboot(p, b)) ||
	       (fresh && replaced_untagged(p, b));
}

static int plan_to_set(struct planning *p, const struct scscf_implicit_set *set)
{
	bool fresh = p->plan->contact && !refreshes(p, set);

	for (struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (struct scscf_binding *b = c->bindings; b; b = b->next) {
			bool own = is_own(p, b), named;

			if (b->set != set)
				continue;
			named = scscf_plan_names(p, b);
			if ((named || own) && stale(p, b))
				return scscf_plan_refuse(p, 400, "CSeq Not Higher",
							 "same Call-ID, CSeq not higher");
			if ((named || gives_way(p, b, own, fresh)) &&
			    scscf_plan_add_unbind(p, 0, b))
				return -1;
		}
	}
	return 0;
}

/* ---- imsglobreg ---- */

/* Everything a set has elsewhere moves to the new contact, each instance by itself. */
static int plan_global_set(struct planning *p, const struct scscf_implicit_set *set, size_t index)
{
	const struct sip_contact *nc = p->plan->contact;

	for (struct scscf_connection *c = set->subscriber->connections; c; c = c->next) {
		for (struct scscf_binding *b = c->bindings; b; b = b->next) {
			uint32_t reg_id = same_instance(nc, b) ? nc->reg_id : b->reg_id;

			if (b->set != set)
				continue;
			if (scscf_plan_add_bind(p, index, b->instance, reg_id))
				return -1;
			if ((!is_own(p, b) || reg_id != b->reg_id) &&
			    scscf_plan_add_unbind(p, index, b))
				return -1;
		}
	}
	return 0;
}

static int plan_global(struct planning *p, struct scscf_implicit_set *to_set)
{
	struct scscf_subscriber *s = scscf_model_subscriber(p->m, p->rq->impi);

	if (to_set && plan_global_set(p, to_set, 0))
		return -1;
	for (struct scscf_implicit_set *set = s ? s->sets : NULL; set; set = set->next) {
		size_t index;

		if (set == to_set || !set->bindings)
			continue;
		if (p->plan->sets_n == SCSCF_PLAN_SETS_MAX)
			return scscf_plan_refuse(p, 500, "Too Many Implicit Sets", "plan is full");
		index = add_set(p->plan, set, scscf_set_identity(set));
		p->plan->sets[index].sar = true;
		if (plan_global_set(p, set, index))
			return -1;
	}
	return 0;
}

/* ---- bounds ---- */

static size_t bindings_left(const struct planning *p, const struct scscf_implicit_set *set)
{
	size_t n = 0;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			n += b->set == set && !scscf_plan_takes(p, b);
	return n;
}

/* The one of the same phone (as far as one can tell) that was refreshed longest ago. */
static const struct scscf_binding *oldest_of_same(const struct planning *p,
						  const struct scscf_implicit_set *set)
{
	const struct scscf_binding *oldest = NULL;

	for (const struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (const struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && !scscf_plan_takes(p, b) && !is_own(p, b) &&
			    same_instance(p->plan->contact, b) &&
			    (!oldest || b->bound_ms < oldest->bound_ms))
				oldest = b;
	return oldest;
}

static size_t contacts_max(const struct planning *p)
{
	return p->policy->contacts_max && p->policy->contacts_max < SCSCF_SET_BINDINGS_MAX
		   ? p->policy->contacts_max
		   : SCSCF_SET_BINDINGS_MAX;
}

static int too_many(struct planning *p)
{
	return scscf_plan_refuse(p, 403, "Too Many Contacts", "bound on contacts reached");
}

/* A move takes over what every instance has: only one more instance makes To's set larger. */
static int check_global(struct planning *p, const struct scscf_implicit_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < p->plan->binds_n; i++)
		n += p->plan->binds[i].set == 0;
	return n > set->bindings && n > contacts_max(p) ? too_many(p) : 0;
}

/* At the bound a phone loses its oldest contact, and is not locked out by what it left behind. */
static int make_room(struct planning *p, const struct scscf_implicit_set *set)
{
	const struct scscf_binding *oldest;

	while (bindings_left(p, set) >= contacts_max(p)) {
		oldest = oldest_of_same(p, set);
		if (!oldest)
			return too_many(p);
		if (scscf_plan_add_unbind(p, 0, oldest))
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

static int plan_dereg(struct planning *p, struct scscf_implicit_set *set)
{
	struct scscf_plan_set *ps = &p->plan->sets[0];

	if (p->plan->kind == SCSCF_REGISTER_FETCH || !set)
		return 0;
	if (plan_to_set(p, set))
		return -1;
	ps->deregisters = p->plan->unbinds_n && !bindings_left(p, set);
	ps->sar = ps->deregisters;
	return 0;
}

static int plan_new(struct planning *p, struct scscf_implicit_set *set)
{
	const struct sip_contact *nc = p->plan->contact;

	p->plan->sets[0].sar = true;
	if (set && plan_to_set(p, set))
		return -1;
	if (p->global && plan_global(p, set))
		return -1;
	if (scscf_plan_add_bind(p, 0, nc->instance, nc->reg_id))
		return -1;
	if (set && p->global)
		return check_global(p, set);
	return set && !refreshes(p, set) ? make_room(p, set) : 0;
}

/* The identity as the HSS wrote it: To may have it in another form. */
static struct slice as_known(const struct scscf_implicit_set *set, struct slice impu)
{
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	for (size_t i = 0; !scscf_identity_key(impu, buf, &key) && i < set->n; i++)
		if (slice_eq(set->impu[i].key, key))
			return set->impu[i].impu;
	return impu;
}

/* Sets that are not known yet are looked at when the HSS has told them. */
static int find_shadow_room(struct planning *p)
{
	const struct sip_contact *nc = p->plan->contact;

	for (size_t i = 0; i < p->plan->sets_n; i++) {
		struct scscf_plan_set *s = &p->plan->sets[i];
		enum scscf_shadow room = scscf_shadow_room(p->m, p->rq->impi, s->impus, s->barred,
							   s->impus_n, nc->uri, nc->params, 0);

		if (s->known && room == SCSCF_SHADOW_FULL)
			return scscf_plan_refuse(
			    p, 403, "Too Many Contacts",
			    "stock has no room for a document of so many contacts and identities");
		s->bare_shadow = room != SCSCF_SHADOW_WHOLE;
	}
	return 0;
}

int scscf_register_plan(struct scscf_model *m, const struct scscf_register_request *rq,
			const struct scscf_register_policy *policy,
			struct scscf_register_plan *plan, struct scscf_register_refusal *no)
{
	struct planning p = {m, rq, policy, plan, no, false};
	struct scscf_implicit_set *set;

	plan->sets_n = plan->binds_n = plan->unbinds_n = 0;
	plan->contact = NULL;
	plan->expires = 0;
	memset(no, 0, sizeof(*no));
	if (scscf_plan_read(&p))
		return -1;
	set = scscf_model_set(m, rq->impi, rq->impu);
	add_set(plan, set, set ? as_known(set, rq->impu) : rq->impu);
	if (plan->contact ? plan_new(&p, set) : plan_dereg(&p, set))
		return -1;
	plan->answer_size = scscf_answer_size(m, rq, plan);
	if (policy->answer_max && plan->answer_size > policy->answer_max)
		return scscf_plan_refuse(&p, 403, "Answer Too Large",
					 "its 200 would be larger than a message may be");
	return plan->contact && policy->shadowed ? find_shadow_room(&p) : 0;
}
