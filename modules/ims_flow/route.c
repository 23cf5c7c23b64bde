/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_route() and flow_record_route(): requests to a UE, and the way back for those that follow.
 */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/core/home_route.h"

#include "../../core/dset.h"
#include "../../core/forward.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/parser/parse_to.h"
#include "../../core/parser/parse_uri.h"
#include "../../core/resolve.h"
#include "../../core/tcp_conn.h"
#include "sip/uri.h"

/* The flow token of the top Route, as it arrived (loose_route() leaves the parsed headers alone).
 */
static int token_of_route(sip_msg_t *msg, uint64_t *id)
{
	sip_uri_t uri;
	rr_t *rr;
	int rc;

	if (!msg->route || parse_rr(msg->route) < 0)
		return FLOW_TOKEN_FOREIGN;
	rr = (rr_t *)msg->route->parsed;
	if (!rr || parse_uri(rr->nameaddr.uri.s, rr->nameaddr.uri.len, &uri) < 0)
		return FLOW_TOKEN_FOREIGN;
	TABLE_LOCK();
	rc = flow_token_decode(&shared->keys, slice_make(uri.user.s, uri.user.len), id);
	TABLE_UNLOCK();
	return rc;
}

/*
 * Transport to the UE: what its Contact asks for, else UDP (RFC 3263 4.1): a UE that registers over
 * TCP need not listen for it. A flow without IPsec has but one.
 */
static int transport_of(sip_msg_t *msg, const struct flow_set *f)
{
	if (!f->ipsec)
		return f->proto;
	if (parse_sip_msg_uri(msg) >= 0 && msg->parsed_uri.transport_val.len) {
		if (msg->parsed_uri.proto == PROTO_TCP || msg->parsed_uri.proto == PROTO_UDP)
			return msg->parsed_uri.proto;
	}
	return PROTO_UDP;
}

static struct socket_info *needed_socket(const struct flow_set *f, uint16_t port, int proto)
{
	struct socket_info *si = local_socket(&f->local, port, proto);

	if (!si)
		LM_ERR(
		    "no listen socket for port %u and protocol %d: add it to the configuration\n",
		    port, proto);
	return si;
}

/* Let the message go to the UE of f. */
static int send_over(sip_msg_t *msg, const struct flow_set *f)
{
	int proto = transport_of(msg, f), slot = flow_sending_slot(f), n;
	uint16_t port = f->ue_port, from = f->local_port;
	struct socket_info *si, *answered = NULL;
	char uri[128], host[NETADDR_TEXT_MAX];
	struct netaddr to = f->ue;
	str dst = {uri, 0};

	if (f->ipsec) {
		if (slot < 0)
			return -1;
		port = f->sa[slot].port_us;
		from = f->sa[slot].port_pc;
		answered = needed_socket(f, f->sa[slot].port_ps, proto);
	}
	si = needed_socket(f, from, proto);
	if (!si || (f->ipsec && !answered))
		return -1;
	to.port = port;
	n = snprintf(uri, sizeof(uri), "sip:%s;transport=%s", netaddr_text(&to, host),
		     proto == PROTO_TCP	  ? "tcp"
		     : proto == PROTO_TLS ? "tls"
		     : proto == PROTO_WS  ? "ws"
		     : proto == PROTO_WSS ? "wss"
					  : "udp");
	dst.len = n;
	if (set_dst_uri(msg, &dst) < 0)
		return -1;
	set_force_socket(msg, si);
	if (f->ipsec) {
		/* The UE answers over UDP to the port in Via: our server port (TS 33.203 7.1). The
		 * message may go on in another process (t_suspend()), which has this text, too. */
		msg->set_global_port = answered->port_no_str;
	} else if (proto != PROTO_UDP) {
		/* RFC 5626 5.3: only this connection, never a new one. */
		msg->otcpid = f->conn;
		msg->fwd_send_flags.f |= SND_F_FORCE_CON_REUSE;
	}
	ruri_mark_new();
	return 1;
}

/* The connection of a flow without IPsec is gone, and with it the flow (RFC 5626 5.3): it is never
 * opened anew. */
static bool connection_lost(const struct flow_set *f)
{
	struct tcp_connection *c;
	struct flow_effects *fx;
	struct flow_set *g;
	bool lost;

	if (f->ipsec || f->proto == PROTO_UDP)
		return false;
	c = tcpconn_get(f->conn, 0, 0, 0, 0);
	lost = !c || c->state == S_CONN_EOF || c->state == S_CONN_BAD || c->state == S_CONN_ERROR;
	if (c)
		tcpconn_put(c);
	if (lost) {
		fx = changes_begin();
		TABLE_LOCK();
		g = flow_by_id(table, f->id);
		if (g && g->conn == f->conn)
			flow_drop(table, g, FLOW_REASON_CLOSED, &settings.timers, flow_now(), fx);
		TABLE_UNLOCK();
		changes_end(fx);
	}
	return lost;
}

static int refuse(sip_msg_t *msg, counter_handle_t counter, int code, const char *reason)
{
	counter_inc(counter);
	LM_INFO("request to a UE refused: %d %s\n", code, reason);
	if (msg->REQ_METHOD != METHOD_ACK)
		kam_reply(msg, code, reason, NULL);
	return 0; /* ends the route */
}

/*
 * Whether it came from where strangers are: they may not reach a UE by its address alone. Without
 * core_networks that is what arrives at an address that serves UEs.
 */
static bool on_access_side(sip_msg_t *msg)
{
	struct netaddr source = netaddr_of_ip(&msg->rcv.src_ip);

	for (unsigned i = 0; i < settings.n_core; i++)
		if (netaddr_net_has(&settings.core[i], &source))
			return false;
	return settings.n_core || find_si(&msg->rcv.dst_ip, settings.port_ps, PROTO_UDP) ||
	       find_si(&msg->rcv.dst_ip, settings.port_ps, PROTO_TCP);
}

int ki_flow_access_side(sip_msg_t *msg)
{
	return on_access_side(msg) ? 1 : -1;
}

/* Whether the message came over this very set. */
static bool came_over(sip_msg_t *msg, const struct flow_set *f)
{
	int slot;

	return set_of_received(msg, &slot) == f;
}

int ki_flow_route(sip_msg_t *msg)
{
	struct flow_set copy, *f = NULL;
	bool from_ue = false;
	uint64_t id;
	int token, rc;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	token = token_of_route(msg, &id);
	if (token == FLOW_TOKEN_FORGED)
		return refuse(msg, flow_counters.token_forged, 403, "Forbidden");
	TABLE_LOCK();
	if (token == FLOW_TOKEN_OK) {
		f = flow_by_id(table, id);
		from_ue = f && came_over(msg, f);
	} else {
		struct netaddr ip;
		int slot;

		/* Without a token: the address in the request URI is that of a UE, or this is none
		 * of ours. */
		from_ue = set_of_received(msg, &slot) != NULL;
		if (!from_ue && !on_access_side(msg) && parse_sip_msg_uri(msg) >= 0 &&
		    uri_address(&msg->parsed_uri, &ip))
			f = flow_by_server(
			    table, &ip,
			    msg->parsed_uri.port_no ? msg->parsed_uri.port_no : SIP_PORT, NULL);
	}
	if (f && !from_ue)
		memcpy(&copy, f, sizeof(copy));
	TABLE_UNLOCK();
	if (from_ue) {
		leave_by_open_port(msg);
		return -1;
	}
	if (!f) {
		if (token != FLOW_TOKEN_OK)
			return -1;
		return refuse(msg, flow_counters.token_gone, 430, "Flow Failed");
	}
	if (!flow_alive(&copy) || connection_lost(&copy))
		return refuse(msg, flow_counters.token_gone, 430, "Flow Failed");
	pv_set_current(msg, &copy, NULL);
	rc = send_over(msg, &copy);
	if (rc < 0)
		return refuse(msg, flow_counters.no_flow, 430, "Flow Failed");
	COUNT(routed);
	return rc;
}

/*
 * Two Record-Route entries with the flow token: one for the UE's side with our server port, one for
 * the core's. The upper one belongs to the side the message goes to. loose_route() takes both away
 * together (r2=on).
 */
int ki_flow_record_route(sip_msg_t *msg)
{
	return record_route_with(msg, SLICE_NULL);
}

int record_route_with(sip_msg_t *msg, struct slice ue_params)
{
	char token[FLOW_TOKEN_LEN + 1], ue_side[520], core_side[200], text[800], host[80];
	struct flow_set *f;
	uint64_t id;
	bool from_ue;
	int slot, n;
	const char *transport;

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || ue_params.len > FLOW_API_STR_MAX)
		return -1;
	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	from_ue = f != NULL;
	TABLE_UNLOCK();
	if (!from_ue) {
		if (token_of_route(msg, &id) != FLOW_TOKEN_OK) {
			struct netaddr ip;

			TABLE_LOCK();
			f = parse_sip_msg_uri(msg) >= 0 && uri_address(&msg->parsed_uri, &ip)
				? flow_by_server(table, &ip,
						 msg->parsed_uri.port_no ? msg->parsed_uri.port_no
									 : SIP_PORT,
						 NULL)
				: NULL;
			id = f ? f->id : 0;
			TABLE_UNLOCK();
		}
	}
	TABLE_LOCK();
	f = from_ue ? set_of_received(msg, &slot) : flow_by_id(table, id);
	if (f) {
		flow_token_encode(&shared->keys, f->id, token);
		netaddr_host_text(&f->local, host);
		transport = (from_ue ? msg->rcv.proto : transport_of(msg, f)) == PROTO_TCP
				? ";transport=tcp"
				: "";
		slot = flow_sending_slot(f);
		snprintf(ue_side, sizeof(ue_side), "<sip:%s@%s:%d;lr%s;r2=on%.*s>", token, host,
			 slot >= 0 ? f->sa[slot].port_ps : f->local_port, transport,
			 (int)ue_params.len, ue_params.p);
	}
	TABLE_UNLOCK();
	if (!f)
		return -1;
	if (settings.path_host.len)
		snprintf(host, sizeof(host), "%.*s", settings.path_host.len, settings.path_host.s);
	else
		snprintf(host + strlen(host), sizeof(host) - strlen(host), ":%d", SIP_PORT);
	snprintf(core_side, sizeof(core_side), "<sip:%s@%s;lr;r2=on>", token, host);
	n = snprintf(text, sizeof(text), "Record-Route: %s\r\nRecord-Route: %s\r\n",
		     from_ue ? core_side : ue_side, from_ue ? ue_side : core_side);
	return kam_header_add_first(msg, slice_make(text, n)) ? -1 : 1;
}

/* A flow token in a Route that we would take off ourselves: whether it leads to somebody else's
 * phone. */
static bool names_another_ue(struct slice user, const struct flow_set *f)
{
	const struct flow_set *g;
	bool other = false;
	uint64_t id;

	TABLE_LOCK();
	if (flow_token_decode(&shared->keys, user, &id) == FLOW_TOKEN_OK) {
		g = flow_by_id(table, id);
		other = g && strcmp(g->impi, f->impi) != 0;
	}
	TABLE_UNLOCK();
	return other;
}

/* How many Route entries stand behind ours; the first HOME_ROUTE_MAX of them. -1: unreadable, or a
 * detour. */
static int routes_behind_ours(sip_msg_t *msg, const struct flow_set *f, struct slice *uris)
{
	sip_uri_t uri;
	int n = 0;

	for (struct hdr_field *h = msg->route; h; h = h->next) {
		if (h->type != HDR_ROUTE_T)
			continue;
		if (parse_rr(h) < 0)
			return -1;
		for (rr_t *r = (rr_t *)h->parsed; r; r = r->next) {
			if (parse_uri(r->nameaddr.uri.s, r->nameaddr.uri.len, &uri) < 0)
				return -1;
			if (n ||
			    check_self(&uri.host, uri.port_no ? uri.port_no : SIP_PORT, 0) != 1) {
				if (n < HOME_ROUTE_MAX)
					uris[n] =
					    slice_make(r->nameaddr.uri.s, r->nameaddr.uri.len);
				n++;
			} else if (names_another_ue(slice_make(uri.user.s, uri.user.len), f)) {
				return -1;
			}
		}
	}
	return n;
}

/* Where it goes without Route entries: the address of a UE of ours? */
static bool is_a_ue(struct slice uri)
{
	struct netaddr ip;
	sip_uri_t next;
	bool found;

	if (parse_uri((char *)uri.p, uri.len, &next) < 0 || !uri_address(&next, &ip))
		return false;
	TABLE_LOCK();
	found = flow_by_server(table, &ip, next.port_no ? next.port_no : SIP_PORT, NULL) != NULL;
	TABLE_UNLOCK();
	return found;
}

int goes_home(sip_msg_t *msg, const struct flow_set *f)
{
	struct slice uris[HOME_ROUTE_MAX];
	int n = routes_behind_ours(msg, f, uris);

	if (n < 0)
		return 403;
	if (!n)
		uris[0] = slice_make(GET_RURI(msg)->s, GET_RURI(msg)->len);
	if (is_a_ue(uris[0]))
		return 403;
	/* A dialog's route set is as long as the far end's network makes it. */
	if (get_to(msg)->tag_value.len)
		return n && !flow_route_is_loose(uris[0]) ? 400 : 0;
	return n <= HOME_ROUTE_MAX &&
		       flow_home_route_fits(uris, (unsigned)n, slice_str(f->service_route))
		   ? 0
		   : 400;
}
