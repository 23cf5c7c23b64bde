/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_seamless_pcscf/core/connection_state.h"
#include "modules/ims_seamless_pcscf/core/subscription_state.h"

struct connection_row {
	enum pcscf_connection_state from;
	enum pcscf_connection_event event;
	enum pcscf_connection_state to;
	enum pcscf_connection_action action;
};

START_TEST(every_transition_of_a_connection_is_the_drawn_one)
{
	/* Everything that is not listed must change nothing. */
	static const struct connection_row rows[] = {
	    {PCSCF_CONN_ACTIVE, PCSCF_CONN_EV_LINGER, PCSCF_CONN_INACTIVE, PCSCF_CONN_HOLD},
	    {PCSCF_CONN_ACTIVE, PCSCF_CONN_EV_ENDED, PCSCF_CONN_DRAINING, PCSCF_CONN_DRAIN},
	    {PCSCF_CONN_ACTIVE, PCSCF_CONN_EV_SET_GONE, PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_BOUND, PCSCF_CONN_ACTIVE, PCSCF_CONN_RELEASE},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_LINGER, PCSCF_CONN_INACTIVE, PCSCF_CONN_HOLD},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_ENDED, PCSCF_CONN_DRAINING, PCSCF_CONN_DRAIN},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_SESSIONS_GONE, PCSCF_CONN_DRAINING,
	     PCSCF_CONN_DRAIN},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_DEADLINE, PCSCF_CONN_GONE, PCSCF_CONN_DROP},
	    {PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_SET_GONE, PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_BOUND, PCSCF_CONN_ACTIVE, PCSCF_CONN_RELEASE},
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_LINGER, PCSCF_CONN_INACTIVE, PCSCF_CONN_HOLD},
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_DEADLINE, PCSCF_CONN_GONE, PCSCF_CONN_DROP},
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_SET_GONE, PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	};

	for (unsigned s = 0; s < PCSCF_CONN_STATES; s++)
		for (unsigned v = 0; v < PCSCF_CONN_EVENTS; v++) {
			struct state_step got = state_step(&pcscf_connection_table, s, v);
			unsigned next = s, action = PCSCF_CONN_NOTHING;

			for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
				if (rows[i].from == s && rows[i].event == v) {
					next = rows[i].to;
					action = rows[i].action;
				}
			ck_assert_msg(got.next == next && got.action == action, "%s + %s",
				      state_name(&pcscf_connection_table, s),
				      state_event_name(&pcscf_connection_table, v));
		}
}
END_TEST

START_TEST(only_a_481_or_an_end_makes_a_new_dialog)
{
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_NO_DIALOG)
		.action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_TEMPORARY)
		.next,
	    PCSCF_SUB_ACTIVE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_REFUSED).next,
	    PCSCF_SUB_ACTIVE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_EXHAUSTED)
		.action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_ACTIVE, PCSCF_SUB_EV_RESUBSCRIBE)
		.action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_ACTIVE, PCSCF_SUB_EV_CLOSED).next,
	    PCSCF_SUB_GIVEN_UP);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_GIVEN_UP, PCSCF_SUB_EV_TIMER).action,
	    PCSCF_SUB_NOTHING);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_GIVEN_UP, PCSCF_SUB_EV_WANTED).action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(
	    state_step(&pcscf_subscription_table, PCSCF_SUB_BACKOFF, PCSCF_SUB_EV_OK).action,
	    PCSCF_SUB_NOTHING);
}
END_TEST

START_TEST(nothing_may_happen_after_the_end_and_unwanted_ends_all)
{
	for (unsigned v = 0; v < PCSCF_SUB_EVENTS; v++)
		ck_assert(!state_step(&pcscf_subscription_table, PCSCF_SUB_ENDED, v).allowed);
	for (unsigned v = 0; v < PCSCF_CONN_EVENTS; v++)
		ck_assert(!state_step(&pcscf_connection_table, PCSCF_CONN_GONE, v).allowed);
	for (unsigned s = 0; s < PCSCF_SUB_ENDED; s++)
		ck_assert_int_eq(
		    state_step(&pcscf_subscription_table, s, PCSCF_SUB_EV_UNWANTED).next,
		    PCSCF_SUB_ENDED);
	ck_assert(!state_step(&pcscf_subscription_table, 99, PCSCF_SUB_EV_OK).allowed);
}
END_TEST

START_TEST(a_timer_fires_only_where_a_connection_waits_for_its_end)
{
	ck_assert(!state_step(&pcscf_connection_table, PCSCF_CONN_ACTIVE, PCSCF_CONN_EV_DEADLINE)
		       .allowed);
	ck_assert(state_step(&pcscf_connection_table, PCSCF_CONN_INACTIVE, PCSCF_CONN_EV_DEADLINE)
		      .allowed);
}
END_TEST

START_TEST(answers_mean_what_rfc_6665_says)
{
	ck_assert_int_eq(pcscf_subscription_event_of_answer(200), PCSCF_SUB_EV_OK);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(202), PCSCF_SUB_EV_OK);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(481), PCSCF_SUB_EV_NO_DIALOG);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(403), PCSCF_SUB_EV_REFUSED);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(489), PCSCF_SUB_EV_REFUSED);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(408), PCSCF_SUB_EV_TEMPORARY);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(503), PCSCF_SUB_EV_TEMPORARY);
	ck_assert_int_eq(pcscf_subscription_event_of_answer(423), PCSCF_SUB_EV_TEMPORARY);
}
END_TEST

START_TEST(the_tables_are_sound)
{
	ck_assert_ptr_null(state_table_fault(&pcscf_connection_table, PCSCF_CONN_ACTIONS));
	ck_assert_ptr_null(state_table_fault(&pcscf_subscription_table, PCSCF_SUB_ACTIONS));
}
END_TEST

UNIT_MAIN("P-CSCF state machines", every_transition_of_a_connection_is_the_drawn_one,
	  only_a_481_or_an_end_makes_a_new_dialog,
	  nothing_may_happen_after_the_end_and_unwanted_ends_all,
	  a_timer_fires_only_where_a_connection_waits_for_its_end, answers_mean_what_rfc_6665_says,
	  the_tables_are_sound)
