/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state tables: whole, and what must not happen. */
#include "h248/association/association_state.h"
#include "h248/transaction/incoming_state.h"
#include "unit/unit.h"

START_TEST(tables_have_no_fault)
{
	ck_assert_ptr_null(state_table_fault(&incoming_states, INCOMING_ACTIONS));
	ck_assert_str_eq(h248_state_name(H248_LEAVING), "leaving");
	ck_assert_str_eq(h248_state_name((enum h248_state)99), "?");
}
END_TEST

START_TEST(what_must_not_happen_changes_nothing)
{
	ck_assert(!state_step(&mg_states, H248_IDLE, MG_EV_ACCEPTED).allowed);
	ck_assert(!state_step(&mg_states, H248_WAITING, MG_EV_GRACEFUL).allowed);
	ck_assert(!state_step(&mg_states, H248_LOST, MG_EV_REGISTER).allowed); /* an MGC's */
	ck_assert(!state_step(&mgc_states, H248_IDLE, MGC_EV_GRACEFUL).allowed);
	ck_assert(!state_step(&mgc_states, H248_LOST, MGC_EV_LEFT).allowed);
	ck_assert(!state_step(&mgc_states, H248_WAITING, MGC_EV_REGISTERED).allowed); /* an MG's */
	ck_assert(!state_step(&incoming_states, INCOMING_ANSWERED, INCOMING_EV_REPLY).allowed);
	ck_assert(state_step(&incoming_states, INCOMING_CONFIRMED, INCOMING_EV_ACK).allowed);
}
END_TEST

/* Both ends go through a whole life in step. */
START_TEST(the_two_ends_agree)
{
	static const struct {
		enum mg_event mg;
		enum mgc_event mgc;
		enum h248_state both;
	} life[] = {
	    {MG_EV_ACCEPTED, MGC_EV_REGISTERED, H248_ACTIVE},
	    {MG_EV_GRACEFUL, MGC_EV_GRACEFUL, H248_LEAVING},
	    {MG_EV_STAY, MGC_EV_STAYS, H248_ACTIVE},
	    {MG_EV_LEFT, MGC_EV_LEFT, H248_IDLE},
	};
	unsigned mg = H248_REGISTERING, mgc = H248_IDLE;

	for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
		struct state_step a = state_step(&mg_states, mg, life[i].mg),
				  b = state_step(&mgc_states, mgc, life[i].mgc);

		ck_assert(a.allowed && b.allowed);
		mg = a.next;
		mgc = b.next;
		ck_assert_uint_eq(mg, life[i].both);
		ck_assert_uint_eq(mgc, life[i].both);
	}
}
END_TEST

UNIT_MAIN("h248 states", tables_have_no_fault, what_must_not_happen_changes_nothing,
	  the_two_ends_agree)
