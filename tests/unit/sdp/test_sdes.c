/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "sdp/sdes.h"

#define KEY40 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define LINE  "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY40

static int parse(const char *s, struct sdes_key *k)
{
	return sdes_parse(slice_str(s), k);
}

START_TEST(keys_go_both_ways)
{
	struct sdes_key k, again;
	char buf[256];

	ck_assert_int_eq(parse(LINE, &k), SDES_OK);
	ck_assert_int_eq(k.suite, SDES_AES_CM_128_HMAC_SHA1_80);
	ck_assert_uint_eq(k.tag, 1);
	ck_assert_mem_eq(k.key, "YS___semctl () {\t220;}\n}\nunles", 30);
	ck_assert_int_eq(sdes_print(&k, buf, sizeof(buf)), (int)strlen(LINE));
	ck_assert_str_eq(buf, LINE);
	ck_assert_int_eq(sdes_print(&k, buf, strlen(LINE)), SDES_EPARAM);
	ck_assert_int_eq(
	    parse("9 AEAD_AES_256_GCM "
		  "inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=|7:4",
		  &k),
	    SDES_OK);
	ck_assert_uint_eq(k.mki_len, 4);
	ck_assert_mem_eq(k.mki, "\0\0\0\7", 4);
	ck_assert_uint_eq(k.key[43], 1);
	ck_assert_int_gt(sdes_print(&k, buf, sizeof(buf)), 0);
	ck_assert_int_eq(parse(buf, &again), SDES_OK);
	ck_assert(sdes_key_eq(&k, &again));
	again.key[0] ^= 1;
	ck_assert(!sdes_key_eq(&k, &again));
}
END_TEST

START_TEST(lifetime_mki_and_parameters)
{
	struct sdes_key k;

	ck_assert_int_eq(parse(LINE "|2^48", &k), SDES_OK);
	ck_assert_int_eq(parse(LINE "|2^31|1:1 KDR=0 WSH=64 -MINE=7", &k), SDES_OK);
	ck_assert_int_eq(parse(LINE ";", &k), SDES_OK);
	ck_assert_int_eq(parse(LINE ";inline:" KEY40, &k), SDES_EKEYS);
	ck_assert_int_eq(parse(LINE "|2^20|1:4;inline:" KEY40 "|2^20|2:4", &k), SDES_EKEYS);
	ck_assert_int_eq(parse(LINE "|2^20|1:4;x", &k), SDES_EKEYS);
	ck_assert_int_eq(parse(LINE "|2^49", &k), SDES_ELIFETIME);
	ck_assert_int_eq(parse(LINE "|x", &k), SDES_ELIFETIME);
	ck_assert_int_eq(parse(LINE "|256:1", &k), SDES_ELIFETIME);
	ck_assert_int_eq(parse(LINE "|1:129", &k), SDES_ELIFETIME);
	ck_assert_int_eq(parse(LINE "|1:0", &k), SDES_ELIFETIME);
	ck_assert_int_eq(parse(LINE " UNENCRYPTED_SRTP", &k), SDES_EPARAM);
	ck_assert_int_eq(parse(LINE " UNAUTHENTICATED_SRTP", &k), SDES_EPARAM);
	ck_assert_int_eq(parse(LINE " NEW=1", &k), SDES_EPARAM);
	ck_assert_int_eq(parse(LINE " KDR=1", &k), SDES_EPARAM);
}
END_TEST

START_TEST(broken_lines_change_nothing)
{
	struct sdes_key k = {.tag = 77};

	ck_assert_int_eq(parse("", &k), SDES_ESYNTAX);
	ck_assert_int_eq(parse("01 AES_CM_128_HMAC_SHA1_80 inline:" KEY40, &k), SDES_ESYNTAX);
	ck_assert_int_eq(parse("1 AES_CM_128_HMAC_SHA1_80", &k), SDES_ESYNTAX);
	ck_assert_int_eq(parse("1 AES_CM_128_HMAC_SHA1_80 outline:" KEY40, &k), SDES_ESYNTAX);
	ck_assert_int_eq(parse("1 F8_128_HMAC_SHA1_80 inline:" KEY40, &k), SDES_ESUITE);
	ck_assert_int_eq(parse("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", &k), SDES_EKEY);
	ck_assert_int_eq(parse("1 AEAD_AES_128_GCM inline:" KEY40 "AA", &k), SDES_EKEY);
	ck_assert_int_eq(
	    parse("1 AES_CM_128_HMAC_SHA1_80 inline:!!NfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", &k),
	    SDES_EKEY);
	ck_assert_uint_eq(k.tag, 77);
}
END_TEST

UNIT_MAIN("sdes", keys_go_both_ways, lifetime_mki_and_parameters, broken_lines_change_nothing)
