/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "aka/auth.h"
#include "aka/codec.h"
#include "aka/digest.h"
#include "milenage_sets.h"

static uint8_t res[8];

/* Test set 1 used for a REGISTER, as in the example of TS 24.228. */
static struct aka_digest register_request(void)
{
	struct aka_digest d = {
	    .username = SLICE_LIT("user1_private@home1.net"),
	    .realm = SLICE_LIT("registrar.home1.net"),
	    .nonce = SLICE_LIT("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="),
	    .uri = SLICE_LIT("sip:registrar.home1.net"),
	    .method = SLICE_LIT("REGISTER"),
	};

	ck_assert_int_eq(slice_hex(slice_str(milenage_sets[0].f2), res, 8), 0);
	d.res = slice_make((const char *)res, 8);
	return d;
}

START_TEST(response_equals_the_worked_values)
{
	struct aka_digest d = register_request();
	char out[AKA_DIGEST_SIZE];

	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, "80c87c24062c9d0e0c60756e7b4586c6");
	d.qop = AKA_QOP_AUTH;
	d.nc = SLICE_LIT("00000001");
	d.cnonce = SLICE_LIT("0a4f113b");
	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, "cbec9fa4125f140089dbb22b24a0fec4");
}
END_TEST

/* Of three test sets; the values were computed with another HMAC (Python's). */
START_TEST(akav2_has_a_password_of_its_own)
{
	static const struct {
		int set;
		const char *password;
	} sets[] = {{0, "shzt3q8CWaZnCAWqs3WmEQ=="},
		    {1, "SPm4KbygyM5ajfwCry1oYA=="},
		    {4, "GZa/1cX0s6d9puUPhVy/Ow=="}};
	char password[AKA_V2_PASSWORD_SIZE], out[AKA_DIGEST_SIZE];
	struct aka_digest d = register_request();
	uint8_t ik[16], ck[16], f2[8];

	for (size_t i = 3; i-- > 0;) {
		slice_hex(slice_str(milenage_sets[sets[i].set].f2), f2, 8);
		slice_hex(slice_str(milenage_sets[sets[i].set].f3), ck, 16);
		slice_hex(slice_str(milenage_sets[sets[i].set].f4), ik, 16);
		ck_assert_int_eq(
		    aka_digest_v2_password(slice_make((const char *)f2, 8), ik, ck, password), 0);
		ck_assert_str_eq(password, sets[i].password);
	}
	d.res = slice_str(password);
	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, "d783e686f2a584d8ec99f8fd492d4efd");
	ck_assert_int_ne(aka_digest_v2_password(SLICE_NULL, ik, ck, password), 0);
	ck_assert_int_ne(aka_digest_v2_password(slice_make(out, AKA_RES_MAX + 1), ik, ck, password),
			 0);
}
END_TEST

START_TEST(with_auts_the_password_is_empty)
{
	struct aka_digest d = register_request();
	char out[AKA_DIGEST_SIZE];

	d.res = SLICE_NULL;
	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, "41a1372cd3dacb9e460728290071bb44");
}
END_TEST

/* RFC 2617 3.5 is the same computation with a printable password. */
/* The password of that example, as SIP digest keeps it. */
START_TEST(a_password_becomes_ha1)
{
	char out[AKA_DIGEST_SIZE];

	ck_assert_int_eq(aka_digest_ha1(SLICE_LIT("Mufasa"), SLICE_LIT("testrealm@host.com"),
					SLICE_LIT("Circle Of Life"), out),
			 0);
	ck_assert_str_eq(out, "939e7578ed9e3c518a452acee763bce9");
}
END_TEST

START_TEST(plain_digest_example_of_rfc2617)
{
	struct aka_digest d = {
	    .username = SLICE_LIT("Mufasa"),
	    .realm = SLICE_LIT("testrealm@host.com"),
	    .nonce = SLICE_LIT("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
	    .uri = SLICE_LIT("/dir/index.html"),
	    .method = SLICE_LIT("GET"),
	    .res = SLICE_LIT("Circle Of Life"),
	    .qop = AKA_QOP_AUTH,
	    .nc = SLICE_LIT("00000001"),
	    .cnonce = SLICE_LIT("0a4f113b"),
	};
	char out[AKA_DIGEST_SIZE], rsp[AKA_DIGEST_SIZE], body[AKA_DIGEST_SIZE];

	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, "6629fae49393a05397450978507c4ef1");
	ck_assert_int_eq(aka_digest_rspauth(&d, rsp), 0);
	ck_assert_str_ne(out, rsp);
	d.method = SLICE_NULL;
	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	ck_assert_str_eq(out, rsp);
	d.qop = AKA_QOP_AUTH_INT;
	ck_assert_int_eq(aka_digest_response(&d, out), 0);
	d.body = SLICE_LIT("x");
	ck_assert_int_eq(aka_digest_response(&d, body), 0);
	ck_assert_str_ne(out, body);
}
END_TEST

START_TEST(qop_words)
{
	enum aka_qop q = AKA_QOP_NONE;

	ck_assert_int_eq(aka_qop_parse(SLICE_LIT("AUTH"), &q), 0);
	ck_assert_int_eq(q, AKA_QOP_AUTH);
	ck_assert_int_eq(aka_qop_parse(SLICE_LIT("auth-conf"), &q), AKA_ESYNTAX);
	ck_assert_int_eq(q, AKA_QOP_AUTH);
	ck_assert_int_eq(aka_qop_parse(SLICE_LIT("auth-int"), &q), 0);
	ck_assert_int_eq(q, AKA_QOP_AUTH_INT);
	ck_assert_int_eq(aka_qop_parse(SLICE_NULL, &q), 0);
	ck_assert_int_eq(q, AKA_QOP_NONE);
}
END_TEST

START_TEST(nonce_is_rand_and_autn)
{
	uint8_t rand[16], autn[16], r[16], a[16];
	char nonce[AKA_NONCE_SIZE];

	slice_hex(slice_str(milenage_sets[0].rand), rand, 16);
	slice_hex(slice_str(milenage_sets[0].autn), autn, 16);
	aka_nonce_encode(rand, autn, nonce);
	ck_assert_str_eq(nonce, "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=");
	ck_assert_int_eq(aka_nonce_decode(slice_str(nonce), r, a), 0);
	ck_assert_mem_eq(r, rand, 16);
	ck_assert_mem_eq(a, autn, 16);
	/* server data follow */
	ck_assert_int_eq(
	    aka_nonce_decode(SLICE_LIT("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7MA"), r, a), 0);
	ck_assert_int_eq(aka_nonce_decode(SLICE_LIT("I1U8vpY3qJ0hiuZNrke/"), r, a), AKA_ESYNTAX);
	ck_assert_int_eq(aka_nonce_decode(SLICE_NULL, r, a), AKA_ESYNTAX);
}
END_TEST

START_TEST(auts_parameter)
{
	uint8_t auts[AKA_AUTS_LEN] = {1}, back[AKA_AUTS_LEN];
	char out[AKA_AUTS_SIZE];

	ck_assert_int_eq(b64_encode(auts, sizeof(auts), out, sizeof(out)), 20);
	ck_assert_int_eq(aka_auts_decode(slice_str(out), back), 0);
	ck_assert_mem_eq(auts, back, sizeof(auts));
	ck_assert_int_eq(aka_auts_decode(SLICE_LIT("Zm9vYmFy"), back), AKA_ESYNTAX);
}
END_TEST

UNIT_MAIN("digest", response_equals_the_worked_values, akav2_has_a_password_of_its_own,
	  with_auts_the_password_is_empty, a_password_becomes_ha1, plain_digest_example_of_rfc2617,
	  qop_words, nonce_is_rand_and_autn, auts_parameter)
