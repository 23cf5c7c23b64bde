/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/raw.h"

/* Take a line off, with its line end. */
static bool next_line(struct slice *rest, struct slice *line)
{
	const char *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*line = slice_make(rest->p, (size_t)(end + 1 - rest->p));
	*rest = slice_make(end + 1, rest->len - line->len);
	return true;
}

static bool continues(struct slice rest)
{
	return rest.len && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

static struct slice trim(struct slice s)
{
	while (s.len && strchr(" \t\r\n", s.p[0]) && s.p[0])
		s = slice_make(s.p + 1, s.len - 1);
	while (s.len && strchr(" \t\r\n", s.p[s.len - 1]) && s.p[s.len - 1])
		s.len--;
	return s;
}

bool alg_raw_begin(struct slice message, struct slice *rest)
{
	struct slice line;

	*rest = message;
	return next_line(rest, &line);
}

bool alg_raw_next(struct slice *rest, struct slice *name, struct slice *body)
{
	struct slice line, more;

	while (next_line(rest, &line)) {
		const char *colon;

		if (!trim(line).len)
			return false;
		while (continues(*rest) && next_line(rest, &more))
			line.len += more.len;
		colon = memchr(line.p, ':', line.len);
		if (!colon)
			continue;
		*name = trim(slice_make(line.p, (size_t)(colon - line.p)));
		*body = trim(slice_make(colon + 1, line.len - (size_t)(colon + 1 - line.p)));
		return true;
	}
	return false;
}

struct slice alg_raw_header(struct slice message, const char *name, const char *compact)
{
	struct slice rest, n, body;

	for (bool more = alg_raw_begin(message, &rest); more && alg_raw_next(&rest, &n, &body);)
		if (slice_eq_nocase(n, slice_str(name)) ||
		    (compact && slice_eq_nocase(n, slice_str(compact))))
			return body;
	return SLICE_NULL;
}
