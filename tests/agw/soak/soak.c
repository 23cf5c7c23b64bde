/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway for as long as wanted under churn: ten new contexts a second, of which one brings
 * media and the oldest live call ends for it; fifty live calls whose media are checked octet by
 * octet; two H.248 messages of a hundred are lost. At the end memory must be what it was after the
 * first minutes, and every context, port and descriptor must be back.
 *
 * SOAK_SECONDS says how long (60).
 */
#include "unit/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "agw/rig.h"
#include "agw/soak/call.h"
#include "h248/run.h"

enum {
	LIVE = 50,
	LIVE_MAX = 100,
	SHORT_MAX = 1000,
	CALLS_PER_SECOND = 10, /* every tenth has media */
	WARM_UP_MAX_S = 180,   /* longer than replies are kept for (LONG-TIMER) */
	GROWTH_MAX_KB = 1024,  /* and as much again where there was no time to warm up */
	END_MS = 60000,
};

static struct live *live[LIVE_MAX];
static struct churn *brief[SHORT_MAX];
static unsigned n_live, n_brief, started, started_live;

static int64_t now_ms(void)
{
	return h248_now_ms();
}

/* ---- calls ---- */

static void end_oldest(void)
{
	unsigned i = 0;

	while (i < n_live && live_ending(live[i]))
		i++;
	if (i < n_live)
		live_end(live[i]);
}

static void start_call(void)
{
	unsigned n = started++;

	if (n % CALLS_PER_SECOND == 0 || started <= LIVE) {
		if (started > LIVE)
			end_oldest();
		ck_assert_uint_lt(n_live, LIVE_MAX);
		live[n_live++] = live_new(started_live++);
	} else {
		ck_assert_uint_lt(n_brief, SHORT_MAX);
		brief[n_brief++] = churn_new(n);
	}
}

static void tick_all(int64_t now)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n_live; i++) {
		live_tick(live[i], now);
		if (live_over(live[i]))
			live_free(live[i]);
		else
			live[kept++] = live[i];
	}
	n_live = kept;
	kept = 0;
	for (unsigned i = 0; i < n_brief; i++) {
		churn_tick(brief[i], now);
		if (churn_over(brief[i]))
			churn_free(brief[i]);
		else
			brief[kept++] = brief[i];
	}
	n_brief = kept;
}

static unsigned talking(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_live; i++)
		n += live_talks(live[i]);
	return n;
}

/* ---- what is watched ---- */

/* The average of a stretch of time, from one sample a second. */
struct average {
	long sum, n;
};

static long mean(const struct average *a)
{
	return a->n ? a->sum / a->n : 0;
}

static unsigned ports_in_use(void)
{
	unsigned sum = 0;

	for (const char *p = rig_ctl("status"); (p = strstr(p, " ports ")); p++)
		sum += (unsigned)atoi(p + 7);
	return sum;
}

static void progress(int64_t s)
{
	printf("  %02lld:%02lld:%02lld  %u calls, %u talk; %llu packets, %llu messages, lost %llu, "
	       "wrong %llu; memory %ld kB, descriptors %ld, ports %u, Notifies %lu\n",
	       (long long)s / 3600, (long long)s / 60 % 60, (long long)s % 60, started, talking(),
	       (unsigned long long)live_totals.packets, (unsigned long long)live_totals.messages,
	       (unsigned long long)live_totals.lost, (unsigned long long)live_totals.wrong,
	       rig_memory_kb("RssAnon"), rig_descriptors(), ports_in_use(), mgc_notifies());
	fflush(stdout);
}

static void expect_nothing_left(long descriptors)
{
	const char *s = "";

	for (int64_t end = now_ms() + END_MS; now_ms() < end; rig_serve(100)) {
		s = rig_ctl("status");
		if (strstr(s, "contexts 0 of") && ports_in_use() == 0 &&
		    rig_descriptors() == descriptors)
			return;
		s = rig_ctl("status");
	}
	ck_abort_msg("%ld descriptors instead of %ld, %s", rig_descriptors(), descriptors, s);
}

static void run(int seconds, struct average *first, struct average *last)
{
	int warm = seconds / 3 < WARM_UP_MAX_S ? seconds / 3 : WARM_UP_MAX_S;
	int window = seconds / 6 < 300 ? seconds / 6 : 300;
	int every = seconds / 20 < 60 ? seconds / 20 + 1 : 60;
	int64_t start = now_ms(), next_tick = start, next_call = start, s = 0;

	while (s < seconds) {
		int64_t now = now_ms();

		if (now >= next_tick) {
			tick_all(now);
			next_tick = now + TICK_MS;
		}
		for (; now >= next_call && !live_totals.n_failures;
		     next_call += 1000 / CALLS_PER_SECOND)
			start_call();
		if ((now - start) / 1000 > s) {
			s = (now - start) / 1000;
			if (s >= warm && s < warm + window) {
				first->sum += rig_memory_kb("RssAnon");
				first->n++;
			} else if (s >= seconds - window) {
				last->sum += rig_memory_kb("RssAnon");
				last->n++;
			}
			if (s % every == 0)
				progress(s);
		}
		ck_assert_msg(!live_totals.n_failures, "after %lld s: %s", (long long)s,
			      live_totals.failure);
		rig_serve(next_tick > now_ms() ? (int)(next_tick - now_ms()) : 0);
	}
	for (unsigned i = 0; i < n_live; i++)
		live_end(live[i]);
	for (int64_t end = now_ms() + END_MS; (n_live || n_brief) && now_ms() < end; rig_serve(5))
		tick_all(now_ms());
	ck_assert_msg(!n_live && !n_brief, "%u and %u calls do not end", n_live, n_brief);
}

START_TEST(nothing_leaks)
{
	const char *env = getenv("SOAK_SECONDS");
	int seconds = env ? atoi(env) : 60;
	struct average first = {0}, last = {0};
	long descriptors;

	ck_assert_int_ge(seconds, 6);
	ck_assert_int_eq(
	    system("nft 'add table inet loss; add chain inet loss in { type filter hook input "
		   "priority 0; }; add rule inet loss in udp dport 2944 numgen random mod 100 < 2 "
		   "counter drop'"),
	    0);
	rig_start("log_level = 4\nt_max_ms = 25000\n");
	descriptors = rig_descriptors();
	run(seconds, &first, &last);
	expect_nothing_left(descriptors);
	progress(seconds);
	printf("  H.248 messages lost on purpose: ");
	fflush(stdout);
	ck_assert_int_eq(system("nft list table inet loss | grep -o 'packets [0-9]*'"), 0);
	printf("  %u contexts in %d s, %llu live calls, %llu changes of keys; memory %ld kB on "
	       "average at first, %ld kB at the end\n",
	       started, seconds, (unsigned long long)live_totals.calls,
	       (unsigned long long)live_totals.rekeyed, mean(&first), mean(&last));
	ck_assert_msg(!live_totals.n_failures, "%s", live_totals.failure);
	ck_assert_uint_ge(live_totals.rekeyed, 1);
	ck_assert_uint_eq(live_totals.lost, 0);
	ck_assert_uint_eq(live_totals.wrong, 0);
	ck_assert_int_ge(started, (seconds - 1) * CALLS_PER_SECOND);
	ck_assert_int_le(mean(&last),
			 mean(&first) + GROWTH_MAX_KB * (seconds < 3 * WARM_UP_MAX_S ? 2 : 1));
	rig_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gateway soak");
	TCase *tc = tcase_create("soak");
	SRunner *runner = srunner_create(suite);
	int failed;

	setenv("AGW_NO_CAPTURE", "1", 1);
	rig_namespace();
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, nothing_leaks);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
