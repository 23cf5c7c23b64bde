/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Octets to one connection's socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "agw/media/stream.h"

int pending_add(struct pending *q, const char *p, size_t n)
{
	if (q->at) {
		memmove(q->p, q->p + q->at, q->len - q->at);
		q->len -= q->at;
		q->at = 0;
	}
	if (q->size - q->len < n) {
		char *grown = realloc(q->p, q->len + n);

		if (!grown)
			return -1;
		q->p = grown;
		q->size = q->len + n;
	}
	memcpy(q->p + q->len, p, n);
	q->len += n;
	return 0;
}

void pending_clear(struct pending *q)
{
	if (q->p)
		explicit_bzero(q->p, q->len);
	free(q->p);
	*q = (struct pending){0};
}

/* As much as the socket takes. The octets it took, or -1 with errno. */
static ssize_t send_some(int fd, const char *p, size_t n)
{
	ssize_t k;

	do
		k = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (k < 0 && errno == EINTR);
	return k < 0 && errno == EAGAIN ? 0 : k;
}

int conn_send(struct stream_conn *c, const char *p, size_t n)
{
	struct pending *q = &c->out;

	if (q->len) {
		ssize_t k = send_some(c->fd, q->p + q->at, q->len - q->at);

		if (k < 0)
			return -1;
		q->at += (size_t)k;
		if (q->at == q->len)
			pending_clear(q);
	}
	if (n && !q->len) {
		ssize_t k = send_some(c->fd, p, n);

		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	if (n && pending_add(q, p, n) < 0) {
		errno = ENOMEM;
		return -1;
	}
	return q->len != 0;
}
