/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "hss/subscription/subscription.h"

START_TEST(equal_identities_have_one_form)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"sip:User@Home1.NET", "sip:User@home1.net"},
	    {"SIP:user@home1.net:5060;transport=tcp?x=y", "sip:user@home1.net"},
	    {"sip:user:secret@home1.net", "sip:user@home1.net"},
	    {"sips:user@home1.net;user=phone", "sips:user@home1.net"},
	    {"sip:home1.net", "sip:home1.net"},
	    {"sip:u@[FD00::1]:5060", "sip:u@[fd00::1]"},
	    {"tel:+1-212-555.1111", "tel:+12125551111"},
	    {"tel:(0)123;phone-context=home1.net", "tel:0123"},
	    {"sip:user;npdi@home1.net", "sip:user;npdi@home1.net"},
	};
	char out[IDENTITY_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(identity_canonical(slice_str(cases[i].in), out), 0);
		ck_assert_str_eq(out, cases[i].out);
	}
}
END_TEST

START_TEST(what_is_no_identity_is_refused)
{
	static const char *const bad[] = {"",
					  "user@home1.net",
					  "sip:",
					  "sip:@home1.net",
					  "sip:u@",
					  "sip:u@h h",
					  "sip:u@h<x>",
					  "tel:",
					  "tel:abcz",
					  "tel:1+2",
					  "urn:service:sos",
					  "sip:u@\x01",
					  "sip:u\"@h"};
	char out[IDENTITY_SIZE] = "unchanged", longer[600] = "sip:u@";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(identity_canonical(slice_str(bad[i]), out) == -1, "%s is taken",
			      bad[i]);
	memset(longer + 6, 'h', sizeof(longer) - 7);
	ck_assert_int_eq(identity_canonical(slice_str(longer), out), -1);
	ck_assert_int_eq(identity_canonical(slice_make("sip:a@b\0c", 9), out), -1);
	ck_assert_str_eq(out, "unchanged");
}
END_TEST

START_TEST(the_longest_identity_fits)
{
	char in[IDENTITY_SIZE] = "sip:", out[IDENTITY_SIZE];

	memset(in + 4, 'h', sizeof(in) - 5);
	in[sizeof(in) - 1] = '\0';
	ck_assert_int_eq(identity_canonical(slice_str(in), out), 0);
	ck_assert_str_eq(in, out);
}
END_TEST

UNIT_MAIN("hss model", equal_identities_have_one_form, what_is_no_identity_is_refused,
	  the_longest_identity_fits)
