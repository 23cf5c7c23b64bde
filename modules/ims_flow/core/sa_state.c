/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/sa_state.h"

#define NO (-1)

static const signed char sa_table[SA_STATES][SA_EVENTS] = {
    /*               CHALLENGED    RECHALL. ACCEPTED   BESIDE  REFUSED USED       SUPERSEDED OVER */
    [SA_FREE] = {SA_TEMPORARY, NO, NO, NO, NO, NO, NO, NO},
    [SA_TEMPORARY] = {NO, SA_FREE, SA_IN_USE, SA_NEW, SA_OLD, SA_TEMPORARY, SA_TEMPORARY, SA_FREE},
    [SA_NEW] = {NO, NO, SA_IN_USE, NO, NO, SA_IN_USE, SA_FREE, SA_FREE},
    [SA_IN_USE] = {NO, NO, SA_IN_USE, NO, NO, SA_IN_USE, SA_OLD, SA_FREE},
    [SA_OLD] = {NO, NO, SA_OLD, NO, SA_OLD, SA_OLD, SA_FREE, SA_FREE},
};

static const signed char flow_table[FLOW_STATES][FLOW_EVENTS] = {
    /*               CHALLENGED    ACCEPTED     REFUSED       ENDED         ENDED_HELD DROPPED
       LAPSED */
    [FLOW_FREE] = {FLOW_PENDING, FLOW_ACTIVE, NO, NO, NO, NO, NO},
    [FLOW_PENDING] = {FLOW_PENDING, FLOW_ACTIVE, FLOW_CLOSING, NO, NO, FLOW_CLOSING, FLOW_FREE},
    [FLOW_ACTIVE] = {FLOW_ACTIVE, FLOW_ACTIVE, FLOW_ACTIVE, FLOW_CLOSING, FLOW_HELD, FLOW_CLOSING,
		     NO},
    [FLOW_HELD] = {FLOW_HELD, FLOW_ACTIVE, FLOW_HELD, FLOW_CLOSING, FLOW_HELD, FLOW_CLOSING, NO},
    [FLOW_CLOSING] = {NO, NO, FLOW_CLOSING, NO, NO, FLOW_CLOSING, FLOW_FREE},
};

int flow_sa_next(enum sa_state state, enum sa_event event)
{
	return state >= 0 && state < SA_STATES && event >= 0 && event < SA_EVENTS
		   ? sa_table[state][event]
		   : NO;
}

int flow_next(enum flow_state state, enum flow_event event)
{
	return state >= 0 && state < FLOW_STATES && event >= 0 && event < FLOW_EVENTS
		   ? flow_table[state][event]
		   : NO;
}

static const char *name(const char *const *names, int n, int i)
{
	return i >= 0 && i < n ? names[i] : "unknown";
}

const char *flow_sa_state_name(int state)
{
	static const char *const names[] = {"free", "temporary", "new", "in-use", "old"};

	return name(names, SA_STATES, state);
}

const char *flow_sa_event_name(int event)
{
	static const char *const names[] = {"challenged",      "rechallenged", "accepted",
					    "accepted-beside", "refused",      "used",
					    "superseded",      "over"};

	return name(names, SA_EVENTS, event);
}

const char *flow_state_name(int state)
{
	static const char *const names[] = {"free", "pending", "active", "held", "closing"};

	return name(names, FLOW_STATES, state);
}

const char *flow_event_name(int event)
{
	static const char *const names[] = {"challenged", "accepted", "refused", "ended",
					    "ended-held", "dropped",  "lapsed"};

	return name(names, FLOW_EVENTS, event);
}
