/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 3261 19.1.4: its own examples, and what phones write. */
#include "sip/uri.h"
#include "unit/unit.h"

#include <stdio.h>

static const char *const equal[][2] = {
    {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"},
    {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
    {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
     "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
    {"SIP:alice@10.1.0.10:5070", "sip:alice@10.1.0.10:5070"},
    {"sip:a@[2001:db8::1]:5070", "sip:a@[2001:DB8:0:0:0:0:0:1]:5070"},
    {"sip:a@h;ob;transport=udp", "sip:a@h;transport=udp;ob"},
    {"tel:+4912345", "tel:+4912345"},
};

static const char *const different[][2] = {
    {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
    {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
    {"sip:alice@h", "sips:alice@h"},
    {"sip:h", "sip:alice@h"},
    {"sip:alice@h", "sip:alice:secret@h"},
    {"sip:a;b@h", "sip:a%3Bb@h"},
    {"sip:a@h;x=1", "sip:a@h;x=2"},
    {"sip:a@h;user=phone", "sip:a@h"},
    {"sip:a@h;maddr=10.0.0.1", "sip:a@h"},
    {"sip:a@10.1.0.10", "sip:a@10.1.0.11"},
    {"sip:a@h:5070", "sip:a@h:5071"},
    {"tel:+4912345", "tel:+49123-45"},
    {"nonsense", "sip:a@h"},
};

START_TEST(what_rfc_3261_calls_equal_is_equal_either_way_round)
{
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		struct slice a = slice_str(equal[i][0]), b = slice_str(equal[i][1]);

		ck_assert_msg(sip_uri_equal(a, b) && sip_uri_equal(b, a), "%s and %s", equal[i][0],
			      equal[i][1]);
	}
}
END_TEST

START_TEST(what_it_calls_different_is_different)
{
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		struct slice a = slice_str(different[i][0]), b = slice_str(different[i][1]);

		ck_assert_msg(!sip_uri_equal(a, b) && !sip_uri_equal(b, a), "%s and %s",
			      different[i][0], different[i][1]);
	}
}
END_TEST

START_TEST(a_long_list_of_parameters_is_not_searched)
{
	char a[600] = "sip:a@h", b[600] = "sip:a@h";

	for (int i = 0; i < 40; i++) {
		snprintf(a + strlen(a), sizeof(a) - strlen(a), ";p%d=1", i);
		snprintf(b + strlen(b), sizeof(b) - strlen(b), ";p%d=1", 39 - i);
	}
	ck_assert(!sip_uri_equal(slice_str(a), slice_str(b)));
	ck_assert(sip_uri_equal(slice_str(a), slice_str(a)));
}
END_TEST

START_TEST(a_word_is_found_in_any_spelling)
{
	static const char *const yes[] = {"verstat", "VerStat=x", "%76erst%41t;y"};
	static const char *const no[] = {"",	    "versta", "xverstat",
					 "%76erst", "verst%", "%3bverstat"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert_msg(sip_uri_text_begins(slice_str(yes[i]), slice_str("verstat")), "%s",
			      yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(!sip_uri_text_begins(slice_str(no[i]), slice_str("verstat")), "%s",
			      no[i]);
}
END_TEST

UNIT_MAIN("uri_equal", a_word_is_found_in_any_spelling,
	  what_rfc_3261_calls_equal_is_equal_either_way_round, what_it_calls_different_is_different,
	  a_long_list_of_parameters_is_not_searched)
