/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP with keys from SDES (RFC 3711, RFC 4568), by libsrtp2 with the ciphers that Debian built into
 * it. The gateway brings others of its own; the phone that judges it does not.
 */
#ifndef UE_SDES_SRTP_H
#define UE_SDES_SRTP_H

#include "sdp/sdes.h"

enum { SDES_SRTP_GROWTH = 160 }; /* what protecting may add to a packet */

struct sdes_srtp;

struct sdes_srtp *sdes_srtp_new(void);
void sdes_srtp_free(struct sdes_srtp *s);

/* Fill a key with random octets as its suite wants them. */
void sdes_srtp_random(struct sdes_key *k);

/* Send with own, receive with peer. The same key again changes nothing; with another one counting
 * begins anew. 0, or -1: libsrtp2 has no such cipher. */
int sdes_srtp_set(struct sdes_srtp *s, const struct sdes_key *own, const struct sdes_key *peer);

/* In place. 0; -1: no key, or it does not authenticate. */
int sdes_srtp_protect(struct sdes_srtp *s, uint8_t *p, size_t *len);
int sdes_srtp_unprotect(struct sdes_srtp *s, uint8_t *p, size_t *len);

#endif
