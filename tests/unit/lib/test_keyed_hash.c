/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/keyed_hash.h"

#include <stdio.h>

#include "unit/unit.h"

/* The key 00 01 .. 0f and the input 00 01 .. of the SipHash paper, with one and three rounds. */
START_TEST(vectors_of_siphash_1_3)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} t[] = {{0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
		 {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956}, {63, 0x9d199062b7bbb3a8}};
	const struct keyed_hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	char in[64];

	for (int i = 0; i < 64; i++)
		in[i] = (char)i;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_uint_eq(keyed_hash(&key, slice_make(in, t[i].n)), t[i].hash);
	ck_assert_uint_eq(keyed_hash(&key, SLICE_NULL), t[0].hash);
}
END_TEST

START_TEST(two_random_keys_differ)
{
	struct keyed_hash_key a = {{0, 0}}, b = {{0, 0}};

	ck_assert_int_eq(keyed_hash_key_random(&a), 0);
	ck_assert_int_eq(keyed_hash_key_random(&b), 0);
	ck_assert_mem_ne(&a, &b, sizeof(a));
	ck_assert_uint_ne(keyed_hash(&a, SLICE_LIT("x")), keyed_hash(&b, SLICE_LIT("x")));
}
END_TEST

/* 40,000 keys of one bucket of slice_hash() spread as ordinary ones do. */
START_TEST(keys_chosen_for_the_plain_hash_spread)
{
	enum { BUCKETS = 256, KEYS = 40000 };
	const struct keyed_hash_key key = {{1, 2}};
	unsigned count[BUCKETS] = {0}, found = 0;
	char text[32];

	for (unsigned i = 0; found < KEYS; i++) {
		struct slice s = slice_make(text, (size_t)snprintf(text, sizeof(text), "%u@x", i));

		if (slice_hash(s) % BUCKETS == 0) {
			count[keyed_hash(&key, s) % BUCKETS]++;
			found++;
		}
	}
	for (int i = 0; i < BUCKETS; i++)
		ck_assert_uint_lt(count[i], 2 * KEYS / BUCKETS);
}
END_TEST

UNIT_MAIN("keyed_hash", vectors_of_siphash_1_3, two_random_keys_differ,
	  keys_chosen_for_the_plain_hash_spread)
