/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gateway's benchmarks share: clocks, peers pinned to a CPU, spread of a figure. */
#ifndef TESTS_BENCH_AGW_COMMON_H
#define TESTS_BENCH_AGW_COMMON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { BENCH_ROUNDS_MAX = 16, BENCH_RELAY_CPU = 0, BENCH_LOAD_CPU = 1 };

int64_t bench_now_ns(void); /* CLOCK_MONOTONIC */

/* User and system time of a process so far, of all its threads, ns; 0 if it is gone. */
int64_t bench_cpu_ns(pid_t pid);

/*
 * Start a peer on the relay's CPU; it dies with us. Its output goes nowhere unless BENCH_VERBOSE is
 * set. Ends when told with bench_end().
 */
pid_t bench_spawn(const char *const argv[]);
/* Run a function in a child on the relay's CPU instead of a program. */
pid_t bench_fork(void (*run)(void *), void *arg);
void bench_end(pid_t pid); /* SIGKILL, and waits */

struct spread {
	double min, median, max;
};
/* Of 1 to BENCH_ROUNDS_MAX values. */
struct spread bench_spread(const double *values, size_t n);

/*
 * Run a benchmark: a network namespace of its own, the load on its CPU, and everything we start
 * before what else the machine does (nice), peers and ours alike. Inside a libcheck test, because
 * the rig asserts. Returns main()'s value.
 */
int bench_main(int (*bench)(int argc, char **argv), int argc, char **argv);

#endif
