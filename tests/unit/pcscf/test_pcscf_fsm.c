/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "modules/ims_seamless_pcscf/connection_fsm.h"
#include "modules/ims_seamless_pcscf/watch_fsm.h"

struct connection_row {
	enum connection_state from;
	enum connection_event event;
	enum connection_state to;
	enum connection_action action;
};

START_TEST(every_transition_of_a_connection_is_the_drawn_one)
{
	/* Everything that is not listed must change nothing. */
	static const struct connection_row rows[] = {
	    {CONNECTION_ACTIVE, CONNECTION_EV_LINGER, CONNECTION_INACTIVE, CONNECTION_HOLD},
	    {CONNECTION_ACTIVE, CONNECTION_EV_ENDED, CONNECTION_DRAINING, CONNECTION_DRAIN},
	    {CONNECTION_ACTIVE, CONNECTION_EV_SET_GONE, CONNECTION_GONE, CONNECTION_FORGET},
	    {CONNECTION_INACTIVE, CONNECTION_EV_BOUND, CONNECTION_ACTIVE, CONNECTION_RELEASE},
	    {CONNECTION_INACTIVE, CONNECTION_EV_LINGER, CONNECTION_INACTIVE, CONNECTION_HOLD},
	    {CONNECTION_INACTIVE, CONNECTION_EV_ENDED, CONNECTION_DRAINING, CONNECTION_DRAIN},
	    {CONNECTION_INACTIVE, CONNECTION_EV_SESSIONS_GONE, CONNECTION_DRAINING,
	     CONNECTION_DRAIN},
	    {CONNECTION_INACTIVE, CONNECTION_EV_DEADLINE, CONNECTION_GONE, CONNECTION_DROP},
	    {CONNECTION_INACTIVE, CONNECTION_EV_SET_GONE, CONNECTION_GONE, CONNECTION_FORGET},
	    {CONNECTION_DRAINING, CONNECTION_EV_BOUND, CONNECTION_ACTIVE, CONNECTION_RELEASE},
	    {CONNECTION_DRAINING, CONNECTION_EV_DEADLINE, CONNECTION_GONE, CONNECTION_DROP},
	    {CONNECTION_DRAINING, CONNECTION_EV_SET_GONE, CONNECTION_GONE, CONNECTION_FORGET},
	};

	for (int s = 0; s < CONNECTION_STATES; s++)
		for (int v = 0; v < CONNECTION_EVENTS; v++) {
			struct connection_step got =
			    connection_step((enum connection_state)s, (enum connection_event)v);
			struct connection_step want = {(enum connection_state)s,
						       CONNECTION_NOTHING};

			for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
				if ((int)rows[i].from == s && (int)rows[i].event == v)
					want = (struct connection_step){rows[i].to, rows[i].action};
			ck_assert_msg(got.next == want.next && got.action == want.action, "%s + %s",
				      connection_state_name((enum connection_state)s),
				      connection_event_name((enum connection_event)v));
		}
}
END_TEST

START_TEST(only_a_481_or_an_end_makes_a_new_dialog)
{
	ck_assert_int_eq(watch_step(WATCH_REFRESHING, WATCH_EV_NO_DIALOG).action, WATCH_SUBSCRIBE);
	ck_assert_int_eq(watch_step(WATCH_REFRESHING, WATCH_EV_TEMPORARY).next, WATCH_ACTIVE);
	ck_assert_int_eq(watch_step(WATCH_REFRESHING, WATCH_EV_REFUSED).next, WATCH_ACTIVE);
	ck_assert_int_eq(watch_step(WATCH_REFRESHING, WATCH_EV_EXHAUSTED).action, WATCH_SUBSCRIBE);
	ck_assert_int_eq(watch_step(WATCH_ACTIVE, WATCH_EV_RESUBSCRIBE).action, WATCH_SUBSCRIBE);
	ck_assert_int_eq(watch_step(WATCH_ACTIVE, WATCH_EV_CLOSED).next, WATCH_GIVEN_UP);
	ck_assert_int_eq(watch_step(WATCH_GIVEN_UP, WATCH_EV_TIMER).action, WATCH_NOTHING);
	ck_assert_int_eq(watch_step(WATCH_GIVEN_UP, WATCH_EV_WANTED).action, WATCH_SUBSCRIBE);
	ck_assert_int_eq(watch_step(WATCH_BACKOFF, WATCH_EV_OK).action, WATCH_NOTHING);
}
END_TEST

START_TEST(nothing_leaves_the_end_and_unwanted_ends_all)
{
	for (int v = 0; v < WATCH_EVENTS; v++) {
		ck_assert_int_eq(watch_step(WATCH_ENDED, (enum watch_event)v).next, WATCH_ENDED);
		ck_assert_int_eq(watch_step(WATCH_ENDED, (enum watch_event)v).action,
				 WATCH_NOTHING);
	}
	for (int s = 0; s < WATCH_STATES; s++)
		ck_assert_int_eq(watch_step((enum watch_state)s, WATCH_EV_UNWANTED).next,
				 WATCH_ENDED);
	ck_assert_int_eq(watch_step((enum watch_state)99, WATCH_EV_OK).action, WATCH_NOTHING);
	ck_assert_int_eq(connection_step(CONNECTION_ACTIVE, (enum connection_event)99).action,
			 CONNECTION_NOTHING);
}
END_TEST

START_TEST(answers_mean_what_rfc_6665_says)
{
	ck_assert_int_eq(watch_event_of_answer(200), WATCH_EV_OK);
	ck_assert_int_eq(watch_event_of_answer(202), WATCH_EV_OK);
	ck_assert_int_eq(watch_event_of_answer(481), WATCH_EV_NO_DIALOG);
	ck_assert_int_eq(watch_event_of_answer(403), WATCH_EV_REFUSED);
	ck_assert_int_eq(watch_event_of_answer(489), WATCH_EV_REFUSED);
	ck_assert_int_eq(watch_event_of_answer(408), WATCH_EV_TEMPORARY);
	ck_assert_int_eq(watch_event_of_answer(503), WATCH_EV_TEMPORARY);
	ck_assert_int_eq(watch_event_of_answer(423), WATCH_EV_TEMPORARY);
}
END_TEST

START_TEST(states_and_events_have_names_of_their_own)
{
	for (int a = 0; a < CONNECTION_STATES; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(connection_state_name((enum connection_state)a),
					 connection_state_name((enum connection_state)b));
	for (int a = 0; a < WATCH_EVENTS; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(watch_event_name((enum watch_event)a),
					 watch_event_name((enum watch_event)b));
	for (int a = 0; a < WATCH_STATES; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(watch_state_name((enum watch_state)a),
					 watch_state_name((enum watch_state)b));
	ck_assert_str_eq(connection_event_name((enum connection_event)77), "?");
	ck_assert_str_eq(watch_state_name((enum watch_state)77), "?");
}
END_TEST

UNIT_MAIN("P-CSCF state machines", every_transition_of_a_connection_is_the_drawn_one,
	  only_a_481_or_an_end_makes_a_new_dialog, nothing_leaves_the_end_and_unwanted_ends_all,
	  answers_mean_what_rfc_6665_says, states_and_events_have_names_of_their_own)
