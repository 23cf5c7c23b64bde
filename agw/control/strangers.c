/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Few strangers get their answer (stranger_code). Many would take the time that the controller
 * needs: then a filter on the socket lets only controllers in for a while, and the kernel drops the
 * rest before it is queued.
 */
#include "agw/control/gateway.h"

enum { FLOOD_PER_S = 200, FILTER_MS = 30000, CONTROLLERS_MAX = CONFIG_MGCS_MAX + 4 };

/* Those of the configuration, and the one we are or will be associated with (it may have been named
 * by another controller). */
static size_t controllers(const struct gateway *g, struct netaddr list[CONTROLLERS_MAX])
{
	struct h248_peer *p = NULL;
	size_t n = 0;

	for (size_t i = 0; i < g->cfg.n_mgcs; i++)
		if (netaddr_parse_port(slice_str(g->cfg.mgcs[i]), 0, &list[n]) == 0)
			n++;
	while (n < CONTROLLERS_MAX && (p = h248_peer_next(g->entity, p)))
		list[n++] = h248_peer_address(p)->at;
	return n;
}

static int put_filter(struct gateway *g)
{
	struct netaddr list[CONTROLLERS_MAX];
	size_t n = controllers(g, list);

	return h248_transport_filter(g->transport, list, n);
}

static void flood(struct gateway *g, int64_t now_ms)
{
	struct strangers *s = &g->strangers;

	s->floods++;
	s->filter_until_ms = now_ms + FILTER_MS;
	if (put_filter(g) == H248_OK)
		log_line(LOG_INFO,
			 "H.248: more than %d strangers in a second: nobody but controllers "
			 "is heard for %d s",
			 FLOOD_PER_S, FILTER_MS / 1000);
	else
		log_line(LOG_WARNING, "H.248: a flood of strangers, and this kernel lets us set no "
				      "filter: give CAP_NET_ADMIN");
}

void strangers_look(struct gateway *g, int64_t now_ms)
{
	struct strangers *s = &g->strangers;
	uint64_t seen = h248_entity_counters(g->entity)->strangers;

	if (now_ms - s->second_ms >= 1000) {
		s->second_ms = now_ms;
		s->in_second = 0;
	}
	s->in_second += seen - s->seen;
	s->seen = seen;
	if (!s->filter_until_ms && s->in_second > FLOOD_PER_S) {
		flood(g, now_ms);
	} else if (s->filter_until_ms && now_ms >= s->filter_until_ms) {
		h248_transport_filter(g->transport, NULL, 0);
		s->filter_until_ms = 0;
		s->in_second = 0;
	}
}

void strangers_controllers_changed(struct gateway *g)
{
	if (g->strangers.filter_until_ms)
		put_filter(g);
}
