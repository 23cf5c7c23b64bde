/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/agw/common.h"
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agw/rig.h"

int64_t bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t bench_cpu_ns(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static pid_t child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rig_pin(BENCH_RELAY_CPU + 1);
	}
	return pid;
}

pid_t bench_spawn(const char *const argv[])
{
	pid_t pid = child();

	if (pid == 0) {
		if (!getenv("BENCH_VERBOSE") &&
		    (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
			_exit(127);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

pid_t bench_fork(void (*run)(void *), void *arg)
{
	pid_t pid = child();

	if (pid == 0) {
		run(arg);
		_exit(0);
	}
	return pid;
}

void bench_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct spread bench_spread(const double *values, size_t n)
{
	double v[BENCH_ROUNDS_MAX];

	memcpy(v, values, n * sizeof(*v));
	qsort(v, n, sizeof(*v), by_value);
	return (struct spread){v[0], v[n / 2], v[n - 1]};
}

static struct {
	int (*bench)(int argc, char **argv);
	int argc;
	char **argv;
} job;

START_TEST(the_bench)
{
	ck_assert_int_eq(job.bench(job.argc, job.argv), 0);
}
END_TEST

/*
 * Everything we start goes before what else the machine does, ours and the peers alike. Where the
 * kernel weighs sessions (autogroup), nice counts only inside one: so we are one of our own, in a
 * child, and it is the session that is preferred.
 */
static void go_first(void)
{
	pid_t pid = fork();
	int status, fd;

	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0)
			;
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	setpriority(PRIO_PROCESS, 0, -15);
	fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "-15", 3) < 0)
			perror("autogroup");
		close(fd);
	}
}

int bench_main(int (*bench)(int argc, char **argv), int argc, char **argv)
{
	Suite *suite = suite_create("bench");
	TCase *tc = tcase_create("bench");
	SRunner *runner = srunner_create(suite);
	int failed;

	go_first();
	job.bench = bench;
	job.argc = argc;
	job.argv = argv;
	setenv("AGW_NO_CAPTURE", "1", 1);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	rig_namespace();
	rig_pin(BENCH_LOAD_CPU + 1);
	rig_gateway_cpu(BENCH_RELAY_CPU);
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, the_bench);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_MINIMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
