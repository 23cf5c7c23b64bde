/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream legs and their connections. Private to agw/media; all of it is the worker's. From the
 * bottom up, no file calls one that stands after it:
 *
 *	stream_send.c	   octets to one connection's socket; what does not fit waits
 *	tls.c		   OpenSSL on one connection
 *	stream_conn.c	   one connection: making it, watching its socket, dropping it
 *	stream_newcomers.c connections that have still to show that they are the peer's, bounded
 *	stream_handshake.c one connection from TCP's being up to data
 *	stream_pump.c	   octets of a linked pair
 *	stream_leg.c	   who listens, who connects, and what the end of a connection means
 *	stream_events.c	   what a worker's round brings: sockets, time, configuration
 */
#ifndef AGW_MEDIA_STREAM_H
#define AGW_MEDIA_STREAM_H

#include <openssl/ssl.h>
#include "agw/media/bfcp.h"
#include "agw/media/conn_state.h"
#include "agw/media/gate.h"
#include "agw/media/msrp.h"
#include "agw/media/source.h"
#include "tls/certificate.h"

enum {
	NEWCOMERS_MAX = 8,	  /* of one leg */
	NEWCOMERS_SOURCE_MAX = 4, /* of one leg from one address */
	NEWCOMERS_WORKER_MAX = 1024,
	NEWCOMER_GRACE_MS = 1000, /* so long none has to make room for another */
	ACCEPT_PAUSE_MS = 200,	  /* without descriptors: until accept() is tried again */
};

/* Octets waiting to be written; allocated only while there are some. */
struct pending {
	char *p;
	size_t at, len, size; /* octets [at, len) are waiting */
};

/* What is looked at in a stream. */
enum stream_framing {
	FRAMING_UNKNOWN,
	FRAMING_NONE, /* octets: plain TCP, and MSRP whose paths stay as they are (CEMA) */
	FRAMING_MSRP,
	FRAMING_BFCP,
};

/* One TCP connection. Freed at the end of the round in which it is dropped. */
struct stream_conn {
	struct source source;
	struct stream_conn *next; /* newcomers of the leg, the newest first; dropped ones */
	struct stream_conn *older, *newer; /* newcomers of the worker */
	int fd;
	enum conn_state state;
	uint32_t epoll_mask;
	bool newcomer;
	bool we_connected;
	bool eof_in, eof_out, eof_sent; /* peer has ended; we are to end towards it; we have */
	bool wrote_flight;
	bool tls_more; /* OpenSSL knows of an end or an error that the next read will tell */
	bool told;     /* control knows of the connection */
	SSL *ssl;
	struct netaddr peer;
	int64_t since_ms;
	struct pending out;	     /* to this peer, as it goes on the wire */
	struct pending in;	     /* from this peer: an MSRP head or end line not complete yet */
	enum stream_framing framing; /* of what this peer sends; settled by its first octet */
	struct msrp_relay msrp;
	struct bfcp_framer bfcp;
	struct leg_timer timer; /* limit for connecting or for the handshake */
};

struct stream_leg {
	int listen_fd;
	struct source listen_source;
	struct gate gate; /* as it is in the kernel */
	bool establish_done;
	bool given_up; /* TLS failed where signalling told us to connect: not tried again until
			* that changes */
	unsigned n_newcomers;
	struct stream_conn *conn; /* with the peer, or our attempt to get one */
	struct stream_conn *newcomers;
	char to_authority[NETADDR_TEXT_MAX], from_authority[NETADDR_TEXT_MAX];
	int64_t tell_after_ms; /* bounds what strangers can make us tell control */
	struct leg_timer accept_timer;
	bool again; /* on the worker's list of legs to pump once more */
	struct media_leg *again_next;
};

/* ---- stream_send.c ---- */

void pending_clear(struct pending *q); /* wipes and frees */
int pending_add(struct pending *q, const char *p, size_t n);

/* Send octets; what the socket does not take waits. 0 all sent, 1 some wait, -1 lost (errno). */
int conn_send(struct stream_conn *c, const char *p, size_t n);

/* ---- tls.c ---- */

enum tls_result {
	TLS_DONE,
	TLS_WAITS,
	TLS_LOST,    /* the peer closed or reset the connection, or it went away under us */
	TLS_REFUSED, /* by us or by the peer; an alert has been sent if it was us */
};

/* Does OpenSSL present this certificate (its security level may want a longer key)? 0, or -1 with
 * a sentence in why. */
int tls_takes(const struct certificate *c, char *why, size_t size);
SSL_CTX *tls_context(const struct media *m, bool datagram);
SSL *tls_new(struct media_leg *leg, SSL_CTX *ctx, bool client);
void tls_free(SSL **ssl);

/* Makes c->ssl. 0 or -1. */
int tls_begin(struct stream_conn *c, bool client);
/* Go on as far as possible. *cause and errno tell what ended it. */
enum tls_result tls_handshake(struct stream_conn *c, enum media_tls_cause *cause);
/* >0 octets, 0 end, -1 nothing now, -2 lost (errno). */
ssize_t tls_read(struct stream_conn *c, char *buf, size_t size);
/* As conn_send(). */
int tls_write(struct stream_conn *c, const char *buf, size_t n);
/* close_notify; as conn_send(). */
int tls_end(struct stream_conn *c);
enum media_tls_cause tls_failure_cause(const SSL *ssl);

/* ---- stream_conn.c ---- */

/* Take the socket over; NULL without memory (the socket is closed). Not watched yet. */
struct stream_conn *conn_new(struct media_leg *leg, int fd, const struct netaddr *peer,
			     bool we_connected);
/* By the table; false when the event must not happen now. */
bool conn_move(struct stream_conn *c, enum conn_event e);
/* Close it and take it from its leg. With reset the peer learns that something went wrong; without,
 * what was sent before arrives. c is valid until the end of the round; its source has no leg. */
void conn_drop(struct stream_conn *c, bool reset);
/* The same, after the end of TLS was told to a peer that was listening. */
void conn_drop_politely(struct stream_conn *c);
void conn_free_dropped(struct worker *w);
void conn_set_options(struct stream_conn *c);
/* May octets of this leg's peer be read now? Nothing waits to be written to the other peer, and
 * both modes let them pass. */
bool conn_may_read(const struct media_leg *leg);
/* Let epoll tell what the state asks for. 0, or -1: it cannot (errno). */
int conn_rearm(struct stream_conn *c);
/* The peer is gone but what it sent last cannot be passed on yet: stop being told about it. */
void conn_unwatch(struct stream_conn *c);

/* ---- stream_newcomers.c ---- */

/* Take c among the leg's newcomers if there is room or somebody has to make it. The one to be
 * dropped for it is returned in *evicted. False: there is none. */
bool newcomers_take(struct stream_conn *c, struct stream_conn **evicted);
/* It is a newcomer no more: dropped, or the leg's connection. */
void newcomers_remove(struct stream_conn *c);
/* Is one of them expected? */
bool newcomers_one_expected(const struct media_leg *leg);
/* Does signalling say that the peer of this leg has that address? True as well while it says
 * nothing. */
bool newcomers_expected(const struct media_leg *leg, const struct netaddr *from);

/* ---- stream_handshake.c ---- */

enum handshake_result {
	HANDSHAKE_WAITS,
	HANDSHAKE_READY, /* the state is CONN_READY */
	HANDSHAKE_OVER,
};

/* How it ended. */
struct handshake_end {
	enum media_tls_cause cause;
	int error;
};

/* Go on with a connection in CONN_OPEN, _HANDSHAKE or _HELD; events are epoll's, 0 = none. */
enum handshake_result handshake_step(struct stream_conn *c, uint32_t events,
				     struct handshake_end *end);

/* ---- stream_pump.c ---- */

enum pump_result {
	PUMP_WAITS,	/* nothing more can be moved now */
	PUMP_AGAIN,	/* there is more, but others want their turn */
	PUMP_FROM_LOST, /* error tells why */
	PUMP_TO_LOST,
	PUMP_BROKEN, /* the leg's peer does not keep to its protocol */
	PUMP_ENDED,  /* both directions ended, all was sent */
};

/* Move octets of the leg's peer to its partner's. */
enum pump_result stream_pump(struct media_leg *from, int *error);
/* Send what waits, and our end of this direction if it is due. As conn_send(). */
int stream_flush(struct stream_conn *c);

/* ---- stream_leg.c ---- */

void stream_leg_name(struct media_leg *leg); /* for agwctl, from the state of its connections */
/* The filter of the listening socket as the configuration and the state want it. */
void stream_leg_gate(struct media_leg *leg);
/* Connect, and begin what a connection that is open waits for, here and at the partner. */
void stream_leg_advance(struct media_leg *leg);
/* TCP is up: c is the leg's connection or one of its newcomers. */
void stream_leg_up(struct stream_conn *c);
/* Go on with a connection that is not ready yet. */
void stream_leg_progress(struct stream_conn *c, uint32_t events);
void stream_leg_pump(struct media_leg *leg);
/* What MSRP paths name while signalling gives none. */
void stream_leg_authorities(struct media_leg *leg);
/* The leg's connection is lost: the partner's goes with it. */
void stream_leg_lost(struct media_leg *leg, int error);
/* c did not become ready in time, was refused, or its peer left. */
void stream_leg_not_up(struct stream_conn *c, struct handshake_end end);

/* ---- stream_events.c: what the worker calls ---- */

void stream_leg_attach(struct media_leg *leg);
void stream_leg_detach(struct media_leg *leg);
void stream_leg_close(struct media_leg *leg);
void stream_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
void stream_leg_linked(struct media_leg *leg);	 /* partner has just been set */
void stream_leg_unlinked(struct media_leg *leg); /* before partner is cleared */
void stream_leg_acceptable(struct media_leg *leg);
void stream_conn_event(struct stream_conn *c, uint32_t events);
void stream_leg_again(struct media_leg *leg); /* its turn to pump has come once more */

#endif
