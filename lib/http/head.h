/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the head of every request that libmicrohttpd has read. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <microhttpd.h>

#include "base/netaddr.h"

/*
 * Can the head be read in two ways? libmicrohttpd takes the first of several fields, and passes over what it does not
 * know. A proxy in front may take another, see two requests where we see one, and let through what it should hold
 * (RFC 9112 3.2, 5.1, 6.1, 6.3, 11.2). Such a request is refused and its connection closed.
 */
bool head_unclear(struct MHD_Connection *c);

/* A field of the head, or NULL. */
const char *head_field(struct MHD_Connection *c, const char *name);

/* Does Content-Length announce more than max octets, or is it no number? */
bool head_announces_over(struct MHD_Connection *c, size_t max);

/* Who is at the other end; no address over a UNIX socket. */
struct netaddr head_peer(struct MHD_Connection *c);

#endif
