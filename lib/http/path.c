/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/path.h"

#include "base/utf8.h"

int path_decode(struct slice raw, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.p[i];

		if (c == '%') {
			if (raw.len - i < 3 || slice_hex(slice_make(raw.p + i + 1, 2), &c, 1))
				return -1;
			i += 2;
		}
		if (c < ' ' || c == 0x7f || n + 1 >= size)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	/* what is no UTF-8 could stand in no answer */
	return utf8_printable(slice_make(out, n)) ? 0 : -1;
}

int path_parse(struct slice raw, struct http_path *out)
{
	out->n = 0;
	if (raw.len == 0 || raw.p[0] != '/')
		return -1;
	raw = slice_make(raw.p + 1, raw.len - 1);
	if (raw.len == 0)
		return 0;
	while (raw.p) {
		struct slice seg = slice_cut(&raw, '/');

		if (seg.len == 0 || out->n == PATH_SEGMENTS_MAX ||
		    path_decode(seg, out->seg[out->n], PATH_SEGMENT_SIZE))
			return -1;
		out->n++;
	}
	return 0;
}

bool path_matches(const struct http_path *path, const char *pattern)
{
	struct slice rest = slice_str(pattern + 1);
	size_t i = 0;

	while (rest.len) {
		struct slice seg = slice_cut(&rest, '/');

		if (i == path->n ||
		    (!slice_eq(seg, SLICE_LIT("{}")) && !slice_eq(seg, slice_str(path->seg[i]))))
			return false;
		i++;
	}
	return i == path->n;
}

int query_add(struct http_query *q, struct slice name, struct slice value)
{
	if (q->n == QUERY_MAX || path_decode(name, q->name[q->n], QUERY_NAME_SIZE) ||
	    path_decode(value, q->value[q->n], PATH_SEGMENT_SIZE) || query_get(q, q->name[q->n]))
		return -1;
	q->n++;
	return 0;
}

const char *query_get(const struct http_query *q, const char *name)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->name[i], name) == 0)
			return q->value[i];
	return NULL;
}
