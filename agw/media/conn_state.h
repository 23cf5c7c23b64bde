/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one TCP connection of a stream leg, as a table. A leg may have several at a time: one
 * with its peer, and newcomers whose TLS handshake is to show whether they are the peer.
 */
#ifndef AGW_MEDIA_CONN_STATE_H
#define AGW_MEDIA_CONN_STATE_H

#include "base/state_table.h"

enum conn_state {
	CONN_IDLE,	 /* not begun, or over */
	CONN_CONNECTING, /* our SYN is out */
	CONN_OPEN,	 /* TCP is up; TLS, if any, has not begun */
	CONN_HANDSHAKE,	 /* the TLS handshake is running */
	CONN_HELD,  /* our first flight is out; nothing is read until signalling has brought the
			  * peer's fingerprint */
	CONN_READY, /* data may pass: plain TCP is up, or TLS is up and the fingerprint matched */
	CONN_STATES,
};

enum conn_event {
	CONN_EV_CONNECT, /* we send a SYN */
	CONN_EV_UP,	 /* accepted, or our SYN was answered */
	CONN_EV_TLS_BEGIN,
	CONN_EV_HOLD,	/* first flight sent without a fingerprint to compare with */
	CONN_EV_RESUME, /* the fingerprint has come */
	CONN_EV_PASS,	/* plain: at once; TLS: handshake done, fingerprint matched */
	CONN_EV_CLOSE,	/* ended, lost, refused or taken down */
	CONN_EVENTS,
};

extern const struct state_table conn_state_table;

#endif
