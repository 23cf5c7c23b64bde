/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_route[seamless:set-dropped]: a connection is over and its SA set goes. */
#include "seamless.h"

#include "../../core/action.h"
#include "../../core/dprint.h"
#include "../../core/fmsg.h"
#include "../../core/route.h"

static str event_name = str_init("seamless:set-dropped");
static int event_index = -1;
const struct pcscf_todo *seamless_event_now;

int seamless_event_init(void)
{
	event_index = route_lookup(&event_rt, event_name.s);
	if (event_index >= 0 && !event_rt.rlist[event_index])
		event_index = -1;
	return faked_msg_init();
}

void seamless_event_set_dropped(const struct pcscf_todo *dropped)
{
	sr_kemi_eng_t *kemi = sr_kemi_eng_get();
	struct run_act_ctx ctx;
	sip_msg_t *msg;
	int type = get_route_type();

	if (event_index < 0 && !kemi)
		return;
	msg = faked_msg_next();
	seamless_event_now = dropped;
	set_route_type(REQUEST_ROUTE);
	init_run_actions_ctx(&ctx);
	if (event_index >= 0)
		run_top_route(event_rt.rlist[event_index], msg, &ctx);
	else
		sr_kemi_ctx_route(kemi, &ctx, msg, EVENT_ROUTE, &event_name, &event_name);
	set_route_type(type);
	seamless_event_now = NULL;
}
