/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_server.h"

#include <stdlib.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/cx/service.h"
#include "hss/diameter/cx_decode.h"
#include "hss/diameter/cx_groups.h"
#include "hss/diameter/cx_reply.h"
#include "hss/diameter/server.h"
#include "hss/diameter/visitor.h"
#include "hss/migration/manage.h"

static void add_vector(struct builder *b, enum cx_scheme scheme, const struct aka_vector *v,
		       const char *password, uint32_t number)
{
	struct builder g = open_group(b, AVP_SIP_AUTH_DATA_ITEM);
	uint8_t challenge[AKA_RAND_LEN + AKA_AUTN_LEN];

	memcpy(challenge, v->rand, AKA_RAND_LEN);
	memcpy(challenge + AKA_RAND_LEN, v->autn, AKA_AUTN_LEN);
	add_u32(&g, AVP_SIP_ITEM_NUMBER, number);
	add_text(&g, AVP_SIP_AUTHENTICATION_SCHEME, cx_scheme_name(scheme));
	add_octets(&g, AVP_SIP_AUTHENTICATE, challenge, sizeof(challenge));
	if (password[0])
		add_text(&g, AVP_SIP_AUTHORIZATION, password);
	else
		add_octets(&g, AVP_SIP_AUTHORIZATION, v->xres, v->xres_len);
	add_octets(&g, AVP_CONFIDENTIALITY_KEY, v->ck, sizeof(v->ck));
	add_octets(&g, AVP_INTEGRITY_KEY, v->ik, sizeof(v->ik));
	close_group(b, &g);
}

/* TS 29.229 6.3.36. The stock S-CSCF takes HA1 alone, as 32 hex digits, and challenges in its own realm. */
static void add_digest(struct builder *b, const struct impi *impi)
{
	struct builder g = open_group(b, AVP_SIP_AUTH_DATA_ITEM), d;

	add_u32(&g, AVP_SIP_ITEM_NUMBER, 1);
	add_text(&g, AVP_SIP_AUTHENTICATION_SCHEME, cx_scheme_name(CX_SIP_DIGEST));
	d = open_group(&g, AVP_SIP_DIGEST_AUTHENTICATE);
	add_text(&d, AVP_DIGEST_REALM, impi->realm);
	add_text(&d, AVP_DIGEST_ALGORITHM, "MD5");
	add_text(&d, AVP_DIGEST_QOP, "auth");
	add_text(&d, AVP_DIGEST_HA1, impi->ha1);
	close_group(&g, &d);
	close_group(b, &g);
}

/*
 * TS 29.229 6.3.13. RFC 3162 2.3: a prefix has an octet that is reserved and its length in front, and no octets behind
 * it that are not in it.
 */
static void add_bearer(struct builder *b, const struct bearer *bearer)
{
	struct builder g = open_group(b, AVP_SIP_AUTH_DATA_ITEM);
	uint8_t prefix[2 + BEARER_PREFIX_BITS / 8] = {0, BEARER_PREFIX_BITS};
	const uint8_t *ip = bearer->address.ip;

	add_u32(&g, AVP_SIP_ITEM_NUMBER, 1);
	add_text(&g, AVP_SIP_AUTHENTICATION_SCHEME, cx_scheme_name(CX_GIBA));
	memcpy(prefix + 2, ip, BEARER_PREFIX_BITS / 8);
	if (bearer->address.family == 4)
		add_octets(&g, AVP_FRAMED_IP_ADDRESS, ip, 4);
	else
		add_octets(&g, AVP_FRAMED_IPV6_PREFIX, prefix, sizeof(prefix));
	if (bearer->whole)
		add_octets(&g, AVP_FRAMED_INTERFACE_ID, ip + 8, 8);
	close_group(b, &g);
}

/* What authenticates the user. */
static void add_credentials(struct builder *b, const struct cx_answer *ans)
{
	add_u32(b, AVP_SIP_NUMBER_AUTH_ITEMS, ans->n_vectors ? (uint32_t)ans->n_vectors : 1);
	for (size_t i = 0; i < ans->n_vectors; i++)
		add_vector(b, ans->scheme, &ans->vector[i], ans->password[i], (uint32_t)i + 1);
	if (ans->digest)
		add_digest(b, ans->digest);
	if (ans->bearer)
		add_bearer(b, ans->bearer);
}

/* The stock S-CSCF demands both names, in refusals too: without them it never sees what was refused. */
static void add_names(struct builder *b, const struct cx_request *req, const struct cx_echo *echo)
{
	if (req->impi.len)
		add_octets(b, AVP_USER_NAME, req->impi.p, req->impi.len);
	if (echo->impu.len)
		add_octets(b, AVP_PUBLIC_IDENTITY, echo->impu.p, echo->impu.len);
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

/* What S-CSCFs left, as far as it fits. */
static void add_restorations(struct builder *b, const struct subscription *sub)
{
	size_t sum = 0;

	for (const struct restoration *r = sub->restorations; r; r = r->next) {
		if (!r->give || sum + r->len > RESTORATION_GIVE_MAX)
			continue;
		sum += r->len;
		add_raw(b, AVP_SCSCF_RESTORATION_INFO, r->octets, r->len);
	}
}

static void add_user_name(struct builder *b, const struct cx_request *req,
			  const struct cx_answer *ans, const struct subscription *sub)
{
	/* of an unregistered user the S-CSCF learns it here (TS 29.228 6.1.2, table 6.1.2.2) */
	if (req->impi.len)
		add_octets(b, AVP_USER_NAME, req->impi.p, req->impi.len);
	else if (sub && ans->profile_impi >= 0)
		add_text(b, AVP_USER_NAME, sub->impi[ans->profile_impi].name);
}

static void add_answer(struct builder *b, enum cx_command cmd, const struct cx_request *req,
		       const struct cx_echo *echo, const struct cx_served *served)
{
	const struct cx_answer *ans = &served->ans;

	if (ans->redirect[0]) {
		add_redirect(b, ans->redirect);
		return;
	}
	if (cmd == CX_MAR)
		add_names(b, req, echo);
	if (cmd == CX_MAR && (ans->n_vectors || ans->digest || ans->bearer))
		add_credentials(b, ans);
	if (cmd == CX_SAR && ans->result.code < 3000)
		add_user_name(b, req, ans, served->sub);
	if (ans->give_server_name)
		add_text(b, AVP_SERVER_NAME, ans->server_name);
	if (ans->capabilities)
		add_capabilities(b, ans->capabilities);
	if (req->asked[0] && (cmd == CX_LIR || cmd == CX_SAR) && ans->result.code < 3000)
		add_text(b, AVP_WILDCARDED_PUBLIC_IDENTITY, req->impu[0]);
	if (served->profile) {
		add_octets(b, AVP_USER_DATA, served->profile, served->profile_len);
		add_associated(b, served->sub, ans);
	}
	if (ans->charging)
		add_charging(b, ans->charging);
	if (cmd == CX_SAR && served->sub)
		add_restorations(b, served->sub);
}

/* An identity that is missing is quoted empty (RFC 6733 7.1.5, DIAMETER_MISSING_AVP). */
static void add_missing(struct builder *b, const struct cx_request *req)
{
	struct builder g = open_group(b, AVP_FAILED_AVP);

	add_octets(&g, req->n_impu ? AVP_USER_NAME : AVP_PUBLIC_IDENTITY, "", 1);
	close_group(b, &g);
}

static bool is(struct result a, struct result b)
{
	return a.code == b.code && a.experimental == b.experimental;
}

/* Failed-AVP for what the procedure itself refused: 5004, 5005 and 5009 have one. */
static void add_refused(struct builder *b, enum cx_command cmd, const struct cx_request *req,
			const struct cx_echo *echo, struct result result)
{
	if (is(result, RESULT_MISSING_AVP))
		add_missing(b, req);
	else if (is(result, RESULT_AVP_TOO_MANY) && echo->second_impu)
		add_failed(b, echo->second_impu);
	else if (is(result, RESULT_INVALID_AVP_VALUE) && cmd == CX_MAR && req->resync.p) {
		struct builder g = open_group(b, AVP_FAILED_AVP);
		struct builder item = open_group(&g, AVP_SIP_AUTH_DATA_ITEM);

		add_octets(&item, AVP_SIP_AUTHORIZATION, req->resync.p, req->resync.len);
		close_group(&g, &item);
		close_group(b, &g);
	}
}

static void log_answer(enum cx_command cmd, const struct cx_request *req,
		       const struct cx_answer *ans, const char *why)
{
	if (why)
		log_line(LOG_ERR, "%s not served: %s", cx_command_name(cmd), why);
	log_line(LOG_INFO, "%s impi=%.*s impu=%s%s from %.*s: %s%u%s", cx_command_name(cmd),
		 (int)req->impi.len, req->impi.p ? req->impi.p : "",
		 req->n_impu ? req->impu[0] : "-", req->n_impu > 1 ? ",..." : "",
		 (int)req->origin_host.len, req->origin_host.p ? req->origin_host.p : "",
		 ans->result.experimental ? "experimental " : "", ans->result.code,
		 ans->resynced	       ? " (resynchronised)"
		 : ans->resync_failed  ? " (AUTS is wrong)"
		 : ans->bearer_missing ? " (the address of the bearer is not known)"
				       : "");
}

/* What this HSS supports of the features that TS 29.229 7.1.1 has for a command. */
static uint32_t features_of(enum cx_command cmd)
{
	return cmd == CX_SAR ? CX_FEATURES_SAR : cmd == CX_MAR ? 0 : CX_FEATURES_ASK;
}

bool cx_decide_early(enum cx_command cmd, const struct cx_echo *echo, struct cx_answer *ans)
{
	if (echo->invalid) {
		ans->result = RESULT_INVALID_AVP_VALUE;
		counter_add(COUNT_malformed, 1);
		return true;
	}
	if (echo->others_wanted || (echo->features_wanted & ~features_of(cmd))) {
		ans->result = CX_FEATURE_UNSUPPORTED;
		counter_add(COUNT_refused, 1);
		return true;
	}
	return false;
}

void cx_reply(struct incoming *in, enum cx_command cmd, const struct cx_request *req,
	      const struct cx_echo *echo, struct cx_served *served)
{
	struct builder b;

	log_answer(cmd, req, &served->ans, served->why);
	b = incoming_answer(in, served->ans.result);
	/* all that there are, whatever was asked for (7.2); not in the short form of protocol errors */
	if (features_of(cmd) && served->ans.result.code / 1000 != 3)
		add_features(&b, features_of(cmd), false);
	if (echo->invalid)
		add_failed(&b, echo->invalid);
	else
		add_refused(&b, cmd, req, echo, served->ans.result);
	add_answer(&b, cmd, req, echo, served);
	incoming_send(in, &b);
	served_free(served);
}

/* A request under way. */
struct asked {
	struct incoming *in;
	enum cx_command cmd;
	struct cx_request *req;
	struct cx_echo echo;
	struct cx_served served;
};

static void reply(struct asked *a)
{
	cx_reply(a->in, a->cmd, a->req, &a->echo, &a->served);
	free(a->req);
	free(a);
}

/* Its changes are committed, with others'. */
static void reply_later(void *arg)
{
	struct asked *a = arg;

	a->in->later = true;
	reply(a);
}

static void refuse(struct incoming *in)
{
	struct builder b = incoming_answer(in, RESULT_UNABLE_TO_COMPLY);

	incoming_send(in, &b);
}

struct cx_request *cx_read(struct incoming *in, struct cx_echo *echo)
{
	struct cx_request *req = malloc(sizeof(*req));

	if (req)
		cx_decode(in->msg, req, echo);
	else
		refuse(in);
	return req;
}

static void answer(struct incoming *in, enum cx_command cmd, struct service *svc)
{
	struct asked *a = malloc(sizeof(*a));

	if (!a) {
		refuse(in);
		return;
	}
	a->in = in;
	a->cmd = cmd;
	a->served = (struct cx_served){.why = NULL};
	a->req = cx_read(in, &a->echo);
	if (!a->req) {
		free(a);
		return;
	}
	if (cx_decide_early(cmd, &a->echo, &a->served.ans)) {
		reply(a);
	} else if (cmd == CX_MAR && svc->migration &&
		   migration_is_inbound(svc->migration, a->req->impi)) {
		visitor_mar(in, svc, a->req, &a->echo);
		free(a);
	} else if (service_answer_soon(svc, cmd, a->req, &a->served, reply_later, a)) {
		reply(a);
	}
}

void cx_answer_uar(struct incoming *in, void *arg)
{
	answer(in, CX_UAR, arg);
}

void cx_answer_lir(struct incoming *in, void *arg)
{
	answer(in, CX_LIR, arg);
}

void cx_answer_mar(struct incoming *in, void *arg)
{
	answer(in, CX_MAR, arg);
}

void cx_answer_sar(struct incoming *in, void *arg)
{
	answer(in, CX_SAR, arg);
}
