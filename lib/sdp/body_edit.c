/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of a description: the lines that nobody touched keep their bytes. */
#include "sdp/body.h"

#include <stdio.h>

static bool may_stand_in_a_line(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || !s.p[i])
			return false;
	return true;
}

/* A line of up to four parts, in the caller's room. */
static int new_line(struct sdp_body *b, char type, const struct slice part[4], struct slice end,
		    struct sdp_line *out)
{
	size_t len = 2 + end.len;
	char *p = b->room;

	for (int i = 0; i < 4; i++) {
		if (!may_stand_in_a_line(part[i]))
			return SDP_E_VALUE;
		len += part[i].len;
	}
	if (len > b->room_left)
		return SDP_E_SPACE;
	*p++ = type;
	*p++ = '=';
	for (int i = 0; i < 4; i++) {
		if (part[i].len)
			memcpy(p, part[i].p, part[i].len);
		p += part[i].len;
	}
	if (end.len)
		memcpy(p, end.p, end.len);
	out->type = type;
	out->raw = slice_make(b->room, len);
	out->value = slice_make(b->room + 2, len - 2 - end.len);
	b->room += len;
	b->room_left -= len;
	return SDP_OK;
}

/* The end of line n as it stands there; the last line may have none. */
static struct slice end_of(const struct sdp_body *b, int n)
{
	const struct sdp_line *l = &b->line[n];
	size_t begin = (size_t)(l->value.p + l->value.len - l->raw.p);

	return slice_make(l->raw.p + begin, l->raw.len - begin);
}

static int change(struct sdp_body *b, int n, const struct slice part[4])
{
	struct sdp_line l;
	int rc = new_line(b, b->line[n].type, part, end_of(b, n), &l);

	if (!rc)
		b->line[n] = l;
	return rc;
}

/* Lines came (by 1) or went (by -1) at line n: the m-lines behind it move. */
static void shift(struct sdp_body *b, int n, int by)
{
	b->lines += by;
	for (int m = 0; m <= b->mlines; m++)
		if (b->start[m] >= n)
			b->start[m] += by;
}

static int insert(struct sdp_body *b, int n, char type, const struct slice part[4])
{
	struct sdp_line l;
	int rc;

	if (b->lines == SDP_LINES_MAX)
		return SDP_E_TOO_MANY;
	rc = new_line(b, type, part, b->line_end, &l);
	if (rc)
		return rc;
	memmove(&b->line[n + 1], &b->line[n], (size_t)(b->lines - n) * sizeof(b->line[0]));
	b->line[n] = l;
	shift(b, n, 1);
	return SDP_OK;
}

static void take_out(struct sdp_body *b, int n)
{
	memmove(&b->line[n], &b->line[n + 1], (size_t)(b->lines - n - 1) * sizeof(b->line[0]));
	shift(b, n + 1, -1);
}

static bool is_fixed(char type)
{
	return type == 'v' || type == 'm' || type < 'a' || type > 'z';
}

int sdp_body_set_line(struct sdp_body *b, int n, struct slice value)
{
	const struct slice part[4] = {value};

	if (n < 0 || n >= b->lines || is_fixed(b->line[n].type))
		return SDP_E_VALUE;
	return change(b, n, part);
}

int sdp_body_insert_line(struct sdp_body *b, int n, char type, struct slice value)
{
	const struct slice part[4] = {value};

	if (n < 1 || n > b->lines || is_fixed(type) || !b->line[n - 1].type)
		return SDP_E_VALUE;
	return insert(b, n, type, part);
}

int sdp_body_remove_line(struct sdp_body *b, int n)
{
	if (n < 0 || n >= b->lines || is_fixed(b->line[n].type))
		return SDP_E_VALUE;
	take_out(b, n);
	return SDP_OK;
}

static bool is_level(const struct sdp_body *b, int m)
{
	return m >= SDP_SESSION && m < b->mlines;
}

/* Behind the last line of a level, but in front of the empty lines at the very end. */
static int end_of_level(const struct sdp_body *b, int m)
{
	int n = b->start[m + 1];

	while (n > 1 && !b->line[n - 1].type)
		n--;
	return n;
}

/* name, ":" and value as parts of a line. */
static bool attr_parts(struct slice name, struct slice value, struct slice part[4])
{
	part[0] = name;
	part[1] = value.p ? SLICE_LIT(":") : SLICE_NULL;
	part[2] = value;
	part[3] = SLICE_NULL;
	return name.len && !memchr(name.p, ':', name.len);
}

int sdp_body_add_attr(struct sdp_body *b, int m, struct slice name, struct slice value)
{
	struct slice part[4];

	if (!is_level(b, m) || !attr_parts(name, value, part))
		return SDP_E_VALUE;
	return insert(b, end_of_level(b, m), 'a', part);
}

int sdp_body_set_attr(struct sdp_body *b, int m, struct slice name, struct slice value)
{
	struct slice part[4], old;
	int pos = -1, more, rc;

	if (!is_level(b, m) || !attr_parts(name, value, part))
		return SDP_E_VALUE;
	if (!sdp_body_attr_next(b, m, name, &pos, &old))
		return insert(b, end_of_level(b, m), 'a', part);
	rc = change(b, pos, part);
	if (rc)
		return rc;
	more = pos;
	while (sdp_body_attr_next(b, m, name, &more, &old))
		take_out(b, more--);
	return SDP_OK;
}

int sdp_body_remove_attr(struct sdp_body *b, int m, struct slice name)
{
	struct slice old;
	int pos = -1, n = 0;

	if (!is_level(b, m))
		return 0;
	while (sdp_body_attr_next(b, m, name, &pos, &old)) {
		take_out(b, pos--);
		n++;
	}
	return n;
}

/* What stands in an m-line before and behind the octets of part. */
static void around(struct slice value, struct slice part, struct slice *before,
		   struct slice *behind)
{
	size_t at = (size_t)(part.p - value.p);

	*before = slice_make(value.p, at);
	*behind = slice_make(part.p + part.len, value.len - at - part.len);
}

int sdp_body_set_port(struct sdp_body *b, int m, uint16_t port)
{
	struct slice value, old, part[4] = {{NULL, 0}};
	char text[8];

	if (m < 0 || m >= b->mlines)
		return SDP_E_VALUE;
	value = b->line[b->start[m]].value;
	old = sdp_body_mline(b, m).port;
	around(value, old, &part[0], &part[2]);
	part[1] = slice_make(text, (size_t)snprintf(text, sizeof(text), "%u", port));
	while (!port && part[2].len && part[2].p[0] != ' ')
		part[2] = slice_make(part[2].p + 1, part[2].len - 1);
	return change(b, b->start[m], part);
}

int sdp_body_set_proto(struct sdp_body *b, int m, struct slice proto)
{
	struct slice part[4] = {{NULL, 0}};

	if (m < 0 || m >= b->mlines || !proto.len || memchr(proto.p, ' ', proto.len))
		return SDP_E_VALUE;
	around(b->line[b->start[m]].value, sdp_body_mline(b, m).proto, &part[0], &part[2]);
	part[1] = proto;
	return change(b, b->start[m], part);
}

/* c= stands in front of b=, k=, a= and, at the session level, of t=, r=, z= (RFC 8866 5). */
static int place_of_connection(const struct sdp_body *b, int m)
{
	int n = m < 0 ? 1 : b->start[m] + 1;

	while (n < end_of_level(b, m) && strchr(m < 0 ? "osiuep" : "i", b->line[n].type))
		n++;
	return n;
}

int sdp_body_set_address(struct sdp_body *b, int m, const struct netaddr *a)
{
	char ip[NETADDR_TEXT_MAX];
	struct slice part[4] = {SLICE_LIT("IN IP4 "), SLICE_NULL, SLICE_NULL, SLICE_NULL};
	int n, more, rc;

	if (!is_level(b, m) || !netaddr_known(a))
		return SDP_E_VALUE;
	if (a->family == 6)
		part[0] = SLICE_LIT("IN IP6 ");
	part[1] = slice_str(netaddr_ip_text(a, ip));
	n = sdp_body_find(b, m, 'c', -1);
	if (n < 0)
		return insert(b, place_of_connection(b, m), 'c', part);
	rc = change(b, n, part);
	if (rc)
		return rc;
	while ((more = sdp_body_find(b, m, 'c', n)) >= 0)
		take_out(b, more);
	return SDP_OK;
}
