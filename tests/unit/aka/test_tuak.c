/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"

#include "aka/err.h"
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

UNIT_MAIN("tuak", the_permutation_gives_the_published_states, topc_follows_from_top,
	  macs_are_those_of_the_test_sets, response_and_keys_are_those_of_the_test_sets,
	  each_length_has_a_value_of_its_own, what_tuak_does_not_have_is_refused)
