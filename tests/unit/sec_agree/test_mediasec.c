/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sec_agree/mediasec.h"
#include "unit/unit.h"

#define IPSEC                                                                                      \
	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;"                            \
	"spi-c=4294;spi-s=4295;port-c=5062;port-s=5064"

static struct sec_agree_list list;

/* One header line a piece, as several lines of one header come. */
static void read_lines(const char *const *lines)
{
	list.n = 0;
	for (; *lines; lines++)
		ck_assert_int_eq(sec_agree_parse(slice_str(*lines), &list), SEC_AGREE_OK);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(mechanisms_stand_beside_before_and_behind_ipsec)
{
	static const struct {
		const char *lines[4];
		uint32_t bits;
	} cases[] = {
	    {{IPSEC}, 0},
	    {{IPSEC ", sdes-srtp;mediasec, msrp-tls;mediasec, bfcp-tls;mediasec"},
	     MEDIASEC_SDES | MEDIASEC_MSRP | MEDIASEC_BFCP},
	    {{"msrp-tls;mediasec", IPSEC, "bfcp-tls; mediasec"}, MEDIASEC_MSRP | MEDIASEC_BFCP},
	    {{"MSRP-TLS;Mediasec"}, MEDIASEC_MSRP},
	    {{"tls, sdes-srtp;mediasec;q=0.05"}, MEDIASEC_SDES},
	    {{"dtls-srtp;mediasec", "sdes-srtp;mediasec", "msrp-tls;mediasec"},
	     MEDIASEC_DTLS | MEDIASEC_SDES | MEDIASEC_MSRP},
	    {{"sdes-srtp; mediasec=\"sdes-srtp\""}, MEDIASEC_SDES},
	    {{"mediasec=bfcp-tls"}, MEDIASEC_BFCP},
	    {{IPSEC ", mediasec=bfcp-tls, mediasec=msrp-tls"}, MEDIASEC_BFCP | MEDIASEC_MSRP},
	    {{IPSEC ";mediasec=bfcp-tls"}, MEDIASEC_BFCP},
	    {{"msrp-tls"}, 0}, /* a signalling mechanism of that name is not ours */
	    {{"udptl-dtls;mediasec"}, 0},
	    {{"msrp-tls;mediasec, msrp-tls;mediasec"}, MEDIASEC_MSRP},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_lines(cases[i].lines);
		ck_assert_msg(mediasec_announced(&list) == cases[i].bits, "case %zu: %x", i,
			      mediasec_announced(&list));
	}
}
END_TEST

START_TEST(the_form_of_ts_24_229_is_written)
{
	char buf[128];
	size_t len;

	ck_assert_int_eq(mediasec_build(MEDIASEC_BFCP | MEDIASEC_SDES, buf, sizeof(buf), &len), 0);
	ck_assert_str_eq(buf, "sdes-srtp;mediasec, bfcp-tls;mediasec");
	ck_assert_uint_eq(len, strlen(buf));
	ck_assert_int_eq(mediasec_build(0, buf, sizeof(buf), NULL), 0);
	ck_assert_str_eq(buf, "");
	for (size_t size = 1; size <= 37; size++)
		ck_assert_int_eq(mediasec_build(MEDIASEC_BFCP | MEDIASEC_SDES, buf, size, NULL),
				 SEC_AGREE_E_SPACE);
}
END_TEST

START_TEST(security_verify_repeats_what_was_sent)
{
	static const struct {
		uint32_t sent;
		const char *lines[4];
		bool good;
	} cases[] = {
	    {MEDIASEC_SDES | MEDIASEC_MSRP,
	     {IPSEC ", sdes-srtp;mediasec, msrp-tls;mediasec"},
	     true},
	    {MEDIASEC_SDES | MEDIASEC_MSRP,
	     {"sdes-srtp;mediasec", IPSEC, "msrp-tls;mediasec"},
	     true},
	    {MEDIASEC_BFCP, {"mediasec=bfcp-tls"}, true},
	    {MEDIASEC_SDES | MEDIASEC_MSRP, {IPSEC ", sdes-srtp;mediasec"}, false},
	    {MEDIASEC_SDES | MEDIASEC_MSRP, {"msrp-tls;mediasec, sdes-srtp;mediasec"}, false},
	    {MEDIASEC_MSRP, {"msrp-tls;mediasec", "msrp-tls;mediasec"}, false},
	    {MEDIASEC_MSRP, {IPSEC}, false},
	    {0, {IPSEC}, true},
	    {0, {IPSEC ", msrp-tls;mediasec"}, false},
	    {0, {IPSEC ", udptl-dtls;mediasec"}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_lines(cases[i].lines);
		ck_assert_msg(mediasec_verified(cases[i].sent, &list) == cases[i].good, "case %zu",
			      i);
	}
}
END_TEST

START_TEST(nothing_of_it_goes_to_the_core)
{
	static const struct {
		const char *body, *left;
		int rc;
	} cases[] = {
	    {IPSEC, IPSEC, 0},
	    {IPSEC ", msrp-tls;mediasec", IPSEC, 1},
	    {"msrp-tls;mediasec," IPSEC ",  udptl-dtls;mediasec ,tls;q=0.1", IPSEC ", tls;q=0.1",
	     1},
	    {"digest;d-ver=\"a, b;mediasec\"", "digest;d-ver=\"a, b;mediasec\"", 0},
	    {"mediasec=bfcp-tls, sdes-srtp;mediasec", "", 1},
	    {"a;b;;", "a;b;;", 0},
	};
	char buf[512];
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice body = slice_str(cases[i].body);

		ck_assert_msg(mediasec_strip(body, buf, sizeof(buf), &len) == cases[i].rc,
			      "case %zu", i);
		ck_assert_msg(slice_eq(slice_make(buf, len), slice_str(cases[i].left)),
			      "case %zu: %.*s", i, (int)len, buf);
	}
	ck_assert_int_eq(mediasec_strip(SLICE_LIT("a b"), buf, sizeof(buf), &len),
			 SEC_AGREE_E_SYNTAX);
	ck_assert_int_eq(mediasec_strip(SLICE_LIT(IPSEC), buf, 20, &len), SEC_AGREE_E_SPACE);
}
END_TEST

START_TEST(a_setting_names_mechanisms)
{
	uint32_t bits = 77;

	ck_assert_int_eq(mediasec_parse(SLICE_LIT("msrp-tls, bfcp-tls sdes-srtp"), &bits), 0);
	ck_assert_uint_eq(bits, MEDIASEC_MSRP | MEDIASEC_BFCP | MEDIASEC_SDES);
	ck_assert_int_eq(mediasec_parse(SLICE_LIT("none"), &bits), 0);
	ck_assert_uint_eq(bits, 0);
	bits = 77;
	ck_assert_int_eq(mediasec_parse(SLICE_LIT(""), &bits), -1);
	ck_assert_int_eq(mediasec_parse(SLICE_LIT("none msrp-tls"), &bits), -1);
	ck_assert_int_eq(mediasec_parse(SLICE_LIT("msrp"), &bits), -1);
	ck_assert_uint_eq(bits, 77);
	for (uint32_t bit = 1; bit <= MEDIASEC_ALL; bit <<= 1)
		ck_assert_ptr_nonnull(mediasec_name(bit));
	ck_assert_ptr_null(mediasec_name(3));
}
END_TEST

UNIT_MAIN("mediasec", mechanisms_stand_beside_before_and_behind_ipsec,
	  the_form_of_ts_24_229_is_written, security_verify_repeats_what_was_sent,
	  nothing_of_it_goes_to_the_core, a_setting_names_mechanisms)
