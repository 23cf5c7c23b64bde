/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/conn_state.h"

#define TO(s) STATE_GO(CONN_##s, 0)
static const struct state_row rows[CONN_STATES][CONN_EVENTS] = {
    [CONN_IDLE] = {[CONN_EV_CONNECT] = TO(CONNECTING), [CONN_EV_UP] = TO(OPEN)},
    [CONN_CONNECTING] = {[CONN_EV_UP] = TO(OPEN), [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_OPEN] = {[CONN_EV_TLS_BEGIN] = TO(HANDSHAKE),
		   [CONN_EV_PASS] = TO(READY),
		   [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_HANDSHAKE] =
	{[CONN_EV_HOLD] = TO(HELD), [CONN_EV_PASS] = TO(READY), [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_HELD] = {[CONN_EV_RESUME] = TO(HANDSHAKE), [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_READY] = {[CONN_EV_CLOSE] = TO(IDLE)},
};
static const char *const states[CONN_STATES] = {"idle",	     "connecting", "open",
						"handshake", "held",	   "ready"};
static const char *const events[CONN_EVENTS] = {"connect", "up",   "tls-begin", "hold",
						"resume",  "pass", "close"};

const struct state_table conn_state_table = STATE_TABLE("connection", rows, states, events);
