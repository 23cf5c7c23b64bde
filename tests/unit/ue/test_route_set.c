/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ue/route_set.h"
#include "unit/unit.h"

static void take(struct route_set *r, const char *record_route, bool reverse)
{
	char buf[1000];
	struct ue_sip_msg m;

	sprintf(buf, "SIP/2.0 200 OK\r\n%s\r\n\r\n", record_route);
	ue_sip_parse(slice_str(buf), &m);
	route_set_take(r, &m, reverse);
}

static void check(const struct route_set *r, const char *wanted)
{
	char buf[1000];

	ck_assert_int_ge(route_set_write(r, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, wanted);
}

START_TEST(a_caller_reverses_and_a_callee_does_not)
{
	struct route_set r = {0};

	take(&r, "Record-Route: <sip:p2;lr>, <sip:s;lr>\r\nRecord-Route: <sip:p1;lr>", true);
	check(&r, "Route: <sip:p1;lr>, <sip:s;lr>, <sip:p2;lr>\r\n");
	take(&r, "Record-Route: <sip:p2;lr>, <sip:p1;lr>", false);
	check(&r, "Route: <sip:p2;lr>, <sip:p1;lr>\r\n");
	take(&r, "X: y", false);
	check(&r, "");
	route_set_free(&r);
}
END_TEST

static void rebuilt(const char *record_route, const char *old_pcscf, const char *wanted)
{
	struct route_set r = {0}, to = {0};

	take(&r, record_route, false);
	route_set_rebuild(&r, slice_str(old_pcscf), slice_str("sip:10.2.0.1:6100;lr"), &to);
	check(&to, wanted);
	route_set_free(&r);
	route_set_free(&to);
}

START_TEST(the_old_pcscf_is_replaced)
{
	rebuilt("Record-Route: <sip:10.1.0.1:6100;lr>, <sip:scscf;lr>, <sip:p2;lr>", "10.1.0.1",
		"Route: <sip:10.2.0.1:6100;lr>, <sip:scscf;lr>, <sip:p2;lr>\r\n");
}
END_TEST

START_TEST(both_entries_of_a_double_record_route_go)
{
	rebuilt("Record-Route: <sip:tok@10.1.0.1:6100;r2=on;lr>, <sip:tok@10.0.0.11;r2=on;lr>, "
		"<sip:s;lr>",
		"10.1.0.1", "Route: <sip:10.2.0.1:6100;lr>, <sip:s;lr>\r\n");
	/* Only its own partner: the next proxy's pair stays. */
	rebuilt("Record-Route: <sip:10.1.0.1;r2=on>, <sip:10.0.0.11;r2=on>, <sip:a;r2=on>, "
		"<sip:b;r2=on>",
		"10.1.0.1", "Route: <sip:10.2.0.1:6100;lr>, <sip:a;r2=on>, <sip:b;r2=on>\r\n");
}
END_TEST

START_TEST(a_pcscf_that_did_not_record_its_route_costs_nothing)
{
	rebuilt("Record-Route: <sip:scscf;lr>", "10.1.0.1",
		"Route: <sip:10.2.0.1:6100;lr>, <sip:scscf;lr>\r\n");
	rebuilt("X: y", "10.1.0.1", "Route: <sip:10.2.0.1:6100;lr>\r\n");
	rebuilt("Record-Route: <sip:[fd00:1::1]:5;lr>, <sip:s;lr>", "fd00:1::1",
		"Route: <sip:10.2.0.1:6100;lr>, <sip:s;lr>\r\n");
}
END_TEST

START_TEST(it_does_not_overrun)
{
	struct route_set r = {0};
	char buf[20];

	for (int i = 0; i < UE_SIP_VALUES_MAX + 5; i++)
		route_set_add(&r, slice_str("sip:somewhere;lr"));
	ck_assert_uint_eq(r.n, UE_SIP_VALUES_MAX);
	ck_assert_int_eq(route_set_write(&r, buf, sizeof(buf)), -1);
	route_set_free(&r);
}
END_TEST

UNIT_MAIN("ims-ue: route sets", a_caller_reverses_and_a_callee_does_not, the_old_pcscf_is_replaced,
	  both_entries_of_a_double_record_route_go,
	  a_pcscf_that_did_not_record_its_route_costs_nothing, it_does_not_overrun)
