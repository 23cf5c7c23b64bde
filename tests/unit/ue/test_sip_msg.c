/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ue/sip_msg.h"
#include "unit/unit.h"

static const char invite[] =
    "INVITE sip:bob@10.0.0.1:5060;transport=udp SIP/2.0\r\n"
    "v: SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bKabc;rport, SIP/2.0/UDP 1.1.1.1\r\n"
    "Max-Forwards: 70\r\n"
    "f: \"A, \\\"B\\\"\" <sip:alice@a.b;x=1>;tag=ft\r\n"
    "To: <sip:bob@c.d>;imsglobreg;tag=tt\r\n"
    "i: 123@host\r\n"
    "CSeq: 7 INVITE\r\n"
    "Record-Route: <sip:p1;lr>, <sip:p2;lr;r2=on>\r\n"
    "Record-Route: <sip:p3;lr>\r\n"
    "Require: sec-agree,\r\n 100rel\r\n"
    "l: 4\r\n\r\nbodyrest";

static bool is(struct slice s, const char *text)
{
	return slice_eq(s, slice_str(text));
}

START_TEST(a_request_is_read)
{
	struct ue_sip_msg m;
	struct slice v[8];

	ck_assert_int_eq(ue_sip_parse(slice_str(invite), &m), 0);
	ck_assert(m.request);
	ck_assert(is(m.method, "INVITE"));
	ck_assert(is(m.ruri, "sip:bob@10.0.0.1:5060;transport=udp"));
	ck_assert(is(m.callid, "123@host"));
	ck_assert_uint_eq(m.cseq, 7);
	ck_assert(is(m.from_tag, "ft"));
	ck_assert(is(m.to_tag, "tt"));
	ck_assert(is(m.branch, "z9hG4bKabc"));
	ck_assert(is(m.sent_by, "10.0.0.2:5070"));
	ck_assert(is(m.body, "body"));
	ck_assert_uint_eq(ue_sip_values(&m, "Record-Route", v, 8), 3);
	ck_assert(is(v[1], "<sip:p2;lr;r2=on>"));
	ck_assert(is(v[2], "<sip:p3;lr>"));
	ck_assert(ue_sip_has_tag(&m, "require", SLICE_LIT("100REL")));
	ck_assert(!ue_sip_has_tag(&m, "Require", SLICE_LIT("100")));
}
END_TEST

START_TEST(a_response_is_read)
{
	struct ue_sip_msg m;

	ck_assert_int_eq(
	    ue_sip_parse(
		slice_str(
		    "SIP/2.0 401 Unauthorized here\r\nVia: SIP/2.0/TCP [fd00::1]:5060;branch=b\r\n"
		    "From: sip:a@b;tag=1\r\nTo: sip:a@b\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n\r\n"),
		&m),
	    0);
	ck_assert(!m.request);
	ck_assert_int_eq(m.code, 401);
	ck_assert(is(m.reason, "Unauthorized here"));
	ck_assert(is(m.method, "REGISTER"));
	ck_assert(is(m.sent_by, "[fd00::1]:5060"));
	ck_assert_uint_eq(m.to_tag.len, 0);
	ck_assert_uint_eq(m.body.len, 0);
}
END_TEST

START_TEST(what_is_not_sip_is_refused)
{
	static const char *const bad[] = {
	    "",
	    "\r\n",
	    "HELLO",
	    "INVITE sip:a\r\n\r\n",
	    "SIP/2.0 99 x\r\n\r\n",
	    "SIP/2.0 700 x\r\n\r\n",
	    "SIP/2.0 20 x\r\n\r\n",
	    "IN VITE sip:a SIP/2.0\r\n\r\n",
	    "INVITE sip:a SIP/2.0\r\nno colon\r\n\r\n",
	    "INVITE sip:a SIP/2.0\r\n folded first\r\n\r\n",
	    "INVITE sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nabc",
	    "INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
	    "INVITE sip:a SIP/2.0\r\nBad Name: x\r\n\r\n",
	};
	struct ue_sip_msg m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(ue_sip_parse(slice_str(bad[i]), &m) == UE_SIP_E_SYNTAX, "%s", bad[i]);
}
END_TEST

START_TEST(mandatory_headers_are_missed)
{
	static const char *const names[] = {"\r\nv:", "\r\nf:", "\r\nTo:", "\r\ni:", "\r\nCSeq:"};
	struct ue_sip_msg m;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char copy[sizeof(invite)];

		memcpy(copy, invite, sizeof(invite));
		memcpy(strstr(copy, names[i]) + 2, "x", 1);
		ck_assert_int_eq(ue_sip_parse(slice_str(copy), &m), UE_SIP_E_MISSING);
	}
}
END_TEST

START_TEST(cseq_names_the_method)
{
	struct ue_sip_msg m;

	ck_assert_int_eq(ue_sip_parse(slice_str("BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP "
						"h;branch=b\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\n"
						"Call-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"),
				      &m),
			 UE_SIP_E_MISSING);
}
END_TEST

START_TEST(too_many_headers_are_refused)
{
	char *big = malloc(200 * 8 + 64), *p = big;
	struct ue_sip_msg m;

	p += sprintf(p, "INVITE sip:a SIP/2.0\r\n");
	for (int i = 0; i < 129; i++)
		p += sprintf(p, "A: b\r\n");
	sprintf(p, "\r\n");
	ck_assert_int_eq(ue_sip_parse(slice_str(big), &m), UE_SIP_E_TOO_BIG);
	free(big);
}
END_TEST

START_TEST(commas_in_quotes_and_brackets_do_not_split)
{
	struct slice rest = slice_str("\"a,b\\\",c\" <sip:x,y@z>;p=\"1,2\" , <sip:b>,,sip:c"), item;

	ck_assert(ue_sip_list_next(&rest, &item));
	ck_assert(is(item, "\"a,b\\\",c\" <sip:x,y@z>;p=\"1,2\""));
	ck_assert(ue_sip_list_next(&rest, &item));
	ck_assert(is(item, "<sip:b>"));
	ck_assert(ue_sip_list_next(&rest, &item));
	ck_assert_uint_eq(item.len, 0);
	ck_assert(ue_sip_list_next(&rest, &item));
	ck_assert(is(item, "sip:c"));
	ck_assert(!ue_sip_list_next(&rest, &item));
}
END_TEST

START_TEST(addresses_and_parameters)
{
	struct ue_sip_addr a;
	struct slice v;

	ck_assert_int_eq(
	    ue_sip_addr_parse(
		slice_str("\"q<\" <sip:u@h;lr>;expires=0;+sip.instance=\"<urn:x;y>\";flag"), &a),
	    0);
	ck_assert(is(a.uri, "sip:u@h;lr"));
	ck_assert(ue_sip_param(a.params, "Expires", &v) && is(v, "0"));
	ck_assert(ue_sip_param(a.params, "+sip.instance", &v) && is(v, "<urn:x;y>"));
	ck_assert(ue_sip_param(a.params, "flag", &v) && v.p == NULL);
	ck_assert(!ue_sip_param(a.params, "y>\"", NULL));
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("sip:u@h;tag=1"), &a), 0);
	ck_assert(is(a.uri, "sip:u@h"));
	ck_assert(is(a.params, "tag=1"));
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("*"), &a), 0);
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("<sip:u@h"), &a), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("\"open <sip:u@h>"), &a), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("nothing"), &a), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_addr_parse(slice_str("<sip:a@b>x"), &a), UE_SIP_E_SYNTAX);
}
END_TEST

START_TEST(uris)
{
	struct ue_sip_uri u;

	ck_assert_int_eq(ue_sip_uri_parse(slice_str("sip:user:pw@[fd00::1]:5061;lr;r2=on?h=1"), &u),
			 0);
	ck_assert(is(u.user, "user"));
	ck_assert(is(u.host, "fd00::1"));
	ck_assert_uint_eq(u.port, 5061);
	ck_assert(is(u.params, "lr;r2=on"));
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("SIPS:h"), &u), 0);
	ck_assert(is(u.host, "h"));
	ck_assert_uint_eq(u.port, 0);
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("tel:+49"), &u), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("sip:h:0"), &u), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("sip:h:99999"), &u), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("sip:"), &u), UE_SIP_E_SYNTAX);
	ck_assert_int_eq(ue_sip_uri_parse(slice_str("sip:[fd00::1"), &u), UE_SIP_E_SYNTAX);
}
END_TEST

START_TEST(a_stream_is_cut_into_messages)
{
	const char one[] = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";
	char two[200];
	size_t len;

	for (size_t n = 1; n < sizeof(one) - 1; n++)
		ck_assert_int_eq(ue_sip_frame(slice_make(one, n), &len), UE_SIP_FRAME_MORE);
	sprintf(two, "%s%s", one, one);
	ck_assert_int_eq(ue_sip_frame(slice_str(two), &len), UE_SIP_FRAME_MESSAGE);
	ck_assert_uint_eq(len, sizeof(one) - 1);
	ck_assert_int_eq(ue_sip_frame(slice_str("\r\n\r\nOPT"), &len), UE_SIP_FRAME_KEEPALIVE);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(ue_sip_frame(slice_str("A b c\r\nl: x\r\n\r\n"), &len), UE_SIP_FRAME_BAD);
	ck_assert_int_eq(ue_sip_frame(slice_str("A b c\r\nContent-Length: 70000\r\n\r\n"), &len),
			 UE_SIP_FRAME_BAD);
}
END_TEST

UNIT_MAIN("ims-ue: SIP messages", a_request_is_read, a_response_is_read, what_is_not_sip_is_refused,
	  mandatory_headers_are_missed, cseq_names_the_method, too_many_headers_are_refused,
	  commas_in_quotes_and_brackets_do_not_split, addresses_and_parameters, uris,
	  a_stream_is_cut_into_messages)
