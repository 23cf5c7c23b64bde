/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: one transport, whatever its kind. */
#ifndef H248_TRANSPORT_INTERNAL_H
#define H248_TRANSPORT_INTERNAL_H

#include "h248/transport.h"

#define RECEIVE_MAX 65536u
#define BATCH	    64u

struct tcp_link;

struct h248_transport {
	struct h248_transport_config cfg;
	int fd;	      /* what the user polls: the socket, or for TPKT an epoll descriptor */
	int listener; /* TPKT */
	struct tcp_link *links;
	unsigned link_count;
	uint32_t next_link;
	struct h248_transport_counters counters;
	char *buffer; /* RECEIVE_MAX bytes */
};

/* A socket of this type on the transport's device, and bind() of one to an address; -1 with errno. */
int transport_socket(const struct h248_transport *t, int family, int type, int protocol);
int transport_bind(int fd, const struct h248_addr *addr);
int udp_open(struct h248_transport *t);
void udp_ready(struct h248_transport *t, int64_t now_ms);
int udp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len);
int sctp_open(struct h248_transport *t);
void sctp_ready(struct h248_transport *t, int64_t now_ms);
int sctp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len);
int tcp_open(struct h248_transport *t);
void tcp_ready(struct h248_transport *t, int64_t now_ms);
int tcp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len);
void tcp_close(struct h248_transport *t);

#endif
