/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "sdp/fingerprint.h"

#define SHA1_A "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"
#define SHA256_A                                                                                   \
	"SHA-256 "                                                                                 \
	"4a:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:"  \
	"02:12:DF"

START_TEST(lines_parse_and_print)
{
	struct fingerprint fp;
	char buf[FINGERPRINT_TEXT_MAX];

	ck_assert_int_eq(fingerprint_parse(SLICE_LIT(SHA256_A), &fp), 0);
	ck_assert_int_eq(fp.hash, FINGERPRINT_SHA256);
	ck_assert_uint_eq(fp.octets[0], 0x4a);
	ck_assert_uint_eq(fp.octets[31], 0xdf);
	ck_assert_str_eq(fingerprint_print(fp.octets, 3, buf), "4A:AD:B9");
	ck_assert_int_eq(fingerprint_parse(SLICE_LIT("md5 4A:AD"), &fp), 1);
	ck_assert_int_eq(fingerprint_parse(SLICE_LIT("SHA-256 4A:AD"), &fp), -1);
	ck_assert_int_eq(fingerprint_parse(SLICE_LIT("SHA-256"), &fp), -1);
	ck_assert_int_eq(
	    fingerprint_parse(
		SLICE_LIT("SHA-1 4A-AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"),
		&fp),
	    -1);
	ck_assert_int_eq(fingerprint_parse(SLICE_LIT(""), &fp), -1);
}
END_TEST

START_TEST(the_preferred_hash_decides)
{
	struct fingerprint_set set = {0};
	enum fingerprint_hash h;
	uint8_t digest[FINGERPRINT_OCTETS_MAX] = {0};

	ck_assert_int_eq(fingerprint_set_deciding(&set, true, &h), -1);
	ck_assert_int_eq(fingerprint_set_add(&set, SLICE_LIT(SHA1_A)), 0);
	ck_assert_int_eq(fingerprint_set_deciding(&set, false, &h), -1);
	ck_assert_int_eq(fingerprint_set_deciding(&set, true, &h), 0);
	ck_assert_int_eq(h, FINGERPRINT_SHA1);
	ck_assert_int_eq(fingerprint_set_add(&set, SLICE_LIT(SHA256_A)), 0);
	ck_assert_int_eq(fingerprint_set_deciding(&set, true, &h), 0);
	ck_assert_int_eq(h, FINGERPRINT_SHA256);
	memcpy(digest, set.items[1].octets, 32);
	ck_assert(fingerprint_set_has(&set, FINGERPRINT_SHA256, digest));
	digest[31] ^= 1; /* the SHA-1 in the set still matches its start: that must not help */
	ck_assert(!fingerprint_set_has(&set, FINGERPRINT_SHA256, digest));
}
END_TEST

START_TEST(a_set_is_bounded)
{
	struct fingerprint_set set = {0};

	for (int i = 0; i < FINGERPRINT_SET_MAX; i++)
		ck_assert_int_eq(fingerprint_set_add(&set, SLICE_LIT(SHA256_A)), 0);
	ck_assert_int_eq(fingerprint_set_add(&set, SLICE_LIT(SHA256_A)), -1);
	ck_assert_uint_eq(set.n, FINGERPRINT_SET_MAX);
}
END_TEST

UNIT_MAIN("fingerprint", lines_parse_and_print, the_preferred_hash_decides, a_set_is_bounded)
