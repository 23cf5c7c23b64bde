/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker thread, its mail, and the engine that has them. Private to agw/media. */
#ifndef AGW_MEDIA_WORKER_H
#define AGW_MEDIA_WORKER_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include "agw/media/leg.h"
#include "agw/media/mailbox.h"
#include "agw/media/report.h"
#include "agw/media/uring.h"

enum {
	DATAGRAM_MAX = 2048, /* larger datagrams are dropped and counted */
	DATAGRAM_BATCH = 32, /* datagrams taken from one socket by one system call */
	DATAGRAM_ROUND = 64, /* sockets from which one each is taken and relayed together */
	STREAM_CHUNK = 64 * 1024,
};

/* ---- from control to a worker ---- */

enum message_kind {
	MESSAGE_ATTACH,
	MESSAGE_DETACH,
	MESSAGE_CONFIGURE,
	MESSAGE_LINK,
	MESSAGE_UNLINK,
	MESSAGE_CLOSE,
	MESSAGE_TRACE,
	MESSAGE_MARK,
	MESSAGE_STOP,
};

struct message {
	struct mail mail; /* first */
	enum message_kind kind;
	struct media_leg *leg, *other;
	struct media_leg_config *cfg; /* owned by the message */
	int fd;
	uint64_t mark;
	sem_t *done; /* DETACH */
};

/* ---- a worker ---- */

struct datagram_slot {
	uint8_t data[DATAGRAM_MAX + SRTP_GROWTH];
};

/* A socket that has a datagram, which is to be relayed with those of others; its octets come into the
 * slot of the same number. */
struct taken {
	struct media_leg *leg;
	struct datagram_end *end, *out;
	size_t len;
	bool stranger; /* perhaps: its source, in rx_from, is still to be looked at */
};

struct worker {
	struct media *media;
	pthread_t thread;
	bool started, stop;
	bool behind; /* the last round took so long that what waits is old: take batches */
	int epoll_fd;
	struct mailbox box;
	struct source box_source;
	unsigned datagrams;	    /* datagram sockets served since the last look at the rate */
	int64_t rate_ms, stream_ms; /* when that was; when a stream socket was last served */
	bool rung;		    /* there is mail */
	bool gather;		/* many datagrams: wait a moment and take more of them at once */
	struct media_leg *legs; /* by worker_next */
	struct media_leg *again;
	struct report *reports, **reports_end; /* not sent yet: they wake control once */
	int64_t reports_due_ms;
	int64_t now_ms, next_tick_ms;
	struct timer_wheel wheel;
	uint64_t wakeups;
	SSL_CTX *tls, *dtls;

	/* what control waits for: the last mark that came with the mail */
	uint64_t mark;		    /* worker */
	_Atomic uint64_t mark_done; /* written by the worker, read by control */
	uint64_t mark_sent;	    /* control */
	bool ordered;		    /* control: there were orders after that mark */

	/* datagrams of the batch at hand */
	struct datagram_slot slots[DATAGRAM_ROUND];
	struct taken taken[DATAGRAM_ROUND];
	unsigned n_taken;
	struct uring uring;
	int uring_error;	     /* why there is none; 0: there is, or it was not asked for */
	int results[DATAGRAM_ROUND]; /* of receiving or sending, by slot */
	struct mmsghdr rx[DATAGRAM_ROUND], tx[2][DATAGRAM_ROUND];
	struct iovec rx_iov[DATAGRAM_ROUND], tx_iov[2][DATAGRAM_ROUND];
	struct sockaddr_storage rx_from[DATAGRAM_ROUND];

	/* streams */
	char in[2 * STREAM_CHUNK], rewritten[2 * STREAM_CHUNK + MSRP_HEAD_MAX + MSRP_GROWTH_MAX];
	char *wire; /* tls.c: records of one connection during one call to OpenSSL; else empty */
	size_t wire_len, wire_size;
	struct stream_conn *dropped;	     /* freed at the end of the round */
	struct stream_conn *oldest, *newest; /* newcomers of all legs */
	unsigned n_newcomers;
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
	uint64_t mark;		     /* the last one that was asked for */
	unsigned n_workers, next_worker;
	struct worker *workers[MEDIA_WORKERS_MAX];
	uint64_t
	    marks_seen[MEDIA_WORKERS_MAX]; /* done, and all that was told before is delivered */
};

/* Start thread number index of m. 0 or a media_error. */
int worker_start(struct media *m, unsigned index, struct worker **out);

/* Ask it to end, wait for it, free it. Its legs are closed and reported. */
void worker_stop(struct worker *w);

#endif
