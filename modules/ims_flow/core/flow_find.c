/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which flow set a packet belongs to, and which one reaches a UE. */
#include "modules/ims_flow/core/flow_life.h"

/* Better to take for a packet when several sets share the ports: what is registered, then what is
 * younger. */
static bool better(const struct flow_set *f, unsigned link, const struct flow_set *g,
		   unsigned glink)
{
	int a = flow_alive(f), b = flow_alive(g);

	if (a != b)
		return a > b;
	if (link == FLOW_LINK_PLAIN || glink == FLOW_LINK_PLAIN)
		return f->made_ms > g->made_ms;
	return f->sa[link / 2].made_ms > g->sa[glink / 2].made_ms;
}

struct flow_set *flow_by_received(struct flow_table *t, const struct netaddr *ue, uint16_t ue_port,
				  const struct netaddr *local, uint16_t local_port, uint8_t proto,
				  int *slot)
{
	struct flow_hit hit = {NULL, 0}, best = {NULL, 0};

	while (flow_by_addr(t, ue, ue_port, &hit)) {
		const struct sa_set *sa = &hit.f->sa[hit.link / 2];

		if (!netaddr_ip_eq(&hit.f->local, local))
			continue;
		if (hit.link == FLOW_LINK_PLAIN) {
			if (hit.f->proto != proto || hit.f->local_port != local_port)
				continue;
		} else if (local_port != (hit.link % 2 ? sa->port_pc : sa->port_ps)) {
			continue;
		}
		if (!best.f || better(hit.f, hit.link, best.f, best.link))
			best = hit;
	}
	*slot = best.f && best.link != FLOW_LINK_PLAIN ? (int)(best.link / 2) : -1;
	return best.f;
}

struct flow_set *flow_by_server(struct flow_table *t, const struct netaddr *ue, uint16_t port,
				const struct netaddr *local)
{
	struct flow_hit hit = {NULL, 0}, best = {NULL, 0};

	while (flow_by_addr(t, ue, port, &hit)) {
		if (!flow_alive(hit.f) || (local && !netaddr_ip_eq(&hit.f->local, local)))
			continue;
		if (hit.link != FLOW_LINK_PLAIN &&
		    (hit.link % 2 == 0 || hit.f->sa[hit.link / 2].state == SA_TEMPORARY))
			continue;
		if (!best.f || better(hit.f, hit.link, best.f, best.link))
			best = hit;
	}
	return best.f;
}

struct flow_set *flow_by_spi(struct flow_table *t, const struct netaddr *ue, uint16_t port,
			     uint32_t spi_ps, int *slot)
{
	struct flow_hit hit = {NULL, 0};

	while (flow_by_addr(t, ue, port, &hit))
		if (hit.link != FLOW_LINK_PLAIN && hit.f->sa[hit.link / 2].spi_ps == spi_ps) {
			*slot = (int)(hit.link / 2);
			return hit.f;
		}
	return NULL;
}

int flow_slot_of_spi(const struct flow_set *f, uint32_t spi_ps)
{
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE && f->sa[i].spi_ps == spi_ps)
			return i;
	return -1;
}
