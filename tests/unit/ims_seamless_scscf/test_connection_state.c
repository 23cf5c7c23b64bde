/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/connection_state.h"
#include "unit/unit.h"

#include <string.h>

/* Every transition that is allowed; all others must be forbidden and keep the state. */
static const struct {
	enum connection_state from;
	enum connection_event event;
	enum connection_state to;
	enum connection_action action;
} allowed[] = {
    {CONNECTION_NONE, CONNECTION_BIND, CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
    {CONNECTION_NONE, CONNECTION_DROP, CONNECTION_TERMINATED, CONNECTION_REMOVE},
    {CONNECTION_ACTIVE, CONNECTION_BIND, CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
    {CONNECTION_ACTIVE, CONNECTION_UNBIND_IDLE, CONNECTION_TERMINATED, CONNECTION_REMOVE},
    {CONNECTION_ACTIVE, CONNECTION_UNBIND_BUSY, CONNECTION_INACTIVE, CONNECTION_START_LINGER},
    {CONNECTION_ACTIVE, CONNECTION_SESSIONS_GONE, CONNECTION_ACTIVE, CONNECTION_DO_NOTHING},
    {CONNECTION_ACTIVE, CONNECTION_DROP, CONNECTION_TERMINATED, CONNECTION_RELEASE_AND_REMOVE},
    {CONNECTION_INACTIVE, CONNECTION_BIND, CONNECTION_ACTIVE, CONNECTION_STOP_LINGER},
    {CONNECTION_INACTIVE, CONNECTION_SESSIONS_GONE, CONNECTION_TERMINATED, CONNECTION_REMOVE},
    {CONNECTION_INACTIVE, CONNECTION_LINGER_END, CONNECTION_TERMINATED,
     CONNECTION_RELEASE_AND_REMOVE},
    {CONNECTION_INACTIVE, CONNECTION_DROP, CONNECTION_TERMINATED, CONNECTION_RELEASE_AND_REMOVE},
};

START_TEST(every_pair_of_state_and_event)
{
	size_t seen = 0;

	for (int s = 0; s < CONNECTION_STATES; s++) {
		for (int e = 0; e < CONNECTION_EVENTS; e++) {
			struct connection_transition t = connection_transition(
			    (enum connection_state)s, (enum connection_event)e);
			size_t i = 0;

			while (i < sizeof(allowed) / sizeof(allowed[0]) &&
			       ((int)allowed[i].from != s || (int)allowed[i].event != e))
				i++;
			if (i == sizeof(allowed) / sizeof(allowed[0])) {
				ck_assert_int_eq(t.action, CONNECTION_FORBIDDEN);
				ck_assert_int_eq((int)t.to, s);
			} else {
				ck_assert_int_eq(t.action, allowed[i].action);
				ck_assert_int_eq(t.to, allowed[i].to);
				seen++;
			}
		}
	}
	ck_assert_uint_eq(seen, sizeof(allowed) / sizeof(allowed[0]));
}
END_TEST

START_TEST(names_and_bounds)
{
	ck_assert_str_eq(connection_state_name(CONNECTION_INACTIVE), "inactive");
	ck_assert_str_eq(connection_event_name(CONNECTION_LINGER_END), "linger end");
	ck_assert_str_eq(connection_state_name((enum connection_state)77), "?");
	ck_assert_int_eq(connection_transition((enum connection_state)77, CONNECTION_BIND).action,
			 CONNECTION_FORBIDDEN);
}
END_TEST

UNIT_MAIN("connection state", every_pair_of_state_and_event, names_and_bounds)
