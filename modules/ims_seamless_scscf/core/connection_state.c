/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/connection_state.h"

#define NO(state)                                                                                  \
	{                                                                                          \
		state, CONNECTION_FORBIDDEN                                                        \
	}

static const struct connection_transition table[CONNECTION_STATES][CONNECTION_EVENTS] = {
    [CONNECTION_NONE] =
	{
	    [CONNECTION_BIND] = {CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
	    [CONNECTION_UNBIND_IDLE] = NO(CONNECTION_NONE),
	    [CONNECTION_UNBIND_BUSY] = NO(CONNECTION_NONE),
	    [CONNECTION_SESSIONS_GONE] = NO(CONNECTION_NONE),
	    [CONNECTION_LINGER_END] = NO(CONNECTION_NONE),
	    [CONNECTION_DROP] = {CONNECTION_TERMINATED, CONNECTION_REMOVE},
	},
    [CONNECTION_ACTIVE] =
	{
	    [CONNECTION_BIND] = {CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
	    [CONNECTION_UNBIND_IDLE] = {CONNECTION_TERMINATED, CONNECTION_REMOVE},
	    [CONNECTION_UNBIND_BUSY] = {CONNECTION_INACTIVE, CONNECTION_START_LINGER},
	    [CONNECTION_SESSIONS_GONE] = {CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
	    [CONNECTION_LINGER_END] = NO(CONNECTION_ACTIVE),
	    [CONNECTION_DROP] = {CONNECTION_TERMINATED, CONNECTION_RELEASE_AND_REMOVE},
	},
    [CONNECTION_INACTIVE] =
	{
	    [CONNECTION_BIND] = {CONNECTION_ACTIVE, CONNECTION_STOP_LINGER},
	    [CONNECTION_UNBIND_IDLE] = NO(CONNECTION_INACTIVE),
	    [CONNECTION_UNBIND_BUSY] = NO(CONNECTION_INACTIVE),
	    [CONNECTION_SESSIONS_GONE] = {CONNECTION_TERMINATED, CONNECTION_REMOVE},
	    [CONNECTION_LINGER_END] = {CONNECTION_TERMINATED, CONNECTION_RELEASE_AND_REMOVE},
	    [CONNECTION_DROP] = {CONNECTION_TERMINATED, CONNECTION_RELEASE_AND_REMOVE},
	},
    [CONNECTION_TERMINATED] =
	{
	    [CONNECTION_BIND] = NO(CONNECTION_TERMINATED),
	    [CONNECTION_UNBIND_IDLE] = NO(CONNECTION_TERMINATED),
	    [CONNECTION_UNBIND_BUSY] = NO(CONNECTION_TERMINATED),
	    [CONNECTION_SESSIONS_GONE] = NO(CONNECTION_TERMINATED),
	    [CONNECTION_LINGER_END] = NO(CONNECTION_TERMINATED),
	    [CONNECTION_DROP] = NO(CONNECTION_TERMINATED),
	},
};

struct connection_transition connection_transition(enum connection_state s, enum connection_event e)
{
	if ((unsigned)s >= CONNECTION_STATES || (unsigned)e >= CONNECTION_EVENTS)
		return (struct connection_transition){s, CONNECTION_FORBIDDEN};
	return table[s][e];
}

const char *connection_state_name(enum connection_state s)
{
	static const char *const names[CONNECTION_STATES] = {"none", "active", "inactive",
							     "terminated"};

	return (unsigned)s < CONNECTION_STATES ? names[s] : "?";
}

const char *connection_event_name(enum connection_event e)
{
	static const char *const names[CONNECTION_EVENTS] = {
	    "bind", "unbind idle", "unbind busy", "sessions gone", "linger end", "drop"};

	return (unsigned)e < CONNECTION_EVENTS ? names[e] : "?";
}
