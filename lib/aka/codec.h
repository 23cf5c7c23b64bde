/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648 4) and hex, as digest headers and key files carry them. Nothing allocates. */
#ifndef AKA_CODEC_H
#define AKA_CODEC_H

#include "aka/auth.h"
#include "base/slice.h"

/* Size of a buffer for base64 of n octets, NUL included. */
#define B64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
/* base64 of RAND || AUTN, without server data. */
#define AKA_NONCE_SIZE B64_SIZE(32)
#define AKA_AUTS_SIZE  B64_SIZE(AKA_AUTS_LEN)

/* Encode n octets as a NUL-terminated string. Returns its length or AKA_ESPACE. */
int b64_encode(const uint8_t *in, size_t n, char *out, size_t size);
/* Decode padded base64, nothing else around it. Returns the number of octets, AKA_ESYNTAX or
 * AKA_ESPACE. */
int b64_decode(struct slice in, uint8_t *out, size_t size);
/* Lower-case hex of n octets into out[2 * n + 1]. */
void hex_encode(const uint8_t *in, size_t n, char *out);

/* The nonce of RFC 3310 3.2 without server data. */
void aka_nonce_encode(const uint8_t rand[16], const uint8_t autn[16], char out[AKA_NONCE_SIZE]);
/*
 * Open a nonce; server data after the 32 octets are allowed (at most 256 octets in all). Returns 0
 * or AKA_ESYNTAX.
 */
int aka_nonce_decode(struct slice nonce, uint8_t rand[16], uint8_t autn[16]);
/* Open an auts parameter (RFC 3310 3.4), its quotes already taken off. Returns 0 or AKA_ESYNTAX. */
int aka_auts_decode(struct slice b64, uint8_t auts[AKA_AUTS_LEN]);

#endif
