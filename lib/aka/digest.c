/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/digest.h"

#include "aka/auth.h"
#include "aka/codec.h"
#include "aka/crypto.h"

#define COLON SLICE_LIT(":")

static int md5_hex(const struct slice *pieces, size_t n, char out[AKA_DIGEST_SIZE])
{
	uint8_t md[16];
	int err = aka_md5(pieces, n, md);

	if (err == 0)
		hex_encode(md, sizeof(md), out);
	explicit_bzero(md, sizeof(md));
	return err;
}

int aka_digest_ha1(struct slice username, struct slice realm, struct slice password,
		   char out[AKA_DIGEST_SIZE])
{
	struct slice a1[] = {username, COLON, realm, COLON, password};

	return md5_hex(a1, 5, out);
}

int aka_digest_v2_password(struct slice res, const uint8_t ik[16], const uint8_t ck[16],
			   char out[AKA_V2_PASSWORD_SIZE])
{
	uint8_t key[AKA_RES_MAX + 32], mac[16];
	int err = AKA_ECRYPTO;

	if (res.len && res.len <= AKA_RES_MAX) {
		memcpy(key, res.p, res.len);
		memcpy(key + res.len, ik, 16);
		memcpy(key + res.len + 16, ck, 16);
		err = aka_hmac_md5(slice_make((const char *)key, res.len + 32),
				   SLICE_LIT("http-digest-akav2-password"), mac);
	}
	if (err == 0 && b64_encode(mac, sizeof(mac), out, AKA_V2_PASSWORD_SIZE) < 0)
		err = AKA_ECRYPTO;
	explicit_bzero(key, sizeof(key));
	explicit_bzero(mac, sizeof(mac));
	return err;
}

static int compute(const struct aka_digest *d, struct slice method, char out[AKA_DIGEST_SIZE])
{
	char ha1[AKA_DIGEST_SIZE], ha2[AKA_DIGEST_SIZE], hbody[AKA_DIGEST_SIZE];
	struct slice a2[] = {method, COLON, d->uri, COLON, {hbody, 32}};
	struct slice auth_int = SLICE_LIT("auth-int"), auth = SLICE_LIT("auth");
	int err = aka_digest_ha1(d->username, d->realm, d->res, ha1);

	if (err == 0 && d->qop == AKA_QOP_AUTH_INT)
		err = md5_hex(&d->body, 1, hbody);
	if (err == 0)
		err = md5_hex(a2, d->qop == AKA_QOP_AUTH_INT ? 5 : 3, ha2);
	if (err == 0 && d->qop == AKA_QOP_NONE) {
		struct slice p[] = {{ha1, 32}, COLON, d->nonce, COLON, {ha2, 32}};

		err = md5_hex(p, 5, out);
	} else if (err == 0) {
		struct slice p[] = {{ha1, 32}, COLON,	 d->nonce,
				    COLON,     d->nc,	 COLON,
				    d->cnonce, COLON,	 d->qop == AKA_QOP_AUTH ? auth : auth_int,
				    COLON,     {ha2, 32}};

		err = md5_hex(p, 11, out);
	}
	explicit_bzero(ha1, sizeof(ha1));
	return err;
}

int aka_digest_response(const struct aka_digest *d, char out[AKA_DIGEST_SIZE])
{
	return compute(d, d->method, out);
}

int aka_digest_rspauth(const struct aka_digest *d, char out[AKA_DIGEST_SIZE])
{
	return compute(d, SLICE_NULL, out);
}

int aka_qop_parse(struct slice s, enum aka_qop *qop)
{
	if (s.len == 0)
		*qop = AKA_QOP_NONE;
	else if (slice_eq_nocase(s, SLICE_LIT("auth")))
		*qop = AKA_QOP_AUTH;
	else if (slice_eq_nocase(s, SLICE_LIT("auth-int")))
		*qop = AKA_QOP_AUTH_INT;
	else
		return AKA_ESYNTAX;
	return 0;
}
