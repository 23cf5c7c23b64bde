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
