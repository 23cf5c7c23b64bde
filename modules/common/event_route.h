/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_route[...] of the cfg, or of a KEMI script. */
#ifndef KAM_EVENT_ROUTE_H
#define KAM_EVENT_ROUTE_H

#include <stdbool.h>

#include "../../core/str.h"

#include "base/slice.h"

struct kam_event_route {
	str name;
	int index; /* in event_rt; -1: not in the cfg */
};

/*
 * Look for the route under its name, else under its old one (NULL: it has none). To be called in
 * mod_init, or later, before the first kam_event_route_run(). 0, or -1 without memory (logged).
 */
int kam_event_route_find(struct kam_event_route *r, const char *name, const char *old);
/* Run it, with a request that Kamailio makes up. False: there is none, or it could not be run. */
bool kam_event_route_run(const struct kam_event_route *r);
/*
 * The same with this request (all of it, as it would be received). It is only looked at: there is no
 * transaction, and nobody waits for an answer. False also if it cannot be parsed.
 */
bool kam_event_route_run_with(const struct kam_event_route *r, struct slice request);
/* Is there anything to run? */
bool kam_event_route_there(const struct kam_event_route *r);

#endif
