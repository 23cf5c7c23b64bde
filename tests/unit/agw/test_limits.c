/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many descriptors calls may have. */
#include "agw/control/limits.h"
#include "unit/unit.h"

START_TEST(some_are_kept_back_for_control_and_some_for_emergencies)
{
	struct limits l = {0};

	limits_set(&l, 1000, 36, 5); /* 1000 - 36 - 64 = 900 */
	ck_assert_uint_eq(limits_calls(&l), 225);
	ck_assert(limits_have(&l, 880, false) && !limits_have(&l, 881, false));
	ck_assert(limits_have(&l, 900, true) && !limits_have(&l, 901, true));
	l.used = 899;
	ck_assert(!limits_have(&l, 1, false) && limits_have(&l, 1, true));
	ck_assert(!limits_have(&l, 2, true));
	limits_set(&l, 1000, 36, 1000); /* a tenth at most */
	ck_assert_uint_eq(l.reserved, 90);
}
END_TEST

START_TEST(a_process_that_may_open_nothing_has_no_calls)
{
	struct limits l = {0};

	limits_set(&l, 50, 36, 5);
	ck_assert_uint_eq(limits_calls(&l), 0);
	ck_assert(!limits_have(&l, 1, true));
}
END_TEST

UNIT_MAIN("limits", some_are_kept_back_for_control_and_some_for_emergencies,
	  a_process_that_may_open_nothing_has_no_calls)
