/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection_state.h"

static const char *const state_names[PCSCF_CONN_STATES] = {
    [PCSCF_CONN_ACTIVE] = "active",
    [PCSCF_CONN_INACTIVE] = "inactive",
    [PCSCF_CONN_DRAINING] = "draining",
    [PCSCF_CONN_GONE] = "gone",
};

static const char *const event_names[PCSCF_CONN_EVENTS] = {
    [PCSCF_CONN_EV_BOUND] = "bound",	   [PCSCF_CONN_EV_LINGER] = "linger",
    [PCSCF_CONN_EV_ENDED] = "ended",	   [PCSCF_CONN_EV_SESSIONS_GONE] = "sessions-gone",
    [PCSCF_CONN_EV_DEADLINE] = "deadline", [PCSCF_CONN_EV_SET_GONE] = "set-gone",
};

/* clang-format off */
static const struct pcscf_connection_step steps[PCSCF_CONN_STATES][PCSCF_CONN_EVENTS] = {
	[PCSCF_CONN_ACTIVE] = {
		[PCSCF_CONN_EV_BOUND] = {PCSCF_CONN_ACTIVE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_LINGER] = {PCSCF_CONN_INACTIVE, PCSCF_CONN_HOLD},
		[PCSCF_CONN_EV_ENDED] = {PCSCF_CONN_DRAINING, PCSCF_CONN_DRAIN},
		[PCSCF_CONN_EV_SESSIONS_GONE] = {PCSCF_CONN_ACTIVE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_DEADLINE] = {PCSCF_CONN_ACTIVE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_SET_GONE] = {PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	},
	[PCSCF_CONN_INACTIVE] = {
		[PCSCF_CONN_EV_BOUND] = {PCSCF_CONN_ACTIVE, PCSCF_CONN_RELEASE},
		[PCSCF_CONN_EV_LINGER] = {PCSCF_CONN_INACTIVE, PCSCF_CONN_HOLD},
		[PCSCF_CONN_EV_ENDED] = {PCSCF_CONN_DRAINING, PCSCF_CONN_DRAIN},
		[PCSCF_CONN_EV_SESSIONS_GONE] = {PCSCF_CONN_DRAINING, PCSCF_CONN_DRAIN},
		[PCSCF_CONN_EV_DEADLINE] = {PCSCF_CONN_GONE, PCSCF_CONN_DROP},
		[PCSCF_CONN_EV_SET_GONE] = {PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	},
	[PCSCF_CONN_DRAINING] = {
		[PCSCF_CONN_EV_BOUND] = {PCSCF_CONN_ACTIVE, PCSCF_CONN_RELEASE},
		[PCSCF_CONN_EV_LINGER] = {PCSCF_CONN_DRAINING, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_ENDED] = {PCSCF_CONN_DRAINING, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_SESSIONS_GONE] = {PCSCF_CONN_DRAINING, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_DEADLINE] = {PCSCF_CONN_GONE, PCSCF_CONN_DROP},
		[PCSCF_CONN_EV_SET_GONE] = {PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	},
	[PCSCF_CONN_GONE] = {
		[PCSCF_CONN_EV_BOUND] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_LINGER] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_ENDED] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_SESSIONS_GONE] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_DEADLINE] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
		[PCSCF_CONN_EV_SET_GONE] = {PCSCF_CONN_GONE, PCSCF_CONN_NOTHING},
	},
};
/* clang-format on */

struct pcscf_connection_step pcscf_connection_step(enum pcscf_connection_state state,
						   enum pcscf_connection_event event)
{
	if ((unsigned int)state >= PCSCF_CONN_STATES || (unsigned int)event >= PCSCF_CONN_EVENTS)
		return (struct pcscf_connection_step){state, PCSCF_CONN_NOTHING};
	return steps[state][event];
}

const char *pcscf_connection_state_name(enum pcscf_connection_state s)
{
	return (unsigned int)s < PCSCF_CONN_STATES ? state_names[s] : "?";
}

const char *pcscf_connection_event_name(enum pcscf_connection_event e)
{
	return (unsigned int)e < PCSCF_CONN_EVENTS ? event_names[e] : "?";
}
