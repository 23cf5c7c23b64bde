/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Item names that are settings, and the settings of a gateway. */
#include "modules/ims_alg/control/mgc.h"

#include <string.h>

#include "unit/unit.h"

static struct h248_name name(const char *pkg, const char *item)
{
	return (struct h248_name){slice_str(pkg), slice_str(item)};
}

START_TEST(both_spellings_are_understood)
{
	struct h248_name tls = name("tlsbsc", "BNCChange"), tcp = name("tcpbcc", "BNCChange"),
			 odd = name("tlsx", "SessionState");
	struct mgc_names names;

	mgc_names_default(&names);
	ck_assert(mgc_names_is(&names, MGC_TLS_CHANGE, &tls));
	ck_assert(!mgc_names_is(&names, MGC_TCP_CHANGE, &tls));
	ck_assert(mgc_names_is(&names, MGC_TCP_CHANGE, &tcp));
	ck_assert(!mgc_names_is(&names, MGC_TLS_CHANGE, &odd));
	/* Another vendor's: what is sent changes, what is understood grows. */
	ck_assert_int_eq(mgc_names_set(&names, MGC_TLS_CHANGE, SLICE_LIT("tlsx/sessionstate")), 0);
	ck_assert(mgc_names_is(&names, MGC_TLS_CHANGE, &odd));
	ck_assert(mgc_names_is(&names, MGC_TLS_CHANGE, &tls));
	ck_assert_str_eq(names.text[MGC_TLS_CHANGE], "tlsx/sessionstate");
}
END_TEST

START_TEST(a_name_that_h248_cannot_write_is_refused)
{
	static const char *const bad[] = {"tlsbsc",    "tlsbsc/", "/EstBNC", "tls bsc/x",
					  "tlsbsc/x{", "1a/b",	  "a/b/c",   "a/b,c"};
	struct mgc_names names;
	const char *package, *item;
	char buf[MGC_NAME_MAX];

	mgc_names_default(&names);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(mgc_names_set(&names, MGC_TCP_ESTABLISH, slice_str(bad[i])) == -1,
			      "%s", bad[i]);
	ck_assert_str_eq(names.text[MGC_TCP_ESTABLISH], "tcpbcc/EstBNC");
	ck_assert_int_eq(mgc_names_set(&names, MGC_TCP_ESTABLISH, SLICE_LIT("")), 0);
	ck_assert(!mgc_names_split(&names, MGC_TCP_ESTABLISH, buf, &package, &item));
}
END_TEST

START_TEST(changes_are_read_in_the_words_of_several_models)
{
	ck_assert_int_eq(mgc_change_of(SLICE_LIT("estfail")), MGC_CHANGE_FAILED);
	ck_assert_int_eq(mgc_change_of(SLICE_LIT("Established")), MGC_CHANGE_UP);
	ck_assert_int_eq(mgc_change_of(SLICE_LIT("Rel")), MGC_CHANGE_ENDED);
	ck_assert_int_eq(mgc_change_of(SLICE_LIT("Modified")), MGC_CHANGE_UNKNOWN);
}
END_TEST

START_TEST(a_gateway_is_one_line)
{
	struct mgc_gateway_config g;
	enum h248_transport_kind kind;
	const char *why = "";

	ck_assert_int_eq(
	    mgc_gateway_parse(
		SLICE_LIT("  name=agw1 address=192.0.2.7 weight=3 realms=core.ims,access.ims"), &g,
		&kind, &why),
	    0);
	ck_assert_str_eq(g.name, "agw1");
	ck_assert_str_eq(g.mid, "[192.0.2.7]:2944");
	ck_assert_uint_eq(g.address.port, 2944);
	ck_assert_uint_eq(g.weight, 3);
	ck_assert_uint_eq(g.realms, 2);
	ck_assert_str_eq(g.realm[1], "access.ims");
	ck_assert_int_eq(kind, H248_UDP);
	ck_assert_int_eq(mgc_gateway_parse(SLICE_LIT("name=a address=[2001:db8::7]:2945 "
						     "mid=<agw.example.net> transport=sctp"),
					   &g, &kind, &why),
			 0);
	ck_assert_str_eq(g.mid, "<agw.example.net>");
	ck_assert_int_eq(kind, H248_SCTP);
	ck_assert_uint_eq(g.weight, 1);
	ck_assert_uint_eq(g.realms, 0);
}
END_TEST

START_TEST(a_wrong_gateway_line_says_what_is_meant)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"", "name and address are needed"},
	    {"name=x", "name and address are needed"},
	    {"name=x address=agw.example.net", "address: an IP address"},
	    {"name=x address=192.0.2.7 weight=heavy", "weight: 0 to 1000"},
	    {"name=x address=192.0.2.7 transport=tcp", "transport: udp or sctp"},
	    {"name=x address=192.0.2.7 colour=red", "not one of name"},
	    {"name=x address=192.0.2.7 mid=agw.example.net]", "mid: ["},
	    {"name=x address=192.0.2.7 realms=a,,b", "realms: at most 8"},
	    {"name=x address=192.0.2.7 realms=a,b,c,d,e,f,g,h,i", "realms: at most 8"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mgc_gateway_config g = {.weight = 77};
		enum h248_transport_kind kind;
		const char *why = "";

		ck_assert_int_eq(mgc_gateway_parse(slice_str(bad[i].text), &g, &kind, &why), -1);
		ck_assert_msg(strncmp(why, bad[i].why, strlen(bad[i].why)) == 0, "%s: %s",
			      bad[i].text, why);
		ck_assert_uint_eq(g.weight, 77);
	}
}
END_TEST

UNIT_MAIN("names and settings of the controller", both_spellings_are_understood,
	  a_name_that_h248_cannot_write_is_refused, changes_are_read_in_the_words_of_several_models,
	  a_gateway_is_one_line, a_wrong_gateway_line_says_what_is_meant)
