/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a REGISTER: what it asks for, before the model is looked at closely. */
#include "modules/ims_seamless_scscf/core/plan_internal.h"
#include "modules/ims_seamless_scscf/core/shadow_text.h"
#include "sip/name_addr.h"

/* RFC 3261 10.3: an interval of an hour or more is never too brief. */
#define NEVER_TOO_BRIEF 3600

int scscf_plan_refuse(struct planning *p, int status, const char *reason, const char *why)
{
	p->no->status = status;
	p->no->reason = reason;
	p->no->why = why;
	return -1;
}

static uint32_t wish(const struct planning *p, const struct sip_contact *c)
{
	if (c->has_expires)
		return c->expires;
	return p->rq->has_expires ? p->rq->expires : p->policy->default_expires;
}

/*
 * The one new contact must be the UE's own (C1-062198 3, item 2): where both the contact and the
 * UE's Via show an address, they must show the same. A name in either says nothing.
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

static struct scscf_way way_of(const struct scscf_register_request *rq,
			       const struct sip_uri_parts *u)
{
	struct scscf_way way = {u->host, u->port, rq->path, rq->via_received};

	/* rport makes a proxy write received where nothing differs. */
	if (way.received.len && sip_host_eq(way.received, rq->via_host))
		way.received = SLICE_NULL;
	return way;
}

static int grant(struct planning *p)
{
	uint32_t e = wish(p, p->plan->contact);

	if (e < p->policy->min_expires && e < NEVER_TOO_BRIEF) {
		p->no->min_expires = p->policy->min_expires;
		return scscf_plan_refuse(p, 423, "Interval Too Brief", "expiry below the minimum");
	}
	p->plan->expires =
	    p->policy->max_expires && e > p->policy->max_expires ? p->policy->max_expires : e;
	return 0;
}

/*
 * What a Contact must not have, because it becomes the Request-URI of what is sent to the phone:
 * header fields (RFC 3261 19.1.5: whoever uses the URI puts them into his request), method and lr
 * (19.1.1), and a maddr or ttl, by which requests go to another place than the host, and the host
 * is what was compared with the connection.
 */
static const char *forbidden_part(const struct sip_uri_parts *u)
{
	static const struct {
		struct slice name;
		const char *why;
	} no[] = {{SLICE_LIT("method"), "contact URI with a method"},
		  {SLICE_LIT("lr"), "contact URI of a router (lr)"},
		  {SLICE_LIT("maddr"), "contact URI with maddr"},
		  {SLICE_LIT("ttl"), "contact URI with ttl"}};
	struct slice value;

	if (u->headers.len)
		return "contact URI with header fields";
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (sip_uri_param(u, no[i].name, &value) == 1)
			return no[i].why;
	return NULL;
}

static int read_contact(struct planning *p, const struct sip_contact *c)
{
	struct sip_uri_parts u;
	const char *why;

	if (sip_uri_parse(c->uri, &u) || c->uri.len > SCSCF_CONTACT_URI_MAX)
		return scscf_plan_refuse(p, 400, "Bad Contact",
					 "contact is no SIP URI, or too long");
	why = forbidden_part(&u);
	if (!why && p->policy->shadowed && !scscf_shadow_uri_plain(c->uri))
		why = "contact URI with what is markup in stock's documents";
	if (why)
		return scscf_plan_refuse(p, 400, "Forbidden Part In Contact URI", why);
	if (!wish(p, c))
		return 0;
	if (p->plan->contact)
		return scscf_plan_refuse(p, 400, "More Than One New Contact",
					 "two contacts that are not expires=0");
	if (!own_address(p->rq, u.host))
		return scscf_plan_refuse(p, 400, "Contact Of Another Connection",
					 "new contact is not the address of this connection");
	p->plan->contact = c;
	p->plan->way = way_of(p->rq, &u);
	return grant(p);
}

static bool same_way_as_new(const struct planning *p, const struct scscf_connection *c)
{
	return scscf_way_eq(&c->way, &p->plan->way);
}

/*
 * The new contact may stand there again with expires=0, if an old connection has the same address
 * by another way (a private one, at home and at the office). Otherwise it contradicts itself.
 */
static bool elsewhere(const struct planning *p, struct slice uri)
{
	struct scscf_subscriber *s = scscf_model_subscriber(p->m, p->rq->impi);

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (sip_uri_equal(b->contact, uri) && !same_way_as_new(p, c))
				return true;
	return false;
}

static int read_contacts(struct planning *p)
{
	const struct sip_contact_list *l = p->rq->contacts;
	const struct sip_contact *nc;

	for (size_t i = 0; i < l->n; i++)
		if (read_contact(p, &l->contact[i]))
			return -1;
	nc = p->plan->contact;
	for (size_t i = 0; nc && i < l->n; i++)
		if (&l->contact[i] != nc && sip_uri_equal(l->contact[i].uri, nc->uri) &&
		    !elsewhere(p, nc->uri))
			return scscf_plan_refuse(p, 400, "Bad Contact", "the same contact twice");
	return 0;
}

/* Whatever routes by it later must be able to read it. */
static int read_path(struct planning *p)
{
	size_t max = p->policy->path_max ? p->policy->path_max : SCSCF_MODEL_TEXT_MAX;
	struct slice rest = p->rq->path;
	struct sip_name_addr hop;
	struct sip_uri_parts u;
	int rc;

	if (rest.len > max)
		return scscf_plan_refuse(p, 400, "Path Too Long", "Path too long");
	while ((rc = sip_name_addr_next(&rest, &hop)) == 1)
		if (!hop.brackets || sip_uri_parse(hop.uri, &u))
			return scscf_plan_refuse(p, 400, "Bad Path", "Path entry is no SIP URI");
	return rc < 0 ? scscf_plan_refuse(p, 400, "Bad Path", "malformed Path") : 0;
}

static int read_to(struct planning *p)
{
	struct slice value;
	int rc =
	    p->rq->tagged ? sip_param_get(p->rq->to_params, SLICE_LIT("imsglobreg"), &value) : 0;

	if (rc < 0)
		return scscf_plan_refuse(p, 400, "Bad To", "malformed To parameters");
	p->global = rc == 1;
	return 0;
}

int scscf_plan_read(struct planning *p)
{
	const struct sip_contact_list *l = p->rq->contacts;

	if (!p->rq->impi.len)
		return scscf_plan_refuse(p, 403, "No Private Identity", "no IMPI");
	if (read_to(p) || read_path(p))
		return -1;
	if (l->star && (!p->rq->has_expires || p->rq->expires))
		return scscf_plan_refuse(p, 400, "Bad Contact", "* without Expires: 0");
	if (read_contacts(p))
		return -1;
	if (p->global && !p->plan->contact)
		return scscf_plan_refuse(p, 400, "imsglobreg Without New Contact",
					 "imsglobreg, but nothing to move to");
	if (!p->plan->contact)
		p->plan->kind = l->star || l->n ? SCSCF_REGISTER_DEREG : SCSCF_REGISTER_FETCH;
	else if (p->global)
		p->plan->kind = SCSCF_REGISTER_GLOBAL;
	else
		p->plan->kind = l->n > 1 ? SCSCF_REGISTER_MOVE : SCSCF_REGISTER_ADD;
	return 0;
}

/* ---- which binding a contact with expires=0 means ---- */

/* Is one of this set bound with this URI over the connection the REGISTER came by? */
static bool stands_on_own_way(const struct planning *p, const struct scscf_implicit_set *set,
			      struct slice uri)
{
	struct scscf_way way;
	struct sip_uri_parts u;

	if (sip_uri_parse(uri, &u))
		return false;
	way = way_of(p->rq, &u);
	for (struct scscf_connection *c = set->subscriber->connections; c; c = c->next)
		for (struct scscf_binding *b = c->bindings; b; b = b->next)
			if (b->set == set && sip_uri_equal(b->contact, uri) &&
			    scscf_way_eq(&c->way, &way))
				return true;
	return false;
}

/*
 * With a new contact of the same URI an old one is meant, over another connection; without, the one
 * over this connection, and all with this URI only if it is none of these.
 */
static bool means(const struct planning *p, struct slice uri, const struct scscf_binding *b)
{
	const struct sip_contact *nc = p->plan->contact;
	struct scscf_way way;
	struct sip_uri_parts u;

	if (!sip_uri_equal(uri, b->contact) || sip_uri_parse(uri, &u))
		return false;
	if (nc)
		return !sip_uri_equal(uri, nc->uri) || !same_way_as_new(p, b->connection);
	way = way_of(p->rq, &u);
	return scscf_way_eq(&b->connection->way, &way) || !stands_on_own_way(p, b->set, uri);
}

bool scscf_plan_names(const struct planning *p, const struct scscf_binding *b)
{
	const struct sip_contact_list *l = p->rq->contacts;

	if (l->star)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (&l->contact[i] != p->plan->contact && means(p, l->contact[i].uri, b))
			return true;
	return false;
}
