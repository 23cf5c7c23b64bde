/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids are read as they are printed, and nothing else is an id. */
#include <check.h>
#include <stdlib.h>

#include "modules/common/ids.h"

START_TEST(what_is_printed_is_read)
{
	static const uint64_t ids[] = {0, 1, 0xabcdef, UINT64_MAX, 0x8000000000000000u};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct kam_id text = kam_id_text(ids[i]);
		uint64_t id = ~ids[i];

		ck_assert_uint_eq(slice_str(text.text).len, KAM_ID_DIGITS);
		ck_assert(kam_id_parse(slice_str(text.text), &id));
		ck_assert(id == ids[i]);
	}
	ck_assert_str_eq(kam_id_text(0xabcdef).text, "0000000000abcdef");
}
END_TEST

START_TEST(nothing_else_is_an_id)
{
	static const char *const no[] = {"",
					 "1",
					 "000000000000000",
					 "00000000000000000",
					 "0000000000ABCDEF",
					 "0x00000000000001",
					 " 000000000000001",
					 "000000000000000g"};
	uint64_t id;

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!kam_id_parse(slice_str(no[i]), &id), "%s", no[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ids");
	TCase *t = tcase_create("ids");
	SRunner *r;
	int failed;

	tcase_add_test(t, what_is_printed_is_read);
	tcase_add_test(t, nothing_else_is_an_id);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
