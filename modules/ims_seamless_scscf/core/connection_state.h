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

enum scscf_connection_state {
	SCSCF_CONNECTION_NONE,
	SCSCF_CONNECTION_ACTIVE,   /* has bindings */
	SCSCF_CONNECTION_INACTIVE, /* has none, sessions run, the linger timer runs */
	SCSCF_CONNECTION_TERMINATED,
	SCSCF_CONNECTION_STATES
};

enum scscf_connection_event {
	SCSCF_CONNECTION_BIND,		/* a binding was made over it */
	SCSCF_CONNECTION_UNBIND_IDLE,	/* its last binding has gone, no session runs on it */
	SCSCF_CONNECTION_UNBIND_BUSY,	/* its last binding has gone, sessions run on it */
	SCSCF_CONNECTION_SESSIONS_GONE, /* the last session left it or ended */
	SCSCF_CONNECTION_LINGER_END,	/* the linger timer fired */
	SCSCF_CONNECTION_DROP,		/* an operator or the network took it away */
	SCSCF_CONNECTION_EVENTS
};

enum scscf_connection_action {
	SCSCF_CONNECTION_DO_NOTHING,
	SCSCF_CONNECTION_START_LINGER,
	SCSCF_CONNECTION_STOP_LINGER,
	SCSCF_CONNECTION_REMOVE,	     /* no session is left on it */
	SCSCF_CONNECTION_RELEASE_AND_REMOVE, /* sessions still on it are released first */
	SCSCF_CONNECTION_FORBIDDEN /* cannot happen in this state: a bug, nothing is done */
};

struct scscf_connection_transition {
	enum scscf_connection_state to;
	enum scscf_connection_action action;
};

/* The table's entry; FORBIDDEN (and the state itself) for values out of range too. */
struct scscf_connection_transition scscf_connection_transition(enum scscf_connection_state s,
							       enum scscf_connection_event e);

const char *scscf_connection_state_name(enum scscf_connection_state s);
const char *scscf_connection_event_name(enum scscf_connection_event e);

#endif
