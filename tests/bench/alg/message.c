/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/alg/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 16 };

static struct slice next_line(struct slice *rest)
{
	struct slice line = slice_cut(rest, '\n');

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

int message_read(struct slice text, struct message *m)
{
	const char *end = memmem(text.p, text.len, "\r\n\r\n", 4);
	struct slice rest, word;

	if (!end)
		return -1;
	*m = (struct message){.head = slice_make(text.p, (size_t)(end - text.p) + 2)};
	m->body = slice_make(end + 4, text.len - m->head.len - 2);
	rest = m->head;
	m->first = rest;
	m->first = next_line(&rest);
	m->head = rest;
	rest = m->first;
	word = slice_cut(&rest, ' ');
	if (!slice_eq(word, SLICE_LIT("SIP/2.0"))) {
		m->method = word;
		return 0;
	}
	m->code = (unsigned)strtoul(rest.p, NULL, 10);
	word = message_header(m, "CSeq");
	(void)slice_cut(&word, ' ');
	m->method = word;
	return m->code >= 100 && m->code < 700 ? 0 : -1;
}

/* The next header of this name in *rest. */
static bool next_header(struct slice *rest, const char *name, struct slice *value)
{
	while (rest->len) {
		struct slice line = next_line(rest), key = slice_cut(&line, ':');

		if (!slice_eq_nocase(slice_trim(key), slice_str(name)))
			continue;
		*value = slice_trim(line);
		return true;
	}
	return false;
}

struct slice message_header(const struct message *m, const char *name)
{
	struct slice rest = m->head, value = {0};

	(void)next_header(&rest, name, &value);
	return value;
}

struct slice message_uri(struct slice value)
{
	const char *from = memchr(value.p, '<', value.len), *to;

	if (!from)
		return value;
	from++;
	to = memchr(from, '>', value.len - (size_t)(from - value.p));
	return to ? slice_make(from, (size_t)(to - from)) : value;
}

void write_text(struct writing *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(w->p + w->len, sizeof(w->p) - w->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		w->len += (size_t)n < sizeof(w->p) - w->len ? (size_t)n : sizeof(w->p) - w->len - 1;
}

void write_headers(struct writing *w, const struct message *m, const char *name, const char *as,
		   bool backwards)
{
	struct slice rest = m->head, value[HEADERS_MAX];
	unsigned n = 0;

	while (n < HEADERS_MAX && next_header(&rest, name, &value[n]))
		n++;
	for (unsigned i = 0; i < n; i++) {
		struct slice v = value[backwards ? n - 1 - i : i];

		write_text(w, "%s: %.*s\r\n", as, (int)v.len, v.p);
	}
}

void write_body(struct writing *w, struct slice body)
{
	if (body.len)
		write_text(w, "Content-Type: application/sdp\r\n");
	write_text(w, "Content-Length: %zu\r\n\r\n%.*s", body.len, (int)body.len, body.p);
}
