/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nonce and auts of RFC 3310, and hex, as digest headers and key files carry them. */
#ifndef AKA_CODEC_H
#define AKA_CODEC_H

#include "aka/auth.h"
#include "base/base64.h"
#include "base/slice.h"

/* base64 of RAND || AUTN, without server data. */
#define AKA_NONCE_SIZE B64_SIZE(32)
#define AKA_AUTS_SIZE  B64_SIZE(AKA_AUTS_LEN)

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
