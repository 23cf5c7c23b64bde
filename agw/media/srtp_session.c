/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/srtp_session.h"
#include <arpa/inet.h>
#include <string.h>
#include "agw/media/demux.h"

static const struct suite {
	enum sdes_suite suite;
	void (*rtp)(srtp_crypto_policy_t *);
	void (*rtcp)(srtp_crypto_policy_t *); /* keeps the long tag (RFC 4568 6.2.2) */
} suites[] = {
    {SDES_AES_CM_128_HMAC_SHA1_80, srtp_crypto_policy_set_rtp_default,
     srtp_crypto_policy_set_rtcp_default},
    {SDES_AES_CM_128_HMAC_SHA1_32, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
     srtp_crypto_policy_set_rtcp_default},
    {SDES_AES_256_CM_HMAC_SHA1_80, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
     srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    {SDES_AES_256_CM_HMAC_SHA1_32, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
     srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    {SDES_AEAD_AES_128_GCM, srtp_crypto_policy_set_aes_gcm_128_16_auth,
     srtp_crypto_policy_set_aes_gcm_128_16_auth},
    {SDES_AEAD_AES_256_GCM, srtp_crypto_policy_set_aes_gcm_256_16_auth,
     srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

static int fill_policy(const struct sdes_key *k, unsigned window, srtp_policy_t *p, uint8_t *key)
{
	size_t i = 0;

	memset(p, 0, sizeof(*p));
	while (i < sizeof(suites) / sizeof(suites[0]) && suites[i].suite != k->suite)
		i++;
	if (i == sizeof(suites) / sizeof(suites[0]))
		return -1;
	suites[i].rtp(&p->rtp);
	suites[i].rtcp(&p->rtcp);
	memcpy(key, k->key, SDES_KEY_SALT_MAX);
	p->key = key;
	p->window_size = window;
	p->allow_repeat_tx = 0; /* the index of a packet is used once (RFC 3711 9.1) */
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

void srtp_session_clear(struct srtp_session *s)
{
	if (s->handle)
		srtp_dealloc(s->handle);
	srtp_gone_free(&s->gone);
	explicit_bzero(s, sizeof(*s));
}

int srtp_session_make(struct srtp_session *s, const struct sdes_key *key, unsigned window,
		      srtp_ssrc_type_t type)
{
	struct policy w;
	int rc = -1;

	memset(s, 0, sizeof(*s));
	srtp_crypto_note(&s->place);
	if (policy_make(&w, key, window, type, 0) == 0 &&
	    srtp_create(&s->handle, &w.p) == srtp_err_status_ok) {
		s->key = *key;
		s->window = (uint16_t)window;
		s->mki = key->mki_len != 0;
		rc = 0;
	}
	srtp_crypto_note(NULL);
	explicit_bzero(&w, sizeof(w));
	return rc;
}

/* ---- which SSRCs a session has ---- */

/* It stands first from now on; NULL: it has no place. */
static struct srtp_ssrc *ssrc_find(struct srtp_session *s, uint32_t ssrc)
{
	for (unsigned i = 0; i < s->n_ssrcs; i++)
		if (s->ssrcs[i].ssrc == ssrc) {
			struct srtp_ssrc found = s->ssrcs[i];

			memmove(s->ssrcs + 1, s->ssrcs, i * sizeof(s->ssrcs[0]));
			s->ssrcs[0] = found;
			return &s->ssrcs[0];
		}
	return NULL;
}

/* A place for a new one. Who was silent longest loses his, so that a sender who makes up SSRCs
 * cannot fill the memory. NULL without memory to remember that. */
static struct srtp_ssrc *ssrc_add(struct srtp_session *s, const struct srtp_ssrc *one)
{
	if (s->n_ssrcs == SRTP_SSRCS) {
		const struct srtp_ssrc *last = &s->ssrcs[SRTP_SSRCS - 1];
		uint32_t roc = 0;

		(void)srtp_get_stream_roc(s->handle, last->ssrc, &roc);
		if (srtp_gone_note(&s->gone, last->ssrc,
				   last->has_seq ? (uint64_t)roc << 16 | last->seq
						 : SRTP_GONE_UNUSED) < 0)
			return NULL;
		srtp_remove_stream(s->handle, htonl(last->ssrc));
		s->n_ssrcs--;
	}
	memmove(s->ssrcs + 1, s->ssrcs, s->n_ssrcs * sizeof(s->ssrcs[0]));
	s->ssrcs[0] = *one;
	s->n_ssrcs++;
	return &s->ssrcs[0];
}

static void ssrc_reached(struct srtp_ssrc *p, uint16_t seq, unsigned window)
{
	if (!p->has_seq || (int16_t)(seq - p->seq) > 0)
		p->seq = seq;
	p->has_seq = true;
	/* What lies below the window libsrtp2 refuses by itself. */
	p->guarded &= (uint16_t)(p->seq - p->floor) <= window;
}

/* The window of who came back is empty, but up to his floor all has been used. */
static bool ssrc_had(const struct srtp_ssrc *p, bool rtcp, uint16_t seq)
{
	return rtcp ? p->back : p->guarded && (int16_t)(seq - p->floor) <= 0;
}

/* A stream of this SSRC whose counter stands at roc. */
static int stream_at(struct srtp_session *s, uint32_t ssrc, uint32_t roc)
{
	struct policy w;
	int rc = -1;

	if (policy_make(&w, &s->key, s->window, ssrc_specific, ssrc) == 0 &&
	    srtp_add_stream(s->handle, &w.p) == srtp_err_status_ok) {
		if (roc)
			srtp_set_stream_roc(s->handle, ssrc, roc);
		rc = 0;
	}
	explicit_bzero(&w, sizeof(w));
	return rc;
}

/*
 * A packet of an SSRC that has no place. SRTP_OK: *as is how it would stand in one; as->back: it had
 * lost it and has a stream again, where it was. Else SRTP_REPLAY, where nobody can say that its index
 * is new.
 */
static enum srtp_result come_back(struct srtp_session *s, uint32_t ssrc, bool rtcp, uint16_t seq,
				  struct srtp_ssrc *as)
{
	uint64_t reached = 0;
	uint16_t step;

	*as = (struct srtp_ssrc){.ssrc = ssrc};
	switch (srtp_gone_find(s->gone, ssrc, &reached)) {
	case SRTP_GONE_NEVER:
		return SRTP_OK;
	case SRTP_GONE_PERHAPS:
		return SRTP_REPLAY;
	case SRTP_GONE_INDEX:
		break;
	}
	if (reached == SRTP_GONE_UNUSED) {
		reached = seq;
	} else { /* the nearest number (RFC 3711 3.3.1) must be a later one */
		step = (uint16_t)(seq - (uint16_t)reached);
		if (!step || step & 0x8000)
			return SRTP_REPLAY;
		as->floor = (uint16_t)reached;
		as->guarded = true;
		reached += step;
	}
	if (rtcp)
		return SRTP_REPLAY;
	as->back = true;
	return stream_at(s, ssrc, (uint32_t)(reached >> 16)) < 0 ? SRTP_BROKEN : SRTP_OK;
}

enum srtp_result srtp_session_protect(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp)
{
	uint32_t ssrc = demux_u32(p + (rtcp ? 4 : 8));
	uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
	struct srtp_ssrc *one;
	int n = (int)*len;
	srtp_err_status_t rc;

	if (!s->handle)
		return SRTP_NO_KEY;
	one = ssrc_find(s, ssrc);
	if (!one) {
		struct srtp_ssrc as;
		enum srtp_result known = come_back(s, ssrc, rtcp, seq, &as);

		if (known != SRTP_OK)
			return known;
		one = ssrc_add(s, &as);
		if (!one) {
			if (as.back)
				srtp_remove_stream(s->handle, htonl(ssrc));
			return SRTP_BROKEN;
		}
	}
	if (ssrc_had(one, rtcp, seq))
		return SRTP_REPLAY;
	rc = rtcp ? srtp_protect_rtcp_mki(s->handle, p, &n, s->mki, 0)
		  : srtp_protect_mki(s->handle, p, &n, s->mki, 0);
	if (rc != srtp_err_status_ok)
		return rc == srtp_err_status_replay_old || rc == srtp_err_status_replay_fail
			   ? SRTP_REPLAY
			   : SRTP_BROKEN;
	if (!rtcp)
		ssrc_reached(one, seq, s->window);
	*len = (size_t)n;
	return SRTP_OK;
}

static enum srtp_result unprotect(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp)
{
	int n = (int)*len;
	srtp_err_status_t rc = s->mki ? (rtcp ? srtp_unprotect_rtcp_mki(s->handle, p, &n, 1)
					      : srtp_unprotect_mki(s->handle, p, &n, 1))
				      : (rtcp ? srtp_unprotect_rtcp(s->handle, p, &n)
					      : srtp_unprotect(s->handle, p, &n));

	switch (rc) {
	case srtp_err_status_ok:
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

enum srtp_result srtp_session_unprotect(struct srtp_session *s, uint8_t *p, size_t *len, bool rtcp)
{
	uint32_t ssrc = demux_u32(p + (rtcp ? 4 : 8));
	uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
	struct srtp_ssrc *one;
	enum srtp_result rc;
	struct srtp_ssrc as = {.back = false};

	if (!s->handle)
		return SRTP_NO_KEY;
	one = ssrc_find(s, ssrc);
	if (one && ssrc_had(one, rtcp, seq))
		return SRTP_REPLAY;
	if (!one) {
		rc = come_back(s, ssrc, rtcp, seq, &as);
		if (rc != SRTP_OK)
			return rc;
	}
	/* Nobody gets a place before he has authenticated himself. */
	rc = unprotect(s, p, len, rtcp);
	if (rc == SRTP_OK && !one) {
		one = ssrc_add(s, &as);
		if (!one)
			rc = SRTP_BROKEN;
	}
	if (rc != SRTP_OK && (as.back || !one))
		srtp_remove_stream(s->handle, htonl(ssrc));
	if (rc == SRTP_OK && !rtcp)
		ssrc_reached(one, seq, s->window);
	return rc;
}

/* The streams of those that came back are not the template's: they learn of a new key one by one. */
static int renew_back(struct srtp_session *s)
{
	int rc = 0;

	for (unsigned i = 0; i < s->n_ssrcs; i++) {
		struct srtp_ssrc *one = &s->ssrcs[i];
		struct policy w;

		if (!one->back)
			continue;
		if (policy_make(&w, &s->key, s->window, ssrc_specific, one->ssrc) ||
		    srtp_update(s->handle, &w.p) != srtp_err_status_ok)
			rc = SRTP_BROKEN;
		explicit_bzero(&w, sizeof(w));
	}
	return rc;
}

int srtp_session_renew(struct srtp_session *s, const struct sdes_key *key)
{
	struct policy w;
	int rc = SRTP_BROKEN;

	srtp_crypto_note(&s->place);
	if (policy_make(&w, key, s->window, ssrc_any_outbound, 0) == 0 &&
	    srtp_update(s->handle, &w.p) == srtp_err_status_ok) {
		s->key = *key;
		rc = 0;
	}
	srtp_crypto_note(NULL);
	explicit_bzero(&w, sizeof(w));
	if (rc < 0)
		return rc;
	srtp_gone_free(&s->gone);
	return renew_back(s);
}

void srtp_session_go_on(struct srtp_session *next, const struct srtp_session *before)
{
	for (unsigned i = 0; i < before->n_ssrcs; i++) {
		uint32_t roc = 0, ssrc = before->ssrcs[i].ssrc;

		if (srtp_get_stream_roc(before->handle, ssrc, &roc) == srtp_err_status_ok && roc &&
		    stream_at(next, ssrc, roc) == 0)
			(void)ssrc_add(next, &(struct srtp_ssrc){.ssrc = ssrc});
	}
}
