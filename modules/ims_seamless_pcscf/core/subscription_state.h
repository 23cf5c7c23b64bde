/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the P-CSCF's own subscription to the reg event of one public identity
 * (TS 24.229 5.2.3, RFC 3680, RFC 6665).
 *
 *                            OK                      TIMER, GAP
 *     (new) --> SUBSCRIBING -----> ACTIVE <------------------------> REFRESHING
 *               ^ |     ^ ^          | |    OK, TEMPORARY, REFUSED    | |
 *         TIMER | |     | '----------' '-------------.----------------' |
 *               | |     |  RESUBSCRIBE               | CLOSED           | NO_DIALOG, RESUBSCRIBE:
 *               | v     |                            v                  v to SUBSCRIBING
 *             BACKOFF   '------------------------ GIVEN_UP
 *                 |           WANTED                 ^
 *                 '----------------------------------'
 *                        EXHAUSTED, CLOSED
 *
 * A failure of the first SUBSCRIBE leads to BACKOFF, too many in a row to GIVEN_UP. LATER leads to
 * BACKOFF. UNWANTED leads to ENDED from everywhere, with an un-SUBSCRIBE where a dialog exists.
 */
#ifndef PCSCF_SUBSCRIPTION_STATE_H
#define PCSCF_SUBSCRIPTION_STATE_H

#include "base/state_table.h"

enum pcscf_subscription_state {
	PCSCF_SUB_SUBSCRIBING, /* initial SUBSCRIBE on its way */
	PCSCF_SUB_ACTIVE,
	PCSCF_SUB_REFRESHING, /* SUBSCRIBE in the dialog on its way */
	PCSCF_SUB_BACKOFF,    /* waiting to try again */
	PCSCF_SUB_GIVEN_UP,   /* no more attempts until the identity registers again */
	PCSCF_SUB_ENDED,      /* to be forgotten */
	PCSCF_SUB_STATES
};

enum pcscf_subscription_event {
	PCSCF_SUB_EV_WANTED,	  /* a connection registered the identity */
	PCSCF_SUB_EV_UNWANTED,	  /* no connection holds it any more */
	PCSCF_SUB_EV_OK,	  /* 2xx with Expires > 0 */
	PCSCF_SUB_EV_NO_DIALOG,	  /* 481 */
	PCSCF_SUB_EV_TEMPORARY,	  /* timeout, 5xx and what else may work later */
	PCSCF_SUB_EV_REFUSED,	  /* 403, 404, 489 ...: the same request will fail again */
	PCSCF_SUB_EV_EXHAUSTED,	  /* TEMPORARY or REFUSED, and the attempts are used up */
	PCSCF_SUB_EV_GAP,	  /* a document was missed: full state is needed */
	PCSCF_SUB_EV_TIMER,	  /* time to refresh or to try again */
	PCSCF_SUB_EV_RESUBSCRIBE, /* NOTIFY terminated;reason=deactivated|timeout, or the subscription
				 ran out */
	PCSCF_SUB_EV_LATER,	  /* NOTIFY terminated;reason=probation|giveup */
	PCSCF_SUB_EV_CLOSED,	  /* NOTIFY terminated;reason=rejected|noresource|invariant */
	PCSCF_SUB_EVENTS
};

enum pcscf_subscription_action {
	PCSCF_SUB_NOTHING,
	PCSCF_SUB_SUBSCRIBE,   /* new dialog */
	PCSCF_SUB_REFRESH,     /* SUBSCRIBE in the dialog */
	PCSCF_SUB_UNSUBSCRIBE, /* SUBSCRIBE with Expires 0 in the dialog, then forget */
	PCSCF_SUB_ARM_REFRESH, /* timer before the subscription ends */
	PCSCF_SUB_ARM_RETRY,   /* timer of the next attempt */
	PCSCF_SUB_DISARM,
	PCSCF_SUB_FORGET,
	PCSCF_SUB_ACTIONS
};

extern const struct state_table pcscf_subscription_table;

/* What a final answer to a SUBSCRIBE of ours means; code 408 stands for no answer, too. */
enum pcscf_subscription_event pcscf_subscription_event_of_answer(int code);

#endif
