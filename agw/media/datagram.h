/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagram legs: their sockets (datagram_leg.c), what passes them (datagram_relay.c) and DTLS-SRTP
 * (dtls_leg.c). Private to agw/media; all of it is the worker's.
 */
#ifndef AGW_MEDIA_DATAGRAM_H
#define AGW_MEDIA_DATAGRAM_H

#include <openssl/ssl.h>
#include <sys/socket.h>
#include "agw/media/demux.h"
#include "agw/media/gate.h"
#include "agw/media/rtcp.h"
#include "agw/media/source.h"
#include "agw/media/srtp.h"

/* One UDP socket of a leg. What each packet asks for stands first, in the line epoll points at. */
struct datagram_end {
	struct source source;
	int fd;
	bool connected; /* to dest: the kernel filters sources and caches the route */
	bool latched;
	bool vetted; /* connected, and nothing from before that is left in the queue */
	socklen_t dest_len;
	struct netaddr dest;
	struct gate gate;
	struct sockaddr_storage dest_sa;
};

/* RFC 3550 A.3 and A.8, for the stream that is heard now. */
struct rtp_watch {
	bool started;
	uint32_t ssrc;
	uint16_t max_seq;
	uint32_t cycles, base_seq, received, lost_before;
	int64_t last_transit;
	double jitter;
};

struct datagram_leg {
	struct datagram_end rtp;
	struct srtp_end srtp;
	struct rtp_watch watch;
	struct rtcp_watch reports;
	struct datagram_end known; /* in use while connected: of the same port as rtp, for the
				    * peer that signalling named, while anybody may send */
	struct datagram_end rtcp;  /* rtcp.fd is -1 without an own port */
	uint32_t latch_serial;
	double tokens; /* policing bucket, octets */
	int64_t tokens_us;
	SSL *dtls;
	bool dtls_up, dtls_started, dtls_hold;
	const uint8_t *dtls_in; /* the datagram being handed to OpenSSL */
	size_t dtls_in_len;
	struct leg_timer dtls_timer;	       /* repeats a flight */
	struct leg_timer dtls_limit;	       /* ends a handshake */
	int64_t dtls_after_ms;		       /* bounds how often a handshake begins */
	uint8_t dtls_hello[DEMUX_DTLS_RANDOM]; /* of the ClientHello that ours answers */
};

/* The sockets: given to the worker, taken from it, closed, made what the configuration says. */
void datagram_leg_attach(struct media_leg *leg);
void datagram_leg_detach(struct media_leg *leg);
void datagram_leg_close(struct media_leg *leg);
void datagram_leg_configure(struct media_leg *leg, const struct media_leg_config *before);

/* From now on end sends to source and hears nobody else. */
void datagram_leg_latch(struct media_leg *leg, struct datagram_end *end,
			const struct netaddr *source);

/* It was not the peer: listen to anybody again. */
void datagram_leg_unlatch(struct media_leg *leg);

/* Once for each worker, before its first datagram. */
void datagram_batch_init(struct worker *w);
/* Where RTP (and RTCP with rtcp-mux) leaves. */
static inline struct datagram_end *datagram_way_out(struct datagram_leg *d)
{
	return d->known.connected ? &d->known : &d->rtp;
}

/* There is something in the socket: take it, and relay it or put it aside. */
void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end);
/* Relay what was put aside in this round. */
void datagram_relay_taken(struct worker *w);

/* DTLS of a leg: start as the configuration says, one datagram of the peer's, give all up. */
void dtls_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
/* May a datagram from there take part? What we answer goes to one address only. source is unknown
 * when it is that one. */
bool dtls_leg_listens_to(const struct media_leg *leg, const struct netaddr *source);
void dtls_leg_input(struct media_leg *leg, const uint8_t *p, size_t len);
void dtls_leg_clear(struct media_leg *leg);
/* The timers of a running handshake go with the leg to another worker. */
void dtls_leg_rearm(struct media_leg *leg);

#endif
