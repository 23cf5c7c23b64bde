/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access tokens, the first octet says how: 1 a whole token; 2 claims that are signed well, so that what is behind the signature
 * is reached, too. A token is good only if it was signed, and names a user.
 */
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/base64.h"
#include "hss/cms/access_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1796106600, CLAIMS_MAX = 4000 };

static struct cms_config cfg = {.token_issuer = "i", .token_audience = "a", .token_scope = "s"};
static struct token_keys keys;

/* Of base64url(head) "." base64url(claims), with the key, which is RSA so that its signature needs no other form. */
static size_t sign(struct slice claims, char *out, size_t size)
{
	static const char head[] = "eyJhbGciOiJSUzI1NiJ9.";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[512];
	size_t len = sizeof(sig), n = sizeof(head) - 1;

	memcpy(out, head, n);
	n += (size_t)b64url_encode((const uint8_t *)claims.p, claims.len, out + n, size - n);
	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, keys.key[0]) != 1 ||
	    EVP_DigestSign(ctx, sig, &len, (const uint8_t *)out, n) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	out[n++] = '.';
	return n + (size_t)b64url_encode(sig, len, out + n, size - n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data + 1, size - 1);
	char mc_id[NAME_SIZE] = "", token[2 * CLAIMS_MAX + 1024];
	enum token_verdict v;

	if (size < 2 || text.len > CLAIMS_MAX)
		return 0;
	if (!keys.n) {
		keys.key[keys.n++] = EVP_RSA_gen(2048);
		if (!keys.key[0])
			abort();
	}
	if (data[0] == '2')
		text = slice_make(token, sign(text, token, sizeof(token)));
	v = token_judge(&keys, &cfg, text, NOW, mc_id);
	if (v == TOKEN_GOOD && (data[0] != '2' || !identity_is_impu(slice_str(mc_id))))
		abort();
	return 0;
}
