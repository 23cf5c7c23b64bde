/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internal: comparing and hashing short words without case, eight bytes at a time. A word is its
 * first eight bytes and its last eight as numbers; what ASCII letters differ by is one bit, so two
 * words are the same when they differ in nothing but that bit of letters.
 */
#ifndef H248_NOCASE_H
#define H248_NOCASE_H

#include <endian.h>

#include "base/slice.h"

#define NOCASE_BYTES(b) (0x0101010101010101ull * (b))
#define NOCASE_BITS	NOCASE_BYTES(0x20)

/* Eight bytes, the first one lowest. */
static inline uint64_t nocase_eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return le64toh(v);
}

/* The first eight bytes at most, zero behind them. */
static inline uint64_t nocase_load(const char *p, size_t n)
{
	if (n >= 8)
		return nocase_eight(p);
	if (n >= 4) {
		uint32_t low, high;

		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		return le32toh(low) | (uint64_t)le32toh(high) << (8 * (n - 4));
	}
	if (n >= 2) {
		uint16_t low, high;

		memcpy(&low, p, 2);
		memcpy(&high, p + n - 2, 2);
		return le16toh(low) | (uint64_t)le16toh(high) << (8 * (n - 2));
	}
	return n ? (unsigned char)*p : 0;
}

/* The case bit of each byte that is an ASCII letter. */
static inline uint64_t nocase_letters(uint64_t v)
{
	uint64_t low = (v | NOCASE_BITS) & NOCASE_BYTES(0x7f);
	uint64_t from_a = low + NOCASE_BYTES(0x80 - 'a'), behind_z = low + NOCASE_BYTES(0x7f - 'z');

	return (from_a & ~behind_z & ~v & NOCASE_BYTES(0x80)) >> 2;
}

struct nocase {
	uint64_t head, tail; /* tail: the last eight bytes of a word that has more than eight */
	size_t len;
};
static inline struct nocase nocase_of(struct slice s)
{
	return (struct nocase){nocase_load(s.p, s.len),
			       s.len > 8 ? nocase_eight(s.p + s.len - 8) : 0, s.len};
}

/* The same for words that are the same. The upper bits are the good ones. */
static inline uint64_t nocase_hash(struct nocase n)
{
	uint64_t h = (n.head | NOCASE_BITS) + n.len;

	if (n.tail)
		h += (n.tail | NOCASE_BITS) * 0xd6e8feb86659fd93ull;
	return h * 0x9e3779b97f4a7c15ull;
}

/* A word of a table, with its letters looked up beforehand. */
struct nocase_word {
	struct nocase n;
	uint64_t head_letters, tail_letters;
	const char *text;
};
static inline struct nocase_word nocase_word(struct slice s)
{
	struct nocase n = nocase_of(s);

	return (struct nocase_word){n, nocase_letters(n.head), nocase_letters(n.tail), s.p};
}
/* Is a word of at most eight bytes, `head` and `len` of it, that word? */
static inline bool nocase_is_short(const struct nocase_word *w, uint64_t head, size_t len)
{
	return (((head ^ w->n.head) & ~w->head_letters) | (len ^ w->n.len)) == 0;
}
/* Is s, of which n was made, that word? */
static inline bool nocase_is(const struct nocase_word *w, struct nocase n, struct slice s)
{
	return (((n.head ^ w->n.head) & ~w->head_letters) |
		((n.tail ^ w->n.tail) & ~w->tail_letters) | (n.len ^ w->n.len)) == 0 &&
	       (n.len <= 16 || slice_eq_nocase(s, slice_make(w->text, n.len)));
}

static inline bool nocase_equal(struct slice a, struct slice b)
{
	struct nocase x, y;

	if (a.len != b.len)
		return false;
	x = nocase_of(a);
	y = nocase_of(b);
	return (((x.head ^ y.head) & ~nocase_letters(x.head)) |
		((x.tail ^ y.tail) & ~nocase_letters(x.tail))) == 0 &&
	       (a.len <= 16 || slice_eq_nocase(a, b));
}
/* The same with a literal of at most eight characters. */
#define NOCASE_IS(s, literal)                                                                      \
	((s).len == sizeof(literal) - 1 &&                                                         \
	 ((nocase_load((s).p, sizeof(literal) - 1) ^ nocase_load(literal, sizeof(literal) - 1)) &  \
	  ~nocase_letters(nocase_load(literal, sizeof(literal) - 1))) == 0)

#endif
