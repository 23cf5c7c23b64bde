/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/text.h"

static void no_memory(void)
{
	fputs("ims-ue: out of memory\n", stderr);
	exit(3);
}

void *ue_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		no_memory();
	return p;
}

char *ue_dup(struct slice s)
{
	char *p = ue_alloc(s.len + 1);

	if (s.len)
		memcpy(p, s.p, s.len);
	return p;
}

void ue_set(char **dst, struct slice s)
{
	char *copy = ue_dup(s);

	free(*dst);
	*dst = copy;
}

static void grow(struct text *t, size_t more)
{
	size_t cap = t->cap ? t->cap : 256;
	char *p;

	if (t->len + more + 1 <= t->cap)
		return;
	while (cap < t->len + more + 1)
		cap *= 2;
	p = realloc(t->p, cap);
	if (!p)
		no_memory();
	t->p = p;
	t->cap = cap;
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0) {
		grow(t, (size_t)n);
		vsnprintf(t->p + t->len, (size_t)n + 1, fmt, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

void text_put(struct text *t, struct slice s)
{
	grow(t, s.len);
	if (s.len)
		memcpy(t->p + t->len, s.p, s.len);
	t->len += s.len;
	t->p[t->len] = '\0';
}

void text_char(struct text *t, char c)
{
	text_put(t, slice_make(&c, 1));
}

/* Length of the UTF-8 sequence at p, or 0 if it is none. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80			 ? 1
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		   : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		   : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
						 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void text_json(struct text *t, struct slice s)
{
	text_char(t, '"');
	for (size_t i = 0; i < s.len;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = utf8_len((const unsigned char *)s.p + i, s.len - i);

		if (c == '"' || c == '\\') {
			text_char(t, '\\');
			text_char(t, (char)c);
		} else if (c == '\n') {
			text_put(t, SLICE_LIT("\\n"));
		} else if (c == '\r') {
			text_put(t, SLICE_LIT("\\r"));
		} else if (c < 0x20 || c == 0x7f || n == 0) {
			text_add(t, "\\u%04x", c);
			n = 1;
		} else {
			text_put(t, slice_make(s.p + i, n));
		}
		i += n ? n : 1;
	}
	text_char(t, '"');
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->p)
		t->p[0] = '\0';
}

void text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){0};
}
