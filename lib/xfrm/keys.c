/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP keys from AKA keys, TS 33.203 annex I. */
#include "xfrm/xfrm.h"

#include "base/hmac_sha256.h"

#include <string.h>

/*
 * The salt of an AEAD (TS 33.203 annex I, the key derivation function of TS 33.220 annex B): the last
 * four octets of HMAC-SHA-256 with key CK | IK over FC | label | length of the label.
 */
static void salt(const uint8_t ck[16], const uint8_t ik[16], uint8_t fc, const char *label,
		 uint8_t out[4])
{
	struct hmac_sha256_key k;
	uint8_t both[32], text[32], mac[SHA256_LEN];
	size_t n = strlen(label);

	memcpy(both, ck, 16);
	memcpy(both + 16, ik, 16);
	text[0] = fc;
	memcpy(text + 1, label, n);
	text[n + 1] = 0;
	text[n + 2] = (uint8_t)n;
	hmac_sha256_key(&k, both, sizeof(both));
	hmac_sha256(&k, text, n + 3, mac);
	memcpy(out, mac + SHA256_LEN - 4, 4);
	explicit_bzero(&k, sizeof(k));
	explicit_bzero(both, sizeof(both));
	explicit_bzero(mac, sizeof(mac));
}

int xfrm_keys_from_aka(enum xfrm_alg alg, enum xfrm_ealg ealg, const uint8_t ck[16],
		       const uint8_t ik[16], struct xfrm_keys *out)
{
	struct xfrm_keys k;

	memset(&k, 0, sizeof(k));
	if (ealg == XFRM_EALG_AES_GCM) {
		if (alg != XFRM_ALG_NONE)
			return XFRM_E_INVALID;
		memcpy(k.enc, ck, 16);
		salt(ck, ik, 0x59, "AES_GCM_SALT", k.enc + 16);
		k.enc_len = 20;
	} else if (alg == XFRM_ALG_AES_GMAC) {
		if (ealg != XFRM_EALG_NULL)
			return XFRM_E_INVALID;
		memcpy(k.enc, ik, 16);
		salt(ck, ik, 0x58, "AES_GMAC_SALT", k.enc + 16);
		k.enc_len = 20;
	} else {
		switch (alg) {
		case XFRM_ALG_HMAC_MD5_96:
			k.auth_len = 16;
			break;
		case XFRM_ALG_HMAC_SHA1_96:
			k.auth_len = 20;
			break;
		case XFRM_ALG_HMAC_SHA256_128:
			k.auth_len = 32;
			break;
		default:
			return XFRM_E_INVALID;
		}
		memcpy(k.auth, ik, 16);
		switch (ealg) {
		case XFRM_EALG_NULL:
			break;
		case XFRM_EALG_AES_CBC:
			memcpy(k.enc, ck, 16);
			k.enc_len = 16;
			break;
		case XFRM_EALG_DES_EDE3_CBC:
			memcpy(k.enc, ck, 16);
			memcpy(k.enc + 16, ck, 8);
			k.enc_len = 24;
			break;
		default:
			explicit_bzero(&k, sizeof(k));
			return XFRM_E_INVALID;
		}
	}
	*out = k;
	explicit_bzero(&k, sizeof(k));
	return XFRM_OK;
}

void xfrm_keys_wipe(struct xfrm_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}
