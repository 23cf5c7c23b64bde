/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/call_state.h"
#include "modules/ims_vcc/core/registration_state.h"
#include "modules/ims_vcc/core/watch_state.h"
#include "unit/unit.h"

START_TEST(tables_are_whole)
{
	ck_assert_ptr_eq(state_table_fault(&vcc_registration_table, VCC_REG_ACTIONS), NULL);
	ck_assert_ptr_eq(state_table_fault(&vcc_watch_table, VCC_WATCH_ACTIONS), NULL);
	ck_assert_ptr_eq(state_table_fault(&vcc_call_table, VCC_CALL_ACTIONS), NULL);
}
END_TEST

/* Whatever the state, a third-party REGISTER makes a user registered, and the absence of all contacts ends it. */
START_TEST(each_source_can_begin_and_end_a_registration)
{
	for (unsigned s = 0; s < VCC_REG_STATES; s++) {
		struct state_step told = state_step(&vcc_registration_table, s, VCC_REG_EV_TOLD);
		struct state_step none =
		    state_step(&vcc_registration_table, s, VCC_REG_EV_NO_CONTACT);

		ck_assert(told.allowed);
		ck_assert_uint_eq(told.next, VCC_REG_REGISTERED);
		ck_assert_uint_eq(told.action == VCC_REG_DO_BEGIN,
				  s == VCC_REG_FREE || s == VCC_REG_GONE);
		if (s == VCC_REG_FREE)
			continue;
		ck_assert_uint_eq(none.next, VCC_REG_GONE);
		ck_assert_uint_eq(none.action == VCC_REG_DO_END, s != VCC_REG_GONE);
	}
}
END_TEST

/* An end that was told is not the end while somebody can be asked. */
START_TEST(an_end_is_doubted_first)
{
	struct state_step s =
	    state_step(&vcc_registration_table, VCC_REG_REGISTERED, VCC_REG_EV_ENDED);

	ck_assert_uint_eq(s.next, VCC_REG_DOUBTFUL);
	ck_assert_uint_eq(s.action, VCC_REG_DO_ASK);
	s = state_step(&vcc_registration_table, VCC_REG_DOUBTFUL, VCC_REG_EV_ALIVE);
	ck_assert_uint_eq(s.next, VCC_REG_REGISTERED);
	s = state_step(&vcc_registration_table, VCC_REG_REGISTERED, VCC_REG_EV_ENDED_ALL);
	ck_assert_uint_eq(s.next, VCC_REG_GONE);
}
END_TEST

UNIT_MAIN("ims_vcc states", tables_are_whole, each_source_can_begin_and_end_a_registration,
	  an_end_is_doubted_first)
