/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a call's media at the P-CSCF as one table: which offer is open, whose answer is in
 * force, and what to do when the call is cancelled, refused, ended, or the gateway fails (RFC 3261
 * 13, RFC 3262 5, RFC 3264, RFC 3311). Values are stored: append only. call.h makes the events from
 * messages.
 */
#ifndef IMS_ALG_CALL_STATE_H
#define IMS_ALG_CALL_STATE_H

#include "base/state_table.h"

enum alg_call_state {
	ALG_CALL_IDLE = 0,  /* nothing of it has come yet */
	ALG_CALL_AWAITED,   /* INVITE without an offer: it comes in an answer */
	ALG_CALL_OFFERED,   /* the first offer is open */
	ALG_CALL_PREVIEWED, /* so it is, and an unreliable 1xx has shown an answer (early media) */
	ALG_CALL_EARLY,	    /* answered in an early dialog */
	ALG_CALL_EARLY_OFFERED, /* there, another offer is open (PRACK, UPDATE) */
	ALG_CALL_UNANSWERED,	/* a 2xx brought the first offer: its answer comes in the ACK */
	ALG_CALL_UP,
	ALG_CALL_REOFFERED,    /* an offer is open in the confirmed dialog */
	ALG_CALL_REAWAITED,    /* re-INVITE without an offer */
	ALG_CALL_REUNANSWERED, /* its 2xx brought one: the answer comes in the ACK */
	ALG_CALL_CANCELLED,    /* CANCEL; the final answer is still to come */
	ALG_CALL_ENDED,	       /* nothing is left at the gateway; late messages pass */
	ALG_CALL_STATES
};

enum alg_call_event {
	ALG_EV_NO_OFFER = 0,	  /* INVITE without an offer */
	ALG_EV_OFFER,		  /* an offer in a request */
	ALG_EV_OFFER_IN_PROGRESS, /* in a reliable 1xx */
	ALG_EV_OFFER_IN_SUCCESS,  /* in a 2xx to INVITE */
	ALG_EV_PREVIEW,		  /* an answer in an unreliable 1xx */
	ALG_EV_ANSWER_EARLY,	  /* one that counts, before the 2xx */
	ALG_EV_ANSWER_FINAL,	  /* one in a 2xx or ACK */
	ALG_EV_BAD_PREVIEW,	  /* the same three, but they cannot be used */
	ALG_EV_BAD_EARLY,
	ALG_EV_BAD_FINAL,
	ALG_EV_SUCCESS,	     /* 2xx to INVITE without anything new */
	ALG_EV_NO_ANSWER,    /* ACK without the answer that was due */
	ALG_EV_FAILED,	     /* the INVITE's final answer is no 2xx */
	ALG_EV_OFFER_FAILED, /* the same for what brought a later offer */
	ALG_EV_CANCEL,
	ALG_EV_BYE,	/* the last dialog ended */
	ALG_EV_LOST,	/* the gateway lost the context, or media security failed */
	ALG_EV_EXPIRED, /* nothing came for too long */
	ALG_CALL_EVENTS
};

/* What the caller has to do. */
enum alg_call_action {
	ALG_DO_NOTHING = 0, /* the message passes; its SDP, if it has one, is written from what is
			       in force */
	ALG_DO_RESERVE,	    /* read the offer, ask the gateway */
	ALG_DO_TRY,	    /* read the answer, configure; the offer stays open */
	ALG_DO_CONFIGURE,   /* read the answer, configure, and put it in force */
	ALG_DO_COMMIT,	    /* what was tried is in force */
	ALG_DO_ROLLBACK,    /* forget the open offer: tell the gateway what is in force */
	ALG_DO_SWITCH,	    /* put the answer of the dialog in force that call.h names */
	ALG_DO_GLARE,	    /* 491: an offer is open (RFC 3261 14.2, RFC 3311 5.2) */
	ALG_DO_RELEASE,	    /* free the context */
	ALG_DO_REFUSE,	    /* CANCEL downstream, 488 or 500 upstream, free the context */
	ALG_DO_HANG_UP, /* ACK if it is due, BYE to both sides with a Reason, free the context */
	ALG_CALL_ACTIONS
};

extern const struct state_table alg_call_table;

/* "reserve"; "?" out of range. */
const char *alg_call_action_name(enum alg_call_action a);

#endif
