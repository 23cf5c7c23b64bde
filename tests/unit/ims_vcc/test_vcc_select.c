/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/select.h"
#include "unit/unit.h"

/* Every combination, against the rule in other words. */
START_TEST(each_combination)
{
	unsigned n = 0;

	for (unsigned user = 0; user < VCC_WISHES; user++)
		for (unsigned op = 0; op < VCC_WISHES; op++)
			for (unsigned prec = 0; prec < 3; prec++)
				for (unsigned bits = 0; bits < 8; bits++)
					for (unsigned cs = 0; cs < VCC_CS_STATES; cs++) {
						struct vcc_choice_input in = {
						    .user = (enum vcc_wish)user,
						    .operator_wish = (enum vcc_wish)op,
						    .precedence = (enum vcc_precedence)prec,
						    .registered = bits & 1,
						    .voice = bits & 2,
						    .csrn = bits & 4,
						    .cs = (enum vcc_cs_state)cs};
						struct vcc_choice c = vcc_choose(&in);
						unsigned want = prec == 2 && user ? user
								: op		  ? op
								: user		  ? user
										  : 2;
						bool ims = (bits & 3) == 3,
						     can_cs = (bits & 4) && cs != VCC_CS_DETACHED;
						bool only = want >= VCC_WISH_CS_ONLY,
						     likes_cs = want % 2;

						n++;
						ck_assert_uint_eq(c.want, want);
						if (only) {
							ck_assert_int_eq(c.second, VCC_DOMAIN_NONE);
							ck_assert_int_eq(
							    c.first,
							    likes_cs && can_cs ? VCC_DOMAIN_CS
							    : !likes_cs && ims ? VCC_DOMAIN_IMS
									       : VCC_DOMAIN_NONE);
							continue;
						}
						ck_assert_int_eq(c.first != VCC_DOMAIN_NONE,
								 ims || can_cs);
						ck_assert_int_eq(c.second != VCC_DOMAIN_NONE,
								 ims && can_cs);
						if (ims && can_cs)
							ck_assert_int_eq(c.first,
									 likes_cs ? VCC_DOMAIN_CS
										  : VCC_DOMAIN_IMS);
						else if (c.first)
							ck_assert_int_eq(c.first,
									 ims ? VCC_DOMAIN_IMS
									     : VCC_DOMAIN_CS);
						ck_assert_int_ne(c.second,
								 c.first ? (int)c.first : 99);
					}
	ck_assert_uint_eq(n, 5 * 5 * 3 * 8 * 3);
}
END_TEST

START_TEST(a_call_that_is_up_leads)
{
	struct vcc_choice_input in = {
	    .user = VCC_WISH_IMS_ONLY, .call = VCC_DOMAIN_CS, .registered = true, .voice = true};

	ck_assert_int_eq(vcc_choose(&in).first, VCC_DOMAIN_CS);
	ck_assert_int_eq(vcc_choose(&in).second, VCC_DOMAIN_NONE);
}
END_TEST

static struct vcc_policies *policies;
static const char *why;

static unsigned read_text(const char *text)
{
	static const struct keyed_hash_key key = {{3, 4}};

	free(policies);
	policies = malloc(vcc_policies_bytes(slice_str(text)));
	return vcc_policies_read(slice_str(text), &key, policies, &why);
}

START_TEST(the_operators_lines)
{
	const struct vcc_policy_row *row;

	ck_assert_uint_eq(
	    read_text(
		"# all\ndefault terminating=ims-preferred precedence=user\n\n"
		"user sip:a@HOME1.net terminating=cs-only csrn=+888-12 msisdn=+12125551111 # him\n"
		"user sip:b@home1.net\r\nvdi sip:domain.xfer@home1.net\nvdn +12125555555"),
	    0);
	ck_assert(policies->has_default && policies->wish == VCC_WISH_IMS_PREFERRED);
	row = vcc_policy_of(policies, SLICE_LIT("sip:a@home1.net;user=phone"));
	ck_assert_ptr_ne(row, NULL);
	ck_assert_str_eq(row->csrn, "+88812");
	ck_assert_ptr_eq(vcc_policy_of(policies, SLICE_LIT("tel:+1-212-555-1111")), row);
	ck_assert_ptr_eq(
	    vcc_policy_of(policies, SLICE_LIT("sip:+12125551111@gw.home1.net;user=phone")), row);
	ck_assert_ptr_eq(vcc_policy_of(policies, SLICE_LIT("sip:c@home1.net")), NULL);
	ck_assert(vcc_policy_is_vdi(policies, SLICE_LIT("sip:domain.xfer@home1.net")));
	ck_assert(!vcc_policy_is_vdi(policies, SLICE_LIT("sip:a@home1.net")));
	ck_assert(vcc_policy_is_vdn(policies, SLICE_LIT("tel:+12125555555")));
	ck_assert(
	    vcc_policy_is_vdn(policies, SLICE_LIT("sip:+12125555555@vcc.home1.net;user=phone")));
	ck_assert(!vcc_policy_is_vdn(policies, SLICE_LIT("sip:domain.xfer@home1.net")));
}
END_TEST

START_TEST(a_wrong_line_is_named)
{
	static const char *const wrong[] = {"users x",
					    "user",
					    "user http://x",
					    "user sip:a@h terminating=never",
					    "user sip:a@h x",
					    "user sip:a@h csrn=abc",
					    "default precedence=me",
					    "vdn home",
					    "vdi x",
					    "default csrn=+1234567",
					    "user sip:x@h"};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "user sip:x@h msisdn=+1234567\n\n%s\nuser sip:y@h",
			 wrong[i]);
		ck_assert_uint_eq(read_text(text), 3);
		ck_assert_ptr_ne(why, NULL);
	}
	ck_assert_uint_eq(read_text("user sip:x@h msisdn=+1234567\nuser sip:y@h msisdn=+1234567"),
			  2);
	ck_assert_uint_eq(read_text(""), 0);
	ck_assert(!policies->has_default);
}
END_TEST

UNIT_MAIN("ims_vcc selection", each_combination, a_call_that_is_up_leads, the_operators_lines,
	  a_wrong_line_is_named)
