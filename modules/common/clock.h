/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock of the modules. */
#ifndef KAM_CLOCK_H
#define KAM_CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * Monotonic milliseconds: the same in all processes, never set back, and nothing that a document or
 * a state file may carry over a restart of the machine.
 */
static inline uint64_t kam_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

#endif
