/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"

#include <stdlib.h>

#include "aka/auth.h"
#include "aka/keccak.h"
#include "aka/tuak.h"
#include "base/slice.h"
#include "tuak_sets.h"

#define SETS   (sizeof(tuak_sets) / sizeof(tuak_sets[0]))
#define STATES (sizeof(keccak_states) / sizeof(keccak_states[0]))

/* How many octets a text of hex digits is; they go to out. */
static uint8_t unhex(const char *hex, uint8_t *out)
{
	ck_assert_int_eq(slice_hex(slice_str(hex), out, strlen(hex) / 2), 0);
	return (uint8_t)(strlen(hex) / 2);
}

static void same(const struct tuak_set *s, const char *what, const uint8_t *got, const char *hex)
{
	uint8_t want[32];
	size_t n = unhex(hex, want);

	ck_assert_msg(memcmp(got, want, n) == 0, "%s of clause %s", what, s->clause);
}

static struct tuak_key key_of(const struct tuak_set *s)
{
	struct tuak_key key = {.iterations = (uint8_t)s->iterations};

	key.k_len = unhex(s->k, key.k);
	unhex(s->topc, key.topc);
	return key;
}

static struct tuak_lengths lengths_of(const struct tuak_set *s)
{
	return (struct tuak_lengths){.res = (uint8_t)(strlen(s->f2) / 2),
				     .ck = (uint8_t)(strlen(s->f3) / 2),
				     .ik = (uint8_t)(strlen(s->f4) / 2)};
}

START_TEST(the_permutation_gives_the_published_states)
{
	for (size_t i = 0; i < STATES; i++) {
		uint8_t state[KECCAK_STATE_LEN], want[KECCAK_STATE_LEN];

		unhex(keccak_states[i].in, state);
		unhex(keccak_states[i].out, want);
		keccak_f1600(state);
		ck_assert_msg(memcmp(state, want, sizeof(want)) == 0, "%s", keccak_states[i].from);
	}
}
END_TEST

START_TEST(topc_follows_from_top)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct tuak_set *s = &tuak_sets[i];
		struct tuak_key key = key_of(s);
		uint8_t top[TUAK_TOP_LEN];

		memset(key.topc, 0, sizeof(key.topc));
		unhex(s->top, top);
		ck_assert_int_eq(tuak_topc(&key, top), 0);
		same(s, "TOPc", key.topc, s->topc);
	}
}
END_TEST

START_TEST(macs_are_those_of_the_test_sets)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct tuak_set *s = &tuak_sets[i];
		struct tuak_key key = key_of(s);
		uint8_t rand[16], sqn[6], amf[2], mac_a[TUAK_MAC_MAX], mac_s[TUAK_MAC_MAX];
		size_t n = strlen(s->f1) / 2;

		unhex(s->rand, rand);
		unhex(s->sqn, sqn);
		unhex(s->amf, amf);
		ck_assert_int_eq(tuak_f1(&key, rand, sqn, amf, n, mac_a, mac_s), 0);
		same(s, "f1", mac_a, s->f1);
		same(s, "f1*", mac_s, s->f1s);
		/* one alone is the same */
		memset(mac_a, 0, sizeof(mac_a));
		ck_assert_int_eq(tuak_f1(&key, rand, sqn, amf, n, mac_a, NULL), 0);
		same(s, "f1", mac_a, s->f1);
	}
}
END_TEST

START_TEST(response_and_keys_are_those_of_the_test_sets)
{
	for (size_t i = 0; i < SETS; i++) {
		const struct tuak_set *s = &tuak_sets[i];
		struct tuak_key key = key_of(s);
		struct tuak_lengths lengths = lengths_of(s);
		struct tuak_out out;
		uint8_t rand[16], ak_star[6];

		unhex(s->rand, rand);
		ck_assert_int_eq(tuak_f2345(&key, rand, &lengths, &out), 0);
		same(s, "f2", out.res, s->f2);
		same(s, "f3", out.ck, s->f3);
		same(s, "f4", out.ik, s->f4);
		same(s, "f5", out.ak, s->f5);
		ck_assert_int_eq(tuak_f5_star(&key, rand, ak_star), 0);
		same(s, "f5*", ak_star, s->f5s);
	}
}
END_TEST

/* A short RES is no piece of a long one: its length is in what is computed. */
START_TEST(each_length_has_a_value_of_its_own)
{
	static const uint8_t lengths[] = {4, 8, 16, 32};
	struct tuak_key key = key_of(&tuak_sets[0]);
	uint8_t rand[16] = {1}, seen[4][4];

	for (size_t i = 0; i < 4; i++) {
		struct tuak_lengths l = {.res = lengths[i], .ck = 16, .ik = 16};
		struct tuak_out out;

		ck_assert_int_eq(tuak_f2345(&key, rand, &l, &out), 0);
		memcpy(seen[i], out.res, 4);
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(seen[i], seen[j], 4);
	}
}
END_TEST

START_TEST(what_tuak_does_not_have_is_refused)
{
	static const struct tuak_lengths wrong[] = {
	    {7, 16, 16}, {0, 16, 16}, {64, 16, 16}, {8, 8, 16}, {8, 16, 24}};
	static const size_t wrong_macs[] = {0, 4, 12, 64};
	static const struct tuak_lengths usual = {8, 16, 16};
	struct tuak_key key = key_of(&tuak_sets[0]), bad;
	uint8_t rand[16] = {0}, sqn[6] = {0}, amf[2] = {0}, top[32] = {0}, mac[64] = {0x55};
	struct tuak_out out = {.ak = {0x55}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(tuak_f2345(&key, rand, &wrong[i], &out), AKA_ELENGTH);
	for (size_t i = 0; i < sizeof(wrong_macs) / sizeof(wrong_macs[0]); i++)
		ck_assert_int_eq(tuak_f1(&key, rand, sqn, amf, wrong_macs[i], mac, NULL),
				 AKA_ELENGTH);
	for (int i = 0; i < 2; i++) {
		bad = key;
		if (i == 0)
			bad.k_len = 24;
		else
			bad.iterations = 0;
		ck_assert_int_eq(tuak_topc(&bad, top), AKA_ELENGTH);
		ck_assert_mem_eq(bad.topc, key.topc, sizeof(key.topc));
		ck_assert_int_eq(tuak_f1(&bad, rand, sqn, amf, 8, mac, mac), AKA_ELENGTH);
		ck_assert_int_eq(tuak_f2345(&bad, rand, &usual, &out), AKA_ELENGTH);
		ck_assert_int_eq(tuak_f5_star(&bad, rand, out.ak), AKA_ELENGTH);
	}
	ck_assert_uint_eq(mac[0], 0x55); /* nothing was written */
	ck_assert_uint_eq(out.ak[0], 0x55);
	ck_assert_str_eq(aka_strerror(AKA_ELENGTH), "no such length in the algorithm");
}
END_TEST

/* A key of AKA made of a set's K and TOP. Of its lengths only those that AKA has are asked for. */
static struct aka_key card_of(const struct tuak_set *s, uint8_t res_len)
{
	struct aka_key key = {.algorithm = AKA_TUAK, .res_len = res_len};
	uint8_t k[AKA_K_MAX], top[AKA_OP_MAX];
	size_t k_len = unhex(s->k, k);

	key.tuak.iterations = (uint8_t)s->iterations;
	unhex(s->top, top);
	ck_assert_int_eq(aka_key_derive(&key, slice_make((const char *)k, k_len),
					slice_make((const char *)top, sizeof(top))),
			 0);
	same(s, "TOPc", (const uint8_t *)aka_key_opc(&key).p, s->topc);
	ck_assert_uint_eq(aka_key_k(&key).len, k_len);
	return key;
}

static uint64_t sqn_of(const struct tuak_set *s)
{
	return strtoull(s->sqn, NULL, 16);
}

/* Clause 6.3 has lengths that AKA has, all of them: its AUTN and AUTS follow. */
START_TEST(a_vector_has_the_values_of_the_test_set)
{
	const struct tuak_set *s = &tuak_sets[0];
	struct aka_key key = card_of(s, 4);
	uint8_t rand[16], amf[2], auts[AKA_AUTS_LEN];
	struct aka_vector v;

	unhex(s->rand, rand);
	unhex(s->amf, amf);
	ck_assert_int_eq(aka_vector_make(&key, rand, sqn_of(s), amf, &v), 0);
	same(s, "AUTN", v.autn, "608e0f8a8145fffff9a54e6aeaa8618d"); /* SQN xor f5, AMF, f1 */
	ck_assert_uint_eq(v.xres_len, 4);
	same(s, "XRES", v.xres, s->f2);
	same(s, "CK", v.ck, s->f3);
	same(s, "IK", v.ik, s->f4);
	ck_assert_int_eq(aka_auts_make(&key, rand, sqn_of(s), auts), 0);
	same(s, "AUTS", auts, "f6be7a2c1f29"); /* SQN xor f5* */
}
END_TEST

START_TEST(card_and_network_understand_each_other)
{
	static const uint8_t res[] = {4, 8, 16};

	for (size_t i = 0; i < SETS * 3; i++) {
		const struct tuak_set *s = &tuak_sets[i / 3];
		struct aka_key key = card_of(s, res[i % 3]);
		uint8_t rand[16], amf[2], auts[AKA_AUTS_LEN];
		struct aka_vector v;
		struct aka_answer a;
		uint64_t sqn = 1;

		unhex(s->rand, rand);
		unhex(s->amf, amf);
		ck_assert_int_eq(aka_vector_make(&key, rand, sqn_of(s), amf, &v), 0);
		ck_assert_int_eq(aka_autn_check(&key, v.rand, v.autn, &a), 0);
		ck_assert_uint_eq(a.sqn, sqn_of(s));
		ck_assert_uint_eq(a.res_len, res[i % 3]);
		ck_assert_uint_eq(v.xres_len, res[i % 3]);
		ck_assert_mem_eq(a.res, v.xres, a.res_len);
		ck_assert_mem_eq(a.ck, v.ck, 16);
		ck_assert_mem_eq(a.ik, v.ik, 16);
		ck_assert_int_eq(aka_auts_make(&key, rand, sqn_of(s), auts), 0);
		ck_assert_int_eq(aka_auts_check(&key, rand, auts, &sqn), 0);
		ck_assert_uint_eq(sqn, sqn_of(s));
		/* any bit that is another, or another key, and it is nobody's */
		for (unsigned int bit = 0; bit < 8 * AKA_AUTS_LEN; bit++) {
			auts[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_int_eq(aka_auts_check(&key, rand, auts, &sqn), AKA_EMAC);
			auts[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		key.tuak.topc[31] ^= 1;
		ck_assert_int_eq(aka_autn_check(&key, v.rand, v.autn, &a), AKA_EMAC);
		ck_assert_int_eq(aka_auts_check(&key, rand, auts, &sqn), AKA_EMAC);
	}
}
END_TEST

START_TEST(a_key_that_does_not_fit_its_algorithm_is_refused)
{
	static const char octets[64];
	struct slice k16 = {octets, 16}, k24 = {octets, 24}, k32 = {octets, 32};
	struct aka_key tuak = {.algorithm = AKA_TUAK, .res_len = 8};
	struct aka_key milenage = {.algorithm = AKA_MILENAGE};
	uint8_t rand[16] = {0}, amf[2] = {0};
	struct aka_vector v;

	ck_assert_int_eq(aka_vector_make(&tuak, rand, 1, amf, &v), AKA_ELENGTH);
	ck_assert_int_eq(aka_key_fill(&tuak, k16, k32), AKA_ELENGTH); /* Keccak never runs */
	tuak.tuak.iterations = 1;
	ck_assert_int_eq(aka_key_fill(&tuak, k24, k32), AKA_ELENGTH);
	ck_assert_int_eq(aka_key_fill(&tuak, k16, k16), AKA_ELENGTH);
	ck_assert_int_eq(aka_key_derive(&tuak, k32, k16), AKA_ELENGTH);
	tuak.res_len = 32; /* TUAK has it, AKA has not */
	ck_assert_int_eq(aka_key_fill(&tuak, k16, k32), AKA_ELENGTH);
	ck_assert_int_eq(aka_vector_make(&tuak, rand, 1, amf, &v), AKA_ELENGTH);
	tuak.res_len = 16;
	ck_assert_int_eq(aka_key_fill(&tuak, k32, k32), 0);
	ck_assert_int_eq(aka_key_fill(&tuak, aka_key_k(&tuak), k32), 0); /* another TOPc */
	ck_assert_uint_eq(aka_key_k(&tuak).len, 32);
	ck_assert_int_eq(aka_key_fill(&milenage, k32, k16), AKA_ELENGTH);
	ck_assert_int_eq(aka_key_derive(&milenage, k16, k32), AKA_ELENGTH);
	ck_assert_int_eq(aka_key_derive(&milenage, k16, k16), 0);
}
END_TEST

UNIT_MAIN("tuak", the_permutation_gives_the_published_states, topc_follows_from_top,
	  macs_are_those_of_the_test_sets, response_and_keys_are_those_of_the_test_sets,
	  each_length_has_a_value_of_its_own, what_tuak_does_not_have_is_refused,
	  a_vector_has_the_values_of_the_test_set, card_and_network_understand_each_other,
	  a_key_that_does_not_fit_its_algorithm_is_refused)
