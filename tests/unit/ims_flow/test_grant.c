/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/grant.h"

#include <stdio.h>

#define OURS "sip:alice@10.1.0.10:6101"

static struct grant g;

static void contacts(const char *body)
{
	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 77);
	flow_grant_contacts(&g, slice_str(body));
}

START_TEST(our_contact_is_found_among_any_number_of_others)
{
	char body[8192] = "";

	for (int i = 0; i < 100; i++)
		snprintf(body + strlen(body), sizeof(body) - strlen(body),
			 "<sip:alice@10.9.9.%d:5060>;expires=600, ", i);
	strcat(body, "<" OURS ">;expires=480");
	contacts(body);
	ck_assert(g.found);
	ck_assert_uint_eq(g.expires_s, 480);
}
END_TEST

START_TEST(what_cannot_be_read_beside_our_contact_says_nothing_about_it)
{
	static const char *const odd[] = {
	    "<sip:x@10.9.9.1>;q=0.1234;expires=5",
	    "<sip:x@10.9.9.1>;reg-id=1;+sip.instance=\"<urn:x>\";reg-id=2",
	    "<sip:x@10.9.9.1>;q=",
	    "\xc3\x9cn\xc3\xaf <sip:x@10.9.9.1>;expires=5",
	    "<sip:x@10.9.9.1>;+g.3gpp.icsi-ref=\"urn%3A, urn%3B\";a=\xc3\xa9",
	    "\"a, b\" <sip:x@10.9.9.1>",
	    "<sip:x,y@10.9.9.1>",
	    "*",
	    "nonsense",
	    ",,",
	};
	char body[512];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (int first = 0; first < 2; first++) {
			snprintf(body, sizeof(body), "%s%s%s",
				 first ? odd[i] : "<" OURS ">;expires=480", ", ",
				 first ? "<" OURS ">;expires=480" : odd[i]);
			contacts(body);
			ck_assert_msg(g.found && g.expires_s == 480, "beside '%s'", odd[i]);
		}
}
END_TEST

START_TEST(our_contact_counts_in_any_spelling)
{
	static const struct {
		const char *body;
		bool found;
		uint32_t expires;
	} cases[] = {
	    {"<" OURS ">;expires=600", true, 600},
	    {"<" OURS ">", true, 77},
	    {"<sip:alice@10.1.0.10:6101;transport=udp>;expires=5", true, 5},
	    {"\"\xc3\xa9\" <" OURS ">;expires=600", true, 600},
	    {"\xc3\xa9 <" OURS ">;EXPIRES=600;q=", true, 600},
	    {"\xc3\xa9 <" OURS ">;q=", true, 77},
	    {"\xc3\xa9 <" OURS ">;expires=x;q=", true, 3600},
	    {"<" OURS ">;expires=0", false, 0},
	    {"\xc3\xa9 <" OURS ">;expires=0;q=", true, 0},
	    {"<sip:bob@10.1.0.10:6101>;expires=600", false, 0},
	    {"", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		contacts(cases[i].body);
		ck_assert_msg(g.found == cases[i].found && g.expires_s == cases[i].expires,
			      "case %zu: %u", i, g.expires_s);
	}
}
END_TEST

START_TEST(identities_are_kept_as_many_as_fit_and_the_first_always)
{
	char body[8192];
	size_t at = 0;

	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	for (int i = 0; i < 100; i++)
		at += (size_t)snprintf(body + at, sizeof(body) - at,
				       "%s<sip:+4930%06d@ims.mnc001.mcc262.3gppnetwork.org>",
				       i ? ", " : "", i);
	flow_grant_identities(&g, slice_str(body));
	flow_grant_end(&g, SLICE_LIT("sip:a@h"));
	ck_assert(strncmp(g.impus, "sip:+4930000000@", 16) == 0);
	ck_assert_uint_gt(g.left_out, 0);
	ck_assert_uint_lt(g.left_out, 25);
	ck_assert_ptr_null(strstr(g.impus, "sip:a@h"));
}
END_TEST

START_TEST(one_identity_that_cannot_be_read_takes_no_other_with_it)
{
	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	flow_grant_identities(&g, SLICE_LIT("<sip:a@h>, <sip:b h>, <tel:+1-201>;x=1"));
	flow_grant_identities(&g, SLICE_LIT("\"C, c\" <sip:c@h>"));
	flow_grant_end(&g, SLICE_LIT("sip:z@h"));
	ck_assert_str_eq(g.impus, "sip:a@h\ntel:+1-201\nsip:c@h");
	ck_assert_uint_eq(g.unreadable, 1);
}
END_TEST

START_TEST(without_a_list_the_one_that_was_registered_stands_alone)
{
	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	flow_grant_end(&g, SLICE_LIT("sip:a@h"));
	ck_assert_str_eq(g.impus, "sip:a@h");
	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	flow_grant_identities(&g, SLICE_LIT("<>"));
	flow_grant_end(&g, SLICE_LIT("sip:a@h"));
	ck_assert_str_eq(g.impus, "sip:a@h");
}
END_TEST

START_TEST(a_service_route_is_kept_whole_or_not_at_all)
{
	char body[4096];
	size_t at = 0;

	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	flow_grant_route(&g,
			 SLICE_LIT("<sip:10.0.0.4:5060;lr>, <sip:orig@scscf.home1.net:6060;lr>"));
	flow_grant_route(&g, SLICE_LIT("<sip:third.home1.net;lr>"));
	ck_assert(!g.bad_route);
	ck_assert_str_eq(g.service_route, "sip:10.0.0.4:5060;lr\nsip:orig@scscf.home1.net:6060;lr\n"
					  "sip:third.home1.net;lr");

	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	flow_grant_route(&g, SLICE_LIT("<sip:10.0.0.4:5060;lr>, nonsense, <sip:b;lr>"));
	ck_assert(g.bad_route);
	ck_assert_str_eq(g.service_route, "");

	flow_grant_begin(&g, SLICE_LIT(OURS), 0, 0);
	for (int i = 0; i < 100; i++)
		at += (size_t)snprintf(body + at, sizeof(body) - at, "%s<sip:hop%d.home1.net;lr>",
				       i ? "," : "", i);
	flow_grant_route(&g, slice_str(body));
	ck_assert(g.bad_route);
	ck_assert_str_eq(g.service_route, "");
}
END_TEST

UNIT_MAIN("flow grant", our_contact_is_found_among_any_number_of_others,
	  what_cannot_be_read_beside_our_contact_says_nothing_about_it,
	  our_contact_counts_in_any_spelling,
	  identities_are_kept_as_many_as_fit_and_the_first_always,
	  one_identity_that_cannot_be_read_takes_no_other_with_it,
	  without_a_list_the_one_that_was_registered_stands_alone,
	  a_service_route_is_kept_whole_or_not_at_all)
