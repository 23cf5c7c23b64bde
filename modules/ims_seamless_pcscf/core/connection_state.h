/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one IMS connection as the P-CSCF sees it (seed: C1-062198 2.2, 2.3; states mirrored
 * from the S-CSCF, which owns the linger timer). A connection is what one flow set of ims_flow
 * carries.
 *
 *               BOUND                      LINGER
 *   (new) ------------> ACTIVE --------------------------> INACTIVE
 *                       |   ^ \__________________________ /  |   |
 *                  ENDED|    \        BOUND                  |   | DEADLINE
 *                       v     \                              |   v
 *                     DRAINING <-----------------------------'  GONE
 *                       |          ENDED, SESSIONS_GONE
 *                       '--DEADLINE--> GONE          (SET_GONE: GONE from everywhere)
 */
#ifndef PCSCF_CONNECTION_STATE_H
#define PCSCF_CONNECTION_STATE_H

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
	PCSCF_CONN_FORGET   /* forget the connection; the flow set is gone already */
};

struct pcscf_connection_step {
	enum pcscf_connection_state next;
	enum pcscf_connection_action action;
};

/* The transition for an event; an event without meaning in a state leaves it there with
 * PCSCF_CONN_NOTHING. */
struct pcscf_connection_step pcscf_connection_step(enum pcscf_connection_state state,
						   enum pcscf_connection_event event);

/* Names for logs and RPC; never NULL. */
const char *pcscf_connection_state_name(enum pcscf_connection_state s);
const char *pcscf_connection_event_name(enum pcscf_connection_event e);

#endif
