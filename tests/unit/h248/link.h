/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in memory with a clock of its own: messages wait in one queue with the time of their
 * arrival, and may be lost, doubled, and overtaken. Nodes are receivers by address. The same seed
 * gives the same run.
 */
#ifndef TEST_H248_LINK_H
#define TEST_H248_LINK_H

#include "h248/association.h"

#define LINK_NODES 16

struct link_node {
	struct h248_addr addr;
	void *user;
	void (*receive)(void *user, const struct h248_addr *from, struct slice text,
			int64_t now_ms);
	int64_t (*timeout)(void *user, int64_t now_ms);
	void (*tick)(void *user, int64_t now_ms);
	bool down; /* hears and says nothing */
	unsigned sent, heard;
};
struct packet {
	struct packet *next;
	int64_t at;
	unsigned from, to;
	size_t len;
	char bytes[];
};
struct network {
	struct link_node node[LINK_NODES];
	unsigned nodes;
	int64_t now;
	struct packet *queue; /* by arrival */
	uint64_t state;
	unsigned loss, twice;	       /* per thousand */
	unsigned delay_min, delay_max; /* ms */
	uint64_t packets, lost, doubled;
	/* what passed, for looking into: the last of each node */
	char last[LINK_NODES][4096];
};

void network_init(struct network *net, uint64_t seed);
void network_free(struct network *net);
/* Address 10.0.0.<n+1>:2944 of node n. */
struct h248_addr network_addr(unsigned n);
unsigned network_random(struct network *net, unsigned n);
void network_send(struct network *net, unsigned from, const struct h248_addr *to, const char *bytes,
		  size_t len);
/* Let time pass: packets arrive and timers fire in their order, until `until`. */
void network_run(struct network *net, int64_t until);

#endif
