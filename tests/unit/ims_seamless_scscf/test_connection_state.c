/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "unit/unit.h"

#include <string.h>

/* Every transition that is allowed; all others must be forbidden and keep the state. */
static const struct {
	enum scscf_connection_state from;
	enum scscf_connection_event event;
	enum scscf_connection_state to;
	enum scscf_connection_action action;
} allowed[] = {
    {SCSCF_CONNECTION_NONE, SCSCF_CONNECTION_BIND, SCSCF_CONNECTION_ACTIVE,
     SCSCF_CONNECTION_DO_NOTHING},
    {SCSCF_CONNECTION_NONE, SCSCF_CONNECTION_DROP, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_REMOVE},
    {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_BIND, SCSCF_CONNECTION_ACTIVE,
     SCSCF_CONNECTION_DO_NOTHING},
    {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_UNBIND_IDLE, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_REMOVE},
    {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_UNBIND_BUSY, SCSCF_CONNECTION_INACTIVE,
     SCSCF_CONNECTION_START_LINGER},
    {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_SESSIONS_GONE, SCSCF_CONNECTION_ACTIVE,
     SCSCF_CONNECTION_DO_NOTHING},
    {SCSCF_CONNECTION_ACTIVE, SCSCF_CONNECTION_DROP, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_RELEASE_AND_REMOVE},
    {SCSCF_CONNECTION_INACTIVE, SCSCF_CONNECTION_BIND, SCSCF_CONNECTION_ACTIVE,
     SCSCF_CONNECTION_STOP_LINGER},
    {SCSCF_CONNECTION_INACTIVE, SCSCF_CONNECTION_SESSIONS_GONE, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_REMOVE},
    {SCSCF_CONNECTION_INACTIVE, SCSCF_CONNECTION_LINGER_END, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_RELEASE_AND_REMOVE},
    {SCSCF_CONNECTION_INACTIVE, SCSCF_CONNECTION_DROP, SCSCF_CONNECTION_TERMINATED,
     SCSCF_CONNECTION_RELEASE_AND_REMOVE},
};

START_TEST(every_pair_of_state_and_event)
{
	const size_t n = sizeof(allowed) / sizeof(allowed[0]);
	size_t seen = 0;

	for (int s = 0; s < SCSCF_CONNECTION_STATES; s++) {
		for (int e = 0; e < SCSCF_CONNECTION_EVENTS; e++) {
			struct state_step t =
			    state_step(&scscf_connection_table, (unsigned)s, (unsigned)e);
			size_t i = 0;

			while (i < n && ((int)allowed[i].from != s || (int)allowed[i].event != e))
				i++;
			ck_assert_int_eq(t.allowed, i < n);
			if (i == n) {
				ck_assert_int_eq(t.next, s);
				continue;
			}
			ck_assert_int_eq(t.action, (int)allowed[i].action);
			ck_assert_int_eq(t.next, (int)allowed[i].to);
			seen++;
		}
	}
	ck_assert_uint_eq(seen, n);
}
END_TEST

START_TEST(the_table_has_no_fault)
{
	const char *fault = state_table_fault(&scscf_connection_table, SCSCF_CONNECTION_ACTIONS);

	ck_assert_msg(!fault, "%s", fault);
	ck_assert_str_eq(scscf_connection_state_name(SCSCF_CONNECTION_INACTIVE), "inactive");
	ck_assert_str_eq(scscf_connection_state_name((enum scscf_connection_state)77), "?");
}
END_TEST

UNIT_MAIN("connection_state", every_pair_of_state_and_event, the_table_has_no_fault)
