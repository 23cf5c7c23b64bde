/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters for Prometheus: its text format, and GET /metrics. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/netaddr.h"
#include "daemon/server.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

enum { METRIC_BOUNDS_MAX = 16 };

/* Observations by size. bounds are its buckets' upper limits, in rising order, and stay the caller's. */
struct metric_histogram {
	const uint32_t *bounds;
	size_t n;				/* of them */
	uint64_t counts[METRIC_BOUNDS_MAX + 1]; /* the last: above all bounds */
	uint64_t sum;
};
void metric_observe(struct metric_histogram *h, uint64_t value);
/* The series of one histogram, in a family; label and label_value as below. */
void metric_histogram(struct outbuf *out, const char *name, const char *label,
		      const char *label_value, const struct metric_histogram *h);

/* A family: its HELP and TYPE lines. Series of it follow. */
void metric_family(struct outbuf *out, const char *name, enum metric_type type, const char *help);
/* One series; label is NULL, or a label name whose value is escaped as the format demands. */
void metric_series(struct outbuf *out, const char *name, const char *label, const char *label_value,
		   uint64_t value);
/* A family with one series and no labels. */
void metric(struct outbuf *out, const char *name, enum metric_type type, const char *help,
	    uint64_t value);

/* Writes all families of the daemon. */
typedef void (*metrics_h)(struct outbuf *out, void *arg);

struct metrics {
	metrics_h handler;
	void *arg;
};

/* "9100" on 127.0.0.1, "192.0.2.1:9100", "[2001:db8::1]:9100". Returns 0, or -1: none of these. */
int metrics_address(const char *where, struct netaddr *out);

/*
 * Listen on "ADDRESS:PORT" or "[IPv6]:PORT", or on the port named alone on 127.0.0.1. Returns the
 * socket, or -1 with a sentence in why.
 */
int metrics_open(const char *where, char *why, size_t size);
/* A server (server.h) that answers GET /metrics, and 404 to all else. m stays the caller's and must
 * outlive it. */
struct server *metrics_server(int fd, struct metrics *m);

#endif
