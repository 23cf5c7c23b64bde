/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state machine as a table: the one shape of every machine of this project. A row [state][event]
 * says which state comes next and what the caller has to do. A row that is not written means that
 * the event must not happen in this state: the machine stays, nothing is done, and the caller can
 * tell (state_step.allowed). "The event may come and changes nothing" is written: STATE_STAY.
 *
 *	static const struct state_row rows[DOOR_STATES][DOOR_EVENTS] = {
 *		[DOOR_SHUT][DOOR_EV_PUSH] = STATE_GO(DOOR_OPEN, DOOR_RING),
 *		[DOOR_OPEN][DOOR_EV_PUSH] = STATE_STAY,
 *		[DOOR_OPEN][DOOR_EV_WIND] = STATE_DO(DOOR_RING),
 *	};
 *	static const char *const states[DOOR_STATES] = {"shut", "open"};
 *	static const char *const events[DOOR_EVENTS] = {"push", "wind"};
 *	const struct state_table door_table = STATE_TABLE("door", rows, states, events);
 *
 * States, events and actions are enums that begin at 0; action 0 is "nothing".
 */
#ifndef BASE_STATE_TABLE_H
#define BASE_STATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_row {
	uint8_t kind; /* enum state_row_kind; 0 where nothing is written */
	uint8_t next, action;
};

enum state_row_kind { STATE_ROW_NONE = 0, STATE_ROW_GO, STATE_ROW_STAY };

#define STATE_GO(next_state, its_action)                                                           \
	{                                                                                          \
		STATE_ROW_GO, (next_state), (its_action)                                           \
	}
#define STATE_DO(its_action)                                                                       \
	{                                                                                          \
		STATE_ROW_STAY, 0, (its_action)                                                    \
	}
#define STATE_STAY                                                                                 \
	{                                                                                          \
		STATE_ROW_STAY, 0, 0                                                               \
	}

struct state_table {
	const char *label; /* of the machine, for logs */
	uint8_t states, events;
	const struct state_row *rows; /* states * events */
	const char *const *state_names;
	const char *const *event_names;
};

/* rows is an array [states][events]; the arrays of names have one entry each. */
#define STATE_TABLE(its_label, rows, state_names, event_names)                                     \
	{                                                                                          \
		its_label, sizeof(rows) / sizeof((rows)[0]),                                       \
		    sizeof((rows)[0]) / sizeof((rows)[0][0]), &(rows)[0][0], state_names,          \
		    event_names                                                                    \
	}

struct state_step {
	bool allowed; /* false: this event must not happen in this state; then next is the state */
	uint8_t next, action;
};

/* What event means in state. Values out of range are not allowed, either. */
static inline struct state_step state_step(const struct state_table *t, unsigned state,
					   unsigned event)
{
	struct state_step s = {false, (uint8_t)state, 0};
	const struct state_row *row;

	if (state >= t->states || event >= t->events)
		return s;
	row = &t->rows[state * t->events + event];
	if (row->kind == STATE_ROW_NONE)
		return s;
	s.allowed = true;
	s.action = row->action;
	if (row->kind == STATE_ROW_GO)
		s.next = row->next;
	return s;
}

/* Names for logs and RPC; "?" out of range, never NULL. */
static inline const char *state_name(const struct state_table *t, unsigned state)
{
	return state < t->states ? t->state_names[state] : "?";
}

static inline const char *state_event_name(const struct state_table *t, unsigned event)
{
	return event < t->events ? t->event_names[event] : "?";
}

/*
 * For unit tests: what is wrong with the table (a name is missing or stands there twice, a row leads
 * to no state, a state is never left and never entered), or NULL. actions: how many there are.
 */
const char *state_table_fault(const struct state_table *t, unsigned actions);

#endif
