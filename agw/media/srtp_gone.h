/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSRCs that had a place in an SRTP session and lost it to others. Under one key no packet index of
 * an SSRC may be used twice (RFC 3711 9.1), and none may be taken twice (3.3.2): what was reached is
 * kept for the last SRTP_GONE_KNOWN of them, and that they were there for all.
 */
#ifndef AGW_MEDIA_SRTP_GONE_H
#define AGW_MEDIA_SRTP_GONE_H

#include <stdint.h>

enum {
	SRTP_GONE_KNOWN = 64,	 /* whose packet index is kept */
	SRTP_GONE_BITS = 1 << 16 /* of the filter that has all of them */
};

/* About 9 kB, made when the first SSRC loses its place. NULL: none did. */
struct srtp_gone;

enum srtp_gone_state {
	SRTP_GONE_NEVER = 0, /* it never was in the session */
	SRTP_GONE_INDEX,     /* it was, and reached this index */
	SRTP_GONE_PERHAPS,   /* it may have been; how far it came nobody knows */
};

#define SRTP_GONE_UNUSED UINT64_MAX /* no RTP of it was seen */

/* It loses its place; index: the highest that it reached (RFC 3711 3.3.1: 48 bits), or
 * SRTP_GONE_UNUSED. 0, or -1 without memory: then it has to keep its place. */
int srtp_gone_note(struct srtp_gone **g, uint32_t ssrc, uint64_t index);

/* *index is set with SRTP_GONE_INDEX only. */
enum srtp_gone_state srtp_gone_find(const struct srtp_gone *g, uint32_t ssrc, uint64_t *index);

/* For another key, or the end; *g is NULL then. */
void srtp_gone_free(struct srtp_gone **g);

#endif
