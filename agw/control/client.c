/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of the control socket and the metrics endpoint: one request, one answer, never waiting.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/control/gateway.h"

int client_printf(struct client *c, const char *fmt, ...)
{
	va_list ap;
	int n;

	for (;;) {
		size_t room = c->out_size - c->out_len;
		char *grown;

		va_start(ap, fmt);
		n = vsnprintf(c->out ? c->out + c->out_len : NULL, c->out ? room : 0, fmt, ap);
		va_end(ap);
		if (n < 0)
			return -1;
		if (c->out && (size_t)n < room) {
			c->out_len += (size_t)n;
			return 0;
		}
		grown = realloc(c->out, c->out_size * 2 + (size_t)n + 4096);
		if (!grown)
			return -1;
		c->out = grown;
		c->out_size = c->out_size * 2 + (size_t)n + 4096;
	}
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

void client_accept(int listen_fd, struct client *list, size_t n)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < n; i++)
		if (list[i].fd < 0) {
			list[i].fd = fd;
			list[i].since_ms = h248_now_ms();
			return;
		}
	if (fd >= 0)
		close(fd);
}

void client_ready(struct gateway *g, struct client *c, short events, bool metrics)
{
	if (!c->out_len && events & (POLLIN | POLLHUP | POLLERR)) {
		ssize_t n = recv(c->fd, c->in + c->len, sizeof(c->in) - 1 - c->len, MSG_DONTWAIT);
		char *end;

		if (n <= 0) {
			if (n == 0 || errno != EAGAIN)
				client_close(c);
			return;
		}
		c->len += (size_t)n;
		c->in[c->len] = 0;
		end = strstr(c->in, metrics ? "\r\n\r\n" : "\n");
		if (!end) {
			if (c->len == sizeof(c->in) - 1)
				client_close(c);
			return;
		}
		*end = 0;
		if (metrics)
			metrics_answer(g, c);
		else
			ctl_command(g, c->in, c);
		if (!c->out_len) {
			client_close(c);
			return;
		}
	}
	while (c->out_at < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		c->out_at += (size_t)n;
	}
	client_close(c);
}
