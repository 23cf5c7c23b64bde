/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdlib.h>

#include "unit/h248/link.h"

void network_init(struct network *net, uint64_t seed)
{
	memset(net, 0, sizeof(*net));
	net->state = seed * 0x9e3779b97f4a7c15ull + 99;
	net->now = 1000000;
	net->delay_min = net->delay_max = 5;
}

void network_free(struct network *net)
{
	while (net->queue) {
		struct packet *p = net->queue;

		net->queue = p->next;
		free(p);
	}
}

struct h248_addr network_addr(unsigned n)
{
	struct h248_addr a = {0};

	uint32_t ip = htonl(0x0a000001u + n);

	a.at = netaddr_make(&ip, sizeof(ip), H248_PORT_TEXT);
	return a;
}

unsigned network_random(struct network *net, unsigned n)
{
	net->state ^= net->state << 13;
	net->state ^= net->state >> 7;
	net->state ^= net->state << 17;
	return (unsigned)((net->state >> 33) % n);
}

static void enqueue(struct network *net, unsigned from, unsigned to, const char *bytes, size_t len)
{
	struct packet **at = &net->queue, *p = malloc(sizeof(*p) + len);

	p->at =
	    net->now + net->delay_min + network_random(net, net->delay_max - net->delay_min + 1);
	p->from = from;
	p->to = to;
	p->len = len;
	memcpy(p->bytes, bytes, len);
	while (*at && (*at)->at <= p->at)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

void network_send(struct network *net, unsigned from, const struct h248_addr *to, const char *bytes,
		  size_t len)
{
	uint32_t ip;
	unsigned n;

	memcpy(&ip, to->at.ip, sizeof(ip));
	n = ntohl(ip) - 0x0a000001u;
	net->node[from].sent++;
	if (len < sizeof(net->last[0])) {
		memcpy(net->last[from], bytes, len);
		net->last[from][len] = 0;
	}
	if (n >= net->nodes || net->node[from].down)
		return;
	net->packets++;
	if (network_random(net, 1000) < net->loss) {
		net->lost++;
		return;
	}
	enqueue(net, from, n, bytes, len);
	if (network_random(net, 1000) < net->twice) {
		net->doubled++;
		enqueue(net, from, n, bytes, len);
	}
}

static void deliver(struct network *net)
{
	struct packet *p = net->queue;
	struct link_node *to = &net->node[p->to];

	net->queue = p->next;
	if (!to->down) {
		to->heard++;
		to->receive(to->user, &net->node[p->from].addr, slice_make(p->bytes, p->len),
			    net->now);
	}
	free(p);
}

void network_run(struct network *net, int64_t until)
{
	for (;;) {
		int64_t next = until;

		for (unsigned i = 0; i < net->nodes; i++) {
			int64_t wait = net->node[i].timeout(net->node[i].user, net->now);

			if (wait >= 0 && net->now + wait < next)
				next = net->now + wait;
		}
		if (net->queue && net->queue->at < next)
			next = net->queue->at;
		if (next >= until) {
			net->now = until;
			return;
		}
		if (next > net->now)
			net->now = next;
		while (net->queue && net->queue->at <= net->now)
			deliver(net);
		for (unsigned i = 0; i < net->nodes; i++)
			net->node[i].tick(net->node[i].user, net->now);
	}
}
