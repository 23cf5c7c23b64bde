/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/json_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int json_line_fail(const struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why, l->size, fmt, ap);
	va_end(ap);
	return -1;
}

/* Append to the word that is being made. */
int json_line_put(struct line *l, const char *text, size_t len)
{
	if (len > sizeof(l->w.text) - l->used)
		return json_line_fail(l, "the object is too long");
	memcpy(l->w.text + l->used, text, len);
	l->used += len;
	return 0;
}

/* The word from begin on is whole. */
int json_line_end_word(struct line *l, size_t begin)
{
	if (l->w.n == WORDS_MAX)
		return json_line_fail(l, "the object has too many members");
	l->w.w[l->w.n++] = slice_make(l->w.text + begin, l->used - begin);
	return 0;
}

int json_line_word(struct line *l, const char *text)
{
	size_t begin = l->used;

	return json_line_put(l, text, strlen(text)) || json_line_end_word(l, begin) ? -1 : 0;
}

static int put_number(struct line *l, const struct member *m, const json_t *value)
{
	char digits[24];

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return json_line_fail(l, "'%s' takes a number", m->name);
	snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
	return json_line_put(l, digits, strlen(digits));
}

static int put_text(struct line *l, const struct member *m, const json_t *value)
{
	if (!json_is_string(value))
		return json_line_fail(l, "'%s' takes a string", m->name);
	return json_line_put(l, json_string_value(value), json_string_length(value));
}

static int put_list(struct line *l, const struct member *m, const json_t *value)
{
	if (!json_is_array(value))
		return json_line_fail(l, "'%s' takes an array", m->name);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *v = json_array_get(value, i);
		const char *text = json_string_value(v);

		if (text && strchr(text, ','))
			return json_line_fail(l, "a name in '%s' has a comma", m->name);
		if ((i && json_line_put(l, ",", 1)) ||
		    (m->kind == NUMBERS ? put_number(l, m, v) : put_text(l, m, v)))
			return -1;
	}
	return 0;
}

int json_line_member(struct line *l, const struct member *m, const json_t *value)
{
	size_t begin = l->used;

	if (m->kind == FLAG) {
		if (!json_is_boolean(value))
			return json_line_fail(l, "'%s' takes true or false", m->name);
		return json_is_true(value) ? json_line_word(l, m->word)
		       : m->off		   ? json_line_word(l, m->off)
					   : 0;
	}
	if ((m->kind == NUMBERS && json_is_array(value) && json_array_size(value) == 0) ||
	    (m->off && json_is_string(value) && json_string_length(value) == 0))
		return 0;
	if (json_line_put(l, m->word, strlen(m->word)) || json_line_put(l, "=", 1) ||
	    (m->kind == TEXT	 ? put_text(l, m, value)
	     : m->kind == NUMBER ? put_number(l, m, value)
				 : put_list(l, m, value)))
		return -1;
	return json_line_end_word(l, begin);
}
