/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a phone may send what begins a session: its Service-Route, and nowhere else. */
#include "unit/unit.h"
#include "modules/ims_flow/core/home_route.h"

static bool fits(const char *first, const char *second, const char *service_route)
{
	struct slice uris[2] = {slice_str(first), slice_str(second)};

	return flow_home_route_fits(uris, first ? second ? 2 : 1 : 0, slice_str(service_route));
}

START_TEST(the_service_route_and_nothing_else)
{
	const char *one = "sip:orig@scscf.home1.net:5060;lr",
		   *two = "sip:a@h1;lr\nsip:b@[fd00::1]:6060;lr";

	ck_assert(fits("sip:orig@scscf.home1.net:5060;lr", NULL, one));
	ck_assert(fits("sip:orig@SCSCF.home1.net;lr;x=y", NULL, one));
	ck_assert(fits("sip:a@h1:5060;lr", "sip:b@[fd00:0::1]:6060;lr", two));
	/* the terminating half, another host, another port, a place before or behind */
	ck_assert(!fits("sip:scscf.home1.net:5060;lr", NULL, one));
	/* routed strictly it would have the S-CSCF as its target */
	ck_assert(!fits("sip:orig@scscf.home1.net:5060", NULL, one));
	ck_assert(fits("sip:orig@scscf.home1.net:5060;LR=on", NULL, one));
	ck_assert(fits("sip:orig@strict.home1.net", NULL, "sip:orig@strict.home1.net"));
	ck_assert(!fits("sip:orig@scscf.home2.net:5060;lr", NULL, one));
	ck_assert(!fits("sip:orig@scscf.home1.net:5061;lr", NULL, one));
	ck_assert(!fits("sip:orig@scscf.home1.net:5060;lr;maddr=10.0.0.7", NULL, one));
	ck_assert(!fits("sip:icscf.home1.net;lr", "sip:orig@scscf.home1.net:5060;lr", one));
	ck_assert(!fits("sip:orig@scscf.home1.net:5060;lr", "sip:10.0.0.7;lr", one));
	ck_assert(!fits("sip:a@h1;lr", NULL, two));
	ck_assert(!fits("sip:b@[fd00::1]:6060;lr", "sip:a@h1;lr", two));
	ck_assert(!fits("tel:+49", NULL, one));
	/* the phone names no place, or nobody told it one */
	ck_assert(fits(NULL, NULL, one));
	ck_assert(fits("sip:anywhere", NULL, ""));
}
END_TEST

START_TEST(as_one_header_value)
{
	char buf[80];

	ck_assert_int_eq(flow_home_route_text(
			     slice_str("sip:orig@scscf1.home1.net:5060;lr\nsip:ibcf.home1.net;lr"),
			     buf, sizeof(buf)),
			 0);
	ck_assert_str_eq(buf, "<sip:orig@scscf1.home1.net:5060;lr>, <sip:ibcf.home1.net;lr>");
	ck_assert_int_eq(flow_home_route_text(slice_str(""), buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(
	    flow_home_route_text(
		slice_str("sip:orig@scscf1.home1.net:5060;lr\nsip:ibcf.home1.net;lr"), buf, 40),
	    -1);
	ck_assert_str_eq(buf, "");
}
END_TEST

UNIT_MAIN("flow home route", the_service_route_and_nothing_else, as_one_header_value)
