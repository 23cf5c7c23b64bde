/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfg functions for requests: REGISTER, other requests of phones, requests to phones. */
#include "modules/ims_border/border.h"

#include "../../core/dset.h"
#include "../../core/forward.h"
#include "../../core/ip_addr.h"
#include "../../core/parser/contact/parse_contact.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"
#include "../../core/resolve.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

static bool parsed(sip_msg_t *msg)
{
	return kam_headers_parse(msg) == 0 && msg->callid && msg->to && msg->cseq &&
	       parse_from_header(msg) == 0;
}

static bool in_dialog(sip_msg_t *msg)
{
	return get_to(msg)->tag_value.len > 0;
}

static int refuse(sip_msg_t *msg, int code, const char *reason, const char *why)
{
	LM_INFO("request of a phone refused: %s\n", why);
	if (msg->REQ_METHOD != METHOD_ACK)
		kam_reply(msg, code, reason, NULL);
	return -1;
}

int ki_border_register(sip_msg_t *msg)
{
	char icid[BORDER_ICID_MAX], line[256];
	int n = 0;

	if (kam_headers_parse(msg) || border_hides(msg)) {
		border_blank(msg, BORDER_REGISTER);
		return -1;
	}
	if (border_rewrite(msg, BORDER_REGISTER) || border_new_icid(icid) ||
	    border_add_charging(msg, icid, false))
		return -1;
	if (border_params.visited_network.len > 0)
		n = snprintf(line, sizeof(line), "P-Visited-Network-ID: %.*s\r\n",
			     border_params.visited_network.len, border_params.visited_network.s);
	if (n > 0 && kam_header_add_last(msg, slice_make(line, (size_t)n)))
		return -1;
	return 1;
}

/* Methods that have a meaning inside a dialog only (RFC 3261 15, RFC 3262, 3311, 6086, 6665). */
static bool needs_dialog(const sip_msg_t *msg)
{
	switch (msg->REQ_METHOD) {
	case METHOD_BYE:
	case METHOD_PRACK:
	case METHOD_UPDATE:
	case METHOD_INFO:
	case METHOD_NOTIFY:
		return true;
	default:
		return false;
	}
}

static int phone_of(sip_msg_t *msg, struct border_note *note, struct flow_api_info *info)
{
	memset(note, 0, sizeof(*note));
	note->from_ue = true;
	return border_flow.by_received(msg, &note->set) || border_flow.get(note->set, info) ? -1
											    : 0;
}

int ki_border_dialog(sip_msg_t *msg)
{
	struct flow_api_info info;
	struct border_note note;

	if (!parsed(msg))
		return -1;
	if (!in_dialog(msg)) {
		if (!needs_dialog(msg))
			return 1;
		counter_inc(border_counters.no_dialog);
		return -1;
	}
	if (phone_of(msg, &note, &info) == 0 && border_open(msg, &info, note.icid) == 0)
		return 1;
	counter_inc(border_counters.foreign_dialog);
	LM_INFO("a request of a phone is not of a dialog that it is known to have\n");
	return -1;
}

/* Is it from where the INVITE of t came: over the same flow, or both of them from the core? */
static bool is_of_sender(sip_msg_t *msg, struct cell *t)
{
	bool noted, of_phone;
	struct border_note note;
	flow_id_t set;

	noted = border_note_of(t, &note) == 0 && note.from_ue;
	of_phone = border_flow.by_received(msg, &set) == FLOW_API_OK;
	if (of_phone || noted)
		return of_phone && noted && set == note.set;
	return !border_flow.access_side(msg);
}

/* Of the INVITE whose branch this CANCEL or ACK has. 1: its sender's; 0: somebody else's; -1: there
 * is none. */
static int whose(sip_msg_t *msg)
{
	struct cell *t = border_tm.t_lookup_original(msg);
	int rc;

	if (!t || t == T_NULL_CELL)
		return -1;
	rc = is_of_sender(msg, t);
	border_tm.unref_cell(t);
	return rc;
}

static int stray(const char *what)
{
	counter_inc(border_counters.stray_cancels);
	LM_INFO("%s that does not come from where an INVITE came\n", what);
	return -1;
}

int ki_border_cancel(sip_msg_t *msg)
{
	return parsed(msg) && whose(msg) == 1 ? 1 : stray("a CANCEL");
}

int ki_border_ack(sip_msg_t *msg)
{
	return parsed(msg) && whose(msg) != 0 ? 1 : stray("an ACK");
}

/* The first URI of a list of addresses. */
static int first_of(struct slice list, struct sip_uri_parts *u)
{
	struct sip_name_addr a;

	return sip_name_addr_next(&list, &a) == 1 && sip_uri_parse(a.uri, u) == 0 ? 0 : -1;
}

#define ADDRESSES_MAX 8

/* The addresses of a host; names are looked up as they are when a request goes there. */
static int addresses_of(struct slice host, struct ip_addr *out)
{
	str name = str_of(host);
	unsigned short port = 0;
	char proto = PROTO_NONE;
	struct hostent *he = sip_resolvehost(&name, &port, &proto);
	int n = 0;

	while (he && n < ADDRESSES_MAX && he->h_addr_list[n]) {
		hostent2ip_addr(&out[n], he, (unsigned)n);
		n++;
	}
	return n;
}

/* One of them is written as a name, the other perhaps as an address: S-CSCFs do both. */
static bool same_host(struct slice a, struct slice b)
{
	struct ip_addr x[ADDRESSES_MAX], y[ADDRESSES_MAX];
	int x_n, y_n;

	if (sip_host_eq(a, b))
		return true;
	x_n = addresses_of(a, x);
	y_n = addresses_of(b, y);
	for (int i = 0; i < x_n; i++)
		for (int k = 0; k < y_n; k++)
			if (ip_addr_cmp(&x[i], &y[k]))
				return true;
	return false;
}

int ki_border_moved(sip_msg_t *msg)
{
	struct slice uris[BORDER_ROUTES_MAX], maddr;
	struct flow_api_info info;
	struct border_note note;
	struct sip_uri_parts home, next;
	str host;
	int n;

	if (!parsed(msg) || phone_of(msg, &note, &info) ||
	    first_of(slice_str(info.service_route), &home))
		return -1;
	n = border_uris(msg, HDR_ROUTE_T, uris, BORDER_ROUTES_MAX);
	for (int i = 0; i < n; i++) {
		/* maddr would send it elsewhere. */
		if (sip_uri_parse(uris[i], &next) ||
		    sip_uri_param(&next, SLICE_LIT("maddr"), &maddr))
			return -1;
		if ((next.port ? next.port : SIP_PORT) == (home.port ? home.port : SIP_PORT) &&
		    same_host(next.host, home.host))
			return 1;
		/* Ours, before it. The S-CSCF may be this Kamailio, too. */
		host = str_of(next.host);
		if (check_self(&host, next.port ? next.port : SIP_PORT, 0) != 1)
			return -1;
	}
	return -1;
}

/* The first Route that the phone wrote; flow_check() has found it to be the Service-Route, and
 * loose_route() passes it over when no entry of ours stands before it. */
static bool own_route(sip_msg_t *msg, struct slice *uri)
{
	struct slice uris[BORDER_ROUTES_MAX];
	struct sip_uri_parts u;
	int n = border_uris(msg, HDR_ROUTE_T, uris, BORDER_ROUTES_MAX);
	str host;

	for (int i = 0; i < n; i++) {
		if (sip_uri_parse(uris[i], &u))
			return false;
		host = str_of(u.host);
		*uri = uris[i];
		if (check_self(&host, u.port ? u.port : SIP_PORT, 0) != 1)
			return true;
	}
	return false;
}

/* By this way, whatever hops it has. 0, or -1: it is none, or no memory. */
static int send_by(sip_msg_t *msg, struct slice route)
{
	char line[FLOW_API_ROUTE_MAX + 16];
	struct slice list = route;
	struct sip_name_addr first;
	str dst;
	int n;

	n = snprintf(line, sizeof(line), "Route: %.*s\r\n", (int)route.len, route.p);
	if ((size_t)n >= sizeof(line) || sip_name_addr_next(&list, &first) != 1)
		return -1;
	dst = str_of(first.uri);
	return kam_header_add_first(msg, slice_make(line, (size_t)n)) || set_dst_uri(msg, &dst) < 0
		   ? -1
		   : 0;
}

/* By the way of its registration (TS 24.229 5.2.6.3.3). */
static int send_home(sip_msg_t *msg, const struct flow_api_info *info)
{
	struct slice route = slice_str(info->service_route);

	return send_by(msg, route.len ? route : slice_of(border_params.default_route));
}

/* To the E-CSCF go requests for urn:service:sos and what is below it (TS 24.229 5.2.10, RFC 5031 4.2). */
static bool is_emergency(sip_msg_t *msg)
{
	static const struct slice sos = SLICE_LIT("urn:service:sos");
	struct slice uri = slice_of(*GET_RURI(msg));

	return border_params.emergency_route.len && uri.len >= sos.len &&
	       slice_eq_nocase(slice_make(uri.p, sos.len), sos) &&
	       (uri.len == sos.len || uri.p[sos.len] == '.');
}

/* Whatever way the phone has named. */
static int send_for_help(sip_msg_t *msg)
{
	return kam_headers_remove(msg, HDR_ROUTE_T) ||
		       send_by(msg, slice_of(border_params.emergency_route))
		   ? -1
		   : 0;
}

static int assert_identity(sip_msg_t *msg)
{
	char value[2 * FLOW_API_STR_MAX + 8], line[sizeof(value) + 32];
	int n;

	if (border_flow.asserted(msg, value, sizeof(value)) != FLOW_API_OK)
		return -1;
	n = snprintf(line, sizeof(line), "P-Asserted-Identity: %s\r\n", value);
	counter_inc(border_counters.asserted);
	return kam_header_add_last(msg, slice_make(line, (size_t)n));
}

/* What begins something: identity, charging, the way home. 0 or -1, answered. */
static int begin(sip_msg_t *msg, const struct flow_api_info *info, struct border_note *note)
{
	struct slice next;
	bool named;

	if (assert_identity(msg)) {
		counter_inc(border_counters.no_identity);
		return refuse(msg, 403, "Forbidden", "no identity is known for its flow");
	}
	if (border_new_icid(note->icid) || border_add_charging(msg, note->icid, false))
		return refuse(msg, 500, "Server Internal Error", "no memory");
	if (is_emergency(msg))
		return send_for_help(msg) ? refuse(msg, 500, "Server Internal Error",
						   "no memory, or no emergency_route")
					  : 0;
	named = own_route(msg, &next);
	/* Nothing has been said that it could be. */
	if (named && !info->service_route[0]) {
		counter_inc(border_counters.no_route);
		return refuse(msg, 403, "Forbidden", "its registration has no Service-Route");
	}
	if (!named && msg->dst_uri.len)
		return 0;
	/* The network's spelling, whose parameters are not the phone's to leave out. */
	if (kam_headers_remove(msg, HDR_ROUTE_T))
		return refuse(msg, 500, "Server Internal Error", "no memory");
	if (send_home(msg, info)) {
		counter_inc(border_counters.no_route);
		return refuse(msg, 403, "Forbidden", "its registration has no Service-Route");
	}
	return 0;
}

/*
 * Whether a calling number is verified says the network, by the parameter verstat of the URI that the
 * called phone shows (TS 24.229 7.2A.20). Nobody could take it out of From: the answers have that, too.
 */
static bool claims_verified(const sip_msg_t *msg)
{
	static const struct slice verstat = SLICE_LIT("verstat");
	struct slice from = kam_header_body(msg->from);
	struct sip_name_addr a;

	/* Without its display name, which may say anything. */
	if (sip_name_addr_parse(from, &a) == 0)
		from = slice_make(a.uri.p, (size_t)(from.p + from.len - a.uri.p));
	for (; from.len; from.p++, from.len--)
		if (*from.p == ';' &&
		    sip_uri_text_begins(slice_make(from.p + 1, from.len - 1), verstat))
			return true;
	return false;
}

int ki_border_from_ue(sip_msg_t *msg)
{
	struct flow_api_info info;
	struct border_note note;

	if (!parsed(msg) || phone_of(msg, &note, &info))
		return refuse(msg, 403, "Forbidden", "not over a flow");
	if (border_hides(msg))
		return refuse(msg, 400, "Control Character In A Header", "it may hide a header");
	if (claims_verified(msg))
		return refuse(msg, 400, "From Has verstat", "verstat is the network's to say");
	if (border_rewrite(msg, BORDER_UE_REQUEST))
		return refuse(msg, 500, "Server Internal Error", "no memory");
	if (!in_dialog(msg)) {
		if (begin(msg, &info, &note))
			return -1;
	} else {
		/* A dialog that has moved here has an icid from now on. */
		if (border_open(msg, &info, note.icid) && border_new_icid(note.icid))
			return refuse(msg, 500, "Server Internal Error", "no random numbers");
		if (msg->REQ_METHOD != METHOD_ACK && border_add_charging(msg, note.icid, false))
			return refuse(msg, 500, "Server Internal Error", "no memory");
	}
	return border_note_store(&note) ? refuse(msg, 500, "Server Internal Error", "no memory")
					: 1;
}

int ki_border_to_ue(sip_msg_t *msg)
{
	struct border_note note = {0};
	struct hdr_field *h;

	if (!parsed(msg)) {
		border_blank(msg, BORDER_CORE_REQUEST);
		return -1;
	}
	if (border_flow.by_routed(msg, &note.set))
		return -1;
	h = kam_header_find(msg->headers, "P-Charging-Vector");
	if ((!h || border_icid_read(kam_header_body(h), note.icid)) && border_new_icid(note.icid))
		return -1;
	return border_rewrite(msg, BORDER_CORE_REQUEST) || border_note_store(&note) ? -1 : 1;
}

static struct slice contact_of(sip_msg_t *msg)
{
	struct sip_name_addr a;
	struct slice body;

	if (!msg->contact)
		return SLICE_NULL;
	body = kam_header_body(msg->contact);
	return sip_name_addr_next(&body, &a) == 1 ? a.uri : SLICE_NULL;
}

/* The phone answers, or a NOTIFY makes its dialog: its Route will be the Record-Route in order. */
static int ticket_for_request(sip_msg_t *msg, const struct border_note *note,
			      char out[BORDER_TICKET_TEXT])
{
	struct flow_api_info info;
	struct border_dialog d = {.far_tag = slice_of(get_from(msg)->tag_value),
				  .call_id = slice_of(msg->callid->body),
				  .target = contact_of(msg)};
	int n = border_uris(msg, HDR_RECORDROUTE_T, d.route, BORDER_ROUTES_MAX);

	if (n < 0 || border_flow.get(note->set, &info))
		return -1;
	d.impi = slice_str(info.impi);
	d.routes_n = (size_t)n;
	return border_seal(&d, note->icid, out);
}

int ki_border_record_route(sip_msg_t *msg)
{
	char ticket[BORDER_TICKET_TEXT] = "";
	struct border_note note;
	flow_id_t routed;

	if (!parsed(msg))
		return -1;
	if (border_flow.by_routed(msg, &routed) == FLOW_API_OK &&
	    (border_note_load(&note) || ticket_for_request(msg, &note, ticket))) {
		LM_INFO("a request to a phone gets no ticket of its dialog\n");
		ticket[0] = '\0';
	}
	return border_flow.record_route(msg, ticket) == FLOW_API_OK ? 1 : -1;
}
