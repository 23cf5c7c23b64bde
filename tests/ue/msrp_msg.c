/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/msrp_msg.h"

#include <stdlib.h>

#include "base/netaddr.h"

#define DASHES "-------"

static bool is_ident(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c && strchr(".-+%=", c))))
			return false;
	}
	return s.len >= 4 && s.len <= UE_MSRP_TID_MAX;
}

void ue_msrp_feed(struct ue_msrp_reader *r, struct slice octets)
{
	if (r->at) {
		r->in.len -= r->at;
		memmove(r->in.p, r->in.p + r->at, r->in.len);
		r->at = 0;
	}
	text_put(&r->in, octets);
}

void ue_msrp_reader_free(struct ue_msrp_reader *r)
{
	text_free(&r->in);
	*r = (struct ue_msrp_reader){0};
}

/* "1-2048/9000", "1-* / *". Returns 0 or -1. */
static int read_range(struct slice v, struct ue_msrp_head *h)
{
	struct slice start = slice_trim(slice_cut(&v, '-')), end = slice_trim(slice_cut(&v, '/'));
	const struct slice star = SLICE_LIT("*");

	h->open_end = slice_eq(end, star);
	h->open_total = slice_eq(slice_trim(v), star);
	if (slice_u64(start, INT64_MAX, &h->start) != 0 || h->start == 0 ||
	    (!h->open_end && slice_u64(end, INT64_MAX, &h->end) != 0) ||
	    (!h->open_total && slice_u64(slice_trim(v), INT64_MAX, &h->total) != 0))
		return -1;
	/* An empty message is "1-0/0" (RFC 4975 7.1.1). */
	if (!h->open_end && (h->end + 1 < h->start || (!h->open_total && h->end > h->total)))
		return -1;
	h->has_range = true;
	return 0;
}

static const char *read_start_line(struct slice line, struct ue_msrp_head *h)
{
	struct slice word = slice_cut(&line, ' '), what;
	uint64_t code;

	h->tid = slice_cut(&line, ' ');
	if (!slice_eq(word, SLICE_LIT("MSRP")))
		return "a start line without MSRP";
	if (!is_ident(h->tid))
		return "a transaction id that is none";
	what = slice_cut(&line, ' ');
	if (what.len == 3 && slice_u64(what, 999, &code) == 0) {
		h->code = (int)code;
		return NULL;
	}
	if (what.len == 0 || line.p)
		return "a request line with more or less than a method";
	for (size_t i = 0; i < what.len; i++)
		if (what.p[i] < 'A' || what.p[i] > 'Z')
			return "a method that is none";
	h->request = true;
	h->method = what;
	return NULL;
}

static const char *read_header(struct slice line, struct ue_msrp_head *h)
{
	static const struct {
		const char *name;
		size_t at;
	} names[] = {
	    {"To-Path", offsetof(struct ue_msrp_head, to_path)},
	    {"From-Path", offsetof(struct ue_msrp_head, from_path)},
	    {"Message-ID", offsetof(struct ue_msrp_head, message_id)},
	    {"Content-Type", offsetof(struct ue_msrp_head, type)},
	    {"Status", offsetof(struct ue_msrp_head, status)},
	    {"Success-Report", offsetof(struct ue_msrp_head, success)},
	    {"Failure-Report", offsetof(struct ue_msrp_head, failure)},
	};
	const char *colon = memchr(line.p, ':', line.len);
	struct slice name, value;

	if (!colon || colon == line.p)
		return "a header line without a colon";
	name = slice_make(line.p, (size_t)(colon - line.p));
	value = slice_trim(slice_make(colon + 1, line.len - name.len - 1));
	if (slice_eq_nocase(name, SLICE_LIT("Byte-Range")))
		return h->has_range || read_range(value, h) != 0 ? "a broken Byte-Range" : NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct slice *to = (struct slice *)((char *)h + names[i].at);

		if (!slice_eq_nocase(name, slice_str(names[i].name)))
			continue;
		if (to->p)
			return "a header twice";
		*to = value;
	}
	return NULL;
}

/* Keep what the end line of this chunk begins with. */
static void set_mark(struct ue_msrp_reader *r, struct slice tid)
{
	memcpy(r->mark, "\r\n" DASHES, 9);
	memcpy(r->mark + 9, tid.p, tid.len);
	r->mark_len = 9 + tid.len;
}

/* An end line without its CRLF: its flag, or 0. */
static char end_line(const struct ue_msrp_reader *r, struct slice line)
{
	char flag;

	if (line.len != r->mark_len - 2 + 1 || memcmp(line.p, r->mark + 2, r->mark_len - 2) != 0)
		return 0;
	flag = line.p[line.len - 1];
	return flag == '$' || flag == '+' || flag == '#' ? flag : 0;
}

/* RFC 4975 9: To-Path comes first, From-Path next; a body has a Content-Type, which comes last. */
static const char *judge(const struct ue_msrp_head *h)
{
	if (!h->to_path.len || !h->from_path.len)
		return "no To-Path or no From-Path";
	if (h->to_path.p > h->from_path.p)
		return "From-Path before To-Path";
	if (h->request && slice_eq(h->method, SLICE_LIT("SEND")) && !h->message_id.len)
		return "SEND without Message-ID";
	if (h->has_body && !h->type.len)
		return "a body without Content-Type";
	return NULL;
}

/* Read the lines of head, which is complete. */
static const char *read_head(struct slice head, struct ue_msrp_head *h)
{
	bool first = true;
	const char *why = NULL;

	while (head.len && !why) {
		const char *nl = memchr(head.p, '\n', head.len);
		size_t n = (size_t)(nl - head.p) + 1;
		struct slice line = slice_make(head.p, n - 2);

		why = first ? read_start_line(line, h) : read_header(line, h);
		first = false;
		head.p += n;
		head.len -= n;
	}
	return why ? why : judge(h);
}

/*
 * The length of a head: up to the empty line or the end line of a chunk without body, neither of
 * them counted; *end is how long that line is, *flag what it says. 0: not there yet. -1: broken.
 */
static ptrdiff_t find_head(struct ue_msrp_reader *r, struct slice in, size_t *end, char *flag,
			   const char **why)
{
	size_t at = r->scanned;

	while (at < in.len) {
		const char *nl = memchr(in.p + at, '\n', in.len - at);
		struct slice line, tid;
		size_t n;

		if (!nl)
			break;
		n = (size_t)(nl - in.p) + 1 - at;
		if (n < 2 || nl[-1] != '\r') {
			*why = "a line that ends without CR";
			return -1;
		}
		line = slice_make(in.p + at, n - 2);
		if (at == 0) {
			tid = line;
			slice_cut(&tid, ' ');
			tid = slice_cut(&tid, ' ');
			if (!is_ident(tid)) {
				*why = "a start line without a transaction id";
				return -1;
			}
			set_mark(r, tid);
		} else if (line.len == 0 || (*flag = end_line(r, line)) != 0) {
			*end = n;
			return (ptrdiff_t)at;
		}
		at += n;
		r->scanned = at;
	}
	if (in.len > UE_MSRP_HEAD_MAX) {
		*why = "a head without end";
		return -1;
	}
	return 0;
}

static enum ue_msrp_event next_head(struct ue_msrp_reader *r, struct ue_msrp_head *head,
				    const char **why)
{
	struct slice in;
	char flag = 0;
	size_t end = 0;
	ptrdiff_t n;

	/* Between messages an empty line says nothing: some keep the connection alive so. */
	while (!r->scanned && r->in.len - r->at >= 2 && memcmp(r->in.p + r->at, "\r\n", 2) == 0)
		r->at += 2;
	in = slice_make(r->in.p + r->at, r->in.len - r->at);
	n = find_head(r, in, &end, &flag, why);
	if (n == 0)
		return UE_MSRP_MORE;
	*head = (struct ue_msrp_head){.has_body = !flag};
	if (n > 0)
		*why = read_head(slice_make(in.p, (size_t)n), head);
	if (n < 0 || *why) {
		r->state = UE_MSRP_BROKEN;
		return UE_MSRP_BAD;
	}
	r->scanned = 0;
	r->at += (size_t)n + end;
	r->state = flag ? UE_MSRP_AT_END : UE_MSRP_IN_BODY;
	r->end_flag = flag;
	return UE_MSRP_HEAD;
}

/* How much of in is body for sure; *end and *flag when a whole end line follows it. */
static size_t body_span(const struct ue_msrp_reader *r, struct slice in, size_t *end, char *flag)
{
	size_t from = 0;

	for (;;) {
		const char *at = memmem(in.p + from, in.len - from, r->mark, r->mark_len);
		size_t off, keep;

		if (!at) {
			keep = in.len - from < r->mark_len ? in.len - from : r->mark_len - 1;
			while (keep && memcmp(in.p + in.len - keep, r->mark, keep) != 0)
				keep--;
			return in.len - keep;
		}
		off = (size_t)(at - in.p);
		if (in.len - off < r->mark_len + 3)
			return off; /* could still become the end line */
		*flag = at[r->mark_len];
		if ((*flag == '$' || *flag == '+' || *flag == '#') && at[r->mark_len + 1] == '\r' &&
		    at[r->mark_len + 2] == '\n') {
			*end = r->mark_len + 3;
			return off;
		}
		from = off + 2;
	}
}

static enum ue_msrp_event next_body(struct ue_msrp_reader *r, struct slice *body, char *flag)
{
	struct slice in = slice_make(r->in.p + r->at, r->in.len - r->at);
	size_t end = 0, n = body_span(r, in, &end, flag);

	if (n) {
		*body = slice_make(in.p, n);
		r->at += n;
		return UE_MSRP_BODY;
	}
	if (!end)
		return UE_MSRP_MORE;
	r->at += end;
	r->state = UE_MSRP_IDLE;
	return UE_MSRP_END;
}

enum ue_msrp_event ue_msrp_next(struct ue_msrp_reader *r, struct ue_msrp_head *head,
				struct slice *body, char *flag, const char **why)
{
	*why = NULL;
	switch (r->state) {
	case UE_MSRP_IDLE:
		return next_head(r, head, why);
	case UE_MSRP_IN_BODY:
		return next_body(r, body, flag);
	case UE_MSRP_AT_END:
		*flag = r->end_flag;
		r->state = UE_MSRP_IDLE;
		return UE_MSRP_END;
	case UE_MSRP_BROKEN:
		break;
	}
	*why = "it was broken before";
	return UE_MSRP_BAD;
}

int ue_msrp_uri_parse(struct slice text, struct ue_msrp_uri *out)
{
	const char *at = memmem(text.p, text.len, "://", 3), *userinfo;
	struct slice scheme, rest, authority, host;
	struct ue_msrp_uri u = {0};
	uint64_t port;

	if (!at)
		return -1;
	scheme = slice_make(text.p, (size_t)(at - text.p));
	u.secure = slice_eq_nocase(scheme, SLICE_LIT("msrps"));
	if (!u.secure && !slice_eq_nocase(scheme, SLICE_LIT("msrp")))
		return -1;
	rest = slice_make(at + 3, text.len - scheme.len - 3);
	authority = slice_cut(&rest, '/');
	userinfo = memchr(authority.p, '@', authority.len);
	if (userinfo)
		slice_cut(&authority, '@');
	/* The port is behind the last colon: IPv6 addresses have more of them. */
	host = authority;
	while (host.len && host.p[host.len - 1] != ':')
		host.len--;
	if (host.len < 2 ||
	    slice_u64(slice_make(host.p + host.len, authority.len - host.len), 65535, &port) != 0)
		return -1;
	host.len--;
	u.host = host;
	u.port = (uint16_t)port;
	u.session = slice_cut(&rest, ';');
	u.transport = slice_cut(&rest, ';');
	if (!u.session.len || !u.transport.len)
		return -1;
	*out = u;
	return 0;
}

static bool host_eq(struct slice a, struct slice b)
{
	struct netaddr x, y;

	if (netaddr_parse_host(a, &x) == 0 && netaddr_parse_host(b, &y) == 0)
		return netaddr_ip_eq(&x, &y);
	return slice_eq_nocase(a, b);
}

bool ue_msrp_path_eq(struct slice a, struct slice b)
{
	while (a.len && b.len) {
		struct ue_msrp_uri x, y;

		if (ue_msrp_uri_parse(slice_cut(&a, ' '), &x) != 0 ||
		    ue_msrp_uri_parse(slice_cut(&b, ' '), &y) != 0)
			return false;
		if (x.secure != y.secure || x.port != y.port || !host_eq(x.host, y.host) ||
		    !slice_eq(x.session, y.session) || !slice_eq_nocase(x.transport, y.transport))
			return false;
		a = slice_trim(a);
		b = slice_trim(b);
	}
	return !a.len && !b.len;
}

void ue_msrp_write_send(struct text *t, const char *tid, const char *to, const char *from,
			const char *message_id, const struct ue_msrp_range *range)
{
	text_add(t,
		 "MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: %s\r\n"
		 "Byte-Range: %llu-",
		 tid, to, from, message_id, (unsigned long long)range->start);
	if (range->end + 1 >= range->start && (range->end || !range->total))
		text_add(t, "%llu", (unsigned long long)range->end);
	else
		text_char(t, '*');
	text_add(t, "/%llu\r\n", (unsigned long long)range->total);
}

void ue_msrp_write_end(struct text *t, const char *tid, char flag)
{
	text_add(t, DASHES "%s%c\r\n", tid, flag);
}

void ue_msrp_write_report(struct text *t, const char *tid, struct slice to, const char *from,
			  struct slice message_id, uint64_t total, int status)
{
	text_add(t,
		 "MSRP %s REPORT\r\nTo-Path: %.*s\r\nFrom-Path: %s\r\nMessage-ID: %.*s\r\n"
		 "Byte-Range: 1-%llu/%llu\r\nStatus: 000 %03d %s\r\n",
		 tid, (int)to.len, to.p, from, (int)message_id.len, message_id.p,
		 (unsigned long long)total, (unsigned long long)total, status,
		 ue_msrp_reason(status));
	ue_msrp_write_end(t, tid, '$');
}

void ue_msrp_write_response(struct text *t, struct slice tid, int code, struct slice to,
			    const char *from)
{
	text_add(t, "MSRP %.*s %03d %s\r\nTo-Path: %.*s\r\nFrom-Path: %s\r\n" DASHES "%.*s$\r\n",
		 (int)tid.len, tid.p, code, ue_msrp_reason(code), (int)to.len, to.p, from,
		 (int)tid.len, tid.p);
}

const char *ue_msrp_reason(int code)
{
	switch (code) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Not Allowed";
	case 408:
		return "Timeout";
	case 413:
		return "Stop Sending";
	case 415:
		return "Unknown Media Type";
	case 423:
		return "Out of Bounds";
	case 481:
		return "No Such Session";
	case 501:
		return "Unknown Method";
	case 506:
		return "Session In Use";
	default:
		return "Failure";
	}
}
