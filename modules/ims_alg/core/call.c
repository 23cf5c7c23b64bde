/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/call.h"

#include <string.h>

static bool is_early(uint8_t state)
{
	return state == ALG_CALL_OFFERED || state == ALG_CALL_PREVIEWED ||
	       state == ALG_CALL_EARLY || state == ALG_CALL_EARLY_OFFERED ||
	       state == ALG_CALL_CANCELLED;
}

bool alg_call_is_open(const struct alg_call *c)
{
	switch (c->state) {
	case ALG_CALL_OFFERED:
	case ALG_CALL_PREVIEWED:
	case ALG_CALL_EARLY_OFFERED:
	case ALG_CALL_UNANSWERED:
	case ALG_CALL_REOFFERED:
	case ALG_CALL_REUNANSWERED:
		return true;
	default:
		return false;
	}
}

/* ---- dialogs ---- */

static int dialog_of(struct alg_call *c, uint64_t tag)
{
	if (!tag)
		return -1;
	for (int i = 0; i < c->dialogs; i++)
		if (c->dialog[i].tag == tag)
			return i;
	if (c->dialogs == ALG_DIALOGS_MAX)
		return -1;
	memset(&c->dialog[c->dialogs], 0, sizeof(c->dialog[0]));
	c->dialog[c->dialogs].tag = tag;
	return c->dialogs++;
}

static bool is_in_force(const struct alg_call *c, int dialog)
{
	return dialog >= 0 && c->in_force == dialog + 1;
}

/* Another dialog that was confirmed and lives; -1: none. */
static int another(const struct alg_call *c, int dialog)
{
	for (int i = 0; i < c->dialogs; i++)
		if (i != dialog && c->dialog[i].confirmed && !c->dialog[i].ended)
			return i;
	return -1;
}

/* ---- what a message is ---- */

static bool answers_open_offer(const struct alg_call *c, const struct alg_message *m)
{
	return alg_call_is_open(c) && !c->offer_in_answer && c->offer_method == m->method &&
	       c->offer_cseq == m->cseq && c->offer_from_caller != m->from_caller;
}

/* Is a later offer open, or asked for, than that of the INVITE that began the call? */
static bool is_of_later_offer(uint8_t state)
{
	return state == ALG_CALL_EARLY_OFFERED || state == ALG_CALL_REOFFERED ||
	       state == ALG_CALL_REAWAITED || state == ALG_CALL_REUNANSWERED;
}

/* Of the INVITE that brought the offer, or asked for it. Others are late, or come again. */
static bool answers_its_invite(const struct alg_call *c, const struct alg_message *m)
{
	bool caller_sent = c->offer_in_answer != c->offer_from_caller;

	return c->offer_method == ALG_INVITE && c->offer_cseq == m->cseq &&
	       caller_sent != m->from_caller;
}

/* The event of a request; -1: none. */
static int event_of_request(const struct alg_call *c, const struct alg_message *m)
{
	switch (m->method) {
	case ALG_INVITE:
		return m->sdp ? ALG_EV_OFFER : ALG_EV_NO_OFFER;
	case ALG_UPDATE:
		return m->sdp ? ALG_EV_OFFER : -1;
	case ALG_PRACK:
		if (!m->sdp)
			return -1;
		return alg_call_is_open(c) && c->offer_in_answer ? ALG_EV_ANSWER_EARLY
								 : ALG_EV_OFFER;
	case ALG_ACK:
		if (c->state != ALG_CALL_UNANSWERED && c->state != ALG_CALL_REUNANSWERED)
			return -1;
		return m->sdp ? ALG_EV_ANSWER_FINAL : ALG_EV_NO_ANSWER;
	case ALG_BYE:
		return ALG_EV_BYE;
	case ALG_CANCEL:
		return ALG_EV_CANCEL;
	default:
		return -1;
	}
}

/* 1xx and 2xx of an INVITE. */
static int event_of_invite_answer(const struct alg_call *c, const struct alg_message *m, int dialog)
{
	/* The 2xx of the INVITE may come while an UPDATE is open; nothing else concerns that. */
	if (is_of_later_offer(c->state) && !answers_its_invite(c, m) &&
	    (m->code < 200 || c->state != ALG_CALL_EARLY_OFFERED))
		return -1;
	if (m->code < 200) {
		if (!m->sdp)
			return -1;
		if (c->asked)
			return m->reliable ? ALG_EV_OFFER_IN_PROGRESS : -1;
		return m->reliable ? ALG_EV_ANSWER_EARLY : ALG_EV_PREVIEW;
	}
	/* Its own offer was answered in PRACK. */
	if (m->initial && dialog >= 0 && c->dialog[dialog].offered && c->dialog[dialog].answered)
		return ALG_EV_SUCCESS;
	/* What it brings was there already (RFC 3262 5), or it is a 2xx that comes again. */
	if (m->initial && is_in_force(c, dialog) && c->dialog[dialog].answered)
		return ALG_EV_SUCCESS;
	if (m->sdp && c->asked)
		return ALG_EV_OFFER_IN_SUCCESS;
	return m->sdp ? ALG_EV_ANSWER_FINAL : ALG_EV_SUCCESS;
}

static int event_of_answer(const struct alg_call *c, const struct alg_message *m, int dialog)
{
	if (m->method == ALG_INVITE) {
		if (m->code >= 300 && m->initial)
			return ALG_EV_FAILED;
		if (m->code >= 300)
			return answers_its_invite(c, m) ? ALG_EV_OFFER_FAILED : -1;
		return event_of_invite_answer(c, m, dialog);
	}
	if ((m->method != ALG_UPDATE && m->method != ALG_PRACK) || m->code < 200)
		return -1;
	if (m->code >= 300)
		return answers_open_offer(c, m) ? ALG_EV_OFFER_FAILED : -1;
	if (!answers_open_offer(c, m))
		return -1;
	/* A 2xx without the answer leaves the offer without one: it changed nothing. */
	if (!m->sdp)
		return ALG_EV_OFFER_FAILED;
	return is_early(c->state) ? ALG_EV_ANSWER_EARLY : ALG_EV_ANSWER_FINAL;
}

/* Answers of other forks wait while one is in force; only their 2xx changes that. */
static bool waits(const struct alg_call *c, int event, int dialog)
{
	if (c->offer_method != ALG_INVITE || !c->in_force || is_in_force(c, dialog))
		return false;
	return event == ALG_EV_PREVIEW || event == ALG_EV_ANSWER_EARLY;
}

/* ---- taking it ---- */

static struct alg_call_step nothing(int dialog)
{
	return (struct alg_call_step){.action = ALG_DO_NOTHING, .dialog = dialog};
}

static struct alg_call_step step(struct alg_call *c, int event, int dialog)
{
	struct state_step s = state_step(&alg_call_table, c->state, (unsigned)event);
	struct alg_call_step out = {
	    .action = (enum alg_call_action)s.action,
	    .event = (enum alg_call_event)event,
	    .is_event = s.allowed,
	    .is_offer = event <= ALG_EV_OFFER_IN_SUCCESS,
	    .dialog = dialog,
	};

	if (!s.allowed)
		return nothing(dialog);
	c->state = s.next;
	return out;
}

/*
 * Each early dialog of an INVITE without an offer brings one of its own (RFC 3261 13.2.1), which PRACK of that
 * dialog answers. The table follows the first; those beside it wait for the 2xx that takes one.
 */
static bool is_beside(const struct alg_call *c, int dialog)
{
	return dialog >= 0 && c->offer_dialog && c->offer_dialog != dialog + 1;
}

static struct alg_call_step beside(int event, int dialog)
{
	return (struct alg_call_step){.action = ALG_DO_NOTHING,
				      .event = (enum alg_call_event)event,
				      .is_event = true,
				      .is_offer = event == ALG_EV_OFFER_IN_PROGRESS,
				      .beside = true,
				      .dialog = dialog};
}

/* True: it was taken, and *s is what it means. */
static bool take_beside(struct alg_call *c, const struct alg_message *m, int event, int dialog,
			struct alg_call_step *s)
{
	struct alg_dialog *d = &c->dialog[dialog < 0 ? 0 : dialog];

	if (!is_beside(c, dialog))
		return false;
	if (event == ALG_EV_OFFER_IN_PROGRESS && m->initial && is_early(c->state)) {
		d->offered = true;
		*s = beside(event, dialog);
		return true;
	}
	if (m->method == ALG_PRACK && !m->code && m->sdp && d->offered &&
	    c->state != ALG_CALL_ENDED) {
		d->answered = true;
		*s = beside(ALG_EV_ANSWER_EARLY, dialog);
		return true;
	}
	if (event != ALG_EV_SUCCESS || !m->initial || !d->offered || !d->answered ||
	    !is_early(c->state))
		return false;
	c->state = ALG_CALL_UP;
	c->in_force = c->offer_dialog = (int8_t)(dialog + 1);
	*s = (struct alg_call_step){
	    .action = ALG_DO_SWITCH, .event = ALG_EV_SUCCESS, .is_event = true, .dialog = dialog};
	return true;
}

static void remember_offer(struct alg_call *c, const struct alg_message *m)
{
	c->offer_in_answer = m->code != 0;
	if (m->method == ALG_INVITE && !m->code)
		c->asked = false;
	c->offer_method = (uint8_t)m->method;
	c->offer_cseq = m->cseq;
	c->offer_from_caller = m->from_caller;
}

/* An INVITE without an offer: the other side is to make it. */
static void remember_awaited(struct alg_call *c, const struct alg_message *m)
{
	remember_offer(c, m);
	c->offer_in_answer = c->asked = true;
	c->offer_from_caller = !m->from_caller;
}

/* BYE of one of several dialogs ends that one alone (RFC 3261 13.2.2.4). */
static struct alg_call_step take_bye(struct alg_call *c, int dialog)
{
	int other = another(c, dialog);

	if (dialog < 0 || other < 0)
		return step(c, ALG_EV_BYE, dialog);
	c->dialog[dialog].ended = true;
	if (!is_in_force(c, dialog))
		return nothing(dialog);
	c->in_force = (int8_t)(other + 1);
	return (struct alg_call_step){
	    .action = ALG_DO_SWITCH, .event = ALG_EV_BYE, .is_event = true, .dialog = other};
}

struct alg_call_step alg_call_message(struct alg_call *c, const struct alg_message *m)
{
	int dialog = dialog_of(c, m->dialog);
	int event = m->code ? event_of_answer(c, m, dialog) : event_of_request(c, m);
	struct alg_call_step s;

	/* CANCEL and its answer concern the INVITE that is open: here, the first one. */
	if (event == ALG_EV_CANCEL && (m->code || !m->initial))
		event = -1;
	if (event == ALG_EV_BYE)
		return take_bye(c, dialog);
	if (m->code >= 200 && m->code < 300 && m->method == ALG_INVITE && dialog >= 0)
		c->dialog[dialog].confirmed = true;
	if (take_beside(c, m, event, dialog, &s))
		return s;
	if (event < 0)
		return nothing(dialog);
	if (waits(c, event, dialog)) {
		c->dialog[dialog < 0 ? 0 : dialog].answered |= dialog >= 0;
		return nothing(dialog);
	}
	s = step(c, event, dialog);
	if (s.action == ALG_DO_RESERVE)
		remember_offer(c, m);
	if (s.action == ALG_DO_RESERVE && m->code && m->initial && dialog >= 0) {
		c->offer_dialog = (int8_t)(dialog + 1);
		c->dialog[dialog].offered = true;
	}
	if (s.is_event && s.event == ALG_EV_NO_OFFER && s.action == ALG_DO_NOTHING)
		remember_awaited(c, m);
	if (s.action == ALG_DO_TRY || s.action == ALG_DO_CONFIGURE) {
		if (dialog >= 0)
			c->in_force = (int8_t)(dialog + 1);
		if (dialog >= 0 && s.action == ALG_DO_CONFIGURE)
			c->dialog[dialog].answered = true;
	}
	return s;
}

struct alg_call_step alg_call_bad(struct alg_call *c, const struct alg_message *m)
{
	int dialog = dialog_of(c, m->dialog);
	int event = m->code ? event_of_answer(c, m, dialog) : event_of_request(c, m);

	if (event == ALG_EV_PREVIEW)
		event = ALG_EV_BAD_PREVIEW;
	else if (event == ALG_EV_ANSWER_EARLY)
		event = ALG_EV_BAD_EARLY;
	else
		event = ALG_EV_BAD_FINAL;
	return step(c, event, dialog);
}

struct alg_call_step alg_call_event(struct alg_call *c, enum alg_call_event e)
{
	return step(c, (int)e, c->in_force - 1);
}
