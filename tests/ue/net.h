/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local ports of an access and what goes through them: datagrams, TCP connections either way. */
#ifndef UE_NET_H
#define UE_NET_H

#include "ue/access.h"
#include "ue/text.h"

enum port_role {
	PORT_CLEAR, /* unprotected, shared by all connections of the access */
	PORT_UC,    /* protected client port: requests go out, their TCP answers come in */
	PORT_US,    /* protected server port: requests and UDP answers come in */
};

struct conn;
struct stream;

struct port {
	enum port_role role;
	struct access *access;
	struct conn *conn; /* NULL with PORT_CLEAR */
	uint16_t num;
	uint32_t spi_in, spi_out; /* of the SAs of this port now, for the log; 0: none */
	struct io udp, listener;  /* listener.fd -1 with PORT_UC */
	struct stream *streams;
	struct port *next; /* among those to be freed */
};

/* One TCP connection. Owned by its port. */
struct stream {
	struct io io;
	struct port *port;
	struct netaddr peer;
	bool connecting, dead, shut;
	struct text in, out;
	struct stream *next;
};

/* Open UDP and, but for PORT_UC, a TCP listener; num 0: the next free one of the access. NULL:
 * errno. */
struct port *port_open(struct access *a, enum port_role role, struct conn *conn, uint16_t num);
/* Say on its TCP connections that nothing more will come (FIN); true if there are any that the peer
 * has not closed. */
bool port_shutdown(struct port *p);
/* Reset its TCP connections and close everything at once; the memory goes with the next net_reap().
 */
void port_release(struct port *p);
/* Free what was released since the last call. Not inside a callback of this layer. */
void net_reap(void);

/* The access's unprotected port, opened if it is not yet. NULL: errno. */
struct port *port_clear(struct access *a);

/* Send a datagram. Errors are as if it was lost on the way; returns -1 (errno) then. */
int port_send(struct port *p, const struct netaddr *dst, struct slice data);

/* The TCP connection of this port with dst, opened if there is none. NULL: errno. */
struct stream *port_stream(struct port *p, const struct netaddr *dst);
/* Queue and send. */
void stream_send(struct stream *s, struct slice data);

/* Implemented above this layer: a whole message came; a stream has died. */
void net_received(struct port *p, struct stream *s, const struct netaddr *src, struct slice data);
void net_stream_gone(struct stream *s);

#endif
