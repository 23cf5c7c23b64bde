/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/state_table.h"
#include "unit/unit.h"

enum { SHUT, OPEN, STATES };
enum { PUSH, WIND, LOCK, EVENTS };
enum { NOTHING, RING, ACTIONS };

static const struct state_row rows[STATES][EVENTS] = {
    [SHUT][PUSH] = STATE_GO(OPEN, RING),
    [SHUT][LOCK] = STATE_STAY,
    [OPEN][PUSH] = STATE_GO(SHUT, NOTHING),
    [OPEN][WIND] = STATE_DO(RING),
};
static const char *const states[STATES] = {"shut", "open"};
static const char *const events[EVENTS] = {"push", "wind", "lock"};
static const struct state_table door = STATE_TABLE("door", rows, states, events);

static void expect(unsigned state, unsigned event, bool allowed, unsigned next, unsigned action)
{
	struct state_step s = state_step(&door, state, event);

	ck_assert(s.allowed == allowed);
	ck_assert_uint_eq(s.next, next);
	ck_assert_uint_eq(s.action, action);
}

START_TEST(a_row_says_what_comes_next_and_what_to_do)
{
	expect(SHUT, PUSH, true, OPEN, RING);
	expect(OPEN, PUSH, true, SHUT, NOTHING);
	expect(OPEN, WIND, true, OPEN, RING);
}
END_TEST

START_TEST(to_stay_is_told_apart_from_must_not_happen)
{
	expect(SHUT, LOCK, true, SHUT, NOTHING);
	expect(OPEN, LOCK, false, OPEN, NOTHING);
	expect(SHUT, WIND, false, SHUT, NOTHING);
}
END_TEST

START_TEST(values_out_of_range_are_not_allowed)
{
	expect(STATES, PUSH, false, STATES, NOTHING);
	expect(SHUT, EVENTS, false, SHUT, NOTHING);
	ck_assert_str_eq(state_name(&door, OPEN), "open");
	ck_assert_str_eq(state_name(&door, STATES), "?");
	ck_assert_str_eq(state_event_name(&door, LOCK), "lock");
	ck_assert_str_eq(state_event_name(&door, EVENTS), "?");
}
END_TEST

START_TEST(faults_of_a_table_are_found)
{
	static const struct state_row far[STATES][EVENTS] = {[SHUT][PUSH] = STATE_GO(STATES, 0)};
	static const struct state_row lonely[STATES][EVENTS] = {[SHUT][PUSH] = STATE_GO(SHUT, 0)};
	static const char *const twice[EVENTS] = {"push", "wind", "push"};
	static const char *const missing[STATES] = {"shut", NULL};
	const struct state_table bad[] = {STATE_TABLE("far", far, states, events),
					  STATE_TABLE("lonely", lonely, states, events),
					  STATE_TABLE("twice", rows, states, twice),
					  STATE_TABLE("missing", rows, missing, events)};

	ck_assert_ptr_null(state_table_fault(&door, ACTIONS));
	ck_assert_ptr_nonnull(state_table_fault(&door, RING));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(state_table_fault(&bad[i], ACTIONS) != NULL, "%s", bad[i].label);
}
END_TEST

UNIT_MAIN("state_table", a_row_says_what_comes_next_and_what_to_do,
	  to_stay_is_told_apart_from_must_not_happen, values_out_of_range_are_not_allowed,
	  faults_of_a_table_are_found)
