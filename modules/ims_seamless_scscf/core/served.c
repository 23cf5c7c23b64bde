/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/served.h"
#include "modules/ims_seamless_scscf/core/identity.h"
#include "modules/ims_seamless_scscf/core/internal.h"
#include "sip/name_addr.h"

/* Each outweighs all below it together. */
#define FIT_TOKEN   16
#define FIT_URI	    8
#define FIT_ADDRESS 4
#define FIT_HOST    2
#define FIT_NODE    1
#define HOPS_MAX    32

static bool has_uri(const struct scscf_binding *list, struct slice contact)
{
	for (; list; list = list->next)
		if (sip_uri_equal(list->contact, contact))
			return true;
	return false;
}

static unsigned fit_contact(const struct scscf_connection *c, struct slice contact)
{
	struct sip_uri_parts u;
	unsigned fit = 0;

	if (!contact.len || sip_uri_parse(contact, &u))
		return 0;
	if (has_uri(c->bindings, contact) || has_uri(c->lingering, contact))
		fit += FIT_URI;
	if (sip_host_eq(c->way.host, u.host)) {
		fit += FIT_HOST;
		if (scscf_port(c->way.port) == scscf_port(u.port))
			fit += FIT_ADDRESS;
	}
	return fit;
}

static unsigned fit_route(const struct scscf_connection *c, struct slice route)
{
	struct slice edge = scscf_path_edge(c->way.path);
	struct sip_uri_parts own, other;
	struct sip_name_addr hop;
	unsigned best = 0;

	if (!edge.len || sip_uri_parse(edge, &own))
		return 0;
	for (int i = 0; i < HOPS_MAX && sip_name_addr_next(&route, &hop) == 1; i++) {
		if (sip_uri_parse(hop.uri, &other) || !scscf_same_node(edge, hop.uri))
			continue;
		best |= FIT_NODE;
		if (own.user.len && slice_eq(own.user, other.user))
			best |= FIT_TOKEN;
	}
	return best;
}

/* The best so far, over several subscribers. */
struct choice {
	struct scscf_connection *connection;
	unsigned fit;
	bool several;
};

static void consider(struct choice *best, struct scscf_connection *c,
		     const struct scscf_where *where)
{
	unsigned fit = fit_contact(c, where->contact) | fit_route(c, where->route);

	if (!fit || fit < best->fit)
		return;
	/* An Active one is meant rather than the one it took over from. */
	if (fit == best->fit && best->connection->state == SCSCF_CONNECTION_ACTIVE &&
	    c->state != SCSCF_CONNECTION_ACTIVE)
		return;
	best->several = fit == best->fit && best->connection->state == c->state;
	best->fit = fit;
	best->connection = c;
}

static void consider_all(struct choice *best, struct scscf_subscriber *s,
			 const struct scscf_where *where)
{
	for (struct scscf_connection *c = s->connections; c; c = c->next)
		consider(best, c, where);
}

struct scscf_connection *scscf_user_connection(struct scscf_model *m, struct slice impi,
					       const struct scscf_where *where)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	struct choice best = {0};

	if (s)
		consider_all(&best, s, where);
	return best.several ? NULL : best.connection;
}

struct scscf_connection *scscf_served_connection(struct scscf_model *m, struct slice impu,
						 const struct scscf_where *where)
{
	struct scscf_set_impu *i = NULL;
	struct choice best = {0};
	char buf[SCSCF_IDENTITY_MAX];
	struct slice key;

	if (scscf_identity_key(impu, buf, &key))
		return NULL;
	while ((i = scscf_next_impu(m, key, i)))
		consider_all(&best, i->set->subscriber, where);
	return best.several ? NULL : best.connection;
}
