/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The a=crypto attribute of SDES-SRTP (RFC 4568, RFC 6188, RFC 7714) as text and as a key. Pure;
 * keys are the caller's to wipe with sdes_key_wipe().
 */
#ifndef SDP_SDES_H
#define SDP_SDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/slice.h"

enum sdes_suite {
	SDES_NONE = 0, /* no key */
	SDES_AES_CM_128_HMAC_SHA1_80,
	SDES_AES_CM_128_HMAC_SHA1_32,
	SDES_AES_256_CM_HMAC_SHA1_80,
	SDES_AES_256_CM_HMAC_SHA1_32,
	SDES_AEAD_AES_128_GCM,
	SDES_AEAD_AES_256_GCM,
	SDES_SUITES,
};

enum {
	SDES_KEY_SALT_MAX = 46, /* AES_256_CM: 32 + 14 */
	SDES_MKI_MAX = 128,
};

enum sdes_error {
	SDES_OK = 0,
	SDES_ESYNTAX = -1, /* not a crypto attribute */
	SDES_ESUITE = -2,  /* a suite we do not have: look at the next line */
	SDES_EKEY = -3,	   /* wrong length or not base64 (RFC 4568 6.1) */
	SDES_EPARAM = -4,  /* unknown mandatory session parameter, or one that weakens the stream */
	SDES_ELIFETIME = -5, /* lifetime or MKI out of bounds */
	SDES_EKEYS = -6,     /* several keys */
};

struct sdes_key {
	enum sdes_suite suite;
	uint32_t tag;
	uint8_t key[SDES_KEY_SALT_MAX]; /* master key, then master salt */
	uint8_t mki_len;		/* 0 = none */
	uint8_t mki[SDES_MKI_MAX];
};

const char *sdes_suite_name(enum sdes_suite s);
size_t sdes_suite_key_octets(enum sdes_suite s); /* master key alone */
size_t sdes_suite_salt_octets(enum sdes_suite s);

/*
 * The value of one a=crypto line. Refuses UNENCRYPTED_* and UNAUTHENTICATED_SRTP, and a line with several
 * keys (RFC 4568 6.1): its author sends with any of them, told apart by their MKI, and who knows but one
 * loses what is protected with the others. Changes *out only when it returns SDES_OK.
 */
int sdes_parse(struct slice value, struct sdes_key *out);

/* Write "tag suite inline:base64[|mki:len]". Returns the length without the NUL, or SDES_EPARAM if
 * size is too small. */
int sdes_print(const struct sdes_key *key, char *buf, size_t size);

bool sdes_key_eq(const struct sdes_key *a, const struct sdes_key *b); /* suite, key and MKI */
void sdes_key_wipe(struct sdes_key *key);

#endif
