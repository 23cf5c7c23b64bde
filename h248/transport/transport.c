/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common face of the transports: udp.c, sctp.c, and tcp.c for TPKT. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h248/transport/internal.h"

int transport_socket(const struct h248_transport *t, int family, int type, int protocol)
{
	const char *device = t->cfg.device;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd >= 0 && device[0] &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device))) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int transport_bind(int fd, const struct h248_addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(&addr->at, &ss);

	return bind(fd, (struct sockaddr *)&ss, size);
}

int h248_transport_open(const struct h248_transport_config *cfg, struct h248_transport **out)
{
	struct h248_transport *t;
	int rc;

	if (!cfg->receive || !netaddr_known(&cfg->local.at) ||
	    !memchr(cfg->device, 0, sizeof(cfg->device)))
		return H248_E_ARGUMENT;
	t = calloc(1, sizeof(*t));
	if (!t)
		return H248_E_MEMORY;
	t->cfg = *cfg;
	t->fd = t->listener = -1;
	t->buffer = malloc(RECEIVE_MAX);
	if (!t->buffer)
		rc = H248_E_MEMORY;
	else if (cfg->kind == H248_UDP)
		rc = udp_open(t);
	else if (cfg->kind == H248_SCTP)
		rc = sctp_open(t);
	else
		rc = tcp_open(t);
	if (rc) {
		int saved = errno;

		h248_transport_close(t);
		errno = saved;
		return rc;
	}
	*out = t;
	return H248_OK;
}

void h248_transport_close(struct h248_transport *t)
{
	if (!t)
		return;
	if (t->cfg.kind == H248_TPKT)
		tcp_close(t);
	if (t->listener >= 0)
		close(t->listener);
	if (t->fd >= 0)
		close(t->fd);
	free(t->buffer);
	free(t);
}

void h248_transport_set_user(struct h248_transport *t, void *user)
{
	t->cfg.user = user;
}

int h248_transport_fd(const struct h248_transport *t)
{
	return t->fd;
}

void h248_transport_local(const struct h248_transport *t, struct h248_addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);

	*addr = t->cfg.local;
	if (getsockname(t->listener >= 0 ? t->listener : t->fd, (struct sockaddr *)&ss, &size) == 0)
		netaddr_from_sockaddr(&ss, &addr->at);
}

void h248_transport_ready(struct h248_transport *t, int64_t now_ms)
{
	if (t->cfg.kind == H248_UDP)
		udp_ready(t, now_ms);
	else if (t->cfg.kind == H248_SCTP)
		sctp_ready(t, now_ms);
	else
		tcp_ready(t, now_ms);
}

int h248_transport_send(struct h248_transport *t, const struct h248_addr *to, const char *bytes,
			size_t len)
{
	int rc;

	if (t->cfg.kind == H248_UDP)
		rc = udp_send(t, to, bytes, len);
	else if (t->cfg.kind == H248_SCTP)
		rc = sctp_send(t, to, bytes, len);
	else
		rc = tcp_send(t, to, bytes, len);
	if (rc)
		t->counters.send_failures++;
	else
		t->counters.out++;
	return rc;
}

const struct h248_transport_counters *h248_transport_counters(const struct h248_transport *t)
{
	return &t->counters;
}
