/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include <string.h>
#include "agw/media/conn_state.h"

static void expect(enum conn_state s, enum conn_event e, int next)
{
	struct state_step step = state_step(&conn_state_table, s, e);

	ck_assert_msg(next < 0 ? !step.allowed : step.allowed && step.next == next, "%s + %s = %s",
		      state_name(&conn_state_table, s), state_event_name(&conn_state_table, e),
		      step.allowed ? state_name(&conn_state_table, step.next) : "must not happen");
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

START_TEST(the_table_is_whole)
{
	ck_assert_ptr_null(state_table_fault(&conn_state_table, 1));
}
END_TEST

UNIT_MAIN("media connection states", the_way_up, nothing_passes_before_the_match,
	  what_has_begun_can_close_and_closes_once, the_table_is_whole)
