/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 and base64url (RFC 4648 4 and 5). Nothing allocates; nothing else may stand around it. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/slice.h"

enum b64_err {
	B64_E_SYNTAX = -1, /* another character, a wrong length, padding where none belongs */
	B64_E_SPACE = -2   /* the buffer is too small, or the text is above B64_INPUT_MAX */
};

#define B64_INPUT_MAX (1u << 20) /* octets or characters of one text */

/* Size of a buffer for base64 of n octets, padding and NUL included. */
#define B64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
/* Characters of base64url of n octets; there is no padding. */
#define B64URL_LEN(n) (((n)*8 + 5) / 6)

/* Encode n octets with padding, NUL-terminated. Returns the length without the NUL, or B64_E_SPACE
 * and writes nothing. */
int b64_encode(const uint8_t *in, size_t n, char *out, size_t size);

/* Decode padded base64. Returns the number of octets (1 or more), B64_E_SYNTAX or B64_E_SPACE. */
int b64_decode(struct slice in, uint8_t *out, size_t size);

/* The same where senders leave the padding away (SDES keys, RFC 4568 6.1). */
int b64_decode_unpadded(struct slice in, uint8_t *out, size_t size);

/* Encode n octets as base64url without padding, NUL-terminated. As b64_encode(). */
int b64url_encode(const uint8_t *in, size_t n, char *out, size_t size);

/*
 * Decode base64url without padding. Each text of octets has one spelling: bits that are left over
 * must be 0. Returns as b64_decode().
 */
int b64url_decode(struct slice in, uint8_t *out, size_t size);

#endif
