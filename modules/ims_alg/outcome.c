/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a message goes on when its call's leg has decided. */
#include "modules/ims_alg/message.h"

#include "modules/common/reply.h"

enum { BODY_MAX = 65536 };

int alg_answer(sip_msg_t *msg, int code, const char *text)
{
	char headers[320] = "";

	if (code == 500 && !text)
		snprintf(headers, sizeof(headers), "Retry-After: 2\r\n");
	else if (text)
		alg_refusal_headers(code, text, headers, sizeof(headers));
	if (msg->first_line.type == SIP_REQUEST && msg->REQ_METHOD != METHOD_ACK)
		(void)kam_reply(msg, code, alg_refusal_phrase(code), headers);
	return ALG_ANSWERED;
}

/*
 * An answer that nobody gets, or not yet. tm lets a final one be; its transaction has no timer any more, so
 * that it must be received again. Of a provisional one it has to know that it came, or it would not send a
 * CANCEL; a 100 goes no further.
 */
int alg_swallow(sip_msg_t *msg)
{
	if (msg->REPLY_STATUS < 200)
		kam_reply_becomes(msg, 100, "Trying");
	else
		kam_hold_answer(msg);
	return ALG_ENDS;
}

int alg_drop(sip_msg_t *msg, struct alg_outline *o)
{
	if (o->m.method == ALG_INVITE || o->m.code < 200 || alg_outline_cut(msg, o))
		return alg_swallow(msg);
	return ALG_GO_ON;
}

static int write_body(sip_msg_t *msg, struct alg_entry *e, struct alg_outline *o,
		      const struct alg_leg_work *w)
{
	static char buf[BODY_MAX];
	struct alg_leg_with with;
	size_t len;

	alg_with(e, &with);
	if (alg_leg_write(&e->leg, &with, w, o->sdp, buf, sizeof(buf), &len) == 0 &&
	    alg_outline_put(msg, o, slice_make(buf, len)) == 0)
		return ALG_GO_ON;
	/* What cannot be rewritten does not go on as it came. */
	LM_INFO("call %s: a description cannot be written\n", kam_id_text(e->id).text);
	if (!o->m.code && o->m.method != ALG_ACK)
		return alg_answer(msg, 500, "description cannot be written");
	return alg_outline_cut(msg, o) ? (o->m.code ? alg_swallow(msg) : ALG_ANSWERED) : ALG_GO_ON;
}

static int refuse(sip_msg_t *msg, struct alg_entry *e, const struct alg_leg_work *w)
{
	if (w->failed && e->end_code)
		return alg_answer(msg, e->end_code, e->end_text);
	if (w->failed)
		return alg_answer(msg, 500, "out of memory");
	counter_inc(alg_counters.offers_refused);
	return alg_answer(msg, 488, alg_problem_text(w->trouble.problem));
}

/* An offer is open already: of the other side, or of this one. */
static int glare(sip_msg_t *msg, const struct alg_leg_work *w)
{
	bool same = w->before.offer_from_caller == w->m.from_caller;

	counter_inc(alg_counters.glares);
	return alg_answer(msg, same ? 500 : 491, NULL);
}

static void count(const struct alg_leg_work *w)
{
	if (w->todo != ALG_LEG_WRITE)
		return;
	if (w->step.action == ALG_DO_RESERVE)
		counter_inc(alg_counters.offers);
	else if (w->step.action == ALG_DO_CONFIGURE)
		counter_inc(alg_counters.answers);
}

int alg_finish(sip_msg_t *msg, struct alg_entry *e, struct alg_outline *o,
	       const struct alg_leg_work *w)
{
	count(w);
	alg_note_flows(e);
	switch (w->todo) {
	case ALG_LEG_WRITE:
	case ALG_LEG_DEAD:
		if (w->todo == ALG_LEG_DEAD && w->trouble.problem)
			counter_inc(alg_counters.bad_answers);
		return o->sdp ? write_body(msg, e, o, w) : ALG_GO_ON;
	case ALG_LEG_DROP:
		return o->m.code ? alg_drop(msg, o) : ALG_ANSWERED;
	case ALG_LEG_REFUSE:
		return refuse(msg, e, w);
	case ALG_LEG_GLARE:
		return glare(msg, w);
	default:
		return ALG_GO_ON;
	}
}
