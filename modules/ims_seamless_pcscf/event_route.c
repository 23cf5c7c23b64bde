/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_route[seamless-pcscf:set-dropped]: a connection is over and its SA set goes. */
#include "seamless.h"

static struct kam_event_route set_dropped;
const struct pcscf_todo *seamless_event_now;

int seamless_event_init(void)
{
	return kam_event_route_find(&set_dropped, "seamless-pcscf:set-dropped",
				    kam_old_names_clash() ? NULL : "seamless:set-dropped");
}

void seamless_event_set_dropped(const struct pcscf_todo *dropped)
{
	seamless_event_now = dropped;
	kam_event_route_run(&set_dropped);
	seamless_event_now = NULL;
}
