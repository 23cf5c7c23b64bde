/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/multipart.h"

#include "sip/header.h"

struct slice sip_value_param(struct slice value, const char *name)
{
	(void)slice_cut(&value, ';');
	while (value.p) {
		struct slice p = slice_trim(slice_cut(&value, ';')), n = p, v;

		n = slice_trim(slice_cut(&p, '='));
		v = p.p ? slice_trim(p) : SLICE_NULL;
		if (!slice_eq_nocase(n, slice_str(name)))
			continue;
		if (v.len >= 2 && v.p[0] == '"' && v.p[v.len - 1] == '"')
			v = slice_make(v.p + 1, v.len - 2);
		return v;
	}
	return SLICE_NULL;
}

bool sip_media_type_is(struct slice value, const char *want)
{
	struct slice has = slice_cut(&value, ';'), wants = slice_str(want);

	return slice_eq_nocase(slice_trim(slice_cut(&has, '/')), slice_cut(&wants, '/')) &&
	       slice_eq_nocase(slice_trim(has), wants);
}

bool sip_media_type_is_multipart(struct slice value)
{
	struct slice has = slice_cut(&value, ';');

	return slice_eq_nocase(slice_trim(slice_cut(&has, '/')), SLICE_LIT("multipart"));
}

void sip_part_read(struct slice text, struct sip_part *out)
{
	struct slice name, value;

	memset(out, 0, sizeof(*out));
	while (sip_header_next(&text, &name, &value)) {
		if (slice_eq_nocase(name, SLICE_LIT("Content-Type")) ||
		    slice_eq_nocase(name, SLICE_LIT("c"))) {
			out->twice = out->type.p != NULL;
			out->type = value;
		} else if (slice_eq_nocase(name, SLICE_LIT("Content-Disposition")))
			out->disposition = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Encoding")) ||
			 slice_eq_nocase(name, SLICE_LIT("e")))
			out->encoding = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Transfer-Encoding")))
			out->transfer = value;
		else if (slice_eq_nocase(name, SLICE_LIT("Content-Length")) ||
			 slice_eq_nocase(name, SLICE_LIT("l")))
			out->length = value;
	}
	out->content = text;
}

/* Is there "--boundary" at p, at the begin of a line? *last: it is the closing one. */
static bool delimiter_at(struct slice body, size_t at, struct slice boundary, bool *last,
			 size_t *behind)
{
	size_t n = at + 2 + boundary.len;

	if (n > body.len || (at && body.p[at - 1] != '\n') || memcmp(body.p + at, "--", 2) ||
	    memcmp(body.p + at + 2, boundary.p, boundary.len))
		return false;
	*last = n + 2 <= body.len && memcmp(body.p + n, "--", 2) == 0;
	if (*last)
		n += 2;
	while (n < body.len && (body.p[n] == ' ' || body.p[n] == '\t' || body.p[n] == '\r'))
		n++;
	if (n < body.len && body.p[n] != '\n')
		return false;
	*behind = n < body.len ? n + 1 : n;
	return true;
}

/* The next delimiter at or behind w->at; w->end is where the text before it ends, without its CRLF. */
static bool next_delimiter(struct sip_parts *w)
{
	struct slice body = w->body;

	for (size_t i = w->at; i < body.len; i++) {
		const char *dash = memchr(body.p + i, '-', body.len - i);
		size_t behind;

		if (!dash)
			return false;
		i = (size_t)(dash - body.p);
		if (!delimiter_at(body, i, w->boundary, &w->last, &behind))
			continue;
		w->end = i;
		if (w->end && body.p[w->end - 1] == '\n')
			w->end--;
		if (w->end && body.p[w->end - 1] == '\r')
			w->end--;
		w->at = behind;
		return true;
	}
	return false;
}

int sip_parts_begin(struct sip_parts *w, struct slice type, struct slice body)
{
	*w = (struct sip_parts){.body = body, .boundary = sip_value_param(type, "boundary")};
	if (!w->boundary.len || w->boundary.len > SIP_BOUNDARY_MAX || !next_delimiter(w))
		return SIP_E_SYNTAX;
	return SIP_OK;
}

int sip_parts_next(struct sip_parts *w, struct sip_part *part, struct slice *around)
{
	size_t from = w->end, begin = w->at, end;

	if (w->last)
		return 0;
	if (!next_delimiter(w))
		return SIP_E_SYNTAX;
	end = w->end < begin ? begin : w->end;
	sip_part_read(slice_make(w->body.p + begin, end - begin), part);
	if (around)
		*around = slice_make(w->body.p + from, end - from);
	return 1;
}
