/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ue/net.h"
#include "ue/sip_msg.h"

/* Where protected ports are looked for. */
enum { FIRST_PORT = 5100, LAST_PORT = 29999 };

/* Released, but a callback up the stack may still look at them. */
static struct port *dead_ports;
static struct stream *dead_streams;

/*
 * One for all accesses: phones that share an address do not take a port over from each other while
 * the network still keeps what was bound to it.
 */
static uint16_t next_port = FIRST_PORT;

static void udp_ready(struct io *io, uint32_t events)
{
	static char buf[UE_SIP_MESSAGE_MAX + 1]; /* one thread, and nothing above keeps it */
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr src;
	ssize_t n;

	(void)events;
	/* Level-triggered: what is left is told again. An error here is an ICMP answer to an
	 * earlier datagram. */
	n = recvfrom(io->fd, buf, sizeof(buf), 0, (struct sockaddr *)&ss, &len);
	if (n <= 0)
		return;
	netaddr_from_sockaddr(&ss, &src);
	net_received(io->owner, NULL, &src, slice_make(buf, (size_t)n));
}

static void stream_kill(struct stream *s)
{
	struct stream **at = &s->port->streams;

	if (s->dead)
		return;
	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
	s->dead = true;
	io_close(&s->io);
	net_stream_gone(s);
	s->next = dead_streams;
	dead_streams = s;
}

void net_reap(void)
{
	while (dead_streams) {
		struct stream *s = dead_streams;

		dead_streams = s->next;
		text_free(&s->in);
		text_free(&s->out);
		free(s);
	}
	while (dead_ports) {
		struct port *p = dead_ports;

		dead_ports = p->next;
		free(p);
	}
}

/* Give away all whole messages that are in. */
static void stream_cut(struct stream *s)
{
	while (!s->dead) {
		size_t len = 0;
		enum ue_sip_frame f = ue_sip_frame(text_slice(&s->in), &len);
		char *message;

		if (f == UE_SIP_FRAME_MORE)
			return;
		if (f == UE_SIP_FRAME_BAD) {
			stream_kill(s);
			return;
		}
		message = ue_dup(slice_make(s->in.p, len));
		s->in.len -= len;
		memmove(s->in.p, s->in.p + len, s->in.len);
		if (f == UE_SIP_FRAME_MESSAGE)
			net_received(s->port, s, &s->peer, slice_make(message, len));
		else if (len >= 4) /* ping: double CRLF (RFC 5626 4.4.1) */
			stream_send(s, SLICE_LIT("\r\n"));
		free(message);
	}
}

static void stream_flush(struct stream *s)
{
	while (s->out.len) {
		ssize_t n = send(s->io.fd, s->out.p, s->out.len, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno != EAGAIN && errno != ENOTCONN && errno != EINPROGRESS)
				stream_kill(s);
			break;
		}
		s->out.len -= (size_t)n;
		memmove(s->out.p, s->out.p + n, s->out.len);
	}
	if (!s->dead)
		loop_change(&s->io, EPOLLIN | (s->out.len ? EPOLLOUT : 0));
}

static void stream_ready(struct io *io, uint32_t events)
{
	struct stream *s = io->owner;
	char buf[8192];
	ssize_t n;

	if (events & EPOLLOUT) {
		s->connecting = false;
		stream_flush(s);
	}
	if (s->dead || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(io->fd, buf, sizeof(buf), 0);
	if (n > 0) {
		text_put(&s->in, slice_make(buf, (size_t)n));
		stream_cut(s);
	} else if (n == 0 || errno != EAGAIN) {
		stream_kill(s);
	}
}

static struct stream *stream_new(struct port *p, int fd, const struct netaddr *peer,
				 bool connecting)
{
	struct stream *s = ue_alloc(sizeof(*s));
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->io = (struct io){.fd = fd, .ready = stream_ready, .owner = s};
	s->port = p;
	s->peer = *peer;
	s->connecting = connecting;
	s->next = p->streams;
	p->streams = s;
	loop_add(&s->io, EPOLLIN | (connecting ? EPOLLOUT : 0));
	return s;
}

static void accept_ready(struct io *io, uint32_t events)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr peer;
	int fd = accept4(io->fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	netaddr_from_sockaddr(&ss, &peer);
	stream_new(io->owner, fd, &peer, false);
}

/* Open both sockets of port num. 0 or -1 (errno), nothing left open then. */
static int open_sockets(struct port *p, uint16_t num)
{
	p->udp.fd = access_socket(p->access, SOCK_DGRAM, num);
	if (p->udp.fd < 0)
		return -1;
	/* A client port is bound for TCP too when a connection is made: see that nobody listens
	 * there. */
	p->listener.fd = access_socket(p->access, SOCK_STREAM, num);
	if (p->listener.fd < 0 || (p->role != PORT_UC && listen(p->listener.fd, 16) != 0)) {
		int err = errno;

		close(p->udp.fd);
		if (p->listener.fd >= 0)
			close(p->listener.fd);
		errno = err;
		return -1;
	}
	if (p->role == PORT_UC) {
		close(p->listener.fd);
		p->listener.fd = -1;
	}
	p->num = num;
	return 0;
}

struct port *port_open(struct access *a, enum port_role role, struct conn *conn, uint16_t num)
{
	struct port *p = ue_alloc(sizeof(*p));
	int rc = -1;

	p->role = role;
	p->access = a;
	p->conn = conn;
	p->udp = (struct io){.fd = -1, .ready = udp_ready, .owner = p};
	p->listener = (struct io){.fd = -1, .ready = accept_ready, .owner = p};
	if (num)
		rc = open_sockets(p, num);
	for (int i = 0; !num && rc != 0 && i < 200; i++) {
		uint16_t next = next_port;

		next_port = next >= LAST_PORT ? FIRST_PORT : (uint16_t)(next + 1);
		rc = open_sockets(p, next);
		if (rc != 0 && errno != EADDRINUSE)
			break;
	}
	if (rc != 0) {
		free(p);
		return NULL;
	}
	loop_add(&p->udp, EPOLLIN);
	if (p->listener.fd >= 0)
		loop_add(&p->listener, EPOLLIN);
	return p;
}

bool port_shutdown(struct port *p)
{
	for (struct stream *s = p->streams; s; s = s->next)
		if (!s->shut) {
			shutdown(s->io.fd, SHUT_WR);
			s->shut = true;
		}
	return p->streams != NULL;
}

void port_release(struct port *p)
{
	struct linger reset = {.l_onoff = 1};

	while (p->streams) {
		/* No FIN may linger on after the SAs are gone: it would go in clear. */
		if (p->role != PORT_CLEAR)
			setsockopt(p->streams->io.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		stream_kill(p->streams);
	}
	io_close(&p->udp);
	io_close(&p->listener);
	p->next = dead_ports;
	dead_ports = p;
}

struct port *port_clear(struct access *a)
{
	if (!a->clear)
		a->clear = port_open(a, PORT_CLEAR, NULL, a->local.port);
	return a->clear;
}

int port_send(struct port *p, const struct netaddr *dst, struct slice data)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(dst, &ss);

	return sendto(p->udp.fd, data.p, data.len, MSG_NOSIGNAL, (struct sockaddr *)&ss, len) < 0
		   ? -1
		   : 0;
}

struct stream *port_stream(struct port *p, const struct netaddr *dst)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(dst, &ss);
	int fd;

	for (struct stream *s = p->streams; s; s = s->next)
		if (!s->shut && netaddr_eq(&s->peer, dst))
			return s;
	/* The unprotected port is only for listening: one connects from any. */
	fd = access_socket(p->access, SOCK_STREAM, p->role == PORT_CLEAR ? 0 : p->num);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS) {
		int err = errno;

		close(fd);
		errno = err;
		return NULL;
	}
	return stream_new(p, fd, dst, true);
}

void stream_send(struct stream *s, struct slice data)
{
	text_put(&s->out, data);
	if (!s->connecting)
		stream_flush(s);
}
