/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions of the MGC: actions and commands in order, wildcards, errors where they belong
 * (H.248.1 8). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agw/control/items.h"
#include "agw/control/run.h"

enum { MATCHES_MAX = 4096 };

/* Count and log it: an operator finds here why a controller's calls fail. */
static void refused(struct gateway *g, uint32_t context, const char *what, struct slice tid,
		    unsigned code, const char *text)
{
	char where[12];

	if (code < CODES_MAX)
		g->errors[code]++;
	snprintf(where, sizeof(where), "%u", context);
	log_line(LOG_INFO, "refused: context %s %s %.*s: %u %s",
		 context == H248_CONTEXT_NULL	  ? "-"
		 : context == H248_CONTEXT_CHOOSE ? "$"
		 : context == H248_CONTEXT_ALL	  ? "*"
						  : where,
		 what, (int)tid.len, tid.len ? tid.p : "", code,
		 text ? text : h248_error_text(code));
}

bool run_fail(struct run *r, struct slice tid, unsigned code, const char *text)
{
	struct h248_command *c = h248_new_command(r->a, r->out, r->cmd->kind, tid);

	h248_new_error(r->a, c, code, text);
	refused(r->g, r->context ? r->context->id : H248_CONTEXT_NULL,
		h248_command_name(r->cmd->kind), tid, code, text);
	return false;
}

struct h248_command *run_reply(struct run *r, struct slice tid)
{
	return h248_new_command(r->a, r->out, r->cmd->kind, tid);
}

const struct h248_audit_item *run_audit(const struct run *r, bool *given)
{
	const struct h248_descriptor *d = h248_descriptor_find(r->cmd, H248_D_AUDIT);

	*given = d != NULL;
	return d ? d->u.audit : NULL;
}

/* ---- wildcards, lists, order ---- */

static bool one_id(struct run *r, struct slice tid)
{
	struct termination **found, *t;
	size_t n = 0;
	bool ok = true;

	if (h248_tid_is_root(tid))
		return run_on_root(r);
	if (r->cmd->kind == H248_ADD)
		return run_add(r, tid);
	if (!h248_tid_has_all(tid)) {
		t = termination_find(&r->g->model, tid);
		if (!t)
			return run_fail(r, tid, 430, NULL);
		if (r->cmd->kind != H248_MOVE && t->context != r->context)
			return run_fail(r, tid, r->context ? 435 : 430, NULL);
		return run_on_termination(r, t);
	}
	if (!r->context)
		return run_fail(r, tid, 431, NULL);
	found = calloc(MATCHES_MAX, sizeof(*found));
	if (!found)
		return run_fail(r, tid, 510, NULL);
	for (t = r->context->terminations; t && n < MATCHES_MAX; t = t->next_in_context)
		if (h248_tid_match(tid, slice_str(t->id)))
			found[n++] = t;
	if (!n && !r->in_all && !r->any_context)
		ok = run_fail(r, tid, 431, NULL);
	for (size_t i = 0; i < n; i++)
		ok &= run_on_termination(r, found[i]);
	if (n && ok && r->cmd->wildcard_response && r->cmd->kind == H248_SUBTRACT && !r->in_all)
		run_reply(r, tid);
	free(found);
	return ok;
}

static bool run_command(struct run *r, uint32_t context_id)
{
	struct h248_error e = {0};
	const char *why = NULL;
	unsigned code;
	bool ok = true;

	r->g->commands[r->cmd->kind]++;
	if (r->cmd->error.code)
		return run_fail(r, r->cmd->tid.id, r->cmd->error.code, NULL);
	if (h248_check_command(r->cmd, context_id, items_options(), &e)) {
		char text[96];

		/* The texts of the check are static; those of a command that could not be read are
		 * not terminated. */
		snprintf(text, sizeof(text), "%.*s", (int)e.text.len, e.text.len ? e.text.p : "");
		return run_fail(r, r->cmd->tid.id, e.code,
				text[0] ? h248_copy(r->a, slice_make(text, strlen(text) + 1)).p
					: NULL);
	}
	code = items_refuse(r->cmd, h248_tid_is_root(r->cmd->tid.id), &why);
	if (code)
		return run_fail(r, r->cmd->tid.id, code, why);
	for (const struct h248_tid *t = &r->cmd->tid; t && ok; t = t->next)
		ok = one_id(r, t->id);
	return ok;
}

/* ---- the context of an action: its properties and what is asked of them (6.1.1) ---- */

static unsigned take_properties(struct gateway *g, struct context *c,
				const struct h248_context_properties *p, const char **why)
{
	unsigned code;

	if (!p)
		return 0;
	if (!c)
		return 421; /* the null context has none */
	code = items_refuse_context(p, why);
	if (code)
		return code;
	if (p->has_priority)
		c->priority = (uint8_t)p->priority;
	if (p->emergency) {
		bool on = p->emergency == H248_ON;

		g->model.n_emergency += on && !c->emergency;
		g->model.n_emergency -= !on && c->emergency;
		c->emergency = on;
	}
	if (p->ieps)
		c->ieps = p->ieps == H248_ON;
	return 0;
}

static bool names_termination(const struct context *c, struct slice tid)
{
	for (const struct termination *t = c->terminations; t; t = t->next_in_context)
		if (h248_tid_match(tid, slice_str(t->id)))
			return true;
	return false;
}

static bool is_all(struct slice tid)
{
	return slice_eq(tid, SLICE_LIT("*"));
}

/* After the commands: it may name terminations that they have added. A context is isolated as a
 * whole, so a pair out of more than two terminations cannot be. */
static unsigned take_topology(struct context *c, const struct h248_topology *list, const char **why)
{
	for (const struct h248_topology *t = list; t; t = t->next) {
		if (!names_termination(c, t->a) || !names_termination(c, t->b))
			return 430;
		if (c->n_terminations > 2 && !(is_all(t->a) && is_all(t->b))) {
			*why = "a pair out of more than two";
			return 522;
		}
		c->isolated = t->direction == H248_ISOLATE;
	}
	if (list)
		context_relink(c);
	return 0;
}

static void put_topology(const struct context *c, struct h248_arena *a,
			 struct h248_context_properties *out)
{
	struct h248_topology **tail = &out->topology;

	for (const struct termination *t = c->terminations; t; t = t->next_in_context)
		for (const struct termination *o = t->next_in_context; o; o = o->next_in_context) {
			*tail = h248_alloc(a, sizeof(**tail));
			if (!*tail)
				return;
			(*tail)->a = h248_copy(a, slice_str(t->id));
			(*tail)->b = h248_copy(a, slice_str(o->id));
			(*tail)->direction = c->isolated ? H248_ISOLATE : H248_BOTHWAY;
			tail = &(*tail)->next;
		}
}

static unsigned put_audit(const struct context *c, const struct h248_context_audit *audit,
			  struct h248_arena *a, struct h248_action *out, const char **why)
{
	if (audit->select || audit->attributes) {
		*why = audit->select ? "ContextAudit selection" : "ContextAttribute";
		return audit->select ? 501 : 445;
	}
	out->properties = h248_alloc(a, sizeof(*out->properties));
	if (!out->properties)
		return 0;
	if (audit->what & H248_CA_TOPOLOGY)
		put_topology(c, a, out->properties);
	if (audit->what & H248_CA_PRIORITY) {
		out->properties->has_priority = true;
		out->properties->priority = c->priority;
	}
	if (audit->what & H248_CA_EMERGENCY && c->emergency)
		out->properties->emergency = H248_ON;
	if (audit->what & H248_CA_IEPS)
		out->properties->ieps = c->ieps ? H248_ON : H248_OFF;
	return 0;
}

/* ---- actions ---- */

/* A new context if there is room; emergency calls may use the reserve. */
static struct context *choose_context(struct gateway *g, bool emergency, unsigned *code)
{
	size_t limit = g->cfg.contexts_max - (emergency ? 0 : g->cfg.contexts_reserved);
	struct context *c;

	*code = g->draining && !emergency ? 502 : 412;
	if ((g->draining && !emergency) || g->model.n_contexts >= limit)
		return NULL;
	*code = 412;
	if (!limits_have(&g->limits, 1, emergency)) /* it could have no stream */
		return NULL;
	c = context_new(&g->model);
	return c;
}

static void action_error(struct gateway *g, struct h248_action *out, unsigned code, const char *why)
{
	out->error.code = (uint16_t)code;
	out->error.text = slice_str(why ? why : h248_error_text(code));
	refused(g, out->context, "as a whole", SLICE_NULL, code, why);
}

static bool run_in_context(struct gateway *g, const struct h248_action *in, struct h248_action *out,
			   struct context *c, struct h248_arena *a, int64_t now_ms, bool in_all)
{
	uint32_t id = in->context;
	const char *why = NULL;
	bool ok = true;
	unsigned code = take_properties(g, c, in->properties, &why);

	for (const struct h248_command *cmd = in->commands; cmd && !code; cmd = cmd->next) {
		struct run r = {g, a, out, cmd, c, now_ms, in_all, id == H248_CONTEXT_ALL};

		ok = run_command(&r, id) || cmd->optional;
		if (!ok)
			break;
	}
	if (ok && !code && c && in->properties) {
		code = take_topology(c, in->properties->topology, &why);
		g->touched |= in->properties->topology != NULL;
	}
	if (ok && !code && in->error.code)
		code = in->error.code;
	if (c && in->audit && !code)
		code = put_audit(c, in->audit, a, out, &why);
	if (code) {
		action_error(g, out, code, why);
		ok = false;
	}
	if (c && !c->n_terminations) {
		if (id == H248_CONTEXT_CHOOSE) /* it never came to be */
			out->context = H248_CONTEXT_CHOOSE;
		context_free(&g->model, c);
	}
	return ok;
}

struct all {
	struct gateway *g;
	const struct h248_action *in;
	struct h248_action **list;
	struct h248_arena *a;
	int64_t now_ms;
	bool ok, any;
	struct h248_action
	    *one; /* the answer for all of them, when the command wants a single one */
};

enum { SPILL = 16384 };

/* Nothing but audits, which may be carried out again when the answer needs more room. */
static bool only_asks(const struct h248_action *actions)
{
	for (const struct h248_action *a = actions; a; a = a->next) {
		if (a->properties)
			return false;
		for (const struct h248_command *c = a->commands; c; c = c->next)
			if (c->kind != H248_AUDIT_VALUE && c->kind != H248_AUDIT_CAPABILITY)
				return false;
	}
	return true;
}

/* Does an action on all contexts have anything to do in this one? A concrete TerminationID asks which
 * context it is in (7.2.5). */
static bool concerns(const struct h248_action *in, const struct context *c)
{
	if (!in->commands)
		return true;
	for (const struct h248_command *cmd = in->commands; cmd; cmd = cmd->next)
		for (const struct h248_tid *t = &cmd->tid; t; t = t->next)
			if (names_termination(c, t->id))
				return true;
	return false;
}

static void run_in_each(struct context *c, void *arg)
{
	struct all *x = arg;
	struct h248_action *out;

	if (!x->ok || !concerns(x->in, c))
		return;
	if (x->a->overflow && only_asks(x->in)) { /* it is asked again with more room */
		x->ok = false;
		return;
	}
	x->any = true;
	if (x->one) {
		x->ok = run_in_context(x->g, x->in, x->one, c, x->a, x->now_ms, true);
		return;
	}
	out = h248_new_action(x->a, x->list, c->id);
	if (out && !x->a->overflow) {
		x->ok = run_in_context(x->g, x->in, out, c, x->a, x->now_ms, false);
	} else { /* the answer has become too long to send (533), but what was asked for is done */
		char memory[SPILL];
		struct h248_arena spill;
		struct h248_action *lost = NULL;

		h248_arena_init(&spill, memory, sizeof(memory));
		out = h248_new_action(&spill, &lost, c->id);
		x->ok = run_in_context(x->g, x->in, out, c, &spill, x->now_ms, false);
	}
}

/* Only commands that want one answer (W-): then Context=* gets one too. */
static bool wants_one(const struct h248_action *in)
{
	for (const struct h248_command *c = in->commands; c; c = c->next)
		if (!c->wildcard_response || c->kind != H248_SUBTRACT ||
		    !h248_tid_has_all(c->tid.id))
			return false;
	return in->commands != NULL;
}

static bool run_in_all(struct gateway *g, const struct h248_action *in, struct h248_action **list,
		       struct h248_arena *a, int64_t now_ms)
{
	struct all x = {g, in, list, a, now_ms, true, false, NULL};
	bool root = in->commands && h248_tid_is_root(in->commands->tid.id);
	struct h248_action *out;

	if (wants_one(in) && g->model.n_contexts)
		x.one = h248_new_action(a, list, H248_CONTEXT_ALL);
	model_each_context(&g->model, run_in_each, &x);
	if (x.one && x.ok)
		for (const struct h248_command *cmd = in->commands; cmd; cmd = cmd->next)
			h248_new_command(a, x.one, cmd->kind, cmd->tid.id);
	if (x.any || !in->commands)
		return x.ok;
	out = h248_new_action(a, list, root ? H248_CONTEXT_NULL : in->context);
	if (!out)
		return false;
	if (root)
		return run_in_context(g, in, out, NULL, a, now_ms, false);
	action_error(g, out, 431, NULL);
	return false;
}

static bool run_action(struct gateway *g, const struct h248_action *in, struct h248_action **list,
		       struct h248_arena *a, int64_t now_ms)
{
	struct h248_action *out;
	struct context *c = NULL;
	unsigned code = 411;
	bool ok;

	if (in->context == H248_CONTEXT_ALL)
		return run_in_all(g, in, list, a, now_ms);
	if (in->context == H248_CONTEXT_CHOOSE)
		c = choose_context(g, in->properties && in->properties->emergency == H248_ON,
				   &code);
	else if (in->context != H248_CONTEXT_NULL)
		c = context_find(&g->model, in->context);
	out = h248_new_action(a, list, c ? c->id : in->context);
	if (!out)
		return false;
	if (!c && in->context != H248_CONTEXT_NULL) {
		action_error(g, out, code, NULL);
		return false;
	}
	ok = run_in_context(g, in, out, c, a, now_ms, false);
	if (ok && in->context == H248_CONTEXT_CHOOSE)
		notify_new_call(g, now_ms);
	return ok;
}

bool gateway_run_actions(struct gateway *g, const struct h248_action *actions, struct h248_arena *a,
			 struct h248_action **list, int64_t now_ms)
{
	bool ok = true;

	*list = NULL;
	for (const struct h248_action *in = actions; in && ok; in = in->next)
		ok = run_action(g, in, list, a, now_ms);
	return ok;
}

/* Has the media plane done all that was asked of it up to the mark? */
static bool mark_reached(void *user, uint64_t mark)
{
	const struct gateway *g = user;

	return media_reached(g->media, mark);
}

void gateway_release_replies(struct gateway *g, int64_t now_ms)
{
	g->replies_wait = h248_entity_release(g->entity, mark_reached, g, now_ms);
}

/* What the reply says has to be so when the controller reads it: where the media plane was asked
 * for something, the reply waits for it. */
static void answer(struct gateway *g, struct h248_job *job, const struct h248_action *list,
		   int64_t now_ms)
{
	if (!g->touched) {
		h248_job_reply(job, list, now_ms);
		return;
	}
	h248_job_reply_later(job, list, media_mark(g->media));
	g->replies_wait = true;
}

void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms)
{
	struct gateway *g = user;
	const struct h248_transaction *t = h248_job_request(job);
	struct h248_arena *a = h248_job_arena(job);
	struct h248_action *list;
	bool ok;

	(void)peer;
	g->touched = false;
	ok = gateway_run_actions(g, t->actions, a, &list, now_ms);
	while (a->overflow && only_asks(t->actions) && h248_job_arena_grow(job) == H248_OK)
		ok = gateway_run_actions(g, t->actions, a, &list, now_ms);
	if (ok && t->error.code) { /* what could not be read behind the last action */
		struct h248_action *out =
		    h248_new_action(a, &list, list ? list->context : H248_CONTEXT_NULL);

		if (!list || !t->actions) {
			h248_job_reply_error(job, t->error.code, NULL, now_ms);
			return;
		}
		if (out)
			out->error = t->error;
	}
	if (a->overflow)
		h248_job_reply_error(job, 533, NULL, now_ms);
	else
		answer(g, job, list, now_ms);
}

static void clear_context(struct context *c, void *arg)
{
	struct gateway *g = arg;

	while (c->terminations)
		termination_free(&g->model, c->terminations);
	context_free(&g->model, c);
}

void gateway_clear(struct gateway *g)
{
	model_each_context(&g->model, clear_context, g);
}
