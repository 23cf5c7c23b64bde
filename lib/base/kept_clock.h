/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of times that are kept in memory which outlives the process: monotonic, beside the wall clock, which alone means
 * something after the machine was started anew.
 */
#ifndef BASE_KEPT_CLOCK_H
#define BASE_KEPT_CLOCK_H

#include <stdint.h>

struct kept_clock {
	uint8_t boot[16];	 /* names this run of the machine */
	int64_t now_ms, wall_ms; /* milliseconds, monotonic and of the wall clock */
};

/*
 * What is to be added to times that were kept by the one clock, so that they are of the other: 0 in the same run of the machine,
 * or where it cannot be reckoned. A wall clock that was set back says nothing: no time has passed then.
 */
int64_t kept_clock_moved(const struct kept_clock *was, const struct kept_clock *is);

#endif
