/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_route[vcc:registered] and event_route[vcc:deregistered]. */
#include "modules/ims_vcc/vcc.h"

#include "modules/common/event_route.h"

static struct kam_event_route registered, deregistered;
uint64_t vcc_event_user;
const char *vcc_event_cause;

int vcc_events_init(void)
{
	return kam_event_route_find(&registered, "vcc:registered", NULL) ||
		       kam_event_route_find(&deregistered, "vcc:deregistered", NULL)
		   ? -1
		   : 0;
}

void vcc_event_run(const struct vcc_outcome *out)
{
	vcc_event_user = out->user;
	vcc_event_cause = out->cause;
	if (out->began)
		kam_event_route_run(&registered);
	if (out->ended)
		kam_event_route_run(&deregistered);
	vcc_event_user = 0;
	vcc_event_cause = NULL;
}
