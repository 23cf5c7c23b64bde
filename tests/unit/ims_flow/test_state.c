/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both state tables, transition by transition: what is not listed here must be forbidden. */
#include "unit/unit.h"
#include "modules/ims_flow/core/sa_state.h"

#include <string.h>

/* want: the state that follows, or -1: the event must not happen. */
static void check_step(const struct state_table *t, int state, int event, int want)
{
	struct state_step step = state_step(t, (unsigned)state, (unsigned)event);

	ck_assert_msg(step.allowed == (want >= 0) && (want < 0 || step.next == want), "%s + %s",
		      state_name(t, (unsigned)state), state_event_name(t, (unsigned)event));
}

START_TEST(sa_sets_move_as_drawn)
{
	static const struct {
		enum sa_state from;
		enum sa_event event;
		enum sa_state to;
	} allowed[] = {
	    {SA_FREE, SA_EV_CHALLENGED, SA_TEMPORARY},
	    {SA_TEMPORARY, SA_EV_RECHALLENGED, SA_FREE},
	    {SA_TEMPORARY, SA_EV_ACCEPTED, SA_IN_USE},
	    {SA_TEMPORARY, SA_EV_ACCEPTED_BESIDE, SA_NEW},
	    {SA_TEMPORARY, SA_EV_REFUSED, SA_OLD},
	    {SA_TEMPORARY, SA_EV_USED, SA_TEMPORARY},
	    {SA_TEMPORARY, SA_EV_SUPERSEDED, SA_TEMPORARY},
	    {SA_TEMPORARY, SA_EV_OVER, SA_FREE},
	    {SA_NEW, SA_EV_ACCEPTED, SA_IN_USE},
	    {SA_NEW, SA_EV_USED, SA_IN_USE},
	    {SA_NEW, SA_EV_SUPERSEDED, SA_FREE},
	    {SA_NEW, SA_EV_OVER, SA_FREE},
	    {SA_IN_USE, SA_EV_ACCEPTED, SA_IN_USE},
	    {SA_IN_USE, SA_EV_USED, SA_IN_USE},
	    {SA_IN_USE, SA_EV_SUPERSEDED, SA_OLD},
	    {SA_IN_USE, SA_EV_OVER, SA_FREE},
	    {SA_OLD, SA_EV_ACCEPTED, SA_OLD},
	    {SA_OLD, SA_EV_REFUSED, SA_OLD},
	    {SA_OLD, SA_EV_USED, SA_OLD},
	    {SA_OLD, SA_EV_SUPERSEDED, SA_FREE},
	    {SA_OLD, SA_EV_OVER, SA_FREE},
	};

	for (int s = -1; s <= SA_STATES; s++)
		for (int e = -1; e <= SA_EVENTS; e++) {
			int want = -1;

			for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
				if ((int)allowed[i].from == s && (int)allowed[i].event == e)
					want = (int)allowed[i].to;
			check_step(&flow_sa_table, s, e, want);
		}
}
END_TEST

START_TEST(flow_sets_move_as_drawn)
{
	static const struct {
		enum flow_state from;
		enum flow_event event;
		enum flow_state to;
	} allowed[] = {
	    {FLOW_FREE, FLOW_EVENT_CHALLENGED, FLOW_PENDING},
	    {FLOW_FREE, FLOW_EVENT_ACCEPTED, FLOW_ACTIVE},
	    {FLOW_PENDING, FLOW_EVENT_CHALLENGED, FLOW_PENDING},
	    {FLOW_PENDING, FLOW_EVENT_ACCEPTED, FLOW_ACTIVE},
	    {FLOW_PENDING, FLOW_EVENT_REFUSED, FLOW_CLOSING},
	    {FLOW_PENDING, FLOW_EVENT_DROPPED, FLOW_CLOSING},
	    {FLOW_PENDING, FLOW_EVENT_LAPSED, FLOW_FREE},
	    {FLOW_ACTIVE, FLOW_EVENT_CHALLENGED, FLOW_ACTIVE},
	    {FLOW_ACTIVE, FLOW_EVENT_ACCEPTED, FLOW_ACTIVE},
	    {FLOW_ACTIVE, FLOW_EVENT_REFUSED, FLOW_ACTIVE},
	    {FLOW_ACTIVE, FLOW_EVENT_ENDED, FLOW_CLOSING},
	    {FLOW_ACTIVE, FLOW_EVENT_ENDED_HELD, FLOW_HELD},
	    {FLOW_ACTIVE, FLOW_EVENT_DROPPED, FLOW_CLOSING},
	    {FLOW_HELD, FLOW_EVENT_CHALLENGED, FLOW_HELD},
	    {FLOW_HELD, FLOW_EVENT_ACCEPTED, FLOW_ACTIVE},
	    {FLOW_HELD, FLOW_EVENT_REFUSED, FLOW_HELD},
	    {FLOW_HELD, FLOW_EVENT_ENDED, FLOW_CLOSING},
	    {FLOW_HELD, FLOW_EVENT_ENDED_HELD, FLOW_HELD},
	    {FLOW_HELD, FLOW_EVENT_DROPPED, FLOW_CLOSING},
	    {FLOW_CLOSING, FLOW_EVENT_ACCEPTED, FLOW_ACTIVE},
	    {FLOW_CLOSING, FLOW_EVENT_REFUSED, FLOW_CLOSING},
	    {FLOW_CLOSING, FLOW_EVENT_DROPPED, FLOW_CLOSING},
	    {FLOW_CLOSING, FLOW_EVENT_LAPSED, FLOW_FREE},
	};

	for (int s = -1; s <= FLOW_STATES; s++)
		for (int e = -1; e <= FLOW_EVENTS; e++) {
			int want = -1;

			for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
				if ((int)allowed[i].from == s && (int)allowed[i].event == e)
					want = (int)allowed[i].to;
			check_step(&flow_set_table, s, e, want);
		}
}
END_TEST

START_TEST(both_tables_are_whole)
{
	ck_assert_ptr_null(state_table_fault(&flow_sa_table, 1));
	ck_assert_ptr_null(state_table_fault(&flow_set_table, 1));
}
END_TEST

UNIT_MAIN("flow state", sa_sets_move_as_drawn, flow_sets_move_as_drawn, both_tables_are_whole)
