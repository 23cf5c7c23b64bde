/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/pool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_taken(const struct media_pool *p, uint16_t port)
{
	unsigned i = (unsigned)port - p->port_min;

	return p->taken[i / 64] >> (i % 64) & 1;
}

static void set_taken(struct media_pool *p, uint16_t port, bool on)
{
	unsigned i = (unsigned)port - p->port_min;

	if (on)
		p->taken[i / 64] |= (uint64_t)1 << (i % 64);
	else
		p->taken[i / 64] &= ~((uint64_t)1 << (i % 64));
	p->in_use += on ? 1 : (size_t)-1;
}

int media_pool_new(const struct netaddr *addr, uint16_t port_min, uint16_t port_max,
		   const char *device, struct media_pool **out)
{
	struct media_pool *p;

	if (!netaddr_known(addr) || !port_min || port_max < port_min ||
	    (device && strlen(device) > 15))
		return MEDIA_EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return MEDIA_ENOMEM;
	p->taken = calloc(((size_t)port_max - port_min) / 64 + 1, sizeof(*p->taken));
	if (!p->taken) {
		free(p);
		return MEDIA_ENOMEM;
	}
	p->addr = *addr;
	p->addr.port = 0;
	p->port_min = port_min;
	p->port_max = port_max;
	if (device)
		strcpy(p->device, device);
	*out = p;
	return MEDIA_OK;
}

void media_pool_free(struct media_pool *p)
{
	if (!p)
		return;
	free(p->taken);
	free(p);
}

size_t media_pool_in_use(const struct media_pool *p)
{
	return p->in_use;
}

size_t media_pool_size(const struct media_pool *p)
{
	return (size_t)p->port_max - p->port_min + 1;
}

/* Several sockets of ours may share a stream port: one listens, another connects from it. */
static int bind_socket(const struct media_pool *p, int type, uint16_t port)
{
	struct netaddr at = p->addr;
	struct sockaddr_storage ss;
	socklen_t len;
	int one = 1, fd = socket(p->addr.family == 4 ? AF_INET : AF_INET6,
				 type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	at.port = port;
	len = netaddr_to_sockaddr(&at, &ss);
	if (p->addr.family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (type == SOCK_STREAM) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	}
	if ((p->device[0] && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->device,
					(socklen_t)strlen(p->device)) < 0) ||
	    bind(fd, (struct sockaddr *)&ss, len) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int pool_bind_again(const struct media_pool *p, uint16_t port)
{
	return bind_socket(p, SOCK_STREAM, port);
}

int pool_take(struct media_pool *p, int type, bool pair, uint16_t *port, int fds[2])
{
	uint32_t n = (uint32_t)media_pool_size(p), start = arc4random_uniform(n);

	for (uint32_t i = 0; i < n; i++) {
		uint16_t at = (uint16_t)(p->port_min + (start + i) % n);

		if (is_taken(p, at) ||
		    (pair && (at & 1 || at == p->port_max || is_taken(p, (uint16_t)(at + 1)))))
			continue;
		fds[0] = bind_socket(p, type, at);
		fds[1] = -1;
		if (fds[0] >= 0 && pair) {
			fds[1] = bind_socket(p, type, (uint16_t)(at + 1));
			if (fds[1] < 0) {
				int saved = errno;

				close(fds[0]);
				fds[0] = -1;
				errno = saved;
			}
		}
		if (fds[0] >= 0) {
			set_taken(p, at, true);
			if (pair)
				set_taken(p, (uint16_t)(at + 1), true);
			*port = at;
			return MEDIA_OK;
		}
		if (errno != EADDRINUSE) /* another program's port: look on; anything else will not
					    get better */
			return MEDIA_ESYSTEM;
	}
	return MEDIA_ENOPORT;
}

void pool_give_back(struct media_pool *p, uint16_t port, bool pair)
{
	set_taken(p, port, false);
	if (pair)
		set_taken(p, (uint16_t)(port + 1), false);
}
