/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscribers' keys as they stand in a store: sealed under a master key by AES-256-GCM (NIST SP 800-38D), with a
 * random nonce of 96 bits each. The private identity and the name of the column are associated data, so that what
 * is moved to another user or column does not open. No files and no database here.
 */
#ifndef HSS_STORE_SEAL_H
#define HSS_STORE_SEAL_H

#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum {
	SEAL_KEY_LEN = 32,
	SEAL_ID_SIZE = 17,   /* of a master key: 16 hex digits made of it, with NUL */
	SEAL_KEYS_MAX = 8,   /* of a ring */
	SEAL_OVERHEAD = 28,  /* octets that sealing adds: nonce before, tag behind */
	SEAL_PLAIN_MAX = 32, /* octets that are sealed at most */
};

struct seal_key {
	char id[SEAL_ID_SIZE];
	uint8_t octets[SEAL_KEY_LEN];
};

/* The first seals; all open. Holds secrets: seal_ring_wipe() it. */
struct seal_ring {
	struct seal_key key[SEAL_KEYS_MAX];
	size_t n;
};

/*
 * The text of a file of master keys: 64 hex digits a line, from the first line on that which seals; # begins a
 * comment. Returns 0, or -1 with a sentence in why that repeats nothing of the text; *out is then empty.
 */
int seal_ring_parse(struct slice text, struct seal_ring *out, char *why, size_t size);
/* The key of this id, or NULL. It lives as long as the ring. */
const struct seal_key *seal_ring_find(const struct seal_ring *ring, const char *id);
void seal_ring_wipe(struct seal_ring *ring);

/* Seal n octets, at most SEAL_PLAIN_MAX, into out[n + SEAL_OVERHEAD]. Returns 0, or -1: the crypto library refuses. */
int seal_make(const struct seal_key *key, const char *column, const char *impi, const void *plain,
	      size_t n, uint8_t *out);
/*
 * Open into out[n] what must have n octets. Returns 0, or -1 where length or tag are wrong; out is then zero.
 */
int seal_open(const struct seal_key *key, const char *column, const char *impi, struct slice sealed,
	      void *out, size_t n);

#endif
