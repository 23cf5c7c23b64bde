/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/transaction/incoming_state.h"

static const struct state_row rows[INCOMING_STATES][INCOMING_EVENTS] = {
    [INCOMING_RUNNING] = {[INCOMING_EV_COPY] = STATE_DO(INCOMING_DO_PEND),
			  [INCOMING_EV_REPLY] = STATE_GO(INCOMING_ANSWERED, INCOMING_DO_REMEMBER),
			  [INCOMING_EV_ACK] = STATE_STAY},
    [INCOMING_ANSWERED] = {[INCOMING_EV_COPY] = STATE_DO(INCOMING_DO_REPEAT),
			   [INCOMING_EV_ACK] = STATE_GO(INCOMING_CONFIRMED, INCOMING_DO_DROP)},
    [INCOMING_CONFIRMED] =
	{[INCOMING_EV_COPY] = STATE_DO(INCOMING_DO_DISCARD), [INCOMING_EV_ACK] = STATE_STAY},
};
static const char *const states[INCOMING_STATES] = {"running", "answered", "confirmed"};
static const char *const events[INCOMING_EVENTS] = {"copy", "reply", "ack"};
const struct state_table incoming_states = STATE_TABLE("incoming", rows, states, events);
