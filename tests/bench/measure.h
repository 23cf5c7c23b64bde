/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What benches measure with: other processes' CPU time, and the middle of several values. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

/* Milliseconds of a clock that only goes forward. */
uint64_t bench_now_ms(void);

/* CPU seconds, user and system, that the living processes of a process group have used. */
double bench_group_cpu(pid_t group);

/* kB that the processes of a group have in memory, what they share counted in each. */
unsigned long bench_group_rss(pid_t group);

/* How many times the processes of a group gave up the CPU by themselves. */
unsigned long bench_group_switches(pid_t group);

/* The values are sorted; n is at least 1. */
double bench_median(double *v, unsigned n);

#endif
