/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/msrp.h"

#include "base/text_out.h"

#include <string.h>

#define DASHES "-------"
enum { DASH_COUNT = 7 };

int msrp_uri_parse(struct slice text, struct msrp_uri *out)
{
	static const char sep[] = "://";
	const char *at = memmem(text.p, text.len, sep, 3);
	struct msrp_uri u;
	const char *slash;

	if (!at)
		return -1;
	u.scheme = slice_make(text.p, (size_t)(at - text.p));
	if (!slice_eq_nocase(u.scheme, SLICE_LIT("msrp")) &&
	    !slice_eq_nocase(u.scheme, SLICE_LIT("msrps")))
		return -1;
	at += 3;
	slash = memchr(at, '/', (size_t)(text.p + text.len - at));
	if (!slash || slash == at)
		return -1;
	u.authority = slice_make(at, (size_t)(slash - at));
	u.rest = slice_make(slash, (size_t)(text.p + text.len - slash));
	*out = u;
	return 0;
}

/* One path header's value for the other leg. A value that is no MSRP path goes on as it is: the
 * peer's business to refuse it. */
static void put_path(struct text_out *w, struct slice value, const char *scheme, struct slice whole,
		     struct slice authority)
{
	struct slice first;
	struct msrp_uri u;

	if (whole.len) {
		text_put(w, whole);
		return;
	}
	first = slice_cut(&value, ' ');
	if (msrp_uri_parse(first, &u) < 0) {
		text_put(w, first);
	} else {
		text_put(w, slice_str(scheme));
		text_put(w, SLICE_LIT("://"));
		text_put(w, authority.len ? authority : u.authority);
		text_put(w, u.rest);
	}
	if (value.len) {
		text_put(w, SLICE_LIT(" "));
		text_put(w, value);
	}
}

/* Does a header line start with this name and a colon? *value is what follows, trimmed. */
static bool header_is(struct slice line, struct slice name, struct slice *value)
{
	if (line.len <= name.len || line.p[name.len] != ':' ||
	    !slice_eq_nocase(slice_make(line.p, name.len), name))
		return false;
	*value = slice_trim(slice_make(line.p + name.len + 1, line.len - name.len - 1));
	return true;
}

static void put_head(struct text_out *w, const struct msrp_paths *paths, struct slice head)
{
	while (head.len && !w->full) {
		const char *nl = memchr(head.p, '\n', head.len);
		size_t n = nl ? (size_t)(nl - head.p) + 1 : head.len;
		struct slice line = slice_make(head.p, n), value;
		struct slice bare = slice_make(head.p, n >= 2 && nl ? n - 2 : n);

		if (paths->rewrite && header_is(bare, SLICE_LIT("To-Path"), &value)) {
			text_put(w, SLICE_LIT("To-Path: "));
			put_path(w, value, paths->scheme, paths->to_path, paths->to_authority);
			text_put(w, SLICE_LIT("\r\n"));
		} else if (paths->rewrite && header_is(bare, SLICE_LIT("From-Path"), &value)) {
			text_put(w, SLICE_LIT("From-Path: "));
			put_path(w, value, paths->scheme, paths->from_path, paths->from_authority);
			text_put(w, SLICE_LIT("\r\n"));
		} else {
			text_put(w, line);
		}
		head.p += n;
		head.len -= n;
	}
}

static bool ident_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr(".-+%=", c));
}

/* "MSRP txid something": keeps the txid. */
static int take_start_line(struct msrp_relay *r, struct slice line)
{
	struct slice word = slice_cut(&line, ' '), txid = slice_cut(&line, ' ');

	if (!slice_eq(word, SLICE_LIT("MSRP")) || txid.len < 4 || txid.len > MSRP_TXID_MAX ||
	    !line.len)
		return -1;
	for (size_t i = 0; i < txid.len; i++)
		if (!ident_char(txid.p[i]))
			return -1;
	memcpy(r->txid, txid.p, txid.len);
	r->txid_len = (uint8_t)txid.len;
	return 0;
}

/* An end line "-------txid$": dashes, the txid of this chunk, one of $ + #. */
static bool is_end_line(const struct msrp_relay *r, struct slice line)
{
	return line.len == (size_t)DASH_COUNT + r->txid_len + 1 &&
	       memcmp(line.p, DASHES, DASH_COUNT) == 0 &&
	       memcmp(line.p + DASH_COUNT, r->txid, r->txid_len) == 0 &&
	       strchr("$+#", line.p[line.len - 1]) && line.p[line.len - 1];
}

/* Between messages an empty line says nothing: some send one to keep the connection alive. It is
 * left out, because the far end may be stricter. How much of in that is. */
static ssize_t skip_empty_lines(const struct msrp_relay *r, struct slice in)
{
	size_t n = 0;

	if (r->scanned)
		return 0;
	while (in.len - n >= 2 && in.p[n] == '\r' && in.p[n + 1] == '\n')
		n += 2;
	return (ssize_t)n;
}

/*
 * Find the end of a head: after the empty line (*body = true) or after the end line of a chunk
 * without body. Returns its length, 0 for not yet, -1 for broken.
 */
static ssize_t find_head(struct msrp_relay *r, struct slice in, bool *body)
{
	size_t at = r->scanned, limit = in.len < MSRP_HEAD_MAX ? in.len : MSRP_HEAD_MAX;

	while (at < limit) {
		const char *nl = memchr(in.p + at, '\n', limit - at);
		struct slice line;
		size_t n;

		if (!nl)
			break;
		n = (size_t)(nl - in.p) + 1 - at;
		if (n < 2 || nl[-1] != '\r')
			return -1;
		line = slice_make(in.p + at, n - 2);
		if (at == 0) {
			if (take_start_line(r, line) < 0)
				return -1;
		} else if (line.len == 0 || is_end_line(r, line)) {
			*body = line.len == 0;
			r->scanned = 0;
			return (ssize_t)(at + n);
		}
		at += n;
		r->scanned = at;
	}
	return limit == MSRP_HEAD_MAX ? -1 : 0;
}

/*
 * How much of in is body for sure. *end is set when that is followed by a whole end line, whose
 * length with the CRLFs around it is returned through *end_len.
 */
static size_t body_span(const struct msrp_relay *r, struct slice in, bool *end, size_t *end_len)
{
	char mark[2 + DASH_COUNT + MSRP_TXID_MAX] = "\r\n" DASHES;
	size_t mark_len = 2 + DASH_COUNT + (size_t)r->txid_len, whole = mark_len + 3, from = 0;

	memcpy(mark + 2 + DASH_COUNT, r->txid, r->txid_len);
	*end = false;
	for (;;) {
		const char *at = memmem(in.p + from, in.len - from, "\r\n" DASHES, 2 + DASH_COUNT);
		size_t off, left;

		if (!at) {
			/* The mark itself may be cut at the end of what there is. */
			for (size_t keep = in.len - from < 8 ? in.len - from : 8; keep; keep--)
				if (memcmp(in.p + in.len - keep, mark, keep) == 0)
					return in.len - keep;
			return in.len;
		}
		off = (size_t)(at - in.p);
		left = in.len - off;
		if (left < whole) {
			if (memcmp(at, mark, left < mark_len ? left : mark_len) == 0)
				return off; /* could still become the end line */
		} else if (memcmp(at, mark, mark_len) == 0 && memchr("$+#", at[mark_len], 3) &&
			   at[mark_len + 1] == '\r' && at[mark_len + 2] == '\n') {
			*end = true;
			*end_len = whole;
			return off;
		}
		from = off + 2;
	}
}

ssize_t msrp_relay_feed(struct msrp_relay *r, const struct msrp_paths *paths, const char *in,
			size_t len, char *out, size_t out_size, size_t *out_len)
{
	struct text_out w = {out, out_size, 0, false};
	size_t done = 0;

	while (done < len) {
		struct slice rest = slice_make(in + done, len - done);

		if (!r->in_body) {
			struct text_out before = w;
			bool body = false;
			ssize_t n = skip_empty_lines(r, rest);

			if (n) {
				done += (size_t)n;
				continue;
			}
			n = find_head(r, rest, &body);
			if (n < 0 && !done) /* else what is good goes first, and this comes again */
				return -1;
			if (n <= 0)
				break;
			put_head(&w, paths, slice_make(rest.p, (size_t)n));
			if (w.full) {
				w = before;
				break;
			}
			r->in_body = body;
			r->messages += !body;
			done += (size_t)n;
		} else {
			bool end;
			size_t end_len = 0, n = body_span(r, rest, &end, &end_len);

			if (n > w.size - w.len) {
				n = w.size - w.len;
				end = false;
			}
			if (end && n + end_len <= w.size - w.len)
				n += end_len;
			else
				end = false;
			if (!n)
				break;
			text_put(&w, slice_make(rest.p, n));
			done += n;
			if (end) {
				r->in_body = false;
				r->messages++;
			}
		}
	}
	*out_len = w.len;
	return (ssize_t)done;
}
