/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/pool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORD = 64, WORDS = 65536 / WORD };
static const uint64_t evens = 0x5555555555555555u;

/*
 * What is given out of one address, whichever pool gave it: a reload puts a pool beside one that
 * still has calls, and two realms may share an address. Their devices make no difference: a socket
 * of a VRF, of an interface in it and of none may all hear the same packet, and stream sockets on one
 * port do not hinder each other in the kernel.
 */
struct port_book {
	struct port_book *next;
	struct media_pool *pools;
	uint64_t taken[WORDS]; /* one bit a port */
};

static struct port_book *books; /* the process has one port space, as the kernel sees it */

/* ---- the book ---- */

static bool is_taken(const struct port_book *b, unsigned port)
{
	return b->taken[port / WORD] >> (port % WORD) & 1;
}

static void set_taken(struct media_pool *p, unsigned port, bool on)
{
	uint64_t bit = (uint64_t)1 << (port % WORD);

	if (on)
		p->book->taken[port / WORD] |= bit;
	else
		p->book->taken[port / WORD] &= ~bit;
	p->in_use += on ? 1 : (size_t)-1;
	for (struct media_pool *o = p->book->pools; o; o = o->next_in_book)
		if (port >= o->port_min && port <= o->port_max)
			o->held += on ? 1 : (size_t)-1;
}

static int book_enter(struct media_pool *p)
{
	struct port_book *b = books;

	while (b && !netaddr_ip_eq(&b->pools->addr, &p->addr))
		b = b->next;
	if (!b) {
		b = calloc(1, sizeof(*b));
		if (!b)
			return MEDIA_ENOMEM;
		b->next = books;
		books = b;
	}
	p->book = b;
	p->next_in_book = b->pools;
	b->pools = p;
	for (unsigned port = p->port_min; port <= p->port_max; port++)
		p->held += is_taken(b, port);
	return MEDIA_OK;
}

static void book_leave(struct media_pool *p)
{
	struct media_pool **at = &p->book->pools;

	while (*at != p)
		at = &(*at)->next_in_book;
	*at = p->next_in_book;
	if (!p->book->pools) {
		struct port_book **b = &books;

		while (*b != p->book)
			b = &(*b)->next;
		*b = p->book->next;
		free(p->book);
	}
}

int media_pool_new(const struct netaddr *addr, uint16_t port_min, uint16_t port_max,
		   const char *device, struct media_pool **out)
{
	struct media_pool *p;
	int rc;

	if (!netaddr_known(addr) || !port_min || port_max < port_min ||
	    (device && strlen(device) > 15))
		return MEDIA_EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return MEDIA_ENOMEM;
	p->addr = *addr;
	p->addr.port = 0;
	p->port_min = port_min;
	p->port_max = port_max;
	if (device)
		strcpy(p->device, device);
	rc = book_enter(p);
	if (rc < 0) {
		free(p);
		return rc;
	}
	*out = p;
	return MEDIA_OK;
}

void media_pool_free(struct media_pool *p)
{
	if (!p)
		return;
	book_leave(p);
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

size_t media_pool_spare(const struct media_pool *p)
{
	return media_pool_size(p) - p->held;
}

/* ---- sockets ---- */

/* Several sockets of ours may share a stream port: one listens, another connects from it. */
static int bind_shared(const struct media_pool *p, int type, uint16_t port, bool shared)
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
	if (shared || type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
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

static int bind_socket(const struct media_pool *p, int type, uint16_t port)
{
	return bind_shared(p, type, port, false);
}

int media_pool_try(const struct media_pool *p)
{
	int fd = bind_socket(p, SOCK_DGRAM, 0);

	if (fd < 0)
		return MEDIA_ESYSTEM;
	close(fd);
	return MEDIA_OK;
}

int pool_bind_again(const struct media_pool *p, uint16_t port)
{
	return bind_socket(p, SOCK_STREAM, port);
}

int pool_bind_beside(const struct media_pool *p, uint16_t port, int with)
{
	int shared = 1, alone = 0, fd;

	/* For this moment only: later on nobody else may share the port. */
	setsockopt(with, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof(shared));
	fd = bind_shared(p, SOCK_DGRAM, port, true);
	setsockopt(with, SOL_SOCKET, SO_REUSEADDR, &alone, sizeof(alone));
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &alone, sizeof(alone));
	return fd;
}

static bool out_of_descriptors(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static int bind_both(const struct media_pool *p, int type, unsigned port, bool pair, int fds[2])
{
	fds[1] = -1;
	fds[0] = bind_socket(p, type, (uint16_t)port);
	if (fds[0] >= 0 && pair) {
		fds[1] = bind_socket(p, type, (uint16_t)(port + 1));
		if (fds[1] < 0) {
			int saved = errno;

			close(fds[0]);
			fds[0] = -1;
			errno = saved;
		}
	}
	return fds[0] < 0 ? -1 : 0;
}

/* ---- which port ---- */

/* How a port stands to the other one of its pair. */
enum port_class { WHOLE_PAIR, EVEN_LEFT, ODD_LEFT, ODD_OF_PAIR, EVEN_OF_PAIR };

/* In which order ports are looked for: halves that are left over before pairs are broken. */
static const enum port_class orders[][4] = {
    [PORT_ANY] = {ODD_LEFT, EVEN_LEFT, ODD_OF_PAIR, EVEN_OF_PAIR},
    [PORT_EVEN] = {EVEN_LEFT, EVEN_OF_PAIR, ODD_LEFT, ODD_OF_PAIR},
    [PORT_PAIR] = {WHOLE_PAIR},
};
static const unsigned order_lengths[] = {[PORT_ANY] = 4, [PORT_EVEN] = 4, [PORT_PAIR] = 1};

/* The free ports of one word of the range that are of a class. */
static uint64_t candidates(const struct media_pool *p, unsigned word, enum port_class class)
{
	uint64_t unused = ~p->book->taken[word], even, odd;

	if (word == p->port_min / WORD)
		unused &= ~(uint64_t)0 << (p->port_min % WORD);
	if (word == p->port_max / WORD)
		unused &= ~(uint64_t)0 >> (WORD - 1 - p->port_max % WORD);
	even = unused & evens;
	odd = unused >> 1 & evens; /* at the place of the even one of its pair */
	switch (class) {
	case WHOLE_PAIR:
	case EVEN_OF_PAIR:
		return even & odd;
	case EVEN_LEFT:
		return even & ~odd;
	case ODD_LEFT:
		return (odd & ~even) << 1;
	case ODD_OF_PAIR:
		return (even & odd) << 1;
	}
	return 0;
}

/* Take one of these ports that nobody else on this machine has. MEDIA_ENOPORT: none of them. */
static int take_one_of(struct media_pool *p, unsigned word, uint64_t ports, int type, bool pair,
		       uint16_t *port, int fds[2])
{
	for (; ports; ports &= ports - 1) {
		unsigned at = word * WORD + (unsigned)__builtin_ctzll(ports);

		if (bind_both(p, type, at, pair, fds) == 0) {
			set_taken(p, at, true);
			if (pair)
				set_taken(p, at + 1, true);
			*port = (uint16_t)at;
			return MEDIA_OK;
		}
		if (errno != EADDRINUSE) /* anything else will not get better */
			return out_of_descriptors(errno) ? MEDIA_EDESCRIPTORS : MEDIA_ESYSTEM;
	}
	return MEDIA_ENOPORT;
}

int pool_take(struct media_pool *p, int type, enum port_want want, uint16_t *port, int fds[2])
{
	unsigned first = p->port_min / WORD, n = p->port_max / WORD - first + 1;
	uint32_t start = p->port_min + arc4random_uniform((uint32_t)media_pool_size(p));
	uint64_t from_start = ~(uint64_t)0 << (start % WORD);

	for (unsigned k = 0; k < order_lengths[want]; k++)
		for (unsigned i = 0; i <= n; i++) { /* the first word twice: behind, before start */
			unsigned word = first + (start / WORD - first + i) % n;
			uint64_t ports = candidates(p, word, orders[want][k]);
			int rc;

			if (i == 0)
				ports &= from_start;
			else if (i == n)
				ports &= ~from_start;
			rc = take_one_of(p, word, ports, type, want == PORT_PAIR, port, fds);
			if (rc != MEDIA_ENOPORT)
				return rc;
		}
	return MEDIA_ENOPORT;
}

void pool_give_back(struct media_pool *p, uint16_t port, bool pair)
{
	set_taken(p, port, false);
	if (pair)
		set_taken(p, port + 1u, false);
}
