/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/measure.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t bench_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* One line of a file of a process that begins with what; false: none, or the process has gone. */
static bool line_of(const char *pid, const char *file, const char *what, char *out, size_t size)
{
	char path[300];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(out, (int)size, f))
		found = strncmp(out, what, strlen(what)) == 0;
	fclose(f);
	return found;
}

/* To the nanosecond where the kernel keeps it (schedstat). */
static double process_cpu(const char *pid, unsigned long ticks)
{
	unsigned long long ns = 0;
	char line[256];

	if (line_of(pid, "schedstat", "", line, sizeof(line)))
		ns = strtoull(line, NULL, 10);
	return ns ? (double)ns / 1e9 : (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Threads have their own schedstat; that of the process is its first thread's alone. */
static double add_cpu(const char *pid, unsigned long ticks)
{
	char path[300], thread[600];
	struct dirent *e;
	double used = 0;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(thread, sizeof(thread), "%s/task/%s", pid, e->d_name);
		used += process_cpu(thread, n ? 0 : ticks);
		n++;
	}
	if (dir)
		closedir(dir);
	return used;
}

static double add_number(const char *pid, const char *what)
{
	char line[256];

	return line_of(pid, "status", what, line, sizeof(line)) ? strtod(line + strlen(what), NULL)
								: 0;
}

static double add_rss(const char *pid, unsigned long ticks)
{
	(void)ticks;
	return add_number(pid, "VmRSS:");
}

static double add_switches(const char *pid, unsigned long ticks)
{
	(void)ticks;
	return add_number(pid, "voluntary_ctxt_switches:");
}

/* The sum over a group's processes. */
static double sum(pid_t group, double (*f)(const char *pid, unsigned long ticks))
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	double total = 0;

	while (dir && (e = readdir(dir))) {
		char line[1024], *p;
		unsigned long ut, st;
		int pgrp;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    !line_of(e->d_name, "stat", "", line, sizeof(line)))
			continue;
		p = strrchr(line, ')');
		if (p &&
		    sscanf(p, ") %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &pgrp, &ut,
			   &st) == 3 &&
		    pgrp == group)
			total += f(e->d_name, ut + st);
	}
	if (dir)
		closedir(dir);
	return total;
}

double bench_group_cpu(pid_t group)
{
	return sum(group, add_cpu);
}

unsigned long bench_group_rss(pid_t group)
{
	return (unsigned long)sum(group, add_rss);
}

unsigned long bench_group_switches(pid_t group)
{
	return (unsigned long)sum(group, add_switches);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}
