/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the P-CSCF's own subscription to the reg event of one public identity
 * (TS 24.229 5.2.3, RFC 3680, RFC 6665).
 *
 *   (new) --> SUBSCRIBING --OK--> ACTIVE <--OK,TEMPORARY,REFUSED-- REFRESHING
 *               |  ^  ^             | '----------TIMER, GAP------------^ |
 *        failed |  |  '--NO_DIALOG, RESUBSCRIBE---+----------------------'
 *               v  | TIMER                        |
 *              BACKOFF --too many--> GIVEN_UP     '--CLOSED--> GIVEN_UP     (WANTED: SUBSCRIBING
 * again)
 *
 * UNWANTED leads to ENDED from everywhere, with an un-SUBSCRIBE where a dialog exists.
 */
#ifndef WATCH_FSM_H
#define WATCH_FSM_H

enum watch_state {
	WATCH_SUBSCRIBING, /* initial SUBSCRIBE on its way */
	WATCH_ACTIVE,
	WATCH_REFRESHING, /* SUBSCRIBE in the dialog on its way */
	WATCH_BACKOFF,	  /* waiting to try again */
	WATCH_GIVEN_UP,	  /* no more attempts until the identity registers again */
	WATCH_ENDED,	  /* to be forgotten */
	WATCH_STATES
};

enum watch_event {
	WATCH_EV_WANTED,      /* a connection registered the identity */
	WATCH_EV_UNWANTED,    /* no connection holds it any more */
	WATCH_EV_OK,	      /* 2xx with Expires > 0 */
	WATCH_EV_NO_DIALOG,   /* 481 */
	WATCH_EV_TEMPORARY,   /* timeout, 5xx and what else may work later */
	WATCH_EV_REFUSED,     /* 403, 404, 489 ...: the same request will fail again */
	WATCH_EV_EXHAUSTED,   /* TEMPORARY or REFUSED, and the attempts are used up */
	WATCH_EV_GAP,	      /* a document was missed: full state is needed */
	WATCH_EV_TIMER,	      /* time to refresh or to try again */
	WATCH_EV_RESUBSCRIBE, /* NOTIFY terminated;reason=deactivated|timeout, or the subscription
				 ran out */
	WATCH_EV_LATER,	      /* NOTIFY terminated;reason=probation|giveup */
	WATCH_EV_CLOSED,      /* NOTIFY terminated;reason=rejected|noresource|invariant */
	WATCH_EVENTS
};

enum watch_action {
	WATCH_NOTHING,
	WATCH_SUBSCRIBE,   /* new dialog */
	WATCH_REFRESH,	   /* SUBSCRIBE in the dialog */
	WATCH_UNSUBSCRIBE, /* SUBSCRIBE with Expires 0 in the dialog, then forget */
	WATCH_ARM_REFRESH, /* timer before the subscription ends */
	WATCH_ARM_RETRY,   /* timer of the next attempt */
	WATCH_DISARM,
	WATCH_FORGET
};

struct watch_step {
	enum watch_state next;
	enum watch_action action;
};

/* The transition for an event; an event without meaning in a state leaves it there with
 * WATCH_NOTHING. */
struct watch_step watch_step(enum watch_state state, enum watch_event event);

/* What a final answer to a SUBSCRIBE of ours means; code 408 stands for no answer, too. */
enum watch_event watch_event_of_answer(int code);

/* Names for logs and RPC; never NULL. */
const char *watch_state_name(enum watch_state s);
const char *watch_event_name(enum watch_event e);

#endif
