/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders: from what a call wants to transactions, one after the other, and back when one fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/ims_alg/control/control.h"

static void next_order(struct mgc *mgc, struct context *c);

/* ---- transactions ---- */

static struct h248_action *new_action(struct mgc *mgc, const struct context *c,
				      struct h248_action **list)
{
	const struct alg_media *m = c->orders ? c->orders->wanted : NULL;
	struct h248_action *action =
	    h248_new_action(&mgc->arena, list, c->id ? c->id : H248_CONTEXT_CHOOSE);

	if (!action || c->id || !m || (!m->emergency && !m->priority))
		return action;
	action->properties = h248_alloc(&mgc->arena, sizeof(*action->properties));
	if (action->properties) {
		action->properties->emergency = m->emergency ? H248_ON : H248_UNSET;
		action->properties->has_priority = m->priority != 0;
		action->properties->priority = m->priority & 15;
	}
	return action;
}

/* The steps to what is wanted, in the order of TR 29.828 5.2.1; in one transaction if told so. */
static unsigned plan(const struct context *c, struct attempt_step step[ALG_SIDES])
{
	const struct alg_media *m =
	    c->state == CONTEXT_WORKING && c->orders ? c->orders->wanted : NULL;
	enum alg_side first = m ? m->first : ALG_ACCESS;
	unsigned n = 0;

	for (int i = 0; i < ALG_SIDES && !(n && m && !m->merged); i++) {
		enum alg_side side = i == 0 ? first : alg_other_side(first);
		enum build_step s = build_next(&c->now[side], &c->want[side]);

		if (s != BUILD_NOTHING)
			step[n++] = (struct attempt_step){.side = side, .step = s};
	}
	return n;
}

/* A reply over UDP has its bound, and one command's reply is not cut (H.248.1 8.2, Annex D.1). */
static size_t room_of(const struct mgc *mgc, const struct gateway *g)
{
	enum { IN_A_DATAGRAM = 1000 }; /* for descriptions; the library's replies end at 1400 */

	return mgc->listener[g->cfg.listener].kind == H248_UDP ? IN_A_DATAGRAM : 0;
}

void context_advance(struct mgc *mgc, struct context *c)
{
	struct build_settings settings = {&mgc->cfg.names, mgc->cfg.hang_s, mgc->cfg.stop_s};
	struct attempt_step step[ALG_SIDES];
	struct h248_action *list = NULL, *action;
	unsigned n = plan(c, step);
	struct attempt *a;
	bool bad = false;

	if (!n) {
		context_step(mgc, c, CONTEXT_DONE);
		return;
	}
	if (!c->gateway || !gateway_is_there(c->gateway)) {
		if (c->state == CONTEXT_UNDOING && c->gateway)
			return; /* when it is back, or given up */
		context_say(c, MGC_NO_GATEWAY, 0, "the gateway is not there");
		context_step(mgc, c, CONTEXT_ERROR);
		return;
	}
	a = attempt_new(mgc, c);
	action = a ? new_action(mgc, c, &list) : NULL;
	for (unsigned i = 0; action && i < n; i++) {
		enum alg_side side = step[i].side;

		a->step[a->steps++] = step[i];
		bad |= build_part(&c->now[side], &c->want[side], room_of(mgc, c->gateway),
				  &a->step[i].to) ||
		       build_step(&mgc->arena, action, side, step[i].step, &c->now[side],
				  &a->step[i].to, c->request + (uint32_t)side, &settings) < 0;
	}
	if (!action || bad) {
		context_say(c, MGC_FAILED, 0, bad ? "it cannot be said in H.248" : "no memory");
		h248_arena_reset(&mgc->arena);
		attempt_free(a);
		context_step(mgc, c, CONTEXT_ERROR);
		return;
	}
	a->makes_context = !c->id;
	if (attempt_send(mgc, c, a, list, attempt_replied))
		context_step(mgc, c, CONTEXT_ERROR);
}

static void subtract(struct mgc *mgc, struct context *c)
{
	struct h248_action *list = NULL;
	struct attempt *a = c->id && gateway_is_there(c->gateway) ? attempt_new(mgc, c) : NULL;

	if (a) {
		h248_new_command(&mgc->arena, h248_new_action(&mgc->arena, &list, c->id),
				 H248_SUBTRACT, SLICE_LIT("*"));
		if (attempt_send(mgc, c, a, list, attempt_ended) == 0)
			return;
	}
	if (c->id)
		audit_soon(c->gateway);
	/* Nothing to subtract, or nobody to be asked: the audit after its return finds it. */
	context_say(c, MGC_NO_GATEWAY, 0, "the gateway is not there");
	order_finish(c, c->id ? MGC_NO_GATEWAY : MGC_OK);
	context_step(mgc, c, CONTEXT_DONE);
}

/* ---- gateways ---- */

/* Leave what it may have made there, and look for another gateway. */
void orders_move_on(struct mgc *mgc, struct context *c)
{
	struct gateway *next, *from = c->gateway;
	bool paced;

	context_let_go(c);
	if (from) {
		c->tried |= 1u << from->number;
		if (c->id)
			gateway_subtract(from, c->id);
		for (int side = 0; side < ALG_SIDES; side++)
			told_clear(&c->now[side]);
		context_place(c, NULL);
	}
	next = gateway_choose(mgc, c->orders->wanted, c->tried, &paced);
	if (!next) {
		if (!from)
			context_say(c, MGC_NO_GATEWAY, 0,
				    paced ? "the gateways are overloaded"
					  : "no gateway for these realms");
		context_step(mgc, c, CONTEXT_ERROR);
		return;
	}
	if (from)
		mgc_log(mgc, LOG_INFO, "%s: %s: going on to %s", from->cfg.name, c->why,
			next->cfg.name);
	context_place(c, next);
	c->request = mgc->next_request;
	mgc->next_request = mgc->next_request > INT32_MAX - 4 ? 1 : mgc->next_request + ALG_SIDES;
	context_advance(mgc, c);
}

/* ---- the machine ---- */

static void begin(struct mgc *mgc, struct context *c)
{
	const struct alg_media *m = c->orders->wanted;
	int rc = 0;

	for (int side = 0; side < ALG_SIDES; side++) {
		told_clear(&c->before[side]);
		told_clear(&c->want[side]);
		rc |= told_copy(&c->now[side], &c->before[side]);
		rc |= told_of(m, (enum alg_side)side, &c->want[side]);
	}
	c->tried = 0;
	c->looked = false;
	context_say(c, MGC_OK, 0, "");
	if (rc) {
		context_say(c, MGC_FAILED, 0, "no memory");
		context_step(mgc, c, CONTEXT_ERROR);
	} else if (!c->gateway && (c->want[ALG_ACCESS].there || c->want[ALG_CORE].there)) {
		orders_move_on(mgc, c);
	} else {
		context_advance(mgc, c);
	}
}

/* The order is told of its failure, unless that was done; then back to what was before. */
static void undo(struct mgc *mgc, struct context *c, enum context_state from)
{
	if (from == CONTEXT_WORKING)
		order_finish(c, c->code);
	c->looked = false;
	for (int side = 0; side < ALG_SIDES; side++) {
		told_clear(&c->want[side]);
		c->want[side] = c->before[side];
		memset(&c->before[side], 0, sizeof(c->before[side]));
	}
	context_advance(mgc, c);
}

static void finished(struct mgc *mgc, struct context *c)
{
	c->fresh = false;
	for (int side = 0; side < ALG_SIDES; side++) {
		told_clear(&c->before[side]);
		told_clear(&c->want[side]);
	}
	order_finish_applied(c);
	next_order(mgc, c);
}

static void next_order(struct mgc *mgc, struct context *c)
{
	if (c->state != CONTEXT_IDLE)
		return;
	order_skip_to_release(c);
	if (c->orders) {
		context_step(mgc, c, c->orders->release ? CONTEXT_RELEASE : CONTEXT_APPLY);
	} else if (!c->now[ALG_ACCESS].there && !c->now[ALG_CORE].there) {
		c->state = CONTEXT_GONE; /* nothing at a gateway: nothing to be remembered */
		mgc->kick = true;
	} else {
		context_set_busy(mgc, c, false);
	}
}

void context_gone(struct mgc *mgc, struct context *c)
{
	context_let_go(c);
	context_set_busy(mgc, c, true);
	mgc->kick = true; /* it is freed when nobody holds it any more */
}

void context_step(struct mgc *mgc, struct context *c, enum context_event event)
{
	enum context_state from = c->state;
	struct state_step s = state_step(&context_table, from, event);

	if (!s.allowed) {
		mgc_log(mgc, LOG_ERR, "call %016llx: %s must not happen while %s",
			(unsigned long long)c->call, state_event_name(&context_table, event),
			state_name(&context_table, from));
		return;
	}
	c->state = (enum context_state)s.next;
	switch ((enum context_action)s.action) {
	case CONTEXT_BEGIN:
		begin(mgc, c);
		break;
	case CONTEXT_SUBTRACT:
		c->orders->deadline = mgc->now + mgc->cfg.order_ms;
		subtract(mgc, c);
		break;
	case CONTEXT_FINISH:
		if (from == CONTEXT_ENDING) {
			order_finish_all(c);
			context_gone(mgc, c);
		} else {
			finished(mgc, c);
		}
		break;
	case CONTEXT_GIVE_UP:
		order_finish(c, c->code);
		break;
	case CONTEXT_UNDO:
		undo(mgc, c, from);
		break;
	case CONTEXT_NEXT:
		next_order(mgc, c);
		break;
	case CONTEXT_ABANDON:
		if (c->id)
			gateway_subtract(c->gateway, c->id);
		/* fall through */
	case CONTEXT_TELL_LOSS:
		if (!c->fresh)
			mgc_tell(mgc, MGC_EV_CONTEXT_LOST, c->gateway, c->call, ALG_ACCESS, 0,
				 c->why);
		order_finish_all(c);
		context_gone(mgc, c);
		break;
	default:
		break;
	}
}

/* ---- time ---- */

/* Is there anybody else whom this order could go to? */
static bool has_other(struct mgc *mgc, const struct context *c)
{
	bool paced;

	return gateway_choose(mgc, c->orders->wanted, c->tried | 1u << c->gateway->number,
			      &paced) != NULL;
}

static void look_at(struct mgc *mgc, struct context *c)
{
	bool over = c->orders && mgc->now >= c->orders->deadline;

	if (c->state == CONTEXT_IDLE) {
		next_order(mgc, c);
	} else if (c->state == CONTEXT_ENDING && over) {
		context_say(c, MGC_TIMED_OUT, 0, "the gateway did not answer in time");
		order_finish(c, MGC_TIMED_OUT);
		audit_soon(c->gateway);
		context_step(mgc, c, CONTEXT_DEADLINE);
	} else if (c->state == CONTEXT_WORKING && over) {
		context_say(c, MGC_TIMED_OUT, 0, "the gateway did not answer in time");
		if (!c->fresh) {
			context_step(mgc, c, CONTEXT_DEADLINE);
			return;
		}
		/* Nothing of it is kept: what may still be made is taken away when it is told. */
		c->tried = UINT32_MAX;
		orders_move_on(mgc, c);
	} else if (c->state == CONTEXT_WORKING && c->fresh && c->attempt &&
		   mgc->now >= c->step_deadline && has_other(mgc, c)) {
		context_say(c, MGC_TIMED_OUT, 0, "no answer in time");
		orders_move_on(mgc, c);
	} else if (c->state == CONTEXT_UNDOING || c->state == CONTEXT_LATE) {
		/* A release waits: T-MAX ends the transaction that is out. */
		if (over && c->orders->release)
			c->orders->deadline = mgc->now + mgc->cfg.order_ms;
		else if (over)
			order_finish(c, MGC_TIMED_OUT);
		if (c->state == CONTEXT_UNDOING && !c->attempt)
			context_advance(mgc, c); /* its gateway is back, perhaps */
	}
}

void context_timers(struct mgc *mgc)
{
	struct context *next;

	mgc->kick = false;
	orders_drop_instant(mgc);
	for (struct context *c = mgc->busy; c; c = next) {
		next = c->next_busy;
		look_at(mgc, c);
	}
	for (struct context *c = mgc->busy; c; c = next) {
		next = c->next_busy;
		if (c->state == CONTEXT_GONE)
			context_free(mgc, c);
	}
}

static int64_t until(int64_t at, int64_t now, int64_t wait)
{
	int64_t left = at > now ? at - now : 0;

	return wait < 0 || left < wait ? left : wait;
}

int64_t context_timeout(const struct mgc *mgc, int64_t now_ms)
{
	int64_t wait = -1;

	if (mgc->kick)
		return 0;
	for (const struct context *c = mgc->busy; c; c = c->next_busy) {
		if (c->orders)
			wait = until(c->orders->deadline, now_ms, wait);
		/* Past it and nobody else there: the deadline of the order is next. */
		if (c->attempt && c->fresh && c->step_deadline > mgc->now)
			wait = until(c->step_deadline, now_ms, wait);
	}
	return wait;
}
