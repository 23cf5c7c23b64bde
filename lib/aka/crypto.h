/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two primitives of AKA, from OpenSSL's EVP. No other file of lib/aka knows OpenSSL. */
#ifndef AKA_CRYPTO_H
#define AKA_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* A prepared AES-128 key. Owned by who opened it, used by one thread at a time. */
struct aka_aes;

/* Returns NULL if the crypto library refuses. */
struct aka_aes *aka_aes_open(const uint8_t key[16]);
/* Encrypt one block; in and out may be the same. Returns 0 or AKA_ECRYPTO. */
int aka_aes_block(struct aka_aes *aes, const uint8_t in[16], uint8_t out[16]);
/* Wipes the key. NULL is allowed. */
void aka_aes_close(struct aka_aes *aes);

/* MD5 over n pieces one after the other. Returns 0 or AKA_ECRYPTO. */
int aka_md5(const struct slice *pieces, size_t n, uint8_t out[16]);
/* HMAC-MD5 (RFC 2104). Returns 0 or AKA_ECRYPTO. */
int aka_hmac_md5(struct slice key, struct slice text, uint8_t out[16]);

/* Random octets fit for RAND (3GPP TS 33.102 6.3.2). Returns 0 or AKA_ECRYPTO. */
int aka_random(uint8_t *out, size_t n);

/*
 * RAND for one vector, from a stock that each thread draws at once, since one by one they cost as much as a vector.
 * Nobody sees those that are still to come, and each is wiped when it is given. A process that forks must use
 * aka_random(): both would give the same. Returns 0 or AKA_ECRYPTO.
 */
int aka_rand_draw(uint8_t out[16]);

/* Equal in time that does not depend on the contents. */
bool aka_equal(const uint8_t *a, const uint8_t *b, size_t n);

#endif
