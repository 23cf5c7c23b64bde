/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every core and library in one program, linked whole: no two of them have a name of the same kind.
 * And every state machine of the project is a table without fault.
 */
#include "agw/media/conn_state.h"
#include "h248/association/association_state.h"
#include "h248/transaction/incoming_state.h"
#include "modules/ims_flow/core/sa_state.h"
#include "modules/ims_seamless_pcscf/core/connection_state.h"
#include "modules/ims_seamless_pcscf/core/subscription_state.h"
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "unit/unit.h"

#include <string.h>

static void check_table(const struct state_table *t)
{
	const char *fault = state_table_fault(t, UINT8_MAX);

	ck_assert_msg(!fault, "%s: %s", t->label, fault);
}

START_TEST(no_state_machine_has_a_fault)
{
	check_table(&scscf_connection_table);
	check_table(&pcscf_connection_table);
	check_table(&pcscf_subscription_table);
	check_table(&flow_sa_table);
	check_table(&flow_set_table);
	check_table(&conn_state_table);
	check_table(&incoming_states);
}
END_TEST

/* Both ends of an association share their states; each end is never in some of them. */
START_TEST(every_state_of_an_association_is_some_end_s)
{
	for (unsigned s = 0; s < mg_states.states; s++) {
		bool used = false;

		for (unsigned e = 0; e < mg_states.events; e++)
			used |= state_step(&mg_states, s, e).allowed;
		for (unsigned e = 0; e < mgc_states.events; e++)
			used |= state_step(&mgc_states, s, e).allowed;
		ck_assert_msg(used, "%s", state_name(&mg_states, s));
		ck_assert_str_eq(state_name(&mg_states, s), state_name(&mgc_states, s));
	}
}
END_TEST

UNIT_MAIN("all cores", no_state_machine_has_a_fault, every_state_of_an_association_is_some_end_s)
