/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/body.h"
#include "unit/sdp/bodies.h"
#include "unit/unit.h"

#include <stdio.h>

#define S SLICE_LIT

static struct sdp_body b;
static char room[8192], out[16384];

static void read_text(const char *text)
{
	int rc = sdp_body_parse(slice_str(text), room, sizeof(room), &b);

	ck_assert_msg(rc == 0, "%s: %s", sdp_strerror(rc), text);
}

static const char *written(void)
{
	size_t len;

	ck_assert_int_eq(sdp_body_write(&b, out, sizeof(out) - 1, &len), 0);
	out[len] = '\0';
	return out;
}

/* b as it is must be what the text with from in place of to would be. */
static void expect_replaced(const char *text, const char *from, const char *to)
{
	static char want[16384];
	const char *at = strstr(text, from);

	ck_assert_ptr_nonnull(at);
	snprintf(want, sizeof(want), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	ck_assert_str_eq(written(), want);
}

START_TEST(what_was_not_edited_is_written_byte_for_byte)
{
	for (size_t i = 0; i < BODIES; i++) {
		read_text(bodies[i].text);
		ck_assert_msg(b.mlines == bodies[i].mlines, "%s", bodies[i].shape);
		ck_assert_str_eq(written(), bodies[i].text);
	}
}
END_TEST

START_TEST(what_is_no_description_is_refused)
{
	static const char *const bad[] = {
	    "",
	    "s=-\r\nv=0\r\n",
	    "v=1\r\n",
	    "v=0\r\nv=0\r\n",
	    "v=0\r\n\r\ns=-\r\n",
	    "v=0\r\ns=-\rt=0 0\r\n",
	    "v=0\r\ns=-\r",
	    "v=0\r\nm=audio\r\n",
	    "v=0\r\nc=IN IP4 2001:db8::1\r\n",
	    "v=0\r\nhello\r\n",
	    "v=0\r\nm=audio $ RTP/AVP 0\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sdp_body_parse(slice_str(bad[i]), NULL, 0, &b) == SDP_E_SYNTAX, "%s",
			      bad[i]);
	ck_assert_int_eq(sdp_body_parse(slice_make("v=0\r\ns=\0\r\n", 11), NULL, 0, &b),
			 SDP_E_SYNTAX);
}
END_TEST

START_TEST(lines_and_m_lines_are_bounded)
{
	static char text[65536];
	size_t n = (size_t)sprintf(text, "v=0\r\n");

	for (int i = 1; i < SDP_LINES_MAX; i++)
		n += (size_t)sprintf(text + n, "a=x\r\n");
	ck_assert_int_eq(sdp_body_parse(slice_make(text, n), room, sizeof(room), &b), 0);
	ck_assert_int_eq(sdp_body_add_attr(&b, SDP_SESSION, S("y"), SLICE_NULL), SDP_E_TOO_MANY);
	ck_assert_int_eq(b.lines, SDP_LINES_MAX);
	n += (size_t)sprintf(text + n, "a=x\r\n");
	ck_assert_int_eq(sdp_body_parse(slice_make(text, n), NULL, 0, &b), SDP_E_TOO_MANY);
	n = (size_t)sprintf(text, "v=0\r\n");
	for (int i = 0; i <= SDP_MLINES_MAX; i++)
		n += (size_t)sprintf(text + n, "m=audio 1 RTP/AVP 0\r\n");
	ck_assert_int_eq(sdp_body_parse(slice_make(text, n), NULL, 0, &b), SDP_E_TOO_MANY);
}
END_TEST

START_TEST(an_m_line_inherits_what_it_does_not_say)
{
	struct sdp_connection c;
	struct slice v;
	int pos = -1;

	read_text(bodies[3].text); /* fingerprint and setup at both levels */
	ck_assert(sdp_body_attr(&b, 0, S("setup"), &v) && slice_eq(v, S("actpass")));
	ck_assert(sdp_body_attr(&b, 1, S("setup"), &v) && slice_eq(v, S("passive")));
	ck_assert(sdp_body_attr(&b, SDP_SESSION, S("setup"), &v) && slice_eq(v, S("passive")));
	ck_assert(sdp_body_attr(&b, 0, S("fingerprint"), &v) && slice_eq(v, S("SHA-1 " FP20)));
	ck_assert(sdp_body_attr_next(&b, 0, S("fingerprint"), &pos, &v));
	ck_assert(sdp_body_attr_next(&b, 0, S("fingerprint"), &pos, &v));
	ck_assert(slice_eq(v, S("sha-256 " FP32)));
	ck_assert(!sdp_body_attr_next(&b, 0, S("fingerprint"), &pos, &v));
	ck_assert(!sdp_body_attr(&b, 1, S("Setup"), &v) && !sdp_body_attr(&b, 0, S("path"), &v));
	ck_assert(sdp_body_connection(&b, 1, &c) && c.ip.family == 4);
	read_text(bodies[4].text); /* no c= for the session */
	ck_assert(!sdp_body_connection(&b, SDP_SESSION, &c));
	ck_assert(sdp_body_connection(&b, 0, &c) && slice_eq(c.address, S("192.0.2.11")));
	ck_assert_int_eq((int)sdp_body_direction(&b, 0), SDP_DIR_SENDONLY);
	read_text(bodies[11].text); /* every type of line */
	ck_assert_int_eq((int)sdp_body_direction(&b, 0), SDP_DIR_RECVONLY);
	read_text(bodies[6].text);
	ck_assert_int_eq((int)sdp_body_direction(&b, 2), SDP_DIR_SENDRECV);
}
END_TEST

START_TEST(an_attribute_without_value_is_there)
{
	struct slice v = SLICE_NULL;

	read_text(bodies[1].text);
	ck_assert(sdp_body_attr(&b, 0, S("msrp-cema"), &v) && v.p && v.len == 0);
	ck_assert(sdp_body_attr(&b, 0, S("accept-types"), &v) && slice_eq(v, S("*")));
}
END_TEST

START_TEST(port_and_proto_change_and_nothing_else)
{
	const char *fax = bodies[12].text, *range = bodies[11].text;

	read_text(fax);
	ck_assert_int_eq(sdp_body_set_port(&b, 0, 6000), 0);
	expect_replaced(fax, "m=image  50000  udptl", "m=image  6000  udptl");
	ck_assert_int_eq(sdp_body_mline(&b, 0).port_number, 6000);
	read_text(fax);
	ck_assert_int_eq(sdp_body_set_proto(&b, 0, S("UDP/TLS/UDPTL")), 0);
	expect_replaced(fax, "  udptl   t38", "  UDP/TLS/UDPTL   t38");
	ck_assert_int_eq(sdp_body_set_proto(&b, 0, S("a b")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_set_proto(&b, 3, S("x")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_set_port(&b, SDP_SESSION, 1), SDP_E_VALUE);
	read_text(range);
	ck_assert_int_eq(sdp_body_set_port(&b, 0, 7), 0);
	expect_replaced(range, "50000/2", "7/2");
	ck_assert_int_eq(sdp_body_set_port(&b, 0, 0), 0);
	expect_replaced(range, "50000/2", "0");
}
END_TEST

START_TEST(an_address_is_changed_or_put_where_it_belongs)
{
	struct netaddr a, none = {0};

	ck_assert_int_eq(netaddr_parse(S("2001:db8::7"), &a), 0);
	read_text(bodies[11].text);
	ck_assert_int_eq(sdp_body_set_address(&b, 0, &a), 0);
	expect_replaced(bodies[11].text,
			"c=IN IP4 233.252.0.1/127\r\nc=IN IP4 233.252.0.2/127\r\nb=TIAS",
			"c=IN IP6 2001:db8::7\r\nb=TIAS");
	read_text(bodies[0].text);
	ck_assert_int_eq(sdp_body_set_address(&b, 0, &a), 0);
	expect_replaced(bodies[0].text, "a=accept-types", "c=IN IP6 2001:db8::7\r\na=accept-types");
	read_text(bodies[10].text);
	ck_assert_int_eq(sdp_body_set_address(&b, SDP_SESSION, &a), 0);
	expect_replaced(bodies[10].text, "t=0 0", "c=IN IP6 2001:db8::7\r\nt=0 0");
	ck_assert_int_eq(sdp_body_set_address(&b, 0, &none), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_set_address(&b, 2, &a), SDP_E_VALUE);
}
END_TEST

START_TEST(attributes_are_set_added_and_taken_out_at_their_level)
{
	const char *text = bodies[3].text;

	read_text(text);
	ck_assert_int_eq(sdp_body_set_attr(&b, 0, S("fingerprint"), S("SHA-1 AA")), 0);
	expect_replaced(text, "SHA-1 " FP20 "\r\na=fingerprint:sha-256 " FP32, "SHA-1 AA");
	read_text(text);
	ck_assert_int_eq(sdp_body_set_attr(&b, 1, S("setup"), S("active")), 0);
	expect_replaced(text, "/y;tcp\r\n", "/y;tcp\r\na=setup:active\r\n");
	read_text(text);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("rtcp-mux"), SLICE_NULL), 0);
	expect_replaced(text, "m=message 50000 TCP/TLS/MSRP *\r\na=path",
			"a=rtcp-mux\r\nm=message 50000 TCP/TLS/MSRP *\r\na=path");
	read_text(text);
	ck_assert_int_eq(sdp_body_remove_attr(&b, 0, S("fingerprint")), 2);
	expect_replaced(text, "a=fingerprint:SHA-1 " FP20 "\r\na=fingerprint:sha-256 " FP32 "\r\n",
			"");
	ck_assert_int_eq(sdp_body_remove_attr(&b, 0, S("fingerprint")), 0);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("a:b"), SLICE_NULL), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("x"), S("a\r\nm=audio 1 RTP/AVP 0")),
			 SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_add_attr(&b, 2, S("x"), SLICE_NULL), SDP_E_VALUE);
}
END_TEST

START_TEST(a_new_line_stands_in_front_of_empty_lines_and_ends_as_the_others)
{
	read_text(bodies[13].text);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("x"), S("1")), 0);
	expect_replaced(bodies[13].text, "\r\n\r\n\r\n", "\r\na=x:1\r\n\r\n\r\n");
	read_text(bodies[4].text);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("x"), S("1")), 0);
	expect_replaced(bodies[4].text, "a=sendonly", "a=sendonly\na=x:1\n");
}
END_TEST

START_TEST(single_lines_are_edited_by_number)
{
	const char *text = bodies[5].text;
	int n;

	read_text(text);
	n = sdp_body_find(&b, SDP_SESSION, 'o', -1);
	ck_assert_int_eq(sdp_body_set_line(&b, n, S("- 7 2 IN IP4 192.0.2.99")), 0);
	expect_replaced(text, "o=- 7 1 IN IP4 192.0.2.10", "o=- 7 2 IN IP4 192.0.2.99");
	read_text(text);
	n = sdp_body_find(&b, 0, 'i', -1);
	ck_assert_int_eq(sdp_body_remove_line(&b, n), 0);
	expect_replaced(text, "i=supporting inactive\r\n", "");
	ck_assert_int_eq(sdp_body_insert_line(&b, n, 'i', S("supporting inactive")), 0);
	ck_assert_str_eq(written(), text);
	ck_assert_int_eq(sdp_body_remove_line(&b, 0), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_remove_line(&b, b.start[0]), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_insert_line(&b, 0, 'a', S("x")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_insert_line(&b, 1, 'm', S("audio 1 RTP/AVP 0")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_set_line(&b, n, S("a\nb")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_set_line(&b, b.lines, S("x")), SDP_E_VALUE);
	ck_assert_str_eq(written(), text);
	read_text(bodies[13].text); /* empty lines at the end */
	ck_assert_int_eq(sdp_body_insert_line(&b, b.lines, 'a', S("x")), SDP_E_VALUE);
	ck_assert_int_eq(sdp_body_insert_line(&b, b.lines - 2, 'a', S("x")), 0);
	expect_replaced(bodies[13].text, "\r\n\r\n\r\n", "\r\na=x\r\n\r\n\r\n");
}
END_TEST

START_TEST(an_edit_without_room_changes_nothing)
{
	struct netaddr a;
	size_t len;

	ck_assert_int_eq(netaddr_parse(S("192.0.2.1"), &a), 0);
	ck_assert_int_eq(sdp_body_parse(slice_str(bodies[0].text), room, 4, &b), 0);
	ck_assert_int_eq(sdp_body_set_port(&b, 0, 5), SDP_E_SPACE);
	ck_assert_int_eq(sdp_body_set_attr(&b, 0, S("setup"), S("active")), SDP_E_SPACE);
	ck_assert_int_eq(sdp_body_add_attr(&b, 0, S("setup"), S("active")), SDP_E_SPACE);
	ck_assert_int_eq(sdp_body_set_address(&b, 0, &a), SDP_E_SPACE);
	ck_assert_str_eq(written(), bodies[0].text);
	ck_assert_int_eq(sdp_body_write(&b, out, strlen(bodies[0].text) - 1, &len), SDP_E_SPACE);
	ck_assert_int_eq(sdp_body_write(&b, out, strlen(bodies[0].text), &len), 0);
}
END_TEST

UNIT_MAIN("sdp body", what_was_not_edited_is_written_byte_for_byte,
	  what_is_no_description_is_refused, lines_and_m_lines_are_bounded,
	  an_m_line_inherits_what_it_does_not_say, an_attribute_without_value_is_there,
	  port_and_proto_change_and_nothing_else, an_address_is_changed_or_put_where_it_belongs,
	  attributes_are_set_added_and_taken_out_at_their_level,
	  a_new_line_stands_in_front_of_empty_lines_and_ends_as_the_others,
	  single_lines_are_edited_by_number, an_edit_without_room_changes_nothing)
