/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question, one answer, over a stream socket: the control socket and the metrics endpoint. The
 * server never waits: it lends its descriptors to somebody's poll() and does what is ready. An
 * answer may be given at once or later, from any thread; nobody is held up by a client that does
 * not ask, does not read or goes away.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <poll.h>
#include <stdint.h>

#include "base/slice.h"
#include "daemon/outbuf.h"

enum {
	SERVER_CLIENTS_MAX = 16,
	SERVER_POLL_MAX = SERVER_CLIENTS_MAX + 2, /* descriptors that it may lend */
	SERVER_QUESTION_MAX = 4096,
	SERVER_ASK_MS = 2000, /* a client that has not asked by then is closed */
	SERVER_REST_MS = 200, /* without a descriptor for a client nobody is accepted for so long */
	SERVER_READ_MS = 10000, /* and one that has not taken anything for so long */
};

enum server_kind {
	SERVER_LINE, /* the question is a line */
	SERVER_HTTP, /* the question is the head of an HTTP request (RFC 9112) */
};

struct server;
/* One question under way. */
struct request;

/*
 * Called by server_handle() for each question: a line without its newline, or an HTTP head. It must
 * lead to exactly one request_done(r), within the call or later.
 */
typedef void (*request_h)(struct request *r, struct slice question, void *arg);

/* Serve fd, a listening socket that the server then owns, even when NULL is returned for want of
 * memory or descriptors. */
struct server *server_new(int fd, enum server_kind kind, request_h handler, void *arg);
/* Close everything. Requests under way stay valid until their request_done(). NULL is allowed. */
void server_free(struct server *s);

/* Put the descriptors of interest at fds, at most SERVER_POLL_MAX; returns their number. */
size_t server_poll(struct server *s, struct pollfd *fds);
/*
 * Do what poll() found for the n descriptors of the last server_poll(), and close what is over its
 * time. now_ms is monotonic. Call it at least once a second while server_busy().
 */
void server_handle(struct server *s, const struct pollfd *fds, size_t n, int64_t now_ms);
/* Is any client connected? */
bool server_busy(const struct server *s);

/* The answer, to be written before request_done(). */
struct outbuf *request_out(struct request *r);
/* The answer is complete. Safe from every thread. */
void request_done(struct request *r);

#endif
