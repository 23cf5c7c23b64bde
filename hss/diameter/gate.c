/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/gate.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/netaddr.h"
#include "hss/counters.h"

enum {
	DIAMETER_LEAST = 20,
	TLS_HANDSHAKE = 22,
	TLS_RECORD_HEAD = 5,
	TAKE_MAX = 64,
	BACKLOG = 1024
};

/* A connection that has not said anything yet. */
struct waiting {
	int fd;
	int64_t since_ms;
	bool tls;
};

/* Those of one listener; each listener has a thread of its own in libfdcore. */
static __thread struct {
	struct waiting at[GATE_WAITING_MAX]; /* oldest first */
	size_t n;
	bool listening;
} waiting;

/* TLS connections that libfdcore has and from which no message came yet, each with a descriptor of
 * ours: shutting that down cannot hit another connection, whatever became of libfdcore's. */
static struct {
	int number; /* libfdcore's descriptor; -1: free */
	int fd;	    /* ours */
	int64_t since_ms;
} handshake[GATE_HANDSHAKES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint16_t tls_port;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void gate_start(uint16_t port)
{
	tls_port = port;
	for (size_t i = 0; i < GATE_HANDSHAKES_MAX; i++)
		handshake[i].number = -1;
}

/* libfdcore cancels its threads; not with the lock held. */
static int lock_table(void)
{
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&lock);
	return cancel;
}

static void unlock_table(int cancel)
{
	pthread_mutex_unlock(&lock);
	pthread_setcancelstate(cancel, NULL);
}

static void handshake_end(size_t i, bool cut)
{
	if (cut) {
		shutdown(handshake[i].fd, SHUT_RDWR);
		counter_add(COUNT_connections_cut, 1);
	}
	close(handshake[i].fd);
	handshake[i].number = -1;
}

/* Remember a TLS connection that libfdcore gets as number. The oldest gives way. */
static void handshake_begin(int number)
{
	int own = dup(number), cancel;
	size_t at = 0;

	if (own < 0)
		return;
	cancel = lock_table();
	for (size_t i = 0; i < GATE_HANDSHAKES_MAX; i++)
		if (handshake[i].number == number) /* libfdcore has closed that one since */
			handshake_end(i, false);
	for (size_t i = 0; i < GATE_HANDSHAKES_MAX; i++)
		if (handshake[i].number < 0)
			at = i;
		else if (handshake[at].number >= 0 &&
			 handshake[i].since_ms < handshake[at].since_ms)
			at = i;
	if (handshake[at].number >= 0)
		handshake_end(at, true);
	handshake[at].number = number;
	handshake[at].fd = own;
	handshake[at].since_ms = now();
	unlock_table(cancel);
}

static void cut_handshakes(int64_t now_ms)
{
	int cancel = lock_table();

	for (size_t i = 0; i < GATE_HANDSHAKES_MAX; i++)
		if (handshake[i].number >= 0 && now_ms - handshake[i].since_ms >= GATE_HANDSHAKE_MS)
			handshake_end(i, true);
	unlock_table(cancel);
}

void gate_proved(const char *connection)
{
	const char *arrow = connection ? strstr(connection, "<-") : NULL;
	int number, cancel;

	if (!arrow || sscanf(arrow, "<-%d", &number) != 1)
		return;
	cancel = lock_table();
	for (size_t i = 0; i < GATE_HANDSHAKES_MAX; i++)
		if (handshake[i].number == number)
			handshake_end(i, false);
	unlock_table(cancel);
}

static void forget(size_t i)
{
	waiting.n--;
	memmove(&waiting.at[i], &waiting.at[i + 1], (waiting.n - i) * sizeof(waiting.at[0]));
}

static void turn_away(size_t i)
{
	close(waiting.at[i].fd);
	forget(i);
	counter_add(COUNT_connections_cut, 1);
}

/*
 * How many octets the first message has: as soon as its head is there the whole length, before that
 * the length of the head. -1: it is none.
 */
static ssize_t first_length(const uint8_t *p, size_t n, bool tls)
{
	size_t head = tls ? TLS_RECORD_HEAD : 4, len;

	if (n && p[0] != (tls ? TLS_HANDSHAKE : 1))
		return -1;
	if (n < head)
		return (ssize_t)head;
	len = tls ? TLS_RECORD_HEAD + ((size_t)p[3] << 8 | p[4])
		  : (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	return len > GATE_FIRST_MAX || (!tls && len < DIAMETER_LEAST) ? -1 : (ssize_t)len;
}

/* Has it said its first message? 1: yes, 0: not yet, -1: it has gone, or says something else. */
static int look(const struct waiting *w)
{
	uint8_t head[TLS_RECORD_HEAD];
	ssize_t n = recv(w->fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT), need;
	int available = 0, least;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	need = n > 0 ? first_length(head, (size_t)n, w->tls) : -1;
	if (need < 0)
		return -1;
	/* poll() is to wake us only when that much is there; a peer that ends before wakes us, too */
	least = (int)need;
	setsockopt(w->fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
	if (n > (w->tls ? 4 : 3)) {
		uint8_t *all = malloc(GATE_FIRST_MAX);
		ssize_t got = all ? recv(w->fd, all, (size_t)need, MSG_PEEK | MSG_DONTWAIT) : -1;

		free(all);
		available = got >= need;
	}
	least = 1;
	if (available)
		setsockopt(w->fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least));
	return available;
}

static uint16_t local_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr a = {0};

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		netaddr_from_sockaddr(&ss, &a);
	return a.port;
}

/* Is there another connection? accept4() of a blocking listener would wait for it. */
static bool has_come(int listener)
{
	struct pollfd fd = {.fd = listener, .events = POLLIN};

	return poll(&fd, 1, 0) == 1 && fd.revents == POLLIN;
}

static void take_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) { /* no descriptors: those that are silent give theirs */
		if (errno != EINTR && waiting.n)
			turn_away(0);
		return;
	}
	if (waiting.n == GATE_WAITING_MAX)
		turn_away(0);
	waiting.at[waiting.n++] =
	    (struct waiting){fd, now(), tls_port && local_port(fd) == tls_port};
}

/* Take what has come to the listener, but look at what is said in between. */
static void take(int listener)
{
	for (int i = 0; i < TAKE_MAX && has_come(listener); i++)
		take_one(listener);
}

/* One that has said its first message, or -1. */
static int ready(const struct pollfd *fds, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		int fd = waiting.at[i - 1].fd, said;

		if (!fds[i - 1].revents)
			continue;
		said = look(&waiting.at[i - 1]);
		/* the peer has ended and what it said is not whole */
		if (said == 0 && (fds[i - 1].revents & (POLLRDHUP | POLLHUP | POLLERR)))
			said = -1;
		if (said < 0)
			turn_away(i - 1);
		if (said <= 0)
			continue;
		if (waiting.at[i - 1].tls)
			handshake_begin(fd);
		forget(i - 1);
		return fd;
	}
	return -1;
}

static int next_connection(int listener)
{
	struct pollfd fds[GATE_WAITING_MAX + 1];

	if (!waiting
		 .listening) { /* libfdcore lets five wait, and the sixth tries again a second later */
		listen(listener, BACKLOG);
		waiting.listening = true;
	}
	for (;;) {
		size_t n = waiting.n;
		int fd;

		for (size_t i = 0; i < n; i++)
			fds[i] =
			    (struct pollfd){.fd = waiting.at[i].fd, .events = POLLIN | POLLRDHUP};
		fds[n] = (struct pollfd){.fd = listener, .events = POLLIN};
		if (poll(fds, n + 1, 500) < 0 && errno != EINTR)
			return -1;
		fd = ready(fds, n);
		if (fd >= 0)
			return fd;
		while (waiting.n && now() - waiting.at[0].since_ms >= GATE_FIRST_MS)
			turn_away(0);
		cut_handshakes(now());
		if (fds[n].revents & (POLLERR | POLLNVAL))
			return -1;
		if (fds[n].revents)
			take(listener);
	}
}

static bool is_tcp(int listener)
{
	int protocol = 0;
	socklen_t len = sizeof(protocol);

	return getsockopt(listener, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == IPPROTO_TCP;
}

/* In place of libc's, for libfdcore: see gate.h. */
int accept(int listener, struct sockaddr *addr, socklen_t *len)
{
	int fd;

	if (!is_tcp(listener))
		return accept4(listener, addr, len, SOCK_CLOEXEC);
	do
		fd = next_connection(listener);
	while (fd >= 0 && addr && getpeername(fd, addr, len) < 0 && close(fd) == 0);
	return fd;
}

/* In place of libc's, for libfdcore: nobody waits for the DNS. */
int getnameinfo(const struct sockaddr *sa, socklen_t salen, char *host, socklen_t hostlen,
		char *serv, socklen_t servlen, int flags)
{
	struct sockaddr_storage ss = {0};
	char text[NETADDR_TEXT_MAX];
	struct netaddr a;

	(void)flags;
	if (salen > sizeof(ss))
		return EAI_FAMILY;
	memcpy(&ss, sa, salen);
	netaddr_from_sockaddr(&ss, &a);
	if (!netaddr_known(&a))
		return EAI_FAMILY;
	if ((host && snprintf(host, hostlen, "%s", netaddr_ip_text(&a, text)) >= (int)hostlen) ||
	    (serv && snprintf(serv, servlen, "%u", a.port) >= (int)servlen))
		return EAI_OVERFLOW;
	return 0;
}
