/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of one address: which are taken, and sockets bound to them. Control thread only. */
#ifndef AGW_MEDIA_POOL_H
#define AGW_MEDIA_POOL_H

#include "agw/media/media.h"

struct port_book;

struct media_pool {
	struct netaddr addr;
	uint16_t port_min, port_max;
	size_t in_use; /* taken from this pool */
	size_t held;   /* ports of the range that any pool of the address has given out */
	char device[16];
	struct port_book *book; /* shared by all pools of the address */
	struct media_pool *next_in_book;
};

enum port_want {
	PORT_ANY,  /* one port, odd while there are such: even ones are for RTP */
	PORT_EVEN, /* RTP alone (RFC 3550 11): an odd one only when no even one is left */
	PORT_PAIR, /* an even one for RTP and the odd one after it for RTCP */
};

/*
 * Take a free port (or a pair) at random and bind sockets of this type (SOCK_DGRAM, SOCK_STREAM) to
 * it. A single port comes from a pair of which the other half is taken, as long as there are such,
 * so that pairs stay whole. fds[1] is -1 without PORT_PAIR. Returns 0 or a media_error.
 */
int pool_take(struct media_pool *p, int type, enum port_want want, uint16_t *port, int fds[2]);

/* A further stream socket on a port that is already taken, to connect from. Returns the fd or -1.
 */
int pool_bind_again(const struct media_pool *p, uint16_t port);

/* A further datagram socket on the port of the socket with, to be connected to one peer. Returns the
 * fd or -1. */
int pool_bind_beside(const struct media_pool *p, uint16_t port, int with);

void pool_give_back(struct media_pool *p, uint16_t port, bool pair);

#endif
