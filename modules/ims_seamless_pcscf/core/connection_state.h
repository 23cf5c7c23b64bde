/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one IMS connection as the P-CSCF sees it (C1-062198 2.2, 2.3). The S-CSCF owns the
 * linger timer; the states mirror what its reg event says. A connection is what one flow set of
 * ims_flow carries.
 *
 *                 BOUND                     LINGER
 *     (new) -----------------> ACTIVE ------------------> INACTIVE
 *                              ^ ^  |       BOUND          |  |  |
 *                              | |  '<---------------------'  |  |
 *                        BOUND | | ENDED                      |  | DEADLINE
 *                              | '--------.   .---------------'  |
 *                              |          v   v  ENDED,          v
 *                              '------- DRAINING SESSIONS_GONE  GONE    (LINGER: back to INACTIVE)
 *                                          |                     ^
 *                                          '------ DEADLINE -----'     (SET_GONE: GONE from everywhere)
 */
#ifndef PCSCF_CONNECTION_STATE_H
#define PCSCF_CONNECTION_STATE_H

#include "base/state_table.h"

enum pcscf_connection_state {
	PCSCF_CONN_ACTIVE,   /* at least one binding */
	PCSCF_CONN_INACTIVE, /* no binding, its SA set is held while sessions linger */
	PCSCF_CONN_DRAINING, /* over; kept a moment for requests already on their way to the UE */
	PCSCF_CONN_GONE,     /* to be forgotten */
	PCSCF_CONN_STATES
};

enum pcscf_connection_event {
	PCSCF_CONN_EV_BOUND,  /* a 200 to REGISTER: a binding over this connection */
	PCSCF_CONN_EV_LINGER, /* reg event: last binding gone, sessions linger */
	PCSCF_CONN_EV_ENDED,  /* reg event: last binding gone and nothing lingers (any more) */
	PCSCF_CONN_EV_SESSIONS_GONE, /* the last of its sessions ended or moved */
	PCSCF_CONN_EV_DEADLINE,	     /* its timer ran out */
	PCSCF_CONN_EV_SET_GONE,	     /* ims_flow ended the flow set */
	PCSCF_CONN_EVENTS
};

/* What the caller has to do about the flow set and the connection's timer. */
enum pcscf_connection_action {
	PCSCF_CONN_NOTHING,
	PCSCF_CONN_RELEASE, /* no hold, no timer */
	PCSCF_CONN_HOLD,    /* hold for linger + grace, timer at its end */
	PCSCF_CONN_DRAIN,   /* hold for the drain time, timer at its end */
	PCSCF_CONN_DROP,    /* drop the flow set, forget the connection */
	PCSCF_CONN_FORGET,  /* forget the connection; the flow set is gone already */
	PCSCF_CONN_ACTIONS
};

extern const struct state_table pcscf_connection_table;

#endif
