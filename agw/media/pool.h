/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of one address: which are taken, and sockets bound to them. Control thread only. */
#ifndef AGW_MEDIA_POOL_H
#define AGW_MEDIA_POOL_H

#include "agw/media/media.h"

struct media_pool {
	struct netaddr addr;
	uint16_t port_min, port_max;
	size_t in_use;
	char device[16];
	uint64_t *taken; /* one bit a port, from port_min */
};

/*
 * Take a free port (with pair: an even one and the odd one after it) and bind sockets of this type
 * (SOCK_DGRAM, SOCK_STREAM) to it. fds[1] is -1 without pair. Returns 0 or a media_error.
 */
int pool_take(struct media_pool *p, int type, bool pair, uint16_t *port, int fds[2]);

/* A further stream socket on a port that is already taken, to connect from. Returns the fd or -1.
 */
int pool_bind_again(const struct media_pool *p, uint16_t port);

void pool_give_back(struct media_pool *p, uint16_t port, bool pair);

#endif
