/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the controller tells: counters, event_route[alg:..]. */
#include "modules/ims_alg/calls.h"

#include <stdio.h>

#include "modules/common/event_route.h"

KAM_COUNTERS_DEFINE(alg, ALG_COUNTERS)

static struct kam_event_route routes[MGC_EVENTS];
static char names[MGC_EVENTS][40];

/* The event that a route is being run for. */
static const struct mgc_event *current;

int alg_events_init(void)
{
	for (int i = 0; i < MGC_EVENTS; i++) {
		snprintf(names[i], sizeof(names[i]), "alg:%s",
			 mgc_event_name((enum mgc_event_type)i));
		if (kam_event_route_find(&routes[i], names[i], NULL))
			return -1;
	}
	return alg_counters_init("alg", NULL);
}

static void count(enum mgc_event_type type)
{
	switch (type) {
	case MGC_EV_GATEWAY_UP:
		counter_inc(alg_counters.gateways_up);
		break;
	case MGC_EV_GATEWAY_DOWN:
		counter_inc(alg_counters.gateways_lost);
		break;
	case MGC_EV_CONTEXT_LOST:
		counter_inc(alg_counters.contexts_lost);
		break;
	case MGC_EV_TLS_FAILED:
		counter_inc(alg_counters.tls_failures);
		break;
	case MGC_EV_CONNECT_FAILED:
		counter_inc(alg_counters.connect_failures);
		break;
	case MGC_EV_CONNECTION_LOST:
		counter_inc(alg_counters.connections_lost);
		break;
	case MGC_EV_MEDIA_STOPPED:
		counter_inc(alg_counters.media_stopped);
		break;
	default:
		break;
	}
}

void alg_event(void *user, const struct mgc_event *event)
{
	count(event->type);
	LM_INFO("%s: gateway %s%s%s\n", mgc_event_name(event->type), event->gateway,
		event->text[0] ? ": " : "", event->text);
	if (event->type == MGC_EV_CONTEXT_LOST && event->call)
		alg_tell(event->call, ALG_HELD_EVENT, NULL, ALG_EV_LOST);
	if (event->type == MGC_EV_TLS_FAILED && event->call && alg_switches.tls_failure_ends)
		alg_tell_lost(event->call, 488, "media security failed");
	current = event;
	kam_event_route_run(&routes[event->type]);
	current = NULL;
}

const struct mgc_event *alg_event_current(void)
{
	return current;
}
