/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/metrics.h"
#include "base/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

void metric_family(struct outbuf *out, const char *name, enum metric_type type, const char *help)
{
	static const char *const types[] = {[METRIC_COUNTER] = "counter",
					    [METRIC_GAUGE] = "gauge",
					    [METRIC_HISTOGRAM] = "histogram"};

	outbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[type]);
}

/* name="value" */
static void put_label(struct outbuf *out, const char *label, const char *value)
{
	outbuf_printf(out, "%s=\"", label);
	for (const char *p = value; *p; p++) {
		if (*p == '"' || *p == '\\')
			outbuf_printf(out, "\\%c", *p);
		else if (*p == '\n')
			outbuf_printf(out, "\\n");
		else
			outbuf_add(out, p, 1);
	}
	outbuf_printf(out, "\"");
}

void metric_series(struct outbuf *out, const char *name, const char *label, const char *label_value,
		   uint64_t value)
{
	outbuf_printf(out, "%s", name);
	if (label) {
		outbuf_printf(out, "{");
		put_label(out, label, label_value);
		outbuf_printf(out, "}");
	}
	outbuf_printf(out, " %llu\n", (unsigned long long)value);
}

void metric_observe(struct metric_histogram *h, uint64_t value)
{
	size_t i = 0;

	while (i < h->n && value > h->bounds[i])
		i++;
	h->counts[i]++;
	h->sum += value;
}

void metric_histogram(struct outbuf *out, const char *name, const char *label,
		      const char *label_value, const struct metric_histogram *h)
{
	char series[128];
	uint64_t count = 0;

	for (size_t i = 0; i <= h->n; i++) {
		char bound[16] = "+Inf";

		count += h->counts[i];
		if (i < h->n)
			snprintf(bound, sizeof(bound), "%u", h->bounds[i]);
		outbuf_printf(out, "%s_bucket{", name);
		if (label) {
			put_label(out, label, label_value);
			outbuf_printf(out, ",");
		}
		outbuf_printf(out, "le=\"%s\"} %llu\n", bound, (unsigned long long)count);
	}
	snprintf(series, sizeof(series), "%s_sum", name);
	metric_series(out, series, label, label_value, h->sum);
	snprintf(series, sizeof(series), "%s_count", name);
	metric_series(out, series, label, label_value, count);
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
