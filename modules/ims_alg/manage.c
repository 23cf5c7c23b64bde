/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alg_manage() and its like: what a message means for its call, and how it goes on. */
#include "modules/ims_alg/message.h"

/* ---- the owner's work ---- */

/* Ask the gateway, and let the message wait for it. False: it cannot. */
static bool ask_gateway(sip_msg_t *msg, struct alg_entry *e, const struct alg_outline *o,
			struct alg_leg_work *w)
{
	static struct alg_media want;
	struct alg_order *order;
	struct alg_held *h;

	alg_leg_want(&e->leg, w, &want);
	order = alg_order_new(e->id, &want);
	alg_media_wipe(&want);
	h = order ? alg_hold(msg, e->id) : NULL;
	if (!h) {
		alg_order_free(order);
		counter_inc(alg_counters.overflows);
		return false;
	}
	h->work = *w;
	h->initial = o->m.initial;
	h->request_from_caller = o->m.code ? !o->m.from_caller : o->m.from_caller;
	order->held = h;
	alg_order_post(order);
	return true;
}

/* A request of the phone tells where it is now; one to it, where it went. */
static void note_phone(sip_msg_t *msg, struct alg_entry *e, const struct alg_outline *o)
{
	flow_id_t flow;

	if (o->m.code || (alg_flow.by_received(msg, &flow) != FLOW_API_OK &&
			  alg_flow.by_routed(msg, &flow) != FLOW_API_OK))
		return;
	if (flow != e->flow)
		alg_phone_read(msg, flow, e);
}

static void hear(sip_msg_t *msg, struct alg_entry *e, const struct alg_outline *o)
{
	e->heard_ms = kam_now_ms();
	alg_party_heard(e, msg, &o->m);
	note_phone(msg, e, o);
	if (o->m.method == ALG_ACK && e->hang_up == ALG_HANG_UP_AFTER_ACK)
		e->hang_up = ALG_HANG_UP_NOW;
}

/* *passed_on: the call belongs to what waits. */
static int work_on(sip_msg_t *msg, struct alg_entry *e, struct alg_outline *o, bool *passed_on)
{
	struct alg_leg_with with;
	struct alg_leg_work w;

	hear(msg, e, o);
	alg_with(e, &with);
	alg_leg_message(&e->leg, &with, &o->m, o->sdp, &w);
	alg_tell_story(e, &w);
	if (w.todo == ALG_LEG_WAIT) {
		if (ask_gateway(msg, e, o, &w)) {
			*passed_on = true;
			return o->m.code ? alg_swallow(msg) : ALG_ENDS;
		}
		alg_note_end(e, 503, "too many messages wait");
		alg_leg_done(&e->leg, &with, NULL, &w);
		alg_tell_story(e, &w);
	}
	alg_after(e, &w);
	return alg_finish(msg, e, o, &w);
}

/* Its call has ended and is forgotten. What it describes has addresses and keys, and nobody to change them. */
static int of_gone_call(sip_msg_t *msg, struct alg_outline *o)
{
	if (!o->sdp)
		return ALG_GO_ON;
	if (!o->m.code && o->m.method != ALG_ACK)
		return alg_answer(msg, 488, "the call is not known here");
	return alg_outline_cut(msg, o) ? (o->m.code ? alg_swallow(msg) : ALG_ANSWERED) : ALG_GO_ON;
}

/* What has waited for the message before it. */
static int go_on(sip_msg_t *msg, struct alg_outline *o, struct alg_held *h)
{
	struct alg_entry *e = alg_calls_mine(h->call);

	h->used = true;
	/* It was kept as it came. */
	if (o->body < 0 && alg_outline_cut(msg, o))
		return o->m.code ? alg_swallow(msg) : ALG_ANSWERED;
	if (!e)
		return of_gone_call(msg, o);
	o->m.initial = h->initial;
	alg_outline_set_caller(o, h->request_from_caller);
	return h->done ? alg_finish(msg, e, o, &h->work) : work_on(msg, e, o, &h->passed_on);
}

/* ---- which call it is, and whose turn ---- */

/* Let it wait for the message that is worked on. There is more room for BYE, which nobody says again
 * when it was refused, and for answers, which somebody waits for. */
static int wait_for_turn(sip_msg_t *msg, uint64_t call, struct alg_outline *o,
			 bool request_from_caller)
{
	struct alg_held *h = NULL;
	int rc;

	if (alg_calls_has_room(call, o->m.code || o->m.method == ALG_BYE))
		h = alg_hold(msg, call);
	if (h) {
		h->initial = o->m.initial;
		h->request_from_caller = request_from_caller;
		counter_inc(alg_counters.waited);
		rc = alg_calls_queue(call, h);
		/* Its turn has come meanwhile, or its call has gone: it goes on all the same. */
		if (rc)
			alg_held_go_on(h);
		return o->m.code ? alg_swallow(msg) : ALG_ENDS;
	}
	counter_inc(alg_counters.overflows);
	return o->m.code ? alg_drop(msg, o) : alg_answer(msg, 503, "too many messages wait");
}

static int turn(sip_msg_t *msg, uint64_t call, struct alg_outline *o, bool request_from_caller)
{
	bool busy, passed_on = false;
	struct alg_entry *e;
	int rc;

	alg_outline_set_caller(o, request_from_caller);
	e = alg_calls_enter(call, &busy);
	if (!e)
		return busy ? wait_for_turn(msg, call, o, request_from_caller)
			    : of_gone_call(msg, o);
	if (o->m.code && o->m.method == ALG_INVITE && request_from_caller &&
	    o->m.cseq == e->invite_cseq)
		o->m.initial = true;
	rc = work_on(msg, e, o, &passed_on);
	if (!passed_on)
		alg_calls_leave(e);
	return rc;
}

static int new_call(sip_msg_t *msg, struct alg_outline *o, flow_id_t flow)
{
	struct alg_note note = {.from_caller = true, .initial = true};
	struct alg_entry *e = alg_calls_new(&o->match);
	bool passed_on = false;
	int rc;

	if (!e)
		return alg_answer(msg, 503, "too many calls");
	o->m.initial = true;
	e->invite_cseq = o->m.cseq;
	alg_phone_read(msg, flow, e);
	alg_outline_set_caller(o, true);
	note.call = e->id;
	rc = alg_watch(msg, e, &note);
	if (rc == 0) {
		rc = work_on(msg, e, o, &passed_on);
	} else {
		e->ended_ms = e->born_ms;
		e->leg.call.state = ALG_CALL_ENDED;
		rc = rc > 0 ? ALG_ENDS : alg_answer(msg, 500, "out of memory");
	}
	if (!passed_on)
		alg_calls_leave(e);
	return rc;
}

/* A body that cannot be read cannot be rewritten. */
static int bad_body(sip_msg_t *msg, struct alg_outline *o)
{
	counter_inc(alg_counters.bad_bodies);
	if (o->body == ALG_BODY_SEALED)
		return alg_answer(msg, o->encoded ? 415 : 488, "the description is sealed");
	return alg_answer(msg, 400, "the description cannot be read");
}

/*
 * Of a call that nobody knows. An INVITE inside a dialog: a session that has moved here. No other
 * description goes on, because its keys and addresses are not for the core.
 */
static int of_no_call(sip_msg_t *msg, struct alg_outline *o, flow_id_t flow)
{
	if (o->m.method == ALG_INVITE)
		return new_call(msg, o, flow);
	if (!o->sdp)
		return ALG_GO_ON;
	if (o->m.method == ALG_UPDATE || o->m.method == ALG_PRACK)
		return alg_answer(msg, 488, "the call is not known here");
	return alg_outline_cut(msg, o) ? ALG_ANSWERED : ALG_GO_ON;
}

/* The call is another user's. An ACK is most likely that of our refusal. */
static int foreign(sip_msg_t *msg, struct alg_outline *o)
{
	if (o->m.method != ALG_ACK)
		counter_inc(alg_counters.foreign);
	if (o->m.code)
		return alg_outline_cut(msg, o) ? ALG_ENDS : alg_swallow(msg);
	return alg_answer(msg, 403, "the call is another user's");
}

static int on_request(sip_msg_t *msg, struct alg_outline *o)
{
	struct alg_note note = {.initial = false};
	flow_id_t flow = 0;
	bool from_caller;
	int rc;

	if (!alg_phone_match(msg, &o->match, &flow))
		return ALG_GO_ON;
	o->concerns = true;
	if (o->body < 0 && o->m.method != ALG_ACK)
		return bad_body(msg, o);
	/* An ACK is not answered. What its body hides does not go on. */
	if (o->body < 0 && alg_outline_cut(msg, o))
		return ALG_ANSWERED;
	rc = alg_calls_find(&o->match, &note.call, &from_caller);
	if (rc <= 0)
		return rc ? foreign(msg, o) : of_no_call(msg, o, flow);
	note.from_caller = from_caller;
	if (o->m.method == ALG_BYE)
		alg_bye_watch(msg, &note);
	if (o->m.method == ALG_INVITE || o->m.method == ALG_UPDATE || o->m.method == ALG_PRACK) {
		rc = alg_watch(msg, NULL, &note);
		if (rc)
			return rc > 0 ? ALG_ENDS : alg_answer(msg, 500, "out of memory");
	}
	return turn(msg, note.call, o, from_caller);
}

static int on_answer(sip_msg_t *msg, struct alg_outline *o)
{
	struct alg_note note;
	flow_id_t flow;
	bool from_caller;

	if (o->body < 0) {
		counter_inc(alg_counters.bad_bodies);
		if (alg_outline_cut(msg, o))
			return alg_swallow(msg);
	}
	o->concerns = true;
	if (alg_note_load(&note) == 0) {
		o->m.initial = note.initial;
		return turn(msg, note.call, o, note.from_caller);
	}
	/* Its transaction has gone, or it is of none. */
	(void)alg_phone_match(msg, &o->match, &flow);
	if (alg_calls_find(&o->match, &note.call, &from_caller) < 0)
		return foreign(msg, o);
	o->concerns = note.call != 0;
	return note.call ? turn(msg, note.call, o, from_caller) : ALG_GO_ON;
}

/*
 * Of a refusal tm tells the call. A description in it (RFC 3261 21.4.26) is no answer and is put in force
 * nowhere, but it has addresses and keys of its author.
 */
static int on_refusal(sip_msg_t *msg, struct alg_outline *o)
{
	struct alg_match m = o->match;
	struct alg_note note;
	flow_id_t flow;

	if (!o->sdp && o->body >= 0 && !o->part.earlies)
		return ALG_GO_ON;
	if (alg_note_load(&note) && !alg_phone_match(msg, &m, &flow))
		return ALG_GO_ON;
	o->concerns = true;
	if (!o->sdp && o->body >= 0)
		return ALG_GO_ON;
	(void)alg_outline_cut(msg, o);
	return ALG_GO_ON;
}

static int manage(sip_msg_t *msg, struct alg_outline *o)
{
	struct alg_held *h = alg_held_current();

	if (o->m.code >= 300)
		return on_refusal(msg, o);
	o->concerns = h != NULL;
	if (h)
		return go_on(msg, o, h);
	return o->m.code ? on_answer(msg, o) : on_request(msg, o);
}

int ki_alg_manage(sip_msg_t *msg)
{
	struct alg_outline o;
	int rc = alg_outline_read(msg, &o);

	if (rc < 0)
		LM_INFO("a message without the headers of a dialog\n");
	if (rc)
		return ALG_GO_ON;
	rc = manage(msg, &o);
	/* No gateway has part in an early session: its media would go round ours. */
	if (rc == ALG_GO_ON && o.concerns && alg_policy_carries(&alg_choices) &&
	    alg_outline_cut_early(msg, &o))
		return o.m.code ? alg_swallow(msg) : alg_answer(msg, 500, "out of memory");
	return rc;
}

static int with_description(sip_msg_t *msg)
{
	struct alg_outline o;

	if (alg_held_current() || (alg_outline_read(msg, &o) == 0 && (o.sdp || o.body < 0)))
		return ki_alg_manage(msg);
	return ALG_GO_ON;
}

int ki_alg_offer(sip_msg_t *msg)
{
	return with_description(msg);
}

int ki_alg_answer(sip_msg_t *msg)
{
	return with_description(msg);
}

int ki_alg_delete(sip_msg_t *msg)
{
	struct alg_message bye = {.method = ALG_BYE};
	struct alg_outline o;
	struct alg_note note;
	bool from_caller;
	flow_id_t flow;

	if (alg_outline_read(msg, &o) < 0)
		return ALG_ANSWERED;
	if (alg_note_load(&note)) {
		(void)alg_phone_match(msg, &o.match, &flow);
		(void)alg_calls_find(&o.match, &note.call, &from_caller);
	}
	if (!note.call)
		return ALG_ANSWERED;
	alg_tell(note.call, ALG_HELD_NOTE, &bye, 0);
	return ALG_GO_ON;
}
