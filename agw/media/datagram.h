/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagram legs: their sockets (datagram_leg.c), batches of packets from and to them
 * (datagram_batch.c), what is done with each packet (datagram_relay.c) and DTLS-SRTP (dtls_leg.c). Private to agw/media; all of it is the worker's.
 */
#ifndef AGW_MEDIA_DATAGRAM_H
#define AGW_MEDIA_DATAGRAM_H

#include <openssl/ssl.h>
#include <sys/socket.h>
#include "agw/media/cache.h"
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

/* One DTLS association, and the SRTP keys that come of it. */
struct dtls {
	struct media_leg *leg;
	struct datagram_end *end; /* where its peer is */
	struct srtp_end *keys;
	SSL *ssl;
	bool client, up, started, hold;
	const uint8_t *in; /* the datagram being handed to OpenSSL */
	size_t in_len;
	struct leg_timer repeat; /* of a flight; of the whole, where ours has failed */
	struct leg_timer limit;	 /* ends a handshake */
	uint32_t again_ms;	 /* how long we wait with our next try; 0 = none has failed */
	int64_t after_ms;	 /* bounds how often a handshake begins */
	uint8_t hello[DEMUX_DTLS_RANDOM]; /* of the ClientHello that ours answers */
};

struct dtls_rtcp {
	struct dtls dtls;
	struct srtp_end srtp;
};

/* What each packet asks for stands last, in front of what it asks for in the rest of a leg. */
struct datagram_leg {
	struct dtls dtls;	     /* only of DTLS-SRTP legs, as is the next */
	struct dtls_rtcp *dtls_rtcp; /* RTCP with a port of its own; NULL: there is none */
	struct datagram_end rtcp;    /* rtcp.fd is -1 without an own port */
	struct rtcp_watch reports;
	uint32_t latch_serial;
	int64_t tokens_us;
	double tokens; /* policing bucket, octets */
	struct srtp_end srtp;
	/* In use while connected: of the same port as rtp, for the peer that signalling named, while
	 * anybody may send. */
	_Alignas(CACHE_LINE) struct datagram_end known;
	_Alignas(CACHE_LINE) struct rtp_watch watch;
	_Alignas(CACHE_LINE) struct datagram_end rtp;
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
void datagram_leg_unlatch(struct media_leg *leg, struct datagram_end *end);

/* Once for each worker, before its first datagram. */
void datagram_batch_init(struct worker *w);
/*
 * One datagram from the peer of leg, through end: check, open, count, close for the partner. from is
 * its source, or NULL where the kernel lets only the peer in. Returns the partner's socket that it
 * is to leave through, or NULL if it stops here. *len is what goes out, in place of what came.
 */
struct datagram_end *datagram_relay(struct media_leg *leg, struct datagram_end *end, uint8_t *p,
				    size_t *len, const struct sockaddr_storage *from);
/* Where RTP (and RTCP with rtcp-mux) leaves. */
static inline struct datagram_end *datagram_way_out(struct datagram_leg *d)
{
	return !d->rtp.connected && d->known.connected ? &d->known : &d->rtp;
}

/* There is something in the socket: relay it, now or with the rest of the round. */
void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end);
/* Receive, relay and send what is there for this round. */
void datagram_relay_taken(struct worker *w);

/* The SRTP keys for what passes this socket. */
static inline struct srtp_end *datagram_keys(struct datagram_leg *d, const struct datagram_end *end)
{
	return end == &d->rtcp && d->dtls_rtcp ? &d->dtls_rtcp->srtp : &d->srtp;
}

/* DTLS of a leg that has just been made. */
void dtls_leg_init(struct media_leg *leg);
/* Start as the configuration says; give all up. */
void dtls_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
void dtls_leg_clear(struct media_leg *leg);
/* "ready" and so on, for agwctl. */
const char *dtls_leg_state(const struct media_leg *leg);
/* May a datagram from there take part? What we answer goes to one address only, and where we begin
 * nobody else can answer us. source is unknown when it is that one. */
bool dtls_leg_listens_to(const struct media_leg *leg, const struct datagram_end *end,
			 const struct netaddr *source);
/* One datagram of the peer's. */
void dtls_leg_input(struct media_leg *leg, const struct datagram_end *end, const uint8_t *p,
		    size_t len);
/* The leg leaves its worker; it is with another now. */
void dtls_leg_pause(struct media_leg *leg);
void dtls_leg_rearm(struct media_leg *leg);

#endif
