/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/base64.h"
#include "unit/unit.h"

static const char *const vectors[][2] = {
    {"f", "Zg=="},	  {"fo", "Zm8="},	 {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

START_TEST(vectors_of_rfc4648)
{
	for (size_t i = 0; i < VECTORS; i++) {
		const char *text = vectors[i][0], *b64 = vectors[i][1];
		size_t n = strlen(text);
		uint8_t raw[16];
		char out[16];

		ck_assert_int_eq(b64_encode((const uint8_t *)text, n, out, sizeof(out)),
				 (int)strlen(b64));
		ck_assert_str_eq(out, b64);
		ck_assert_int_eq(b64_decode(slice_str(b64), raw, sizeof(raw)), (int)n);
		ck_assert_mem_eq(raw, text, n);
		ck_assert_int_eq(b64_decode_unpadded(slice_make(b64, strcspn(b64, "=")), raw, n),
				 (int)n);
		ck_assert_mem_eq(raw, text, n);
	}
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
	static const char *const bad[] = {"",	  "Z",	  "Zg",	    "Zg=",  "Zg===",
					  "====", "Z===", "Zg==Zg", "Z g=", "Zm9v\n",
					  "Zm9-", "Zm9_", "=Zm9",   "Zg==="};
	uint8_t raw[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(b64_decode(slice_str(bad[i]), raw, sizeof(raw)) == B64_E_SYNTAX, "%s",
			      bad[i]);
	ck_assert_int_eq(b64_decode_unpadded(SLICE_LIT("Zm9vY"), raw, sizeof(raw)), B64_E_SYNTAX);
	ck_assert_int_eq(b64_decode_unpadded(SLICE_LIT("Zg=a"), raw, sizeof(raw)), B64_E_SYNTAX);
	ck_assert_int_eq(b64_decode(SLICE_LIT("Zm9v"), raw, 2), B64_E_SPACE);
	ck_assert_int_eq(b64_encode((const uint8_t *)"abc", 3, (char *)raw, 4), B64_E_SPACE);
}
END_TEST

START_TEST(all_octets_survive_in_both_alphabets)
{
	uint8_t in[256], raw[256];
	char out[B64_SIZE(256)];
	int n;

	for (int i = 0; i < 256; i++)
		in[i] = (uint8_t)(255 - i);
	for (size_t len = 1; len <= 256; len++) {
		n = b64_encode(in, len, out, B64_SIZE(len));
		ck_assert_int_eq(b64_decode(slice_make(out, (size_t)n), raw, len), (int)len);
		ck_assert_mem_eq(raw, in, len);
		n = b64url_encode(in, len, out, B64URL_LEN(len) + 1);
		ck_assert_int_eq(n, (int)B64URL_LEN(len));
		ck_assert(!strpbrk(out, "+/="));
		ck_assert_int_eq(b64url_decode(slice_make(out, (size_t)n), raw, len), (int)len);
		ck_assert_mem_eq(raw, in, len);
	}
}
END_TEST

START_TEST(base64url_has_one_spelling)
{
	uint8_t raw[16];

	ck_assert_int_eq(b64url_decode(SLICE_LIT("_-8"), raw, sizeof(raw)), 2);
	ck_assert_int_eq(b64url_decode(SLICE_LIT("_-9"), raw, sizeof(raw)), B64_E_SYNTAX);
	ck_assert_int_eq(b64url_decode(SLICE_LIT("_-8="), raw, sizeof(raw)), B64_E_SYNTAX);
	ck_assert_int_eq(b64url_decode(SLICE_LIT("/+8"), raw, sizeof(raw)), B64_E_SYNTAX);
	ck_assert_int_eq(b64url_decode(SLICE_LIT("_"), raw, sizeof(raw)), B64_E_SYNTAX);
}
END_TEST

UNIT_MAIN("base64", vectors_of_rfc4648, what_is_no_base64_is_refused,
	  all_octets_survive_in_both_alphabets, base64url_has_one_spelling)
