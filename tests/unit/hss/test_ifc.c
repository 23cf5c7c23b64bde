/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "hss/subscription/ifc.h"

static struct trigger t;

static int parse(const char *text)
{
	const char *why = NULL;
	int err = trigger_parse(slice_str(text), &t, &why);

	if (err)
		ck_assert_ptr_nonnull(why);
	return err;
}

START_TEST(groups_and_conditions)
{
	ck_assert_int_eq(parse("all method:INVITE,method:MESSAGE;case:orig"), 0);
	ck_assert(t.cnf);
	ck_assert_uint_eq(t.n, 3);
	ck_assert_int_eq(t.spt[0].kind, SPT_METHOD);
	ck_assert_str_eq(t.spt[1].name, "MESSAGE");
	ck_assert_uint_eq(t.spt[1].group, 0);
	ck_assert_uint_eq(t.spt[2].group, 1);
	ck_assert_str_eq(t.spt[2].name, "0");
	ck_assert_int_eq(parse("any !uri:^sip:x"), 0);
	ck_assert(!t.cnf);
	ck_assert(t.spt[0].negated);
	ck_assert_str_eq(t.spt[0].name, "^sip:x");
	ck_assert_int_eq(parse(""), 0);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

START_TEST(values_may_hold_the_separators)
{
	ck_assert_int_eq(parse("all header:From=a\\,b\\;c=d\\.e;sdp:m=audio.*"), 0);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_str_eq(t.spt[0].name, "From");
	ck_assert(t.spt[0].has_content);
	ck_assert_str_eq(t.spt[0].content, "a,b;c=d\\.e");
	ck_assert_str_eq(t.spt[1].name, "m");
	ck_assert_str_eq(t.spt[1].content, "audio.*");
	ck_assert_int_eq(parse("all header:Route"), 0);
	ck_assert(!t.spt[0].has_content);
}
END_TEST

START_TEST(registration_types)
{
	ck_assert_int_eq(parse("all method:REGISTER/initial/de"), 0);
	ck_assert_uint_eq(t.spt[0].registration_types, 5);
	ck_assert_int_eq(parse("all method:INVITE/initial"), -1);
	ck_assert_int_eq(parse("all method:REGISTER/never"), -1);
}
END_TEST

START_TEST(malformed_triggers)
{
	static const char *const bad[] = {"method:INVITE", "all",	    "all ",
					  "all method:",   "all ,",	    "all x:y",
					  "all method:A;", "all method:A,", "all case:foo",
					  "all uri:",	   "any sdp:=x",    "all !"};
	char longer[600] = "all uri:", many[1024] = "all method:A";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i]) == -1, "'%s' is taken", bad[i]);
	memset(longer + 8, 'x', 400);
	ck_assert_int_eq(parse(longer), -1);
	for (int i = 1; i < SPT_MAX; i++)
		strcat(many, ",method:A");
	ck_assert_int_eq(parse(many), 0);
	strcat(many, ",method:A");
	ck_assert_int_eq(parse(many), -1);
}
END_TEST

START_TEST(services_for_the_unregistered)
{
	struct ifc f = {.trigger = "all method:INVITE;case:term-unreg"};

	ck_assert(ifc_serves_unregistered(&f));
	f.part = IFC_REGISTERED;
	ck_assert(!ifc_serves_unregistered(&f));
	f = (struct ifc){.trigger = "all method:INVITE;case:term"};
	ck_assert(!ifc_serves_unregistered(&f));
	f.part = IFC_UNREGISTERED;
	ck_assert(ifc_serves_unregistered(&f));
	f = (struct ifc){.trigger = "all !case:term-unreg"};
	ck_assert(!ifc_serves_unregistered(&f));
}
END_TEST

UNIT_MAIN("ifc", groups_and_conditions, values_may_hold_the_separators, registration_types,
	  malformed_triggers, services_for_the_unregistered)
