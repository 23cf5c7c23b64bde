/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/identity.h"

#include <stdio.h>

#define IMPUS "sip:alice@home1.net\ntel:+1-201-555-0123\nsip:work@home1.net"

static const struct identity_owner owner = {.address = {"10.1.0.10", 9}, .ipsec = true};

START_TEST(identities_are_compared_as_identities)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	    {"sip:alice@home1.net", "sip:alice@HOME1.NET", true},
	    {"sip:alice@home1.net", "sips:alice@home1.net;user=phone", true},
	    {"sip:alice@home1.net", "sip:%61lice@home1.net", true},
	    {"sip:alice@home1.net", "sip:Alice@home1.net", false},
	    {"sip:alice@home1.net", "sip:alice@home2.net", false},
	    {"sip:alice@home1.net", "sip:alic%6@home1.net", false},
	    {"tel:+1-201-555-0123", "tel:+12015550123;phone-context=x", true},
	    {"TEL:+1(201)555.0123", "tel:+12015550123", true},
	    {"tel:+12015550123", "tel:+1201555012", false},
	    {"tel:7042;phone-context=a.example", "tel:70-42;phone-context=A.example", true},
	    {"tel:7042;phone-context=a.example", "tel:7042;phone-context=b.example", false},
	    {"tel:+12015550123", "sip:+1-201-555-0123@any.example;user=phone", true},
	    {"sip:+12015550123@home1.net;user=phone", "tel:+12015550123", true},
	    {"tel:7042;phone-context=a", "sip:7042@home1.net;user=phone", false},
	    {"tel:+1", "sip:+1@home1.net", false},
	    {"tel:", "tel:", false},
	    {"garbage", "garbage", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(flow_identity_same(slice_str(cases[i].a), slice_str(cases[i].b)) ==
				  cases[i].same,
			      "case %zu", i);
}
END_TEST

/* What is asserted with these P-Preferred-Identity headers: "first second". */
static const char *chosen(const char *impus, const char *one, const char *two)
{
	static char text[256];
	struct identity_hints h = {0};
	struct slice out[2];
	unsigned n;

	flow_identity_hint(&h, slice_str(one));
	flow_identity_hint(&h, slice_str(two));
	n = flow_identity_choose(slice_str(impus), &h, out);
	snprintf(text, sizeof(text), "%.*s%s%.*s", n > 0 ? (int)out[0].len : 0,
		 n > 0 ? out[0].p : "", n > 1 ? " " : "", n > 1 ? (int)out[1].len : 0,
		 n > 1 ? out[1].p : "");
	return text;
}

START_TEST(a_registered_hint_speaks_in_the_network_s_spelling)
{
	ck_assert_str_eq(chosen(IMPUS, "<sip:work@HOME1.net>", ""), "sip:work@home1.net");
	ck_assert_str_eq(chosen(IMPUS, "\"Me\" <tel:+12015550123>", ""), "tel:+1-201-555-0123");
	ck_assert_str_eq(chosen(IMPUS, "sip:work@home1.net", ""), "sip:work@home1.net");
	ck_assert_str_eq(chosen(IMPUS, "<sip:+12015550123@home1.net;user=phone>", ""),
			 "tel:+1-201-555-0123");
}
END_TEST

START_TEST(whatever_else_stands_there_the_default_speaks)
{
	ck_assert_str_eq(chosen(IMPUS, "", ""), "sip:alice@home1.net");
	ck_assert_str_eq(chosen(IMPUS, "<sip:bob@home1.net>", ""), "sip:alice@home1.net");
	ck_assert_str_eq(chosen(IMPUS, "<sip:broken", "<<>"), "sip:alice@home1.net");
	ck_assert_str_eq(chosen(IMPUS, "<sip:bob@home1.net>, <sip:work@home1.net>", ""),
			 "sip:work@home1.net");
	/* a wildcarded identity is never the default (TS 23.003 13.4A) */
	ck_assert_str_eq(chosen("sip:ps!.*!@home1.net\nsip:alice@home1.net", "", ""),
			 "sip:alice@home1.net");
	ck_assert_str_eq(chosen("", "<sip:bob@home1.net>", ""), "");
}
END_TEST

START_TEST(an_identity_of_a_registered_range_speaks_literally)
{
	static const char range[] =
	    "sip:pbx@home1.net\nsip:sales!.*!@home1.net\ntel:+4930!4[0-9]{2}!";

	ck_assert_str_eq(chosen(range, "<sip:sales7@home1.net;x=y>", ""), "sip:sales7@home1.net");
	ck_assert_str_eq(chosen(range, "<tel:+4930412>", ""), "tel:+4930412");
	ck_assert_str_eq(chosen(range, "<sip:pbx@home1.net>", ""), "sip:pbx@home1.net");
	/* not in the range, in no range that ends the header, and no range by itself */
	ck_assert_str_eq(chosen(range, "<tel:+49304123>", ""), "sip:pbx@home1.net");
	ck_assert_str_eq(chosen(range, "<sip:sales7@home1.net.evil.example>", ""),
			 "sip:pbx@home1.net");
	ck_assert_str_eq(chosen(range, "<sip:sales\r\n X: y@home1.net>", ""), "sip:pbx@home1.net");
	ck_assert_str_eq(chosen(range, "<sip:salesXhome1Xnet>", ""), "sip:pbx@home1.net");
	ck_assert_str_eq(chosen("sip:a!(.*)\\1!@b\nsip:c@d", "<sip:axx@b>", ""), "sip:c@d");
	ck_assert_str_eq(chosen("sip:a![^x-z]?\\d+!@b\nsip:c@d", "<sip:aw77@b>", ""), "sip:aw77@b");
	ck_assert_str_eq(chosen("sip:a![^x-z]?\\d+!@b\nsip:c@d", "<sip:ax77@b>", ""), "sip:c@d");
	ck_assert_str_eq(chosen("sip:a!.{2,3}!@b\nsip:c@d", "<sip:a12@b>", ""), "sip:a12@b");
	ck_assert_str_eq(chosen("sip:a!.{2,3}!@b\nsip:c@d", "<sip:a1@b>", ""), "sip:c@d");
	ck_assert_str_eq(chosen("sip:a!.{2,}!@b\nsip:c@d", "<sip:a12345@b>", ""), "sip:a12345@b");
	ck_assert_str_eq(chosen("sip:a!x++!@b\nsip:c@d", "<sip:axx@b>", ""), "sip:c@d");
	ck_assert_str_eq(chosen("sip:a!(((!@b\nsip:c@d", "<sip:ax@b>", ""), "sip:c@d");
}
END_TEST

START_TEST(one_of_each_kind_may_speak)
{
	ck_assert_str_eq(chosen(IMPUS, "<sip:work@home1.net>", "<tel:+12015550123>"),
			 "sip:work@home1.net tel:+1-201-555-0123");
	ck_assert_str_eq(chosen(IMPUS, "<sip:work@home1.net>, <sip:alice@home1.net>", ""),
			 "sip:work@home1.net");
}
END_TEST

static enum identity_verdict contact(const struct identity_owner *o, const char *body)
{
	return flow_identity_contact(slice_str(body), o);
}

static enum identity_verdict via(const struct identity_owner *o, const char *host)
{
	return flow_identity_via(slice_str(host), o);
}

START_TEST(addresses_are_the_flow_s_own_ports_and_names_are_free)
{
	struct identity_owner plain = owner, nat = owner;

	ck_assert_int_eq(contact(&owner, "<sip:alice@10.1.0.10:6101>;expires=5"), IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "sip:alice@10.1.0.10"), IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<sip:alice@10.1.0.10:5060>"), IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<sip:alice@phone.example>"), IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<tel:+1>"), IDENTITY_OK);
	ck_assert_int_eq(via(&owner, "10.1.0.10"), IDENTITY_OK);
	ck_assert_int_eq(via(&owner, "phone.example"), IDENTITY_OK);
	ck_assert_int_eq(via(&owner, "10.1.0.11"), IDENTITY_VIA);
	ck_assert_int_eq(contact(&owner, "<sip:alice@10.1.0.11:6101>"), IDENTITY_CONTACT);
	plain.ipsec = false;
	ck_assert_int_eq(via(&plain, "192.168.1.2"), IDENTITY_OK);
	ck_assert_int_eq(contact(&plain, "<sip:alice@192.168.1.2>"), IDENTITY_OK);
	ck_assert_int_eq(via(&owner, "192.0.2.7"), IDENTITY_VIA);
	nat.nat = SLICE_LIT("192.0.2.7");
	ck_assert_int_eq(via(&nat, "192.0.2.7"), IDENTITY_OK);
	ck_assert_int_eq(contact(&nat, "<sip:alice@192.0.2.7:6101>"), IDENTITY_OK);
	ck_assert_int_eq(contact(&nat, "<sip:alice@192.0.2.8:6101>"), IDENTITY_CONTACT);
}
END_TEST

START_TEST(all_contacts_are_the_flow_s_own)
{
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10>, \"x, y\" <sip:b@10.1.0.10:6101>;q=1"),
			 IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10>, <sip:b@10.1.0.11>"), IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<tel:+1>, <sip:b@[2001:db8::1]>"), IDENTITY_CONTACT);
	/* What we cannot read somebody else may read in another way. */
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10>, <sip:b@10.1.0.11"), IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.11:port>"), IDENTITY_CONTACT);
}
END_TEST

START_TEST(maddr_leads_nowhere_else)
{
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;maddr=10.1.0.10>"), IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<sip:a@phone.example;transport=tcp;maddr=10.1.0.10>"),
			 IDENTITY_OK);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;maddr=10.1.0.11>"), IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;MADDR=[2001:db8::1]>"),
			 IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;maddr=victim.example>"),
			 IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;maddr>"), IDENTITY_CONTACT);
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;maddr=10.1.0.10;maddr=10.1.0.11>"),
			 IDENTITY_CONTACT);
	/* Behind <> it is no parameter of the URI. */
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10>;maddr=10.1.0.11"), IDENTITY_OK);
}
END_TEST

START_TEST(parameters_that_choose_no_place_pass)
{
	ck_assert_int_eq(contact(&owner, "<sip:a@10.1.0.10;transport=tcp;ob;gr=urn:x;received=10.1."
					 "0.11;alias=10.1.0.11~5060~1>"),
			 IDENTITY_OK);
}
END_TEST

START_TEST(lists_of_uris_are_collected)
{
	char out[64] = "";

	ck_assert(flow_identity_list_add(SLICE_LIT("<sip:a@b>, \"A, B\" <tel:+1>;x=y"), out,
					 sizeof(out)));
	ck_assert(flow_identity_list_add(SLICE_LIT("sip:c@d"), out, sizeof(out)));
	ck_assert_str_eq(out, "sip:a@b\ntel:+1\nsip:c@d");
	ck_assert(!flow_identity_list_add(SLICE_LIT("<sip:e@f>, <broken"), out, sizeof(out)));
	ck_assert(!flow_identity_list_add(
	    SLICE_LIT("<sip:0123456789012345678901234567890123456789@toolong>"), out, sizeof(out)));
	ck_assert_str_eq(out, "sip:a@b\ntel:+1\nsip:c@d");
}
END_TEST

UNIT_MAIN("flow identity", identities_are_compared_as_identities,
	  a_registered_hint_speaks_in_the_network_s_spelling,
	  whatever_else_stands_there_the_default_speaks,
	  an_identity_of_a_registered_range_speaks_literally, one_of_each_kind_may_speak,
	  addresses_are_the_flow_s_own_ports_and_names_are_free, all_contacts_are_the_flow_s_own,
	  maddr_leads_nowhere_else, parameters_that_choose_no_place_pass,
	  lists_of_uris_are_collected)
