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
#ifndef CONNECTION_FSM_H
#define CONNECTION_FSM_H

enum connection_state {
	CONNECTION_ACTIVE,   /* at least one binding */
	CONNECTION_INACTIVE, /* no binding, its SA set is held while sessions linger */
	CONNECTION_DRAINING, /* over; kept a moment for requests already on their way to the UE */
	CONNECTION_GONE,     /* to be forgotten */
	CONNECTION_STATES
};

enum connection_event {
	CONNECTION_EV_BOUND,  /* a 200 to REGISTER: a binding over this connection */
	CONNECTION_EV_LINGER, /* reg event: last binding gone, sessions linger */
	CONNECTION_EV_ENDED,  /* reg event: last binding gone and nothing lingers (any more) */
	CONNECTION_EV_SESSIONS_GONE, /* the last of its sessions ended or moved */
	CONNECTION_EV_DEADLINE,	     /* its timer ran out */
	CONNECTION_EV_SET_GONE,	     /* ims_flow ended the flow set */
	CONNECTION_EVENTS
};

/* What the caller has to do about the flow set and the connection's timer. */
enum connection_action {
	CONNECTION_NOTHING,
	CONNECTION_RELEASE, /* no hold, no timer */
	CONNECTION_HOLD,    /* hold for linger + grace, timer at its end */
	CONNECTION_DRAIN,   /* hold for the drain time, timer at its end */
	CONNECTION_DROP,    /* drop the flow set, forget the connection */
	CONNECTION_FORGET   /* forget the connection; the flow set is gone already */
};

struct connection_step {
	enum connection_state next;
	enum connection_action action;
};

/* The transition for an event; an event without meaning in a state leaves it there with
 * CONNECTION_NOTHING. */
struct connection_step connection_step(enum connection_state state, enum connection_event event);

/* Names for logs and RPC; never NULL. */
const char *connection_state_name(enum connection_state s);
const char *connection_event_name(enum connection_event e);

#endif
