/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/sa_state.h"

static const struct state_row sa_rows[SA_STATES][SA_EVENTS] = {
    [SA_FREE][SA_EV_CHALLENGED] = STATE_GO(SA_TEMPORARY, 0),

    [SA_TEMPORARY][SA_EV_RECHALLENGED] = STATE_GO(SA_FREE, 0),
    [SA_TEMPORARY][SA_EV_ACCEPTED] = STATE_GO(SA_IN_USE, 0),
    [SA_TEMPORARY][SA_EV_ACCEPTED_BESIDE] = STATE_GO(SA_NEW, 0),
    [SA_TEMPORARY][SA_EV_REFUSED] = STATE_GO(SA_OLD, 0),
    [SA_TEMPORARY][SA_EV_USED] = STATE_STAY,
    [SA_TEMPORARY][SA_EV_SUPERSEDED] = STATE_STAY,
    [SA_TEMPORARY][SA_EV_OVER] = STATE_GO(SA_FREE, 0),

    [SA_NEW][SA_EV_ACCEPTED] = STATE_GO(SA_IN_USE, 0),
    [SA_NEW][SA_EV_USED] = STATE_GO(SA_IN_USE, 0),
    [SA_NEW][SA_EV_SUPERSEDED] = STATE_GO(SA_FREE, 0),
    [SA_NEW][SA_EV_OVER] = STATE_GO(SA_FREE, 0),

    [SA_IN_USE][SA_EV_ACCEPTED] = STATE_STAY,
    [SA_IN_USE][SA_EV_USED] = STATE_STAY,
    [SA_IN_USE][SA_EV_SUPERSEDED] = STATE_GO(SA_OLD, 0),
    [SA_IN_USE][SA_EV_OVER] = STATE_GO(SA_FREE, 0),

    [SA_OLD][SA_EV_ACCEPTED] = STATE_STAY,
    [SA_OLD][SA_EV_REFUSED] = STATE_STAY,
    [SA_OLD][SA_EV_USED] = STATE_STAY,
    [SA_OLD][SA_EV_SUPERSEDED] = STATE_GO(SA_FREE, 0),
    [SA_OLD][SA_EV_OVER] = STATE_GO(SA_FREE, 0),
};

static const char *const sa_names[SA_STATES] = {"free", "temporary", "new", "in-use", "old"};
static const char *const sa_event_names[SA_EVENTS] = {"challenged",	 "rechallenged", "accepted",
						      "accepted-beside", "refused",	 "used",
						      "superseded",	 "over"};

const struct state_table flow_sa_table = STATE_TABLE("SA set", sa_rows, sa_names, sa_event_names);

static const struct state_row set_rows[FLOW_STATES][FLOW_EVENTS] = {
    [FLOW_FREE][FLOW_EVENT_CHALLENGED] = STATE_GO(FLOW_PENDING, 0),
    [FLOW_FREE][FLOW_EVENT_ACCEPTED] = STATE_GO(FLOW_ACTIVE, 0),

    [FLOW_PENDING][FLOW_EVENT_CHALLENGED] = STATE_STAY,
    [FLOW_PENDING][FLOW_EVENT_ACCEPTED] = STATE_GO(FLOW_ACTIVE, 0),
    [FLOW_PENDING][FLOW_EVENT_REFUSED] = STATE_GO(FLOW_CLOSING, 0),
    [FLOW_PENDING][FLOW_EVENT_DROPPED] = STATE_GO(FLOW_CLOSING, 0),
    [FLOW_PENDING][FLOW_EVENT_LAPSED] = STATE_GO(FLOW_FREE, 0),

    [FLOW_ACTIVE][FLOW_EVENT_CHALLENGED] = STATE_STAY,
    [FLOW_ACTIVE][FLOW_EVENT_ACCEPTED] = STATE_STAY,
    [FLOW_ACTIVE][FLOW_EVENT_REFUSED] = STATE_STAY,
    [FLOW_ACTIVE][FLOW_EVENT_ENDED] = STATE_GO(FLOW_CLOSING, 0),
    [FLOW_ACTIVE][FLOW_EVENT_ENDED_HELD] = STATE_GO(FLOW_HELD, 0),
    [FLOW_ACTIVE][FLOW_EVENT_DROPPED] = STATE_GO(FLOW_CLOSING, 0),

    [FLOW_HELD][FLOW_EVENT_CHALLENGED] = STATE_STAY,
    [FLOW_HELD][FLOW_EVENT_ACCEPTED] = STATE_GO(FLOW_ACTIVE, 0),
    [FLOW_HELD][FLOW_EVENT_REFUSED] = STATE_STAY,
    [FLOW_HELD][FLOW_EVENT_ENDED] = STATE_GO(FLOW_CLOSING, 0),
    [FLOW_HELD][FLOW_EVENT_ENDED_HELD] = STATE_STAY,
    [FLOW_HELD][FLOW_EVENT_DROPPED] = STATE_GO(FLOW_CLOSING, 0),

    [FLOW_CLOSING][FLOW_EVENT_ACCEPTED] = STATE_GO(FLOW_ACTIVE, 0),
    [FLOW_CLOSING][FLOW_EVENT_REFUSED] = STATE_STAY,
    [FLOW_CLOSING][FLOW_EVENT_DROPPED] = STATE_STAY,
    [FLOW_CLOSING][FLOW_EVENT_LAPSED] = STATE_GO(FLOW_FREE, 0),
};

static const char *const set_names[FLOW_STATES] = {"free", "pending", "active", "held", "closing"};
static const char *const set_event_names[FLOW_EVENTS] = {
    "challenged", "accepted", "refused", "ended", "ended-held", "dropped", "lapsed"};

const struct state_table flow_set_table =
    STATE_TABLE("flow set", set_rows, set_names, set_event_names);
