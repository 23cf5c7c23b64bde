/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_border/core/record_routes.h"

#include "sip/uri.h"

/* Does a line end at i? A line of nothing ends the headers, whatever follows it. */
static bool ends_at(struct slice text, size_t i)
{
	if (i >= text.len)
		return true;
	if (text.p[i] != '\n')
		return false;
	return i <= 1 || i + 1 == text.len || (text.p[i + 1] != ' ' && text.p[i + 1] != '\t');
}

/* The next line, folded ones joined, without its end. False: the text is at an end. */
static bool next_line(struct slice *text, struct slice *line)
{
	size_t i = 0;

	if (!text->len)
		return false;
	while (!ends_at(*text, i))
		i++;
	*line = slice_trim(slice_make(text->p, i));
	i += i < text->len;
	*text = slice_make(text->p + i, text->len - i);
	return true;
}

int border_raw_header_next(struct slice *text, const char *name, struct slice *body)
{
	struct slice line;

	while (next_line(text, &line) && line.len) {
		struct slice rest = line, head = slice_trim(slice_cut(&rest, ':'));

		if (rest.p && slice_eq_nocase(head, slice_str(name))) {
			*body = slice_trim(rest);
			return 1;
		}
	}
	*text = SLICE_NULL;
	return 0;
}

bool border_same_places(const struct slice *a, size_t a_n, const struct slice *b, size_t b_n)
{
	if (a_n != b_n)
		return false;
	for (size_t i = 0; i < a_n; i++)
		if (!sip_same_place(a[i], b[i]))
			return false;
	return true;
}
