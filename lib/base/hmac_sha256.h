/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) in plain C, for short messages on a hot path: a
 * prepared key holds the two half-done hashes, so that one code over a short message costs two
 * compressions.
 */
#ifndef BASE_HMAC_SHA256_H
#define BASE_HMAC_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

struct sha256 {
	uint32_t h[8];
	uint64_t total; /* octets so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);
/* Ends the hash; *s must be initialised again before further use. */
void sha256_final(struct sha256 *s, uint8_t out[SHA256_LEN]);

/* One block without special instructions, as processors that lack them do it: for the tests. */
void sha256_compress_plain(uint32_t h[8], const uint8_t block[64]);

/* A key made ready; the owner wipes it with explicit_bzero(). */
struct hmac_sha256_key {
	struct sha256 inner, outer;
};

/* Make a key of any length ready. */
void hmac_sha256_key(struct hmac_sha256_key *k, const void *key, size_t len);

/* The 32 octets of HMAC-SHA-256 over data. */
void hmac_sha256(const struct hmac_sha256_key *k, const void *data, size_t len,
		 uint8_t out[SHA256_LEN]);

#endif
