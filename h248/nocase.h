/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: comparing and hashing words without case, eight bytes at a time. For short, hot words.
 */
#ifndef H248_NOCASE_H
#define H248_NOCASE_H

#include "base/slice.h"

#define NOCASE_BITS 0x2020202020202020ull

/* The first eight bytes at most, zero behind them. */
static inline uint64_t nocase_load(const char *p, size_t n)
{
	uint64_t v = 0;

	if (n >= 8) {
		memcpy(&v, p, 8);
		return v;
	}
	if (n >= 4) {
		uint32_t low, high;

		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return low | (uint64_t)high << (8 * (n - 4));
	}
	if (n >= 2) {
		uint16_t low, high;

		memcpy(&low, p, 2);
		memcpy(&high, p + n - 2, 2);
		return low | (uint64_t)high << (8 * (n - 2));
	}
	return n ? (unsigned char)*p : 0;
}

/* Letters folded; other characters may fold together, so equal is not yet the same. */
static inline uint64_t nocase_key(struct slice s)
{
	return nocase_load(s.p, s.len) | NOCASE_BITS;
}

static inline bool nocase_equal(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i += 8) {
		size_t n = a.len - i < 8 ? a.len - i : 8;
		uint64_t x = nocase_load(a.p + i, n) ^ nocase_load(b.p + i, n);

		if (x == 0)
			continue;
		if (x & ~NOCASE_BITS)
			return false;
		return slice_eq_nocase(
		    a, b); /* only the case bit differs, somewhere: letters or not? */
	}
	return true;
}

static inline uint64_t nocase_mix(uint64_t h, struct slice s)
{
	h = (h ^ nocase_key(s) ^ (uint64_t)s.len << 56) * 0x9e3779b97f4a7c15ull;
	h ^= h >> 32;
	if (s.len > 8) {
		h = (h ^ (nocase_load(s.p + s.len - 8, 8) | NOCASE_BITS)) * 0xd6e8feb86659fd93ull;
		h ^= h >> 32;
	}
	return h;
}

#endif
