/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/event_route.h"

#include "../../core/action.h"
#include "../../core/dprint.h"
#include "../../core/fmsg.h"
#include "../../core/kemi.h"
#include "../../core/route.h"

#include "modules/common/text.h"

/* route_lookup() also finds names that something refers to but the cfg does not have. */
static int find(const char *name)
{
	int i = route_lookup(&event_rt, (char *)name);

	return i >= 0 && event_rt.rlist[i] ? i : -1;
}

int kam_event_route_find(struct kam_event_route *r, const char *name, const char *old)
{
	r->name = str_of_text(name);
	r->index = find(name);
	if (r->index < 0 && old && (r->index = find(old)) >= 0)
		LM_WARN("event_route[%s] is called event_route[%s] now\n", old, name);
	return faked_msg_init() < 0 ? -1 : 0;
}

bool kam_event_route_run(const struct kam_event_route *r)
{
	sr_kemi_eng_t *kemi = sr_kemi_eng_get();
	int before = get_route_type();
	struct run_act_ctx ctx;
	str name = r->name;
	sip_msg_t *msg;

	if (r->index < 0 && !kemi)
		return false;
	msg = faked_msg_next();
	if (!msg)
		return false;
	set_route_type(EVENT_ROUTE);
	init_run_actions_ctx(&ctx);
	if (r->index >= 0)
		run_top_route(event_rt.rlist[r->index], msg, &ctx);
	else
		sr_kemi_ctx_route(kemi, &ctx, msg, EVENT_ROUTE, &name, &name);
	set_route_type(before);
	return true;
}
