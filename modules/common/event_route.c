/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/event_route.h"

#include "../../core/action.h"
#include "../../core/dprint.h"
#include "../../core/fmsg.h"
#include "../../core/globals.h"
#include "../../core/kemi.h"
#include "../../core/mem/mem.h"
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

bool kam_event_route_there(const struct kam_event_route *r)
{
	return r->index >= 0 || sr_kemi_eng_get();
}

static void run(const struct kam_event_route *r, sip_msg_t *msg)
{
	sr_kemi_eng_t *kemi = sr_kemi_eng_get();
	int before = get_route_type();
	struct run_act_ctx ctx;
	str name = r->name;

	set_route_type(EVENT_ROUTE);
	init_run_actions_ctx(&ctx);
	if (r->index >= 0)
		run_top_route(event_rt.rlist[r->index], msg, &ctx);
	else
		sr_kemi_ctx_route(kemi, &ctx, msg, EVENT_ROUTE, &name, &name);
	set_route_type(before);
}

bool kam_event_route_run(const struct kam_event_route *r)
{
	sip_msg_t *msg = kam_event_route_there(r) ? faked_msg_next() : NULL;

	if (msg)
		run(r, msg);
	return msg != NULL;
}

bool kam_event_route_run_with(const struct kam_event_route *r, struct slice request)
{
	sip_msg_t msg, *faked = kam_event_route_there(r) ? faked_msg_next() : NULL;
	char *copy = faked ? pkg_malloc(request.len + 1) : NULL;
	bool ok;

	if (!copy)
		return false;
	memcpy(copy, request.p, request.len);
	copy[request.len] = '\0';
	memset(&msg, 0, sizeof(msg));
	msg.buf = copy;
	msg.len = (unsigned)request.len;
	msg.id = faked->id;
	msg.pid = faked->pid;
	msg.rcv = faked->rcv;
	msg.set_global_address = default_global_address;
	msg.set_global_port = default_global_port;
	ok = parse_msg(copy, msg.len, &msg) == 0 && parse_headers(&msg, HDR_EOH_F, 0) >= 0;
	if (ok)
		run(r, &msg);
	free_sip_msg(&msg);
	pkg_free(copy);
	return ok;
}
