/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events that the gateway implements on terminations, one row each. */
#include "agw/control/events.h"
#include <string.h>

enum { HEARTBEAT_MAX_S = 7 * 86400, IPSTOP_MAX_S = 86400, IN = 1, OUT = 2 };

static unsigned parse_heartbeat(const struct h248_event *e, const struct config *cfg,
				struct armed_event *x, const char **why)
{
	const struct h248_parm *p = h248_parm_find(e->parms, "", "timerx");
	uint64_t v;

	x->seconds = cfg->heartbeat_s;
	if (!p)
		return 0;
	*why = "timerx";
	if (h248_parm_u64(p, HEARTBEAT_MAX_S, &v) < 0 || !v)
		return 449;
	x->seconds = (uint32_t)v;
	return 0;
}

static void print_heartbeat(const struct armed_event *x, struct h248_arena *a,
			    struct h248_event *out)
{
	audit_number(a, &out->parms, "", "timerx", x->seconds);
}

static unsigned parse_ipstop(const struct h248_event *e, const struct config *cfg,
			     struct armed_event *x, const char **why)
{
	const struct h248_parm *dt = h248_parm_find(e->parms, "", "dt"),
			       *dir = h248_parm_find(e->parms, "", "dir");
	uint64_t v;

	(void)cfg;
	*why = "dt";
	if (!dt)
		return 457;
	if (h248_parm_u64(dt, IPSTOP_MAX_S, &v) < 0 || !v)
		return 449;
	x->seconds = (uint32_t)v;
	*why = "dir";
	if (!dir || h248_parm_is(dir, "BOTH"))
		x->direction = IN | OUT;
	else if (h248_parm_is(dir, "IN"))
		x->direction = IN;
	else if (h248_parm_is(dir, "OUT"))
		x->direction = OUT;
	else
		return 449;
	return 0;
}

static void print_ipstop(const struct armed_event *x, struct h248_arena *a, struct h248_event *out)
{
	audit_number(a, &out->parms, "", "dt", x->seconds);
	h248_new_parm(a, &out->parms, "", "dir",
		      x->direction == IN    ? SLICE_LIT("IN")
		      : x->direction == OUT ? SLICE_LIT("OUT")
					    : SLICE_LIT("BOTH"),
		      false);
}

static const char *const heartbeat_parms[] = {"timerx", NULL}, *const ipstop_parms[] = {"dt", "dir",
											NULL};

const struct event_item event_items[EVENT_KINDS] = {
    [EVENT_CAUSE] = {"g", "cause", NULL, NULL, NULL},
    [EVENT_HEARTBEAT] = {"hangterm", "thb", heartbeat_parms, parse_heartbeat, print_heartbeat},
    [EVENT_IPSTOP] = {"adid", "ipstop", ipstop_parms, parse_ipstop, print_ipstop},
    [EVENT_TCP_CHANGE] = {"tcpbcc", "BNCChange", NULL, NULL, NULL},
    [EVENT_TLS_CHANGE] = {"tlsbsc", "BNCChange", NULL, NULL, NULL},
};

int events_declare(struct h248_support *support)
{
	for (size_t i = 0; i < EVENT_KINDS; i++)
		if (items_add(support, event_items[i].package, H248_EVENT, event_items[i].name,
			      H248_EVENT_PARM, event_items[i].parms) < 0)
			return -1;
	return 0;
}

/* ---- taking a descriptor ---- */

static bool matches(const struct h248_name *name, const struct h248_item *item,
		    const struct event_item *row)
{
	if (slice_eq(name->pkg, SLICE_LIT("*")))
		return true;
	if (slice_eq(name->item, SLICE_LIT("*")))
		return slice_eq_nocase(name->pkg, slice_str(row->package));
	return items_is(item, row->package, row->name);
}

static unsigned arm(struct termination *t, enum event_kind kind, const struct h248_event *e,
		    const struct config *cfg, const char **why)
{
	struct armed_event *x = &t->events[t->n_events];

	if (t->n_events == MODEL_EVENTS_MAX) {
		*why = "too many events";
		return 510;
	}
	*x = (struct armed_event){.kind = kind,
				  .has_stream = e->has_stream,
				  .stream = e->stream,
				  .keep_active = e->keep_active};
	t->n_events++;
	return event_items[kind].parse ? event_items[kind].parse(e, cfg, x, why) : 0;
}

static unsigned take(struct termination *t, const struct h248_event *e, const struct config *cfg,
		     const char **why)
{
	const struct h248_item *item =
	    h248_item_find(e->name.pkg, H248_EVENT, e->name.item, SLICE_NULL);
	bool any = false;

	for (int k = 0; k < EVENT_KINDS; k++) {
		unsigned code;

		if (!matches(&e->name, item, &event_items[k]))
			continue;
		any = true;
		code = arm(t, (enum event_kind)k, e, cfg, why);
		if (code)
			return code;
	}
	return any ? 0 : 512;
}

unsigned events_take(struct termination *t, const struct h248_events *events,
		     const struct config *cfg, const char **why, int64_t now_ms)
{
	t->n_events = 0;
	t->events_given = events->request.present;
	t->request_id = events->request.id;
	for (const struct h248_event *e = events->list; e; e = e->next) {
		unsigned code = take(t, e, cfg, why);

		if (code)
			return code;
	}
	t->heartbeat_due_ms = 0;
	events_heartbeat_again(t, now_ms);
	return 0;
}

void events_print(const struct termination *t, struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_EVENTS);

	if (!d || !t->events_given)
		return;
	d->u.events.request = (struct h248_request_id){.present = true, .id = t->request_id};
	for (size_t i = 0; i < t->n_events; i++) {
		const struct armed_event *x = &t->events[i];
		const struct event_item *item = &event_items[x->kind];
		struct h248_event *e =
		    h248_new_event(a, &d->u.events.list, item->package, item->name);

		if (!e)
			return;
		e->has_stream = x->has_stream;
		e->stream = x->stream;
		e->keep_active = x->keep_active;
		if (item->print)
			item->print(x, a, e);
	}
}

/* ---- asking ---- */

const struct armed_event *events_armed(const struct termination *t, enum event_kind kind,
				       uint16_t stream)
{
	for (size_t i = 0; t->events_given && i < t->n_events; i++) {
		const struct armed_event *e = &t->events[i];

		if (e->kind == kind && (!e->has_stream || !e->stream || e->stream == stream))
			return e;
	}
	return NULL;
}

void events_heartbeat_again(struct termination *t, int64_t now_ms)
{
	for (size_t i = 0; i < t->n_events; i++)
		if (t->events[i].kind == EVENT_HEARTBEAT)
			t->heartbeat_due_ms = now_ms + (int64_t)t->events[i].seconds * 1000;
}
