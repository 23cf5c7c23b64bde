/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <string.h>
#include "agw/media/conn_state.h"

static void expect(enum conn_state s, enum conn_event e, int next)
{
	ck_assert_msg(conn_state_next(s, e) == next, "%s + %s = %d", conn_state_name(s),
		      conn_event_name(e), conn_state_next(s, e));
}

START_TEST(the_way_up)
{
	expect(CONN_IDLE, CONN_EV_CONNECT, CONN_CONNECTING);
	expect(CONN_IDLE, CONN_EV_UP, CONN_OPEN);
	expect(CONN_CONNECTING, CONN_EV_UP, CONN_OPEN);
	expect(CONN_OPEN, CONN_EV_PASS, CONN_READY);
	expect(CONN_OPEN, CONN_EV_TLS_BEGIN, CONN_HANDSHAKE);
	expect(CONN_HANDSHAKE, CONN_EV_HOLD, CONN_HELD);
	expect(CONN_HELD, CONN_EV_RESUME, CONN_HANDSHAKE);
	expect(CONN_HANDSHAKE, CONN_EV_PASS, CONN_READY);
}
END_TEST

START_TEST(nothing_passes_before_the_match)
{
	/* Data moves in CONN_READY only, and from a held handshake no event leads there directly.
	 */
	expect(CONN_HELD, CONN_EV_PASS, -1);
	expect(CONN_IDLE, CONN_EV_PASS, -1);
	expect(CONN_CONNECTING, CONN_EV_PASS, -1);
	expect(CONN_FAILED, CONN_EV_PASS, -1);
	expect(CONN_HELD, CONN_EV_TLS_BEGIN, -1);
	expect(CONN_READY, CONN_EV_TLS_BEGIN, -1);
}
END_TEST

START_TEST(a_failed_leg_stays_shut_until_configured)
{
	for (int e = 0; e < CONN_EVENTS; e++) {
		int next = conn_state_next(CONN_FAILED, (enum conn_event)e);

		ck_assert(next == (e == CONN_EV_RECONFIGURE		     ? CONN_IDLE
				   : e == CONN_EV_CLOSE || e == CONN_EV_FAIL ? CONN_FAILED
									     : -1));
	}
	for (int s = 0; s < CONN_STATES; s++)
		expect((enum conn_state)s, CONN_EV_FAIL, CONN_FAILED);
}
END_TEST

START_TEST(every_state_can_close_and_has_a_name)
{
	for (int s = 0; s < CONN_STATES; s++) {
		expect((enum conn_state)s, CONN_EV_CLOSE,
		       s == CONN_FAILED ? CONN_FAILED : CONN_IDLE);
		ck_assert_str_ne(conn_state_name((enum conn_state)s), "?");
	}
	for (int e = 0; e < CONN_EVENTS; e++)
		ck_assert_str_ne(conn_event_name((enum conn_event)e), "?");
	ck_assert_int_eq(conn_state_next(CONN_STATES, CONN_EV_UP), -1);
	ck_assert_int_eq(conn_state_next(CONN_IDLE, CONN_EVENTS), -1);
}
END_TEST

UNIT_MAIN("connection states", the_way_up, nothing_passes_before_the_match,
	  a_failed_leg_stays_shut_until_configured, every_state_can_close_and_has_a_name)
