/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A question whose answer is being made. The handler owns it until request_done(). */
struct request {
	struct shared *shared;
	struct request *next; /* in shared->done */
	uint64_t client;      /* whose question it is */
	struct outbuf out;
};

/* What the server and requests on other threads share; the last of them frees it. */
struct shared {
	pthread_mutex_t lock;
	unsigned int holders; /* the server, and each request under way */
	int wake;	      /* eventfd; -1 when the server has gone */
	struct request *done;
};

struct client {
	int fd; /* -1: free */
	uint64_t number;
	int64_t since_ms; /* accepted, or last octet taken */
	enum { ASKING, WAITING, READING } stage;
	size_t len, sent;
	char question[SERVER_QUESTION_MAX];
	struct outbuf out;
};

struct server {
	int fd;
	enum server_kind kind;
	request_h handler;
	void *arg;
	struct shared *shared;
	uint64_t next_number;
	int64_t rest_until_ms; /* no descriptor for a client: look again then, not at once */
	bool resting;
	struct client client[SERVER_CLIENTS_MAX];
};

static void shared_release(struct shared *sh)
{
	bool last = --sh->holders == 0;

	pthread_mutex_unlock(&sh->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&sh->lock);
	free(sh);
}

static void request_free(struct request *r)
{
	outbuf_free(&r->out);
	free(r);
}

struct server *server_new(int fd, enum server_kind kind, request_h handler, void *arg)
{
	struct server *s = calloc(1, sizeof(*s));
	struct shared *sh = calloc(1, sizeof(*sh));
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (!s || !sh || wake < 0) {
		if (wake >= 0)
			close(wake);
		close(fd);
		free(s);
		free(sh);
		return NULL;
	}
	pthread_mutex_init(&sh->lock, NULL);
	sh->holders = 1;
	sh->wake = wake;
	*s = (struct server){.fd = fd, .kind = kind, .handler = handler, .arg = arg, .shared = sh};
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->client[i].fd = -1;
	return s;
}

static void client_close(struct client *c)
{
	close(c->fd);
	outbuf_free(&c->out);
	c->fd = -1;
}

void server_free(struct server *s)
{
	struct request *done;

	if (!s)
		return;
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (s->client[i].fd >= 0)
			client_close(&s->client[i]);
	close(s->fd);
	pthread_mutex_lock(&s->shared->lock);
	close(s->shared->wake);
	s->shared->wake = -1;
	done = s->shared->done;
	s->shared->done = NULL;
	shared_release(s->shared);
	while (done) {
		struct request *next = done->next;

		request_free(done);
		done = next;
	}
	free(s);
}

struct outbuf *request_out(struct request *r)
{
	return &r->out;
}

void request_done(struct request *r)
{
	struct shared *sh = r->shared;
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel); /* not with the lock held */
	pthread_mutex_lock(&sh->lock);
	if (sh->wake >= 0) {
		r->next = sh->done;
		sh->done = r;
		eventfd_write(sh->wake, 1);
	} else {
		request_free(r);
	}
	shared_release(sh);
	pthread_setcancelstate(cancel, NULL);
}

static void ask(struct server *s, struct client *c, size_t len)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r) {
		client_close(c);
		return;
	}
	r->shared = s->shared;
	r->client = c->number;
	pthread_mutex_lock(&s->shared->lock);
	s->shared->holders++;
	pthread_mutex_unlock(&s->shared->lock);
	c->stage = WAITING;
	s->handler(r, slice_make(c->question, len), s->arg);
}

/* The length of a complete question, or -1. */
static ssize_t question_length(const struct server *s, const struct client *c)
{
	const char *end = s->kind == SERVER_LINE ? memchr(c->question, '\n', c->len)
						 : memmem(c->question, c->len, "\r\n\r\n", 4);

	return end ? end - c->question : -1;
}

static void receive(struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->question + c->len, sizeof(c->question) - c->len, MSG_DONTWAIT);
	ssize_t len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(c);
		return;
	}
	c->len += (size_t)n;
	len = question_length(s, c);
	if (len >= 0)
		ask(s, c, (size_t)len);
	else if (c->len == sizeof(c->question))
		client_close(c);
}

static void send_answer(struct client *c, int64_t now_ms)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.p + c->sent, c->out.len - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			break;
		c->sent += (size_t)n;
		c->since_ms = now_ms;
	}
	client_close(c);
}

/* Give the answers that are ready to the clients that still wait for them. */
static void take_answers(struct server *s, int64_t now_ms)
{
	struct request *done;
	eventfd_t n;

	pthread_mutex_lock(&s->shared->lock);
	eventfd_read(s->shared->wake, &n);
	done = s->shared->done;
	s->shared->done = NULL;
	pthread_mutex_unlock(&s->shared->lock);
	while (done) {
		struct request *r = done;

		done = r->next;
		for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
			struct client *c = &s->client[i];

			if (c->fd < 0 || c->number != r->client)
				continue;
			c->out = r->out;
			memset(&r->out, 0, sizeof(r->out));
			c->stage = READING;
			c->since_ms = now_ms;
			send_answer(c, now_ms);
		}
		request_free(r);
	}
}

/* Where the table is full, whoever has asked for nothing longest makes room. */
static struct client *free_slot(struct server *s)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->client[i];

		if (c->fd < 0)
			return c;
		if (c->stage == ASKING && (!oldest || c->since_ms < oldest->since_ms))
			oldest = c;
	}
	if (oldest)
		client_close(oldest);
	return oldest;
}

static void accept_one(struct server *s, int64_t now_ms)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			s->rest_until_ms = now_ms + SERVER_REST_MS;
		return;
	}
	c = free_slot(s);
	if (!c) {
		close(fd);
		return;
	}
	c->fd = fd;
	c->number = ++s->next_number;
	c->since_ms = now_ms;
	c->stage = ASKING;
	c->len = c->sent = 0;
}

size_t server_poll(struct server *s, struct pollfd *fds)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){.fd = s->fd, .events = s->resting ? 0 : POLLIN};
	fds[n++] = (struct pollfd){.fd = s->shared->wake, .events = POLLIN};
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		static const short events[] = {[ASKING] = POLLIN, [READING] = POLLOUT};

		if (s->client[i].fd >= 0 && s->client[i].stage != WAITING)
			fds[n++] = (struct pollfd){.fd = s->client[i].fd,
						   .events = events[s->client[i].stage]};
	}
	return n;
}

static void client_ready(struct server *s, int fd, int64_t now_ms)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->client[i];

		if (c->fd != fd)
			continue;
		if (c->stage == ASKING)
			receive(s, c);
		else if (c->stage == READING)
			send_answer(c, now_ms);
		return;
	}
}

static void close_late(struct server *s, int64_t now_ms)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct client *c = &s->client[i];

		if (c->fd < 0 || c->stage == WAITING)
			continue;
		if (now_ms - c->since_ms >= (c->stage == ASKING ? SERVER_ASK_MS : SERVER_READ_MS))
			client_close(c);
	}
}

void server_handle(struct server *s, const struct pollfd *fds, size_t n, int64_t now_ms)
{
	for (size_t i = 2; i < n; i++)
		if (fds[i].revents)
			client_ready(s, fds[i].fd, now_ms);
	take_answers(s, now_ms);
	close_late(s, now_ms);
	if (n && fds[0].revents)
		accept_one(s, now_ms);
	s->resting = now_ms < s->rest_until_ms;
}

bool server_busy(const struct server *s)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (s->client[i].fd >= 0)
			return true;
	return false;
}
