/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/epoll.h>
#include <unistd.h>

#include "ue/loop.h"
#include "unit/unit.h"

static int order[16], fired;

static void fire(struct timer *t)
{
	order[fired++] = *(int *)t->owner;
}

static void run_until(int n)
{
	uint64_t end = loop_now_ms() + 1000;

	while (fired < n && loop_now_ms() < end)
		loop_once(end);
}

START_TEST(timers_fire_in_order_and_may_be_armed_again)
{
	struct timer a = {0}, b = {0}, c = {0};
	int one = 1, two = 2, three = 3;
	uint64_t now;

	fired = 0;
	loop_open();
	now = loop_now_ms();
	loop_start(&a, now + 30, fire, &one);
	loop_start(&b, now + 10, fire, &two);
	loop_start(&b, now + 40, fire, &two); /* first becomes last */
	loop_start(&b, now + 20, fire, &two); /* the last one again */
	loop_start(&b, now + 20, fire, &two);
	loop_start(&c, now + 5, fire, &three);
	loop_stop(&c);
	loop_stop(&c);
	run_until(2);
	ck_assert_int_eq(fired, 2);
	ck_assert_int_eq(order[0], 2);
	ck_assert_int_eq(order[1], 1);
	ck_assert(!a.armed && !b.armed);
	loop_start(&c, now, fire, &three);
	loop_start(&c, now, fire, &three); /* the only one again */
	run_until(3);
	ck_assert_int_eq(order[2], 3);
	loop_close();
}
END_TEST

static int closed_other;
static struct io first, second;

static void close_other(struct io *io)
{
	io_close(io == &first ? &second : &first);
	closed_other++;
}

static void ready(struct io *io, uint32_t events)
{
	(void)events;
	close_other(io);
}

START_TEST(what_is_closed_is_not_served_any_more)
{
	int p[2], q[2];

	loop_open();
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(pipe(q), 0);
	first = (struct io){.fd = p[0], .ready = ready};
	second = (struct io){.fd = q[0], .ready = ready};
	loop_add(&first, EPOLLIN);
	loop_add(&second, EPOLLIN);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	ck_assert_int_eq(write(q[1], "x", 1), 1);
	loop_once(loop_now_ms() + 100); /* both are ready; the first served closes the other */
	ck_assert_int_eq(closed_other, 1);
	io_close(&first);
	io_close(&second);
	close(p[1]);
	close(q[1]);
	loop_close();
}
END_TEST

UNIT_MAIN("ims-ue: event loop", timers_fire_in_order_and_may_be_armed_again,
	  what_is_closed_is_not_served_any_more)
