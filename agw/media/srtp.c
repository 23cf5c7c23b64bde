/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/srtp.h"
#include <string.h>

void srtp_end_init(struct srtp_end *e, unsigned window)
{
	memset(e, 0, sizeof(*e));
	e->window = window;
}

void srtp_end_clear(struct srtp_end *e)
{
	srtp_session_clear(&e->tx);
	srtp_session_clear(&e->rx);
	srtp_session_clear(&e->rx_zero);
	srtp_session_clear(&e->rx_old);
}

static int set_tx(struct srtp_end *e, const struct sdes_key *key, bool from_zero)
{
	struct srtp_session next;

	if (key->suite == SDES_NONE) {
		srtp_session_clear(&e->tx);
		return 0;
	}
	if (e->tx.handle && sdes_key_eq(&e->tx.key, key))
		return 0;
	if (e->tx.handle && !from_zero && e->tx.key.suite == key->suite &&
	    e->tx.key.mki_len == key->mki_len)
		return srtp_session_renew(&e->tx, key);
	if (srtp_session_make(&next, key, e->window, ssrc_any_outbound) < 0)
		return SRTP_BROKEN;
	srtp_session_clear(&e->tx);
	e->tx = next;
	return 0;
}

int srtp_end_set_tx(struct srtp_end *e, const struct sdes_key *key)
{
	return set_tx(e, key, false);
}

int srtp_end_start_tx(struct srtp_end *e, const struct sdes_key *key)
{
	return set_tx(e, key, true);
}

int srtp_end_set_rx(struct srtp_end *e, const struct sdes_key *key, int64_t now_ms)
{
	struct srtp_session next, zero;

	if (key->suite == SDES_NONE) {
		srtp_session_clear(&e->rx);
		srtp_session_clear(&e->rx_zero);
		srtp_session_clear(&e->rx_old);
		return 0;
	}
	if (e->rx.handle && sdes_key_eq(&e->rx.key, key))
		return 0;
	if (srtp_session_make(&next, key, e->window, ssrc_any_inbound) < 0)
		return SRTP_BROKEN;
	if (!e->rx.handle) {
		e->rx = next;
		return 0;
	}
	if (srtp_session_make(&zero, key, e->window, ssrc_any_inbound) < 0) {
		srtp_session_clear(&next);
		return SRTP_BROKEN;
	}
	srtp_session_go_on(&next, &e->rx);
	srtp_session_clear(&e->rx_old);
	srtp_session_clear(&e->rx_zero);
	e->rx_old = e->rx;
	e->rx = next;
	e->rx.renewed = true;
	e->rx_zero = zero;
	e->rekeyed_ms = now_ms;
	return 0;
}

enum srtp_result srtp_end_protect(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp)
{
	return srtp_session_protect(&e->tx, p, len, rtcp);
}

/* Shortly after a change of key: the new key with the counters going on, the new key from zero, the
 * old. */
static enum srtp_result unprotect_any(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp)
{
	struct srtp_session *const order[] = {&e->rx, &e->rx_zero, &e->rx_old};
	enum srtp_result rc = SRTP_AUTH;
	uint8_t copy[2048];
	size_t n = *len;

	if (n > sizeof(copy))
		return SRTP_BROKEN;
	memcpy(copy, p, n); /* AEAD decrypts before it knows */
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		enum srtp_result one;

		if (!order[i]->handle)
			continue;
		*len = n;
		one = srtp_session_unprotect(order[i], p, len, rtcp);
		if (one == SRTP_OK && i == 1 && !rtcp) { /* this sender started again at 0 */
			srtp_session_clear(&e->rx);
			e->rx = e->rx_zero;
			e->rx.renewed = true;
			memset(&e->rx_zero, 0, sizeof(e->rx_zero));
		}
		if (one == SRTP_OK)
			return one;
		if (i == 0)
			rc = one;
		memcpy(p, copy, n);
	}
	*len = n;
	return rc;
}

enum srtp_result srtp_end_unprotect(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp,
				    int64_t now_ms)
{
	if (e->rx.renewed) {
		if (now_ms - e->rekeyed_ms <= SRTP_REKEY_MS)
			return unprotect_any(e, p, len, rtcp);
		srtp_session_clear(&e->rx_old);
		srtp_session_clear(&e->rx_zero);
		e->rx.renewed = false;
	}
	return srtp_session_unprotect(&e->rx, p, len, rtcp);
}
