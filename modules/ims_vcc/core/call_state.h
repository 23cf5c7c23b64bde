/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An anchored call as one table: the access leg, the remote leg, and a third one while the call moves (TS 23.206; there is no
 * text of TS 24.206 clauses 9 and 10 to quote, so rows are this project's). Values are stored: append only.
 */
#ifndef IMS_VCC_CALL_STATE_H
#define IMS_VCC_CALL_STATE_H

#include "base/state_table.h"

enum vcc_call_state {
	VCC_CALL_CALLING = 0, /* the INVITE went on; no final answer yet */
	VCC_CALL_CANCELLED,   /* the caller gave up; the final answer is still to come */
	VCC_CALL_ANSWERED,    /* the 200 was passed; its ACK is to come */
	VCC_CALL_UP,
	VCC_CALL_MOVING,  /* the new leg's offer is with the remote party */
	VCC_CALL_WAITING, /* it answered 491: once more in a moment (RFC 3261 14.1) */
	VCC_CALL_GIVING_UP, /* the new leg was cancelled; the remote party's answer is still to come */
	VCC_CALL_MOVED, /* the remote party agreed, the new leg has its 200; its ACK is to come */
	VCC_CALL_RETURNING, /* the old leg's description is with the remote party again */
	VCC_CALL_ENDED,
	VCC_CALL_STATES
};

enum vcc_call_event {
	VCC_CALL_EV_EARLY = 0,	/* 101 to 199 from the called side */
	VCC_CALL_EV_OK,		/* 2xx */
	VCC_CALL_EV_FAILED,	/* a failure before any 18x, and another domain is left */
	VCC_CALL_EV_REFUSED,	/* any other final answer */
	VCC_CALL_EV_CANCEL,	/* the caller gives up */
	VCC_CALL_EV_ACK,	/* of the caller */
	VCC_CALL_EV_BYE_ACCESS, /* the leg hangs up that could move */
	VCC_CALL_EV_BYE_REMOTE,
	VCC_CALL_EV_BYE_NEW,
	VCC_CALL_EV_MOVE,	    /* INVITE to the VDI or VDN */
	VCC_CALL_EV_MOVE_CANCEL,    /* its CANCEL */
	VCC_CALL_EV_AGREED,	    /* 2xx of the remote party to our offer */
	VCC_CALL_EV_DECLINED,	    /* it refused it; the old leg is there */
	VCC_CALL_EV_DECLINED_ALONE, /* it refused it, and the old leg has hung up meanwhile */
	VCC_CALL_EV_GLARE,	    /* 491 */
	VCC_CALL_EV_GONE,	    /* 408, 481: its dialog is no more */
	VCC_CALL_EV_NEW_ACK,
	VCC_CALL_EV_TIME,	/* the state has lasted too long, or the moment has come */
	VCC_CALL_EV_TIME_ALONE, /* the same, and the old leg has hung up */
	VCC_CALL_EVENTS
};

enum vcc_call_action {
	VCC_CALL_DO_NOTHING = 0,
	VCC_CALL_DO_PASS_EARLY,
	VCC_CALL_DO_PASS_ANSWER,
	VCC_CALL_DO_PASS_REFUSAL, /* and the end */
	VCC_CALL_DO_TRY_OTHER,	  /* the other domain */
	VCC_CALL_DO_CANCEL,	  /* 487 to the caller, CANCEL to the called side */
	VCC_CALL_DO_HANG_UP,	  /* BYE to all legs that are up, 480 to who waits; the end */
	VCC_CALL_DO_OFFER,	  /* the new leg's offer to the remote party */
	VCC_CALL_DO_REFUSE_EARLY, /* 480 to the new leg: this call cannot move now */
	VCC_CALL_DO_REFUSE_BUSY,  /* 491 to the new leg: it is moving */
	VCC_CALL_DO_REFUSE_NEW, /* the remote party's refusal to the new leg, which is forgotten */
	VCC_CALL_DO_ACCEPT_NEW, /* the remote party's answer to the new leg */
	VCC_CALL_DO_SWITCH,	/* the new leg is the access leg; BYE to the old one */
	VCC_CALL_DO_CANCEL_NEW, /* 487 to the new leg */
	VCC_CALL_DO_RETRY_LATER,
	VCC_CALL_DO_OFFER_BACK, /* the old leg's description to the remote party */
	VCC_CALL_DO_DROP_NEW,	/* BYE to the new leg, then as OFFER_BACK */
	VCC_CALL_DO_NOTE_OLD,	/* the old leg has hung up */
	VCC_CALL_DO_END,	/* nothing is left */
	VCC_CALL_ACTIONS
};

extern const struct state_table vcc_call_table;

#endif
