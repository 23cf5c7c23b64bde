/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last look at what goes to the wire. It shares nothing with the swap but the table: the text is unescaped as a whole, level
 * by level, and each address and number that can be read at any level is looked up.
 */
#include "modules/ims_migration/core/swap.h"

enum { LEVELS = 4 };

static bool is_user(unsigned char c)
{
	return migration_is_user_char(c);
}

static bool known(const struct migration_view *view, enum migration_how how, struct slice user,
		  struct slice host)
{
	const struct migration_query q = {.partner = view->partner,
					  .side = MIGRATION_INSIDE,
					  .how = how,
					  .user = user,
					  .host = host};
	struct migration_hit hit;

	return view->find(view->arg, &q, &hit);
}

/* The name around the '@' at at, with and without what punctuation stands before it. */
static bool is_address(const struct migration_view *view, const char *t, size_t len, size_t at)
{
	size_t from = at, to = at + 1, params;

	while (to < len && migration_is_host_char((unsigned char)t[to]))
		to++;
	while (to > at + 1 && (t[to - 1] == '.' || t[to - 1] == '-'))
		to--;
	if (to - at - 1 > MIGRATION_HOST_MAX)
		return false;
	while (from > 0 && at - from <= MIGRATION_USER_MAX && is_user((unsigned char)t[from - 1]))
		from--;
	for (; from < at; from++) {
		if (known(view, MIGRATION_URI_FIRST, slice_make(t + from, at - from),
			  slice_make(t + at + 1, to - at - 1)))
			return true;
		if (t[from] != '-' && t[from] != '.' && t[from] != '_' && t[from] != '~' &&
		    t[from] != '+')
			break;
	}
	/* "sip:alice;a=b:c@host" */
	for (params = at; params > 0 && at - params < 300; params--) {
		char c = t[params - 1];

		if (c == ' ' || c == '<' || c == '>' || c == '"' || c == ',' || c == '@')
			break;
		if (c != ';' && c != ':')
			continue;
		for (from = params - 1; from > 0 && params - 1 - from <= MIGRATION_USER_MAX &&
					is_user((unsigned char)t[from - 1]);)
			from--;
		if (from > 3 && t[from - 1] == ':' &&
		    known(view, MIGRATION_URI_FIRST, slice_make(t + from, params - 1 - from),
			  slice_make(t + at + 1, to - at - 1)))
			return true;
	}
	return false;
}

/* '+' and digits, with what may stand between them. */
static bool is_known_number(const struct migration_view *view, const char *t, size_t len, size_t at)
{
	char number[17] = {'+'};
	size_t n = 1;

	for (size_t i = at + 1; i < len && n < sizeof(number); i++) {
		if (t[i] >= '0' && t[i] <= '9')
			number[n++] = t[i];
		else if (!memchr("-.() ", t[i], 5) ||
			 (t[i] == ' ' && (i + 1 == len || t[i + 1] < '0' || t[i + 1] > '9')))
			break;
	}
	return n > 2 && n < sizeof(number) &&
	       known(view, MIGRATION_NUMBER, slice_make(number, n), SLICE_NULL);
}

static bool look(const struct migration_view *view, const char *t, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((t[i] == '@' && is_address(view, t, len, i)) ||
		    (t[i] == '+' && is_known_number(view, t, len, i)))
			return true;
	return false;
}

static int digit(char c, int base)
{
	int v = c >= '0' && c <= '9'			 ? c - '0'
		: (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							 : 99;

	return v < base ? v : -1;
}

/* One level of escapes away, in place. Returns the new length. */
static size_t unescape(char *t, size_t len)
{
	size_t n = 0, i = 0;

	while (i < len) {
		int c = (unsigned char)t[i];
		size_t took = 1;

		if (c == '%' && i + 2 < len && digit(t[i + 1], 16) >= 0 &&
		    digit(t[i + 2], 16) >= 0) {
			c = digit(t[i + 1], 16) << 4 | digit(t[i + 2], 16);
			took = 3;
		} else if (c == '&' && i + 3 < len && t[i + 1] == '#') {
			size_t k = i + 2;
			int base = t[k] == 'x' ? 16 : 10, v = 0;

			for (k += base == 16; k < len && k < i + 18 && digit(t[k], base) >= 0; k++)
				v = v > 0xffff ? v : v * base + digit(t[k], base);
			if (k < len && t[k] == ';' && v > 0 && v < 256) {
				c = v;
				took = k + 1 - i;
			}
		} else if (c == '\\' && i + 1 < len && t[i + 1] > ' ') {
			c = (unsigned char)t[i + 1];
			took = 2;
		}
		t[n++] = (char)c;
		i += took;
	}
	return n;
}

bool migration_left(const struct migration_view *view, struct slice text, char *room)
{
	size_t len = text.len, less;

	if (!len)
		return false;
	memcpy(room, text.p, len);
	if (look(view, room, len))
		return true;
	for (int level = 0; level < LEVELS; level++) {
		less = unescape(room, len);
		if (less == len)
			return false;
		len = less;
		if (look(view, room, len))
			return true;
	}
	return false;
}
