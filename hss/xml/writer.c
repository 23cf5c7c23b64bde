/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/xml/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 2048 };

/* Room for so many octets more; NULL without memory. */
static char *room_for(struct xml *x, size_t n)
{
	if (x->room - x->len < n && !x->failed) {
		size_t room = (x->room + n) * 2;
		char *text = realloc(x->text, room);

		x->failed = !text;
		if (text) {
			x->text = text;
			x->room = room;
		}
	}
	return x->failed ? NULL : x->text + x->len;
}

static void put(struct xml *x, const char *s, size_t n)
{
	char *p = room_for(x, n);

	if (!p)
		return;
	memcpy(p, s, n);
	x->len += n;
}

static void put_str(struct xml *x, const char *s)
{
	put(x, s, strlen(s));
}

/* What cannot stand in text or between quotes as it is; a carriage return would be read as a line's end. */
static const char *escape_of(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;";
	}
	return NULL;
}

static void put_escaped(struct xml *x, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "<>&\"\r");

		put(x, s, n);
		s += n;
		if (*s)
			put_str(x, escape_of(*s++));
	}
}

/* There is something in the element that was opened last. */
static void end_tag(struct xml *x)
{
	if (x->begun)
		put(x, ">", 1);
	x->begun = false;
}

void xml_begin(struct xml *x)
{
	*x = (struct xml){.room = ROOM_FIRST, .text = malloc(ROOM_FIRST)};
	x->failed = !x->text;
	put_str(x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

char *xml_end(struct xml *x, size_t *len)
{
	put(x, "\n", 2); /* with NUL */
	if (x->failed || x->depth) {
		free(x->text);
		x->text = NULL;
		return NULL;
	}
	*len = x->len - 1;
	return x->text;
}

void xml_open(struct xml *x, const char *name)
{
	end_tag(x);
	if (x->depth == XML_DEPTH) {
		x->failed = true;
		return;
	}
	x->open[x->depth++] = name;
	put(x, "<", 1);
	put_str(x, name);
	x->begun = true;
}

void xml_close(struct xml *x)
{
	if (x->depth == 0) {
		x->failed = true;
		return;
	}
	x->depth--;
	if (x->begun) {
		put(x, "/>", 2);
	} else {
		put(x, "</", 2);
		put_str(x, x->open[x->depth]);
		put(x, ">", 1);
	}
	x->begun = false;
}

void xml_text(struct xml *x, const char *name, const char *text)
{
	xml_open(x, name);
	end_tag(x); /* also of one that is empty */
	put_escaped(x, text);
	xml_close(x);
}

void xml_number(struct xml *x, const char *name, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	xml_text(x, name, text);
}

void xml_raw(struct xml *x, const char *text, size_t len)
{
	end_tag(x);
	put(x, text, len);
}
