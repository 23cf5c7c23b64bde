/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on ROOT: what the gateway as a whole is, reports and lets itself be told. */
#include "agw/control/items.h"
#include "agw/control/run.h"

/* ---- properties ---- */

/* Root properties 3 to 8 (E.2.1; the last two came with version 2), and what they begin with. */
static const struct {
	uint32_t first, max;
} values[ROOT_VALUES] = {{500, 600000},	 {500, 600000}, {1000, 600000},
			 {1000, 600000}, {10, 1000},	{10, 1000}};

void root_init(struct root_state *root)
{
	*root = (struct root_state){0};
	for (int i = 0; i < ROOT_VALUES; i++)
		root->values[i] = values[i].first;
}

static struct slice number(struct h248_arena *a, uint64_t v)
{
	return h248_printf(a, "%llu", (unsigned long long)v);
}

static struct slice print_contexts(const struct gateway *g, struct h248_arena *a)
{
	return number(a, g->cfg.contexts_max);
}

static struct slice print_terminations(const struct gateway *g, struct h248_arena *a)
{
	return number(a, g->cfg.terminations_per_context);
}

static int parse_value(const struct h248_parm *p, struct root_state *root, int i)
{
	uint64_t v;

	if (h248_parm_u64(p, values[i].max, &v) < 0)
		return -1;
	root->values[i] = (uint32_t)v;
	return 0;
}

/* Each value has a parser and a printer of its own, made here. */
#define VALUE(i)                                                                                   \
	static int parse_value_##i(const struct h248_parm *p, struct root_state *root)             \
	{                                                                                          \
		return parse_value(p, root, i);                                                    \
	}                                                                                          \
	static struct slice print_value_##i(const struct gateway *g, struct h248_arena *a)         \
	{                                                                                          \
		return number(a, g->root.values[i]);                                               \
	}
VALUE(0)
VALUE(1)
VALUE(2)
VALUE(3)
VALUE(4)
VALUE(5)

/* The realms that calls can have, for ipra/ar. */
static struct slice print_realms(const struct gateway *g, struct h248_arena *a)
{
	struct slice list = SLICE_LIT("");

	for (const struct realm *r = g->realms.list; r; r = r->next)
		if (!r->retired)
			list =
			    h248_printf(a, "%.*s%s%s", (int)list.len, list.p, list.len ? "," : "",
					r->cfg.ipdc[0] ? r->cfg.ipdc : r->cfg.name);
	return list;
}

static const struct root_property_item properties[] = {
    {"root", "maxNumberOfContexts", false, NULL, print_contexts},
    {"root", "maxTerminationsPerContext", false, NULL, print_terminations},
    {"root", "normalMGExecutionTime", false, parse_value_0, print_value_0},
    {"root", "normalMGCExecutionTime", false, parse_value_1, print_value_1},
    {"root", "MGProvisionalResponseTimerValue", false, parse_value_2, print_value_2},
    {"root", "MGCProvisionalResponseTimerValue", false, parse_value_3, print_value_3},
    {"root", "MGCOriginatedPendingLimit", false, parse_value_4, print_value_4},
    {"root", "MGOriginatedPendingLimit", false, parse_value_5, print_value_5},
    {"ipra", "ar", true, NULL, print_realms},
};
enum { PROPERTIES = sizeof(properties) / sizeof(properties[0]) };

/* ---- events ---- */

/* mit counts in 10 ms (H.248.14). */
static unsigned parse_inactivity(const struct h248_event *e, struct root_state *root,
				 const char **why)
{
	const struct h248_parm *p = h248_parm_find(e->parms, "", "mit");
	uint64_t v = 0;

	*why = "mit";
	if (!p || h248_parm_u64(p, 360000, &v) < 0)
		return p ? 449 : 457;
	root->mit_ms = (uint32_t)v * 10;
	return 0;
}

static void print_inactivity(const struct root_state *root, struct h248_arena *a,
			     struct h248_event **list)
{
	struct h248_event *e = root->mit_ms ? h248_new_event(a, list, "it", "ito") : NULL;

	if (e)
		audit_number(a, &e->parms, "", "mit", root->mit_ms / 10);
}

static unsigned parse_realm_change(const struct h248_event *e, struct root_state *root,
				   const char **why)
{
	(void)e;
	(void)why;
	root->realm_change = true;
	return 0;
}

static void print_realm_change(const struct root_state *root, struct h248_arena *a,
			       struct h248_event **list)
{
	if (root->realm_change)
		h248_new_event(a, list, "ipra", "arc");
}

static unsigned parse_overload(const struct h248_event *e, struct root_state *root,
			       const char **why)
{
	(void)e;
	(void)why;
	root->overload = true;
	return 0;
}

static void print_overload(const struct root_state *root, struct h248_arena *a,
			   struct h248_event **list)
{
	if (root->overload)
		h248_new_event(a, list, "ocp", "mg_overload");
}

static const char *const inactivity_parms[] = {"mit", NULL};
static const struct root_event_item root_events[] = {
    {"it", "ito", inactivity_parms, parse_inactivity, print_inactivity},
    {"ipra", "arc", NULL, parse_realm_change, print_realm_change},
    {"ocp", "mg_overload", NULL, parse_overload, print_overload},
};
enum { ROOT_EVENTS = sizeof(root_events) / sizeof(root_events[0]) };

int root_declare(struct h248_support *support)
{
	for (size_t i = 0; i < PROPERTIES; i++)
		if (items_add(support, properties[i].package, H248_PROPERTY, properties[i].name, 0,
			      NULL) < 0)
			return -1;
	for (size_t i = 0; i < ROOT_EVENTS; i++)
		if (items_add(support, root_events[i].package, H248_EVENT, root_events[i].name,
			      H248_EVENT_PARM, root_events[i].parms) < 0)
			return -1;
	return 0;
}

/* ---- Modify ---- */

static unsigned take_property(const struct h248_parm *p, struct root_state *root, const char **why)
{
	const struct h248_item *item =
	    h248_item_find(p->name.pkg, H248_PROPERTY, p->name.item, SLICE_NULL);

	for (size_t i = 0; i < PROPERTIES; i++) {
		if (!items_is(item, properties[i].package, properties[i].name))
			continue;
		*why = properties[i].name;
		if (!properties[i].parse)
			return 534;
		return properties[i].parse(p, root) < 0 ? 449 : 0;
	}
	return 445;
}

static unsigned take_state(const struct h248_termination_state *state, struct root_state *root,
			   const char **why)
{
	unsigned code = 0;

	for (const struct h248_parm *p = state->properties; p && !code; p = p->next)
		code = take_property(p, root, why);
	return code;
}

static unsigned take_event(const struct h248_event *e, struct root_state *root, const char **why)
{
	const struct h248_item *item =
	    h248_item_find(e->name.pkg, H248_EVENT, e->name.item, SLICE_NULL);

	for (size_t i = 0; i < ROOT_EVENTS; i++)
		if (items_is(item, root_events[i].package, root_events[i].name))
			return root_events[i].parse(e, root, why);
	*why = "event";
	return 512; /* wildcards too: each event of ROOT is asked for by its name */
}

static unsigned take_events(const struct h248_events *events, struct root_state *root,
			    const char **why)
{
	unsigned code = 0;

	root->events_given = events->request.present;
	root->request_id = events->request.id;
	root->mit_ms = 0;
	root->realm_change = root->overload = false;
	for (const struct h248_event *e = events->list; e && !code; e = e->next)
		code = take_event(e, root, why);
	return code;
}

static bool modify(struct run *r)
{
	const struct h248_descriptor *media = h248_descriptor_find(r->cmd, H248_D_MEDIA),
				     *events = h248_descriptor_find(r->cmd, H248_D_EVENTS);
	struct root_state next = r->g->root;
	const char *why = NULL;
	unsigned code = 0;

	if (media && media->u.media.state)
		code = take_state(media->u.media.state, &next, &why);
	if (!code && events)
		code = take_events(&events->u.events, &next, &why);
	if (code)
		return run_fail(r, H248_ROOT, code, why);
	r->g->root = next;
	if (events)
		h248_mg_set_inactivity(r->g->entity, next.mit_ms, next.request_id, r->now_ms);
	run_reply(r, H248_ROOT);
	return true;
}

/* ---- AuditValue ---- */

static void put_state(const struct gateway *g, struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_MEDIA);
	struct h248_termination_state *state = d ? h248_alloc(a, sizeof(*state)) : NULL;

	if (!state)
		return;
	d->u.media.state = state;
	for (size_t i = 0; i < PROPERTIES; i++)
		h248_new_parm(a, &state->properties, properties[i].package, properties[i].name,
			      properties[i].print(g, a), properties[i].quoted);
	state->service_state = g->draining ? H248_OUT_OF_SERVICE : H248_IN_SERVICE;
	state->service_relation = H248_EQ;
}

static void put_events(const struct root_state *root, struct h248_arena *a,
		       struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_EVENTS);

	if (!d || !root->events_given)
		return;
	d->u.events.request = (struct h248_request_id){.present = true, .id = root->request_id};
	for (size_t i = 0; i < ROOT_EVENTS; i++)
		root_events[i].print(root, a, &d->u.events.list);
}

static void audit(const struct run *r, const struct h248_audit_item *items,
		  struct h248_command *reply)
{
	for (const struct h248_audit_item *i = items; i; i = i->next) {
		struct h248_descriptor *d;

		switch (i->kind) {
		case H248_D_PACKAGES:
			audit_packages(r->a, reply);
			break;
		case H248_D_MEDIA:
			put_state(r->g, r->a, reply);
			break;
		case H248_D_EVENTS:
			put_events(&r->g->root, r->a, reply);
			break;
		default:
			d = h248_new_descriptor(r->a, reply, H248_D_TOKEN);
			if (d)
				d->u.token = i->kind;
		}
	}
}

bool run_on_root(struct run *r)
{
	bool given;
	const struct h248_audit_item *items = run_audit(r, &given);
	struct h248_command *reply;

	switch (r->cmd->kind) {
	case H248_MODIFY:
		return modify(r);
	case H248_AUDIT_VALUE:
		reply = run_reply(r, H248_ROOT);
		if (reply)
			audit(r, items, reply);
		return true;
	case H248_AUDIT_CAPABILITY:
		reply = run_reply(r, H248_ROOT);
		if (reply)
			audit_capability(items, r->a, reply);
		return true;
	case H248_SERVICE_CHANGE: /* HandOff is the association's affair, and done by now */
		return run_fail(r, H248_ROOT, 501, "ServiceChange of ROOT other than HandOff");
	default:
		return run_fail(r, H248_ROOT, 410, NULL);
	}
}
