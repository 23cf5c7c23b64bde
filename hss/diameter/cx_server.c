/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_server.h"

#include <stdlib.h>

#include "hss/counters.h"
#include "hss/diameter/avp.h"
#include "hss/diameter/cx_decode.h"
#include "hss/diameter/cx_groups.h"
#include "daemon/log.h"
#include "hss/cx/profile_xml.h"

static const enum cx_message messages[CX_COMMANDS] = {
    [CX_UAR] = MSG_UA,
    [CX_LIR] = MSG_LI,
    [CX_MAR] = MSG_MA,
    [CX_SAR] = MSG_SA,
};

static struct service *service;

static void add_result(struct builder *b, struct result result)
{
	struct builder g;

	if (!result.experimental) {
		add_u32(b, AVP_RESULT_CODE, result.code);
		return;
	}
	g = open_group(b, AVP_EXPERIMENTAL_RESULT);
	add_u32(&g, AVP_VENDOR_ID, VENDOR_3GPP);
	add_u32(&g, AVP_EXPERIMENTAL_RESULT_CODE, result.code);
	close_group(b, &g);
}

static void add_vectors(struct builder *b, const struct cx_answer *ans)
{
	add_u32(b, AVP_SIP_NUMBER_AUTH_ITEMS, (uint32_t)ans->n_vectors);
	for (size_t i = 0; i < ans->n_vectors; i++) {
		const struct aka_vector *v = &ans->vector[i];
		struct builder g = open_group(b, AVP_SIP_AUTH_DATA_ITEM);
		uint8_t challenge[AKA_RAND_LEN + AKA_AUTN_LEN];

		memcpy(challenge, v->rand, AKA_RAND_LEN);
		memcpy(challenge + AKA_RAND_LEN, v->autn, AKA_AUTN_LEN);
		add_u32(&g, AVP_SIP_ITEM_NUMBER, (uint32_t)i + 1);
		add_text(&g, AVP_SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5");
		add_octets(&g, AVP_SIP_AUTHENTICATE, challenge, sizeof(challenge));
		add_octets(&g, AVP_SIP_AUTHORIZATION, v->xres, sizeof(v->xres));
		add_octets(&g, AVP_CONFIDENTIALITY_KEY, v->ck, sizeof(v->ck));
		add_octets(&g, AVP_INTEGRITY_KEY, v->ik, sizeof(v->ik));
		close_group(b, &g);
	}
}

static void add_profile(struct builder *b, const struct subscription *sub,
			const struct cx_answer *ans)
{
	size_t len;
	char *xml;

	if (!ans->profile_impus)
		return;
	xml = profile_xml(sub, ans->profile_impi >= 0 ? sub->impi[ans->profile_impi].name : "",
			  ans->profile_impus, ans->profile_first, &len);
	if (xml)
		add_octets(b, AVP_USER_DATA, xml, len);
	else
		b->err = ENOMEM;
	free(xml);
}

/* The other private identities that may use the same public ones (TS 29.228 6.1.2,
 * Associated-Identities). */
static void add_associated(struct builder *b, const struct subscription *sub,
			   const struct cx_answer *ans)
{
	uint16_t may = 0, registered = 0;
	struct builder g;

	for (size_t i = 0; i < sub->n_impu; i++)
		if (ans->profile_impus & UINT64_C(1) << i) {
			may |= sub->impu[i].impis;
			registered |= sub->impu[i].registered;
		}
	if (!ans->profile_impus || sub->n_impi < 2)
		return;
	g = open_group(b, AVP_ASSOCIATED_IDENTITIES);
	for (size_t i = 0; i < sub->n_impi; i++)
		if (may & 1u << i)
			add_text(&g, AVP_USER_NAME, sub->impi[i].name);
	close_group(b, &g);
	if (!registered)
		return;
	g = open_group(b, AVP_ASSOCIATED_REGISTERED_IDENTITIES);
	for (size_t i = 0; i < sub->n_impi; i++)
		if (registered & 1u << i)
			add_text(&g, AVP_USER_NAME, sub->impi[i].name);
	close_group(b, &g);
}

static void add_answer(struct builder *b, enum cx_command cmd, const struct cx_request *req,
		       const struct cx_echo *echo, const struct cx_answer *ans,
		       const struct subscription *sub)
{
	if (cmd == CX_MAR && ans->n_vectors) { /* the stock S-CSCF demands both */
		add_octets(b, AVP_USER_NAME, req->impi.p, req->impi.len);
		add_octets(b, AVP_PUBLIC_IDENTITY, echo->impu.p, echo->impu.len);
		add_vectors(b, ans);
	}
	if (cmd == CX_SAR && req->impi.len && ans->result.code < 3000)
		add_octets(b, AVP_USER_NAME, req->impi.p, req->impi.len);
	if (ans->give_server_name)
		add_text(b, AVP_SERVER_NAME, ans->server_name);
	if (ans->capabilities)
		add_capabilities(b, ans->capabilities);
	if (sub) {
		add_profile(b, sub, ans);
		add_associated(b, sub, ans);
	}
	if (ans->charging)
		add_charging(b, ans->charging);
}

/* Result and origin of an answer, in the order of TS 29.229 6.1. */
static void add_head(struct builder *b, struct result result)
{
	struct builder g = open_group(b, AVP_VENDOR_SPECIFIC_APPLICATION_ID);

	add_u32(&g, AVP_VENDOR_ID, VENDOR_3GPP);
	add_u32(&g, AVP_AUTH_APPLICATION_ID, APPLICATION_CX);
	close_group(b, &g);
	add_result(b, result);
	add_u32(b, AVP_AUTH_SESSION_STATE, 1);
	if (b->err == 0)
		b->err = fd_msg_add_origin(b->parent, 0);
}

/* The AVP with the impossible value, as it came (RFC 6733 7.5). */
static void add_failed(struct builder *b, struct avp *invalid)
{
	struct builder g = open_group(b, AVP_FAILED_AVP);
	struct avp_hdr *hdr;
	int id;

	if (g.err == 0)
		g.err = fd_msg_avp_hdr(invalid, &hdr);
	if (g.err == 0) {
		id = cx_avp_identify(hdr);
		if (id == AVP_USER_AUTHORIZATION_TYPE || id == AVP_ORIGINATING_REQUEST ||
		    id == AVP_USER_DATA_ALREADY_AVAILABLE)
			add_u32(&g, (enum cx_avp)id, hdr->avp_value->u32);
		else
			add_octets(&g, (enum cx_avp)id, avp_octets(hdr).p, avp_octets(hdr).len);
	}
	close_group(b, &g);
}

static void log_answer(enum cx_command cmd, const struct cx_request *req,
		       const struct cx_answer *ans, const char *why)
{
	if (why)
		log_line(LOG_ERR, "%s not served: %s; see that the disk of the store has room",
			 cx_command_name(cmd), why);
	log_line(LOG_INFO, "%s impi=%.*s impu=%s%s from %.*s: %s%u%s", cx_command_name(cmd),
		 (int)req->impi.len, req->impi.p ? req->impi.p : "",
		 req->n_impu ? req->impu[0] : "-", req->n_impu > 1 ? ",..." : "",
		 (int)req->origin_host.len, req->origin_host.p ? req->origin_host.p : "",
		 ans->result.experimental ? "experimental " : "", ans->result.code,
		 ans->resynced	      ? " (resynchronised)"
		 : ans->resync_failed ? " (AUTS is wrong)"
				      : "");
}

static int answer(struct msg **msg, enum cx_command cmd)
{
	struct cx_request *req = malloc(sizeof(*req));
	struct subscription *sub = NULL;
	struct cx_answer ans;
	struct cx_echo echo;
	struct builder b = {NULL, 0};
	const char *why = NULL;
	int err;

	if (!req)
		return ENOMEM;
	memset(&ans, 0, sizeof(ans));
	cx_decode(*msg, req, &echo);
	if (echo.invalid) {
		ans.result = RESULT_INVALID_AVP_VALUE;
		counter_add(COUNT_malformed, 1);
	} else if (echo.wants_features) {
		ans.result = CX_FEATURE_UNSUPPORTED;
		counter_add(COUNT_refused, 1);
	} else {
		service_answer(service, cmd, req, &ans, &sub, &why);
	}
	log_answer(cmd, req, &ans, why);
	/* the request stays alive behind the answer, and with it every slice in req */
	err = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, msg, 0);
	b.parent = *msg;
	if (err == 0) {
		add_head(&b, ans.result);
		if (echo.invalid)
			add_failed(&b, echo.invalid);
		else
			add_answer(&b, cmd, req, &echo, &ans, sub);
		err = b.err;
	}
	explicit_bzero(&ans, sizeof(ans));
	subscription_free(sub);
	free(req);
	return err;
}

static int on_request(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
		      enum disp_action *action)
{
	enum cx_command cmd = (enum cx_command)(uintptr_t)opaque;
	struct msg_hdr *hdr;
	int err;

	(void)avp;
	(void)session;
	if (fd_msg_hdr(*msg, &hdr) || !(hdr->msg_flags & CMD_FLAG_REQUEST))
		return 0;
	err = answer(msg, cmd);
	if (err) {
		log_line(LOG_ERR, "%s not answered: %s", cx_command_name(cmd), strerror(err));
		return err;
	}
	*action = DISP_ACT_SEND;
	return 0;
}

int cx_server_start(struct service *svc)
{
	int err = 0;

	service = svc;
	for (int cmd = 0; cmd < CX_COMMANDS && err == 0; cmd++) {
		struct disp_when when = {.app = cx_dict.application,
					 .command = cx_dict.request[messages[cmd]]};

		err =
		    fd_disp_register(on_request, DISP_HOW_CC, &when, (void *)(uintptr_t)cmd, NULL);
	}
	return err;
}
