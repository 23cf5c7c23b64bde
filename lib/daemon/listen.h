/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of TCP for servers of a daemon. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "base/netaddr.h"

/* "9100" on 127.0.0.1, "192.0.2.1:9100", "[2001:db8::1]:9100". Returns 0, or -1: none of these. */
int listen_address(const char *where, struct netaddr *out);

/*
 * Listen there, not blocking. setting is the name of what says where. Returns the socket, or -1 with a sentence
 * in why.
 */
int listen_open(const char *setting, const char *where, char *why, size_t size);

#endif
