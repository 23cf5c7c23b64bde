/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on ROOT: what the gateway as a whole is, reports and lets itself be told. */
#include "agw/control/run.h"

const char *const gateway_packages[] = {
    "g",	"root", "nt", "rtp", "ds",   "gm",     "rtcph",	 "tman",    "ipdc", "ipnapt",
    "hangterm", "adid", "it", "ocp", "ipra", "tcpbcc", "tlsbsc", "seplink", NULL};

/* Root properties 3 to 8 (E.2.1; the last two came with version 2), and what they begin with. */
static const struct {
	const char *name;
	uint32_t first, max;
} values[ROOT_VALUES] = {
    {"normalMGExecutionTime", 500, 600000},
    {"normalMGCExecutionTime", 500, 600000},
    {"MGProvisionalResponseTimerValue", 1000, 600000},
    {"MGCProvisionalResponseTimerValue", 1000, 600000},
    {"MGCOriginatedPendingLimit", 10, 1000},
    {"MGOriginatedPendingLimit", 10, 1000},
};

void root_init(struct root_state *root)
{
	*root = (struct root_state){0};
	for (int i = 0; i < ROOT_VALUES; i++)
		root->values[i] = values[i].first;
}

static unsigned take_state(const struct h248_termination_state *state, struct root_state *root,
			   const char **why)
{
	for (const struct h248_parm *p = state->properties; p; p = p->next)
		for (int i = 0; i < ROOT_VALUES; i++) {
			uint64_t v;

			if (!h248_name_is(&p->name, "root", values[i].name))
				continue;
			*why = values[i].name;
			if (h248_parm_u64(p, values[i].max, &v) < 0)
				return 449;
			root->values[i] = (uint32_t)v;
		}
	return 0;
}

static unsigned take_events(const struct h248_events *events, struct root_state *root,
			    const char **why)
{
	root->events_given = events->request.present;
	root->request_id = events->request.id;
	root->mit_ms = 0;
	root->realm_change = root->overload = false;
	for (const struct h248_event *e = events->list; e; e = e->next) {
		const struct h248_parm *p = h248_parm_find(e->parms, "", "mit");
		uint64_t v = 0;

		if (h248_name_is(&e->name, "it", "ito")) {
			*why = "mit";
			if (!p || h248_parm_u64(p, 360000, &v) < 0)
				return 457;
			root->mit_ms = (uint32_t)v * 10;
		} else if (h248_name_is(&e->name, "ipra", "arc")) {
			root->realm_change = true;
		} else if (h248_name_is(&e->name, "ocp", "mg_overload")) {
			root->overload = true;
		}
	}
	return 0;
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

/* The realms that calls can have, for ipra/ar. */
static struct slice realm_names(const struct gateway *g, struct h248_arena *a)
{
	struct slice list = SLICE_LIT("");

	for (const struct realm *r = g->realms.list; r; r = r->next)
		if (!r->retired)
			list =
			    h248_printf(a, "%.*s%s%s", (int)list.len, list.p, list.len ? "," : "",
					r->cfg.ipdc[0] ? r->cfg.ipdc : r->cfg.name);
	return list;
}

static void put_state(const struct gateway *g, struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_MEDIA);
	struct h248_termination_state *state = d ? h248_alloc(a, sizeof(*state)) : NULL;

	if (!state)
		return;
	d->u.media.state = state;
	audit_number(a, &state->properties, "root", "maxNumberOfContexts", g->cfg.contexts_max);
	audit_number(a, &state->properties, "root", "maxTerminationsPerContext",
		     g->cfg.terminations_per_context);
	for (int i = 0; i < ROOT_VALUES; i++)
		audit_number(a, &state->properties, "root", values[i].name, g->root.values[i]);
	h248_new_parm(a, &state->properties, "ipra", "ar", realm_names(g, a), true);
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
	if (root->mit_ms) {
		struct h248_event *e = h248_new_event(a, &d->u.events.list, "it", "ito");

		if (e)
			audit_number(a, &e->parms, "", "mit", root->mit_ms / 10);
	}
	if (root->realm_change)
		h248_new_event(a, &d->u.events.list, "ipra", "arc");
	if (root->overload)
		h248_new_event(a, &d->u.events.list, "ocp", "mg_overload");
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
	case H248_SERVICE_CHANGE:
		run_reply(r, H248_ROOT);
		return true;
	default:
		return run_fail(r, H248_ROOT, 410, NULL);
	}
}
