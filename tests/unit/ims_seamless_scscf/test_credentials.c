/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of an Authorization header are found as parameters, never inside another one's value. */
#include <check.h>
#include <stdlib.h>

#include "modules/ims_seamless_scscf/core/credentials.h"

#define PHONE                                                                                      \
	"Digest username=\"a@home1.net\", realm=\"home1.net\", nonce=\"n,o=nce\", "                \
	"uri=\"sip:home1.net\", "                                                                  \
	"response=\"00\", nc=00000001 , qop=auth,integrity-protected=yes"

static bool find(const char *header, const char *name, const char *expected)
{
	struct slice value;

	return scscf_credential(slice_str(header), slice_str(name), &value) &&
	       slice_eq(value, slice_str(expected));
}

START_TEST(a_parameter_is_found_with_or_without_quotes)
{
	ck_assert(find(PHONE, "nonce", "n,o=nce"));
	ck_assert(find(PHONE, "NC", "00000001"));
	ck_assert(find(PHONE, "qop", "auth"));
	ck_assert(find(PHONE, "integrity-protected", "yes"));
	ck_assert(find("Digest a = \"b\\\"c\" ,\r\n d=e", "d", "e"));
	ck_assert(find("Digest a=\"\"", "a", ""));
}
END_TEST

START_TEST(a_value_that_looks_like_a_parameter_is_none)
{
	struct slice value;

	ck_assert(!scscf_credential(SLICE_LIT("Digest opaque=\"integrity-protected=yes\", a=b"),
				    SLICE_LIT("integrity-protected"), &value));
	ck_assert(!scscf_credential(SLICE_LIT("Digest opaque=\"x, integrity-protected=yes\""),
				    SLICE_LIT("integrity-protected"), &value));
	ck_assert(!scscf_credential(SLICE_LIT("Digest xintegrity-protected=yes"),
				    SLICE_LIT("integrity-protected"), &value));
}
END_TEST

START_TEST(nothing_is_found_behind_what_is_malformed)
{
	static const char *const broken[] = {"",
					     "Digest",
					     "Digest ,a=b",
					     "Digest x=\"open, a=b",
					     "Digest x, a=b",
					     "Digest =x, a=b",
					     "Digest x=\"y\"z, a=b",
					     "Digest x=\"\\",
					     "Digest x=\"y\"\"a=b"};
	struct slice value;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		ck_assert_msg(!scscf_credential(slice_str(broken[i]), SLICE_LIT("a"), &value), "%s",
			      broken[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("credentials");
	TCase *t = tcase_create("credentials");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_parameter_is_found_with_or_without_quotes);
	tcase_add_test(t, a_value_that_looks_like_a_parameter_is_none);
	tcase_add_test(t, nothing_is_found_behind_what_is_malformed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
