/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a gateway denies: contexts that it says it does not have, and Subtracts that fail. */
#include <stdio.h>

#include "modules/ims_alg/control/control.h"

bool context_is_denied(unsigned code)
{
	return code == 411 || code == 430 || code == 435;
}

/* The same to an audit: there is none, or no termination in it. */
static bool is_nothing(unsigned code)
{
	return context_is_denied(code) || code == 431;
}

/* ---- Subtracts ---- */

void gateway_look_again(struct gateway *g, unsigned code, const char *why)
{
	mgc_log(g->mgc, LOG_INFO, "%s: a Subtract failed: %u %s", g->cfg.name, code, why);
	audit_soon(g);
}

static void on_subtracted(void *user, enum h248_outcome outcome,
			  const struct h248_transaction *reply)
{
	struct gateway *g = user;
	char why[96] = "no answer";
	unsigned code = outcome == H248_REPLIED ? reply_error(reply, why, sizeof(why)) : 0;

	if (g->mgc->ending)
		return;
	if (code == 411)
		audit_denied(g, reply);
	else if (outcome != H248_REPLIED || code)
		gateway_look_again(g, code, why);
}

void gateway_subtract(struct gateway *g, uint32_t id)
{
	gateway_subtract_termination(g, id, SLICE_LIT("*"));
}

void gateway_subtract_termination(struct gateway *g, uint32_t id, struct slice tid)
{
	char text[64 + H248_TID_MAX];

	snprintf(text, sizeof(text), "Context=%u{W-Subtract=%.*s{Audit{}}}", id, (int)tid.len,
		 tid.p);
	if (!g->peer ||
	    h248_request_text(g->peer, text, on_subtracted, g, g->mgc->now) != H248_OK) {
		audit_soon(g);
		return;
	}
	g->audit.ends = true;
	g->count.transactions++;
}

/* ---- a context that its gateway denies ---- */

static void lose(struct mgc *mgc, struct context *c, bool left)
{
	c->code = MGC_CONTEXT_LOST;
	/* if it has more of it than it says, or of others less */
	audit_soon(c->gateway);
	if (left)
		gateway_subtract(c->gateway, c->id);
	context_step(mgc, c, CONTEXT_LOSS);
}

/* What is to go and is not there was carried out before: its reply was lost. */
static void take_gone(struct context *c, unsigned sides)
{
	for (int side = 0; side < ALG_SIDES; side++)
		if (c->now[side].there && !c->want[side].there && !(sides & 1u << side))
			told_clear(&c->now[side]);
	if (!c->now[ALG_ACCESS].there && !c->now[ALG_CORE].there)
		context_set_id(c, 0);
}

static bool has_all(const struct context *c, unsigned sides)
{
	for (int side = 0; side < ALG_SIDES; side++)
		if (c->now[side].there && !(sides & 1u << side))
			return false;
	return true;
}

static void looked(struct mgc *mgc, struct context *c, struct gateway *g,
		   const struct h248_transaction *reply)
{
	char why[sizeof(c->why)];
	unsigned code = reply_error(reply, why, sizeof(why));
	unsigned sides = code ? 0 : audit_sides(c, reply);

	if (!code || is_nothing(code))
		take_gone(c, sides);
	if (code && !is_nothing(code)) {
		gateway_look_again(g, code, why);
		context_step(mgc, c, CONTEXT_ERROR);
	} else if (!has_all(c, sides)) {
		lose(mgc, c, sides != 0);
	} else if (c->state == CONTEXT_LATE) {
		context_step(mgc, c, CONTEXT_ERROR);
	} else {
		mgc_log(mgc, LOG_NOTICE, "%s: context %u: %s, and %s: it goes on", g->cfg.name,
			c->id, c->why, sides ? "it is there" : "it was to go");
		context_advance(mgc, c);
	}
}

static void on_looked(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct attempt *a = user;
	struct mgc *mgc = a->mgc;
	struct context *c = a->context;

	if (c)
		c->attempt = NULL;
	if (outcome != H248_REPLIED)
		a->gateway->count.timeouts++;
	if (c && outcome == H248_REPLIED)
		looked(mgc, c, a->gateway, reply);
	else if (c && !mgc->ending)
		context_not_replied(mgc, c, a, outcome);
	attempt_free(a);
}

bool context_look(struct mgc *mgc, struct context *c)
{
	struct attempt *a = c->looked || !gateway_is_there(c->gateway) ? NULL : attempt_new(mgc, c);

	if (!a)
		return false;
	c->looked = true;
	if (!audit_context(c->gateway, c->id, on_looked, a)) {
		attempt_free(a);
		return false;
	}
	c->attempt = a;
	return true;
}
