/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/transaction.h"

static const char *const state_names[TX_STATES] = {
    [TX_CALLING] = "calling",	    [TX_TRYING] = "trying",	  [TX_PROCEEDING] = "proceeding",
    [TX_ACCEPTED] = "accepted",	    [TX_COMPLETED] = "completed", [TX_CONFIRMED] = "confirmed",
    [TX_TERMINATED] = "terminated",
};

const char *tx_state_name(enum tx_state s)
{
	return (unsigned)s < TX_STATES ? state_names[s] : "?";
}

/* Enter a state in which nothing is repeated and which ends by itself after wait ms (0: at once).
 */
static unsigned enter(struct tx_fsm *t, enum tx_state s, uint64_t now, uint32_t wait)
{
	t->state = s;
	t->repeat_at = TX_NEVER;
	t->end_at = now + wait;
	if (wait)
		return 0;
	t->state = TX_TERMINATED;
	return TX_FREE;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

unsigned tx_start(struct tx_fsm *t, enum tx_kind kind, bool reliable,
		  const struct tx_timers *timers, uint64_t now)
{
	*t = (struct tx_fsm){.kind = kind, .reliable = reliable, .timers = *timers};
	t->repeat_at = t->end_at = TX_NEVER;
	t->interval = timers->t1;
	t->state = kind == TX_INVITE_CLIENT ? TX_CALLING : TX_TRYING;
	if (kind == TX_INVITE_SERVER || kind == TX_SERVER)
		return TX_PASS;
	/* Timers A and E; B and F. */
	if (!reliable)
		t->repeat_at = now + t->interval;
	t->end_at = now + 64 * timers->t1;
	return TX_SEND;
}

static unsigned invite_response(struct tx_fsm *t, int code, uint64_t now)
{
	if (t->state == TX_CALLING || t->state == TX_PROCEEDING) {
		if (code < 200) {
			t->state = TX_PROCEEDING;
			t->repeat_at = t->end_at = TX_NEVER;
			return TX_PASS;
		}
		if (code < 300) /* timer M of RFC 6026 */
			return TX_PASS | enter(t, TX_ACCEPTED, now, 64 * t->timers.t1);
		/* Timer D. The ACK goes out before the state may end. */
		return TX_PASS | TX_ACK |
		       enter(t, TX_COMPLETED, now, t->reliable ? 0 : 64 * t->timers.t1);
	}
	if (t->state == TX_ACCEPTED && code >= 200 && code < 300)
		return TX_PASS;
	if (t->state == TX_COMPLETED && code >= 300)
		return TX_ACK;
	return 0;
}

unsigned tx_response(struct tx_fsm *t, int code, uint64_t now)
{
	if (t->kind == TX_INVITE_CLIENT)
		return invite_response(t, code, now);
	if (t->kind != TX_CLIENT || (t->state != TX_TRYING && t->state != TX_PROCEEDING))
		return 0;
	if (code < 200) {
		t->state = TX_PROCEEDING;
		return TX_PASS;
	}
	return TX_PASS | enter(t, TX_COMPLETED, now, t->reliable ? 0 : t->timers.t4); /* K */
}

unsigned tx_request_again(struct tx_fsm *t, uint64_t now)
{
	(void)now;
	switch (t->state) {
	case TX_PROCEEDING:
	case TX_COMPLETED:
		return TX_SEND;
	case TX_ACCEPTED:
		return t->repeat_2xx ? TX_SEND : 0;
	default:
		return 0;
	}
}

unsigned tx_reply(struct tx_fsm *t, int code, uint64_t now)
{
	uint32_t t1 = t->timers.t1;

	if (t->state != TX_TRYING && t->state != TX_PROCEEDING)
		return 0;
	if (code < 200) {
		t->state = TX_PROCEEDING;
		return TX_SEND;
	}
	if (t->kind == TX_SERVER)
		return TX_SEND | enter(t, TX_COMPLETED, now, t->reliable ? 0 : 64 * t1); /* J */
	enter(t, code < 300 ? TX_ACCEPTED : TX_COMPLETED, now, 64 * t1); /* L or H */
	t->repeat_2xx = code < 300;
	t->interval = t1;
	if (code < 300 || !t->reliable)
		t->repeat_at = now + t1; /* G */
	return TX_SEND;
}

unsigned tx_ack(struct tx_fsm *t, uint64_t now)
{
	if (t->kind != TX_INVITE_SERVER)
		return 0;
	if (t->state == TX_ACCEPTED && t->repeat_2xx) {
		t->repeat_2xx = false;
		t->repeat_at = TX_NEVER;
		return TX_PASS;
	}
	if (t->state == TX_COMPLETED)
		return enter(t, TX_CONFIRMED, now, t->reliable ? 0 : t->timers.t4); /* I */
	return 0;
}

unsigned tx_transport_error(struct tx_fsm *t)
{
	t->state = TX_TERMINATED;
	return TX_TIMEOUT | TX_FREE;
}

uint64_t tx_next(const struct tx_fsm *t)
{
	return t->repeat_at < t->end_at ? t->repeat_at : t->end_at;
}

unsigned tx_tick(struct tx_fsm *t, uint64_t now)
{
	if (now >= t->end_at) {
		bool unanswered =
		    t->state == TX_CALLING ||
		    (t->kind == TX_CLIENT &&
		     (t->state == TX_TRYING || t->state == TX_PROCEEDING)) ||
		    (t->kind == TX_INVITE_SERVER && (t->state == TX_COMPLETED || t->repeat_2xx));

		t->state = TX_TERMINATED;
		return TX_FREE | (unanswered ? TX_TIMEOUT : 0);
	}
	if (now < t->repeat_at)
		return 0;
	t->interval *= 2;
	if (t->kind != TX_INVITE_CLIENT)
		t->interval = min_u32(t->interval, t->timers.t2);
	if (t->kind == TX_CLIENT && t->state == TX_PROCEEDING)
		t->interval = t->timers.t2;
	t->repeat_at = now + t->interval;
	return TX_SEND;
}
