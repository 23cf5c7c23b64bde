/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/header.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Up to the next LF; *rest goes on behind it, and stays in the text at its end. */
static struct slice cut_line(struct slice *rest)
{
	const char *end = rest->p + rest->len;
	struct slice line = slice_cut(rest, '\n');

	if (!rest->p)
		*rest = slice_make(end, 0);
	return line;
}

/* One line, continuation lines with it. An empty one is continued by none: what follows it is a body. */
static struct slice line_next(struct slice *rest)
{
	struct slice text = *rest, line = cut_line(rest);

	if (!slice_trim(line).len)
		return SLICE_NULL;
	while (rest->len && is_blank(*rest->p)) {
		struct slice more = cut_line(rest);

		line = slice_make(text.p, (size_t)(more.p + more.len - text.p));
	}
	return slice_trim(line);
}

bool sip_header_next(struct slice *rest, struct slice *name, struct slice *value)
{
	if (!rest->p || !rest->len)
		return false;
	*value = line_next(rest);
	if (!value->len)
		return false;
	*name = slice_trim(slice_cut(value, ':'));
	*value = value->p ? slice_trim(*value) : SLICE_NULL;
	return true;
}

struct slice sip_cseq_method(struct slice value)
{
	size_t n;

	value = slice_trim(value);
	for (n = value.len; n && !is_blank(value.p[n - 1]) && value.p[n - 1] != '\n'; n--)
		;
	return n ? slice_make(value.p + n, value.len - n) : SLICE_NULL;
}
