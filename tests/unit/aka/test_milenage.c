/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"

#include <pthread.h>
#include <stdlib.h>

#include "aka/auth.h"
#include "aka/crypto.h"
#include "base/slice.h"
#include "milenage_sets.h"

#define SETS (sizeof(milenage_sets) / sizeof(milenage_sets[0]))

static void unhex(const char *hex, uint8_t *out, size_t n)
{
	ck_assert_int_eq(slice_hex(slice_str(hex), out, n), 0);
}

#define ck_octets(got, hex)                                                                        \
	do {                                                                                       \
		uint8_t want_[sizeof(got)];                                                        \
		unhex(hex, want_, sizeof(want_));                                                  \
		ck_assert_mem_eq(got, want_, sizeof(want_));                                       \
	} while (0)

static void key_of(const struct milenage_set *s, struct aka_key *key)
{
	*key = (struct aka_key){.algorithm = AKA_MILENAGE};
	unhex(s->k, key->milenage.k, 16);
	unhex(s->opc, key->milenage.opc, 16);
}

static uint64_t sqn_of(const struct milenage_set *s)
{
	return strtoull(s->sqn, NULL, 16);
}

START_TEST(opc_follows_from_op)
{
	for (size_t i = 0; i < SETS; i++) {
		uint8_t k[16], op[16], opc[16];

		unhex(milenage_sets[i].k, k, 16);
		unhex(milenage_sets[i].op, op, 16);
		ck_assert_int_eq(milenage_opc(k, op, opc), 0);
		ck_octets(opc, milenage_sets[i].opc);
	}
}
END_TEST

START_TEST(functions_give_the_test_sets)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct milenage_set *s = &milenage_sets[i];
		struct aka_key key;
		struct milenage_out out;
		uint8_t rand[16], sqn[6], amf[2], mac_a[8], mac_s[8];

		key_of(s, &key);
		unhex(s->rand, rand, 16);
		unhex(s->sqn, sqn, 6);
		unhex(s->amf, amf, 2);
		ck_assert_int_eq(milenage_f1(&key.milenage, rand, sqn, amf, mac_a, mac_s), 0);
		ck_octets(mac_a, s->f1);
		ck_octets(mac_s, s->f1s);
		ck_assert_int_eq(milenage_f2345(&key.milenage, rand, &out), 0);
		ck_octets(out.res, s->f2);
		ck_octets(out.ck, s->f3);
		ck_octets(out.ik, s->f4);
		ck_octets(out.ak, s->f5);
		ck_octets(out.ak_star, s->f5s);
	}
}
END_TEST

START_TEST(vector_made_by_the_hss_opens_at_the_ue)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct milenage_set *s = &milenage_sets[i];
		struct aka_key key;
		struct aka_vector v;
		struct aka_answer a;
		uint8_t rand[16], amf[2];

		key_of(s, &key);
		unhex(s->rand, rand, 16);
		unhex(s->amf, amf, 2);
		ck_assert_int_eq(aka_vector_make(&key, rand, sqn_of(s), amf, &v), 0);
		ck_octets(v.autn, s->autn);
		ck_assert_int_eq(aka_autn_check(&key, v.rand, v.autn, &a), 0);
		ck_assert_uint_eq(a.sqn, sqn_of(s));
		ck_octets(a.amf, s->amf);
		ck_assert_uint_eq(a.res_len, 8);
		ck_assert_uint_eq(v.xres_len, 8);
		ck_assert_mem_eq(a.res, v.xres, 8);
		ck_octets(a.ck, s->f3);
		ck_octets(a.ik, s->f4);
	}
}
END_TEST

START_TEST(any_flipped_bit_of_autn_is_refused)
{
	struct aka_key key;
	struct aka_answer a = {.sqn = 4711};
	uint8_t rand[16], autn[16];

	key_of(&milenage_sets[0], &key);
	unhex(milenage_sets[0].rand, rand, 16);
	for (unsigned int bit = 0; bit < 128; bit++) {
		unhex(milenage_sets[0].autn, autn, 16);
		autn[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(aka_autn_check(&key, rand, autn, &a), AKA_EMAC);
	}
	key.milenage.opc[0] ^= 1;
	unhex(milenage_sets[0].autn, autn, 16);
	ck_assert_int_eq(aka_autn_check(&key, rand, autn, &a), AKA_EMAC);
	ck_assert_uint_eq(a.sqn, 4711); /* nothing changed on failure */
}
END_TEST

START_TEST(auts_carries_the_number_of_the_card)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct milenage_set *s = &milenage_sets[i];
		struct aka_key key;
		uint8_t rand[16], auts[AKA_AUTS_LEN];
		uint64_t sqn = 1;

		key_of(s, &key);
		unhex(s->rand, rand, 16);
		ck_assert_int_eq(aka_auts_make(&key, rand, sqn_of(s), auts), 0);
		if (i == 0)
			ck_octets(auts, "ba853f3c123ccf44e93596e355c6");
		ck_assert_int_eq(aka_auts_check(&key, rand, auts, &sqn), 0);
		ck_assert_uint_eq(sqn, sqn_of(s));
		for (unsigned int bit = 0; bit < 8 * AKA_AUTS_LEN; bit++) {
			uint8_t bad[AKA_AUTS_LEN];

			memcpy(bad, auts, sizeof(bad));
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			sqn = 1;
			ck_assert_int_eq(aka_auts_check(&key, rand, bad, &sqn), AKA_EMAC);
			ck_assert_uint_eq(sqn, 1);
		}
		rand[0] ^= 1; /* an AUTS belongs to one RAND */
		ck_assert_int_eq(aka_auts_check(&key, rand, auts, &sqn), AKA_EMAC);
	}
}
END_TEST

START_TEST(numbers_over_48_bits_are_refused)
{
	struct aka_key key;
	struct aka_vector v;
	uint8_t rand[16] = {0}, amf[2] = {0}, auts[AKA_AUTS_LEN];

	key_of(&milenage_sets[0], &key);
	ck_assert_int_eq(aka_vector_make(&key, rand, UINT64_C(1) << 48, amf, &v), AKA_EWRAP);
	ck_assert_int_eq(aka_auts_make(&key, rand, UINT64_C(1) << 48, auts), AKA_EWRAP);
}
END_TEST

enum { DRAWERS = 4, DRAWN = 1000 };

static uint8_t drawn[DRAWERS][DRAWN][AKA_RAND_LEN];

static void *draw(void *arg)
{
	uint8_t(*out)[AKA_RAND_LEN] = arg;

	for (int i = 0; i < DRAWN; i++)
		ck_assert_int_eq(aka_rand_draw(out[i]), 0);
	return NULL;
}

static int compare_rands(const void *a, const void *b)
{
	return memcmp(a, b, AKA_RAND_LEN);
}

START_TEST(no_rand_is_drawn_twice_by_any_thread)
{
	pthread_t thread[DRAWERS];
	uint8_t(*all)[AKA_RAND_LEN] = drawn[0];
	const uint8_t *octets = (const uint8_t *)drawn;
	int ones = 0;

	for (int i = 0; i < DRAWERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, draw, drawn[i]), 0);
	for (int i = 0; i < DRAWERS; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < sizeof(drawn); i++)
		ones += __builtin_popcount(octets[i]);
	/* 256,000 fair coins, eight deviations wide */
	ck_assert_int_gt(ones, (int)sizeof(drawn) * 4 - 2300);
	ck_assert_int_lt(ones, (int)sizeof(drawn) * 4 + 2300);
	qsort(all, DRAWERS * DRAWN, AKA_RAND_LEN, compare_rands);
	for (int i = 1; i < DRAWERS * DRAWN; i++)
		ck_assert_mem_ne(all[i - 1], all[i], AKA_RAND_LEN);
}
END_TEST

UNIT_MAIN("milenage", opc_follows_from_op, functions_give_the_test_sets,
	  vector_made_by_the_hss_opens_at_the_ue, any_flipped_bit_of_autn_is_refused,
	  auts_carries_the_number_of_the_card, numbers_over_48_bits_are_refused,
	  no_rand_is_drawn_twice_by_any_thread)
