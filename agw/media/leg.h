/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is inside a leg and a worker. Private to agw/media.
 *
 * Ownership: the part of struct media_leg marked "control" is touched by the control thread only,
 * the part marked "worker" by the worker that has the leg, the part marked "fixed" by nobody after
 * media_leg_open(). stats is written by the worker and read by control, each counter on its own.
 */
#ifndef AGW_MEDIA_LEG_H
#define AGW_MEDIA_LEG_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <semaphore.h>
#include "agw/media/bfcp.h"
#include "agw/media/cert.h"
#include "agw/media/conn_state.h"
#include "agw/media/gate.h"
#include "agw/media/mailbox.h"
#include "agw/media/media.h"
#include "agw/media/msrp.h"
#include "agw/media/pool.h"
#include "agw/media/srtp.h"

enum {
	DATAGRAM_MAX = 2048, /* larger datagrams are dropped and counted */
	DATAGRAM_BATCH = 32, /* datagrams taken from one socket by one system call */
	GATHER_US = 500,     /* how long a busy worker waits for more datagrams */
	GATHER_PER_MS = 8,   /* from this many a millisecond on */
	BEHIND_MS = 20,	     /* a round that takes longer: there is more than can be carried */
	SKIPS_MAX = 32,	     /* batches left out of one socket at once */
	SWEEP_MS = 50,	     /* how often time limits are looked at */
	REPORT_MS = 5, /* how long a report may wait for others: each waking of control costs */
	STREAM_CHUNK = 64 * 1024,
	CACHE_LINE = 64,
	STREAM_ROUNDS = 4, /* chunks pumped for one leg before the others have their turn */
};

enum source_kind { SOURCE_MAILBOX, SOURCE_RTP, SOURCE_RTCP, SOURCE_LISTEN, SOURCE_CONN };

/* What an epoll event points at. */
struct source {
	enum source_kind kind;
	struct media_leg *leg;
};

/* Bytes waiting to be written; allocated only while there are some. */
struct pending {
	char *p;
	size_t at, len, size; /* octets [at, len) are waiting */
};

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
	struct datagram_end rtcp; /* rtcp.fd is -1 without an own port */
	uint32_t latch_serial;
	double tokens; /* policing bucket, octets */
	int64_t tokens_us;
	SSL *dtls;
	bool dtls_up, dtls_started, dtls_hold;
	const uint8_t *dtls_in; /* the datagram being handed to OpenSSL */
	size_t dtls_in_len;
};

struct stream_leg {
	int listen_fd, fd;
	struct source listen_source, source;
	enum conn_state state;
	struct gate gate; /* as it is in the kernel */
	bool listening;
	bool we_connected, establish_done;
	uint32_t epoll_mask;
	bool eof_in, eof_out, eof_sent; /* peer has ended; we are to end towards it; we have */
	SSL *ssl;
	bool tls_client, wrote_flight;
	bool tls_more; /* OpenSSL knows of an end or an error that the next read will tell */
	struct netaddr peer;
	struct pending out; /* to this peer, as it goes on the wire */
	struct pending in;  /* from this peer: an MSRP head or end line not complete yet */
	struct msrp_relay msrp;
	struct bfcp_framer bfcp;
	char to_authority[NETADDR_TEXT_MAX], from_authority[NETADDR_TEXT_MAX];
	int64_t deadline_ms; /* connect or handshake limit; 0 = none */
	bool again;	     /* on the worker's list of legs to pump once more */
	struct media_leg *again_next;
};

struct trace; /* pcap writer */

/*
 * Thousands of these do not fit in a processor's cache, and a packet in passing would wait for each
 * line of its two legs: leg_prefetch() asks for them early. What a packet needs stands together for
 * that, from worker to cfg's first fields.
 */
struct media_leg {
	/* fixed */
	struct media *media;
	struct media_pool *pool;
	struct netaddr local;
	bool rtcp_port, own_certificate;
	struct certificate certificate; /* own, or a borrowed copy of the gateway's */

	/* control */
	struct media_leg *prev, *next; /* all legs */
	struct media_leg *linked;      /* as control knows it */
	void *user;
	bool closing;
	bool gate_preset; /* the first gate has been put in front of the listening socket */
	unsigned orders;  /* sent to the worker: configurations, links, traces */

	struct worker *worker;	/* changed by control, while no worker has the leg */
	enum media_proto proto; /* fixed */

	/* worker */
	struct media_leg *partner;
	struct trace *trace;
	int64_t last_out_ms;
	struct media_leg_stats stats;
	struct media_leg_config cfg;
	bool configured;
	struct media_leg *timed_prev, *timed_next; /* all legs of the worker */
	int64_t watch_since_ms;
	uint8_t inactive_told; /* bit 0 in, bit 1 out */
	_Atomic(const char *) state_name;
	_Atomic unsigned orders_done;
	union {
		struct datagram_leg d;
		struct stream_leg s;
	};
};

/* Fetch what relaying a packet from or to this leg will look at. */
static inline void leg_prefetch(const struct media_leg *leg)
{
	const char *hot = (const char *)&leg->worker, *srtp = (const char *)&leg->d.srtp;

	for (size_t at = 0;
	     at < offsetof(struct media_leg, cfg) - offsetof(struct media_leg, worker) +
		      offsetof(struct media_leg_config, police_burst);
	     at += CACHE_LINE)
		__builtin_prefetch(hot + at);
	__builtin_prefetch(&leg->d.rtp);
	for (size_t at = 0; at < offsetof(struct srtp_end, rx_zero); at += CACHE_LINE)
		__builtin_prefetch(srtp + at);
	__builtin_prefetch(&leg->d.watch);
}

static inline bool leg_is_stream(const struct media_leg *leg)
{
	return media_proto_is_tcp(leg->proto);
}

/* Single writer, any reader. */
#define STAT_ADD(counter, n)                                                                       \
	__atomic_store_n(&(counter), (counter) + (uint64_t)(n), __ATOMIC_RELAXED)
#define STAT_SET(value, v) __atomic_store_n(&(value), (v), __ATOMIC_RELAXED)

/* ---- messages ---- */

enum message_kind {
	MESSAGE_ATTACH,
	MESSAGE_DETACH,
	MESSAGE_CONFIGURE,
	MESSAGE_LINK,
	MESSAGE_UNLINK,
	MESSAGE_CLOSE,
	MESSAGE_TRACE,
	MESSAGE_STOP,
};

struct message {
	struct mail mail; /* first */
	enum message_kind kind;
	struct media_leg *leg, *other;
	struct media_leg_config *cfg; /* owned by the message */
	int fd;
	sem_t *done; /* DETACH */
};

/* From worker to control. closed: the leg is let go, the event itself means nothing. */
struct report {
	struct mail mail;
	bool closed;
	struct media_event event;
};

/* ---- worker ---- */

struct datagram_slot {
	uint8_t data[DATAGRAM_MAX + SRTP_GROWTH];
};

/* A datagram that was taken from its socket and waits to be relayed; its octets are in the slot of
 * the same number. */
struct taken {
	struct media_leg *leg;
	struct datagram_end *end, *out;
	size_t len;
};

struct worker {
	struct media *media;
	pthread_t thread;
	bool started, stop;
	bool busy;   /* more sockets were ready than one wait can tell: take batches */
	bool behind; /* the last round took so long that what waits is old */
	int epoll_fd;
	struct mailbox box;
	struct source box_source;
	unsigned datagrams;	    /* datagram sockets served since the last look at the rate */
	int64_t rate_ms, stream_ms; /* when that was; when a stream socket was last served */
	bool rung;		    /* there is mail */
	bool gather;		/* many datagrams: wait a moment and take more of them at once */
	struct media_leg *legs; /* by timed_next */
	struct media_leg *again;
	struct report *reports, **reports_end; /* not sent yet: they wake control once */
	int64_t reports_due_ms;
	int64_t now_ms, next_sweep_ms;
	uint64_t wakeups;
	SSL_CTX *tls, *dtls;

	/* datagrams of the batch at hand */
	struct datagram_slot slots[DATAGRAM_BATCH];
	struct taken taken[DATAGRAM_BATCH];
	unsigned n_taken;
	struct mmsghdr rx[DATAGRAM_BATCH], tx[2][DATAGRAM_BATCH];
	struct iovec rx_iov[DATAGRAM_BATCH], tx_iov[2][DATAGRAM_BATCH];
	struct sockaddr_storage rx_from[DATAGRAM_BATCH];

	/* streams */
	char in[2 * STREAM_CHUNK], rewritten[2 * STREAM_CHUNK + MSRP_HEAD_MAX + MSRP_GROWTH_MAX];
	char *wire; /* what OpenSSL wrote and is not sent yet */
	size_t wire_len, wire_size;
};

struct media {
	struct media_config cfg;
	struct certificate certificate;
	media_event_h *handler;
	void *handler_arg;
	struct mailbox box; /* reports */
	struct media_leg *legs;
	size_t n_legs;
	struct media_totals retired; /* of legs that are gone */
	unsigned n_workers, next_worker;
	struct worker *workers[MEDIA_WORKERS_MAX];
};

/* worker.c */
int worker_start(struct media *m, unsigned index, struct worker **out);
void worker_stop(struct worker *w); /* asks, joins, frees */
void worker_report(struct media_leg *leg, enum media_event_type type, int error,
		   enum media_tls_cause cause, const struct netaddr *addr);
int worker_watch(struct worker *w, int fd, uint32_t mask, struct source *s);

/* datagram_leg.c: the sockets of a datagram leg; datagram_relay.c: what passes them */
void datagram_leg_attach(struct media_leg *leg);
void datagram_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
void datagram_leg_latch(struct media_leg *leg, struct datagram_end *end,
			const struct netaddr *source);
void datagram_leg_sweep(struct media_leg *leg);
void datagram_leg_close(struct media_leg *leg); /* detaches and closes */
void datagram_leg_detach(struct media_leg *leg);
void datagram_batch_init(struct worker *w);
void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end);
void datagram_relay_taken(struct worker *w); /* what datagram_leg_readable() has put aside */

/* dtls_leg.c: DTLS-SRTP of a datagram leg */
void dtls_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
void dtls_leg_input(struct media_leg *leg, const uint8_t *p, size_t len);
void dtls_leg_sweep(struct media_leg *leg);
void dtls_leg_clear(struct media_leg *leg);

/* stream_leg.c: connections of a stream leg; stream_pump.c: the bytes */
void stream_leg_attach(struct media_leg *leg);
void stream_leg_configure(struct media_leg *leg, const struct media_leg_config *before);
void stream_leg_acceptable(struct media_leg *leg);
void stream_leg_event(struct media_leg *leg, uint32_t events);
void stream_leg_sweep(struct media_leg *leg);
void stream_leg_close(struct media_leg *leg);
void stream_leg_detach(struct media_leg *leg);
void stream_leg_linked(struct media_leg *leg);	 /* partner has just been set */
void stream_leg_unlinked(struct media_leg *leg); /* before partner is cleared */
void stream_leg_fail(struct media_leg *leg, enum media_event_type type, int error,
		     enum media_tls_cause cause);
void stream_leg_lost(struct media_leg *leg, int error);
void stream_leg_ended(struct media_leg *leg); /* both directions ended: close both in good order */
void stream_leg_rearm(struct media_leg *leg); /* epoll mask from state */
void stream_leg_ready(struct media_leg *leg); /* TLS has matched, or plain TCP is up */
void stream_pump(struct media_leg *from);
int stream_flush(struct media_leg *leg); /* 0 all written, 1 some left, -1 lost */

/* tls.c */
SSL_CTX *tls_context(const struct media *m, bool datagram);
int tls_begin(struct media_leg *leg, bool client);		 /* makes leg->s.ssl; 0 or -1 */
void tls_handshake(struct media_leg *leg);			 /* go on as far as possible */
ssize_t tls_read(struct media_leg *leg, char *buf, size_t size); /* >0, 0 end, -1 again, -2 lost */
int tls_write(struct media_leg *leg, const char *buf, size_t n); /* into worker->wire; 0 or -1 */
void tls_end(struct media_leg *leg); /* close_notify into the wire buffer */
SSL *tls_new(struct media_leg *leg, SSL_CTX *ctx, bool client);
enum media_tls_cause tls_failure_cause(const SSL *ssl);
void tls_free(SSL **ssl);

/* trace.c */
int trace_open(struct media_leg *leg, int fd);
void trace_close(struct media_leg *leg);
void trace_datagram(struct media_leg *leg, bool in, bool rtcp, const uint8_t *p, size_t len);
void trace_stream(struct media_leg *leg, bool in, const char *p, size_t len);

#endif
