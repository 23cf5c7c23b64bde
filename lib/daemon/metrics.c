/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/metrics.h"
#include "daemon/listen.h"

#include <stdio.h>
#include <string.h>

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
	return listen_address(where, a);
}

int metrics_open(const char *where, char *why, size_t size)
{
	return listen_open("metrics", where, why, size);
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
