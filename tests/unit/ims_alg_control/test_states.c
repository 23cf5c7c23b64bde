/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of a gateway and of a call's context, and how an overloaded gateway is spared. */
#include "modules/ims_alg/control/states.h"

#include "modules/ims_alg/control/pace.h"
#include "unit/unit.h"

static const char *after(const struct state_table *t, unsigned state, const unsigned *events)
{
	for (; *events != 99; events++) {
		struct state_step s = state_step(t, state, *events);

		ck_assert_msg(s.allowed, "%s in %s", state_event_name(t, *events),
			      state_name(t, state));
		state = s.next;
	}
	return state_name(t, state);
}

#define AFTER(table, state, ...) after(&table, state, (const unsigned[]){__VA_ARGS__, 99})

START_TEST(tables_are_whole)
{
	/* "gone" is never left: it is freed. */
	const char *fault = state_table_fault(&gateway_table, GATEWAY_ACTIONS);

	ck_assert_msg(fault == NULL, "%s", fault);
	fault = state_table_fault(&context_table, CONTEXT_ACTIONS);
	ck_assert_msg(fault == NULL, "%s", fault);
}
END_TEST

START_TEST(a_gateway_comes_and_goes)
{
	ck_assert_str_eq(AFTER(gateway_table, MGC_DOWN, GATEWAY_REGISTERED), "up");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_LOST), "restarting");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_LOST, GATEWAY_GRACE_OVER), "down");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_LOST, GATEWAY_RESTARTED), "up");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_GRACEFUL, GATEWAY_LEFT), "down");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_DRAIN, GATEWAY_STAYS), "up");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_OVERLOAD), "overloaded");
	ck_assert_str_eq(AFTER(gateway_table, MGC_UP, GATEWAY_OVERLOAD, GATEWAY_RELIEVED), "up");
}
END_TEST

/* Whatever it is doing, the loss of the context ends it. */
START_TEST(a_context_can_be_lost_in_every_state)
{
	for (unsigned s = 0; s < CONTEXT_GONE; s++)
		ck_assert_str_eq(AFTER(context_table, s, CONTEXT_LOSS), "gone");
}
END_TEST

START_TEST(an_order_that_is_late_is_taken_back_when_its_reply_comes)
{
	ck_assert_str_eq(AFTER(context_table, CONTEXT_IDLE, CONTEXT_APPLY, CONTEXT_DEADLINE),
			 "late");
	ck_assert_str_eq(
	    AFTER(context_table, CONTEXT_IDLE, CONTEXT_APPLY, CONTEXT_DEADLINE, CONTEXT_DONE),
	    "undoing");
}
END_TEST

/* One event a second halves the calls in two seconds; after twenty quiet ones all pass again. */
START_TEST(an_overloaded_gateway_gets_fewer_calls)
{
	struct pace p;
	int64_t now = 1000;

	pace_init(&p);
	ck_assert(pace_admits(&p, 99));
	for (int second = 0; second < 3; second++, now += 1000) {
		for (int i = 0; i < 50; i++) /* one for each call of that second */
			pace_overload(&p, now);
		ck_assert(!pace_tick(&p, now + 1000));
	}
	ck_assert_uint_eq(p.percent, 34);
	ck_assert(pace_admits(&p, 33));
	ck_assert(!pace_admits(&p, 34));
	for (int i = 0; i < 100; i++)
		pace_overload(&p, now += 1000), pace_tick(&p, now + 1000);
	ck_assert_uint_eq(p.percent, 5); /* never none: it would never be heard of again */
	for (int second = 0; p.percent < 100; second++) {
		ck_assert_int_lt(second, 25);
		pace_tick(&p, now += 1000);
	}
}
END_TEST

UNIT_MAIN("states of the controller", tables_are_whole, a_gateway_comes_and_goes,
	  a_context_can_be_lost_in_every_state,
	  an_order_that_is_late_is_taken_back_when_its_reply_comes,
	  an_overloaded_gateway_gets_fewer_calls)
