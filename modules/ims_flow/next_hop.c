/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may answer a REGISTER that we sent on. */
#include "modules/ims_flow/exports.h"

#include "../../modules/tm/tm_load.h"

static struct tm_binds tmb;

int next_hop_init(void)
{
	return load_tm_api(&tmb) < 0 ? -1 : 0;
}

bool answer_is_from_next_hop(sip_msg_t *msg)
{
	struct cell *t = tmb.t_gett();
	tm_ctx_t *ctx = tmb.tm_ctx_get();
	int branch = ctx ? ctx->branch_index : -1;
	struct ip_addr hop;

	if (!settings.check_answers)
		return true;
	if (!t || t == T_UNDEFINED || branch < 0 || branch >= t->nr_of_outgoings)
		return false;
	su2ip_addr(&hop, &t->uac[branch].request.dst.to);
	return ip_addr_cmp(&hop, &msg->rcv.src_ip);
}
