/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/conn.h"
#include "ue/dialog.h"
#include "ue/ipsec.h"
#include "ue/reg_event.h"
#include "ue/registration.h"

enum { CLOSE_MS = 1500 }; /* mostly it takes a few; a peer without our SAs never answers */

const char *conn_state_name(enum conn_state s)
{
	static const char *const names[] = {"none", "registering", "registered", "rejected",
					    "none"};

	return names[s];
}

struct conn *conn_find(const struct ue *u, struct slice name)
{
	for (struct conn *c = u->conns; c; c = c->next)
		if (slice_eq(slice_str(c->name), name))
			return c;
	return NULL;
}

struct conn *conn_new(struct ue *u, struct slice name, struct access *a)
{
	struct conn *c = conn_find(u, name), **at = &u->conns;
	char hex[33];

	if (c)
		conn_drop(c);
	c = ue_alloc(sizeof(*c));
	c->ue = u;
	c->system = &u->home;
	c->name = ue_dup(name);
	c->access = a;
	c->tcp = a->tcp;
	c->ipsec = a->ipsec;
	c->offer = a->offer;
	c->pcscf = a->pcscf;
	c->expires = 600000;
	c->impu = ue_dup(slice_str(u->home.impu[0]));
	tl_random(hex, 12);
	c->callid = ue_dup(slice_str(hex));
	tl_random(hex, 6);
	c->from_tag = ue_dup(slice_str(hex));
	c->contact_user = ue_alloc(strlen(u->name) + name.len + 2);
	sprintf(c->contact_user, "%s-%.*s", u->name, (int)name.len, name.p);
	while (*at)
		at = &(*at)->next;
	*at = c;
	return c;
}

/* HOST[:PORT]; the host may be a name. */
static int resolve(const char *where, const struct netaddr *local, struct netaddr *out)
{
	struct addrinfo hints = {.ai_family = netaddr_af(local), .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;
	struct slice rest = slice_str(where), host;
	uint64_t port = 5060;
	char *name;
	int err;

	if (netaddr_parse_port(rest, 5060, out) == 0)
		return out->family == local->family ? 0 : -1;
	host = slice_cut(&rest, ':');
	if (rest.len && (slice_u64(rest, 65535, &port) != 0 || port == 0))
		return -1;
	name = ue_dup(host);
	err = getaddrinfo(name, NULL, &hints, &found);
	if (!err) {
		struct sockaddr_storage ss = {0};

		memcpy(&ss, found->ai_addr, found->ai_addrlen);
		netaddr_from_sockaddr(&ss, out);
		out->port = (uint16_t)port;
		freeaddrinfo(found);
	}
	free(name);
	return err ? -1 : 0;
}

int conn_set_system(struct conn *c, const struct ue_system *s)
{
	c->system = s;
	ue_set(&c->impu, slice_str(s->impu[0]));
	return s->pcscf ? resolve(s->pcscf, &c->access->local, &c->pcscf) : 0;
}

static void credentials_free(struct credentials *a)
{
	free(a->realm);
	free(a->nonce);
	free(a->opaque);
	free(a->algorithm);
	free(a->last);
	explicit_bzero(a, sizeof(*a));
}

static void remember_contact(struct conn *c)
{
	struct ue *u = c->ue;
	unsigned at = u->past_next;

	if (!c->contact)
		return;
	for (unsigned i = 0; i < UE_PAST_MAX; i++)
		if (u->past[i].name && strcmp(u->past[i].name, c->name) == 0)
			at = i;
	if (at == u->past_next)
		u->past_next = (at + 1) % UE_PAST_MAX;
	ue_set(&u->past[at].name, slice_str(c->name));
	ue_set(&u->past[at].contact, slice_str(c->contact));
}

const char *conn_contact(const struct ue *u, struct slice name)
{
	const struct conn *c = conn_find(u, name);

	if (c && c->contact)
		return c->contact;
	for (unsigned i = 0; i < UE_PAST_MAX; i++)
		if (u->past[i].name && slice_eq(slice_str(u->past[i].name), name))
			return u->past[i].contact;
	return NULL;
}

/* Whether a TCP connection of a protected port is still open; those that are not yet are being
 * closed. */
static bool closing(struct conn *c)
{
	struct sa_set *sets[3] = {c->current, c->old, c->fresh};
	bool open = c->us && port_shutdown(c->us);

	for (int i = 0; i < 3; i++)
		if (sets[i] && port_shutdown(sets[i]->uc))
			open = true;
	return open;
}

/*
 * End the TCP connections in good order while the SAs still stand: what follows a FIN would
 * otherwise go in clear, and a reset is an error in the P-CSCF's log. A dead access is not waited
 * for.
 */
static void close_streams(struct conn *c)
{
	uint64_t end = loop_now_ms() + CLOSE_MS;

	while (!c->access->is_cut && closing(c) && loop_now_ms() < end) {
		loop_once(end);
		net_reap();
	}
}

void conn_drop(struct conn *c)
{
	struct conn **at = &c->ue->conns;

	close_streams(c);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	remember_contact(c);
	dialogs_leave_conn(c);
	tl_detach(c);
	registration_free(c);
	reg_sub_free(c);
	if (c->us) {
		tl_port_gone(c->us);
		port_release(c->us); /* before its SAs, so that resets still go inside them */
	}
	sa_drop_all(c);
	credentials_free(&c->auth);
	route_set_free(&c->service_route);
	free(c->name);
	free(c->impu);
	free(c->contact_user);
	free(c->contact);
	free(c->callid);
	free(c->from_tag);
	free(c->instance);
	free(c->mediasec);
	free(c->server_list);
	free(c->last);
	free(c);
}

int conn_set_contact(struct conn *c, struct slice given)
{
	struct text t = {0};
	char host[64];
	struct port *p = c->us;

	if (!p)
		p = port_clear(c->access);
	if (!p)
		return -1;
	if (given.p)
		text_put(&t, given);
	else
		text_add(&t, "sip:%s@%s:%u%s", c->contact_user,
			 netaddr_host_text(&c->access->local, host), p->num,
			 c->tcp ? ";transport=tcp" : "");
	free(c->contact);
	c->contact = t.p;
	return 0;
}

int conn_hop(struct conn *c, struct hop *out)
{
	*out = (struct hop){.tcp = c->tcp, .dst = c->pcscf};
	if (c->current) {
		out->port = c->current->uc;
		out->dst.port = c->current->server.port_s;
	} else {
		out->port = port_clear(c->access);
	}
	return out->port ? 0 : -1;
}

void conn_pcscf_uri(const struct conn *c, struct text *out)
{
	char host[64];

	text_add(out, "sip:%s:%u;lr%s", netaddr_host_text(&c->pcscf, host),
		 c->current ? c->current->server.port_s : c->pcscf.port,
		 c->tcp ? ";transport=tcp" : "");
}

static void put_via(struct conn *c, struct text *t, const struct port *port, bool rport)
{
	char host[64], branch[17];

	tl_random(branch, 8);
	text_add(t, "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%s%s\r\n", c->tcp ? "TCP" : "UDP",
		 netaddr_host_text(&c->access->local, host), port->num, branch,
		 rport ? ";rport" : "");
}

static void put_routes(struct conn *c, struct text *t, const struct route_set *routes)
{
	char buf[4096];

	if (routes) {
		if (route_set_write(routes, buf, sizeof(buf)) > 0)
			text_put(t, slice_str(buf));
		return;
	}
	text_put(t, SLICE_LIT("Route: <"));
	conn_pcscf_uri(c, t);
	text_put(t, SLICE_LIT(">"));
	for (unsigned i = 0; i < c->service_route.n; i++)
		text_add(t, ", <%s>", c->service_route.uri[i]);
	text_put(t, SLICE_LIT("\r\n"));
}

void conn_request_begin(struct conn *c, struct text *t, const char *method, struct slice ruri,
			const struct route_set *routes)
{
	bool bare = strcmp(method, "ACK") == 0 || strcmp(method, "CANCEL") == 0;
	const struct port *via = c->us ? c->us : port_clear(c->access);

	text_add(t, "%s %.*s SIP/2.0\r\n", method, (int)ruri.len, ruri.p);
	if (c->via_uc && c->current)
		put_via(c, t, c->current->uc, true);
	else
		put_via(c, t, via, c->us == NULL);
	text_put(t, SLICE_LIT("Max-Forwards: 70\r\n"));
	put_routes(c, t, routes);
	if (c->access->pani)
		text_add(t, "P-Access-Network-Info: %s\r\n", c->access->pani);
	/* TS 24.229 5.1.1.5.1 and RFC 3329 2.3.1. */
	if (c->current && c->current->verify && !bare)
		text_add(
		    t, "Require: sec-agree\r\nProxy-Require: sec-agree\r\nSecurity-Verify: %s\r\n",
		    c->current->verify);
	else if (c->server_list && !bare)
		text_add(t, "Security-Verify: %s\r\n", c->server_list);
}

void conn_request_end(struct text *t, struct slice type, struct slice body)
{
	if (type.len && body.len)
		text_add(t, "Content-Type: %.*s\r\n", (int)type.len, type.p);
	text_add(t, "Content-Length: %zu\r\n\r\n", body.len);
	text_put(t, body);
}

void conn_remember(struct conn *c, const struct ue_sip_msg *resp)
{
	ue_set(&c->last, resp->raw);
}

static void on_response(struct tx *tx, const struct ue_sip_msg *resp, void *owner)
{
	struct conn *c = owner;

	(void)tx;
	if (!resp) {
		op_end(&c->op, 408, true, SLICE_LIT("nobody answered"));
	} else if (resp->code >= 200) {
		conn_remember(c, resp);
		op_end(&c->op, resp->code, false, resp->reason);
	}
}

int conn_send_request(struct conn *c, const char *method, struct slice ruri, struct slice body,
		      const struct ue_sip_edits *edits)
{
	char tag[13], callid[25];
	struct text t = {0};
	struct hop hop;
	int rc = -1;

	if (conn_hop(c, &hop) != 0)
		return -1;
	op_begin(&c->op);
	tl_random(tag, 6);
	tl_random(callid, 12);
	conn_request_begin(c, &t, method, ruri, NULL);
	text_add(&t,
		 "From: <%s>;tag=%s\r\nTo: <%.*s>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n"
		 "P-Preferred-Identity: <%s>\r\n",
		 c->impu, tag, (int)ruri.len, ruri.p, callid, method, c->impu);
	if (strcmp(method, "OPTIONS") == 0)
		text_put(&t, SLICE_LIT("Accept: application/sdp\r\n"));
	conn_request_end(&t, SLICE_LIT("text/plain"), body);
	ue_sip_edits_apply(edits, 1, &t);
	if (tl_request(&hop, text_slice(&t), c->ue->name, c->name, on_response, c))
		rc = 0;
	text_free(&t);
	return rc;
}
