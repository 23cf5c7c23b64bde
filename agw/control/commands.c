/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions of the MGC: actions and commands in order, wildcards, errors where they belong
 * (H.248.1 8). */
#include <stdlib.h>
#include "h248/check.h"
#include "agw/control/run.h"

enum { MATCHES_MAX = 4096 };

bool run_fail(struct run *r, struct slice tid, unsigned code, const char *text)
{
	struct h248_command *c = h248_new_command(r->a, r->out, r->cmd->kind, tid);

	h248_new_error(r->a, c, code, text);
	if (code < CODES_MAX)
		r->g->errors[code]++;
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
		return run_fail(r, tid, 500, NULL);
	for (t = r->context->terminations; t && n < MATCHES_MAX; t = t->next_in_context)
		if (h248_tid_match(tid, slice_str(t->id)))
			found[n++] = t;
	if (!n && !r->in_all)
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
	static const struct h248_check_options options = {.packages = gateway_packages};
	struct h248_error e = {0};
	bool ok = true;

	r->g->commands[r->cmd->kind]++;
	if (r->cmd->error.code)
		return run_fail(r, r->cmd->tid.id, r->cmd->error.code, NULL);
	if (h248_check_command(r->cmd, context_id, &options, &e)) {
		struct h248_command *c = run_reply(r, r->cmd->tid.id);
		struct h248_descriptor *d = h248_new_error(r->a, c, e.code, NULL);

		if (d && e.text.len)
			d->u.error.text = e.text;
		if (e.code < CODES_MAX)
			r->g->errors[e.code]++;
		return false;
	}
	for (const struct h248_tid *t = &r->cmd->tid; t && ok; t = t->next)
		ok = one_id(r, t->id);
	return ok;
}

/* Priority, emergency, topology of an action (6.1.1). 0 or an error code. */
static unsigned context_properties(struct gateway *g, struct context *c,
				   const struct h248_context_properties *p)
{
	if (p->has_priority)
		c->priority = (uint8_t)(p->priority & 15);
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

static unsigned context_topology(struct context *c, const struct h248_context_properties *p)
{
	for (const struct h248_topology *t = p->topology; t; t = t->next) {
		if (t->direction != H248_ISOLATE && t->direction != H248_BOTHWAY)
			return 522;
		c->isolated = t->direction == H248_ISOLATE;
	}
	if (p->topology)
		context_relink(c);
	return 0;
}

/* A new context if there is room; emergency calls may use the reserve. */
static struct context *choose_context(struct gateway *g, bool emergency, unsigned *code)
{
	size_t limit = g->cfg.contexts_max - (emergency ? 0 : g->cfg.contexts_reserved);
	struct context *c;

	*code = g->draining && !emergency ? 502 : 412;
	if ((g->draining && !emergency) || g->model.n_contexts >= limit)
		return NULL;
	*code = 412;
	c = context_new(&g->model);
	return c;
}

static bool run_in_context(struct gateway *g, const struct h248_action *in, struct h248_action *out,
			   struct context *c, struct h248_arena *a, int64_t now_ms, bool in_all)
{
	uint32_t id = in->context;
	bool ok = true;
	unsigned code = 0;

	if (c && in->properties)
		code = context_properties(g, c, in->properties);
	for (const struct h248_command *cmd = in->commands; cmd && !code; cmd = cmd->next) {
		struct run r = {g, a, out, cmd, c, now_ms, in_all};

		ok = run_command(&r, id) || cmd->optional;
		if (!ok)
			break;
	}
	if (ok && !code && c && in->properties)
		code = context_topology(c, in->properties);
	if (ok && !code && in->error.code)
		code = in->error.code;
	if (code) {
		out->error.code = (uint16_t)code;
		out->error.text = slice_str(h248_error_text(code));
		if (code < CODES_MAX)
			g->errors[code]++;
		ok = false;
	}
	if (c && in->audit) {
		out->properties = h248_alloc(a, sizeof(*out->properties));
		if (out->properties) {
			if (in->audit->what & H248_CA_PRIORITY) {
				out->properties->has_priority = true;
				out->properties->priority = c->priority;
			}
			if (in->audit->what & H248_CA_EMERGENCY && c->emergency)
				out->properties->emergency = H248_ON;
			if (in->audit->what & H248_CA_IEPS)
				out->properties->ieps = c->ieps ? H248_ON : H248_OFF;
		}
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

static void run_in_each(struct context *c, void *arg)
{
	struct all *x = arg;
	const struct h248_command *cmd = x->in->commands;
	struct h248_action *out;

	if (!x->ok)
		return;
	/* A concrete TerminationID with Context=* asks which context it is in (7.2.5). */
	if (cmd && !h248_tid_has_all(cmd->tid.id) && !h248_tid_is_root(cmd->tid.id)) {
		const struct termination *t = termination_find(&x->g->model, cmd->tid.id);

		if (!t || t->context != c)
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

static bool run_action(struct gateway *g, const struct h248_action *in, struct h248_action **list,
		       struct h248_arena *a, int64_t now_ms)
{
	struct h248_action *out;
	struct context *c = NULL;
	unsigned code = 0;
	bool ok;

	if (in->context == H248_CONTEXT_ALL) {
		struct all x = {g, in, list, a, now_ms, true, false, NULL};
		bool root = in->commands && h248_tid_is_root(in->commands->tid.id);

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
		out->error.code = 431;
		out->error.text = slice_str(h248_error_text(431));
		g->errors[431]++;
		return false;
	}
	if (in->context == H248_CONTEXT_CHOOSE) {
		c = choose_context(g, in->properties && in->properties->emergency == H248_ON,
				   &code);
	} else if (in->context != H248_CONTEXT_NULL) {
		c = context_find(&g->model, in->context);
		code = 411;
	}
	out = h248_new_action(a, list, c ? c->id : in->context);
	if (!out)
		return false;
	if (!c && in->context != H248_CONTEXT_NULL) {
		out->error.code = (uint16_t)code;
		out->error.text = slice_str(h248_error_text(code));
		g->errors[code]++;
		return false;
	}
	ok = run_in_context(g, in, out, c, a, now_ms, false);
	if (ok && in->context == H248_CONTEXT_CHOOSE)
		notify_new_call(g, now_ms);
	return ok;
}

void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms)
{
	struct gateway *g = user;
	const struct h248_transaction *t = h248_job_request(job);
	struct h248_arena *a = h248_job_arena(job);
	struct h248_action *list = NULL;
	bool ok = true;

	(void)peer;
	for (const struct h248_action *in = t->actions; in && ok; in = in->next)
		ok = run_action(g, in, &list, a, now_ms);
	if (ok && t->error.code) { /* what could not be read behind the last action */
		struct h248_action *out =
		    h248_new_action(a, &list, list ? list->context : H248_CONTEXT_NULL);

		if (!list || !t->actions) {
			h248_job_reply_error(job, t->error.code, NULL, now_ms);
			return;
		}
		if (out) {
			out->error = t->error;
		}
	}
	if (a->overflow) {
		h248_job_reply_error(job, 533, NULL, now_ms);
		return;
	}
	h248_job_reply(job, list, now_ms);
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
