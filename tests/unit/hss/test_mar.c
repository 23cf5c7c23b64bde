/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a MAR is answered with: vectors of either algorithm, a password's hash, the address of the bearer. */
#include "cx_fixture.h"

START_TEST(vectors_have_rising_numbers)
{
	struct aka_answer a;
	uint64_t before = 0;

	begin();
	ask("one@h", "sip:a@h");
	req.items = 50;
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_uint_eq(ans.n_vectors, 2); /* vectors_max */
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    aka_autn_check(&sub->impi[0].key, ans.vector[i].rand, ans.vector[i].autn, &a),
		    0);
		ck_assert_uint_gt(a.sqn, before);
		before = a.sqn;
	}
	ck_assert_uint_eq(sub->impi[0].sqn, before);
	ck_assert_uint_eq(sub->impi[1].sqn, 0);
	ck_assert_mem_ne(ans.vector[0].rand, ans.vector[1].rand, 16);
	sub->impi[0].sqn = SQN_MAX; /* used up: no vector, nothing changed */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert_uint_eq(ans.n_vectors, 0);
	ck_assert_uint_eq(sub->impi[0].sqn, SQN_MAX);
	end();
}
END_TEST

START_TEST(resynchronisation)
{
	uint8_t token[30] = {1, 2, 3};

	begin();
	ask("one@h", "sip:a@h");
	ck_assert_int_eq(aka_auts_make(&sub->impi[0].key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert(ans.resynced);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	token[29] ^= 1;
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert(ans.resync_failed);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	req.resync.len = 29;
	cx_mar(sub, &policy, &req, &ans);
	ck_result(RESULT_INVALID_AVP_VALUE);
	req.resync = SLICE_NULL;
	req.scheme = SLICE_LIT("Digest-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	end();
}
END_TEST

START_TEST(a_partner_gets_a_vector_and_nothing_of_the_registration_changes)
{
	uint8_t token[30] = {1, 2, 3};

	begin();
	sar("one@h", "sip:a@h", SAT_REGISTRATION);
	ask("one@h", "sip:a@h");
	req.scscf = SLICE_LIT("sip:mms.partner.net");
	req.origin_host = SLICE_LIT("hss.partner.net");
	req.origin_realm = SLICE_LIT("partner.net");
	req.items = 5;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.n_vectors, 1); /* whatever is asked for */
	ck_assert_str_eq(sub->scscf, "sip:scscf.home1.net");
	ck_assert_str_eq(sub->scscf_host, "scscf.home1.net");
	ck_assert_uint_eq(sub->impu[0].registered, 1);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_int_eq(aka_auts_make(&sub->impi[0].key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_assert(ans.resynced);
	token[29] ^= 1;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_assert(ans.resync_failed);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	req.resync = SLICE_NULL;
	sub->impu[0].barred = sub->impu[1].barred = true;
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_AUTHORIZATION_REJECTED);
	sub->impu[1].barred = false;
	strcpy(sub->impi[0].ha1, "939e7578ed9e3c518a452acee763bce9");
	req.scheme = SLICE_LIT("unknown");
	ck_assert_uint_eq(cx_mar_away(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	end();
}
END_TEST

START_TEST(who_has_no_key_gets_no_vector)
{
	begin();
	sub->impi[0].key.milenage.k[0] = 0;
	ask("one@h", "sip:a@h");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_USER_UNKNOWN);
	ck_assert_uint_eq(ans.n_vectors, 0);
	end();
}
END_TEST

START_TEST(a_card_of_tuak_gets_its_vectors_and_gets_in_step)
{
	struct slice k = SLICE_LIT("K of 256 bits, which TUAK allows");
	struct aka_key *key;
	struct aka_answer a;
	uint8_t token[30] = {1, 2, 3};

	begin();
	key = &sub->impi[0].key;
	*key = (struct aka_key){.algorithm = AKA_TUAK, .res_len = 16, .tuak = {.iterations = 1}};
	ck_assert_int_eq(aka_key_derive(key, k, k), 0);
	ask("one@h", "sip:a@h");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert_int_eq(aka_autn_check(key, ans.vector[0].rand, ans.vector[0].autn, &a), 0);
	ck_assert_uint_eq(ans.vector[0].xres_len, 16);
	ck_assert_mem_eq(a.res, ans.vector[0].xres, 16);
	ck_assert_int_eq(aka_auts_make(key, token, sqn_make(900, 5), token + 16), 0);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_SQN);
	ck_assert(ans.resynced);
	ck_assert_uint_eq(sub->impi[0].sqn, sqn_make(901, 6));
	ask("two@h", "sip:a@h"); /* the other card has Milenage: this AUTS is not its own */
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_assert(ans.resync_failed);
	end();
}
END_TEST

START_TEST(a_digest_user_gets_his_hash_and_nobody_gets_the_weaker_scheme)
{
	uint8_t token[30] = {0};

	begin();
	strcpy(sub->impi[0].ha1, "939e7578ed9e3c518a452acee763bce9");
	strcpy(sub->impi[0].realm, "h");
	ask("one@h", "sip:a@h");
	for (int i = 0; i < 2; i++) {
		req.scheme = i ? SLICE_LIT("unknown") : SLICE_LIT("SIP Digest");
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), i ? 0 : CHANGED_STATE);
		ck_result(RESULT_SUCCESS);
		ck_assert_int_eq(ans.scheme, CX_SIP_DIGEST);
		ck_assert_ptr_eq(ans.digest, &sub->impi[0]);
		ck_assert_uint_eq(ans.n_vectors, 0);
	}
	ck_assert_uint_eq(sub->impu[0].pending, 1);
	ck_assert_uint_eq(sub->impi[0].sqn, 0);
	req.scheme = SLICE_LIT("Digest-AKAv1-MD5"); /* his key would be all zero */
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	ck_assert_ptr_null(ans.digest);
	ck_assert_uint_eq(ans.n_vectors, 0);
	req.scheme = SLICE_LIT("SIP Digest");
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_INVALID_AVP_VALUE);
	ask("two@h", "sip:a@h"); /* who has a card */
	req.scheme = SLICE_LIT("SIP Digest");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	req.scheme = SLICE_LIT("Unknown");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), CHANGED_STATE | CHANGED_SQN);
	ck_assert_int_eq(ans.scheme, CX_AKAV1_MD5);
	ck_assert_ptr_null(ans.digest);
	end();
}
END_TEST

/* The address of his bearer is the weakest of all: it counts where everybody has said yes, and for no other scheme. */
START_TEST(nobody_is_authenticated_by_his_address_who_need_not_be)
{
	static const char *const others[] = {"Unknown", "Digest-AKAv1-MD5", "Digest-AKAv2-MD5",
					     "GIBA", "Early-IMS-Security2"};
	uint8_t token[30] = {0};
	struct impi *one;

	begin();
	one = &sub->impi[0];
	for (unsigned int may = 0; may < 4; may++) {
		ask("one@h", "sip:a@h");
		req.scheme = SLICE_LIT("Early-IMS-Security");
		req.bearer.until = 1;
		policy.giba = may & 1;
		one->giba = may & 2;
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans),
				  may == 3 ? CHANGED_STATE | CHANGED_BEARER : 0);
		ck_result(may == 3 ? RESULT_SUCCESS : CX_AUTH_SCHEME_NOT_SUPPORTED);
		ck_assert(ans.bearer == (may == 3 ? &req.bearer : NULL));
		ck_assert_uint_eq(ans.n_vectors, 0);
	}
	ck_assert_uint_eq(one->sqn, 0);
	ck_assert_uint_eq(sub->impu[0].pending, 1);
	req.bearer.used = true;
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_SUCCESS);
	req.resync = slice_make((char *)token, 30);
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_INVALID_AVP_VALUE);
	ck_assert_ptr_null(ans.bearer);
	ask("one@h", "sip:a@h");
	req.scheme = SLICE_LIT("early-ims-security");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(RESULT_UNABLE_TO_COMPLY);
	ck_assert(ans.bearer_missing);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ask("one@h", "sip:a@h");
		req.scheme = slice_str(others[i]);
		req.bearer.until = 1;
		cx_mar(sub, &policy, &req, &ans);
		ck_assert_ptr_null(ans.bearer);
		ck_assert_uint_eq(ans.n_vectors, i < 3);
	}
	end();
}
END_TEST

/* For S-CSCFs that take what they get for the password. */
START_TEST(akav2_may_have_its_password_in_the_place_of_xres)
{
	char want[AKA_V2_PASSWORD_SIZE];
	const struct aka_vector *v = &ans.vector[1];

	begin();
	policy.akav2_password = true;
	ask("one@h", "sip:a@h");
	req.items = 2;
	req.scheme = SLICE_LIT("Digest-AKAv2-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_result(RESULT_SUCCESS);
	ck_assert_uint_eq(ans.n_vectors, 2);
	ck_assert_int_eq(aka_digest_v2_password(slice_make((const char *)v->xres, v->xres_len),
						v->ik, v->ck, want),
			 0);
	ck_assert_str_eq(ans.password[1], want);
	ck_assert_str_ne(ans.password[0], want);
	req.scheme = SLICE_LIT("Digest-AKAv2-SHA-256");
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_str_eq(ans.password[0], "");
	req.scheme = SLICE_LIT("Digest-AKAv1-MD5");
	cx_mar(sub, &policy, &req, &ans);
	ck_assert_str_eq(ans.password[0], "");
	end();
}
END_TEST

START_TEST(akav2_is_given_where_it_is_asked_for)
{
	static const enum cx_scheme want[] = {CX_AKAV1_MD5, CX_AKAV2_MD5, CX_AKAV2_SHA_256};
	struct aka_answer a;

	begin();
	policy.ind = (struct sqn_range){20, 21};
	for (size_t i = 0; i < 3; i++) {
		ask("one@h", "sip:a@h");
		req.scheme = slice_str(cx_scheme_name(want[i]));
		ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans),
				  i ? CHANGED_SQN : CHANGED_STATE | CHANGED_SQN);
		ck_assert_int_eq(ans.scheme, want[i]);
		ck_assert_uint_eq(ans.n_vectors, 1);
		ck_assert_int_eq(
		    aka_autn_check(&sub->impi[0].key, ans.vector[0].rand, ans.vector[0].autn, &a),
		    0);
		ck_assert_uint_eq(a.res_len, 8);
		ck_assert_mem_eq(a.res, ans.vector[0].xres, a.res_len);
		ck_assert_uint_eq(a.sqn, sqn_make(i + 1, 20 + (unsigned int)i % 2));
	}
	req.scheme = SLICE_LIT("Digest-AKAv3-MD5");
	ck_assert_uint_eq(cx_mar(sub, &policy, &req, &ans), 0);
	ck_result(CX_AUTH_SCHEME_NOT_SUPPORTED);
	end();
}
END_TEST

UNIT_MAIN("cx authentication", vectors_have_rising_numbers, resynchronisation,
	  a_partner_gets_a_vector_and_nothing_of_the_registration_changes,
	  who_has_no_key_gets_no_vector, a_card_of_tuak_gets_its_vectors_and_gets_in_step,
	  a_digest_user_gets_his_hash_and_nobody_gets_the_weaker_scheme,
	  nobody_is_authenticated_by_his_address_who_need_not_be,
	  akav2_may_have_its_password_in_the_place_of_xres, akav2_is_given_where_it_is_asked_for)
