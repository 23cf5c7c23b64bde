/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access tokens that UEs bring (TS 33.180 B): JWTs (RFC 7519) that our identity management server has signed. */
#ifndef HSS_CMS_ACCESS_TOKEN_H
#define HSS_CMS_ACCESS_TOKEN_H

#include <openssl/evp.h>

#include "hss/cms/config.h"

enum { TOKEN_MAX = 8192 }; /* octets of a token */

struct token_keys {
	EVP_PKEY *key[TOKEN_KEYS_MAX]; /* RSA of 2048 bits at least, or EC on P-256 */
	size_t n;
};

/* Read the public keys that the configuration names. Returns 0, or -1 with why, and nothing is left behind. */
int token_keys_read(const struct cms_config *cfg, struct token_keys *out, char *why, size_t size);
void token_keys_free(struct token_keys *keys);

enum token_verdict {
	TOKEN_GOOD,
	TOKEN_WRONG, /* of another shape, signature, issuer or audience */
	TOKEN_OVER,  /* expired, or not yet valid, by more than 30 s */
	TOKEN_SCOPE, /* good, but not for us */
};

/*
 * Signed with RS256 or ES256, the algorithm of the key, by one of the keys; iss, aud and scope as configured; exp is there. now
 * is seconds since the epoch. mc_id gets the claim mcptt_id, mcvideo_id or mcdata_id.
 */
enum token_verdict token_judge(const struct token_keys *keys, const struct cms_config *cfg,
			       struct slice token, int64_t now, char mc_id[NAME_SIZE]);

#endif
