/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/dialog.h"
#include "ue/reg_event.h"
#include "ue/ua.h"

static uint64_t requests_seen;

uint64_t ua_requests_seen(void)
{
	return requests_seen;
}

/* On a shared unprotected port: by Request-URI, then by dialog, then the only one there is. */
static struct conn *conn_for(struct port *p, const struct ue_sip_msg *m)
{
	struct conn *only = NULL;
	struct ue_sip_uri u;
	bool have_uri = m->request && ue_sip_uri_parse(m->ruri, &u) == 0;
	unsigned n = 0;

	if (p->conn)
		return p->conn;
	for (struct ue *ue = ues; ue; ue = ue->next)
		for (struct conn *c = ue->conns; c; c = c->next) {
			if (c->access != p->access || c->us)
				continue;
			if (have_uri && slice_eq(slice_str(c->contact_user), u.user))
				return c;
			only = c;
			n++;
		}
	for (struct ue *ue = ues; ue; ue = ue->next) {
		struct dialog *d = m->to_tag.len ? dialog_match(ue, m) : NULL;

		if (d && d->conn)
			return d->conn;
	}
	return n == 1 ? only : NULL;
}

static void log_received(struct port *p, bool tcp, const struct netaddr *src,
			 const struct ue_sip_msg *m, const char *ue, const char *conn)
{
	struct elog_sip e = {.ue = ue,
			     .conn = conn,
			     .access = p->access->name,
			     .tcp = tcp,
			     .esp = p->role != PORT_CLEAR,
			     .spi = p->spi_in,
			     .raw = m->raw,
			     .method = m->method,
			     .callid = m->callid,
			     .code = m->code};
	struct netaddr dst = p->access->local;

	dst.port = p->num;
	netaddr_text(src, e.src);
	netaddr_text(&dst, e.dst);
	e.cseq = ue_sip_header(m, "CSeq", 0);
	elog_sip(&e);
}

static void answer_options(struct tx *tx)
{
	tl_reply(
	    tx, 200, NULL,
	    SLICE_LIT(
		"Allow: INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, INFO, MESSAGE, OPTIONS, NOTIFY\r\n"
		"Accept: application/sdp, application/reginfo+xml\r\nSupported: replaces\r\n"),
	    SLICE_NULL);
}

static void new_request(struct conn *c, struct tx *tx, const struct ue_sip_msg *m)
{
	static const char *const session[] = {"INVITE", "ACK",	 "BYE", "CANCEL",
					      "UPDATE", "PRACK", "INFO"};

	for (size_t i = 0; i < sizeof(session) / sizeof(session[0]); i++)
		if (slice_eq(m->method, slice_str(session[i]))) {
			dialog_request(c->ue, c, tx, m);
			return;
		}
	if (!tx)
		return;
	if (slice_eq(m->method, SLICE_LIT("NOTIFY"))) {
		struct conn *sub = reg_event_match(c->ue, m);

		tl_reply(tx, sub ? reg_event_notify(sub, m) : 481, NULL, SLICE_NULL, SLICE_NULL);
	} else if (slice_eq(m->method, SLICE_LIT("OPTIONS"))) {
		answer_options(tx);
	} else if (slice_eq(m->method, SLICE_LIT("MESSAGE"))) {
		tl_reply(tx, 200, NULL, SLICE_NULL, SLICE_NULL);
	} else {
		tl_reply(tx, 405, NULL,
			 SLICE_LIT("Allow: INVITE, ACK, CANCEL, BYE, UPDATE, MESSAGE\r\n"),
			 SLICE_NULL);
	}
}

/*
 * UDP: a response to what came to port_us goes from port_uc to the P-CSCF's server port
 * (TS 33.203 7.1). Without IPsec, and over TCP, it goes back where the request came from.
 */
static void set_reply_hop(struct tx *tx, struct conn *c)
{
	if (tx->hop.tcp || tx->hop.port->role != PORT_US || !c->current)
		return;
	tx->hop.port = c->current->uc;
	tx->hop.dst = c->pcscf;
	tx->hop.dst.port = c->current->server.port_s;
}

void net_received(struct port *p, struct stream *s, const struct netaddr *src, struct slice data)
{
	const struct tx *client = NULL;
	struct conn *c = NULL;
	struct ue_sip_msg m;
	struct tx *tx;
	int err;

	if (slice_trim(data).len == 0)
		return;
	err = ue_sip_parse(data, &m);
	if (err == UE_SIP_OK && !m.request)
		client = tl_find_client(&m);
	/* A REGISTER that was sent again before its 401 came gets a second one, in clear as the first. */
	if (p->role == PORT_CLEAR && p->access->challenged && !(client && m.code == 401))
		p->access->clear_count++;
	if (!client)
		c = conn_for(p, &m);
	log_received(p, s != NULL, src, &m,
		     client ? client->ue_name
		     : c    ? c->ue->name
			    : "?",
		     client ? client->conn_name
		     : c    ? c->name
			    : "");
	if (client && !c) {
		struct ue *u = ue_find(slice_str(client->ue_name));

		if (u)
			ue_inbox_put(u, client->conn_name, data);
	}
	if (err) {
		elog_line("?", "%s <- unreadable message: %s", p->access->name,
			  ue_sip_strerror(err));
		return;
	}
	if (tl_receive(p, s, src, &m, &tx) || !m.request)
		return;
	requests_seen++;
	if (!c) {
		if (tx)
			tl_reply(tx, 404, NULL, SLICE_NULL, SLICE_NULL);
		return;
	}
	if (tx) {
		set_reply_hop(tx, c);
		memcpy(tx->ue_name, c->ue->name, strnlen(c->ue->name, sizeof(tx->ue_name) - 1));
		memcpy(tx->conn_name, c->name, strnlen(c->name, sizeof(tx->conn_name) - 1));
	}
	c->ue->requests_seen++;
	ue_inbox_put(c->ue, c->name, data);
	new_request(c, tx, &m);
}
