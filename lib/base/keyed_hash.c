/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/keyed_hash.h"

#include <endian.h>
#include <errno.h>
#include <sys/random.h>

int keyed_hash_key_random(struct keyed_hash_key *key)
{
	struct keyed_hash_key fresh;
	ssize_t n;

	do
		n = getrandom(&fresh, sizeof(fresh), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(fresh))
		return -1;
	*key = fresh;
	return 0;
}

static inline uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

/* n <= 8 octets, little endian. */
static inline uint64_t word(const char *p, size_t n)
{
	uint64_t w = 0;

	if (n == 8) {
		memcpy(&w, p, sizeof(w));
		return le64toh(w);
	}
	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return w;
}

uint64_t keyed_hash(const struct keyed_hash_key *key, struct slice s)
{
	uint64_t v[4] = {
	    key->k[0] ^ 0x736f6d6570736575u,
	    key->k[1] ^ 0x646f72616e646f6du,
	    key->k[0] ^ 0x6c7967656e657261u,
	    key->k[1] ^ 0x7465646279746573u,
	};
	size_t whole = s.len & ~(size_t)7;
	uint64_t m;

	for (size_t i = 0; i < whole; i += 8) {
		m = word(s.p + i, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = (uint64_t)s.len << 56 | (s.len & 7 ? word(s.p + whole, s.len & 7) : 0);
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
