/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ims_flow knows of the served phone. */
#include "modules/ims_alg/calls.h"

#include "../../core/parser/parse_uri.h"

struct ims_flow_api alg_flow;

static bool is_emergency(sip_msg_t *msg)
{
	struct slice uri = slice_of(*GET_RURI(msg)), urn = SLICE_LIT("urn:service:sos");

	return msg->first_line.type == SIP_REQUEST && uri.len >= urn.len &&
	       slice_eq_nocase(slice_make(uri.p, urn.len), urn);
}

/* No digest: those are odd. */
enum { NOBODY = 2 };

/* A set is its private identity's (TS 23.003 13.3); one that was not authenticated yet is nobody's. */
static uint64_t user_of(flow_id_t flow)
{
	static struct flow_api_info info;

	if (alg_flow.get(flow, &info) != FLOW_API_OK || info.state == FLOW_API_PENDING ||
	    !info.impi[0])
		return NOBODY;
	return alg_digest(slice_str(info.impi));
}

bool alg_phone_match(sip_msg_t *msg, struct alg_match *m, flow_id_t *flow)
{
	bool answer = msg->first_line.type == SIP_REPLY, known;
	bool received = alg_flow.by_received(msg, flow) == FLOW_API_OK;

	m->from = received != answer ? ALG_ACCESS : ALG_CORE;
	known = received || (!answer && alg_flow.by_routed(msg, flow) == FLOW_API_OK);
	m->user = known ? user_of(*flow) : 0;
	return known;
}

void alg_phone_read(sip_msg_t *msg, flow_id_t flow, struct alg_entry *e)
{
	static struct flow_api_info info;

	if (alg_flow.get(flow, &info) != FLOW_API_OK ||
	    netaddr_parse(slice_str(info.ue_addr), &e->phone))
		return;
	e->flow = flow;
	e->ue.protected_hop = info.ipsec || info.proto == PROTO_TLS;
	e->ue.family = e->phone.family;
	e->ue.mechs = info.mediasec;
	e->ue.nat = info.nat;
	e->ue.emergency = e->ue.emergency || is_emergency(msg);
}

/* ---- the end of a flow ---- */

enum { ENDS_AT_ONCE = 64 };

struct of_flow {
	flow_id_t flow;
	unsigned n;
	uint64_t call[ENDS_AT_ONCE];
};

static int collect(const struct alg_entry *e, void *arg)
{
	struct of_flow *o = arg;

	if (e->flow == o->flow && !e->ended_ms)
		o->call[o->n++] = e->id;
	return o->n == ENDS_AT_ONCE;
}

/*
 * Nothing can come to or from the phone over this leg any more. Its session may have moved to another
 * P-CSCF and go on there, so nobody is told: only what is held for it here is given back.
 */
static void flow_ended(enum flow_api_event event, const struct flow_api_info *info, flow_id_t by_id,
		       const char *reason, void *arg)
{
	const struct alg_message bye = {.method = ALG_BYE};
	struct of_flow o = {.flow = info->id};

	for (unsigned most = alg_calls_count() / ENDS_AT_ONCE + 1; most > 0; most--) {
		o.n = 0;
		alg_calls_each(collect, &o);
		for (unsigned i = 0; i < o.n; i++)
			alg_tell(o.call[i], ALG_HELD_NOTE, &bye, 0);
		if (o.n < ENDS_AT_ONCE)
			break;
	}
}

int alg_phone_init(void)
{
	if (alg_flow.subscribe(FLOW_EV_DEAD, flow_ended, NULL) == FLOW_API_OK)
		return 0;
	LM_ERR("ims_flow has no room for another subscriber\n");
	return -1;
}
