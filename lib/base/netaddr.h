/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IPv4 or IPv6 address, with a port where one is known: the one address type of this project. It
 * compares with memcmp, fits a message and a file, and knows no host names. struct sockaddr appears
 * only at the system call. Nothing here allocates.
 */
#ifndef BASE_NETADDR_H
#define BASE_NETADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "base/slice.h"

enum { NETADDR_TEXT_MAX = 64 }; /* "[address]:port" with its NUL always fits */

struct netaddr {
	uint8_t family;	  /* 0 = no address, else 4 or 6 */
	uint8_t reserved; /* 0 */
	uint16_t port;	  /* host order; 0 = unknown, or any */
	uint8_t ip[16];	  /* network order; IPv4 uses the first four octets, the rest is zero */
};

/* Is an address there (whatever the port)? */
static inline bool netaddr_known(const struct netaddr *a)
{
	return a->family != 0;
}

/* AF_INET, AF_INET6, or AF_UNSPEC without an address. */
static inline int netaddr_af(const struct netaddr *a)
{
	return a->family == 4 ? AF_INET : a->family == 6 ? AF_INET6 : AF_UNSPEC;
}

/* Octets of the address: 4, 16, or 0 without one. */
static inline size_t netaddr_len(const struct netaddr *a)
{
	return a->family == 4 ? 4 : a->family == 6 ? 16 : 0;
}

/*
 * An address of 4 or 16 octets at ip (network order), as Kamailio's struct ip_addr and a TLV carry
 * it; port in host order. Another length gives no address. An IPv4-mapped IPv6 address stays IPv6.
 */
struct netaddr netaddr_make(const void *ip, size_t len, uint16_t port);

/* An address without brackets and port. Returns 0, or -1 and leaves *out alone. */
int netaddr_parse(struct slice text, struct netaddr *out);

/*
 * The host of a SIP URI or Via: an IPv4 address, or an IPv6 address with or without brackets.
 * Returns 0, or -1 (a name, too) and leaves *out alone. The port is 0.
 */
int netaddr_parse_host(struct slice text, struct netaddr *out);

/*
 * "192.0.2.1", "192.0.2.1:5060", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5060"; port where
 * none is written. Returns 0, or -1 and leaves *out alone.
 */
int netaddr_parse_port(struct slice text, uint16_t port, struct netaddr *out);

/* The address alone, without port or brackets; "-" without an address. Returns buf. */
const char *netaddr_ip_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX]);

/* The address as the host of a URI: IPv6 in brackets; "-" without an address. Returns buf. */
const char *netaddr_host_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX]);

/* "192.0.2.1:5000" or "[2001:db8::1]:5000"; "-" without an address. Returns buf. */
const char *netaddr_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX]);

bool netaddr_eq(const struct netaddr *a, const struct netaddr *b);    /* address and port */
bool netaddr_ip_eq(const struct netaddr *a, const struct netaddr *b); /* address alone */

/* Are the first bits bits of both addresses equal? Different families never match. */
bool netaddr_prefix_eq(const struct netaddr *a, const struct netaddr *b, unsigned bits);

/* Is it 0.0.0.0 or ::? */
bool netaddr_is_any(const struct netaddr *a);

/* Can one host have it: neither 0.0.0.0 or ::, nor multicast, broadcast or another reserved one, nor
 * an IPv4 address in IPv6's form? */
bool netaddr_is_unicast(const struct netaddr *a);
/* Is it 127.0.0.0/8 or ::1? */
bool netaddr_is_loopback(const struct netaddr *a);

/* Is it fe80::/10 or 169.254.0.0/16? */
bool netaddr_is_link_local(const struct netaddr *a);

/* To the system's form; returns its length. Without an address: 0.0.0.0. */
socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss);

/* From the system's form. An IPv4-mapped IPv6 address becomes IPv4, another family no address. */
void netaddr_from_sockaddr(const struct sockaddr_storage *ss, struct netaddr *out);

/* A network: the first bits bits of base. */
struct netaddr_net {
	struct netaddr base; /* port 0 */
	uint8_t bits;	     /* 0..32 or 0..128 */
};

/*
 * "192.0.2.0/24", "2001:db8::/32"; an address alone is a network of one. Returns 0, or -1 and
 * leaves *out alone.
 */
int netaddr_net_parse(struct slice text, struct netaddr_net *out);

/* Does the address lie in the network (whatever the port)? */
static inline bool netaddr_net_has(const struct netaddr_net *n, const struct netaddr *a)
{
	return netaddr_prefix_eq(a, &n->base, n->bits);
}

#endif
