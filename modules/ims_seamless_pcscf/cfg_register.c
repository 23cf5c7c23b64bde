/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cfg functions around REGISTER: seamless_pcscf_check(), seamless_pcscf_register(),
 * seamless_pcscf_register_reply().
 */
#include "seamless.h"
#include "core/register_check.h"
#include "modules/ims_flow/core/grant.h"

#include "../../core/dprint.h"
#include "../../core/ip_addr.h"
#include "../../core/msg_translator.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_to.h"

#include <stdio.h>

/* How long a set is kept for the S-CSCF's word after its own de-registration: 64*T1 and a little.
 */
#define OWN_END_HOLD_MS 40000

static int refuse(sip_msg_t *msg, int code, const char *reason, const char *headers)
{
	kam_reply(msg, code, reason, headers);
	return -1;
}

static int refuse_options(sip_msg_t *msg, const struct pcscf_option_verdict *v)
{
	char header[UNSUPPORTED_TEXT_MAX + 32];

	LM_INFO("option tags refused: %s\n", v->unsupported);
	counter_inc(seamless_counters.refused_option);
	snprintf(header, sizeof(header), "Unsupported: %s\r\n", v->unsupported);
	/* A single tag too long to repeat leaves the list empty. */
	return refuse(msg, 420, "Bad Extension", v->unsupported[0] ? header : NULL);
}

bool seamless_has_tag(const sip_msg_t *msg)
{
	struct slice require[HEADER_LINES_MAX], proxy_require[HEADER_LINES_MAX];
	struct pcscf_option_headers h = {
	    proxy_require, kam_headers_of(msg, HDR_PROXYREQUIRE_T, proxy_require, HEADER_LINES_MAX),
	    require, kam_headers_of(msg, HDR_REQUIRE_T, require, HEADER_LINES_MAX)};
	struct pcscf_option_verdict v;

	pcscf_option_headers_check(&h, seamless_params.enabled,
				   slice_of(seamless_params.known_options), &v);
	return v.seamless;
}

static int strip_line(sip_msg_t *msg, struct hdr_field *h)
{
	char rest[512];
	int n = pcscf_option_line_strip(slice_of(h->body), rest, sizeof(rest)), rc;

	if (n < 0)
		return 0;
	rc = n == 0 ? kam_header_remove(msg, h)
		    : kam_header_replace(msg, h, slice_make(rest, (size_t)n));
	return rc ? -1 : 1;
}

/*
 * Proxy-Require is for the proxies that understood it: this one. An I-CSCF behind us has no need to
 * know the tag, so it goes; Require carries it on to the registrar. Applied at once, as ims_flow
 * takes sec-agree out of the same line.
 */
static int strip_proxy_require(sip_msg_t *msg)
{
	int changed = 0;

	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		int rc = h->type == HDR_PROXYREQUIRE_T ? strip_line(msg, h) : 0;

		if (rc < 0)
			return -1;
		changed |= rc;
	}
	return changed ? sip_msg_apply_changes(msg) : 1;
}

static uint32_t expires_of(sip_msg_t *msg)
{
	exp_body_t *body;

	if (!msg->expires || parse_expires(msg->expires) < 0)
		return EXPIRES_ABSENT;
	body = (exp_body_t *)msg->expires->parsed;
	return body && body->valid ? body->val : EXPIRES_ABSENT;
}

static void intent_of(sip_msg_t *msg, struct pcscf_register_intent *out)
{
	char source[IP_ADDR_MAX_STR_SIZE];
	struct slice lines[HEADER_LINES_MAX];
	size_t n = kam_headers_of(msg, HDR_CONTACT_T, lines, HEADER_LINES_MAX);

	ip_addr2sbufz(&msg->rcv.src_ip, source, sizeof(source));
	pcscf_register_contacts_check(lines, n, expires_of(msg), slice_str(source),
				      slice_of(msg->via1->host), out);
}

static int check_contacts(sip_msg_t *msg)
{
	struct pcscf_register_intent intent;

	intent_of(msg, &intent);
	if (intent.code == 0)
		return 1;
	LM_INFO("REGISTER refused: %s\n", intent.reason);
	counter_inc(seamless_counters.foreign_contact);
	return refuse(msg, intent.code, intent.reason, NULL);
}

int ki_seamless_check(sip_msg_t *msg)
{
	struct slice require[HEADER_LINES_MAX], proxy_require[HEADER_LINES_MAX];
	struct pcscf_option_headers h = {proxy_require, 0, require, 0};
	bool is_register = msg->REQ_METHOD == METHOD_REGISTER;
	struct pcscf_option_verdict v;

	if (msg->REQ_METHOD == METHOD_ACK || msg->REQ_METHOD == METHOD_CANCEL)
		return 1;
	if (kam_headers_parse(msg) || !msg->to || !msg->from || !msg->callid || !msg->cseq ||
	    !msg->via1) {
		counter_inc(seamless_counters.malformed);
		return refuse(msg, 400, "Malformed Header", NULL);
	}
	h.proxy_require_n =
	    kam_headers_of(msg, HDR_PROXYREQUIRE_T, proxy_require, HEADER_LINES_MAX);
	if (is_register)
		h.require_n = kam_headers_of(msg, HDR_REQUIRE_T, require, HEADER_LINES_MAX);
	pcscf_option_headers_check(&h, seamless_params.enabled,
				   slice_of(seamless_params.known_options), &v);
	/* What stands in lines that were not looked at must not pass either. */
	if (h.proxy_require_n == HEADER_LINES_MAX || h.require_n == HEADER_LINES_MAX)
		v.code = 400;
	if (v.code == 400) {
		counter_inc(seamless_counters.malformed);
		return refuse(msg, 400, "Malformed Option Tags", NULL);
	}
	if (v.code)
		return refuse_options(msg, &v);
	if (!v.seamless || !is_register)
		return 1;
	counter_inc(seamless_counters.registers);
	if (seamless_params.check_contacts && check_contacts(msg) < 0)
		return -1;
	if (strip_proxy_require(msg) < 0) {
		LM_ERR("cannot take the option tag out of Proxy-Require\n");
		return refuse(msg, 500, "Server Internal Error", NULL);
	}
	return 1;
}

/*
 * A connection with sessions on it that de-registers its own contact goes Inactive, but ims_flow
 * would end its set with the 200: keep it until the S-CSCF's NOTIFY says which.
 */
static void keep_own_sessions(sip_msg_t *msg, flow_id_t id)
{
	int64_t until = seamless_now_ms() + OWN_END_HOLD_MS;
	struct pcscf_connection_view view;
	struct pcscf_register_intent intent;
	struct flow_api_info info;
	int err;

	intent_of(msg, &intent);
	if (!intent.ends_own)
		return;
	err = pcscf_look(seamless_lock(), id, &view);
	seamless_unlock();
	/* Nobody has authenticated this REGISTER yet: it shortens no hold. */
	if (!err && view.sessions > 0 && seamless_flow.get(id, &info) == 0 &&
	    info.held_until_ms < until)
		seamless_flow.hold(id, until);
}

int ki_seamless_register(sip_msg_t *msg)
{
	flow_id_t id;

	if (kam_headers_parse(msg) || !seamless_has_tag(msg) || !msg->to || !get_to(msg))
		return -1;
	if (seamless_flow.beside(msg))
		LM_ERR("call flow_register() before seamless_pcscf_register()\n");
	/* A first REGISTER without IPsec has no set before its 200. */
	if (seamless_flow.by_register(msg, &id) == 0)
		keep_own_sessions(msg, id);
	return 1;
}

/* The identity to subscribe to: the default one of the implicit set, else the one that was registered. */
static struct slice identity_of(sip_msg_t *rpl)
{
	struct slice uri;

	if (pcscf_address_list_first(kam_header(rpl, "P-Associated-URI", NULL), &uri) == 0)
		return uri;
	return slice_of(get_to(rpl)->uri);
}

bool seamless_request_has_tag(void)
{
	struct cell *t = seamless_tm.t_gett();

	return t && t != T_UNDEFINED && t->uas.request && seamless_has_tag(t->uas.request);
}

/* Does this 200 register our contact? It may list any number of others, in any spelling. */
static bool grants(sip_msg_t *rpl, const struct flow_api_info *info)
{
	uint32_t expires = expires_of(rpl);
	struct grant g;

	flow_grant_begin(&g, slice_str(info->contact), info->reg_id,
			 expires == EXPIRES_ABSENT ? 0 : expires);
	for (struct hdr_field *h = rpl->headers; h; h = h->next)
		if (h->type == HDR_CONTACT_T)
			flow_grant_contacts(&g, kam_header_body(h));
	return g.expires_s > 0;
}

/* All implicit sets that the 200 names; the one of To comes last and gives the connection its name. */
static int register_sets(sip_msg_t *msg, flow_id_t id, const struct flow_api_info *info,
			 struct slice identity)
{
	unsigned int flags = seamless_request_has_tag() ? PCSCF_REG_SEAMLESS : 0;
	struct slice contact = slice_str(info->contact), next_hop = SLICE_NULL, other;
	struct slice rest = kam_header(msg, "P-Associated-URI", NULL);
	struct pcscf_model *model;
	uint64_t cseq;
	int err = 0;

	pcscf_address_list_first(kam_header(msg, "Service-Route", NULL), &next_hop);
	while (!err && pcscf_associated_set_next(&rest, &other) == 1) {
		err = pcscf_registered(seamless_lock(), id, other, contact, next_hop, flags,
				       seamless_now_ms());
		seamless_unlock();
	}
	if (err)
		return err;
	model = seamless_lock();
	err = pcscf_registered(model, id, identity, contact, next_hop, flags, seamless_now_ms());
	/* The others' bindings may be of older REGISTERs. */
	if (!err && msg->callid && msg->cseq && get_cseq(msg) &&
	    slice_u64(slice_of(get_cseq(msg)->number), UINT32_MAX, &cseq) == 0)
		(void)pcscf_registered_by(model, id, identity, slice_of(msg->callid->body),
					  (uint32_t)cseq);
	seamless_unlock();
	return err;
}

int ki_seamless_register_reply(sip_msg_t *msg)
{
	struct flow_api_info info;
	struct slice identity;
	flow_id_t id;
	int err;

	if (msg->first_line.type != SIP_REPLY || msg->REPLY_STATUS != 200)
		return -1;
	if (kam_headers_parse(msg) || !msg->to || !get_to(msg))
		return -1;
	if (seamless_flow.by_register(msg, &id) || seamless_flow.get(id, &info) ||
	    info.state != FLOW_API_ACTIVE)
		return -1;
	/* The answer to a de-registration may come twice, and the second copy be here while
	 * ims_flow is still at work on the first. */
	if (!grants(msg, &info))
		return -1;
	/* TS 24.229 5.2.10.1: nobody subscribes for it, and nothing of it lingers. */
	if (pcscf_contact_is_emergency(slice_str(info.contact)))
		return -1;
	identity = identity_of(msg);
	err = register_sets(msg, id, &info, identity);
	if (err) {
		counter_inc(seamless_counters.bindings_failed);
		LM_ERR("registration of %.*s is not subscribed to: %s\n", (int)identity.len,
		       identity.p, pcscf_strerror(err));
		return -1;
	}
	counter_inc(seamless_counters.bindings);
	/* It may have ended before we knew it. */
	if (seamless_flow.get(id, &info) || info.state == FLOW_API_CLOSING) {
		pcscf_set_gone(seamless_lock(), id, seamless_now_ms());
		seamless_unlock();
	}
	seamless_work();
	return 1;
}
