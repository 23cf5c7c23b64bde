/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may come in. A gate is made of a leg's source filter and what is known of its peer (gm/saf,
 * sam, spf, spr; TR 29.828 5.2.1 step 11). It is asked for each datagram, and for TCP it becomes a socket
 * filter on the listening socket: a SYN that may not come in is dropped without an answer, so that
 * the peer's retransmission succeeds once the gate is open.
 */
#ifndef AGW_MEDIA_GATE_H
#define AGW_MEDIA_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/filter.h>
#include "agw/media/media.h"

struct gate {
	bool closed;	     /* nobody */
	uint8_t prefix_bits; /* meaningful when prefix is known */
	struct netaddr prefix;
	uint16_t port_min; /* 0 = any port */
	uint16_t port_max;
};

enum { GATE_PROGRAM_MAX = 24 };

/* The gate of a filter; remote may be unknown, which closes a filter that has no value of its own.
 */
struct gate gate_make(const struct media_filter *filter, const struct netaddr *remote);

/* The gate in front of a listening socket: as above where the leg may be connected to, else shut.
 */
struct gate gate_of_listener(const struct media_leg_config *cfg);

/* A gate nobody passes. */
struct gate gate_shut(void);

bool gate_allows(const struct gate *g, const struct netaddr *source);
bool gate_eq(const struct gate *a, const struct gate *b);

/* Does the gate let exactly one address and port in? */
bool gate_is_single(const struct gate *g);

/*
 * The classic BPF program of a gate for a TCP socket of this family (4 or 6). Offset 0 is the TCP
 * header, the network header is reached through SKF_NET_OFF. Returns the number of instructions.
 */
size_t gate_program(const struct gate *g, uint8_t family,
		    struct sock_filter prog[GATE_PROGRAM_MAX]);

/* Put the gate in front of a listening socket. 0, or -1 with errno. */
int gate_attach(const struct gate *g, uint8_t family, int fd);

#endif
