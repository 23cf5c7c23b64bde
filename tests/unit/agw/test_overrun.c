/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one worker takes from one socket in one turn: two legs without a thread of their own. */
#include "unit/unit.h"
#include "unit/agw/pair_rig.h"

enum { SENT = 100 };

static struct media_leg *const *leg = pairs[0].leg;

static void set_up(void)
{
	pairs_set_up(1);
}

static void send_rtp(int to, int first, int n)
{
	pair_send(&pairs[0], to, first, n);
}

static int next_rtp(int at)
{
	return pair_next(&pairs[0], at);
}

static void tear_down(void)
{
	pairs_tear_down();
}

static void readable(int i)
{
	datagram_leg_readable(leg[i], &leg[i]->d.rtp);
	datagram_relay_taken(pair_worker);
}

START_TEST(a_worker_that_keeps_up_leaves_nothing_out)
{
	set_up();
	send_rtp(0, 0, SENT);
	for (int i = 0; i < SENT; i++) /* a batch, then one by one once the queue was seen empty */
		readable(0);
	for (int i = 0; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_uint_eq(leg[0]->stats.overrun, 0);
	ck_assert_uint_eq(leg[1]->stats.packets_out, SENT);
	tear_down();
}
END_TEST

START_TEST(a_worker_that_is_behind_passes_the_newest_in_order)
{
	set_up();
	pair_worker->behind = true;
	send_rtp(0, 0, SENT);
	readable(0);
	for (int i = SENT - DATAGRAM_BATCH; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_int_eq(next_rtp(1), -1);
	ck_assert_uint_eq(leg[0]->stats.overrun, SENT - DATAGRAM_BATCH);
	ck_assert_uint_eq(leg[0]->stats.packets_in, DATAGRAM_BATCH);
	readable(0);
	ck_assert_int_eq(next_rtp(1), -1);
	tear_down();
}
END_TEST

START_TEST(a_short_queue_is_not_old)
{
	set_up();
	pair_worker->behind = true;
	send_rtp(0, 0, DATAGRAM_BATCH);
	readable(0);
	for (int i = 0; i < DATAGRAM_BATCH; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_uint_eq(leg[0]->stats.overrun, 0);
	tear_down();
}
END_TEST

START_TEST(what_is_no_rtp_is_never_left_out)
{
	set_up();
	leg[0]->proto = leg[1]->proto = MEDIA_UDP;
	pair_worker->behind = true;
	send_rtp(0, 0, SENT);
	for (int i = 0; i < SENT; i++)
		readable(0);
	for (int i = 0; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	tear_down();
}
END_TEST

/* Packets of several legs are put aside and relayed together. */
START_TEST(both_directions_of_a_round_go_out)
{
	set_up();
	for (int i = 0; i < 2; i++) { /* seen to the end: from now on one at a time */
		send_rtp(i, 1, 1);
		readable(i);
		ck_assert_int_eq(next_rtp(!i), 1);
	}
	send_rtp(0, 7, 1);
	send_rtp(1, 9, 1);
	for (int i = 0; i < 2; i++)
		datagram_leg_readable(leg[i], &leg[i]->d.rtp);
	ck_assert_uint_eq(pair_worker->n_taken, 2);
	ck_assert_int_eq(next_rtp(1), -1);
	datagram_relay_taken(pair_worker);
	ck_assert_int_eq(next_rtp(1), 7);
	ck_assert_int_eq(next_rtp(0), 9);
	tear_down();
}
END_TEST

UNIT_MAIN("media overrun", a_worker_that_keeps_up_leaves_nothing_out,
	  a_worker_that_is_behind_passes_the_newest_in_order, a_short_queue_is_not_old,
	  what_is_no_rtp_is_never_left_out, both_directions_of_a_round_go_out)
