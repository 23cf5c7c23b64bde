/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfg functions for answers, in an onreply_route: to REGISTER, of phones, to phones. */
#include "modules/ims_border/border.h"
#include "modules/ims_border/core/header_edit.h"
#include "modules/ims_border/core/record_routes.h"

#include "../../core/parser/parse_to.h"

#include "sip/name_addr.h"
#include "sip/uri.h"

#define URIS_MAX (BORDER_ROUTES_MAX + 2)

static bool parsed(sip_msg_t *msg)
{
	return msg->first_line.type == SIP_REPLY && kam_headers_parse(msg) == 0 && msg->to &&
	       get_to(msg) && msg->callid;
}

/*
 * An answer that cannot be read. Dropping a final one is not for an onreply_route to do, so it goes
 * as a 500 without all that it might say.
 */
static int unreadable(sip_msg_t *msg, enum border_way way)
{
	if (msg->first_line.type != SIP_REPLY)
		return -1;
	counter_inc(border_counters.unreadable_answers);
	LM_INFO("an answer with a header that cannot be read\n");
	border_blank(msg, way);
	/* flow_register_reply() may have seen to it. */
	if (msg->REPLY_STATUS >= 200 && msg->REPLY_STATUS != 500)
		kam_reply_becomes(msg, 500, "Answer Cannot Be Read");
	return -1;
}

int ki_border_register_answer(sip_msg_t *msg)
{
	bool ok = msg->first_line.type == SIP_REPLY && msg->REPLY_STATUS >= 200 &&
		  msg->REPLY_STATUS < 300;
	enum border_way way = ok ? BORDER_REGISTER_OK : BORDER_REGISTER_REFUSED;

	if (!parsed(msg))
		return unreadable(msg, way);
	return border_rewrite(msg, way) ? -1 : 1;
}

/* Does the answer make or confirm a dialog? */
static bool makes_dialog(const sip_msg_t *msg)
{
	return msg->REPLY_STATUS > 100 && msg->REPLY_STATUS < 300;
}

static struct slice contact_of(const sip_msg_t *msg)
{
	struct sip_name_addr a;
	struct slice body;

	if (!msg->contact)
		return SLICE_NULL;
	body = kam_header_body(msg->contact);
	return sip_name_addr_next(&body, &a) == 1 ? a.uri : SLICE_NULL;
}

static bool is_of_set(struct slice uri, flow_id_t set)
{
	struct sip_uri_parts u;
	flow_id_t id;

	return sip_uri_parse(uri, &u) == 0 && u.user.len &&
	       border_flow.by_token(u.user.p, (int)u.user.len, &id) == FLOW_API_OK && id == set;
}

/*
 * The phone's Route will be the Record-Route from the last entry on. The last one is ours, of the
 * phone's side, with its partner of the core's side above it: ims_flow wrote both into the request.
 */
static int ticket_for_answer(sip_msg_t *msg, const struct border_note *note)
{
	struct slice uris[URIS_MAX], last;
	struct flow_api_info info;
	struct border_dialog d = {.call_id = slice_of(msg->callid->body),
				  .far_tag = slice_of(get_to(msg)->tag_value),
				  .target = contact_of(msg)};
	int n = border_uris(msg, HDR_RECORDROUTE_T, uris, URIS_MAX), rest;
	char ticket[BORDER_TICKET_TEXT];

	if (n == 0)
		return 0;
	if (n < 0 || !is_of_set(uris[n - 1], note->set) || border_flow.get(note->set, &info))
		return -1;
	last = uris[n - 1];
	rest = n > 1 && is_of_set(uris[n - 2], note->set) ? n - 2 : n - 1;
	d.impi = slice_str(info.impi);
	for (int i = rest; i-- > 0;)
		d.route[d.routes_n++] = uris[i];
	if (border_seal(&d, note->icid, ticket))
		return -1;
	return kam_text_insert(msg, last.p + last.len, slice_str(ticket));
}

int ki_border_answer_to_ue(sip_msg_t *msg)
{
	struct border_note note;

	if (!parsed(msg))
		return unreadable(msg, BORDER_CORE_ANSWER);
	if (border_rewrite(msg, BORDER_CORE_ANSWER))
		return -1;
	if (makes_dialog(msg) && get_to(msg)->tag_value.len && border_note_load(&note) == 0 &&
	    ticket_for_answer(msg, &note))
		LM_INFO("an answer to a phone gets no ticket of its dialog\n");
	return 1;
}

/* Who answers: the identity that the S-CSCF called, else the default one of the registration. */
static int assert_called(sip_msg_t *msg, const sip_msg_t *request, flow_id_t set)
{
	struct flow_api_info info;
	struct slice called = kam_header(request, "P-Called-Party-ID", NULL), impus;
	struct sip_name_addr a;
	char line[512];
	int n;

	if (sip_name_addr_next(&called, &a) != 1) {
		if (border_flow.get(set, &info))
			return -1;
		impus = slice_str(info.impus);
		a.uri = slice_cut(&impus, '\n');
	}
	if (!a.uri.len)
		return -1;
	n = snprintf(line, sizeof(line), "P-Asserted-Identity: <%.*s>\r\n", (int)a.uri.len,
		     a.uri.p);
	if ((size_t)n >= sizeof(line))
		return -1;
	counter_inc(border_counters.asserted);
	return kam_header_add_last(msg, slice_make(line, (size_t)n));
}

/* The request as it went to the phone. */
static struct slice sent_request(const struct cell *t)
{
	tm_ctx_t *ctx = border_tm.tm_ctx_get();
	int branch = ctx ? ctx->branch_index : -1;

	if (branch < 0 || branch >= t->nr_of_outgoings || !t->uac[branch].request.buffer)
		return SLICE_NULL;
	return slice_make(t->uac[branch].request.buffer, (size_t)t->uac[branch].request.buffer_len);
}

static int uris_of_text(struct slice text, struct slice *uris)
{
	struct sip_name_addr a;
	struct slice body;
	int n = 0;

	while (border_raw_header_next(&text, "Record-Route", &body))
		while (sip_name_addr_next(&body, &a) == 1) {
			if (n == URIS_MAX)
				return -1;
			uris[n++] = a.uri;
		}
	return n;
}

/* Entry by entry: one line may hold those of a whole route. */
static int add_record_routes(sip_msg_t *msg, struct slice body)
{
	struct slice entry;
	char line[1024];
	int rc;

	while ((rc = border_list_next(&body, ',', &entry)) == 1) {
		int n =
		    snprintf(line, sizeof(line), "Record-Route: %.*s\r\n", (int)entry.len, entry.p);

		if ((size_t)n >= sizeof(line) ||
		    kam_header_add_last(msg, slice_make(line, (size_t)n)))
			return -1;
	}
	return rc;
}

/* The phone copies the Record-Route of the request; what else it may write there is put right. */
static int check_record_route(sip_msg_t *msg, struct slice sent)
{
	struct slice has[URIS_MAX], had[URIS_MAX], body;
	int has_n = border_uris(msg, HDR_RECORDROUTE_T, has, URIS_MAX);
	int had_n = uris_of_text(sent, had);

	if (has_n >= 0 && had_n >= 0 && makes_dialog(msg) &&
	    border_same_places(has, (size_t)has_n, had, (size_t)had_n))
		return 0;
	if (has_n == 0 && (had_n <= 0 || !makes_dialog(msg)))
		return 0;
	if (has_n != 0 && makes_dialog(msg))
		counter_inc(border_counters.record_routes);
	if (kam_headers_remove(msg, HDR_RECORDROUTE_T))
		return -1;
	while (makes_dialog(msg) && border_raw_header_next(&sent, "Record-Route", &body))
		if (add_record_routes(msg, body))
			return -1;
	return 0;
}

/* Was the request of this branch sent to where the answer comes from? */
static bool is_asked(const sip_msg_t *msg, const struct cell *t, int branch)
{
	struct ip_addr asked;

	if (branch < 0 || branch >= t->nr_of_outgoings)
		return false;
	su2ip_addr(&asked, &t->uac[branch].request.dst.to);
	return ip_addr_cmp(&asked, (struct ip_addr *)&msg->rcv.src_ip);
}

/* Asked before tm has the answer: what cannot be read to its end cannot be rewritten, and tm sends
 * final answers on whatever an onreply_route says. */
int ki_border_answer_readable(sip_msg_t *msg)
{
	if (parsed(msg))
		return 1;
	counter_inc(border_counters.unreadable_answers);
	LM_INFO("an answer with a header that cannot be read\n");
	return -1;
}

int ki_border_answer_due(sip_msg_t *msg)
{
	int branch = T_BR_UNDEFINED;
	struct cell *t;

	if (msg->first_line.type != SIP_REPLY)
		return -1;
	if (border_tm.t_check(msg, &branch) == 1) {
		t = border_tm.t_gett();
		/* tm goes on with the transaction that was found here. */
		if (is_asked(msg, t, branch))
			return 1;
		border_tm.unref_cell(t);
		border_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	}
	counter_inc(border_counters.stray_answers);
	LM_INFO("an answer that nobody has asked its sender for\n");
	return -1;
}

/* Without memory: an answer by which no dialog goes another way than the request has laid. */
static int blank_answer(sip_msg_t *msg)
{
	LM_ERR("no memory for the answer of a phone\n");
	border_blank(msg, BORDER_UE_ANSWER);
	if (msg->REPLY_STATUS >= 200 && msg->REPLY_STATUS < 300)
		kam_reply_becomes(msg, 500, "Server Internal Error");
	return -1;
}

int ki_border_answer_from_ue(sip_msg_t *msg)
{
	struct cell *t = border_tm.t_gett();
	struct border_note note;
	const sip_msg_t *request;

	if (!parsed(msg) || border_hides(msg))
		return unreadable(msg, BORDER_UE_ANSWER);
	if (border_rewrite(msg, BORDER_UE_ANSWER))
		return blank_answer(msg);
	if (!t || t == T_UNDEFINED || border_note_load(&note))
		return kam_headers_remove(msg, HDR_RECORDROUTE_T) ? blank_answer(msg) : 1;
	request = t->uas.request;
	if (check_record_route(msg, sent_request(t)) || border_add_charging(msg, note.icid, true))
		return blank_answer(msg);
	if (request && msg->REPLY_STATUS > 100 && request->to && get_to(request) &&
	    !get_to(request)->tag_value.len && assert_called(msg, request, note.set))
		LM_INFO("an answer of a phone goes without an asserted identity\n");
	return 1;
}
