/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling others what happened to a flow set: handlers of other modules, event_route[flow:dead],
 * counters. */
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"
#include "modules/common/event_route.h"
#include "modules/ims_flow/core/flow_identities.h"
#include "modules/ims_flow/core/home_route.h"

#define HANDLERS_MAX 8

static struct {
	unsigned mask;
	flow_event_h h;
	void *arg;
} handlers[HANDLERS_MAX];
static int n_handlers;
static struct kam_event_route dead_route;

int events_subscribe(unsigned mask, flow_event_h h, void *arg)
{
	if (n_handlers == HANDLERS_MAX)
		return FLOW_API_FAULT;
	handlers[n_handlers].mask = mask;
	handlers[n_handlers].h = h;
	handlers[n_handlers++].arg = arg;
	return FLOW_API_OK;
}

int events_init(void)
{
	return kam_event_route_find(&dead_route, "flow:dead", NULL);
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

void info_of(const struct flow_set *f, struct flow_api_info *out)
{
	int slot = flow_sending_slot(f);

	memset(out, 0, sizeof(*out));
	out->id = f->id;
	out->state = f->state == FLOW_PENDING  ? FLOW_API_PENDING
		     : f->state == FLOW_ACTIVE ? FLOW_API_ACTIVE
		     : f->state == FLOW_HELD   ? FLOW_API_HELD
					       : FLOW_API_CLOSING;
	out->ipsec = f->ipsec;
	out->reg_id = f->reg_id;
	copy(out->impi, sizeof(out->impi), f->impi);
	copy(out->instance, sizeof(out->instance), f->instance);
	copy(out->contact, sizeof(out->contact), f->contact);
	flow_identities_text(f, out->impus);
	netaddr_ip_text(&f->ue, out->ue_addr);
	for (int i = 0; i < FLOW_SA_SETS; i++) {
		out->sa_sets += f->sa[i].state != SA_FREE;
		if (slot < 0 && f->sa[i].state != SA_FREE)
			slot = i;
	}
	out->ue_port_s = slot >= 0 ? f->sa[slot].port_us : f->ue_port;
	out->ue_port_c = slot >= 0 ? f->sa[slot].port_uc : f->ue_port;
	out->proto = f->proto;
	out->mediasec = f->media;
	out->nat = slot >= 0 && netaddr_known(&f->sa[slot].outer);
	flow_home_route_text(slice_str(f->service_route), out->service_route,
			     sizeof(out->service_route));
	out->expires_ms = f->expires_ms;
	out->held_until_ms = f->held_ms;
}

static void run_dead_route(const struct flow_api_info *info, const char *reason)
{
	pv_set_event(info, reason);
	kam_event_route_run(&dead_route);
	pv_set_event(NULL, "");
}

void events_tell(const struct flow_effects *fx)
{
	static const enum flow_api_event events[] = {[FLOW_NOTICE_ACTIVATED] = FLOW_EV_ACTIVATED,
						     [FLOW_NOTICE_REFRESHED] = FLOW_EV_REFRESHED,
						     [FLOW_NOTICE_REPLACED] = FLOW_EV_REPLACED,
						     [FLOW_NOTICE_DEAD] = FLOW_EV_DEAD};
	const counter_handle_t counters[] = {[FLOW_NOTICE_ACTIVATED] = flow_counters.activated,
					     [FLOW_NOTICE_REFRESHED] = flow_counters.refreshed,
					     [FLOW_NOTICE_REPLACED] = flow_counters.replaced,
					     [FLOW_NOTICE_DEAD] = flow_counters.ended};

	if (fx->lost)
		LM_CRIT("%u changes did not fit and were lost\n", fx->lost);
	for (unsigned i = 0; i < fx->n_notices; i++) {
		const struct flow_notice *n = &fx->notices[i];
		enum flow_api_event event = events[n->kind];
		struct flow_api_info info;

		counter_inc(counters[n->kind]);
		info_of(&n->set, &info);
		for (int h = 0; h < n_handlers; h++)
			if (handlers[h].mask & event)
				handlers[h].h(event, &info, n->by_id, n->reason, handlers[h].arg);
		if (event == FLOW_EV_DEAD || event == FLOW_EV_REPLACED)
			run_dead_route(&info, n->reason);
	}
}
