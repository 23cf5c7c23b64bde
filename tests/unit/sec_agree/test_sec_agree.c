/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "sec_agree/sec_agree.h"

#define CLIENT                                                                                     \
	"ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; spi-c=0000004294; spi-s=4295; port-c=5062; " \
	"port-s=5064"

static struct sec_agree_list list;

static int parse(const char *text)
{
	return sec_agree_parse(slice_str(text), &list);
}

static void fresh(const char *text)
{
	memset(&list, 0, sizeof(list));
	ck_assert_int_eq(parse(text), SEC_AGREE_OK);
}

START_TEST(several_lines_and_comma_lists_make_one_list)
{
	struct sec_agree_ipsec v;

	fresh("msrp-tls;mediasec, " CLIENT ", tls;q=0.1");
	ck_assert_int_eq(parse("digest;d-qop=auth;d-ver=\"a, b;c\""), SEC_AGREE_OK);
	ck_assert_uint_eq(list.n, 4);
	ck_assert(slice_eq(list.mechs[0].params[0].name, SLICE_LIT("mediasec")));
	ck_assert_ptr_null(list.mechs[0].params[0].value.p);
	ck_assert(slice_eq(sec_agree_param(&list.mechs[3], "D-VER"), SLICE_LIT("a, b;c")));
	ck_assert_int_eq(sec_agree_ipsec(&list.mechs[0], &v), SEC_AGREE_E_NONE);
	ck_assert_int_eq(sec_agree_ipsec(&list.mechs[1], &v), SEC_AGREE_OK);
	ck_assert_uint_eq(v.spi_c, 4294);
	ck_assert_uint_eq(v.spi_s, 4295);
	ck_assert_uint_eq(v.port_c, 5062);
	ck_assert_uint_eq(v.port_s, 5064);
	ck_assert_int_eq(v.alg, XFRM_ALG_HMAC_SHA1_96);
	ck_assert_int_eq(v.ealg, XFRM_EALG_AES_CBC);
	ck_assert_uint_eq(v.q, 1000);
	/* The form of TR 29.828 5.2.1.3.1. */
	fresh("mediasec=bfcp-tls, " CLIENT);
	ck_assert_uint_eq(list.n, 2);
	ck_assert(slice_eq(list.mechs[0].name, SLICE_LIT("bfcp-tls")));
	ck_assert(slice_eq(sec_agree_param(&list.mechs[0], "mediasec"), SLICE_LIT("bfcp-tls")));
	ck_assert_int_eq(parse("mediasec="), SEC_AGREE_E_SYNTAX);
	ck_assert_int_eq(parse("other=bfcp-tls"), SEC_AGREE_E_SYNTAX);
}
END_TEST

START_TEST(broken_headers_are_refused_and_change_nothing)
{
	static const char *const bad[] = {"",	  ",",	     "a;=1",	 "a;b=",    "a b",
					  "a,,b", "a;b=\"c", "a;b=\"\\", "a;b=c d", "\"a\"",
					  ";a",	  "a;b==c",  "a,"};

	fresh("tls");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse(bad[i]) == SEC_AGREE_E_SYNTAX, "'%s' was taken", bad[i]);
		ck_assert_uint_eq(list.n, 1);
	}
}
END_TEST

START_TEST(lists_are_bounded)
{
	char text[512] = "a";

	memset(&list, 0, sizeof(list));
	for (unsigned i = 0; i < SEC_AGREE_MECHS_MAX; i++)
		ck_assert_int_eq(parse("a"), SEC_AGREE_OK);
	ck_assert_int_eq(parse("a"), SEC_AGREE_E_TOO_MANY);
	for (unsigned i = 0; i <= SEC_AGREE_PARAMS_MAX; i++)
		strcat(text, ";p=1");
	memset(&list, 0, sizeof(list));
	ck_assert_int_eq(parse(text), SEC_AGREE_E_TOO_MANY);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(values_out_of_range_are_told_from_unknown_ones)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=255;spi-s=400;port-c=1;port-s=2", SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=4294967296;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=400;spi-s=400;port-c=1;port-s=2", SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=300;spi-s=400;port-c=0;port-s=2", SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=300;spi-s=400;port-c=1;port-s=65536",
	     SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;spi-c=300;spi-s=400;port-c=1", SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;spi-c=300;spi-s=400;port-c=1;port-s=2", SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;alg=hmac-md5-96;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=hmac-md5-96;q=1.5;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_VALUE},
	    {"ipsec-3gpp;alg=rot13;spi-c=300;spi-s=400;port-c=1;port-s=2", SEC_AGREE_E_NONE},
	    {"ipsec-3gpp;alg=hmac-md5-96;ealg=rot13;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_NONE},
	    {"ipsec-3gpp;alg=hmac-md5-96;prot=ah;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_NONE},
	    {"ipsec-3gpp;alg=hmac-md5-96;mod=tun;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_E_NONE},
	    {"IPSEC-3GPP;ALG=HMAC-MD5-96;PROT=ESP;MOD=TRANS;spi-c=300;spi-s=400;port-c=1;port-s=2;"
	     "x=y",
	     SEC_AGREE_OK},
	    {"ipsec-3gpp;alg=hmac-md5-96;mod=UDP-enc-tun;spi-c=300;spi-s=400;port-c=1;port-s=2",
	     SEC_AGREE_OK},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sec_agree_ipsec v;

		fresh(cases[i].text);
		ck_assert_msg(sec_agree_ipsec(&list.mechs[0], &v) == cases[i].rc, "%s",
			      cases[i].text);
	}
}
END_TEST

START_TEST(our_order_decides_and_unknown_ones_are_passed_over)
{
	struct sec_agree_offer ours;
	struct sec_agree_ipsec v;
	unsigned at = 99;

	ck_assert_int_eq(
	    sec_agree_offer_parse(
		SLICE_LIT("hmac-sha-1-96/aes-cbc, hmac-sha-1-96/null hmac-md5-96/null"), &ours),
	    SEC_AGREE_OK);
	ck_assert_uint_eq(ours.n, 3);
	fresh("tls, ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=300;spi-s=400;port-c=1;port-s=2,"
	      "ipsec-3gpp;alg=future;spi-c=300;spi-s=400;port-c=1;port-s=2,"
	      "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=301;spi-s=401;port-c=3;port-s=4");
	ck_assert_int_eq(sec_agree_choose(&list, &ours, &v, &at), SEC_AGREE_OK);
	ck_assert_uint_eq(at, 3);
	ck_assert_int_eq(v.alg, XFRM_ALG_HMAC_SHA1_96);
	ck_assert_int_eq(v.ealg, XFRM_EALG_NULL);
	ck_assert_uint_eq(v.spi_c, 301);
	fresh("tls, ipsec-3gpp;alg=future;spi-c=300;spi-s=400;port-c=1;port-s=2");
	ck_assert_int_eq(sec_agree_choose(&list, &ours, &v, NULL), SEC_AGREE_E_NONE);
	fresh("tls, ipsec-3gpp;alg=hmac-sha-1-96;spi-c=3;spi-s=400;port-c=1;port-s=2");
	ck_assert_int_eq(sec_agree_choose(&list, &ours, &v, NULL), SEC_AGREE_E_VALUE);
	ck_assert_int_eq(sec_agree_offer_parse(SLICE_LIT("hmac-sha-1-96/none"), &ours),
			 SEC_AGREE_E_SYNTAX);
	ck_assert_int_eq(sec_agree_offer_parse(SLICE_LIT(" "), &ours), SEC_AGREE_E_SYNTAX);
}
END_TEST

START_TEST(modes_are_told_apart)
{
	fresh(CLIENT ", " CLIENT ";mod=UDP-enc-tun, tls, " CLIENT ";mod=trans");
	ck_assert(sec_agree_offers_mode(&list, true));
	ck_assert(sec_agree_offers_mode(&list, false));
	sec_agree_keep_mode(&list, true);
	ck_assert_uint_eq(list.n, 2);
	ck_assert(!sec_agree_offers_mode(&list, false));
	ck_assert(slice_eq(list.mechs[1].name, SLICE_LIT("tls")));
	sec_agree_keep_mode(&list, false);
	ck_assert_uint_eq(list.n, 1);
	ck_assert(!sec_agree_offers_mode(&list, true));
}
END_TEST

START_TEST(a_phone_takes_the_highest_q_it_knows)
{
	struct sec_agree_offer mine;
	struct sec_agree_ipsec v;
	unsigned at;

	sec_agree_offer_parse(SLICE_LIT("hmac-md5-96/null hmac-sha-1-96/null"), &mine);
	fresh(
	    "ipsec-3gpp;alg=hmac-md5-96;q=0.2;spi-c=300;spi-s=400;port-c=1;port-s=2,"
	    "ipsec-3gpp;alg=hmac-sha-1-96;q=0.3;spi-c=300;spi-s=400;port-c=1;port-s=2,"
	    "ipsec-3gpp;alg=hmac-sha-256-128;q=0.9;spi-c=300;spi-s=400;port-c=1;port-s=2, tls;q=1");
	ck_assert_int_eq(sec_agree_pick(&list, &mine, &v, &at), SEC_AGREE_OK);
	ck_assert_uint_eq(at, 1);
	ck_assert_uint_eq(v.q, 300);
	ck_assert_int_eq(sec_agree_pick(&list, NULL, &v, &at), SEC_AGREE_OK);
	ck_assert_uint_eq(at, 2);
}
END_TEST

static bool has_q(const struct sec_agree_list *l)
{
	return sec_agree_param(&l->mechs[0], "q").p != NULL;
}

/* Equal lists have equal digests, others have not; q alone makes no difference there. */
static void check_digests(const struct sec_agree_list *a, const struct sec_agree_list *b, size_t i)
{
	uint8_t x[SEC_AGREE_DIGEST_LEN], y[SEC_AGREE_DIGEST_LEN];
	bool same;

	sec_agree_digest(a, x);
	sec_agree_digest(b, y);
	same = memcmp(x, y, sizeof(x)) == 0;
	if (!has_q(a) && !has_q(b))
		ck_assert_msg(same == sec_agree_equal(a, b, false), "case %zu: digests", i);
}

START_TEST(verify_is_compared_by_meaning)
{
	static const struct {
		const char *a, *b;
		bool all, ipsec;
	} cases[] = {
	    {"x;a=1;b=2", "X;B=2;A=01", true, true},
	    {"x;q=0.1", "x;q=0.100", true, true},
	    {"x;q=1", "x;q=1.0", true, true},
	    {"x;q=0.1", "x;q=0.2", false, true},
	    {"x,y", "y,x", false, true},
	    {"x", "x,y", false, true},
	    {"x;a", "x;a=1", false, true},
	    {"x;a=1", "x;a=1;a=1", false, true},
	    {"ipsec-3gpp;spi-c=0000000300", "ipsec-3gpp;spi-c=300,tls", false, true},
	    {"ipsec-3gpp;spi-c=300", "ipsec-3gpp;spi-c=301", false, false},
	    {"ipsec-3gpp;alg=hmac-sha-1-96", "ipsec-3gpp;alg=hmac-md5-96", false, false},
	    {"ipsec-3gpp", "tls", false, false},
	    /* What is left out has its default (TS 33.203 annex H). */
	    {"ipsec-3gpp;prot=esp;mod=trans;spi-c=300;ealg=null", "ipsec-3gpp;spi-c=300", true,
	     true},
	    {"ipsec-3gpp;prot=esp;ealg=aes-cbc", "ipsec-3gpp;prot=esp", false, false},
	    {"ipsec-3gpp;mod=UDP-enc-tun", "ipsec-3gpp", false, false},
	    {"ipsec-3gpp;ealg=null", "ipsec-3gpp;mod=trans", true, true},
	    {"ipsec-3gpp;alg=hmac-md5-96;q=0.5", "ipsec-3gpp;alg=hmac-md5-96", true, true},
	    {"ipsec-3gpp;alg=hmac-md5-96;q=0.5", "ipsec-3gpp;alg=hmac-md5-96;q=0.6", false, false},
	    {"ipsec-3gpp;alg=hmac-md5-96", "ipsec-3gpp", false, false},
	    {"tls;mod=trans", "tls", false, true},
	    {"ipsec-3gpp;;spi-c=300;", "ipsec-3gpp; ; spi-c=300", true, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sec_agree_list other = {.n = 0};

		fresh(cases[i].a);
		ck_assert_int_eq(sec_agree_parse(slice_str(cases[i].b), &other), SEC_AGREE_OK);
		ck_assert_msg(sec_agree_equal(&list, &other, false) == cases[i].all,
			      "case %zu, all", i);
		ck_assert_msg(sec_agree_equal(&other, &list, true) == cases[i].ipsec,
			      "case %zu, ipsec only", i);
		check_digests(&list, &other, i);
	}
}
END_TEST

START_TEST(what_is_built_is_read_again)
{
	struct sec_agree_ipsec v = {XFRM_ALG_HMAC_SHA256_128,
				    XFRM_EALG_AES_CBC,
				    4096,
				    4000000000u,
				    5062,
				    65535,
				    100,
				    false};
	struct sec_agree_ipsec back;
	struct sec_agree_offer offer;
	char buf[1024], again[1024];
	size_t len;

	ck_assert_int_eq(sec_agree_build(&v, true, buf, sizeof(buf), &len), SEC_AGREE_OK);
	ck_assert_str_eq(
	    buf, "ipsec-3gpp;prot=esp;mod=trans;spi-c=0000004096;spi-s=4000000000;port-c=5062;"
		 "port-s=65535;alg=hmac-sha-256-128;ealg=aes-cbc;q=0.100");
	ck_assert_uint_eq(len, strlen(buf));
	fresh(buf);
	ck_assert_int_eq(sec_agree_ipsec(&list.mechs[0], &back), SEC_AGREE_OK);
	ck_assert_uint_eq(back.spi_s, v.spi_s);
	ck_assert_uint_eq(back.q, 100);
	for (size_t n = 0; n <= len; n++)
		ck_assert_int_eq(sec_agree_build(&v, true, buf, n, NULL), SEC_AGREE_E_SPACE);
	sec_agree_offer_parse(SLICE_LIT("hmac-md5-96/null null/aes-gcm"), &offer);
	ck_assert_int_eq(sec_agree_build_client(&v, &offer, buf, sizeof(buf), &len), SEC_AGREE_OK);
	fresh(buf);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(sec_agree_ipsec(&list.mechs[1], &back), SEC_AGREE_OK);
	ck_assert_int_eq(back.ealg, XFRM_EALG_AES_GCM);
	fresh("a;b=\"c d\";e, F;g=h");
	ck_assert_int_eq(sec_agree_build_list(&list, again, sizeof(again), &len), SEC_AGREE_OK);
	ck_assert_str_eq(again, "a;b=\"c d\";e, F;g=h");
}
END_TEST

UNIT_MAIN("sec_agree", modes_are_told_apart, several_lines_and_comma_lists_make_one_list,
	  broken_headers_are_refused_and_change_nothing, lists_are_bounded,
	  values_out_of_range_are_told_from_unknown_ones,
	  our_order_decides_and_unknown_ones_are_passed_over, a_phone_takes_the_highest_q_it_knows,
	  verify_is_compared_by_meaning, what_is_built_is_read_again)
