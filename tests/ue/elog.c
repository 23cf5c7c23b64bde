/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ue/elog.h"
#include "ue/loop.h"

#define RECENT 128 /* messages remembered */

static struct {
	FILE *events, *keys;
	int verbose;
	bool quiet;
	uint64_t start_us, flushed_ms;
	struct {
		char *ue, *line, *raw;
	} recent[RECENT];
	unsigned next;
	char numbers[8][24];
	unsigned number;
} lg;

static const char number_mark = '\x01'; /* first byte of what elog_num() returns */

static FILE *open_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

int elog_open(const struct elog_options *o, const char **what)
{
	lg.start_us = wall_now_us();
	lg.verbose = o->verbose;
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	*what = o->events_path;
	if (o->events_path && !(lg.events = fopen(o->events_path, "we")))
		return -1;
	*what = o->keys_path;
	if (o->keys_path && !(lg.keys = open_private(o->keys_path)))
		return -1;
	return 0;
}

void elog_close(void)
{
	if (lg.events)
		fclose(lg.events);
	if (lg.keys)
		fclose(lg.keys);
	lg.events = lg.keys = NULL;
	for (unsigned i = 0; i < RECENT; i++) {
		free(lg.recent[i].ue);
		free(lg.recent[i].line);
		free(lg.recent[i].raw);
		lg.recent[i].ue = lg.recent[i].line = lg.recent[i].raw = NULL;
	}
	fflush(stdout);
}

void elog_quiet(bool on)
{
	lg.quiet = on;
}

void elog_flush(void)
{
	fflush(stdout);
	if (lg.events)
		fflush(lg.events);
	if (lg.keys)
		fflush(lg.keys);
	lg.flushed_ms = loop_now_ms();
}

double elog_seconds(void)
{
	return (double)(wall_now_us() - lg.start_us) / 1e6;
}

static void maybe_flush(void)
{
	if (loop_now_ms() - lg.flushed_ms > 300)
		elog_flush();
}

void elog_line(const char *who, const char *fmt, ...)
{
	va_list ap;

	printf("%9.3f  %-14s ", elog_seconds(), who);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	maybe_flush();
}

const char *elog_num(int64_t n)
{
	char *p = lg.numbers[lg.number++ % 8];

	snprintf(p, sizeof(lg.numbers[0]), "%c%lld", number_mark, (long long)n);
	return p;
}

static void begin_event(struct text *t, const char *ev)
{
	text_add(t, "{\"t\":%llu,\"ev\":\"%s\"", (unsigned long long)wall_now_us(), ev);
}

static void end_event(struct text *t)
{
	text_put(t, SLICE_LIT("}\n"));
	fwrite(t->p, 1, t->len, lg.events);
	text_free(t);
	maybe_flush();
}

void elog_event(const char *ev, ...)
{
	struct text t = {0};
	const char *name, *value;
	va_list ap;

	if (!lg.events)
		return;
	begin_event(&t, ev);
	va_start(ap, ev);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		text_add(&t, ",\"%s\":", name);
		if (value && value[0] == number_mark)
			text_put(&t, slice_str(value + 1));
		else
			text_json(&t, slice_str(value ? value : ""));
	}
	va_end(ap);
	end_event(&t);
}

static void json_field(struct text *t, const char *name, struct slice value)
{
	text_add(t, ",\"%s\":", name);
	text_json(t, value);
}

static void ue_sip_event(const struct elog_sip *e, struct slice first)
{
	struct text t = {0};

	begin_event(&t, "sip");
	json_field(&t, "ue", slice_str(e->ue));
	json_field(&t, "conn", slice_str(e->conn));
	json_field(&t, "access", slice_str(e->access));
	text_add(&t, ",\"dir\":\"%s\",\"proto\":\"%s\",\"esp\":%s", e->send ? "send" : "recv",
		 e->tcp ? "tcp" : "udp", e->esp ? "true" : "false");
	if (e->esp)
		text_add(&t, ",\"spi\":\"%08x\"", e->spi);
	json_field(&t, "src", slice_str(e->src));
	json_field(&t, "dst", slice_str(e->dst));
	json_field(&t, "first", first);
	json_field(&t, "method", e->method);
	if (e->code)
		text_add(&t, ",\"code\":%d", e->code);
	json_field(&t, "callid", e->callid);
	json_field(&t, "cseq", e->cseq);
	if (e->repeated)
		text_put(&t, SLICE_LIT(",\"retrans\":true"));
	json_field(&t, "msg", e->raw);
	end_event(&t);
}

static const char *arrow(const struct elog_sip *e)
{
	if (e->send)
		return e->esp ? "=>" : "->";
	return e->esp ? "<=" : "<-";
}

void elog_sip(const struct elog_sip *e)
{
	struct slice rest = e->raw, first = slice_trim(slice_cut(&rest, '\n'));
	struct text line = {0};
	unsigned at = lg.next++ % RECENT;
	char who[64];

	if (e->code) { /* without "SIP/2.0 ", with the method it answers */
		first = slice_make(first.p + (first.len > 8 ? 8 : 0),
				   first.len > 8 ? first.len - 8 : 0);
		text_add(&line, "%-6s %s %.*s (%.*s)", e->access, arrow(e), (int)first.len, first.p,
			 (int)e->method.len, e->method.p);
	} else {
		text_add(&line, "%-6s %s %.*s", e->access, arrow(e), (int)first.len, first.p);
	}
	if (e->repeated)
		text_put(&line, SLICE_LIT(" (again)"));
	snprintf(who, sizeof(who), "%s%s%s", e->ue, e->conn[0] ? "/" : "", e->conn);
	if (lg.verbose >= 0 && !lg.quiet)
		elog_line(who, "%s", line.p);
	if (lg.verbose > 0)
		printf("%.*s\n", (int)e->raw.len, e->raw.p);
	if (lg.events)
		ue_sip_event(e, first);
	free(lg.recent[at].line);
	lg.recent[at].line = NULL;
	ue_set(&lg.recent[at].ue, slice_str(e->ue));
	ue_set(&lg.recent[at].raw, e->raw);
	struct text full = {0};

	text_add(&full, "%9.3f  %-10s %s", elog_seconds(), who, line.p);
	lg.recent[at].line = full.p;
	text_free(&line);
}

void elog_recent(struct text *out, const char *ue, unsigned max)
{
	unsigned have = lg.next < RECENT ? lg.next : RECENT, found = 0, first = have;

	/* Back from the newest to the max-th that fits. */
	while (first > 0 && found < max) {
		unsigned at = (lg.next - have + first - 1) % RECENT;

		first--;
		found += ue[0] == '\0' || strcmp(lg.recent[at].ue, ue) == 0;
	}
	const char *newest = NULL;

	for (unsigned i = first; i < have; i++) {
		unsigned at = (lg.next - have + i) % RECENT;

		if (ue[0] && strcmp(lg.recent[at].ue, ue) != 0)
			continue;
		text_add(out, "    %s\n", lg.recent[at].line);
		newest = lg.recent[at].raw;
	}
	if (newest)
		text_add(out, "  the last one in full:\n%s\n", newest);
	else
		text_put(out, SLICE_LIT("    (none)\n"));
}

void elog_key(const char *line)
{
	if (lg.keys)
		fprintf(lg.keys, "%s\n", line);
}
