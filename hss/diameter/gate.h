/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate in front of libfdcore's listeners. libfdcore gives each new connection to one of a few
 * threads, which waits 20 seconds for its first message, so that five silent connections of anybody
 * lock every peer out; it looks the name of each caller up in the DNS before it takes the next one;
 * and an accept() that fails, for want of descriptors, say, ends it. Nothing in it can be set
 * otherwise.
 *
 * So this program has an accept() of its own, which the dynamic linker gives libfdcore in place of
 * libc's. It returns a TCP connection only when its first message is there whole (on a TLS port its
 * ClientHello), and keeps the others meanwhile, the oldest giving way when there are too many. A TLS
 * handshake that comes to a halt after that is cut off. Likewise getnameinfo(): numbers only.
 */
#ifndef HSS_DIAMETER_GATE_H
#define HSS_DIAMETER_GATE_H

#include <stdint.h>

enum {
	GATE_WAITING_MAX = 256, /* connections of a listener that have not said anything yet */
	GATE_FIRST_MS = 5000,	/* how long they may take for that */
	GATE_FIRST_MAX = 16384, /* octets of a first message or ClientHello */
	GATE_HANDSHAKES_MAX =
	    12, /* TLS handshakes under way in libfdcore; fewer than its threads */
	GATE_HANDSHAKE_MS = 5000, /* how long one may take */
	GATE_THREADS = 16,	  /* threads of libfdcore for each listener */
};

/* Before libfdcore starts: connections to this port begin with TLS; 0: none does. */
void gate_start(uint16_t tls_port);

/* From the hook for a first message: libfdcore's text for the connection, "... (7<-9)". Its
 * handshake, if it had one, is over. */
void gate_proved(const char *connection);

#endif
