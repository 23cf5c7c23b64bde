/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/metrics.h"
#include "base/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

void metric_family(struct outbuf *out, const char *name, enum metric_type type, const char *help)
{
	outbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		      type == METRIC_COUNTER ? "counter" : "gauge");
}

void metric_series(struct outbuf *out, const char *name, const char *label, const char *label_value,
		   uint64_t value)
{
	outbuf_printf(out, "%s", name);
	if (label) {
		outbuf_printf(out, "{%s=\"", label);
		for (const char *p = label_value; *p; p++) {
			if (*p == '"' || *p == '\\')
				outbuf_printf(out, "\\%c", *p);
			else if (*p == '\n')
				outbuf_printf(out, "\\n");
			else
				outbuf_add(out, p, 1);
		}
		outbuf_printf(out, "\"}");
	}
	outbuf_printf(out, " %llu\n", (unsigned long long)value);
}

void metric(struct outbuf *out, const char *name, enum metric_type type, const char *help,
	    uint64_t value)
{
	metric_family(out, name, type, help);
	metric_series(out, name, NULL, NULL, value);
}

int metrics_address(const char *where, struct netaddr *a)
{
	uint64_t port;

	if (slice_u64(slice_str(where), UINT16_MAX, &port) == 0)
		*a = netaddr_make("\x7f\0\0\1", 4, (uint16_t)port);
	else if (netaddr_parse_port(slice_str(where), 0, a))
		return -1;
	return a->port ? 0 : -1;
}

int metrics_open(const char *where, char *why, size_t size)
{
	struct sockaddr_storage ss;
	struct netaddr a;
	socklen_t len;
	int fd, one = 1;

	if (metrics_address(where, &a)) {
		snprintf(why, size,
			 "metrics '%s' is not an address and port such as 127.0.0.1:9432", where);
		return -1;
	}
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, (struct sockaddr *)&ss, len) == 0 && listen(fd, 16) == 0)
		return fd;
	snprintf(why, size, "cannot serve metrics on %s: %s; mend metrics", where, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void on_http(struct request *r, struct slice head, void *arg)
{
	static const char get[] = "GET /metrics ";
	struct metrics *m = arg;
	struct outbuf *out = request_out(r);

	if (head.len < sizeof(get) - 1 || memcmp(head.p, get, sizeof(get) - 1) != 0) {
		outbuf_printf(out, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n"
				   "Connection: close\r\n\r\n");
	} else {
		outbuf_printf(out, "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
				   "Connection: close\r\n\r\n");
		m->handler(out, m->arg);
	}
	request_done(r);
}

struct server *metrics_server(int fd, struct metrics *m)
{
	return server_new(fd, SERVER_HTTP, on_http, m);
}
