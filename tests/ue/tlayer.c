/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/elog.h"
#include "ue/tlayer.h"

struct tx_timers tl_timers = {.t1 = 500, .t2 = 4000, .t4 = 5000};
static struct tx *transactions;
static struct timer tick;

static void on_tick(struct timer *t);

const char *tl_reason(int code)
{
	static const struct {
		int code;
		const char *text;
	} reasons[] = {
	    {100, "Trying"},
	    {180, "Ringing"},
	    {183, "Session Progress"},
	    {200, "OK"},
	    {202, "Accepted"},
	    {400, "Bad Request"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {420, "Bad Extension"},
	    {480, "Temporarily Unavailable"},
	    {481, "Call/Transaction Does Not Exist"},
	    {486, "Busy Here"},
	    {487, "Request Terminated"},
	    {488, "Not Acceptable Here"},
	    {491, "Request Pending"},
	    {500, "Server Internal Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {600, "Busy Everywhere"},
	    {603, "Decline"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].text;
	return code < 200 ? "Progress" : code < 300 ? "OK" : "Failure";
}

/* Arm the one timer for the transaction that is due first. */
static void arm(uint64_t at)
{
	if (at != TX_NEVER && (!tick.armed || at < tick.at))
		loop_start(&tick, at, on_tick, NULL);
}

static void tx_free(struct tx *tx)
{
	struct tx **at = &transactions;

	while (*at && *at != tx)
		at = &(*at)->next;
	if (*at)
		*at = tx->next;
	if (tx->ref)
		*tx->ref = NULL;
	tx->ref = NULL;
	tx->dead = true;
	if (tx->acting) /* its handler ended it: act() frees the memory */
		return;
	free(tx->branch);
	free(tx->sent_by);
	free(tx->method);
	free(tx->message);
	free(tx->request);
	free(tx->ack);
	free(tx->to_tag);
	free(tx);
}

void tl_free_all(void)
{
	loop_stop(&tick);
	while (transactions)
		tx_free(transactions);
}

int tl_send(const struct hop *hop, struct slice message, const char *ue, const char *conn,
	    bool again)
{
	struct port *p = hop->port;
	struct elog_sip e = {.ue = ue,
			     .conn = conn,
			     .access = p->access->name,
			     .send = true,
			     .tcp = hop->tcp,
			     .esp = p->role != PORT_CLEAR,
			     .spi = p->spi_out,
			     .repeated = again,
			     .raw = message};
	struct netaddr src = p->access->local;
	struct ue_sip_msg m;

	src.port = p->num;
	netaddr_text(&src, e.src);
	netaddr_text(&hop->dst, e.dst);
	ue_sip_parse(message, &m); /* only for the log: what is wrong on purpose goes out too */
	e.method = m.method;
	e.callid = m.callid;
	e.cseq = ue_sip_header(&m, "CSeq", 0);
	e.code = m.code;
	elog_sip(&e);
	if (p->role == PORT_CLEAR && p->access->challenged)
		p->access->clear_count++;
	if (hop->tcp) {
		struct stream *s = hop->stream ? hop->stream : port_stream(p, &hop->dst);

		if (!s)
			return -1;
		stream_send(s, message);
		return 0;
	}
	port_send(p, &hop->dst, message);
	return 0;
}

static void copy_name(char *dst, size_t size, const char *src)
{
	snprintf(dst, size, "%s", src);
}

static struct tx *tx_new(const struct hop *hop, const struct ue_sip_msg *m, bool client)
{
	struct tx *tx = ue_alloc(sizeof(*tx));

	tx->client = client;
	tx->hop = *hop;
	tx->branch = ue_dup(m->branch);
	tx->sent_by = ue_dup(m->sent_by);
	tx->method = ue_dup(m->method);
	tx->next = transactions;
	transactions = tx;
	return tx;
}

static enum tx_kind kind_of(const struct ue_sip_msg *m, bool client)
{
	bool invite = slice_eq(m->method, SLICE_LIT("INVITE"));

	if (client)
		return invite ? TX_INVITE_CLIENT : TX_CLIENT;
	return invite ? TX_INVITE_SERVER : TX_SERVER;
}

struct tx *tl_request(const struct hop *hop, struct slice message, const char *ue, const char *conn,
		      tx_h h, void *owner)
{
	struct ue_sip_msg m;
	struct tx *tx;

	ue_sip_parse(message, &m);
	if (tl_send(hop, message, ue, conn, false) != 0)
		return NULL;
	tx = tx_new(hop, &m, true);
	copy_name(tx->ue_name, sizeof(tx->ue_name), ue);
	copy_name(tx->conn_name, sizeof(tx->conn_name), conn);
	tx->message = ue_dup(message);
	tx->on_response = h;
	tx->owner = owner;
	tx_start(&tx->fsm, kind_of(&m, true), hop->tcp, &tl_timers, loop_now_ms());
	arm(tx_next(&tx->fsm));
	return tx;
}

/* The ACK of RFC 3261 17.1.1.3: same Request-URI, top Via, Route, From, Call-ID; To of the
 * response. */
static void make_ack(struct tx *tx, const struct ue_sip_msg *resp)
{
	struct text t = {0};
	struct slice via;
	struct ue_sip_msg m;

	ue_sip_parse(slice_str(tx->message), &m);
	ue_sip_values(&m, "Via", &via, 1);
	text_add(&t, "ACK %.*s SIP/2.0\r\nVia: %.*s\r\nMax-Forwards: 70\r\n", (int)m.ruri.len,
		 m.ruri.p, (int)via.len, via.p);
	for (unsigned i = 0; i < m.n; i++)
		if (slice_eq_nocase(m.headers[i].name, SLICE_LIT("Route")) ||
		    slice_eq_nocase(m.headers[i].name, SLICE_LIT("From")))
			text_add(&t, "%.*s: %.*s\r\n", (int)m.headers[i].name.len,
				 m.headers[i].name.p, (int)m.headers[i].value.len,
				 m.headers[i].value.p);
	struct slice to = ue_sip_header(resp, "To", 0);

	text_add(&t, "To: %.*s\r\nCall-ID: %.*s\r\nCSeq: %u ACK\r\nContent-Length: 0\r\n\r\n",
		 (int)to.len, to.p, (int)m.callid.len, m.callid.p, m.cseq);
	free(tx->ack);
	tx->ack = t.p;
}

/* Do what the state machine said. May free tx. */
static void act(struct tx *tx, unsigned todo, const struct ue_sip_msg *resp)
{
	tx->acting = true;
	if (todo & TX_ACK) {
		if (!tx->ack && resp)
			make_ack(tx, resp);
		if (tx->ack)
			tl_send(&tx->hop, slice_str(tx->ack), tx->ue_name, tx->conn_name, false);
	}
	if (todo & TX_SEND && tx->message)
		tl_send(&tx->hop, slice_str(tx->message), tx->ue_name, tx->conn_name, true);
	if (todo & TX_PASS && tx->client && tx->on_response)
		tx->on_response(tx, resp, tx->owner);
	if (todo & TX_TIMEOUT) {
		if (tx->client && tx->on_response)
			tx->on_response(tx, NULL, tx->owner);
		if (!tx->client && tx->on_ack)
			tx->on_ack(tx, false, tx->owner);
	}
	tx->acting = false;
	if (tx->dead || todo & TX_FREE)
		tx_free(tx);
	else
		arm(tx_next(&tx->fsm));
}

static bool still_there(const struct tx *wanted)
{
	for (struct tx *tx = transactions; tx; tx = tx->next)
		if (tx == wanted)
			return true;
	return false;
}

static void on_tick(struct timer *t)
{
	uint64_t now = loop_now_ms(), first = TX_NEVER;
	struct tx *tx = transactions, *next;

	(void)t;
	for (; tx; tx = next) {
		next = tx->next;
		if (tx_next(&tx->fsm) <= now) {
			act(tx, tx_tick(&tx->fsm, now), NULL);
			/* The user may have ended others. */
			if (next && !still_there(next)) {
				arm(now);
				return;
			}
		}
	}
	for (tx = transactions; tx; tx = tx->next)
		if (tx_next(&tx->fsm) < first)
			first = tx_next(&tx->fsm);
	arm(first);
}

static struct tx *find_client(const struct ue_sip_msg *m)
{
	for (struct tx *tx = transactions; tx; tx = tx->next)
		if (tx->client && slice_eq(slice_str(tx->branch), m->branch) &&
		    slice_eq(slice_str(tx->method), m->method))
			return tx;
	return NULL;
}

static struct tx *find_server(const struct ue_sip_msg *m)
{
	bool ack = slice_eq(m->method, SLICE_LIT("ACK"));

	for (struct tx *tx = transactions; tx; tx = tx->next)
		if (!tx->client && slice_eq(slice_str(tx->branch), m->branch) &&
		    slice_eq_nocase(slice_str(tx->sent_by), m->sent_by) &&
		    slice_eq(slice_str(tx->method), ack ? SLICE_LIT("INVITE") : m->method))
			return tx;
	return NULL;
}

const struct tx *tl_find_client(const struct ue_sip_msg *resp)
{
	return find_client(resp);
}

struct tx *tl_find_invite(const struct ue_sip_msg *cancel)
{
	struct ue_sip_msg invite = *cancel;

	invite.method = SLICE_LIT("INVITE");
	return find_server(&invite);
}

bool tl_receive(struct port *p, struct stream *s, const struct netaddr *src,
		const struct ue_sip_msg *m, struct tx **tx)
{
	struct hop hop = {.port = p, .tcp = s != NULL, .dst = *src, .stream = s};
	uint64_t now = loop_now_ms();
	struct tx *found;

	*tx = NULL;
	if (!m->request) {
		found = find_client(m);
		if (!found)
			return false;
		act(found, tx_response(&found->fsm, m->code, now), m);
		return true;
	}
	found = find_server(m);
	if (slice_eq(m->method, SLICE_LIT("ACK"))) {
		if (!found || found->fsm.state == TX_ACCEPTED)
			return false;
		act(found, tx_ack(&found->fsm, now), m);
		return true;
	}
	if (found) {
		act(found, tx_request_again(&found->fsm, now), m);
		return true;
	}
	found = tx_new(&hop, m, false);
	found->request = ue_dup(m->raw);
	found->to_tag = ue_alloc(17);
	tl_random(found->to_tag, 8);
	tx_start(&found->fsm, kind_of(m, false), s != NULL, &tl_timers, now);
	*tx = found;
	return false;
}

int tl_reply(struct tx *tx, int code, const char *reason, struct slice headers, struct slice body)
{
	struct ue_sip_msg m;
	struct text t = {0};
	unsigned todo = tx_reply(&tx->fsm, code, loop_now_ms());

	if (!(todo & TX_SEND))
		return -1;
	ue_sip_parse(slice_str(tx->request), &m);
	text_add(&t, "SIP/2.0 %d %s\r\n", code, reason ? reason : tl_reason(code));
	for (unsigned i = 0; i < m.n; i++) {
		struct slice name = m.headers[i].name, value = m.headers[i].value;
		bool to = slice_eq_nocase(name, SLICE_LIT("To"));

		if (!to && !slice_eq_nocase(name, SLICE_LIT("Via")) &&
		    !slice_eq_nocase(name, SLICE_LIT("From")) &&
		    !slice_eq_nocase(name, SLICE_LIT("Call-ID")) &&
		    !slice_eq_nocase(name, SLICE_LIT("CSeq")) &&
		    !slice_eq_nocase(name, SLICE_LIT("Record-Route")))
			continue;
		text_add(&t, "%.*s: %.*s", (int)name.len, name.p, (int)value.len, value.p);
		if (to && code > 100 && m.to_tag.len == 0)
			text_add(&t, ";tag=%s", tx->to_tag);
		text_put(&t, SLICE_LIT("\r\n"));
	}
	text_put(&t, headers);
	text_add(&t, "Content-Length: %zu\r\n\r\n", body.len);
	text_put(&t, body);
	free(tx->message);
	tx->message = t.p;
	tl_send(&tx->hop, slice_str(tx->message), tx->ue_name, tx->conn_name, false);
	if (todo & TX_FREE)
		tx_free(tx);
	else
		arm(tx_next(&tx->fsm));
	return 0;
}

void tl_ack(struct tx *tx)
{
	if (tx_ack(&tx->fsm, loop_now_ms()) & TX_PASS && tx->on_ack)
		tx->on_ack(tx, true, tx->owner);
}

void tl_detach(void *owner)
{
	for (struct tx *tx = transactions; tx; tx = tx->next)
		if (tx->owner == owner) {
			tx->owner = NULL;
			tx->on_response = NULL;
			tx->on_ack = NULL;
		}
}

void tl_port_gone(struct port *p)
{
	struct tx *next;

	for (struct tx *tx = transactions; tx; tx = next) {
		next = tx->next;
		if (tx->hop.port == p)
			tx_free(tx);
	}
}

/* A request whose connection broke before its answer has failed; an answer may go by a new
 * connection. */
void net_stream_gone(struct stream *s)
{
	struct tx *next;

	for (struct tx *tx = transactions; tx; tx = next) {
		next = tx->next;
		if (tx->hop.stream == s)
			tx->hop.stream = NULL;
		if (tx->client && tx->hop.tcp && tx->hop.port == s->port &&
		    tx->hop.dst.port == s->peer.port &&
		    (tx->fsm.state == TX_CALLING || tx->fsm.state == TX_TRYING)) {
			act(tx, tx_transport_error(&tx->fsm), NULL);
			if (next && !still_there(next))
				return;
		}
	}
}
