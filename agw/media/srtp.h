/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SRTP side of one leg: what it sends with, what it receives with, and the change of either key
 * in the middle of a stream (RFC 3711 3.3.1, RFC 4568 6.4, 7.1.4). One worker's; not for two
 * threads.
 */
#ifndef AGW_MEDIA_SRTP_H
#define AGW_MEDIA_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "agw/media/cache.h"
#include "agw/media/srtp_session.h"

enum { SRTP_REKEY_MS = 5000 /* how long the key before is still taken */ };

/* What each packet asks for stands last, where a leg has more of that kind. */
struct srtp_end {
	struct srtp_session
	    rx_zero; /* new key with the roll-over counter at 0: some senders restart it */
	struct srtp_session rx_old; /* the key before */
	int64_t rekeyed_ms;
	unsigned window;
	_Alignas(CACHE_LINE) struct srtp_session rx;
	_Alignas(CACHE_LINE) struct srtp_session tx;
};

/* window: replay window in packets. */
void srtp_end_init(struct srtp_end *e, unsigned window);
void srtp_end_clear(struct srtp_end *e);

/*
 * Take a key into use. The same key again changes nothing; a new one keeps the roll-over counters
 * and, for receiving, the old key for SRTP_REKEY_MS. A key with suite SDES_NONE removes. Returns 0
 * or SRTP_BROKEN.
 */
int srtp_end_set_tx(struct srtp_end *e, const struct sdes_key *key);
int srtp_end_set_rx(struct srtp_end *e, const struct sdes_key *key, int64_t now_ms);
/* As srtp_end_set_tx() towards a peer with another address or port: nobody can say whether it knows
 * the old counters, so a new key begins at zero (RFC 4568 7.1.4). */
int srtp_end_start_tx(struct srtp_end *e, const struct sdes_key *key);

/* Soon a packet will be unprotected or protected: fetch what that looks at. */
static inline void srtp_session_prefetch(const struct srtp_session *s)
{
	__builtin_prefetch(s->handle);
	srtp_crypto_prefetch(&s->place);
}

/* As srtp_session_protect() and srtp_session_unprotect(); shortly after a change of key the one before
 * is taken, too. */
enum srtp_result srtp_end_protect(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp);
enum srtp_result srtp_end_unprotect(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp,
				    int64_t now_ms);

#endif
