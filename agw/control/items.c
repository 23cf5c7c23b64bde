/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables put together, and what lies between their rows. */
#include "agw/control/items.h"
#include <string.h>

static struct h248_support on_terminations, on_root;
static const struct h248_check_options options = {.items = &on_terminations,
						  .root_items = &on_root};

int items_add(struct h248_support *items, const char *package, enum h248_item_kind kind,
	      const char *name, enum h248_item_kind parm_kind, const char *const *parms)
{
	if (h248_support_add(items, package, kind, name, NULL) != H248_OK)
		return -1;
	for (; parms && *parms; parms++)
		if (h248_support_add(items, package, parm_kind, *parms, name) != H248_OK)
			return -1;
	return 0;
}

int items_init(void)
{
	return local_control_declare(&on_terminations) < 0 ||
		       signals_declare(&on_terminations) < 0 ||
		       events_declare(&on_terminations) < 0 ||
		       statistics_declare(&on_terminations) < 0 || root_declare(&on_root) < 0
		   ? -1
		   : 0;
}

const struct h248_check_options *items_options(void)
{
	return &options;
}

bool items_has_package(const struct h248_package_info *package)
{
	return h248_support_has_package(&on_terminations, package) ||
	       h248_support_has_package(&on_root, package);
}

bool items_is(const struct h248_item *item, const char *package, const char *name)
{
	return item && strcmp(item->name, name) == 0 && strcmp(item->package, package) == 0;
}

static unsigned refuse(unsigned code, const char *text, const char **why)
{
	*why = text;
	return code;
}

/* ---- descriptors ---- */

/* Which descriptors Add, Move and Modify carry out. */
static unsigned refuse_descriptor(enum h248_descriptor_kind kind, bool root, const char **why)
{
	switch (kind) {
	case H248_D_MEDIA:
	case H248_D_EVENTS:
	case H248_D_AUDIT:
		return 0;
	case H248_D_SIGNALS:
	case H248_D_STATISTICS:
		return root ? refuse(444, h248_descriptor_name(kind), why) : 0;
	default:
		return refuse(444, h248_descriptor_name(kind), why);
	}
}

static unsigned refuse_media(const struct h248_media *media, bool root, const char **why)
{
	const struct h248_termination_state *state = media->state;

	if (root && media->streams)
		return refuse(444, "streams of ROOT", why);
	if (!state)
		return 0;
	if (state->event_buffer == H248_ON)
		return refuse(501, "EventBufferControl", why);
	if (state->service_state && state->service_state != H248_IN_SERVICE)
		return refuse(501, "ServiceStates: use ServiceChange", why);
	return 0;
}

static unsigned refuse_event(const struct h248_event *e, const char **why)
{
	if (e->embed || e->regulated)
		return refuse(501, "Embed", why);
	if (e->digit_map)
		return refuse(501, "DigitMap", why);
	if (e->behaviour == H248_NOTIFY_NEVER || e->behaviour == H248_NOTIFY_REGULATED)
		return refuse(501, "NotifyBehaviour", why);
	if (e->reset_events)
		return refuse(501, "ResetEventsDescriptor", why);
	return 0;
}

static unsigned refuse_signal(const struct h248_signal *s, const char **why)
{
	unsigned code = 0;

	if (s->is_list) {
		for (const struct h248_signal *one = s->list; one && !code; one = one->next)
			code = refuse_signal(one, why);
		return code;
	}
	if (s->direction == H248_INTERNAL || s->direction == H248_BOTH)
		return refuse(501, "signal direction", why);
	return 0;
}

unsigned items_refuse(const struct h248_command *cmd, bool root, const char **why)
{
	unsigned code = 0;

	if (cmd->kind > H248_MODIFY)
		return 0;
	for (const struct h248_descriptor *d = cmd->descriptors; d && !code; d = d->next) {
		code = refuse_descriptor(d->kind, root, why);
		if (!code && d->kind == H248_D_MEDIA)
			code = refuse_media(&d->u.media, root, why);
		if (!code && d->kind == H248_D_EVENTS)
			for (const struct h248_event *e = d->u.events.list; e && !code; e = e->next)
				code = refuse_event(e, why);
		if (!code && d->kind == H248_D_SIGNALS)
			for (const struct h248_signal *s = d->u.signals.list; s && !code;
			     s = s->next)
				code = refuse_signal(s, why);
	}
	return code;
}

/* ---- contexts ---- */

enum { PRIORITY_MAX = 15 }; /* H.248.1 6.1.1 */

unsigned items_refuse_context(const struct h248_context_properties *p, const char **why)
{
	if (p->attributes)
		return refuse(445, "ContextAttribute", why);
	if (p->list)
		return refuse(501, "ContextList", why);
	if (p->has_priority && p->priority > PRIORITY_MAX)
		return refuse(449, "Priority is 0 to 15", why);
	for (const struct h248_topology *t = p->topology; t; t = t->next) {
		if (t->direction != H248_ISOLATE && t->direction != H248_BOTHWAY)
			return refuse(522, "only isolate and bothway", why);
		if (t->has_stream)
			return refuse(522, "Topology of a stream", why);
	}
	return 0;
}
