/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gateways tell by themselves: Notify and ServiceChange of terminations. */
#include <stdio.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

enum { ROOT_REQUEST = 2000000000 };

static const char *const event_names[MGC_EVENTS] = {
    [MGC_EV_GATEWAY_UP] = "gateway-up",		  [MGC_EV_GATEWAY_DOWN] = "gateway-down",
    [MGC_EV_GATEWAY_STATE] = "gateway-state",	  [MGC_EV_CONTEXT_LOST] = "context-lost",
    [MGC_EV_TLS_FAILED] = "tls-failure",	  [MGC_EV_CONNECT_FAILED] = "connect-failure",
    [MGC_EV_CONNECTION_LOST] = "connection-lost", [MGC_EV_CONNECTION_END] = "connection-end",
    [MGC_EV_MEDIA_STOPPED] = "media-stopped",
};

const char *mgc_event_name(enum mgc_event_type type)
{
	return type < MGC_EVENTS ? event_names[type] : "?";
}

/* ---- what an event means ---- */

/* g/cause with what its Failurecause says: a gateway without the specific event tells it this way. */
static bool meaning_of_cause(const struct h248_event *e, enum mgc_event_type *type,
			     const char **text)
{
	const struct h248_parm *general = h248_parm_find(e->parms, "", "Generalcause"),
			       *failure = h248_parm_find(e->parms, "", "Failurecause");
	struct slice cause = general ? general->value.text : SLICE_NULL;

	*text = "";
	*type = MGC_EV_CONNECTION_LOST;
	if (slice_eq_nocase(cause, SLICE_LIT("NR")))
		*type = MGC_EV_CONNECTION_END;
	else if (failure && failure->value.text.len > 3 &&
		 memcmp(failure->value.text.p, "TLS", 3) == 0)
		*type = MGC_EV_TLS_FAILED;
	return true;
}

static bool meaning_of_change(const struct h248_event *e, enum mgc_event_type failed,
			      enum mgc_event_type *type, const char **text)
{
	const struct h248_parm *what = h248_parm_find(e->parms, "", "Type");

	*text = "";
	switch (mgc_change_of(what ? what->value.text : SLICE_NULL)) {
	case MGC_CHANGE_UP:
		return false;
	case MGC_CHANGE_ENDED:
		*type = MGC_EV_CONNECTION_END;
		return true;
	default:
		*type = failed;
		return true;
	}
}

/* False: nothing that the owner of the call has to know. */
static bool meaning(const struct mgc *mgc, const struct h248_event *e, enum mgc_event_type *type,
		    const char **text)
{
	if (h248_name_is(&e->name, "g", "cause"))
		return meaning_of_cause(e, type, text);
	if (mgc_names_is(&mgc->cfg.names, MGC_TLS_CHANGE, &e->name))
		return meaning_of_change(e, MGC_EV_TLS_FAILED, type, text);
	if (mgc_names_is(&mgc->cfg.names, MGC_TCP_CHANGE, &e->name))
		return meaning_of_change(e, MGC_EV_CONNECT_FAILED, type, text);
	*text = "no packets";
	*type = MGC_EV_MEDIA_STOPPED;
	return h248_name_is(&e->name, "adid", "ipstop");
}

/* The text that the gateway gave, as far as it can be shown. */
static void text_of(const struct h248_event *e, const char *otherwise, char *out, size_t size)
{
	const struct h248_parm *failure = h248_parm_find(e->parms, "", "Failurecause");
	struct slice t = failure ? failure->value.text : slice_str(otherwise);

	snprintf(out, size, "%.*s", (int)(t.len < size ? t.len : size - 1), t.len ? t.p : "");
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
}

static void on_event(struct mgc *mgc, struct gateway *g, const struct context *c,
		     enum alg_side side, const struct h248_event *e)
{
	enum mgc_event_type type;
	const char *otherwise;
	char text[96];

	if (!meaning(mgc, e, &type, &otherwise))
		return;
	text_of(e, otherwise, text, sizeof(text));
	mgc_tell(mgc, type, g, c->call, side, e->has_stream ? e->stream : 0, text);
}

static void on_root_event(struct gateway *g, const struct h248_event *e)
{
	struct mgc *mgc = g->mgc;

	if (!mgc_names_is(&mgc->cfg.names, MGC_OVERLOAD, &e->name))
		return;
	g->count.overloads++;
	pace_overload(&g->pace, mgc->now);
	if (g->state == MGC_UP || g->state == MGC_OVERLOADED || g->state == MGC_DRAINING)
		gateway_step(g, GATEWAY_OVERLOAD, "it says that it is overloaded");
	mgc->kick = true;
}

/* ---- commands ---- */

static int side_of(const struct context *c, struct slice tid)
{
	for (int side = 0; side < ALG_SIDES; side++)
		if (c->now[side].tid[0] && slice_eq_nocase(tid, slice_str(c->now[side].tid)))
			return side;
	return -1;
}

/* A gateway that asks about a call which we do not know lets go of it after this answer. */
static unsigned on_notify(struct gateway *g, uint32_t context, const struct h248_command *cmd)
{
	const struct h248_descriptor *d = h248_descriptor_find(cmd, H248_D_OBSERVED_EVENTS);
	const struct h248_event *e = d ? d->u.events.list : NULL;
	struct context *c;
	int side;

	if (h248_tid_is_root(cmd->tid.id)) {
		for (; e; e = e->next)
			on_root_event(g, e);
		return 0;
	}
	c = context_find_id(g, context);
	if (!c)
		/* It may be one whose Add is being answered. */
		return g->adds ? 0 : 411;
	side = side_of(c, cmd->tid.id);
	if (side < 0)
		return c->attempt ? 0 : 435;
	for (; e; e = e->next)
		on_event(g->mgc, g, c, (enum alg_side)side, e);
	return 0;
}

/* Terminations that went out of service without us. */
static void on_forced(struct gateway *g, uint32_t context, struct slice tid)
{
	struct context *next;

	for (struct context *c = g->contexts; c; c = next) {
		bool hit = false;

		next = c->next_here;
		for (int side = 0; side < ALG_SIDES; side++)
			hit |=
			    c->now[side].tid[0] && h248_tid_match(tid, slice_str(c->now[side].tid));
		if (!hit || !c->id || (context != H248_CONTEXT_ALL && context != c->id) ||
		    c->state == CONTEXT_GONE)
			continue;
		g->count.contexts_lost++;
		strcpy(c->why, "the gateway has taken it out of service");
		gateway_subtract(g, c->id);
		context_step(g->mgc, c, CONTEXT_LOSS);
	}
}

static unsigned on_command(struct gateway *g, uint32_t context, const struct h248_command *cmd)
{
	const struct h248_descriptor *d;

	if (cmd->error.code)
		return cmd->error.code;
	if (cmd->kind == H248_NOTIFY)
		return on_notify(g, context, cmd);
	if (cmd->kind != H248_SERVICE_CHANGE)
		return 501;
	d = h248_descriptor_find(cmd, H248_D_SERVICES);
	if (d && d->u.services.method == H248_FORCED && !h248_tid_is_root(cmd->tid.id))
		on_forced(g, context, cmd->tid.id);
	return 0;
}

void notify_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms)
{
	struct gateway *g = gateway_of(peer);
	struct h248_arena *arena = h248_job_arena(job);
	struct h248_action *list = NULL;
	bool ok = true;

	(void)user;
	if (!g) {
		h248_job_reply_error(job, 505, NULL, now_ms);
		return;
	}
	g->mgc->now = now_ms;
	for (const struct h248_action *a = h248_job_request(job)->actions; a && ok; a = a->next) {
		struct h248_action *out = h248_new_action(arena, &list, a->context);

		for (const struct h248_command *c = a->commands; c && ok; c = c->next) {
			struct h248_command *done =
			    h248_new_command(arena, out, c->kind, c->tid.id);
			unsigned code = on_command(g, a->context, c);

			if (code)
				h248_new_error(arena, done, code, NULL);
			ok = !code || c->optional;
		}
	}
	if (arena->overflow || !list)
		h248_job_reply_error(job, arena->overflow ? 510 : 400, NULL, now_ms);
	else
		h248_job_reply(job, list, now_ms);
}

/* ---- ROOT ---- */

static void on_armed(void *user, enum h248_outcome outcome, const struct h248_transaction *reply);

static void arm(struct gateway *g, bool overload)
{
	const char *package, *item;
	char text[256], name[MGC_NAME_MAX], ito[64] = "", ocp[MGC_NAME_MAX + 8] = "";
	struct mgc *mgc = g->mgc;

	/* mit counts in 10 ms (H.248.14). */
	if (mgc->cfg.inactivity_ms)
		snprintf(ito, sizeof(ito), "it/ito{mit=%u}", mgc->cfg.inactivity_ms / 10);
	if (overload && mgc_names_split(&mgc->cfg.names, MGC_OVERLOAD, name, &package, &item))
		snprintf(ocp, sizeof(ocp), "%s%s/%s", ito[0] ? "," : "", package, item);
	if (!ito[0] && !ocp[0])
		return;
	snprintf(text, sizeof(text), "Context=-{Modify=ROOT{Events=%u{%s%s}}}",
		 (unsigned)ROOT_REQUEST, ito, ocp);
	h248_request_text(g->peer, text, ocp[0] ? on_armed : NULL, g, mgc->now);
}

/* One that does not know overload events may still look after us. */
static void on_armed(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct gateway *g = user;
	char why[96];
	unsigned code = outcome == H248_REPLIED ? reply_error(reply, why, sizeof(why)) : 0;

	if (!code)
		return;
	mgc_log(g->mgc, LOG_INFO, "%s: no overload events: %u %s", g->cfg.name, code, why);
	arm(g, false);
}

void notify_arm_root(struct gateway *g)
{
	arm(g, true);
}
