/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/gate.h"
#include <string.h>
#include <sys/socket.h>

struct gate gate_shut(void)
{
	return (struct gate){.closed = true};
}

struct gate gate_make(const struct media_filter *f, const struct netaddr *remote)
{
	struct gate g = {0};

	if (f->address_on) {
		if (f->has_prefix) {
			g.prefix = f->prefix;
			g.prefix_bits = f->prefix_bits;
		} else if (netaddr_known(remote)) {
			g.prefix = *remote;
			g.prefix_bits = remote->family == 4 ? 32 : 128;
		} else {
			return gate_shut();
		}
		g.prefix.port = 0;
	}
	if (f->port_on) {
		if (f->port_min) {
			g.port_min = f->port_min;
			g.port_max = f->port_max >= f->port_min ? f->port_max : f->port_min;
		} else if (remote->port) {
			g.port_min = g.port_max = remote->port;
		} else {
			return gate_shut();
		}
	}
	return g;
}

struct gate gate_of_listener(const struct media_leg_config *c)
{
	if (c->mode == MEDIA_INACTIVE ||
	    (c->setup != MEDIA_SETUP_ACTPASS && c->setup != MEDIA_SETUP_PASSIVE))
		return gate_shut();
	return gate_make(&c->filter, &c->remote);
}

bool gate_allows(const struct gate *g, const struct netaddr *source)
{
	if (g->closed)
		return false;
	if (netaddr_known(&g->prefix) && !netaddr_prefix_eq(source, &g->prefix, g->prefix_bits))
		return false;
	return !g->port_min || (source->port >= g->port_min && source->port <= g->port_max);
}

bool gate_eq(const struct gate *a, const struct gate *b)
{
	return a->closed == b->closed && a->prefix_bits == b->prefix_bits &&
	       netaddr_eq(&a->prefix, &b->prefix) && a->port_min == b->port_min &&
	       a->port_max == b->port_max;
}

bool gate_is_single(const struct gate *g)
{
	return !g->closed && netaddr_known(&g->prefix) &&
	       g->prefix_bits == (g->prefix.family == 4 ? 32 : 128) && g->port_min &&
	       g->port_min == g->port_max;
}

/* Where the source address stands in the network header. */
enum { IPV4_SOURCE = 12, IPV6_SOURCE = 8 };

/* Jump targets are not known while the tests are written: REJECT is patched at the end. */
enum { REJECT = 255 };

size_t gate_program(const struct gate *g, uint8_t family, struct sock_filter prog[GATE_PROGRAM_MAX])
{
	size_t n = 0;
	bool never = g->closed || (netaddr_known(&g->prefix) && g->prefix.family != family);

	if (!never && netaddr_known(&g->prefix)) {
		unsigned words = family == 4 ? 1 : 4;
		uint32_t base = (uint32_t)SKF_NET_OFF + (family == 4 ? IPV4_SOURCE : IPV6_SOURCE);

		for (unsigned i = 0; i < words && i * 32 < g->prefix_bits; i++) {
			unsigned bits = g->prefix_bits - i * 32 > 32 ? 32 : g->prefix_bits - i * 32;
			uint32_t mask = bits == 32 ? 0xffffffff : ~(0xffffffff >> bits);
			const uint8_t *o = g->prefix.ip + i * 4;
			uint32_t want = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 |
					(uint32_t)o[2] << 8 | o[3];

			prog[n++] =
			    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, base + i * 4);
			if (bits < 32)
				prog[n++] =
				    (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
			prog[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								 want & mask, 0, REJECT);
		}
	}
	if (!never && g->port_min) {
		prog[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0);
		prog[n++] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, g->port_min, 0, REJECT);
		prog[n++] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, g->port_max, REJECT, 0);
	}
	if (!never)
		prog[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	prog[n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	for (size_t i = 0; i < n; i++) {
		if (BPF_CLASS(prog[i].code) != BPF_JMP)
			continue;
		if (prog[i].jt == REJECT)
			prog[i].jt = (uint8_t)(n - i - 1);
		if (prog[i].jf == REJECT)
			prog[i].jf = (uint8_t)(n - i - 1);
	}
	return n + 1;
}

int gate_attach(const struct gate *g, uint8_t family, int fd)
{
	struct sock_filter prog[GATE_PROGRAM_MAX];
	struct sock_fprog fp = {(unsigned short)gate_program(g, family, prog), prog};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fp, sizeof(fp));
}
