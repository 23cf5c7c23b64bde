/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/srtp.h"
#include <arpa/inet.h>
#include <string.h>
#include "agw/media/demux.h"

static int fill_policy(const struct sdes_key *k, unsigned window, srtp_policy_t *p, uint8_t *key)
{
	memset(p, 0, sizeof(*p));
	switch (k->suite) {
	case SDES_AES_CM_128_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtcp);
		break;
	case SDES_AES_CM_128_HMAC_SHA1_32: /* SRTCP keeps the long tag (RFC 4568 6.2.2) */
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtcp);
		break;
	case SDES_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	case SDES_AES_256_CM_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	case SDES_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtcp);
		break;
	case SDES_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtcp);
		break;
	default:
		return -1;
	}
	memcpy(key, k->key, SDES_KEY_SALT_MAX);
	p->key = key;
	p->window_size = window;
	p->allow_repeat_tx =
	    1; /* we relay: a duplicate from the far side is a duplicate to the near side */
	return 0;
}

/* Run with a policy made of the key. MKI needs libsrtp2's list form. */
struct policy {
	srtp_policy_t p;
	uint8_t key[SRTP_MAX_KEY_LEN];
	uint8_t mki[SDES_MKI_MAX];
	srtp_master_key_t master;
	srtp_master_key_t *list[1];
};

static int policy_make(struct policy *w, const struct sdes_key *k, unsigned window,
		       srtp_ssrc_type_t type, uint32_t ssrc)
{
	if (fill_policy(k, window, &w->p, w->key) < 0)
		return -1;
	w->p.ssrc.type = type;
	w->p.ssrc.value = ssrc;
	if (k->mki_len) {
		memcpy(w->mki, k->mki, sizeof(w->mki));
		w->master =
		    (srtp_master_key_t){.key = w->key, .mki_id = w->mki, .mki_size = k->mki_len};
		w->list[0] = &w->master;
		w->p.key = NULL;
		w->p.keys = w->list;
		w->p.num_master_keys = 1;
	}
	return 0;
}

static void session_clear(struct srtp_session *s)
{
	if (s->handle)
		srtp_dealloc(s->handle);
	explicit_bzero(s, sizeof(*s));
}

static int session_make(struct srtp_session *s, const struct sdes_key *key, unsigned window,
			srtp_ssrc_type_t type)
{
	struct policy w;
	int rc = -1;

	memset(s, 0, sizeof(*s));
	srtp_crypto_note(&s->place);
	if (policy_make(&w, key, window, type, 0) == 0 &&
	    srtp_create(&s->handle, &w.p) == srtp_err_status_ok) {
		s->key = *key;
		s->mki = key->mki_len != 0;
		rc = 0;
	}
	srtp_crypto_note(NULL);
	explicit_bzero(&w, sizeof(w));
	return rc;
}

/* Remember an SSRC; the oldest of too many is forgotten together with its state, so that a sender
 * who makes up SSRCs cannot fill the memory. */
static void session_note_ssrc(struct srtp_session *s, uint32_t ssrc)
{
	for (unsigned i = 0; i < s->n_ssrcs; i++)
		if (s->ssrcs[i] == ssrc)
			return;
	if (s->n_ssrcs < SRTP_SSRCS) {
		s->ssrcs[s->n_ssrcs++] = ssrc;
		return;
	}
	srtp_remove_stream(s->handle, htonl(s->ssrcs[s->oldest]));
	s->ssrcs[s->oldest] = ssrc;
	s->oldest = (uint8_t)((s->oldest + 1) % SRTP_SSRCS);
}

void srtp_end_init(struct srtp_end *e, unsigned window)
{
	memset(e, 0, sizeof(*e));
	e->window = window;
}

void srtp_end_clear(struct srtp_end *e)
{
	session_clear(&e->tx);
	session_clear(&e->rx);
	session_clear(&e->rx_zero);
	session_clear(&e->rx_old);
}

static int set_tx(struct srtp_end *e, const struct sdes_key *key, bool from_zero)
{
	struct srtp_session next;
	struct policy w;
	int rc = SRTP_BROKEN;

	if (key->suite == SDES_NONE) {
		session_clear(&e->tx);
		return 0;
	}
	if (e->tx.handle && sdes_key_eq(&e->tx.key, key))
		return 0;
	if (e->tx.handle && !from_zero && e->tx.key.suite == key->suite &&
	    e->tx.key.mki_len == key->mki_len) {
		/* Counters and indexes go on under the new key. */
		srtp_crypto_note(&e->tx.place);
		if (policy_make(&w, key, e->window, ssrc_any_outbound, 0) == 0 &&
		    srtp_update(e->tx.handle, &w.p) == srtp_err_status_ok) {
			e->tx.key = *key;
			rc = 0;
		}
		srtp_crypto_note(NULL);
		explicit_bzero(&w, sizeof(w));
		return rc;
	}
	if (session_make(&next, key, e->window, ssrc_any_outbound) < 0)
		return SRTP_BROKEN;
	session_clear(&e->tx);
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
		session_clear(&e->rx);
		session_clear(&e->rx_zero);
		session_clear(&e->rx_old);
		return 0;
	}
	if (e->rx.handle && sdes_key_eq(&e->rx.key, key))
		return 0;
	if (session_make(&next, key, e->window, ssrc_any_inbound) < 0)
		return SRTP_BROKEN;
	if (!e->rx.handle) {
		e->rx = next;
		return 0;
	}
	if (session_make(&zero, key, e->window, ssrc_any_inbound) < 0) {
		session_clear(&next);
		return SRTP_BROKEN;
	}
	/* The roll-over counter of each stream goes on (RFC 3711 3.3.1). */
	for (unsigned i = 0; i < e->rx.n_ssrcs; i++) {
		uint32_t roc = 0;
		struct policy w;

		if (srtp_get_stream_roc(e->rx.handle, e->rx.ssrcs[i], &roc) == srtp_err_status_ok &&
		    roc && policy_make(&w, key, e->window, ssrc_specific, e->rx.ssrcs[i]) == 0 &&
		    srtp_add_stream(next.handle, &w.p) == srtp_err_status_ok) {
			srtp_set_stream_roc(next.handle, e->rx.ssrcs[i], roc);
			session_note_ssrc(&next, e->rx.ssrcs[i]);
		}
		explicit_bzero(&w, sizeof(w));
	}
	session_clear(&e->rx_old);
	session_clear(&e->rx_zero);
	e->rx_old = e->rx;
	e->rx = next;
	e->rx.renewed = true;
	e->rx_zero = zero;
	e->rekeyed_ms = now_ms;
	return 0;
}

enum srtp_result srtp_end_protect(struct srtp_end *e, uint8_t *p, size_t *len, bool rtcp)
{
	int n = (int)*len;
	srtp_err_status_t rc;
	unsigned use_mki = e->tx.mki;

	if (!e->tx.handle)
		return SRTP_NO_KEY;
	session_note_ssrc(&e->tx, demux_u32(p + (rtcp ? 4 : 8)));
	rc = rtcp ? srtp_protect_rtcp_mki(e->tx.handle, p, &n, use_mki, 0)
		  : srtp_protect_mki(e->tx.handle, p, &n, use_mki, 0);
	if (rc != srtp_err_status_ok)
		return rc == srtp_err_status_replay_old || rc == srtp_err_status_replay_fail
			   ? SRTP_REPLAY
			   : SRTP_BROKEN;
	*len = (size_t)n;
	return SRTP_OK;
}

static enum srtp_result try_session(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp)
{
	int n = (int)*len;
	uint32_t ssrc = demux_u32(p + (rtcp ? 4 : 8));
	srtp_err_status_t rc;

	if (!s->handle)
		return SRTP_NO_KEY;
	rc = s->mki ? (rtcp ? srtp_unprotect_rtcp_mki(s->handle, p, &n, 1)
			    : srtp_unprotect_mki(s->handle, p, &n, 1))
		    : (rtcp ? srtp_unprotect_rtcp(s->handle, p, &n)
			    : srtp_unprotect(s->handle, p, &n));
	switch (rc) {
	case srtp_err_status_ok:
		session_note_ssrc(s, ssrc);
		*len = (size_t)n;
		return SRTP_OK;
	case srtp_err_status_auth_fail:
	case srtp_err_status_bad_mki:
		return SRTP_AUTH;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return SRTP_REPLAY;
	default:
		return SRTP_BROKEN;
	}
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
		one = try_session(order[i], p, len, rtcp);
		if (one == SRTP_OK && i == 1 && !rtcp) { /* this sender started again at 0 */
			session_clear(&e->rx);
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
		session_clear(&e->rx_old);
		session_clear(&e->rx_zero);
		e->rx.renewed = false;
	}
	return try_session(&e->rx, p, len, rtcp);
}
