/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transports of H.248 text (clause 9, Annex D): UDP, SCTP (the kernel's, payload protocol 7), and
 * TPKT over TCP for test tools. Each has one file descriptor to poll for reading and never blocks.
 */
#ifndef H248_TRANSPORT_H
#define H248_TRANSPORT_H

#include "h248/address.h"

enum h248_transport_kind { H248_UDP, H248_SCTP, H248_TPKT };

#define H248_DEVICE_MAX 16 /* with its NUL: IFNAMSIZ */
struct h248_transport;
struct h248_transport_config {
	enum h248_transport_kind kind;
	struct h248_addr local; /* address and port to bind; port 0 = any */
	/* Interface or VRF to which all sockets are bound (SO_BINDTODEVICE); "" = none */
	char device[H248_DEVICE_MAX];
	bool listen;	    /* SCTP, TPKT: accept connections */
	uint32_t max_links; /* TPKT: connections at once; 0 = 256 */
	void *user;
	void (*receive)(void *user, const struct h248_addr *from, struct slice text,
			int64_t now_ms);
	void (*link_lost)(void *user, const struct h248_addr *from,
			  int64_t now_ms); /* may be NULL */
	/* UDP: the host said of a message that nobody listens there (ICMP). Nothing shows who said it,
	 * so it is a hint and no more. May be NULL. */
	void (*refused)(void *user, const struct h248_addr *to, int64_t now_ms);
};
/* H248_OK, H248_E_ARGUMENT, H248_E_MEMORY or H248_E_SYSTEM (errno). */
int h248_transport_open(const struct h248_transport_config *config, struct h248_transport **out);
void h248_transport_close(struct h248_transport *transport);
/* What `receive`, `link_lost` and `refused` get from now on. */
void h248_transport_set_user(struct h248_transport *transport, void *user);
/* The descriptor to poll for reading. */
int h248_transport_fd(const struct h248_transport *transport);
/* The bound address. */
void h248_transport_local(const struct h248_transport *transport, struct h248_addr *addr);
/* Read what is there (bounded: at most 64 messages); call when the descriptor is readable. */
void h248_transport_ready(struct h248_transport *transport, int64_t now_ms);
/* Send one message, connecting first where that is needed. A loss is not an error. H248_OK or
 * H248_E_SYSTEM, H248_E_SIZE. */
int h248_transport_send(struct h248_transport *transport, const struct h248_addr *to,
			const char *bytes, size_t len);
/*
 * Let only these hosts in (whatever their ports), at most H248_FILTER_MAX, until called with from
 * NULL: the kernel drops everything else before it is queued, without an answer. Connections that
 * exist stay. H248_OK, H248_E_ARGUMENT, or H248_E_SYSTEM where the kernel refuses the filter.
 */
#define H248_FILTER_MAX 32
int h248_transport_filter(struct h248_transport *transport, const struct netaddr *from,
			  size_t count);
struct h248_transport_counters {
	uint64_t in, out, send_failures, framing_errors, refused_links;
};
const struct h248_transport_counters *
h248_transport_counters(const struct h248_transport *transport);

#endif
