/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "agw/control/overload.h"

START_TEST(percent_of_what_there_is)
{
	ck_assert_uint_eq(overload_percent(0, 10), 0);
	ck_assert_uint_eq(overload_percent(9, 10), 90);
	ck_assert_uint_eq(overload_percent(999, 1000), 99);
	ck_assert_uint_eq(overload_percent(11, 10), 100);
	ck_assert_uint_eq(overload_percent(0, 0), 100); /* nothing for ordinary calls at all */
	ck_assert_uint_eq(overload_percent(UINT64_MAX / 200, UINT64_MAX / 100), 50);
}
END_TEST

START_TEST(on_at_the_limit_and_off_a_tenth_below)
{
	struct overload o = {0};

	o.use.contexts = 89;
	ck_assert(!overload_decide(&o, 90) && !o.on);
	o.use.ports = 90;
	ck_assert(overload_decide(&o, 90) && o.on);
	ck_assert(!overload_decide(&o, 90) && o.on);
	o.use.ports = 85;
	ck_assert(!overload_decide(&o, 90) && o.on); /* contexts are still at 89 */
	o.use.contexts = 82;
	o.use.ports = 0;
	ck_assert(!overload_decide(&o, 90) && o.on);
	o.use.contexts = 81;
	ck_assert(overload_decide(&o, 90) && !o.on);
	o.use.cpu = 100;
	ck_assert(overload_decide(&o, 90) && o.on);
	ck_assert(overload_decide(&o, 0) && !o.on); /* switched off by a reload */
	ck_assert(!overload_decide(&o, 0) && !o.on);
	o.use.cpu = 1;
	ck_assert(overload_decide(&o, 1) && o.on);
	o.use = (struct overload_use){0};
	ck_assert(overload_decide(&o, 1) && !o.on);
}
END_TEST

START_TEST(processing_time_is_that_of_the_last_second)
{
	struct overload o = {0};

	overload_cpu(&o, 10000000, 700000, 2); /* nothing to compare with */
	ck_assert_uint_eq(o.use.cpu, 0);
	overload_cpu(&o, 10400000, 1400000, 2); /* too soon */
	ck_assert_uint_eq(o.use.cpu, 0);
	overload_cpu(&o, 11000000, 1700000, 2); /* 1 s of 2 */
	ck_assert_uint_eq(o.use.cpu, 50);
	overload_cpu(&o, 12000000, 3690000, 2);
	ck_assert_uint_eq(o.use.cpu, 99);
	overload_cpu(&o, 13000000, 3690000, 0); /* idle */
	ck_assert_uint_eq(o.use.cpu, 0);
}
END_TEST

UNIT_MAIN("overload", percent_of_what_there_is, on_at_the_limit_and_off_a_tenth_below,
	  processing_time_is_that_of_the_last_second)
