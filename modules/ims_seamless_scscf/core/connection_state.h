/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of an IMS connection (seed 001, figure 1 and section 2.2) as a table.
 *
 *                 bind                 unbind, sessions run
 *     (none) ------------> Active --------------------------> Inactive
 *                            |  <--------------------------     |
 *                            |             bind                 | last session left, linger end,
 * drop | unbind, no session; drop         v
 *                            +-----------------------------> Terminated
 */
#ifndef SEAMLESS_CONNECTION_STATE_H
#define SEAMLESS_CONNECTION_STATE_H

enum connection_state {
	CONNECTION_NONE,
	CONNECTION_ACTIVE,   /* has bindings */
	CONNECTION_INACTIVE, /* has none, sessions run, the linger timer runs */
	CONNECTION_TERMINATED,
	CONNECTION_STATES
};

enum connection_event {
	CONNECTION_BIND,	  /* a binding was made over it */
	CONNECTION_UNBIND_IDLE,	  /* its last binding has gone, no session runs on it */
	CONNECTION_UNBIND_BUSY,	  /* its last binding has gone, sessions run on it */
	CONNECTION_SESSIONS_GONE, /* the last session left it or ended */
	CONNECTION_LINGER_END,	  /* the linger timer fired */
	CONNECTION_DROP,	  /* an operator or the network took it away */
	CONNECTION_EVENTS
};

enum connection_action {
	CONNECTION_DO_NOTHING,
	CONNECTION_START_LINGER,
	CONNECTION_STOP_LINGER,
	CONNECTION_REMOVE,	       /* no session is left on it */
	CONNECTION_RELEASE_AND_REMOVE, /* sessions still on it are released first */
	CONNECTION_FORBIDDEN	       /* cannot happen in this state: a bug, nothing is done */
};

struct connection_transition {
	enum connection_state to;
	enum connection_action action;
};

/* The table's entry; FORBIDDEN (and the state itself) for values out of range too. */
struct connection_transition connection_transition(enum connection_state s,
						   enum connection_event e);

const char *connection_state_name(enum connection_state s);
const char *connection_event_name(enum connection_event e);

#endif
