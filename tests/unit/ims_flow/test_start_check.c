/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_flow/core/start_check.h"

START_TEST(a_host_is_a_name_or_an_address_with_or_without_a_port)
{
	static const char *const good[] = {
	    "pcscf1.home1.net", "pcscf1.home1.net:5060", "10.0.0.11", "10.0.0.11:4060",
	    "[fd00::1]",	"[fd00::1]:5060",	 "pcscf",     "p_1.x"};
	static const char *const bad[] = {"",	       "sip:pcscf1.home1.net",
					  "a b",       "host:",
					  "host:0",    "host:65536",
					  "host:x",    "u@host",
					  ".host",     "host.",
					  "-host",     "<host>",
					  "[fd00::1",  "fd00::1",
					  "host;lr",   "ho\"st",
					  "[10.0.0.1]"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(!flow_host_fault(slice_str(good[i])), "'%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(flow_host_fault(slice_str(bad[i])) != NULL, "'%s'", bad[i]);
}
END_TEST

START_TEST(a_substdef_that_the_site_forgot_is_named)
{
	ck_assert_str_eq(flow_left_over(SLICE_LIT("PCSCF_HOST:5060")), "PCSCF_HOST");
	ck_assert_str_eq(flow_left_over(SLICE_LIT("FLOW_DIR/ims_flow.state")), "FLOW_DIR");
	ck_assert_ptr_null(flow_left_over(SLICE_LIT("/var/lib/kamailio/ims_flow.state")));
	ck_assert_ptr_null(flow_left_over(SLICE_NULL));
}
END_TEST

UNIT_MAIN("flow start check", a_host_is_a_name_or_an_address_with_or_without_a_port,
	  a_substdef_that_the_site_forgot_is_named)
