/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of RTP legs of one worker without a thread of its own, and their peers. */
#ifndef UNIT_AGW_PAIR_RIG_H
#define UNIT_AGW_PAIR_RIG_H

#include "agw/media/worker.h"

enum { PAIRS_MAX = 40, PAIR_RTP_OCTETS = 20 };

struct pair {
	struct media_leg *leg[2];
	int far[2]; /* the peers' sockets */
	struct netaddr far_addr[2];
};
extern struct worker *pair_worker;
extern struct pair pairs[PAIRS_MAX];

/* n pairs, each leg with a filter for its peer. */
void pairs_set_up(unsigned n);
void pairs_tear_down(void);

/* RTP from the peer of a pair's leg, numbered on from first. */
void pair_send(const struct pair *p, int to, int first, int n);
/* The number of the next packet that reached a leg's peer, or -1. */
int pair_next(const struct pair *p, int at);

#endif
