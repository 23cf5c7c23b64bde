/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a stream leg's connection, as a table. */
#ifndef AGW_MEDIA_CONN_STATE_H
#define AGW_MEDIA_CONN_STATE_H

enum conn_state {
	CONN_IDLE,	 /* no connection; perhaps listening */
	CONN_CONNECTING, /* our SYN is out */
	CONN_OPEN,	 /* TCP is up; TLS, if any, has not begun */
	CONN_HANDSHAKE,	 /* TLS handshake is running */
	CONN_HELD, /* our first flight is out; nothing is read until the peer's fingerprint is known
		    */
	CONN_READY,  /* data may pass: plain TCP is up, or TLS is up and the fingerprint matched */
	CONN_FAILED, /* TLS failed or the peer broke the protocol: shut until configured anew */
	CONN_STATES,
};

enum conn_event {
	CONN_EV_CONNECT, /* we send a SYN */
	CONN_EV_UP,	 /* accepted, or our SYN was answered */
	CONN_EV_TLS_BEGIN,
	CONN_EV_HOLD,	     /* first flight sent without a fingerprint to compare with */
	CONN_EV_RESUME,	     /* the fingerprint has come */
	CONN_EV_PASS,	     /* plain: at once; TLS: handshake done, fingerprint matched */
	CONN_EV_CLOSE,	     /* ended, lost, or taken down */
	CONN_EV_FAIL,	     /* TLS failure, protocol violation */
	CONN_EV_RECONFIGURE, /* new peer or new fingerprints */
	CONN_EVENTS,
};

/* The next state, or -1: this event must not happen in this state. */
int conn_state_next(enum conn_state s, enum conn_event e);
const char *conn_state_name(enum conn_state s);
const char *conn_event_name(enum conn_event e);

#endif
