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
	expect(CONN_HELD, CONN_EV_TLS_BEGIN, -1);
	expect(CONN_READY, CONN_EV_TLS_BEGIN, -1);
}
END_TEST

START_TEST(what_has_begun_can_close_and_closes_once)
{
	for (int s = 0; s < CONN_STATES; s++)
		expect((enum conn_state)s, CONN_EV_CLOSE, s == CONN_IDLE ? -1 : CONN_IDLE);
}
END_TEST

START_TEST(every_state_and_event_has_a_name)
{
	for (int s = 0; s < CONN_STATES; s++) {
		ck_assert_str_ne(conn_state_name((enum conn_state)s), "?");
	}
	for (int e = 0; e < CONN_EVENTS; e++)
		ck_assert_str_ne(conn_event_name((enum conn_event)e), "?");
	ck_assert_int_eq(conn_state_next(CONN_STATES, CONN_EV_UP), -1);
	ck_assert_int_eq(conn_state_next(CONN_IDLE, CONN_EVENTS), -1);
}
END_TEST

UNIT_MAIN("connection states", the_way_up, nothing_passes_before_the_match,
	  what_has_begun_can_close_and_closes_once, every_state_and_event_has_a_name)
