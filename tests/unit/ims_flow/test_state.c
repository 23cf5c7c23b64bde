/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both state tables, transition by transition: what is not listed here must be forbidden. */
#include "unit/unit.h"
#include "modules/ims_flow/core/sa_state.h"

#include <string.h>

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
			ck_assert_msg(flow_sa_next((enum sa_state)s, (enum sa_event)e) == want,
				      "%s + %s", flow_sa_state_name(s), flow_sa_event_name(e));
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
			ck_assert_msg(flow_next((enum flow_state)s, (enum flow_event)e) == want,
				      "%s + %s", flow_state_name(s), flow_event_name(e));
		}
}
END_TEST

START_TEST(everything_has_a_name)
{
	for (int i = 0; i < SA_STATES; i++)
		ck_assert_str_ne(flow_sa_state_name(i), "unknown");
	for (int i = 0; i < SA_EVENTS; i++)
		ck_assert_str_ne(flow_sa_event_name(i), "unknown");
	for (int i = 0; i < FLOW_STATES; i++)
		ck_assert_str_ne(flow_state_name(i), "unknown");
	for (int i = 0; i < FLOW_EVENTS; i++)
		ck_assert_str_ne(flow_event_name(i), "unknown");
	ck_assert_str_eq(flow_sa_state_name(SA_STATES), "unknown");
	ck_assert_str_eq(flow_event_name(-1), "unknown");
}
END_TEST

UNIT_MAIN("flow state", sa_sets_move_as_drawn, flow_sets_move_as_drawn, everything_has_a_name)
