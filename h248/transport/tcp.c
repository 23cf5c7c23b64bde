/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TPKT over TCP. Connections are made by the first message to an address, and kept until either
 * side ends them. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "h248/transport/tpkt.h"
#include "h248/transport/internal.h"

#define OUTPUT_MAX (1u << 20) /* bytes waiting on one connection; above, messages are lost */

struct tcp_link {
	struct tcp_link *next;
	int fd;
	struct h248_addr peer;
	bool connecting, dead;
	char *in, *out; /* in: H248_TPKT_MAX bytes */
	size_t in_len, out_len, out_size;
};

static int watch(struct h248_transport *t, struct tcp_link *l, int op)
{
	struct epoll_event ev = {.events = EPOLLIN |
					   (l->connecting || l->out_len ? (uint32_t)EPOLLOUT : 0u),
				 .data.ptr = l};

	return epoll_ctl(t->fd, op, l->fd, &ev);
}

static void link_free(struct tcp_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->in);
	free(l->out);
	free(l);
}

static struct tcp_link *link_new(struct h248_transport *t, int fd, const struct h248_addr *peer,
				 bool connecting)
{
	struct tcp_link *l = calloc(1, sizeof(*l));
	int one = 1;

	if (!l)
		return NULL;
	l->fd = -1;
	l->in = malloc(H248_TPKT_MAX);
	l->peer = *peer;
	l->peer.link = ++t->next_link ? t->next_link : ++t->next_link;
	l->connecting = connecting;
	if (!l->in) {
		link_free(l);
		return NULL;
	}
	l->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (watch(t, l, EPOLL_CTL_ADD)) {
		l->fd = -1; /* the caller closes it */
		link_free(l);
		return NULL;
	}
	l->next = t->links;
	t->links = l;
	t->link_count++;
	return l;
}

/* Freed at the end of tcp_ready(), since events of this round may still name it. */
static void link_lost(struct h248_transport *t, struct tcp_link *l, int64_t now_ms)
{
	if (l->dead)
		return;
	l->dead = true;
	epoll_ctl(t->fd, EPOLL_CTL_DEL, l->fd, NULL);
	if (t->cfg.link_lost)
		t->cfg.link_lost(t->cfg.user, &l->peer, now_ms);
}

static void sweep(struct h248_transport *t)
{
	struct tcp_link **at = &t->links;

	while (*at) {
		struct tcp_link *l = *at;

		if (!l->dead) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		t->link_count--;
		link_free(l);
	}
}

int tcp_open(struct h248_transport *t)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	int one = 1;

	if (!t->cfg.max_links)
		t->cfg.max_links = 256;
	t->fd = epoll_create1(EPOLL_CLOEXEC);
	if (t->fd < 0)
		return H248_E_SYSTEM;
	if (!t->cfg.listen)
		return H248_OK;
	t->listener = transport_socket(t, netaddr_af(&t->cfg.local.at), SOCK_STREAM, 0);
	if (t->listener < 0 ||
	    setsockopt(t->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    transport_bind(t->listener, &t->cfg.local) || listen(t->listener, 64) ||
	    epoll_ctl(t->fd, EPOLL_CTL_ADD, t->listener, &ev))
		return H248_E_SYSTEM;
	return H248_OK;
}

void tcp_close(struct h248_transport *t)
{
	for (struct tcp_link *l = t->links; l; l = l->next)
		l->dead = true;
	sweep(t);
}

static void accept_links(struct h248_transport *t)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct h248_addr peer = {0};
		struct sockaddr_storage ss;
		socklen_t size = sizeof(ss);
		int fd = accept4(t->listener, (struct sockaddr *)&ss, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		netaddr_from_sockaddr(&ss, &peer.at);
		if (t->link_count >= t->cfg.max_links || !link_new(t, fd, &peer, false)) {
			t->counters.refused_links++;
			close(fd);
		}
	}
}

static int flush(struct h248_transport *t, struct tcp_link *l)
{
	size_t done = 0;

	while (done < l->out_len) {
		ssize_t n = send(l->fd, l->out + done, l->out_len - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	memmove(l->out, l->out + done, l->out_len - done);
	l->out_len -= done;
	return watch(t, l, EPOLL_CTL_MOD);
}

static int read_link(struct h248_transport *t, struct tcp_link *l, int64_t now_ms)
{
	for (unsigned i = 0; i < BATCH && !l->dead; i++) {
		ssize_t n = recv(l->fd, l->in + l->in_len, H248_TPKT_MAX - l->in_len, 0);
		size_t done = 0;
		int used = 0;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -1;
		l->in_len += (size_t)n;
		while (!l->dead) {
			struct slice text;

			used = h248_tpkt_next(slice_make(l->in + done, l->in_len - done), &text);
			if (used <= 0)
				break;
			t->counters.in++;
			t->cfg.receive(t->cfg.user, &l->peer, text, now_ms);
			done += (size_t)used;
		}
		if (used < 0) {
			t->counters.framing_errors++;
			return -1;
		}
		memmove(l->in, l->in + done, l->in_len - done);
		l->in_len -= done;
	}
	return 0;
}

static void link_event(struct h248_transport *t, struct tcp_link *l, uint32_t events,
		       int64_t now_ms)
{
	int rc = 0;

	if (l->connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
		int error = 0;
		socklen_t size = sizeof(error);

		getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		l->connecting = false;
		rc = error ? -1 : 0;
	}
	if (!rc && (events & EPOLLOUT))
		rc = flush(t, l);
	if (!rc && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
		rc = read_link(t, l, now_ms);
	if (rc)
		link_lost(t, l, now_ms);
}

void tcp_ready(struct h248_transport *t, int64_t now_ms)
{
	struct epoll_event events[BATCH];
	int n = epoll_wait(t->fd, events, BATCH, 0);

	for (int i = 0; i < n; i++) {
		struct tcp_link *l = events[i].data.ptr;

		if (!l)
			accept_links(t);
		else if (!l->dead)
			link_event(t, l, events[i].events, now_ms);
	}
	sweep(t);
}

static struct tcp_link *connect_link(struct h248_transport *t, const struct h248_addr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&to->at, &ss);
	int fd = transport_socket(t, netaddr_af(&to->at), SOCK_STREAM, 0);
	struct tcp_link *l;

	if (fd < 0)
		return NULL;
	if (t->link_count >= t->cfg.max_links ||
	    (connect(fd, (struct sockaddr *)&ss, size) && errno != EINPROGRESS) ||
	    !(l = link_new(t, fd, to, true))) {
		close(fd);
		return NULL;
	}
	return l;
}

/* By connection where one is named, else by address. */
static struct tcp_link *find_link(struct h248_transport *t, const struct h248_addr *to)
{
	for (struct tcp_link *l = t->links; l; l = l->next) {
		if (!l->dead && to->link && l->peer.link == to->link)
			return l;
	}
	for (struct tcp_link *l = t->links; l; l = l->next) {
		if (!l->dead && h248_addr_equal(&l->peer, to))
			return l;
	}
	return connect_link(t, to);
}

int tcp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len)
{
	unsigned char header[H248_TPKT_HEADER];
	struct tcp_link *l;
	size_t need;

	if (h248_tpkt_header(len, header))
		return H248_E_SIZE;
	l = find_link(t, to);
	if (!l)
		return H248_E_SYSTEM;
	need = l->out_len + sizeof(header) + len;
	if (need > OUTPUT_MAX)
		return H248_E_SIZE;
	if (need > l->out_size) {
		char *bigger = realloc(l->out, need * 2);

		if (!bigger)
			return H248_E_MEMORY;
		l->out = bigger;
		l->out_size = need * 2;
	}
	memcpy(l->out + l->out_len, header, sizeof(header));
	memcpy(l->out + l->out_len + sizeof(header), bytes, len);
	l->out_len = need;
	if (!l->connecting)
		flush(t, l);
	return H248_OK;
}
