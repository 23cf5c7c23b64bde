/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/kept_clock.h"

#include <string.h>

int64_t kept_clock_moved(const struct kept_clock *was, const struct kept_clock *is)
{
	int64_t passed, by;

	if (memcmp(was->boot, is->boot, sizeof(is->boot)) == 0 ||
	    __builtin_sub_overflow(is->wall_ms, was->wall_ms, &passed))
		return 0;
	if (passed < 0)
		passed = 0;
	if (__builtin_sub_overflow(is->now_ms, was->now_ms, &by) ||
	    __builtin_sub_overflow(by, passed, &by))
		return 0;
	return by;
}
