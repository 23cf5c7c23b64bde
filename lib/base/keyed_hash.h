/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 (Aumasson, Bernstein 2012): the hash of every table whose keys a stranger can choose
 * (Call-ID, Contact, IMPU, tag, branch). Who does not know the 128-bit key cannot make keys that
 * meet in one bucket. The key is made once, by the owner of the table, at random; tests may fix it.
 */
#ifndef BASE_KEYED_HASH_H
#define BASE_KEYED_HASH_H

#include "base/slice.h"

struct keyed_hash_key {
	uint64_t k[2];
};

/* A new key from the kernel (getrandom). Returns 0, or -1 (errno) and leaves *key alone. */
int keyed_hash_key_random(struct keyed_hash_key *key);

/* The hash of the bytes of s; all 64 bits are equally good. */
uint64_t keyed_hash(const struct keyed_hash_key *key, struct slice s);

#endif
