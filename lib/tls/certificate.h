/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificates that media present to each other, known by their fingerprints (RFC 8122). OpenSSL glue. */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include "sdp/fingerprint.h"

struct certificate {
	X509 *x509;
	EVP_PKEY *key;
	uint8_t digest[FINGERPRINT_HASHES][FINGERPRINT_OCTETS_MAX];
};

/* A self-signed ECDSA P-256 certificate with this common name, valid from yesterday for a year. Returns 0
 * or -1. */
int certificate_make(struct certificate *c, const char *common_name);

/* From PEM files (the first certificate in the file). Returns 0, or -1 with a sentence in why; also
 * when key and certificate differ, or the key wants a passphrase. */
int certificate_load(struct certificate *c, const char *cert_file, const char *key_file, char *why,
		     size_t size);

/* Frees both; OpenSSL wipes the key. */
void certificate_clear(struct certificate *c);

/* Digest of any certificate. Returns 0 or -1. */
int certificate_digest(const X509 *x, enum fingerprint_hash h, uint8_t out[FINGERPRINT_OCTETS_MAX]);

#endif
