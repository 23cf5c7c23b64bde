/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "base/slice.h"

START_TEST(tokens_compare_without_case)
{
	ck_assert(slice_eq_nocase(SLICE_LIT("Seamless-IMS"), SLICE_LIT("seamless-ims")));
	ck_assert(!slice_eq_nocase(SLICE_LIT("seamless-ims"), SLICE_LIT("seamless-im")));
	ck_assert(!slice_eq_nocase(SLICE_LIT("[a"), SLICE_LIT("{a")));
	ck_assert(slice_eq(SLICE_NULL, SLICE_LIT("")));
	ck_assert(!slice_eq(SLICE_LIT("a"), SLICE_LIT("A")));
}
END_TEST

START_TEST(cutting_walks_a_list)
{
	struct slice s = SLICE_LIT("a, b ,,c");
	const char *want[] = {"a", "b", "", "c"};

	for (size_t i = 0; i < 4; i++) {
		struct slice item = slice_trim(slice_cut(&s, ','));

		ck_assert_msg(slice_eq(item, slice_str(want[i])), "item %zu", i);
	}
	ck_assert_ptr_null(s.p);
	ck_assert_uint_eq(slice_cut(&s, ',').len, 0);
}
END_TEST

START_TEST(numbers_are_bounded)
{
	uint64_t v = 7;

	ck_assert_int_eq(slice_u64(SLICE_LIT("0042"), 100, &v), 0);
	ck_assert_uint_eq(v, 42);
	ck_assert_int_eq(slice_u64(SLICE_LIT("101"), 100, &v), -1);
	ck_assert_int_eq(slice_u64(SLICE_LIT(""), 100, &v), -1);
	ck_assert_int_eq(slice_u64(SLICE_LIT("-1"), 100, &v), -1);
	ck_assert_int_eq(slice_u64(SLICE_LIT("1 "), 100, &v), -1);
	ck_assert_uint_eq(v, 42);
	ck_assert_int_eq(slice_u64(SLICE_LIT("18446744073709551615"), UINT64_MAX, &v), 0);
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert_int_eq(slice_u64(SLICE_LIT("18446744073709551616"), UINT64_MAX, &v), -1);
}
END_TEST

START_TEST(hex_and_copies_are_exact)
{
	uint8_t out[2];
	char buf[4];

	ck_assert_int_eq(slice_hex(SLICE_LIT("A0ff"), out, 2), 0);
	ck_assert_uint_eq(out[0], 0xa0);
	ck_assert_uint_eq(out[1], 0xff);
	ck_assert_int_eq(slice_hex(SLICE_LIT("A0f"), out, 2), -1);
	ck_assert_int_eq(slice_hex(SLICE_LIT("A0fg"), out, 2), -1);
	ck_assert_int_eq(slice_copy(SLICE_LIT("abc"), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(slice_copy(SLICE_LIT("abcd"), buf, sizeof(buf)), -1);
	ck_assert_int_eq(slice_copy(SLICE_LIT("a\0b"), buf, sizeof(buf)), -1);
}
END_TEST

UNIT_MAIN("slice", tokens_compare_without_case, cutting_walks_a_list, numbers_are_bounded,
	  hex_and_copies_are_exact)
