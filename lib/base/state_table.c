/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/state_table.h"

#include <string.h>

static bool names_differ(const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!names[i] || !*names[i])
			return false;
		for (unsigned j = 0; j < i; j++)
			if (strcmp(names[i], names[j]) == 0)
				return false;
	}
	return true;
}

/* Does any row lead from or to this state? */
static bool in_use(const struct state_table *t, unsigned state)
{
	for (unsigned i = 0; i < (unsigned)t->states * t->events; i++) {
		const struct state_row *row = &t->rows[i];

		if (row->kind == STATE_ROW_GO && (i / t->events == state || row->next == state))
			return true;
	}
	return false;
}

const char *state_table_fault(const struct state_table *t, unsigned actions)
{
	if (!names_differ(t->state_names, t->states))
		return "a state's name is missing or stands there twice";
	if (!names_differ(t->event_names, t->events))
		return "an event's name is missing or stands there twice";
	for (unsigned i = 0; i < (unsigned)t->states * t->events; i++) {
		const struct state_row *row = &t->rows[i];

		if (row->kind > STATE_ROW_STAY || row->next >= t->states)
			return "a row leads to no state";
		if (row->action >= actions)
			return "a row names no action";
	}
	for (unsigned s = 0; s < t->states; s++)
		if (!in_use(t, s))
			return "no row leads from or to a state";
	return NULL;
}
