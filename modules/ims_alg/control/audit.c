/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After a registration without a restart: which contexts does the gateway have, and which do we know?
 * Those that only it has are subtracted, those that only we have are lost. A context that was being
 * made meanwhile may look like an orphan; it is one only if it is unknown in two audits in a row, or
 * if nothing was being made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

enum { AGAIN_MS = 500, SOON_MS = 5000, ROUNDS = 6 };

static void send_audit(struct gateway *g);

struct asked {
	struct gateway *gateway;
	uint32_t epoch;
};

struct found {
	uint32_t *ids;
	size_t n, size;
	bool failed;
};

static void put(struct found *f, uint32_t id)
{
	if (f->n == f->size) {
		size_t size = f->size ? f->size * 2 : 64;
		uint32_t *more = reallocarray(f->ids, size, sizeof(*more));

		if (!more) {
			f->failed = true;
			return;
		}
		f->ids = more;
		f->size = size;
	}
	if (!f->n || f->ids[f->n - 1] != id)
		f->ids[f->n++] = id;
}

/* The bit of its termination of this name; 0: none. */
static unsigned sides_of(const struct context *c, struct slice tid)
{
	unsigned sides = 0;

	for (int side = 0; side < ALG_SIDES; side++)
		if (slice_eq_nocase(tid, slice_str(c->now[side].tid)))
			sides |= 1u << side;
	return sides;
}

static void saw(struct context *c, uint32_t epoch, struct slice tid)
{
	if (c->seen != epoch) {
		c->seen = epoch;
		c->seen_sides = 0;
	}
	c->seen_sides |= sides_of(c, tid);
}

/* Mark what we know; the rest goes to *unknown. */
static void read_audit(struct gateway *g, const struct h248_transaction *reply,
		       struct found *unknown)
{
	for (const struct h248_action *a = reply->actions; a; a = a->next) {
		struct context *c = context_find_id(g, a->context);

		if (a->error.code || a->context == H248_CONTEXT_NULL ||
		    a->context >= H248_CONTEXT_CHOOSE || !a->commands)
			continue;
		if (!c)
			put(unknown, a->context);
		for (const struct h248_command *cmd = a->commands; c && cmd; cmd = cmd->next)
			for (const struct h248_tid *t = &cmd->tid; t; t = t->next)
				saw(c, g->audit.epoch, t->id);
	}
}

static bool was_suspect(const struct audit *a, uint32_t id)
{
	for (size_t i = 0; i < a->suspects_n; i++)
		if (a->suspects[i] == id)
			return true;
	return false;
}

/* The orphans are subtracted; those that may be none are looked at once more. */
static void take_orphans(struct gateway *g, struct found *unknown)
{
	size_t kept = 0;

	for (size_t i = 0; i < unknown->n; i++) {
		uint32_t id = unknown->ids[i];

		if (g->audit.adds && !was_suspect(&g->audit, id)) {
			unknown->ids[kept++] = id;
			continue;
		}
		g->count.orphans++;
		mgc_log(g->mgc, LOG_NOTICE, "%s: context %u is nobody's: subtracted", g->cfg.name,
			id);
		gateway_subtract(g, id);
	}
	free(g->audit.suspects);
	g->audit.suspects = unknown->ids;
	g->audit.suspects_n = kept;
	if ((kept || unknown->failed) && g->audit.rounds)
		g->audit.again_at = g->mgc->now + AGAIN_MS;
}

static bool has_known(const struct gateway *g)
{
	for (const struct context *c = g->contexts; c; c = c->next_here)
		if (c->id && c->state != CONTEXT_GONE)
			return true;
	return false;
}

static bool is_lost(const struct gateway *g, const struct context *c)
{
	unsigned known = 0;

	if (!c->id || c->attempt || c->state == CONTEXT_GONE)
		return false;
	if (c->seen == g->audit.epoch)
		known |= c->seen_sides;
	if (c->made == g->audit.epoch)
		known |= c->made_sides;
	for (int side = 0; side < ALG_SIDES; side++)
		if (c->now[side].there && !(known & 1u << side))
			return true;
	return false;
}

static void take_losses(struct gateway *g)
{
	struct context *next;

	for (struct context *c = g->contexts; c; c = next) {
		next = c->next_here;
		if (!is_lost(g, c))
			continue;
		g->count.contexts_lost++;
		strcpy(c->why, "the gateway has lost it");
		if (c->seen == g->audit.epoch)
			gateway_subtract(g, c->id);
		context_step(g->mgc, c, CONTEXT_LOSS);
	}
}

/* Each call there would be lost by it: that there is no context at all is believed at the second time. */
static bool is_to_be_doubted(struct gateway *g, unsigned code)
{
	g->audit.nothing = code && !g->audit.nothing && has_known(g);
	if (!g->audit.nothing)
		return false;
	if (!g->audit.rounds)
		g->audit.rounds = 1;
	g->audit.again_at = g->mgc->now + AGAIN_MS;
	return true;
}

static void on_audited(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct asked *asked = user;
	struct gateway *g = asked->gateway;
	struct found unknown = {0};
	unsigned code;
	char why[96];

	if (asked->epoch != g->audit.epoch || !g->audit.running) {
		free(asked);
		return; /* another has taken its place */
	}
	free(asked);
	g->audit.running = false;
	if (outcome != H248_REPLIED)
		return; /* it will register again */
	if (g->audit.wanted) {
		g->audit.wanted = false;
		g->audit.again_at = g->mgc->now + AGAIN_MS;
	}
	code = reply_error(reply, why, sizeof(why));
	if (code && code != 431 && code != 411) {
		mgc_log(g->mgc, LOG_ERR, "%s: its contexts cannot be compared with ours: %u %s",
			g->cfg.name, code, why);
		if (g->audit.rounds)
			g->audit.again_at = g->mgc->now + SOON_MS;
		return;
	}
	if (is_to_be_doubted(g, code))
		return;
	read_audit(g, reply, &unknown);
	take_losses(g);
	take_orphans(g, &unknown);
}

static void send_audit(struct gateway *g)
{
	struct asked *asked = malloc(sizeof(*asked));

	g->audit.again_at = 0;
	if (!asked)
		return;
	g->audit.rounds--;
	g->audit.epoch++;
	*asked = (struct asked){g, g->audit.epoch};
	g->audit.adds = g->adding > 0;
	g->audit.running = h248_request_text(g->peer, "Context=*{AuditValue=*{Audit{}}}",
					     on_audited, asked, g->mgc->now) == H248_OK;
	if (!g->audit.running)
		free(asked);
}

void audit_made(struct context *c, enum alg_side side)
{
	uint32_t epoch = c->gateway->audit.epoch;

	if (c->made != epoch) {
		c->made = epoch;
		c->made_sides = 0;
	}
	c->made_sides |= 1u << side;
}

/* ---- one context ---- */

bool audit_context(struct gateway *g, uint32_t id, h248_reply_h done, void *user)
{
	char text[64];

	snprintf(text, sizeof(text), "Context=%u{AuditValue=*{Audit{}}}", id);
	if (!g->peer || h248_request_text(g->peer, text, done, user, g->mgc->now) != H248_OK)
		return false;
	g->count.transactions++;
	return true;
}

unsigned audit_sides(const struct context *c, const struct h248_transaction *reply)
{
	unsigned sides = 0;

	for (const struct h248_action *a = reply->actions; a; a = a->next)
		for (const struct h248_command *cmd = a->context == c->id ? a->commands : NULL; cmd;
		     cmd = cmd->next)
			for (const struct h248_tid *t = &cmd->tid; t; t = t->next)
				sides |= sides_of(c, t->id);
	return sides;
}

static void on_denied_audited(void *user, enum h248_outcome outcome,
			      const struct h248_transaction *reply)
{
	struct gateway *g = user;
	char why[96];

	if (!g->mgc->ending && outcome == H248_REPLIED && !reply_error(reply, why, sizeof(why)))
		audit_soon(g);
}

void audit_denied(struct gateway *g, const struct h248_transaction *reply)
{
	const struct h248_action *a = reply->actions;

	/* Without its number nothing less than all can be asked for. */
	if (!a || a->context == H248_CONTEXT_NULL || a->context >= H248_CONTEXT_CHOOSE)
		audit_soon(g);
	else if (!audit_context(g, a->context, on_denied_audited, g))
		audit_soon(g);
}

/* ---- all of them ---- */

void audit_start(struct gateway *g)
{
	audit_stop(g);
	g->audit.rounds = ROUNDS;
	if (g->peer)
		send_audit(g);
}

void audit_stop(struct gateway *g)
{
	free(g->audit.suspects);
	g->audit.suspects = NULL;
	g->audit.suspects_n = 0;
	g->audit.running = false;
	g->audit.wanted = false;
	g->audit.nothing = false;
	g->audit.again_at = 0;
}

void audit_soon(struct gateway *g)
{
	/* What is looked for came after the rounds so far: all of them begin anew. */
	g->audit.rounds = ROUNDS;
	if (g->audit.running)
		g->audit.wanted = true;
	else if (!g->audit.again_at)
		g->audit.again_at = g->mgc->now + SOON_MS;
}

void audit_timers(struct gateway *g)
{
	if (g->audit.again_at && g->mgc->now >= g->audit.again_at && gateway_is_there(g))
		send_audit(g);
}
