/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transactions of a call's context, from when they are sent to what their ends mean. Whatever an end leaves open is
 * followed: by another transaction, or by an audit of all that the gateway has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

/* ---- what replies mean ---- */

/* Only what was not told apart from a reply yet: gateways that have no room, or take no calls now. */
static bool is_full(unsigned code)
{
	return code == 412 || code == 432 || code == 434 || code == 502 || code == 503 ||
	       code == 510 || code == 511 || code == 526 || code == 529;
}

/* 449: a value that it does not have (H.248.8). Above all that of ipdc/realm: another gateway may be at home in
 * that network. One whose realms are named in the settings is not even asked. */
static bool is_elsewhere(unsigned code)
{
	return code == 449;
}

enum { TOO_LONG = 533 }; /* H.248.8: the response exceeds the transport's PDU */

void attempt_free(struct attempt *a)
{
	for (unsigned i = 0; a && i < a->steps; i++)
		told_clear(&a->step[i].to);
	free(a);
}

struct attempt *attempt_new(struct mgc *mgc, struct context *c)
{
	struct attempt *a = calloc(1, sizeof(*a));

	if (a) {
		a->mgc = mgc;
		a->gateway = c->gateway;
		a->context = c;
	}
	return a;
}

/* The transaction that is out no longer matters to the context. */
void context_let_go(struct context *c)
{
	if (c->attempt)
		c->attempt->context = NULL;
	c->attempt = NULL;
}

/* ---- the Adds that are out at a gateway ---- */

static void add_begins(struct gateway *g, struct attempt *a)
{
	a->add = g->next_add++;
	a->link_add = g->adds_end;
	*g->adds_end = a;
	g->adds_end = &a->next_add;
	g->audit.adds = true;
}

static void add_ends(struct gateway *g, struct attempt *a)
{
	if (!a->link_add)
		return;
	*a->link_add = a->next_add;
	if (a->next_add)
		a->next_add->link_add = a->link_add;
	else
		g->adds_end = a->link_add;
}

static bool adds(const struct attempt *a)
{
	for (unsigned i = 0; i < a->steps; i++)
		if (a->step[i].step == BUILD_ADD || a->step[i].step == BUILD_REPLACE)
			return true;
	return false;
}

/* An error that answers a repetition leaves open what the first copy has done. So does any other end that is no reply. */
static bool leaves_open(const struct attempt *a, enum h248_outcome outcome,
			const struct h248_transaction *reply)
{
	char why[96];

	return outcome != H248_REPLIED ||
	       (h248_channel_repeats(h248_peer_channel(a->gateway->peer)) &&
		reply_error(reply, why, sizeof(why)));
}

/* ---- replies ---- */

static void be_uncertain(struct context *c, const struct attempt *a)
{
	for (unsigned i = 0; i < a->steps; i++)
		c->now[a->step[i].side].uncertain = true;
}

/* What the reply did not tell is still to be done: a reply that left out a command, for one. */
static void replied(struct mgc *mgc, struct context *c, struct attempt *a,
		    const struct h248_transaction *reply, bool open)
{
	struct told was[ALG_SIDES];
	bool moved = false;
	char why[96] = "";
	int code;

	for (int side = 0; side < ALG_SIDES; side++)
		was[side] = c->now[side]; /* to be compared, never followed */
	c->touched = a->gateway->audit.epoch;
	code = reply_take(c, a, reply, why, sizeof(why));
	for (int side = 0; side < ALG_SIDES; side++)
		moved |= memcmp(&was[side], &c->now[side], sizeof(was[side])) != 0;
	if (!code && !moved && a->steps) {
		code = -1;
		snprintf(why, sizeof(why), "the reply is to something else");
	}
	if (!code) {
		if (c->state == CONTEXT_LATE)
			context_step(mgc, c, CONTEXT_DONE);
		else
			context_advance(mgc, c);
		return;
	}
	a->gateway->count.errors++;
	a->gateway->count.last_error = code > 0 ? (unsigned)code : 0;
	context_say(c, code > 0 && is_full((unsigned)code) ? MGC_NO_RESOURCES : MGC_REFUSED,
		    code > 0 ? (unsigned)code : 0, why);
	mgc_log(mgc, LOG_INFO, "%s: context %u: %d %s", a->gateway->cfg.name, c->id, code, why);
	/* What was asked for is done, but the reply did not fit, or it is to something else: what was made is not known
	 * by name. */
	if (code == TOO_LONG || (code < 0 && adds(a)))
		audit_soon(a->gateway);
	if (open)
		be_uncertain(c, a);
	if (!c->fresh && c->id && code > 0 && context_is_denied((unsigned)code) &&
	    context_look(mgc, c)) {
		/* its audit tells */
	} else if (c->fresh && c->state == CONTEXT_WORKING && code > 0 &&
		   (is_full((unsigned)code) || is_elsewhere((unsigned)code))) {
		orders_move_on(mgc, c);
	} else {
		context_step(mgc, c, CONTEXT_ERROR);
	}
}

/* The gateway has restarted, and numbers its contexts anew: nothing may be asked of it by the old number. */
static void is_of_another_life(struct mgc *mgc, struct context *c, struct gateway *g)
{
	context_say(c, MGC_CONTEXT_LOST, 0, "the gateway has restarted");
	context_set_id(c, 0);
	if (c->fresh && c->state == CONTEXT_WORKING) {
		orders_move_on(mgc, c);
		return;
	}
	g->count.contexts_lost++;
	context_step(mgc, c, CONTEXT_LOSS);
}

void context_not_replied(struct mgc *mgc, struct context *c, struct attempt *a,
			 enum h248_outcome outcome)
{
	if (outcome == H248_CANCELLED) {
		is_of_another_life(mgc, c, a->gateway);
		return;
	}
	be_uncertain(c, a);
	context_say(c, MGC_TIMED_OUT, 0, "the gateway did not answer");
	if (c->fresh && c->state == CONTEXT_WORKING)
		orders_move_on(mgc, c);
	else if (c->state != CONTEXT_UNDOING || gateway_is_there(a->gateway))
		context_step(mgc, c, CONTEXT_ERROR);
}

void attempt_replied(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct attempt *a = user;
	struct mgc *mgc = a->mgc;
	struct context *c = a->context;
	bool open = leaves_open(a, outcome, reply);

	add_ends(a->gateway, a);
	if (c)
		c->attempt = NULL;
	if (outcome != H248_REPLIED)
		a->gateway->count.timeouts++;
	/* What it has made, if it has, goes by a name that nobody was told. */
	if (open && adds(a) && !mgc->ending)
		audit_soon(a->gateway);
	if (!c && outcome == H248_REPLIED)
		reply_take_away(a, reply);
	else if (c && outcome == H248_REPLIED)
		replied(mgc, c, a, reply, open);
	else if (c && !mgc->ending)
		context_not_replied(mgc, c, a, outcome);
	attempt_free(a);
}

/* Nobody waits for this Subtract any more, or has not heard what became of it. */
static void follow_subtract(struct gateway *g, enum h248_outcome outcome,
			    const struct h248_transaction *reply)
{
	char why[96] = "no answer";
	unsigned code = outcome == H248_REPLIED ? reply_error(reply, why, sizeof(why)) : 0;

	if (code == 411)
		audit_denied(g, reply);
	else if (code || outcome != H248_REPLIED)
		gateway_look_again(g, code, why);
}

void attempt_ended(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct attempt *a = user;
	struct context *c = a->context;
	struct order *o = c ? c->orders : NULL;
	struct mgc_result r;

	a->gateway->audit.ends = true;
	if (c)
		c->attempt = NULL;
	if (!a->mgc->ending)
		follow_subtract(a->gateway, outcome, reply);
	if (o && outcome == H248_REPLIED) {
		c->error = reply_error(reply, c->why, sizeof(c->why));
		order_result(c, c->error && !context_is_denied(c->error) ? MGC_REFUSED : MGC_OK,
			     &r);
		reply_statistics(reply, c, &r);
		order_tell(order_take(c), &r);
	} else if (c && !a->mgc->ending) {
		context_say(c, MGC_TIMED_OUT, 0, "the gateway did not answer");
		order_finish(c, MGC_TIMED_OUT);
	}
	if (c && !a->mgc->ending)
		context_step(a->mgc, c, outcome == H248_REPLIED ? CONTEXT_DONE : CONTEXT_ERROR);
	attempt_free(a);
}

int attempt_send(struct mgc *mgc, struct context *c, struct attempt *a,
		 const struct h248_action *actions, h248_reply_h done)
{
	struct gateway *g = c->gateway;
	int rc = mgc->arena.overflow ? H248_E_MEMORY
				     : h248_request(g->peer, actions, done, a, mgc->now, NULL);

	explicit_bzero(mgc->arena.base, mgc->arena.used); /* keys */
	h248_arena_reset(&mgc->arena);
	if (rc != H248_OK) {
		mgc_log(mgc, LOG_ERR, "%s: not sent: %s", g->cfg.name, h248_strerror(rc));
		context_say(c, MGC_FAILED, 0, h248_strerror(rc));
		attempt_free(a);
		return -1;
	}
	c->attempt = a;
	c->touched = g->audit.epoch;
	c->step_deadline = mgc->now + mgc->cfg.step_ms;
	g->count.transactions++;
	if (a->makes_context)
		add_begins(g, a);
	return 0;
}
