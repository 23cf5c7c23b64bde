/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a connection may take for a request and its answer. libmicrohttpd ends what is silent; this
 * ends what comes, or is read, an octet at a time. Safe from every thread.
 */
#ifndef HTTP_DEADLINES_H
#define HTTP_DEADLINES_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_CONNECTIONS_MAX = 64, HTTP_REQUEST_MS = 30000 };

/* Of one connection. */
struct deadline {
	struct deadlines *of;
	int fd;		  /* -1: free; -2: shut down */
	int64_t since_ms; /* -1: it waits for us */
};

/* Of the connections of one server. */
struct deadlines {
	pthread_mutex_t lock; /* PTHREAD_MUTEX_INITIALIZER */
	struct deadline table[HTTP_CONNECTIONS_MAX];
	size_t used; /* of the table, all free behind */
};

/* A connection began; NULL where there are too many. It ends before its descriptor is closed. */
struct deadline *deadline_new(struct deadlines *of, int fd, int64_t now_ms);
void deadline_free(struct deadline *d);
/* Time begins anew: with each request, and when an import has made a step. */
void deadline_again(struct deadline *d, int64_t now_ms);
/* We make it wait ourselves: no time passes, until deadline_again(). */
void deadline_hold(struct deadline *d);
/* Shut down those that are over their time; returns how many. */
unsigned int deadlines_check(struct deadlines *of, int64_t now_ms);

#endif
