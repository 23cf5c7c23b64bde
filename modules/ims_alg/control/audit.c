/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which contexts does the gateway have, and which do we know? Those that only it has are subtracted, those that only we
 * have are lost. So it is asked after a registration without a restart, when something may be left there, and every so
 * often without a cause. A context that was being made or subtracted meanwhile may look like an orphan; it is one only if
 * it is still unknown when every Add has ended that was out when it was seen first, or if there was nothing of that.
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
	struct suspect *list;
	size_t n, size;
	bool failed;
};

static void put(struct found *f, uint32_t id)
{
	if (f->n == f->size) {
		size_t size = f->size ? f->size * 2 : 64;
		struct suspect *more = reallocarray(f->list, size, sizeof(*more));

		if (!more) {
			f->failed = true;
			return;
		}
		f->list = more;
		f->size = size;
	}
	if (!f->n || f->list[f->n - 1].id != id)
		f->list[f->n++] = (struct suspect){.id = id};
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

/* All of it that we have asked for has been answered, and was before the audit began. */
static bool is_at_rest(const struct gateway *g, const struct context *c)
{
	return c->state == CONTEXT_IDLE && !c->attempt && c->touched != g->audit.epoch;
}

/* The name of one termination, which nothing else may be meant by. */
static bool is_a_name(struct slice tid)
{
	return tid.len && tid.len <= H248_TID_MAX && !h248_tid_is_root(tid) &&
	       !h248_tid_has_all(tid) && !h248_tid_has_choose(tid);
}

/* A termination of a context of ours. One that has another name than its own was made, and its name not told. */
static void read_termination(struct gateway *g, struct context *c, struct slice tid)
{
	saw(c, g->audit.epoch, tid);
	if (!is_a_name(tid) || sides_of(c, tid) || !is_at_rest(g, c))
		return;
	g->count.orphans++;
	mgc_log(g->mgc, LOG_NOTICE, "%s: %.*s in context %u is nobody's: subtracted", g->cfg.name,
		(int)tid.len, tid.p, c->id);
	gateway_subtract_termination(g, c->id, tid);
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
				read_termination(g, c, t->id);
	}
}

static const struct suspect *suspect_of(const struct audit *a, uint32_t id)
{
	for (size_t i = 0; i < a->suspects_n; i++)
		if (a->suspects[i].id == id)
			return &a->suspects[i];
	return NULL;
}

/* It is asked once more, soon, but for so many times only; what remains has time. */
static void ask_again(struct gateway *g, bool remains)
{
	if (g->audit.rounds) {
		g->audit.again_at = g->mgc->now + AGAIN_MS;
	} else if (remains) {
		g->audit.rounds = 1;
		g->audit.again_at = g->mgc->now + SOON_MS;
	}
}

/* The orphans are subtracted; those that may be none are looked at once more, until every Add has ended that may have
 * made them. */
static void take_orphans(struct gateway *g, struct found *unknown)
{
	bool busy = g->audit.adds || g->audit.ends, remains = unknown->failed;
	size_t kept = 0;

	for (size_t i = 0; i < unknown->n; i++) {
		struct suspect s = unknown->list[i];
		const struct suspect *before = suspect_of(&g->audit, s.id);

		s.adds = before ? before->adds : g->next_add;
		if (before ? g->adds && g->adds->add < s.adds : busy) {
			unknown->list[kept++] = s;
			remains |= before != NULL;
			continue;
		}
		g->count.orphans++;
		mgc_log(g->mgc, LOG_NOTICE, "%s: context %u is nobody's: subtracted", g->cfg.name,
			s.id);
		gateway_subtract(g, s.id);
	}
	free(g->audit.suspects);
	g->audit.suspects = unknown->list;
	g->audit.suspects_n = kept;
	if (kept || unknown->failed)
		ask_again(g, remains);
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

/* Each call there would be lost by it, or what is looked for would stay: that there is no context at all is believed at
 * the second time. */
static bool is_to_be_doubted(struct gateway *g, unsigned code)
{
	g->audit.nothing = code && !g->audit.nothing && (has_known(g) || g->audit.left);
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
	if (outcome != H248_REPLIED) {
		/* One that is lost registers again. Of one that is there the answer could not be read. */
		if (gateway_is_there(g) && g->audit.rounds)
			g->audit.again_at = g->mgc->now + SOON_MS;
		return;
	}
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
	g->audit.left = false;
	g->count.comparisons++;
	read_audit(g, reply, &unknown);
	take_losses(g);
	take_orphans(g, &unknown);
}

/* Not for all gateways at once: one interval less up to a quarter of it. */
static void plan_regular(struct gateway *g)
{
	uint32_t interval = g->mgc->cfg.compare_s * 1000;

	g->audit.regular_at = 0;
	if (interval)
		g->audit.regular_at = g->mgc->now + interval - mgc_random(g->mgc) % (interval / 4);
}

static void send_audit(struct gateway *g)
{
	struct asked *asked = malloc(sizeof(*asked));

	g->audit.again_at = 0;
	plan_regular(g);
	g->audit.rounds -= g->audit.rounds > 0;
	if (asked) {
		g->audit.epoch++;
		*asked = (struct asked){g, g->audit.epoch};
		g->audit.adds = g->adds != NULL;
		g->audit.ends = false;
		g->audit.running = h248_request_text(g->peer, "Context=*{AuditValue=*{Audit{}}}",
						     on_audited, asked, g->mgc->now) == H248_OK;
	}
	if (g->audit.running)
		return;
	free(asked);
	if (g->audit.rounds)
		g->audit.again_at = g->mgc->now + SOON_MS;
}

void audit_known(struct gateway *g, uint32_t id)
{
	for (size_t i = 0; i < g->audit.suspects_n; i++)
		if (g->audit.suspects[i].id == id)
			g->audit.suspects[i] = g->audit.suspects[--g->audit.suspects_n];
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
	g->audit.regular_at = 0; /* it begins with the first after its return */
}

void audit_soon(struct gateway *g)
{
	/* What is looked for came after the rounds so far: all of them begin anew. */
	g->audit.rounds = ROUNDS;
	g->audit.left = true;
	if (g->audit.running)
		g->audit.wanted = true;
	else if (!g->audit.again_at)
		g->audit.again_at = g->mgc->now + SOON_MS;
}

int64_t audit_due(const struct gateway *g)
{
	const struct audit *a = &g->audit;

	if (a->running || !gateway_is_there(g))
		return 0;
	return a->again_at ? a->again_at : a->regular_at;
}

void audit_timers(struct gateway *g)
{
	int64_t due = audit_due(g);

	if (!due || g->mgc->now < due)
		return;
	if (!g->audit.again_at)
		g->audit.rounds = ROUNDS;
	send_audit(g);
}
