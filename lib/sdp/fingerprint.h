/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificate fingerprints as SDP writes them (RFC 8122 5): parsing, and the choice of which of
 * several to compare. No crypto here; the caller brings the digests of the certificate.
 */
#ifndef SDP_FINGERPRINT_H
#define SDP_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/slice.h"

/* In falling order of preference. MD5 and MD2 are never used (RFC 8122 5). */
enum fingerprint_hash {
	FINGERPRINT_SHA512,
	FINGERPRINT_SHA384,
	FINGERPRINT_SHA256,
	FINGERPRINT_SHA224,
	FINGERPRINT_SHA1, /* only by setting, for RFC 4572 peers */
	FINGERPRINT_HASHES,
};

enum {
	FINGERPRINT_OCTETS_MAX = 64,
	FINGERPRINT_TEXT_MAX = 3 * FINGERPRINT_OCTETS_MAX, /* "AB:CD:..:EF" and NUL */
	FINGERPRINT_SET_MAX = 8,
};

struct fingerprint {
	enum fingerprint_hash hash;
	uint8_t octets[FINGERPRINT_OCTETS_MAX];
};

struct fingerprint_set {
	size_t n;
	struct fingerprint items[FINGERPRINT_SET_MAX];
};

/* "sha-256" ... and the number of octets of a hash. */
const char *fingerprint_hash_name(enum fingerprint_hash h);
size_t fingerprint_hash_octets(enum fingerprint_hash h);
/* By name, without regard to case. Returns 0, or -1 for a hash that is unknown or never used. */
int fingerprint_hash_parse(struct slice name, enum fingerprint_hash *out);

/*
 * The value of one a=fingerprint line ("SHA-256 AB:CD:.."); hex digits in either case. Returns 0; 1
 * for a hash that is not known, which the RFC says to ignore; -1 for a broken line. Changes *out
 * only with 0.
 */
int fingerprint_parse(struct slice value, struct fingerprint *out);

/* Add one a=fingerprint value to a set. Returns as fingerprint_parse(), and -1 when the set is
 * full. */
int fingerprint_set_add(struct fingerprint_set *set, struct slice value);

/* Upper-case hex with colons (RFC 8122 5), NUL-terminated. n <= FINGERPRINT_OCTETS_MAX. Returns
 * buf. */
char *fingerprint_print(const uint8_t *octets, size_t n, char buf[FINGERPRINT_TEXT_MAX]);

/*
 * The hash that decides: the most preferred one of which the set has a fingerprint (RFC 8122 5.1; a
 * match on a weaker one does not count). Returns 0, or -1 if the set offers none that may be used.
 */
int fingerprint_set_deciding(const struct fingerprint_set *set, bool allow_sha1,
			     enum fingerprint_hash *out);

/* Does one fingerprint of that hash equal the digest (fingerprint_hash_octets(h) octets)? */
bool fingerprint_set_has(const struct fingerprint_set *set, enum fingerprint_hash h,
			 const uint8_t *digest);

/* Are these the same fingerprints, in the same order? */
bool fingerprint_set_eq(const struct fingerprint_set *a, const struct fingerprint_set *b);

#endif
