/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the states of a request of the peer, clause D.1.1, as a table (base/state_table.h). */
#ifndef H248_INCOMING_STATE_H
#define H248_INCOMING_STATE_H

#include "base/state_table.h"

enum incoming_state {
	INCOMING_RUNNING,   /* a job has it */
	INCOMING_ANSWERED,  /* the reply is kept */
	INCOMING_CONFIRMED, /* the reply is gone, the id is kept */
	INCOMING_STATES
};
enum incoming_event {
	INCOMING_EV_COPY,  /* the same request again */
	INCOMING_EV_REPLY, /* our answer */
	INCOMING_EV_ACK,   /* the peer has it */
	INCOMING_EVENTS
};
enum incoming_action {
	INCOMING_DO_NOTHING,
	INCOMING_DO_PEND,     /* send Pending */
	INCOMING_DO_REMEMBER, /* send the reply, keep it for LONG-TIMER */
	INCOMING_DO_REPEAT,   /* send the kept reply */
	INCOMING_DO_DROP,     /* free the kept reply */
	INCOMING_DO_DISCARD,  /* count it */
	INCOMING_ACTIONS
};
extern const struct state_table incoming_states;

#endif
