/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of an IMS connection (C1-062198 2, figure 1, and 2.2) as a table of
 * lib/base/state_table.h.
 *
 *               bind                 unbind busy (sessions run)
 *    None ---------------> Active ------------------------------> Inactive
 *     |                     |  ^                                   |   |
 *     |                     |  '------------- bind ----------------'   |
 *     | drop                |                                          | sessions gone,
 *     |                     | unbind idle (no session), drop           | linger end, drop
 *     v                     v                                          v
 *    Terminated <-----------+------------------------------------------'
 */
#ifndef SCSCF_CONNECTION_STATE_H
#define SCSCF_CONNECTION_STATE_H

#include "base/state_table.h"

enum scscf_connection_state {
	SCSCF_CONNECTION_NONE,	     /* made, nothing is bound over it yet */
	SCSCF_CONNECTION_ACTIVE,     /* has bindings */
	SCSCF_CONNECTION_INACTIVE,   /* has none, sessions run on it, the linger timer runs */
	SCSCF_CONNECTION_TERMINATED, /* about to be freed */
	SCSCF_CONNECTION_STATES
};

enum scscf_connection_event {
	SCSCF_CONNECTION_BIND,		/* a binding was made or refreshed over it */
	SCSCF_CONNECTION_UNBIND_IDLE,	/* its last binding has gone, no session is kept on it */
	SCSCF_CONNECTION_UNBIND_BUSY,	/* its last binding has gone, sessions run on */
	SCSCF_CONNECTION_SESSIONS_GONE, /* the last session left it or ended */
	SCSCF_CONNECTION_LINGER_END,	/* the linger timer fired */
	SCSCF_CONNECTION_DROP,		/* an operator or the network took it away */
	SCSCF_CONNECTION_EVENTS
};

enum scscf_connection_action {
	SCSCF_CONNECTION_DO_NOTHING,
	SCSCF_CONNECTION_START_LINGER,
	SCSCF_CONNECTION_STOP_LINGER,
	SCSCF_CONNECTION_REMOVE,	     /* no session is released with it */
	SCSCF_CONNECTION_RELEASE_AND_REMOVE, /* sessions still on it are released first */
	SCSCF_CONNECTION_ACTIONS
};

/* The table; ask it with state_step(), state_name() and state_event_name(). */
extern const struct state_table scscf_connection_table;

/* Name of a state for logs and RPC ("active"); "?" out of range. */
static inline const char *scscf_connection_state_name(enum scscf_connection_state s)
{
	return state_name(&scscf_connection_table, (unsigned)s);
}

#endif
