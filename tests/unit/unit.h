/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test program shares: UNIT_MAIN(title, tests...) makes main() of one libcheck
 * suite, UNIT_MAIN_WITHIN(seconds, title, tests...) of one that takes longer than libcheck allows. Under a sanitizer or valgrind run with CK_FORK=no to see the first report whole.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the test shows cannot be shown here: say why, and end it. It counts as skipped, not as passed. */
#define UNIT_SKIP(why)                                                                             \
	do {                                                                                       \
		printf("skipped: %s: %s\n", __func__, why);                                        \
		fflush(stdout);                                                                    \
		return;                                                                            \
	} while (0)

/* What another thread or process does is waited for, with a limit that a busy machine keeps: step is
 * done between two looks. */
enum { UNIT_PATIENCE_MS = 20000 };
#define UNIT_SOON(cond, step)                                                                      \
	do {                                                                                       \
		for (long long unit_end = unit_now_ms() + UNIT_PATIENCE_MS; !(cond);) {            \
			ck_assert_msg(unit_now_ms() < unit_end, "never: %s", #cond);               \
			step;                                                                      \
		}                                                                                  \
	} while (0)

static inline long long unit_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Run tests, each within limit_s seconds (0: libcheck's limit). What main() returns. */
static inline int unit_run(const char *title, const TTest *const *tests, size_t n, double limit_s)
{
	Suite *suite = suite_create(title);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < n; i++) {
		TCase *tc = tcase_create(tests[i]->name);

		if (limit_s > 0)
			tcase_set_timeout(tc, limit_s);
		tcase_add_test(tc, tests[i]);
		suite_add_tcase(suite, tc);
	}
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN_WITHIN(limit_s, title, ...)                                                      \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
                                                                                                   \
		return unit_run(title, tests, sizeof(tests) / sizeof(tests[0]), limit_s);          \
	}
#define UNIT_MAIN(title, ...) UNIT_MAIN_WITHIN(0, title, __VA_ARGS__)

#endif
