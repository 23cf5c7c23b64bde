/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is inside a leg. Private to agw/media.
 *
 * Ownership: the part of struct media_leg marked "control" is touched by the control thread only,
 * the part marked "worker" by the worker that has the leg, the part marked "fixed" by nobody after
 * media_leg_open(). stats is written by the worker and read by control, each counter on its own.
 */
#ifndef AGW_MEDIA_LEG_H
#define AGW_MEDIA_LEG_H

#include <stdatomic.h>
#include "tls/certificate.h"
#include "agw/media/datagram.h"
#include "agw/media/media.h"
#include "agw/media/pool.h"
#include "agw/media/stream.h"
#include "agw/media/verdict.h"

enum { SILENT_IN = 1, SILENT_OUT = 2 /* as media_event.error */ };

struct trace; /* pcap writer */

/*
 * Thousands of these do not fit in a processor's cache, and a packet in passing would wait for each
 * line of its two legs: leg_prefetch_in() and leg_prefetch_out() ask for them early. That pays only
 * while they are few and in few pages, so what each packet looks at stands together, each piece at
 * the beginning of a line: the end of d, stats, and worker with cfg's first fields. Made with
 * cache_new().
 */
struct media_leg {
	/* fixed */
	struct media *media;
	struct media_pool *pool;
	struct netaddr local;
	bool rtcp_port;
	struct certificate *certificate; /* its own; NULL: it has the gateway's */

	/* control */
	struct media_leg *prev, *next; /* all legs */
	struct media_leg *linked;      /* as control knows it */
	void *user;
	bool closing;
	bool gate_preset; /* the first gate has been put in front of the listening socket */
	unsigned orders;  /* sent to the worker: configurations, links, traces */

	/* worker */
	union {
		struct datagram_leg d;
		struct stream_leg s;
	};
	_Alignas(CACHE_LINE) struct media_leg_stats stats;
	_Alignas(CACHE_LINE) struct worker *worker; /* changed by control, while no worker has the
						     * leg */
	struct media_leg *partner;
	struct trace *trace;
	int64_t last_out_ms;
	enum media_proto proto; /* fixed */
	uint8_t inactive_told;	/* SILENT_IN, SILENT_OUT */
	bool configured;
	struct media_leg_config cfg;
	struct media_leg *worker_prev, *worker_next; /* all legs of the worker */
	int64_t watch_since_ms;
	struct leg_timer silence; /* adid/ipstop */
	struct verdict verdict;	  /* on TLS */
	_Atomic(const char *) state_name;
	_Atomic unsigned orders_done;
};

_Static_assert(offsetof(struct media_leg_stats, rtp_jitter_us) < CACHE_LINE, "one line");
_Static_assert(offsetof(struct media_leg, cfg.police_rate) <
		   offsetof(struct media_leg, worker) + CACHE_LINE,
	       "one line");
_Static_assert(offsetof(struct media_leg, cfg.remote) - offsetof(struct media_leg, d.srtp.rx) <
		   2048,
	       "in one page more often than in two");

/* Fetch what a packet from the peer of leg will look at, but for the socket it came through. */
static inline void leg_prefetch_in(const struct media_leg *leg)
{
	__builtin_prefetch(&leg->worker);
	__builtin_prefetch(&leg->stats, 1);
	__builtin_prefetch(&leg->d.srtp.rx);
	__builtin_prefetch(&leg->d.watch, 1);
}

/* The same for a packet to its peer. */
static inline void leg_prefetch_out(const struct media_leg *leg)
{
	__builtin_prefetch(&leg->worker, 1);
	__builtin_prefetch(&leg->stats, 1);
	__builtin_prefetch(&leg->d.rtp);
	__builtin_prefetch(&leg->d.known);
	__builtin_prefetch(&leg->d.srtp.tx);
}

static inline bool leg_is_stream(const struct media_leg *leg)
{
	return media_proto_is_tcp(leg->proto);
}

/* Single writer, any reader. */
#define STAT_ADD(counter, n)                                                                       \
	__atomic_store_n(&(counter), (counter) + (uint64_t)(n), __ATOMIC_RELAXED)
#define STAT_SET(value, v) __atomic_store_n(&(value), (v), __ATOMIC_RELAXED)

/* ---- activity.c: media inactivity (adid/ipstop) ---- */

/* The configuration was changed, or the leg is with another worker: watch as it says from now on.
 */
void activity_watch(struct media_leg *leg, bool anew);
/* A packet passed a leg that was reported as silent. */
void activity_seen(struct media_leg *leg);

static inline void activity_note_in(struct media_leg *leg, int64_t now_ms)
{
	STAT_SET(leg->stats.last_in_ms, now_ms);
	if (__builtin_expect(leg->inactive_told & SILENT_IN, 0))
		activity_seen(leg);
}

static inline void activity_note_out(struct media_leg *leg, int64_t now_ms)
{
	leg->last_out_ms = now_ms;
	if (__builtin_expect(leg->inactive_told & SILENT_OUT, 0))
		activity_seen(leg);
}

/* ---- trace.c: one leg's traffic in a pcap file ---- */

int trace_open(struct media_leg *leg, int fd);
void trace_close(struct media_leg *leg);
void trace_datagram(struct media_leg *leg, bool in, bool rtcp, const uint8_t *p, size_t len);
void trace_stream(struct media_leg *leg, bool in, const char *p, size_t len);

#endif
