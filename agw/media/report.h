/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What workers tell the control thread. Private to agw/media. */
#ifndef AGW_MEDIA_REPORT_H
#define AGW_MEDIA_REPORT_H

#include <stdbool.h>
#include "agw/media/mailbox.h"
#include "agw/media/media.h"

struct worker;

enum { REPORT_MS = 5 }; /* how long a report may wait for others: each waking of control costs */

/* closed: the leg is let go, the event itself means nothing. */
struct report {
	struct mail mail; /* first */
	bool closed;
	struct media_event event;
};

/* Tell control of an event of leg. addr may be NULL. Without memory the event is lost. */
void report_event(struct media_leg *leg, enum media_event_type type, int error,
		  enum media_tls_cause cause, const struct netaddr *addr);

/* Tell control that the worker has let go of leg: waits for memory, because ports hang on it. */
void report_closed(struct worker *w, struct media_leg *leg);

/* Hand over what waits. */
void report_send(struct worker *w);

#endif
