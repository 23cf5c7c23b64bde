/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_register_reply(): the answer to a REGISTER on its way to the UE. */
#include "modules/ims_flow/register_reply.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/core/grant.h"
#include "modules/ims_flow/exports.h"

#include "../../core/parser/parse_expires.h"
#include "../../core/parser/parse_param.h"

/* The UE gets another answer instead of this one, which it could do nothing with. */
int reply_turn_into(sip_msg_t *msg, int code, const char *reason)
{
	kam_reply_becomes(msg, code, reason);
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (kam_header_is(h, "WWW-Authenticate") && kam_header_body(h).len &&
		    kam_header_remove(msg, h))
			kam_header_blank(h);
	return -1;
}

int reply_turn_into_500(sip_msg_t *msg, const char *reason)
{
	return reply_turn_into(msg, 500, reason);
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

/* What the 200 says; the REGISTER's Expires counts where it says nothing of its own. */
static void read_grant(sip_msg_t *msg, const struct flow_attempt *a, struct grant *g)
{
	uint32_t expires = 0;

	if (msg->expires && parse_expires(msg->expires) == 0 &&
	    ((exp_body_t *)msg->expires->parsed)->valid)
		expires = ((exp_body_t *)msg->expires->parsed)->val;
	flow_grant_begin(g, slice_str(a->contact), a->reg_id, expires);
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type == HDR_CONTACT_T)
			flow_grant_contacts(g, kam_header_body(h));
		else if (kam_header_is(h, "P-Associated-URI"))
			flow_grant_identities(g, kam_header_body(h));
		else if (kam_header_is(h, "Service-Route"))
			flow_grant_route(g, kam_header_body(h));
	flow_grant_end(g, slice_str(a->aor));
	if (g->unreadable || g->left_out)
		LM_INFO("%u elements of a 200 cannot be read, for %u identities there is no room\n",
			g->unreadable, g->left_out);
	if (g->left_out)
		COUNT(identities_left_out);
	if (g->bad_route)
		LM_WARN("the Service-Route of a 200 cannot be read or is longer than %d octets: "
			"requests of this phone go without\n",
			GRANT_ROUTE_MAX);
}

/* The phone would believe that it is registered, and reach nobody. */
static int not_kept(sip_msg_t *msg, int why)
{
	COUNT(table_full);
	if (why == FLOW_LIFE_FULL)
		LM_ERR(
		    "a registration was granted, but its flow set does not fit: raise max_sets\n");
	else
		LM_INFO("a registration was granted, but its flow set has ended: the phone is told "
			"to begin anew\n");
	return reply_turn_into_500(msg, "Flow Has Ended");
}

static int on_2xx(sip_msg_t *msg, struct flow_attempt *a)
{
	struct flow_effects *fx;
	struct flow_grant g;
	struct flow_set *f;
	struct grant said;
	int rc = 0;

	read_grant(msg, a, &said);
	g.expires_s = said.expires_s;
	g.keepalive_s = g.expires_s ? agree_keepalive(msg, a) : 0;
	if (a->proto != PROTO_UDP)
		g.keepalive_s = 0; /* a connection that ends says so itself */
	g.impus = slice_str(said.impus);
	g.service_route = slice_str(said.service_route);
	fx = changes_begin();
	TABLE_LOCK();
	if (g.expires_s > 0)
		rc = flow_accept(table, a, &g, &settings.timers, flow_now(), fx, &f);
	else
		flow_deregister(table, a, &settings.timers, flow_now(), fx);
	TABLE_UNLOCK();
	changes_end(fx);
	if (rc == FLOW_LIFE_LATE)
		LM_INFO("a 200 that a de-registration has overtaken\n");
	else if (rc)
		return not_kept(msg, rc);
	return 1;
}

/* The one time that a final answer other than 401 counts. */
static int on_final(sip_msg_t *msg, int code, struct flow_attempt *a)
{
	struct flow_effects *fx;

	if (code < 300) {
		/* Unchallenged: it has not heard yet what we can do. */
		if (!a->protected_ && reply_add_media(msg, a))
			LM_ERR("no memory for Security-Server in a 200\n");
		return on_2xx(msg, a);
	}
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

/* What the home network's answer means for the flow set. */
static int on_answer(sip_msg_t *msg, int code, const struct challenge *keys, bool unreadable)
{
	struct flow_attempt a;
	int rc, err;
	bool first = attempt_claim(&a, &err);

	if (err)
		return -1;
	if (code == 401 && unreadable && !keys->n_cut) {
		LM_ERR("the keys of a 401 cannot be read: the S-CSCF does not keep to "
		       "TS 24.229 7.2A.1\n");
		rc = reply_turn_into_500(msg, "Challenge Cannot Be Read");
	} else if (code == 401) {
		rc = reply_on_401(msg, &a, keys, first);
	} else {
		rc = first ? on_final(msg, code, &a) : 1;
	}
	if (first)
		attempt_answered(&a,
				 rc > 0 && msg->first_line.u.reply.statuscode == (unsigned)code);
	return rc;
}

/*
 * Kamailio reads no header behind one that it cannot read, and would send all of them on. Nothing of
 * such an answer is believed, and what nobody has read does not reach the UE.
 */
static int on_unreadable(sip_msg_t *msg, int code)
{
	struct challenge keys;
	struct flow_attempt a;
	int err;

	kam_headers_blank_unread(msg);
	reply_take_keys(msg, &keys);
	explicit_bzero(&keys, sizeof(keys));
	COUNT(unreadable);
	LM_ERR("an answer to a REGISTER has a header that cannot be read\n");
	if (code < 200)
		return -1;
	if (answer_is_from_next_hop(msg) && attempt_claim(&a, &err)) {
		on_final(msg, 500, &a);
		attempt_answered(&a, false);
	}
	return reply_turn_into_500(msg, "Answer Cannot Be Read");
}

int ki_flow_register_reply(sip_msg_t *msg)
{
	int code = msg->first_line.u.reply.statuscode, rc, taken = 0;
	struct challenge keys = {.n_cut = 0};

	if (msg->first_line.type != SIP_REPLY)
		return -1;
	if (parse_headers(msg, HDR_EOH_F, 0) < 0)
		return on_unreadable(msg, code);
	/* Another module's SAs: it needs the keys, and takes them out. */
	if (settings.ipsec != IPSEC_OTHERS)
		taken = reply_take_keys(msg, &keys);
	if (taken)
		COUNT(bad_challenge);
	if (taken < 0) {
		rc = reply_turn_into_500(msg, "Server Internal Error");
	} else if (code < 200) {
		rc = -1;
	} else if (!answer_is_from_next_hop(msg)) {
		LM_INFO("an answer to a REGISTER that its next hop has not sent: refused\n");
		COUNT(forged_answer);
		rc = reply_turn_into_500(msg, "Server Internal Error");
	} else if (code == 401 && settings.ipsec == IPSEC_OTHERS) {
		rc = 1;
	} else {
		rc = on_answer(msg, code, &keys, taken > 0);
	}
	explicit_bzero(&keys, sizeof(keys));
	return rc;
}
