/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/sdes_srtp.h"

#include <openssl/rand.h>
#include <srtp2/srtp.h>
#include <stdlib.h>

#include "ue/text.h"

struct one_way {
	srtp_t session;
	struct sdes_key key;
};

struct sdes_srtp {
	struct one_way out, in;
};

struct sdes_srtp *sdes_srtp_new(void)
{
	static bool ready;

	if (!ready)
		ready = srtp_init() == srtp_err_status_ok;
	return ue_alloc(sizeof(struct sdes_srtp));
}

static void end(struct one_way *w)
{
	if (w->session)
		srtp_dealloc(w->session);
	w->session = NULL;
	sdes_key_wipe(&w->key);
}

void sdes_srtp_free(struct sdes_srtp *s)
{
	if (!s)
		return;
	end(&s->out);
	end(&s->in);
	free(s);
}

void sdes_srtp_random(struct sdes_key *k)
{
	size_t n = sdes_suite_key_octets(k->suite) + sdes_suite_salt_octets(k->suite);

	if (RAND_bytes(k->key, (int)n) != 1)
		abort();
}

static int policy_for(enum sdes_suite suite, srtp_policy_t *p)
{
	switch (suite) {
	case SDES_AES_CM_128_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtp);
		break;
	case SDES_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		break;
	case SDES_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		break;
	case SDES_AES_256_CM_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&p->rtp);
		break;
	case SDES_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		break;
	case SDES_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		break;
	case SDES_NONE:
	case SDES_SUITES:
		return -1;
	}
	p->rtcp = p->rtp;
	return 0;
}

static int set(struct one_way *w, const struct sdes_key *k, srtp_ssrc_type_t direction)
{
	srtp_policy_t p = {.ssrc = {.type = direction}, .window_size = 1024};
	struct sdes_key copy = *k;
	int rc = 0;

	if (w->session && sdes_key_eq(&w->key, k)) {
		sdes_key_wipe(&copy);
		return 0;
	}
	end(w);
	p.key = copy.key;
	if (policy_for(k->suite, &p) != 0 || srtp_create(&w->session, &p) != srtp_err_status_ok) {
		w->session = NULL;
		rc = -1;
	} else {
		w->key = *k;
	}
	sdes_key_wipe(&copy);
	return rc;
}

int sdes_srtp_set(struct sdes_srtp *s, const struct sdes_key *own, const struct sdes_key *peer)
{
	int rc = set(&s->out, own, ssrc_any_outbound);

	return set(&s->in, peer, ssrc_any_inbound) || rc ? -1 : 0;
}

int sdes_srtp_protect(struct sdes_srtp *s, uint8_t *p, size_t *len)
{
	int n = (int)*len;

	if (!s->out.session || srtp_protect(s->out.session, p, &n) != srtp_err_status_ok)
		return -1;
	*len = (size_t)n;
	return 0;
}

int sdes_srtp_unprotect(struct sdes_srtp *s, uint8_t *p, size_t *len)
{
	int n = (int)*len;

	if (!s->in.session || n < 12 || srtp_unprotect(s->in.session, p, &n) != srtp_err_status_ok)
		return -1;
	*len = (size_t)n;
	return 0;
}
