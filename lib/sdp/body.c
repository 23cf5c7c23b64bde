/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a description; its edits are in body_edit.c. */
#include "sdp/body.h"

static bool ends_with(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && memcmp(s.p + s.len - n, end, n) == 0;
}

/* What one line may be at this place; before is the line in front of it or NULL. */
static int check_line(const struct sdp_line *l, const struct sdp_line *before)
{
	struct sdp_connection c;
	struct sdp_mline m;

	if (ends_with(l->raw, "\r") || (before && !before->type && l->type))
		return SDP_E_SYNTAX;
	if (!before)
		return l->type == 'v' && slice_eq(l->value, SLICE_LIT("0")) ? SDP_OK : SDP_E_SYNTAX;
	switch (l->type) {
	case 'v':
		return SDP_E_SYNTAX;
	case 'm':
		return sdp_mline_parse(l->value, SLICE_NULL, &m);
	case 'c':
		return sdp_connection_parse(l->value, SLICE_NULL, &c);
	default:
		return SDP_OK;
	}
}

int sdp_body_parse(struct slice text, char *room, size_t size, struct sdp_body *b)
{
	int rc;

	b->lines = b->mlines = 0;
	b->room = room;
	b->room_left = room ? size : 0;
	if (text.len && memchr(text.p, 0, text.len))
		return SDP_E_SYNTAX;
	while (text.len) {
		struct sdp_line *l = &b->line[b->lines];

		if (b->lines == SDP_LINES_MAX)
			return SDP_E_TOO_MANY;
		rc = sdp_line_next(&text, l);
		if (rc == 1)
			rc = check_line(l, b->lines ? l - 1 : NULL);
		if (rc)
			return rc;
		if (l->type == 'm') {
			if (b->mlines == SDP_MLINES_MAX)
				return SDP_E_TOO_MANY;
			b->start[b->mlines++] = b->lines;
		}
		b->lines++;
	}
	b->start[b->mlines] = b->lines;
	if (!b->lines)
		return SDP_E_SYNTAX;
	b->line_end = ends_with(b->line[0].raw, "\r\n") || !ends_with(b->line[0].raw, "\n")
			  ? SLICE_LIT("\r\n")
			  : SLICE_LIT("\n");
	return SDP_OK;
}

/* The lines of a level: from *first to, not including, *end. */
static void bounds(const struct sdp_body *b, int m, int *first, int *end)
{
	*first = m < 0 ? 0 : b->start[m];
	*end = b->start[m + 1];
}

struct sdp_mline sdp_body_mline(const struct sdp_body *b, int m)
{
	struct sdp_mline out = {.port_count = 1};

	(void)sdp_mline_parse(b->line[b->start[m]].value, SLICE_NULL, &out);
	return out;
}

int sdp_body_find(const struct sdp_body *b, int m, char type, int from)
{
	int first, end;

	bounds(b, m, &first, &end);
	for (int i = from < first ? first : from + 1; i < end; i++)
		if (b->line[i].type == type)
			return i;
	return -1;
}

bool sdp_body_connection(const struct sdp_body *b, int m, struct sdp_connection *out)
{
	int n = sdp_body_find(b, m, 'c', -1);

	if (n < 0 && m >= 0)
		n = sdp_body_find(b, SDP_SESSION, 'c', -1);
	return n >= 0 && sdp_connection_parse(b->line[n].value, SLICE_NULL, out) == SDP_OK;
}

bool sdp_body_attr_next(const struct sdp_body *b, int m, struct slice name, int *pos,
			struct slice *value)
{
	int n = *pos;

	while ((n = sdp_body_find(b, m, 'a', n)) >= 0) {
		struct sdp_attr a = sdp_attr_split(b->line[n].value);

		if (!slice_eq(a.name, name))
			continue;
		*pos = n;
		*value = a.value.p ? a.value : SLICE_LIT("");
		return true;
	}
	return false;
}

bool sdp_body_attr(const struct sdp_body *b, int m, struct slice name, struct slice *value)
{
	int pos = -1;

	if (sdp_body_attr_next(b, m, name, &pos, value))
		return true;
	pos = -1;
	return m >= 0 && sdp_body_attr_next(b, SDP_SESSION, name, &pos, value);
}

static bool direction_of_level(const struct sdp_body *b, int m, enum sdp_direction *out)
{
	for (int n = -1; (n = sdp_body_find(b, m, 'a', n)) >= 0;)
		if (sdp_direction_parse(slice_trim(b->line[n].value), out) == 0)
			return true;
	return false;
}

enum sdp_direction sdp_body_direction(const struct sdp_body *b, int m)
{
	enum sdp_direction d = SDP_DIR_SENDRECV;

	if (!direction_of_level(b, m, &d) && m >= 0)
		(void)direction_of_level(b, SDP_SESSION, &d);
	return d;
}

static int put(char *buf, size_t size, size_t *len, struct slice s)
{
	if (s.len > size - *len)
		return SDP_E_SPACE;
	memcpy(buf + *len, s.p, s.len);
	*len += s.len;
	return SDP_OK;
}

int sdp_body_write(const struct sdp_body *b, char *buf, size_t size, size_t *len)
{
	size_t n = 0;

	for (int i = 0; i < b->lines; i++) {
		struct slice raw = b->line[i].raw;

		if (put(buf, size, &n, raw))
			return SDP_E_SPACE;
		/* The last line may lack its end; what was put behind it needs one. */
		if (i + 1 < b->lines && !ends_with(raw, "\n") && put(buf, size, &n, b->line_end))
			return SDP_E_SPACE;
	}
	*len = n;
	return SDP_OK;
}
