/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/conn_state.h"

/* 0 = must not happen, else the next state + 1. */
#define TO(s) (CONN_##s + 1)
static const unsigned char table[CONN_STATES][CONN_EVENTS] = {
    [CONN_IDLE] = {[CONN_EV_CONNECT] = TO(CONNECTING), [CONN_EV_UP] = TO(OPEN)},
    [CONN_CONNECTING] = {[CONN_EV_UP] = TO(OPEN), [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_OPEN] = {[CONN_EV_TLS_BEGIN] = TO(HANDSHAKE),
		   [CONN_EV_PASS] = TO(READY),
		   [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_HANDSHAKE] = {[CONN_EV_HOLD] = TO(HELD),
			[CONN_EV_PASS] = TO(READY),
			[CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_HELD] = {[CONN_EV_RESUME] = TO(HANDSHAKE), [CONN_EV_CLOSE] = TO(IDLE)},
    [CONN_READY] = {[CONN_EV_CLOSE] = TO(IDLE)},
};

int conn_state_next(enum conn_state s, enum conn_event e)
{
	if (s >= CONN_STATES || e >= CONN_EVENTS)
		return -1;
	return (int)table[s][e] - 1;
}

const char *conn_state_name(enum conn_state s)
{
	static const char *const names[CONN_STATES] = {"idle",	    "connecting", "open",
						       "handshake", "held",	  "ready"};

	return s < CONN_STATES ? names[s] : "?";
}

const char *conn_event_name(enum conn_event e)
{
	static const char *const names[CONN_EVENTS] = {"connect", "up",	  "tls-begin", "hold",
						       "resume",  "pass", "close"};

	return e < CONN_EVENTS ? names[e] : "?";
}
