/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>

#include "unit/unit.h"
#include "hss/subscription/wildcard.h"

static const char *why;

START_TEST(an_expression_stands_for_all_that_complete_it)
{
	static const struct {
		const char *wildcard, *identity;
		bool matches;
	} cases[] = {
	    {"sip:chat-!.*!@home1.net", "sip:chat-42@home1.net", true},
	    {"sip:chat-!.*!@home1.net", "sip:chat-@home1.net", true},
	    {"sip:chat-!.*!@home1.net", "sip:chat@home1.net", false},
	    {"sip:chat-!.*!@home1.net", "sip:chat-42@home1.network", false},
	    {"sip:chat-!.*!@home1.net", "sip:xchat-42@home1.net", false},
	    {"sip:chat-!.*!@home1.net", "sip:chat-4@evil.net@home1.net", true},
	    {"sip:chat-!.*!@home1.net", "sip:chat-4@home1xnet", false}, /* a '.' outside is a '.' */
	    {"sip:+1212555!.{4}!@home1.net", "sip:+12125551111@home1.net", true},
	    {"sip:+1212555!.{4}!@home1.net", "sip:+121255511112@home1.net", false},
	    {"tel:+1212555![0-9]{4}!", "tel:+12125551111", true},
	    {"tel:+1212555![0-9]{4}!", "tel:+1212555111", false},
	    {"sip:!red|green!@home1.net", "sip:red@home1.net", true},
	    {"sip:!red|green!@home1.net", "sip:reddish@home1.net", false},
	    {"sip:!red|green!@home1.net", "sip:evergreen@home1.net", false},
	    {"sip:a!(b|c)+!d@home1.net", "sip:abcbd@home1.net", true},
	    {"sip:a!b!c!d@home1.net", "sip:ab!cd@home1.net", true}, /* the outermost two */
	    {"sip:a!\\.!@home1.net", "sip:a.@home1.net", true},
	    {"sip:a!\\.!@home1.net", "sip:ax@home1.net", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(wildcard_check(slice_str(cases[i].wildcard), &why) == 0, "%s: %s",
			      cases[i].wildcard, why);
		ck_assert_msg(wildcard_matches(cases[i].wildcard, cases[i].identity) ==
				  cases[i].matches,
			      "%s and %s", cases[i].wildcard, cases[i].identity);
	}
}
END_TEST

START_TEST(what_is_no_wildcard_or_might_cost_too_much_is_refused)
{
	static const char *const bad[] = {
	    "sip:a!b@home1.net",	/* one '!' */
	    "sip:a!!@home1.net",	/* nothing between */
	    "sip:a@!.*!",		/* a host */
	    "sip:a@home!.*!.net",	/* likewise */
	    "sip:a!.*!@Home1.net",	/* not as it is kept */
	    "sip:a!.*!@home1.net:5060", /* likewise */
	    "sip:a!.*!@home1.net;user=phone",
	    "SIP:a!.*!@home1.net",
	    "tel:+1-212!.*!",
	    "mailto:a!.*!@home1.net",
	    "sip:a!(b!@home1.net",
	    "sip:a!b)|(c!@home1.net", /* would reach out of its place */
	    "sip:a![b!@home1.net",
	    "sip:a![[:alpha:]]!@home1.net",
	    "sip:a!*!@home1.net ",
	    "sip:a!(b)\\1!@home1.net", /* a back-reference */
	    "sip:a!b{33}!@home1.net",
	    "sip:a!b{9}b{9}!@home1.net",
	    "sip:a!(b){9}!@home1.net",
	    "sip:a!b{4294967297}!@home1.net",
	    "sip:a!b{}!@home1.net",
	    "sip:a!b{,!@home1.net",
	    "sip:a!b\\!@home1.net",
	    "sip:a!<b>!@home1.net",
	    "sip:a!b\"!@home1.net",
	    "sip:a!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!@home1.net"};
	char out[IDENTITY_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(wildcard_check(slice_str(bad[i]), &why) == -1, "%s", bad[i]);
		ck_assert(why != NULL);
		ck_assert(!wildcard_matches(bad[i], "sip:a@home1.net"));
	}
	/* one '!' may stand in any name */
	ck_assert_int_eq(identity_stored(slice_str(bad[0]), out), 0);
	for (size_t i = 1; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(identity_stored(slice_str(bad[i]), out) == -1, "%s", bad[i]);
	ck_assert_int_eq(identity_stored(SLICE_LIT("sip:a!.*!@home1.net"), out), 0);
	ck_assert_str_eq(out, "sip:a!.*!@home1.net");
	ck_assert_int_eq(identity_stored(SLICE_LIT("SIP:a@Home1.net"), out), 0);
	ck_assert_str_eq(out, "sip:a@home1.net");
}
END_TEST

START_TEST(it_is_found_by_its_host_and_what_stands_in_front)
{
	char host[IDENTITY_SIZE], prefix[IDENTITY_SIZE];

	wildcard_key("sip:chat-!.*!x@home1.net", host, prefix);
	ck_assert_str_eq(host, "home1.net");
	ck_assert_str_eq(prefix, "sip:chat-");
	wildcard_key("tel:+1212!.*!", host, prefix);
	ck_assert_str_eq(host, "");
	ck_assert_str_eq(prefix, "tel:+1212");
	wildcard_host("sip:chat-1@home1.net", host);
	ck_assert_str_eq(host, "home1.net");
	wildcard_host("tel:+1212", host);
	ck_assert_str_eq(host, "");
}
END_TEST

/* The worst that is allowed, and the longest name that nearly fits. */
START_TEST(no_pattern_takes_long)
{
	static const char *const patterns[] = {
	    "((((((((a*)*)*)*)*)*)*)*)*b",
	    "(a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a)*b",
	    "(a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*)*b",
	    "((a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?)+a{1,32})*b",
	    ".*a.*a.*a.*a.*a.*a.*a.*a.*a.*a.*b",
	    "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b",
	    "(((a|aa|aaa|aaaa|aaaaa|aaaaaa)*)+a{32})*b",
	    "(((.|a)*.{32}(.|a)*)*(.|aa)*)*b"};
	char identity[IDENTITY_SIZE] = "sip:";
	double worst = 0;

	memset(identity + 4, 'a', IDENTITY_SIZE - 8);
	strcpy(identity + IDENTITY_SIZE - 4, "@h");
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		char wildcard[IDENTITY_SIZE];
		struct timespec a, b;
		double ms;

		snprintf(wildcard, sizeof(wildcard), "sip:!%s!@h", patterns[i]);
		ck_assert_msg(wildcard_check(slice_str(wildcard), &why) == 0, "%s: %s", wildcard,
			      why);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		ck_assert(!wildcard_matches(wildcard, identity));
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		worst = ms > worst ? ms : worst;
		if (getenv("SHOW"))
			printf("%8.3f ms %s\n", ms, patterns[i]);
	}
	ck_assert_msg(worst < 200, "%.1f ms of CPU", worst);
}
END_TEST

UNIT_MAIN("hss wildcard", an_expression_stands_for_all_that_complete_it,
	  what_is_no_wildcard_or_might_cost_too_much_is_refused,
	  it_is_found_by_its_host_and_what_stands_in_front, no_pattern_takes_long)
