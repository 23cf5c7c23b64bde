/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/line.h"
#include "unit/unit.h"

#define S SLICE_LIT

START_TEST(lines_end_with_crlf_lf_or_cr)
{
	struct slice rest = S("v=0\r\ns=-\nt=0 0\ra=x");
	static const char *const values[] = {"0", "-", "0 0", "x"};
	struct sdp_line l;

	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(sdp_line_next(&rest, &l), 1);
		ck_assert_int_eq(l.type, "vsta"[i]);
		ck_assert(slice_eq(l.value, slice_str(values[i])));
	}
	ck_assert_int_eq(sdp_line_next(&rest, &l), 0);
}
END_TEST

START_TEST(what_is_no_line_is_refused)
{
	static const char *const bad[] = {"v\r\n", "v:0\r\n", "V=0\r\n", " v=0\r\n", "=\r\n", "x"};
	struct sdp_line l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice rest = slice_str(bad[i]);

		ck_assert_msg(sdp_line_next(&rest, &l) == SDP_E_SYNTAX, "%s", bad[i]);
	}
}
END_TEST

START_TEST(an_m_line_is_read_with_count_blanks_and_wildcard)
{
	static const char *const bad[] = {"",
					  "audio",
					  "audio 1",
					  "audio x RTP/AVP 0",
					  "audio 65536 RTP/AVP 0",
					  "audio 1/0 RTP/AVP",
					  "audio 1/x RTP/AVP",
					  "audio $ RTP/AVP",
					  "audio -1 RTP/AVP 0"};
	struct sdp_mline m;

	ck_assert_int_eq(sdp_mline_parse(S("audio  4000/2 RTP/AVP 0 8"), SLICE_NULL, &m), 0);
	ck_assert(slice_eq(m.media, S("audio")) && slice_eq(m.port, S("4000")));
	ck_assert(m.port_number == 4000 && m.port_count == 2 && !m.choose);
	ck_assert(slice_eq(m.proto, S("RTP/AVP")) && slice_eq(m.formats, S("0 8")));
	ck_assert_int_eq(sdp_mline_parse(S("audio $ RTP/AVP"), S("$"), &m), 0);
	ck_assert(m.choose && m.port_number == 0 && m.formats.len == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sdp_mline_parse(slice_str(bad[i]), SLICE_NULL, &m) == SDP_E_SYNTAX,
			      "%s", bad[i]);
}
END_TEST

START_TEST(a_connection_is_an_address_a_name_or_the_wildcard)
{
	static const char *const bad[] = {
	    "IN IP4",	  "IN IP4 ",	      "IN IP5 1.2.3.4",	   "ATM NSAP x",
	    "IN IP4 ::1", "IN IP6 192.0.2.1", "IN IP4 192.0.2.1 x"};
	struct sdp_connection c;

	ck_assert_int_eq(sdp_connection_parse(S("IN IP4 192.0.2.1/127/3"), SLICE_NULL, &c), 0);
	ck_assert(c.ip.family == 4 && slice_eq(c.address, S("192.0.2.1/127/3")));
	ck_assert_int_eq(sdp_connection_parse(S("in ip6  2001:db8::1 "), SLICE_NULL, &c), 0);
	ck_assert(c.ip.family == 6 && slice_eq(c.address, S("2001:db8::1")));
	ck_assert_int_eq(sdp_connection_parse(S("IN IP4 a.example.com"), SLICE_NULL, &c), 0);
	ck_assert(!netaddr_known(&c.ip));
	ck_assert_int_eq(sdp_connection_parse(S("IN $ $"), S("$"), &c), 0);
	ck_assert_int_eq(sdp_connection_parse(S("IN $ $"), SLICE_NULL, &c), SDP_E_SYNTAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sdp_connection_parse(slice_str(bad[i]), SLICE_NULL, &c) ==
				  SDP_E_SYNTAX,
			      "%s", bad[i]);
}
END_TEST

START_TEST(directions_and_setups_have_names)
{
	enum sdp_direction d;
	enum sdp_setup s;

	for (int i = 0; i < 4; i++) {
		const char *name = sdp_direction_name((enum sdp_direction)i);

		ck_assert_int_eq(sdp_direction_parse(slice_str(name), &d), 0);
		ck_assert_int_eq((int)d, i);
	}
	ck_assert_int_eq(sdp_direction_parse(S("SendRecv"), &d), -1);
	ck_assert_int_eq((int)sdp_direction_answer(SDP_DIR_SENDONLY), SDP_DIR_RECVONLY);
	ck_assert_int_eq((int)sdp_direction_answer(SDP_DIR_SENDRECV), SDP_DIR_SENDRECV);
	for (int i = 0; i < SDP_SETUPS; i++) {
		ck_assert_int_eq(sdp_setup_parse(slice_str(sdp_setup_name((enum sdp_setup)i)), &s),
				 0);
		ck_assert_int_eq((int)s, i);
	}
	ck_assert_int_eq(sdp_setup_parse(S(" ActPass"), &s), 0);
	ck_assert_int_eq((int)s, SDP_SETUP_ACTPASS);
	ck_assert_int_eq(sdp_setup_parse(S("activ"), &s), -1);
	ck_assert_str_eq(sdp_strerror(SDP_E_VALUE), "value cannot stand there");
	ck_assert_str_eq(sdp_strerror(-99), "unknown error");
}
END_TEST

UNIT_MAIN("sdp line", lines_end_with_crlf_lf_or_cr, what_is_no_line_is_refused,
	  an_m_line_is_read_with_count_blanks_and_wildcard,
	  a_connection_is_an_address_a_name_or_the_wildcard, directions_and_setups_have_names)
