/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address of a subscriber's access bearer, which the network has checked (GIBA, TS 33.203 annex T): an IPv4
 * address, or what IPv6 stateless autoconfiguration binds, a prefix of 64 bits, perhaps with the interface identifier. A
 * bearer is an IMSI's, an IMSI has one, and nobody else has its address or any other of its prefix.
 */
#ifndef HSS_BEARER_H
#define HSS_BEARER_H

#include "base/netaddr.h"
#include "hss/subscription/subscription.h"

enum {
	BEARER_PREFIX_BITS = 64,
	BEARER_TEXT_SIZE = NETADDR_TEXT_MAX + 4,
	BEARER_SECONDS = 86400, /* that an address lives if nothing is said */
	BEARER_SECONDS_MIN = 1,
	BEARER_SECONDS_MAX = 604800,
};

struct bearer {
	char imsi[MSISDN_SIZE];
	struct netaddr address; /* of a prefix alone, its first */
	bool whole;		/* IPv6: with the interface identifier */
	int64_t until;		/* when it dies, seconds of time(); 0: there is none */
	bool used;		/* an S-CSCF got it to authenticate the user */
};

/* "10.45.0.2", "2001:db8:1:2::/64" or "2001:db8:1:2::5"; one that a host can have (not loopback, link-local, multicast).
 * Returns 0, or -1 and leaves b alone. */
int bearer_parse(struct slice text, struct bearer *b);
/* As bearer_parse() takes it. Returns buf. */
const char *bearer_text(const struct bearer *b, char buf[BEARER_TEXT_SIZE]);
/* What nobody else may have: the address, of IPv6 the prefix. Returns buf. */
const char *bearer_network(const struct bearer *b, char buf[BEARER_TEXT_SIZE]);
/* 5 to 15 digits (TS 23.003 2.2). Returns 0, or -1. */
int bearer_imsi(struct slice text, char out[MSISDN_SIZE]);

#endif
