/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may answer a REGISTER that we sent on, and when. */
#include "modules/ims_flow/exports.h"

#include "../../core/parser/parse_cseq.h"
#include "../../core/script_cb.h"
#include "../../modules/tm/tm_load.h"

static struct tm_binds tmb;

static bool has_transaction(sip_msg_t *msg)
{
	int branch = T_BR_UNDEFINED;
	struct cell *t;
	bool found;

	tmb.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	found = tmb.t_check(msg, &branch) == 1;
	t = tmb.t_gett();
	if (t && t != T_UNDEFINED)
		tmb.unref_cell(t);
	tmb.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	return found;
}

/*
 * A challenge that comes again when tm has forgotten its REGISTER: the core would send it on as it is,
 * and no onreply_route would see it. 0 drops it.
 */
static int before_reply_route(sip_msg_t *msg, unsigned int flags, void *arg)
{
	(void)flags, (void)arg;
	if (msg->first_line.u.reply.statuscode != 401)
		return 1;
	/* tm cannot read one without a CSeq either. */
	if (parse_headers(msg, HDR_CSEQ_F, 0) == 0 && msg->cseq &&
	    (get_cseq(msg)->method_id != METHOD_REGISTER || has_transaction(msg)))
		return 1;
	COUNT(late_challenge);
	LM_INFO("a challenge for a REGISTER that has been answered: dropped\n");
	return 0;
}

int next_hop_init(void)
{
	if (load_tm_api(&tmb) < 0)
		return -1;
	return register_script_cb(before_reply_route, PRE_SCRIPT_CB | ONREPLY_CB, NULL) < 0 ? -1
											    : 0;
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
