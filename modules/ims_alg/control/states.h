/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two state machines of the controller as tables: a gateway, and a call's context. */
#ifndef IMS_ALG_STATES_H
#define IMS_ALG_STATES_H

#include "base/state_table.h"
#include "modules/ims_alg/control/mgc.h"

/* ---- a gateway; its states are enum mgc_gateway_state ---- */

enum gateway_event {
	GATEWAY_REGISTERED, /* ServiceChange accepted: Restart, Disconnected, HandOff, Failover */
	GATEWAY_RESTARTED,  /* the same with Restart: what it had is gone */
	GATEWAY_LOST,	    /* no answer within T-MAX, or the connection broke */
	GATEWAY_GRACE_OVER, /* and it has not come back */
	GATEWAY_LEFT,	    /* ServiceChange Forced */
	GATEWAY_GRACEFUL,   /* it wants no new calls */
	GATEWAY_STAYS,	    /* it does again, or the operator lets it */
	GATEWAY_DRAIN,	    /* the operator */
	GATEWAY_OVERLOAD,   /* the overload event */
	GATEWAY_RELIEVED,   /* no such event for a while */
	GATEWAY_EVENTS
};

enum gateway_action {
	GATEWAY_NO_ACTION,
	GATEWAY_COMPARE, /* audit it: orphans are subtracted, lost calls told */
	GATEWAY_FORGET,	 /* its calls have lost their contexts: tell */
	GATEWAY_HOLD,	 /* its calls wait for its return, for a while */
	GATEWAY_ACTIONS
};

extern const struct state_table gateway_table;

/* ---- a call's context ---- */

enum context_state {
	CONTEXT_IDLE,	 /* as the last order wanted it */
	CONTEXT_WORKING, /* a transaction of an order is out */
	CONTEXT_LATE,	 /* the order has been given up, its transaction is still out */
	CONTEXT_UNDOING, /* a failed order is taken back */
	CONTEXT_ENDING,	 /* Subtract is out */
	CONTEXT_GONE,	 /* to be freed */
	CONTEXT_STATES
};

enum context_event {
	CONTEXT_APPLY,	  /* the next order is one to change it */
	CONTEXT_RELEASE,  /* the next order is one to release it */
	CONTEXT_DONE,	  /* it is as it was to be */
	CONTEXT_ERROR,	  /* a transaction was refused */
	CONTEXT_DEADLINE, /* the order has taken too long */
	CONTEXT_LOSS,	  /* the gateway has it no more, or is gone for good */
	CONTEXT_EVENTS
};

enum context_action {
	CONTEXT_NO_ACTION,
	CONTEXT_BEGIN,	  /* send the first step of the order */
	CONTEXT_SUBTRACT, /* send the Subtract */
	CONTEXT_FINISH,	  /* the order has worked: tell, take the next */
	CONTEXT_GIVE_UP,  /* the order has failed: tell, and wait for the transaction */
	CONTEXT_UNDO,	  /* the order has failed: tell, and take back what it did */
	CONTEXT_NEXT,	  /* nothing to tell; take the next order */
	CONTEXT_ABANDON, /* what cannot be taken back is subtracted; the call has lost its context */
	CONTEXT_TELL_LOSS, /* tell the order, if there is one, and the owner */
	CONTEXT_ACTIONS
};

extern const struct state_table context_table;

#endif
