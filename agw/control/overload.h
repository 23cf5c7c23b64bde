/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the gateway near its limits? Contexts, ports and processing time in percent of what there is;
 * the highest of them decides. Pure: what is in use is handed in.
 */
#ifndef AGW_CONTROL_OVERLOAD_H
#define AGW_CONTROL_OVERLOAD_H

#include <stdbool.h>
#include <stdint.h>

/* Percent. */
struct overload_use {
	unsigned contexts; /* of those that ordinary calls may have */
	unsigned ports;	   /* of the fullest pool */
	unsigned cpu;	   /* of the workers' cores, over the last second or so */
};

/* All zero to begin with. */
struct overload {
	bool on;
	struct overload_use use;
	int64_t sample_us, cpu_us; /* of the last overload_cpu() */
};

/* n of limit in percent, at most 100; 0 of 0 is 100. */
unsigned overload_percent(uint64_t n, uint64_t limit);

/* Take note of the processing time that the process has used so far (microseconds, all threads) on
 * so many cores. Sets use.cpu; calls less than half a second apart change nothing. */
void overload_cpu(struct overload *o, int64_t now_us, int64_t cpu_us, unsigned cores);

/* Overloaded from limit percent on, until all are a tenth of the limit below it; 0 = never. True if
 * that has changed o->on. */
bool overload_decide(struct overload *o, unsigned limit);

#endif
