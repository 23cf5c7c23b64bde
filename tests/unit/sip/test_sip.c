/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "sip/contact.h"
#include "sip/header.h"
#include "sip/option_tags.h"
#include "sip/replaces.h"
#include "sip/uri.h"

#define S(text) SLICE_LIT(text)

START_TEST(option_tags_are_found_in_any_case)
{
	ck_assert_int_eq(sip_option_tags_has(S("sec-agree, Seamless-IMS"), S("seamless-ims")), 1);
	ck_assert_int_eq(sip_option_tags_has(S("sec-agree,,path , "), S("path")), 1);
	ck_assert_int_eq(sip_option_tags_has(S("seamless-ims2"), S("seamless-ims")), 0);
	ck_assert_int_eq(sip_option_tags_has(S(""), S("x")), 0);
	ck_assert_int_eq(sip_option_tags_has(SLICE_NULL, S("x")), 0);
}
END_TEST

START_TEST(malformed_option_tags_are_refused)
{
	const char *bad[] = {"a b", "seamless-ims;x", "\"seamless-ims\"", "a, b c, d", "<x>"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(sip_option_tags_has(slice_str(bad[i]), S("seamless-ims")),
				 SIP_E_SYNTAX);
}
END_TEST

START_TEST(contacts_of_seed_001)
{
	struct sip_contact_list l = {0};

	ck_assert_int_eq(
	    sip_contact_list_add(&l, S("<sip:192.0.2.3:1357;transport=udp>;expires=600000,\r\n"
				       "  <sip:10.0.0.1:1333;transport=udp>;expires=0")),
	    0);
	ck_assert_uint_eq(l.n, 2);
	ck_assert(slice_eq(l.contact[0].uri, S("sip:192.0.2.3:1357;transport=udp")));
	ck_assert(l.contact[0].has_expires && l.contact[0].expires == 600000);
	ck_assert(slice_eq(l.contact[1].uri, S("sip:10.0.0.1:1333;transport=udp")));
	ck_assert(l.contact[1].has_expires && l.contact[1].expires == 0);
}
END_TEST

START_TEST(contact_parameters)
{
	struct sip_contact_list l = {0};

	ck_assert_int_eq(
	    sip_contact_list_add(&l, S("\"A, <b>\" <sip:a@h;lr?x=y>;q=0.25;reg-id=2;"
				       "+sip.instance=\"<urn:gsma:imei:9-0>\";Expires=99999999999, "
				       "sip:b@h2;reg-id=4 ; expires=5")),
	    0);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_uint_eq(l.contact[0].q_milli, 250);
	ck_assert_uint_eq(l.contact[0].reg_id, 2);
	ck_assert(slice_eq(l.contact[0].instance, S("<urn:gsma:imei:9-0>")));
	ck_assert_uint_eq(l.contact[0].expires, 0xffffffffu);
	/* RFC 5626 6: a reg-id without instance is ignored. */
	ck_assert_uint_eq(l.contact[1].reg_id, 0);
	ck_assert(slice_eq(l.contact[1].uri, S("sip:b@h2")));
	ck_assert_uint_eq(l.contact[1].expires, 5);
}
END_TEST

START_TEST(malformed_contacts_change_nothing)
{
	struct {
		const char *text;
		int err;
	} bad[] = {{"<sip:a@h", SIP_E_SYNTAX},
		   {"sip:a@h>", SIP_E_SYNTAX},
		   {"<sip:a@h>;q=2", SIP_E_VALUE},
		   {"<sip:a@h>;q=1.1", SIP_E_VALUE},
		   {"<>", SIP_E_SYNTAX},
		   {"\"open <sip:a@h>", SIP_E_SYNTAX},
		   {"<sip:a@h> x", SIP_E_SYNTAX},
		   {"nonsense", SIP_E_SYNTAX},
		   {"<sip:a@h>;expires=0;expires=1", SIP_E_VALUE},
		   {"", SIP_E_SYNTAX},
		   {"*", SIP_E_VALUE},
		   {"<sip:a b@h>", SIP_E_SYNTAX},
		   {"sip:a@h?x=y", SIP_E_SYNTAX},
		   {"<sip:a@h>;+sip.instance=\"x\";reg-id=0", SIP_E_VALUE}};
	struct sip_contact_list l = {0}, before;

	ck_assert_int_eq(sip_contact_list_add(&l, S("<sip:a@h>")), 0);
	before = l;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(sip_contact_list_add(&l, slice_str(bad[i].text)) == bad[i].err, "%s",
			      bad[i].text);
		ck_assert(!memcmp(&l, &before, sizeof(l)));
	}
}
END_TEST

START_TEST(star_stands_alone_and_lists_are_bounded)
{
	struct sip_contact_list l = {0};

	ck_assert_int_eq(sip_contact_list_add(&l, S(" * ")), 0);
	ck_assert(l.star);
	ck_assert_int_eq(sip_contact_list_add(&l, S("<sip:a@h>")), SIP_E_VALUE);
	l = (struct sip_contact_list){0};
	for (int i = 0; i < SIP_CONTACT_LIST_MAX; i++)
		ck_assert_int_eq(sip_contact_list_add(&l, S("<sip:a@h>")), 0);
	ck_assert_int_eq(sip_contact_list_add(&l, S("<sip:a@h>")), SIP_E_TOO_MANY);
}
END_TEST

START_TEST(to_parameters_without_value)
{
	struct sip_name_addr to;
	struct slice v;

	ck_assert_int_eq(sip_name_addr_parse(S("<sip:user1_public1@home1.net>;imsglobreg"), &to),
			 0);
	ck_assert_int_eq(sip_param_get(to.params, S("imsglobreg"), &v), 1);
	ck_assert_ptr_null(v.p);
	ck_assert_int_eq(sip_param_get(to.params, S("tag"), &v), 0);
	/* Inside <> it is a URI parameter and says nothing. */
	ck_assert_int_eq(sip_name_addr_parse(S("<sip:user1_public1@home1.net;imsglobreg>"), &to),
			 0);
	ck_assert_int_eq(sip_param_get(to.params, S("imsglobreg"), &v), 0);
	ck_assert_int_eq(sip_name_addr_parse(S("<sip:a@h>, <sip:b@h>"), &to), SIP_E_TOO_MANY);
	ck_assert_int_eq(sip_name_addr_parse(S("<sip:a@h>;=x"), &to), SIP_E_SYNTAX);
}
END_TEST

START_TEST(replaces_names_one_dialog)
{
	struct sip_replaces r;

	ck_assert_int_eq(
	    sip_replaces_parse(S("98asjd8@example.com;from-tag=1 ; to-tag=2;early-only"), &r), 0);
	ck_assert(slice_eq(r.call_id, S("98asjd8@example.com")));
	ck_assert(slice_eq(r.from_tag, S("1")) && slice_eq(r.to_tag, S("2")) && r.early_only);
	ck_assert_int_eq(sip_replaces_parse(S("x;from-tag=1"), &r), SIP_E_VALUE);
	ck_assert_int_eq(sip_replaces_parse(S("x;from-tag=1;to-tag=2;to-tag=2"), &r), SIP_E_VALUE);
	ck_assert_int_eq(sip_replaces_parse(S(";from-tag=1;to-tag=2"), &r), SIP_E_SYNTAX);
	ck_assert_int_eq(sip_replaces_parse(S("a b;from-tag=1;to-tag=2"), &r), SIP_E_SYNTAX);
	ck_assert_int_eq(sip_replaces_parse(S("a;from-tag=1;to-tag=\"2\""), &r), SIP_E_SYNTAX);
	ck_assert_int_eq(sip_replaces_parse(S("a;from-tag=;to-tag=2"), &r), SIP_E_SYNTAX);
}
END_TEST

START_TEST(a_malformed_expires_counts_as_an_hour)
{
	static const char *const bad[] = {"<sip:a@h>;expires=x", "<sip:a@h>;expires=-1",
					  "<sip:a@h>;expires",	 "<sip:a@h>;expires=\"60\"",
					  "<sip:a@h>;expires=",	 "<sip:a@h>;expires= ;q=1"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_contact_list l = {0};

		ck_assert_int_eq(sip_contact_list_add(&l, slice_str(bad[i])), 0);
		ck_assert(l.contact[0].has_expires && l.contact[0].expires == 3600);
	}
}
END_TEST

START_TEST(uri_parts)
{
	struct sip_uri_parts u;
	struct slice v;

	ck_assert_int_eq(sip_uri_parse(S("sip:u;x:pw@[fd00::1]:5062;transport=TCP?h=v"), &u), 0);
	ck_assert(slice_eq(u.user, S("u;x")) && slice_eq(u.host, S("[fd00::1]")) && u.port == 5062);
	ck_assert_int_eq(sip_uri_param(&u, S("transport"), &v), 1);
	ck_assert(slice_eq(v, S("TCP")));
	ck_assert_int_eq(sip_uri_parse(S("sip:10.1.0.10"), &u), 0);
	ck_assert(u.port == 0 && !u.user.len);
	ck_assert(sip_host_is_address(S("10.1.0.10")) && sip_host_is_address(S("[fd00::1]")));
	ck_assert(!sip_host_is_address(S("home1.net")));
	ck_assert(sip_host_eq(S("[FD00:0::1]"), S("fd00::1")) &&
		  sip_host_eq(S("Home1.net"), S("home1.NET")));
	ck_assert(!sip_host_eq(S("10.1.0.10"), S("10.1.0.1")));
	for (size_t i = 0; i < 7; i++) {
		const char *bad[] = {"tel:+49",	    "sip:",	"sip:@h", "sip:a@",
				     "sip:h:99999", "sip:[::1", "sip:h:0"};

		ck_assert_msg(sip_uri_parse(slice_str(bad[i]), &u) == SIP_E_SYNTAX, "%s", bad[i]);
	}
}
END_TEST

START_TEST(parameters_of_a_uri_begin_behind_its_host)
{
	static const char *const pair[][2] = {
	    {"sip:7042;phone-context=h@gw:5060;user=phone?a=b", "sip:7042;phone-context=h@gw:5060"},
	    {"sip:a@h?x=y;z", "sip:a@h"},
	    {"sip:a;b@[::1]", "sip:a;b@[::1]"},
	    {"tel:7042;phone-context=h", "tel:7042"},
	    {"sip:h;lr", "sip:h"},
	    {"", ""},
	};

	for (size_t i = 0; i < sizeof(pair) / sizeof(*pair); i++)
		ck_assert_msg(
		    slice_eq(sip_uri_without_params(slice_str(pair[i][0])), slice_str(pair[i][1])),
		    "%s", pair[i][0]);
}
END_TEST

START_TEST(header_lines_end_at_the_empty_line)
{
	struct slice rest = S("SIP/2.0 200 OK\r\nCSeq : 7\r\n\t REGISTER\r\nX:\n\r\nbody: 1"), name,
		     value;

	ck_assert(sip_header_next(&rest, &name, &value));
	ck_assert(slice_eq(name, S("SIP/2.0 200 OK")) && !value.p);
	ck_assert(sip_header_next(&rest, &name, &value));
	ck_assert(slice_eq(name, S("CSeq")) && slice_eq(value, S("7\r\n\t REGISTER")));
	ck_assert(slice_eq(sip_cseq_method(value), S("REGISTER")));
	ck_assert(sip_header_next(&rest, &name, &value));
	ck_assert(slice_eq(name, S("X")) && value.p && !value.len);
	ck_assert(!sip_header_next(&rest, &name, &value));
	ck_assert(slice_eq(rest, S("body: 1")));
}
END_TEST

START_TEST(a_body_begins_behind_an_empty_line_or_at_the_end)
{
	static const struct slice text = {"a: b", 4};
	struct slice rest = S("\r\n body: 1"), name, value;

	ck_assert(!sip_header_next(&rest, &name, &value));
	ck_assert(slice_eq(rest, S(" body: 1")));
	rest = text;
	ck_assert(sip_header_next(&rest, &name, &value));
	ck_assert(!sip_header_next(&rest, &name, &value));
	ck_assert(!rest.len && rest.p == text.p + text.len);
	rest = SLICE_NULL;
	ck_assert(!sip_header_next(&rest, &name, &value));
}
END_TEST

START_TEST(the_method_of_a_cseq_stands_alone)
{
	ck_assert(slice_eq(sip_cseq_method(S("1 XREGISTER")), S("XREGISTER")));
	ck_assert(!sip_cseq_method(S("REGISTER")).len);
	ck_assert(!sip_cseq_method(SLICE_NULL).len);
}
END_TEST

UNIT_MAIN("sip", option_tags_are_found_in_any_case, malformed_option_tags_are_refused,
	  contacts_of_seed_001, contact_parameters, malformed_contacts_change_nothing,
	  star_stands_alone_and_lists_are_bounded, to_parameters_without_value,
	  replaces_names_one_dialog, a_malformed_expires_counts_as_an_hour, uri_parts,
	  parameters_of_a_uri_begin_behind_its_host, header_lines_end_at_the_empty_line,
	  a_body_begins_behind_an_empty_line_or_at_the_end, the_method_of_a_cseq_stands_alone)
