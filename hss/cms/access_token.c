/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/access_token.h"

#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdio.h>

#include "base/base64.h"
#include "hss/cms/grant.h"

enum { RSA_BITS_MIN = 2048, P256_BITS = 256, ES256_LEN = 64 };

static bool usable(EVP_PKEY *key)
{
	char group[32] = "";
	size_t n;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

int token_keys_read(const struct cms_config *cfg, struct token_keys *out, char *why, size_t size)
{
	out->n = 0;
	for (size_t i = 0; i < cfg->n_token_keys; i++) {
		FILE *f = fopen(cfg->token_key[i], "re");
		EVP_PKEY *key = f ? PEM_read_PUBKEY(f, NULL, NULL, NULL) : NULL;

		if (f)
			fclose(f);
		if (key && usable(key)) {
			out->key[out->n++] = key;
			continue;
		}
		EVP_PKEY_free(key);
		snprintf(why, size,
			 "token_key %s is no public key in PEM, RSA of 2048 bits or more or EC on "
			 "P-256",
			 cfg->token_key[i]);
		token_keys_free(out);
		return -1;
	}
	return 0;
}

void token_keys_free(struct token_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		EVP_PKEY_free(keys->key[i]);
	keys->n = 0;
}

/* A signature of ES256 is r and s side by side (RFC 7518 3.4); OpenSSL wants DER. Returns its length, or 0. */
static size_t to_der(const uint8_t raw[ES256_LEN], uint8_t *der, size_t size)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, ES256_LEN / 2, NULL);
	BIGNUM *s = BN_bin2bn(raw + ES256_LEN / 2, ES256_LEN / 2, NULL);
	int n = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		r = s = NULL; /* they are its own now */
		n = i2d_ECDSA_SIG(sig, NULL);
		if (n > 0 && (size_t)n <= size)
			i2d_ECDSA_SIG(sig, &der);
		else
			n = 0;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return (size_t)n;
}

static bool signed_by(EVP_PKEY *key, const char *alg, struct slice text, const uint8_t *sig,
		      size_t len)
{
	const bool ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
	uint8_t der[ES256_LEN + 16];
	EVP_MD_CTX *ctx;
	bool good;

	/* the key says which algorithm there is, not the stranger */
	if (strcmp(alg, ec ? "ES256" : "RS256") != 0 || (ec && len != ES256_LEN))
		return false;
	if (ec) {
		len = to_der(sig, der, sizeof(der));
		sig = der;
	}
	ctx = EVP_MD_CTX_new();
	good = ctx && len && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, sig, len, (const uint8_t *)text.p, text.len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static json_t *open_part(struct slice part)
{
	uint8_t text[TOKEN_MAX];
	int n = b64url_decode(part, text, sizeof(text));

	return n > 0 ? json_loadb((const char *)text, (size_t)n, JSON_REJECT_DUPLICATES, NULL)
		     : NULL;
}

static bool is_text(const json_t *j, const char *text)
{
	const char *s = json_string_value(j);

	return s && strcmp(s, text) == 0;
}

/* aud is a text, or several (RFC 7519 4.1.3). */
static bool for_us(const json_t *aud, const char *us)
{
	if (!us[0] || is_text(aud, us))
		return true;
	for (size_t i = 0; i < json_array_size(aud); i++)
		if (is_text(json_array_get(aud, i), us))
			return true;
	return false;
}

/* scope is words with blanks between (RFC 8693 4.2), or an array of them. */
static bool has_scope(const json_t *scope, const char *wanted)
{
	struct slice rest = slice_str(json_string_value(scope));

	while (rest.p)
		if (slice_eq(slice_cut(&rest, ' '), slice_str(wanted)))
			return true;
	for (size_t i = 0; i < json_array_size(scope); i++)
		if (is_text(json_array_get(scope, i), wanted))
			return true;
	return false;
}

static enum token_verdict judge_claims(const json_t *claims, const struct cms_config *cfg,
				       int64_t now, char mc_id[NAME_SIZE])
{
	static const char *const ids[] = {"mcptt_id", "mcvideo_id", "mcdata_id"};
	const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
	const char *id = NULL;

	if (!is_text(json_object_get(claims, "iss"), cfg->token_issuer) ||
	    !for_us(json_object_get(claims, "aud"), cfg->token_audience) || !json_is_integer(exp))
		return TOKEN_WRONG;
	if (json_integer_value(exp) < now - CLOCK_SKEW_S ||
	    (json_is_integer(nbf) && json_integer_value(nbf) > now + CLOCK_SKEW_S))
		return TOKEN_OVER;
	if (!has_scope(json_object_get(claims, "scope"), cfg->token_scope))
		return TOKEN_SCOPE;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]) && !id; i++)
		id = json_string_value(json_object_get(claims, ids[i]));
	if (!id || !identity_is_impu(slice_str(id)) || slice_copy(slice_str(id), mc_id, NAME_SIZE))
		return TOKEN_WRONG;
	return TOKEN_GOOD;
}

enum token_verdict token_judge(const struct token_keys *keys, const struct cms_config *cfg,
			       struct slice token, int64_t now, char mc_id[NAME_SIZE])
{
	struct slice rest = token, head = slice_cut(&rest, '.'), claims = slice_cut(&rest, '.');
	const struct slice text = slice_make(token.p, head.len + 1 + claims.len);
	enum token_verdict verdict = TOKEN_WRONG;
	uint8_t sig[1024];
	json_t *h, *c;
	const char *alg;
	int len;

	if (token.len > TOKEN_MAX || !rest.p)
		return TOKEN_WRONG;
	len = b64url_decode(rest, sig, sizeof(sig));
	h = open_part(head);
	alg = json_string_value(json_object_get(h, "alg"));
	for (size_t i = 0; i < keys->n && alg && len > 0 && !json_object_get(h, "crit"); i++) {
		if (!signed_by(keys->key[i], alg, text, sig, (size_t)len))
			continue;
		c = open_part(claims);
		if (c)
			verdict = judge_claims(c, cfg, now, mc_id);
		json_decref(c);
		break;
	}
	json_decref(h);
	return verdict;
}
