/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter on the socket: who is not named is dropped by the kernel before it is queued. */
#include <linux/filter.h>
#include <string.h>

#include "h248/transport/internal.h"

/* For each address at most: four words of load and compare, and the way out. */
#define PER_ADDRESS 9u
#define PROGRAM_MAX (4u + H248_FILTER_MAX * PER_ADDRESS + 2u)
#define NET	    ((uint32_t)SKF_NET_OFF)

static unsigned put(struct sock_filter *p, unsigned n, uint16_t code, uint8_t jt, uint8_t jf,
		    uint32_t k)
{
	p[n] = (struct sock_filter){code, jt, jf, k};
	return n + 1;
}

static uint32_t word(const uint8_t *ip)
{
	return (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
}

/* The source of the packet is compared word by word; the first that differs leads to the next
 * address, behind the accepting return. */
static unsigned put_address(struct sock_filter *p, unsigned n, const struct netaddr *a)
{
	unsigned words = a->family == 6 ? 4 : 1, source = a->family == 6 ? 8 : 12;

	for (unsigned i = 0; i < words; i++) {
		unsigned left = 2 * (words - 1 - i) + 1; /* instructions up to the next address */

		n = put(p, n, BPF_LD | BPF_W | BPF_ABS, 0, 0, NET + source + 4 * i);
		n = put(p, n, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)left, word(a->ip + 4 * i));
	}
	return put(p, n, BPF_RET | BPF_K, 0, 0, UINT32_MAX);
}

static unsigned program_of(struct sock_filter *p, const struct netaddr *list, size_t count)
{
	unsigned n = 0, version;

	n = put(p, n, BPF_LD | BPF_B | BPF_ABS, 0, 0, NET);
	n = put(p, n, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf0);
	n = put(p, n, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0x40); /* IPv4: over the next one */
	version = n;
	n = put(p, n, BPF_JMP | BPF_JA, 0, 0, 0); /* to the IPv6 part, filled in below */
	for (size_t i = 0; i < count; i++)
		if (list[i].family == 4)
			n = put_address(p, n, &list[i]);
	n = put(p, n, BPF_RET | BPF_K, 0, 0, 0);
	p[version].k = n - version - 1;
	for (size_t i = 0; i < count; i++)
		if (list[i].family == 6)
			n = put_address(p, n, &list[i]);
	return put(p, n, BPF_RET | BPF_K, 0, 0, 0);
}

int h248_transport_filter(struct h248_transport *t, const struct netaddr *from, size_t count)
{
	struct sock_filter code[PROGRAM_MAX];
	struct sock_fprog program = {.filter = code};
	int fd = t->listener >= 0 ? t->listener : t->fd, none = 0;

	if (t->cfg.kind == H248_TPKT && t->listener < 0)
		return H248_OK; /* nobody can come in */
	if (!from) {
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
		return H248_OK;
	}
	if (count > H248_FILTER_MAX)
		return H248_E_ARGUMENT;
	program.len = (unsigned short)program_of(code, from, count);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		   ? H248_OK
		   : H248_E_SYSTEM;
}
