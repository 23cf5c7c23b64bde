/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a leg under one key: the streams that libsrtp2 has for it, each of which needs an
 * index that is never used twice (RFC 3711 3.3, 9.1). One worker's; not for two threads.
 */
#ifndef AGW_MEDIA_SRTP_SESSION_H
#define AGW_MEDIA_SRTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <srtp2/srtp.h>
#include "sdp/sdes.h"
#include "agw/media/srtp_crypto.h"
#include "agw/media/srtp_gone.h"

enum {
	SRTP_SSRCS = 16,   /* streams at a time per direction; who was silent longest makes room */
	SRTP_GROWTH = 160, /* room behind a packet that protecting may need (tag, index, MKI) */
};

enum srtp_result {
	SRTP_OK = 0,
	SRTP_NO_KEY = -1,
	SRTP_AUTH = -2,	  /* does not authenticate under any key in use */
	SRTP_REPLAY = -3, /* seen or sent before, or older than the window */
	SRTP_BROKEN = -4, /* not a packet, or libsrtp2 refused it otherwise */
};

/* A stream that has a place in a session. */
struct srtp_ssrc {
	uint32_t ssrc;	/* host order */
	uint16_t seq;	/* the highest of RTP */
	uint16_t floor; /* guarded: what RTP had reached when it lost its place */
	bool has_seq, guarded;
	bool back; /* it had lost its place: RTP goes on where it was, RTCP's index is not known */
};

/* What each packet asks for stands first. */
struct srtp_session {
	srtp_t handle;
	uint8_t n_ssrcs;
	uint16_t window; /* of replays, in packets */
	bool mki;
	bool renewed; /* of rx: there are rx_zero or rx_old beside it */
	struct srtp_crypto_place place;
	struct srtp_ssrc ssrcs[SRTP_SSRCS]; /* who was heard last stands first */
	struct srtp_gone *gone;
	struct sdes_key key;
};

/* type: ssrc_any_inbound or ssrc_any_outbound; window: replay window in packets. 0, or -1 and *s holds
 * nothing. What *s had before is not freed. */
int srtp_session_make(struct srtp_session *s, const struct sdes_key *key, unsigned window,
		      srtp_ssrc_type_t type);
void srtp_session_clear(struct srtp_session *s);

/* Send under another key of the same suite; counters and indexes go on (RFC 3711 3.3.1). 0 or
 * SRTP_BROKEN. */
int srtp_session_renew(struct srtp_session *s, const struct sdes_key *key);

/* Before anything is received under a new key: the roll-over counter of each stream goes on. */
void srtp_session_go_on(struct srtp_session *next, const struct srtp_session *before);

/*
 * In place; *len grows by at most SRTP_GROWTH. A packet whose number was sent before is SRTP_REPLAY,
 * whatever is in it: two payloads under one index show both (RFC 3711 9.1). So is RTCP of an SSRC
 * that had lost its place, until the next key.
 */
enum srtp_result srtp_session_protect(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp);
enum srtp_result srtp_session_unprotect(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp);

#endif
