/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/connection_state.h"

#define NO(state)                                                                                  \
	{                                                                                          \
		state, SCSCF_CONNECTION_FORBIDDEN                                                  \
	}

static const struct scscf_connection_transition
    table[SCSCF_CONNECTION_STATES][SCSCF_CONNECTION_EVENTS] = {
	[SCSCF_CONNECTION_NONE] =
	    {
		[SCSCF_CONNECTION_BIND] = {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_DO_NOTHING},
		[SCSCF_CONNECTION_UNBIND_IDLE] = NO(SCSCF_CONNECTION_NONE),
		[SCSCF_CONNECTION_UNBIND_BUSY] = NO(SCSCF_CONNECTION_NONE),
		[SCSCF_CONNECTION_SESSIONS_GONE] = NO(SCSCF_CONNECTION_NONE),
		[SCSCF_CONNECTION_LINGER_END] = NO(SCSCF_CONNECTION_NONE),
		[SCSCF_CONNECTION_DROP] = {SCSCF_CONNECTION_TERMINATED, SCSCF_CONNECTION_REMOVE},
	    },
	[SCSCF_CONNECTION_ACTIVE] =
	    {
		[SCSCF_CONNECTION_BIND] = {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_DO_NOTHING},
		[SCSCF_CONNECTION_UNBIND_IDLE] = {SCSCF_CONNECTION_TERMINATED,
						  SCSCF_CONNECTION_REMOVE},
		[SCSCF_CONNECTION_UNBIND_BUSY] = {SCSCF_CONNECTION_INACTIVE,
						  SCSCF_CONNECTION_START_LINGER},
		[SCSCF_CONNECTION_SESSIONS_GONE] = {SCSCF_CONNECTION_ACTIVE,
						    SCSCF_CONNECTION_DO_NOTHING},
		[SCSCF_CONNECTION_LINGER_END] = NO(SCSCF_CONNECTION_ACTIVE),
		[SCSCF_CONNECTION_DROP] = {SCSCF_CONNECTION_TERMINATED,
					   SCSCF_CONNECTION_RELEASE_AND_REMOVE},
	    },
	[SCSCF_CONNECTION_INACTIVE] =
	    {
		[SCSCF_CONNECTION_BIND] = {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_STOP_LINGER},
		[SCSCF_CONNECTION_UNBIND_IDLE] = NO(SCSCF_CONNECTION_INACTIVE),
		[SCSCF_CONNECTION_UNBIND_BUSY] = NO(SCSCF_CONNECTION_INACTIVE),
		[SCSCF_CONNECTION_SESSIONS_GONE] = {SCSCF_CONNECTION_TERMINATED,
						    SCSCF_CONNECTION_REMOVE},
		[SCSCF_CONNECTION_LINGER_END] = {SCSCF_CONNECTION_TERMINATED,
						 SCSCF_CONNECTION_RELEASE_AND_REMOVE},
		[SCSCF_CONNECTION_DROP] = {SCSCF_CONNECTION_TERMINATED,
					   SCSCF_CONNECTION_RELEASE_AND_REMOVE},
	    },
	[SCSCF_CONNECTION_TERMINATED] =
	    {
		[SCSCF_CONNECTION_BIND] = NO(SCSCF_CONNECTION_TERMINATED),
		[SCSCF_CONNECTION_UNBIND_IDLE] = NO(SCSCF_CONNECTION_TERMINATED),
		[SCSCF_CONNECTION_UNBIND_BUSY] = NO(SCSCF_CONNECTION_TERMINATED),
		[SCSCF_CONNECTION_SESSIONS_GONE] = NO(SCSCF_CONNECTION_TERMINATED),
		[SCSCF_CONNECTION_LINGER_END] = NO(SCSCF_CONNECTION_TERMINATED),
		[SCSCF_CONNECTION_DROP] = NO(SCSCF_CONNECTION_TERMINATED),
	    },
};

struct scscf_connection_transition scscf_connection_transition(enum scscf_connection_state s,
							       enum scscf_connection_event e)
{
	if ((unsigned)s >= SCSCF_CONNECTION_STATES || (unsigned)e >= SCSCF_CONNECTION_EVENTS)
		return (struct scscf_connection_transition){s, SCSCF_CONNECTION_FORBIDDEN};
	return table[s][e];
}

const char *scscf_connection_state_name(enum scscf_connection_state s)
{
	static const char *const names[SCSCF_CONNECTION_STATES] = {"none", "active", "inactive",
								   "terminated"};

	return (unsigned)s < SCSCF_CONNECTION_STATES ? names[s] : "?";
}

const char *scscf_connection_event_name(enum scscf_connection_event e)
{
	static const char *const names[SCSCF_CONNECTION_EVENTS] = {
	    "bind", "unbind idle", "unbind busy", "sessions gone", "linger end", "drop"};

	return (unsigned)e < SCSCF_CONNECTION_EVENTS ? names[e] : "?";
}
