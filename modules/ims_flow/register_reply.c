/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_register_reply(): the answer to a REGISTER on its way to the UE. */
#include "modules/ims_flow/attempt.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/core/challenge.h"
#include "modules/ims_flow/core/flow_pending.h"
#include "modules/ims_flow/core/identity.h"

#include "../../core/data_lump.h"
#include "../../core/mem/mem.h"
#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_param.h"
#include "sip/contact.h"
#include "sip/uri.h"
#include "xfrm/xfrm.h"

/* The UE gets a 500 instead of this answer, which it could do nothing with. */
static int turn_into_500(sip_msg_t *msg, const char *reason)
{
	struct lump *l;
	char *text;

	memcpy(msg->first_line.u.reply.status.s, "500", 3);
	msg->first_line.u.reply.statuscode = 500;
	l = del_lump(msg, msg->first_line.u.reply.reason.s - msg->buf,
		     msg->first_line.u.reply.reason.len, 0);
	text = l ? pkg_malloc(strlen(reason)) : NULL;
	if (!text)
		return -1;
	memcpy(text, reason, strlen(reason));
	if (!insert_new_lump_after(l, text, strlen(reason), 0)) {
		pkg_free(text);
		return -1;
	}
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (kam_header_is(h, "WWW-Authenticate"))
			kam_header_remove(msg, h);
	return -1;
}

/* Two SPIs for us: counted up, so that one is not used again soon; the kernel says if somebody has
 * it. */
static uint32_t next_spi(void)
{
	uint32_t spi = shared->next_spi++;

	if (shared->next_spi > (uint32_t)settings.spi_max ||
	    shared->next_spi < (uint32_t)settings.spi_min)
		shared->next_spi = settings.spi_min;
	return spi;
}

/* What the UE is told when the kernel refused its SAs. */
static const char *refusal(int rc)
{
	switch (rc) {
	case XFRM_E_EXISTS:
		return "SPI In Use";
	case XFRM_E_UNSUPPORTED:
		return "IPsec Not Available";
	case XFRM_E_NO_MEMORY:
		return "No Resources For Security Association";
	default:
		return "No Security Association";
	}
}

/* Policies and SAs of the temporary set, or none of them. 0 or an enum xfrm_err. */
static int install(struct flow_attempt *a, const struct challenge *c, struct flow_set *f,
		   unsigned slot, struct flow_effects *fx, int *which)
{
	int rc = kernel_apply(fx);

	fx->n = 0;
	*which = -1;
	if (rc == 0) {
		rc = kernel_add(&a->ue, &a->local, &a->sa, c->ck, c->ik, which);
		if (rc && rc != XFRM_E_EXISTS)
			kernel_refused("an SA set", rc);
	}
	if (rc == 0)
		return 0;
	TABLE_LOCK();
	flow_unchallenge(table, f, slot, fx);
	/* Its SAs were never there. */
	fx->n -= fx->n && fx->fx[fx->n - 1].kind == FX_SA_DEL;
	TABLE_UNLOCK();
	kernel_apply(fx);
	fx->n = 0;
	return rc;
}

/*
 * 0, or -1: logged, nothing installed, and *why is what to tell the UE. 1: the UE was challenged
 * anew over SAs that have the SPIs it offers, so there can be no others beside them; the 401 goes
 * on without Security-Server, and the UE answers over what it has, or begins anew with other SPIs.
 */
static int make_temporary_set(struct flow_attempt *a, const struct challenge *c, const char **why)
{
	struct flow_effects *fx = changes_begin();
	int rc = XFRM_E_EXISTS, which = -1;

	for (int tries = 0; tries < 4 && rc == XFRM_E_EXISTS; tries++) {
		struct flow_set *f;
		unsigned slot;

		a->sa.spi_pc = next_spi();
		a->sa.spi_ps = next_spi();
		TABLE_LOCK();
		if (which == 1 || which == 2)
			flow_pending_remove_same_spi(table, a, fx);
		rc = flow_challenge(table, a, &settings.timers, flow_now(), fx, &f, &slot);
		if (rc == FLOW_LIFE_SPI)
			flow_refuse(table, a, &settings.timers, flow_now(), fx);
		TABLE_UNLOCK();
		if (rc == FLOW_LIFE_SPI) {
			LM_INFO("challenged anew over the SAs that it offers: no others\n");
			changes_end(fx);
			a->sa.spi_pc = 0;
			return 1;
		}
		if (rc) {
			LM_INFO("no SA set for a challenged REGISTER: %s\n",
				rc == FLOW_LIFE_FULL	? "max_sets is reached"
				: rc == FLOW_LIFE_TAKEN ? "another UE has its address and port"
							: "its flow set has ended");
			counter_inc(rc == FLOW_LIFE_TAKEN ? flow_counters.port_taken
							  : flow_counters.table_full);
			changes_end(fx);
			*why = rc == FLOW_LIFE_FULL    ? "Too Many Registrations"
			       : rc == FLOW_LIFE_TAKEN ? "Port In Use"
						       : "Flow Has Ended";
			return -1;
		}
		rc = install(a, c, f, slot, fx, &which);
		if (rc == XFRM_E_EXISTS)
			COUNT(spi_collisions);
	}
	changes_end(fx);
	if (rc == XFRM_E_EXISTS)
		LM_INFO("no SA set: the SPIs that the UE offers are in use\n");
	*why = refusal(rc);
	return rc ? -1 : 0;
}

/* first: this copy of the 401 is the one that sets up the SAs. */
static int on_401(sip_msg_t *msg, struct flow_attempt *a, bool first)
{
	struct challenge c = {.n_cut = 0}, one;
	const char *why = "No Security Association";
	char line[600], server[512];
	int rc = 0, n;

	if (settings.ipsec == IPSEC_OTHERS)
		return 1; /* the other module needs it as it is */

	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		if (!kam_header_is(h, "WWW-Authenticate"))
			continue;
		if (flow_challenge_read(kam_header_body(h), &one))
			continue;
		/* Keys leave none of them, wherever they stand. */
		for (unsigned i = 0; i < one.n_cut; i++) {
			rc |= kam_text_cut(msg, one.cut[i]);
			/* tm keeps copies of the whole buffer. */
			memset((char *)one.cut[i].p, ' ', one.cut[i].len);
		}
		if (one.n_cut && !c.n_cut)
			c = one;
	}
	explicit_bzero(&one, sizeof(one));
	if (rc) {
		explicit_bzero(&c, sizeof(c));
		return turn_into_500(msg, "Server Internal Error");
	}
	if (first)
		COUNT(challenges);
	if (!a->ipsec || (!c.has_ck && !c.has_ik)) {
		/* A challenge that is not AKA's, or a UE without IPsec. */
		if (a->ipsec)
			COUNT(keys_missing);
		explicit_bzero(&c, sizeof(c));
		if (a->ipsec && settings.ipsec == IPSEC_REQUIRED) {
			LM_ERR("401 without ck and ik: no SA can be set up\n");
			return turn_into_500(msg, "No Keys For Security Association");
		}
		return 1;
	}
	if (first)
		rc = c.has_ck && c.has_ik ? make_temporary_set(a, &c, &why) : -1;
	else
		rc = attempt_await(a) ? -1 : a->sa.spi_pc == 0;
	explicit_bzero(&c, sizeof(c));
	if (rc > 0)
		return 1;
	if (rc || security_server(&a->sa, server, sizeof(server)))
		return turn_into_500(msg, why);
	n = snprintf(line, sizeof(line), "Security-Server: %s\r\n", server);
	if (kam_header_add_last(msg, slice_make(line, n)))
		return turn_into_500(msg, "Server Internal Error");
	return 1;
}

/* How long our contact is registered for: the 200 lists it (RFC 3261 10.3 step 8). 0: not any more.
 */
static int64_t granted(sip_msg_t *msg, const struct flow_attempt *a)
{
	struct sip_contact_list l = {.n = 0};
	uint32_t expires = 0;

	if (msg->expires && parse_expires(msg->expires) == 0 &&
	    ((exp_body_t *)msg->expires->parsed)->valid)
		expires = ((exp_body_t *)msg->expires->parsed)->val;
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type == HDR_CONTACT_T && sip_contact_list_add(&l, kam_header_body(h)))
			LM_INFO("a Contact of a 200 cannot be read\n");
	return sip_contact_list_granted(&l, slice_str(a->contact), a->reg_id, expires);
}

/* Flow-Timer (RFC 5626 5.4) if the registrar used outbound, and the value of keep (RFC 6223 4.3).
 */
static uint32_t agree_keepalive(sip_msg_t *msg, const struct flow_attempt *a)
{
	bool outbound = false, keep = false;
	char text[48];
	struct via_param *p;
	int n;

	if (settings.flow_timer <= 0 || !a->keep)
		return 0;
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice body = kam_header_body(h);

		while (h->type == HDR_REQUIRE_T && body.p)
			outbound |= slice_eq_nocase(slice_trim(slice_cut(&body, ',')),
						    SLICE_LIT("outbound"));
	}
	for (p = msg->via2 ? msg->via2->param_lst : NULL; p; p = p->next)
		if (slice_eq_nocase(slice_make(p->name.s, p->name.len), SLICE_LIT("keep")) &&
		    !p->value.len) {
			n = snprintf(text, sizeof(text), "=%d", settings.flow_timer);
			keep =
			    kam_text_insert(msg, p->name.s + p->name.len, slice_make(text, n)) == 0;
		}
	if (outbound) {
		n = snprintf(text, sizeof(text), "Flow-Timer: %d\r\n", settings.flow_timer);
		outbound = kam_header_add_last(msg, slice_make(text, n)) == 0;
	}
	return outbound || keep ? settings.flow_timer : 0;
}

static int on_2xx(sip_msg_t *msg, struct flow_attempt *a)
{
	char impus[FLOW_IMPUS_MAX] = "", route[FLOW_ROUTE_MAX] = "";
	struct flow_effects *fx;
	struct flow_set *f;
	struct flow_grant g;
	int rc = 0;

	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		if (kam_header_is(h, "P-Associated-URI") &&
		    !flow_identity_list_add(kam_header_body(h), impus, sizeof(impus)))
			LM_INFO("a P-Associated-URI of a 200 cannot be read or is too long\n");
		else if (kam_header_is(h, "Service-Route") &&
			 !flow_identity_list_add(kam_header_body(h), route, sizeof(route)))
			LM_INFO("a Service-Route of a 200 cannot be read or is too long\n");
	}
	g.expires_s = granted(msg, a);
	g.keepalive_s = g.expires_s ? agree_keepalive(msg, a) : 0;
	if (a->proto != PROTO_UDP)
		g.keepalive_s = 0; /* a connection that ends says so itself */
	g.impus = slice_str(impus);
	g.service_route = slice_str(route);
	fx = changes_begin();
	TABLE_LOCK();
	if (g.expires_s > 0) {
		rc = flow_accept(table, a, &g, &settings.timers, flow_now(), fx, &f);
	} else {
		flow_deregister(table, a, &settings.timers, flow_now(), fx);
	}
	TABLE_UNLOCK();
	changes_end(fx);
	if (rc) {
		LM_ERR("a registration was granted, but its flow set %s\n",
		       rc == FLOW_LIFE_FULL ? "does not fit: raise max_sets" : "has ended");
		COUNT(table_full);
		return -1;
	}
	return 1;
}

/* The one time that a final answer other than 401 counts. */
static int on_final(sip_msg_t *msg, int code, struct flow_attempt *a)
{
	struct flow_effects *fx;

	if (code < 300)
		return on_2xx(msg, a);
	if (a->over_set) {
		fx = changes_begin();
		TABLE_LOCK();
		flow_refuse(table, a, &settings.timers, flow_now(), fx);
		TABLE_UNLOCK();
		COUNT(refused);
		changes_end(fx);
	}
	return 1;
}

int ki_flow_register_reply(sip_msg_t *msg)
{
	struct flow_attempt a;
	int code = msg->first_line.u.reply.statuscode, rc, err;
	bool first;

	if (msg->first_line.type != SIP_REPLY || code < 200 || parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	if (!answer_is_from_next_hop(msg)) {
		LM_INFO("an answer to a REGISTER that its next hop has not sent: refused\n");
		COUNT(forged_answer);
		return turn_into_500(msg, "Server Internal Error");
	}
	first = attempt_claim(&a, &err);
	if (err)
		return -1;
	if (code == 401)
		rc = on_401(msg, &a, first);
	else
		rc = first ? on_final(msg, code, &a) : 1;
	if (first)
		attempt_answered(&a,
				 rc > 0 && msg->first_line.u.reply.statuscode == (unsigned)code);
	return rc;
}
