/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of lingering: BYE to both sides, and the event route for the operator. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/parser/parse_rr.h"

#include "modules/common/event_route.h"

static struct kam_event_route linger_end;

/* A BYE that looks to the one side as if the other had sent it. */
static void send_bye(struct slice call_id, const struct scscf_release_leg *leg)
{
	static str method = str_init("BYE");
	static str headers =
	    str_init("Max-Forwards: 70\r\nReason: SIP;cause=480;text=\"linger timer ended\"\r\n");
	str route = str_of(leg->route);
	uac_req_t req;
	dlg_t dlg;

	memset(&dlg, 0, sizeof(dlg));
	dlg.loc_seq.value = leg->cseq ? leg->cseq - 1 : 0; /* tm counts one up */
	dlg.loc_seq.is_set = 1;
	dlg.id.call_id = str_of(call_id);
	dlg.id.loc_tag = str_of(leg->from_tag);
	dlg.id.rem_tag = str_of(leg->to_tag);
	dlg.loc_uri = str_of(leg->from);
	dlg.rem_uri = str_of(leg->to);
	dlg.rem_target = str_of(leg->target);
	dlg.state = DLG_CONFIRMED;
	if (route.len && parse_rr_body(route.s, route.len, &dlg.route_set) < 0) {
		LM_ERR("unusable route set of session %.*s\n", (int)call_id.len, call_id.p);
		return;
	}
	set_uac_req(&req, &method, &headers, NULL, &dlg, 0, NULL, NULL);
	if (seamless_tm.t_request_within(&req) < 0)
		LM_INFO("BYE to %.*s not sent\n", (int)leg->target.len, leg->target.p);
	if (dlg.route_set)
		free_rr(&dlg.route_set);
}

void release_session(const struct scscf_effect *f)
{
	LM_INFO("session %.*s released on both sides\n", (int)f->session_call_id.len,
		f->session_call_id.p);
	for (int i = 0; i < 2; i++)
		send_bye(f->session_call_id, &f->leg[i]);
}

int event_route_init(void)
{
	return kam_event_route_find(&linger_end, "seamless-scscf:linger-end",
				    "seamless:linger-end");
}

void event_route_linger_end(const struct scscf_effect *f)
{
	seamless_last.kind = "linger-end";
	seamless_last.connection = f->connection_id;
	seamless_last.sessions = (int)f->sessions;
	(void)slice_copy(f->impi, seamless_last.impi, sizeof(seamless_last.impi));
	(void)kam_event_route_run(&linger_end);
}
