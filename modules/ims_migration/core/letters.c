/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/letters.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two hex digits at at? Their value, or -1. */
static int pair_at(struct slice text, size_t at)
{
	int high, low;

	if (at + 2 > text.len)
		return -1;
	high = hex(text.p[at]);
	low = hex(text.p[at + 1]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool is_big(char c)
{
	return c >= 'A' && c <= 'F';
}

enum { DEEP_MAX = 8 };

/* "%41", "%2541", "%252541": each "25" that two more digits follow is a '%' one level further in. */
static struct migration_letter escaped(struct slice text, size_t at)
{
	struct migration_letter l = {'%', 1, 0, false};
	size_t digits = at + 1;
	uint8_t deep = 1;
	int c = pair_at(text, digits);

	while (c == '%' && deep < DEEP_MAX && pair_at(text, digits + 2) >= 0) {
		digits += 2;
		deep++;
		c = pair_at(text, digits);
	}
	if (c < 0)
		return l;
	l.c = c;
	l.n = (uint8_t)(digits + 2 - at);
	l.deep = deep;
	l.small = !is_big(text.p[digits]) && !is_big(text.p[digits + 1]);
	return l;
}

/* "&#97;", "&#x61;". Names ("&amp;") mean no letter of an identity. */
static struct migration_letter reference(struct slice text, size_t at)
{
	struct migration_letter l = {'&', 1, 0, false};
	size_t i = at + 2;
	bool is_hex;
	int c = 0;

	if (i >= text.len || text.p[at + 1] != '#')
		return l;
	is_hex = text.p[i] == 'x';
	i += is_hex;
	for (size_t first = i; i < text.len && i < first + 16; i++) {
		int digit = hex(text.p[i]);

		if (text.p[i] == ';' && i > first) {
			l.c = c;
			l.n = (uint8_t)(i + 1 - at);
			return l;
		}
		if (digit < 0 || (!is_hex && digit > 9))
			return l;
		c = c > 0xffff ? c : c * (is_hex ? 16 : 10) + digit;
	}
	return l;
}

struct migration_letter migration_letter_coded(struct slice text, size_t at,
					       enum migration_text kind)
{
	struct migration_letter l = {(unsigned char)text.p[at], 1, 0, false};

	if (l.c == '%')
		return escaped(text, at);
	if (l.c == '&' && kind == MIGRATION_TEXT_XML)
		return reference(text, at);
	if (l.c == '\\' && kind == MIGRATION_TEXT_QUOTING && at + 1 < text.len) {
		l.c = (unsigned char)text.p[at + 1];
		l.n = 2;
	}
	return l;
}
