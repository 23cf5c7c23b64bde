/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "base/timer_wheel.h"

#include <stdlib.h>

#define N 5000

struct probe {
	struct wheel_timer timer;
	uint64_t due, fired_at;
	int times;
};

static uint64_t clock_ms;

static void note(struct wheel_timer *t, void *arg)
{
	struct probe *p = (struct probe *)t;

	(void)arg;
	p->fired_at = clock_ms;
	p->times++;
}

START_TEST(every_timer_fires_once_and_never_early)
{
	struct timer_wheel *w = malloc(sizeof(*w));
	struct probe *p = calloc(N, sizeof(*p));
	const uint32_t tick = 10;

	srand(7);
	clock_ms = 1234567;
	timer_wheel_init(w, clock_ms, tick);
	for (int i = 0; i < N; i++) {
		/* Spread over all levels: up to 2^26 ms. */
		p[i].due = clock_ms + (uint64_t)(rand() & ((1 << (1 + i % 26)) - 1));
		timer_wheel_arm(w, &p[i].timer, p[i].due);
	}
	for (int i = 0; i < N; i += 3)
		timer_wheel_cancel(w, &p[i].timer);
	ck_assert_uint_eq(timer_wheel_count(w), N - (N + 2) / 3);
	while (timer_wheel_count(w)) {
		clock_ms += 1000;
		timer_wheel_advance(w, clock_ms, 0, note, NULL);
	}
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(p[i].times, i % 3 ? 1 : 0);
		if (i % 3) {
			ck_assert_uint_ge(p[i].fired_at, p[i].due);
			ck_assert_uint_le(p[i].fired_at, p[i].due + 1000 + tick);
		}
	}
	free(p);
	free(w);
}
END_TEST

START_TEST(moving_and_cancelling_leave_nothing_behind)
{
	struct timer_wheel *w = malloc(sizeof(*w));
	struct probe p = {0};

	clock_ms = 0;
	timer_wheel_init(w, 0, 1);
	timer_wheel_cancel(w, &p.timer);
	timer_wheel_arm(w, &p.timer, 100);
	timer_wheel_arm(w, &p.timer, 70000);
	ck_assert_uint_eq(timer_wheel_count(w), 1);
	ck_assert_uint_eq(timer_wheel_advance(w, 69999, 0, note, NULL), 0);
	ck_assert(wheel_timer_armed(&p.timer));
	ck_assert_uint_eq(timer_wheel_advance(w, 70000, 0, note, NULL), 1);
	ck_assert(!wheel_timer_armed(&p.timer));
	ck_assert_uint_eq(timer_wheel_count(w), 0);
	/* The past fires at the next advance. */
	timer_wheel_arm(w, &p.timer, 5);
	ck_assert_uint_eq(timer_wheel_advance(w, 70001, 0, note, NULL), 1);
	free(w);
}
END_TEST

START_TEST(a_limit_stops_and_the_next_call_goes_on)
{
	struct timer_wheel *w = malloc(sizeof(*w));
	struct probe p[10] = {{{0}, 0, 0, 0}};

	timer_wheel_init(w, 0, 10);
	for (int i = 0; i < 10; i++)
		timer_wheel_arm(w, &p[i].timer, 50);
	ck_assert_uint_eq(timer_wheel_advance(w, 50, 4, note, NULL), 4);
	ck_assert_uint_eq(timer_wheel_advance(w, 50, 4, note, NULL), 4);
	ck_assert_uint_eq(timer_wheel_advance(w, 50, 4, note, NULL), 2);
	ck_assert_uint_eq(timer_wheel_advance(w, 40, 4, note, NULL), 0);
	free(w);
}
END_TEST

static void again(struct wheel_timer *t, void *arg)
{
	struct timer_wheel *w = arg;
	struct probe *p = (struct probe *)t;

	if (++p->times < 5)
		timer_wheel_arm(w, t, p->timer.due_ms + 300);
}

START_TEST(a_timer_may_arm_itself_again)
{
	struct timer_wheel *w = malloc(sizeof(*w));
	struct probe p = {0};

	timer_wheel_init(w, 0, 10);
	timer_wheel_arm(w, &p.timer, 300);
	timer_wheel_advance(w, 10000, 0, again, w);
	ck_assert_int_eq(p.times, 5);
	free(w);
}
END_TEST

UNIT_MAIN("timer wheel", every_timer_fires_once_and_never_early,
	  moving_and_cancelling_leave_nothing_behind, a_limit_stops_and_the_next_call_goes_on,
	  a_timer_may_arm_itself_again)
