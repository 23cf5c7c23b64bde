/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/headers.h"

#include "../../core/data_lump.h"
#include "../../core/dprint.h"
#include "../../core/mem/mem.h"

int kam_headers_parse(sip_msg_t *msg)
{
	return parse_headers(msg, HDR_EOH_F, 0) < 0 ? -1 : 0;
}

struct slice kam_header_body(const struct hdr_field *h)
{
	return slice_trim(slice_of(h->body));
}

bool kam_header_is(const struct hdr_field *h, const char *name)
{
	return slice_eq_nocase(slice_of(h->name), slice_str(name));
}

struct hdr_field *kam_header_find(struct hdr_field *h, const char *name)
{
	while (h && !kam_header_is(h, name))
		h = h->next;
	return h;
}

struct slice kam_header(const sip_msg_t *msg, const char *name, int *n)
{
	struct slice first = SLICE_NULL;
	int count = 0;

	for (struct hdr_field *h = msg->headers; (h = kam_header_find(h, name)); h = h->next)
		if (!count++)
			first = kam_header_body(h);
	if (n)
		*n = count;
	return first;
}

size_t kam_headers_of(const sip_msg_t *msg, hdr_types_t type, struct slice *bodies, size_t max)
{
	size_t n = 0;

	for (struct hdr_field *h = msg->headers; h && n < max; h = h->next)
		if (h->type == type)
			bodies[n++] = kam_header_body(h);
	return n;
}

static struct lump *cut(sip_msg_t *msg, struct slice part)
{
	struct lump *l = del_lump(msg, (int)(part.p - msg->buf), (int)part.len, 0);

	if (!l)
		PKG_MEM_ERROR;
	return l;
}

/* The text is copied into private memory, which belongs to the lump. */
static int insert(struct lump *anchor, bool after, struct slice text)
{
	char *copy = anchor ? pkg_malloc(text.len) : NULL;
	struct lump *l;

	if (!copy) {
		PKG_MEM_ERROR;
		return -1;
	}
	memcpy(copy, text.p, text.len);
	l = after ? insert_new_lump_after(anchor, copy, (int)text.len, 0)
		  : insert_new_lump_before(anchor, copy, (int)text.len, 0);
	if (l)
		return 0;
	pkg_free(copy);
	PKG_MEM_ERROR;
	return -1;
}

int kam_header_remove(sip_msg_t *msg, struct hdr_field *h)
{
	return cut(msg, slice_make(h->name.s, (size_t)h->len)) ? 0 : -1;
}

int kam_headers_remove(sip_msg_t *msg, hdr_types_t type)
{
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type == type && kam_header_remove(msg, h))
			return -1;
	return 0;
}

int kam_text_replace(sip_msg_t *msg, struct slice part, struct slice text)
{
	struct lump *l = cut(msg, part);

	return l ? insert(l, true, text) : -1;
}

int kam_header_replace(sip_msg_t *msg, struct hdr_field *h, struct slice body)
{
	return kam_text_replace(msg, slice_of(h->body), body);
}

int kam_header_add_first(sip_msg_t *msg, struct slice lines)
{
	return kam_text_insert(msg, msg->headers->name.s, lines);
}

int kam_header_add_last(sip_msg_t *msg, struct slice lines)
{
	return kam_text_insert(msg, msg->unparsed, lines);
}

int kam_text_cut(sip_msg_t *msg, struct slice part)
{
	return cut(msg, part) ? 0 : -1;
}

int kam_text_insert(sip_msg_t *msg, const char *at, struct slice text)
{
	return insert(anchor_lump(msg, (int)(at - msg->buf), 0, 0), false, text);
}

void kam_header_blank(struct hdr_field *h)
{
	char *body = h->body.s;

	memset(h->name.s, 'X', (size_t)h->name.len);
	for (int i = 0; i < h->body.len; i++)
		if (body[i] != '\r' && body[i] != '\n')
			body[i] = ' ';
}

/* Where the empty line behind the headers begins, or the end of the message. */
static char *empty_line(char *at, char *end)
{
	for (; at + 1 < end; at++)
		if (at[0] == '\n' &&
		    (at[1] == '\n' || (at[1] == '\r' && at + 2 < end && at[2] == '\n')))
			return at + 1;
	return end;
}

void kam_headers_blank_unread(sip_msg_t *msg)
{
	char *end = msg->buf + msg->len, *from = msg->unparsed, *eoh, *last;

	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->name.s + h->len > from)
			from = h->name.s + h->len;
	eoh = empty_line(from, end);
	if (eoh == end && end - from >= 4) {
		memcpy(end - 4, "\r\n\r\n", 4);
		eoh = end - 2;
	}
	for (last = eoh; last > from && (last[-1] == '\n' || last[-1] == '\r');)
		last--;
	memset(from, ' ', (size_t)(last - from));
	msg->unparsed = msg->eoh = eoh;
	msg->parsed_flag |= HDR_EOH_F;
}
