/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_seamless_pcscf/core/register_check.h"
#include "modules/ims_seamless_pcscf/core/notify_header.h"

static struct pcscf_option_verdict check(const char *proxy_require, const char *require,
					 bool enabled)
{
	struct slice p = slice_str(proxy_require), r = slice_str(require);
	struct pcscf_option_headers h = {&p, 1, &r, 1};
	struct pcscf_option_verdict v;

	pcscf_option_headers_check(&h, enabled, SLICE_LIT("path, foo"), &v);
	return v;
}

START_TEST(our_tag_and_sec_agree_pass)
{
	struct pcscf_option_verdict v =
	    check("sec-agree, Seamless-IMS", "sec-agree, seamless-ims, gruu", true);

	ck_assert_int_eq(v.code, 0);
	ck_assert(v.seamless);
	v = check("sec-agree", "sec-agree", true);
	ck_assert(v.code == 0 && !v.seamless);
	v = check("", "seamless-ims", true);
	ck_assert(v.code == 0 && v.seamless);
	v = check("path,foo", "100rel", true);
	ck_assert(v.code == 0 && !v.seamless);
}
END_TEST

START_TEST(unknown_tags_are_named_in_the_420)
{
	struct pcscf_option_verdict v = check("sec-agree, seamless-ims, x-y, zz", "100rel", true);

	ck_assert_int_eq(v.code, 420);
	ck_assert_str_eq(v.unsupported, "x-y, zz");
	v = check("sec-agree, seamless-ims", "seamless-ims", false);
	ck_assert_int_eq(v.code, 420);
	ck_assert_str_eq(v.unsupported, "seamless-ims");
	ck_assert(!v.seamless);
	v = check("", "seamless-ims", false);
	ck_assert_int_eq(v.code, 420);
}
END_TEST

START_TEST(malformed_lists_are_a_400)
{
	ck_assert_int_eq(check("sec-agree, <x>", "", true).code, 400);
	ck_assert_int_eq(check("x y", "", true).code, 400);
	ck_assert_int_eq(check("", "seamless-ims;x=1", true).code, 400);
}
END_TEST

START_TEST(the_list_of_unsupported_tags_is_bounded)
{
	char many[2000];
	struct pcscf_option_verdict v;

	for (size_t i = 0; i + 1 < sizeof(many); i++)
		many[i] = i % 4 == 3 ? ',' : (char)('a' + i / 4 % 26);
	for (size_t i = 0; i + 1 < sizeof(many); i += 4)
		many[i] = (char)('a' + i / 104);
	many[sizeof(many) - 1] = '\0';
	v = check(many, "", true);
	ck_assert_int_eq(v.code, 420);
	ck_assert_uint_lt(strlen(v.unsupported), UNSUPPORTED_TEXT_MAX);
	ck_assert_uint_eq(strlen(v.unsupported) % 5,
			  3); /* three letters each, cut at a whole tag */
}
END_TEST

START_TEST(our_tag_is_taken_out_of_a_line)
{
	char buf[64];

	ck_assert_int_eq(
	    pcscf_option_line_strip(SLICE_LIT("sec-agree, seamless-ims"), buf, sizeof(buf)), 9);
	ck_assert_str_eq(buf, "sec-agree");
	ck_assert_int_eq(pcscf_option_line_strip(SLICE_LIT(" seamless-ims "), buf, sizeof(buf)), 0);
	ck_assert_int_eq(pcscf_option_line_strip(SLICE_LIT("a,SEAMLESS-IMS,b"), buf, sizeof(buf)),
			 4);
	ck_assert_str_eq(buf, "a, b");
	ck_assert_int_eq(pcscf_option_line_strip(SLICE_LIT("sec-agree"), buf, sizeof(buf)), -1);
	ck_assert_int_eq(pcscf_option_line_strip(SLICE_LIT("seamless-ims, a b"), buf, sizeof(buf)),
			 -1);
	ck_assert_int_eq(pcscf_option_line_strip(SLICE_LIT("seamless-ims, abcdefgh"), buf, 8), -1);
}
END_TEST

static struct pcscf_register_intent contacts(const char *text, uint32_t expires)
{
	struct slice body = slice_str(text);
	struct pcscf_register_intent intent;

	pcscf_register_contacts_check(&body, 1, expires, SLICE_LIT("10.1.0.10"),
				      SLICE_LIT("192.168.1.2"), &intent);
	return intent;
}

START_TEST(only_contacts_being_removed_may_be_of_another_connection)
{
	struct pcscf_register_intent i =
	    contacts("<sip:10.1.0.10:1357>;expires=600000, <sip:10.2.0.10:1333>;expires=0", 7200);

	ck_assert_int_eq(i.code, 0);
	ck_assert_uint_eq(i.removed, 1);
	ck_assert(!i.ends_own);
	ck_assert_int_eq(contacts("<sip:u@192.168.1.2:5060>", EXPIRES_ABSENT).code,
			 0); /* behind a NAT */
	ck_assert_int_eq(contacts("<sip:10.2.0.10:1333>", 7200).code, 400);
	ck_assert_int_eq(contacts("<sip:10.1.0.10>, <sip:10.2.0.10:1333>;expires=1", 7200).code,
			 400);
	ck_assert_int_eq(contacts("<tel:+1234>", 7200).code, 400);
	ck_assert_int_eq(contacts("<sip:10.2.0.10:1333>", 0).code, 0); /* Expires: 0 for all */
}
END_TEST

START_TEST(the_end_of_the_own_contact_is_seen)
{
	ck_assert(contacts("<sip:10.1.0.10:1357>;expires=0", 7200).ends_own);
	ck_assert(contacts("<sip:10.1.0.10:1357>", 0).ends_own);
	ck_assert(contacts("*", 0).ends_own);
	ck_assert_int_eq(contacts("<sip:10.1.0.10:1357", 0).code, 400);
	ck_assert_str_eq(contacts("<sip:10.1.0.10>;q=x", 0).reason, "Malformed Contact");
	/* RFC 3261 10.2.1.1: an hour. */
	ck_assert_int_eq(contacts("<sip:10.1.0.10>;expires=x", 0).code, 0);
	ck_assert_int_eq(contacts("*", 0).code, 0);
	ck_assert_int_eq(contacts("*", EXPIRES_ABSENT).code, 400);
	ck_assert(!contacts("<sip:10.1.0.10:1357>", EXPIRES_ABSENT).ends_own);
}
END_TEST

START_TEST(subscription_state_is_read)
{
	struct pcscf_subscription_header s = {.expires = 77};

	ck_assert_int_eq(pcscf_subscription_header_parse(SLICE_LIT("active;expires=3600"), &s), 0);
	ck_assert(!s.terminated);
	ck_assert_uint_eq(s.expires, 3600);
	ck_assert_int_eq(pcscf_subscription_header_parse(
			     SLICE_LIT(" Terminated ; reason=probation;retry-after=60"), &s),
			 0);
	ck_assert(s.terminated);
	ck_assert(slice_eq(s.reason, SLICE_LIT("probation")));
	ck_assert_uint_eq(s.retry_after, 60);
	ck_assert_uint_eq(s.expires, 0);
	ck_assert_int_eq(pcscf_subscription_header_parse(SLICE_LIT("terminated"), &s), 0);
	ck_assert_int_eq(pcscf_subscription_header_parse(SLICE_LIT(""), &s), -1);
	ck_assert_int_eq(pcscf_subscription_header_parse(SLICE_LIT("act ive"), &s), -1);
	ck_assert_int_eq(pcscf_subscription_header_parse(SLICE_LIT("active;expires=soon"), &s), -1);
}
END_TEST

START_TEST(addresses_are_found_in_lists)
{
	struct slice found = SLICE_LIT("before");

	ck_assert_int_eq(pcscf_address_list_first(
			     SLICE_LIT("<tel:+49>, \"A, B\" <sip:a@h;x>;y, <sip:c@h>"), &found),
			 0);
	ck_assert(slice_eq(found, SLICE_LIT("sip:a@h;x")));
	ck_assert_int_eq(pcscf_address_list_first(SLICE_LIT("<tel:+49>"), &found), -1);
	ck_assert_int_eq(pcscf_address_list_first(SLICE_LIT(""), &found), -1);
	ck_assert_int_eq(
	    pcscf_route_top_user(SLICE_LIT("<sip:tok@p:5060;lr;ob>, <sip:z@y>"), &found), 0);
	ck_assert(slice_eq(found, SLICE_LIT("tok")));
	ck_assert_int_eq(pcscf_route_top_user(SLICE_LIT("<sip:p:5060;lr>"), &found), -1);
}
END_TEST

START_TEST(a_contact_with_sos_is_for_emergency_calls)
{
	ck_assert(pcscf_contact_is_emergency(SLICE_LIT("sip:a@10.1.0.10:5070;sos")));
	ck_assert(pcscf_contact_is_emergency(SLICE_LIT("sip:a@10.1.0.10;transport=tcp;SOS")));
	ck_assert(!pcscf_contact_is_emergency(SLICE_LIT("sip:a@10.1.0.10:5070")));
	ck_assert(!pcscf_contact_is_emergency(SLICE_LIT("sip:sos@10.1.0.10")));
	ck_assert(!pcscf_contact_is_emergency(SLICE_LIT("")));
}
END_TEST

UNIT_MAIN("P-CSCF headers", our_tag_and_sec_agree_pass, unknown_tags_are_named_in_the_420,
	  malformed_lists_are_a_400, the_list_of_unsupported_tags_is_bounded,
	  our_tag_is_taken_out_of_a_line, only_contacts_being_removed_may_be_of_another_connection,
	  the_end_of_the_own_contact_is_seen, subscription_state_is_read,
	  addresses_are_found_in_lists, a_contact_with_sos_is_for_emergency_calls)
