/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys sealed under a master key: what opens, and what does not. */
#include "unit/unit.h"

#include <string.h>

#include "hss/store/seal.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const char k_hex[] = "465b5ce8b199b49faa5f0a2ee238a6bc";

static struct seal_ring ring_of(const char *text)
{
	struct seal_ring ring;
	char why[128] = "";

	ck_assert_msg(seal_ring_parse(slice_str(text), &ring, why, sizeof(why)) == 0, "%s", why);
	return ring;
}

START_TEST(what_another_implementation_sealed_is_opened)
{
	/* Python's cryptography: AESGCM(KEY_A).encrypt(nonce, k, b"k\0one@h"); hashlib for the id */
	static const char sealed_hex[] = "6465666768696a6b6c6d6e6f0e40828ec870e201943d55c6385dcc41"
					 "01438728b6fcd5b3a69fe0b855269846";
	struct seal_ring ring = ring_of(KEY_A);
	uint8_t sealed[16 + SEAL_OVERHEAD], k[16], out[16];

	ck_assert_int_eq(slice_hex(slice_str(sealed_hex), sealed, sizeof(sealed)), 0);
	ck_assert_int_eq(slice_hex(slice_str(k_hex), k, sizeof(k)), 0);
	ck_assert_str_eq(ring.key[0].id, "e75bada2f27219e2");
	ck_assert_int_eq(seal_open(&ring.key[0], "k", "one@h",
				   slice_make((char *)sealed, sizeof(sealed)), out, 16),
			 0);
	ck_assert_mem_eq(out, k, 16);
}
END_TEST

START_TEST(any_length_up_to_the_most_comes_back_and_no_two_seals_are_equal)
{
	struct seal_ring ring = ring_of(KEY_A);
	uint8_t plain[SEAL_PLAIN_MAX + 1], out[SEAL_PLAIN_MAX], one[64], two[64];

	memset(plain, 0x5a, sizeof(plain));
	for (size_t n = 0; n <= SEAL_PLAIN_MAX; n++) {
		ck_assert_int_eq(seal_make(&ring.key[0], "k", "one@h", plain, n, one), 0);
		ck_assert_int_eq(seal_make(&ring.key[0], "k", "one@h", plain, n, two), 0);
		ck_assert_mem_ne(one, two, 12);
		ck_assert_int_eq(seal_open(&ring.key[0], "k", "one@h",
					   slice_make((char *)one, n + SEAL_OVERHEAD), out, n),
				 0);
		ck_assert_mem_eq(out, plain, n);
	}
	ck_assert_int_eq(seal_make(&ring.key[0], "k", "one@h", plain, SEAL_PLAIN_MAX + 1, one), -1);
}
END_TEST

static int opens(const struct seal_key *key, const char *column, const char *impi,
		 const uint8_t *sealed, size_t len)
{
	uint8_t out[16];
	int err;

	memset(out, 0xee, sizeof(out));
	err = seal_open(key, column, impi, slice_make((const char *)sealed, len), out, 16);
	for (size_t i = 0; err && i < sizeof(out); i++)
		ck_assert_uint_eq(out[i], 0); /* nothing that was not authentic */
	return err;
}

START_TEST(what_was_changed_or_moved_does_not_open)
{
	struct seal_ring ring = ring_of(KEY_A "\n" KEY_B "\n");
	uint8_t plain[16] = {1}, sealed[16 + SEAL_OVERHEAD];
	const size_t n = sizeof(sealed);

	ck_assert_int_eq(seal_make(&ring.key[0], "k", "one@h", plain, 16, sealed), 0);
	ck_assert_int_eq(opens(&ring.key[0], "k", "one@h", sealed, n), 0);
	ck_assert_int_eq(opens(&ring.key[1], "k", "one@h", sealed, n), -1);
	ck_assert_int_eq(opens(&ring.key[0], "opc", "one@h", sealed, n), -1);
	ck_assert_int_eq(opens(&ring.key[0], "k", "two@h", sealed, n), -1);
	ck_assert_int_eq(opens(&ring.key[0], "", "k", sealed, n), -1);
	for (size_t len = 0; len < n; len++)
		ck_assert_int_eq(opens(&ring.key[0], "k", "one@h", sealed, len), -1);
	for (size_t bit = 0; bit < n * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_eq(opens(&ring.key[0], "k", "one@h", sealed, n), -1);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_int_eq(opens(&ring.key[0], "k", "one@h", sealed, n), 0);
}
END_TEST

START_TEST(a_file_has_a_key_a_line_and_the_first_seals)
{
	struct seal_ring a = ring_of(KEY_A), b = ring_of(KEY_B), both;

	both = ring_of("# of 2026\n" KEY_B "  # new\n\n\t" KEY_A "\r\n" KEY_B "\n");
	ck_assert_uint_eq(both.n, 2);
	ck_assert_str_eq(both.key[0].id, b.key[0].id);
	ck_assert_str_ne(a.key[0].id, b.key[0].id);
	ck_assert_ptr_eq(seal_ring_find(&both, a.key[0].id), &both.key[1]);
	ck_assert_ptr_null(seal_ring_find(&a, b.key[0].id));
}
END_TEST

static void refuses(const char *text, const char *says)
{
	struct seal_ring ring;
	char why[128] = "";

	ck_assert_int_eq(seal_ring_parse(slice_str(text), &ring, why, sizeof(why)), -1);
	ck_assert_msg(strstr(why, says) != NULL, "'%s' does not say '%s'", why, says);
	ck_assert_ptr_null(strstr(why, "0102"));
	ck_assert_uint_eq(ring.n, 0);
	for (size_t i = 0; i < sizeof(ring); i++)
		ck_assert_uint_eq(((const uint8_t *)&ring)[i], 0);
}

START_TEST(a_file_that_is_wrong_says_where_and_repeats_nothing)
{
	char many[9 * 65 + 1] = "";

	for (int i = 0; i < 9; i++)
		sprintf(many + strlen(many), "%064x\n", i);
	refuses("", "openssl rand -hex 32");
	refuses("# none\n", "there is no key");
	refuses(KEY_A "\nK=" KEY_B "\n", "line 2: a key is 64 hex digits");
	refuses(KEY_A "00", "line 1: a key is 64 hex digits");
	refuses(KEY_A " " KEY_B, "line 1: a key is 64 hex digits");
	refuses("0001020304050607", "line 1: a key is 64 hex digits");
	refuses(many, "line 9: at most 8 keys");
}
END_TEST

UNIT_MAIN("hss seal", what_another_implementation_sealed_is_opened,
	  any_length_up_to_the_most_comes_back_and_no_two_seals_are_equal,
	  what_was_changed_or_moved_does_not_open, a_file_has_a_key_a_line_and_the_first_seals,
	  a_file_that_is_wrong_says_where_and_repeats_nothing)
