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
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_DEADLINE, PCSCF_CONN_GONE, PCSCF_CONN_DROP},
	    {PCSCF_CONN_DRAINING, PCSCF_CONN_EV_SET_GONE, PCSCF_CONN_GONE, PCSCF_CONN_FORGET},
	};

	for (int s = 0; s < PCSCF_CONN_STATES; s++)
		for (int v = 0; v < PCSCF_CONN_EVENTS; v++) {
			struct pcscf_connection_step got = pcscf_connection_step(
			    (enum pcscf_connection_state)s, (enum pcscf_connection_event)v);
			struct pcscf_connection_step want = {(enum pcscf_connection_state)s,
							     PCSCF_CONN_NOTHING};

			for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
				if ((int)rows[i].from == s && (int)rows[i].event == v)
					want = (struct pcscf_connection_step){rows[i].to,
									      rows[i].action};
			ck_assert_msg(got.next == want.next && got.action == want.action, "%s + %s",
				      pcscf_connection_state_name((enum pcscf_connection_state)s),
				      pcscf_connection_event_name((enum pcscf_connection_event)v));
		}
}
END_TEST

START_TEST(only_a_481_or_an_end_makes_a_new_dialog)
{
	ck_assert_int_eq(
	    pcscf_subscription_step(PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_NO_DIALOG).action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_TEMPORARY).next,
			 PCSCF_SUB_ACTIVE);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_REFUSED).next,
			 PCSCF_SUB_ACTIVE);
	ck_assert_int_eq(
	    pcscf_subscription_step(PCSCF_SUB_REFRESHING, PCSCF_SUB_EV_EXHAUSTED).action,
	    PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_ACTIVE, PCSCF_SUB_EV_RESUBSCRIBE).action,
			 PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_ACTIVE, PCSCF_SUB_EV_CLOSED).next,
			 PCSCF_SUB_GIVEN_UP);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_GIVEN_UP, PCSCF_SUB_EV_TIMER).action,
			 PCSCF_SUB_NOTHING);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_GIVEN_UP, PCSCF_SUB_EV_WANTED).action,
			 PCSCF_SUB_SUBSCRIBE);
	ck_assert_int_eq(pcscf_subscription_step(PCSCF_SUB_BACKOFF, PCSCF_SUB_EV_OK).action,
			 PCSCF_SUB_NOTHING);
}
END_TEST

START_TEST(nothing_leaves_the_end_and_unwanted_ends_all)
{
	for (int v = 0; v < PCSCF_SUB_EVENTS; v++) {
		ck_assert_int_eq(
		    pcscf_subscription_step(PCSCF_SUB_ENDED, (enum pcscf_subscription_event)v).next,
		    PCSCF_SUB_ENDED);
		ck_assert_int_eq(
		    pcscf_subscription_step(PCSCF_SUB_ENDED, (enum pcscf_subscription_event)v)
			.action,
		    PCSCF_SUB_NOTHING);
	}
	for (int s = 0; s < PCSCF_SUB_STATES; s++)
		ck_assert_int_eq(
		    pcscf_subscription_step((enum pcscf_subscription_state)s, PCSCF_SUB_EV_UNWANTED)
			.next,
		    PCSCF_SUB_ENDED);
	ck_assert_int_eq(
	    pcscf_subscription_step((enum pcscf_subscription_state)99, PCSCF_SUB_EV_OK).action,
	    PCSCF_SUB_NOTHING);
	ck_assert_int_eq(
	    pcscf_connection_step(PCSCF_CONN_ACTIVE, (enum pcscf_connection_event)99).action,
	    PCSCF_CONN_NOTHING);
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

START_TEST(states_and_events_have_names_of_their_own)
{
	for (int a = 0; a < PCSCF_CONN_STATES; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(
			    pcscf_connection_state_name((enum pcscf_connection_state)a),
			    pcscf_connection_state_name((enum pcscf_connection_state)b));
	for (int a = 0; a < PCSCF_SUB_EVENTS; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(
			    pcscf_subscription_event_name((enum pcscf_subscription_event)a),
			    pcscf_subscription_event_name((enum pcscf_subscription_event)b));
	for (int a = 0; a < PCSCF_SUB_STATES; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(
			    pcscf_subscription_state_name((enum pcscf_subscription_state)a),
			    pcscf_subscription_state_name((enum pcscf_subscription_state)b));
	ck_assert_str_eq(pcscf_connection_event_name((enum pcscf_connection_event)77), "?");
	ck_assert_str_eq(pcscf_subscription_state_name((enum pcscf_subscription_state)77), "?");
}
END_TEST

UNIT_MAIN("P-CSCF state machines", every_transition_of_a_connection_is_the_drawn_one,
	  only_a_481_or_an_end_makes_a_new_dialog, nothing_leaves_the_end_and_unwanted_ends_all,
	  answers_mean_what_rfc_6665_says, states_and_events_have_names_of_their_own)
