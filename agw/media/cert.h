/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificates the gateway presents, with their fingerprints. OpenSSL glue. */
#ifndef AGW_MEDIA_CERT_H
#define AGW_MEDIA_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include "sdp/fingerprint.h"

struct certificate {
	X509 *x509;
	EVP_PKEY *key;
	uint8_t digest[FINGERPRINT_HASHES][FINGERPRINT_OCTETS_MAX];
};

/* A self-signed ECDSA P-256 certificate, valid from yesterday for a year. Returns 0 or -1. */
int certificate_make(struct certificate *c);

/* From PEM files (the first certificate in the file). Returns 0 or -1; also when key and
 * certificate differ. */
int certificate_load(struct certificate *c, const char *cert_file, const char *key_file);

/* Frees both; OpenSSL wipes the key. */
void certificate_clear(struct certificate *c);

/* Digest of any certificate. Returns 0 or -1. */
int certificate_digest(const X509 *x, enum fingerprint_hash h, uint8_t out[FINGERPRINT_OCTETS_MAX]);

#endif
