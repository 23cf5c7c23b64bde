/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP, with what the hosts of the peers say of it (ICMP). */
#include <errno.h>
#include <netinet/in.h>
#include <time.h>

#include <linux/errqueue.h>

#include "h248/transport/internal.h"

int udp_open(struct h248_transport *t)
{
	bool v6 = netaddr_af(&t->cfg.local.at) == AF_INET6;
	int size = 4 << 20, on = 1;

	t->fd = transport_socket(t, netaddr_af(&t->cfg.local.at), SOCK_DGRAM, 0);
	if (t->fd < 0)
		return H248_E_SYSTEM;
	setsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &size,
		   sizeof(size)); /* as much as the system gives */
	if (t->cfg.refused && setsockopt(t->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
					 v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on)))
		return H248_E_SYSTEM;
	if (transport_bind(t->fd, &t->cfg.local))
		return H248_E_SYSTEM;
	return H248_OK;
}

static bool says_refused(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct sock_extended_err e;

		if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		return e.ee_errno == ECONNREFUSED;
	}
	return false;
}

/* What came back is kept by the kernel with its destination; nobody needs its text. */
static void udp_errors(struct h248_transport *t, int64_t now_ms)
{
	for (unsigned i = 0; i < BATCH; i++) {
		char control[256];
		struct sockaddr_storage ss;
		struct msghdr m = {.msg_name = &ss,
				   .msg_namelen = sizeof(ss),
				   .msg_control = control,
				   .msg_controllen = sizeof(control)};
		struct h248_addr to = {0};

		if (recvmsg(t->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		if (m.msg_namelen && says_refused(&m)) {
			netaddr_from_sockaddr(&ss, &to.at);
			t->cfg.refused(t->cfg.user, &to, now_ms);
		}
	}
}

void udp_ready(struct h248_transport *t, int64_t now_ms)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct h248_addr from = {0};
		struct sockaddr_storage ss;
		socklen_t size = sizeof(ss);
		ssize_t n =
		    recvfrom(t->fd, t->buffer, RECEIVE_MAX, 0, (struct sockaddr *)&ss, &size);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0)
			continue; /* a bounced earlier packet (ICMP), or an empty one */
		netaddr_from_sockaddr(&ss, &from.at);
		t->counters.in++;
		t->cfg.receive(t->cfg.user, &from, slice_make(t->buffer, (size_t)n), now_ms);
		explicit_bzero(t->buffer, (size_t)n);
	}
	/* Last: who has said something just now listens. */
	if (t->cfg.refused)
		udp_errors(t, now_ms);
}

int udp_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&to->at, &ss);

	/* An error may be that of an earlier message, perhaps to somebody else: it is taken with this try. */
	for (int i = 0; i < 2; i++)
		if (sendto(t->fd, bytes, len, MSG_NOSIGNAL, (struct sockaddr *)&ss, size) ==
		    (ssize_t)len)
			return H248_OK;
	return H248_E_SYSTEM;
}
