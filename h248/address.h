/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transport address of a peer: socket address and, over connections, which one. */
#ifndef H248_ADDRESS_H
#define H248_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "h248/message.h"

#define H248_PORT_TEXT 2944 /* clause 9 */

struct h248_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u;
	uint32_t link; /* SCTP association or TCP connection, from the transport; 0 = any, none */
};

/* "192.0.2.1", "192.0.2.1:2944", "2001:db8::1", "[2001:db8::1]:2944". Without a port: default_port.
 * No names are resolved. 0, or -1 and *addr unchanged. */
int h248_addr_parse(const char *text, uint16_t default_port, struct h248_addr *addr);
/* "[2001:db8::1]:2944" or "192.0.2.1:2944"; returns buf. 56 bytes are always enough. */
const char *h248_addr_format(const struct h248_addr *addr, char *buf, size_t size);
/* An address literal in an mId (H248_MID_IPV4/IPV6); 0, or -1 for names and other kinds. */
int h248_addr_of_mid(const struct h248_mid *mid, struct h248_addr *addr);
/* Same family, address and port; `link` is not compared. */
bool h248_addr_equal(const struct h248_addr *a, const struct h248_addr *b);
socklen_t h248_addr_len(const struct h248_addr *addr);

#endif
