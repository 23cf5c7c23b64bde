/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IPv4 or IPv6 address with a port, in a form that compares with memcmp and fits a message. The
 * media plane and the control plane both speak in these; struct sockaddr appears only at the system
 * call.
 */
#ifndef AGW_MEDIA_NETADDR_H
#define AGW_MEDIA_NETADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "base/slice.h"

enum { NETADDR_TEXT_MAX = 64 }; /* "[address]:port" with its NUL always fits */

struct netaddr {
	uint8_t family;	  /* 0 = unknown, else 4 or 6 */
	uint8_t reserved; /* 0 */
	uint16_t port;	  /* host order; 0 = unknown */
	uint8_t ip[16];	  /* network order; IPv4 uses the first four octets, the rest is zero */
};

/* Is an address there (whatever the port)? */
static inline bool netaddr_known(const struct netaddr *a)
{
	return a->family != 0;
}

/* Read an IPv4 or IPv6 address without brackets and port. Returns 0, or -1 and leaves *out alone.
 */
int netaddr_parse(struct slice text, struct netaddr *out);

/* The address alone, without port or brackets, NUL-terminated in buf. Returns buf. */
const char *netaddr_ip_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX]);

/* "192.0.2.1:5000" or "[2001:db8::1]:5000"; "-" when unknown. Returns buf. */
const char *netaddr_text(const struct netaddr *a, char buf[NETADDR_TEXT_MAX]);

bool netaddr_eq(const struct netaddr *a, const struct netaddr *b);    /* address and port */
bool netaddr_ip_eq(const struct netaddr *a, const struct netaddr *b); /* address alone */

/* Are the first bits bits of both addresses equal? Different families never match. */
bool netaddr_prefix_eq(const struct netaddr *a, const struct netaddr *b, unsigned bits);

/* To the system's form; returns its length. */
socklen_t netaddr_to_sockaddr(const struct netaddr *a, struct sockaddr_storage *ss);

/* From the system's form; an IPv4-mapped IPv6 address becomes IPv4, another family becomes unknown.
 */
void netaddr_from_sockaddr(const struct sockaddr_storage *ss, struct netaddr *out);

#endif
