/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Events descriptor of a termination: taken, printed, asked. */
#ifndef AGW_CONTROL_EVENTS_H
#define AGW_CONTROL_EVENTS_H

#include "agw/control/items.h"

/*
 * Replace what is armed by a whole Events descriptor. "pkg/" and "*" arm what the package has,
 * and "*" and "*" everything. 0 or an error code with *why; the termination's events are undefined
 * then.
 */
unsigned events_take(struct termination *t, const struct h248_events *events,
		     const struct config *cfg, const char **why, int64_t now_ms);
/* For AuditValue: what is in force. */
void events_print(const struct termination *t, struct h248_arena *a, struct h248_command *reply);

/* The armed event of that kind that is for this stream; NULL: none is. */
const struct armed_event *events_armed(const struct termination *t, enum event_kind kind,
				       uint16_t stream);
/* The heartbeat, if it is armed, counts anew from now. */
void events_heartbeat_again(struct termination *t, int64_t now_ms);

#endif
