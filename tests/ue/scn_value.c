/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables, times, numbers and comparisons of the scenario language. */
#include <errno.h>
#include <stdlib.h>

#include "ue/scn_parse.h"

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool name_char(char c)
{
	return name_start(c) || (c >= '0' && c <= '9');
}

int scn_expand(const char *text, scn_lookup lookup, void *arg, struct text *out,
	       struct slice *unknown)
{
	for (const char *p = text; *p;) {
		struct slice name;
		const char *value, *next;

		if (p[0] != '$' || !(p[1] == '$' || p[1] == '{' || name_start(p[1]))) {
			text_char(out, *p++);
			continue;
		}
		if (p[1] == '$') {
			text_char(out, '$');
			p += 2;
			continue;
		}
		if (p[1] == '{') {
			next = strchr(p, '}');
			name = slice_make(p + 2, next ? (size_t)(next - p) - 2 : strlen(p + 2));
			next = next ? next + 1 : p + strlen(p);
		} else {
			for (next = p + 1; name_char(*next);)
				next++;
			name = slice_make(p + 1, (size_t)(next - p) - 1);
		}
		value = lookup(name, arg);
		if (!value) {
			if (unknown)
				*unknown = name;
			return -1;
		}
		text_put(out, slice_str(value));
		p = next;
	}
	text_put(out, SLICE_NULL);
	return 0;
}

int scn_time(const char *s, uint64_t *ms)
{
	size_t digits = strspn(s, "0123456789");
	uint64_t n;

	if (digits == 0 || digits > 9)
		return -1;
	n = strtoull(s, NULL, 10);
	if (strcmp(s + digits, "ms") == 0)
		*ms = n;
	else if (strcmp(s + digits, "s") == 0)
		*ms = n * 1000;
	else if (strcmp(s + digits, "m") == 0)
		*ms = n * 60000;
	else
		return -1;
	return 0;
}

int scn_number(const char *s, int64_t *out)
{
	char *end;
	long long n;

	if (!*s || !strchr("-0123456789", *s))
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno || *end || end == s)
		return -1;
	*out = n;
	return 0;
}

int scn_compare(const char *a, const char *op, const char *b)
{
	int64_t x = 0, y = 0;
	uint64_t ta, tb;
	int cmp;

	if (scn_number(a, &x) == 0 && scn_number(b, &y) == 0)
		cmp = x < y ? -1 : x > y;
	else if (scn_time(a, &ta) == 0 && scn_time(b, &tb) == 0)
		cmp = ta < tb ? -1 : ta > tb;
	else
		cmp = strcmp(a, b);
	if (strcmp(op, "==") == 0)
		return cmp == 0;
	if (strcmp(op, "!=") == 0)
		return cmp != 0;
	if (strcmp(op, "<") == 0)
		return cmp < 0;
	if (strcmp(op, ">") == 0)
		return cmp > 0;
	if (strcmp(op, "<=") == 0)
		return cmp <= 0;
	if (strcmp(op, ">=") == 0)
		return cmp >= 0;
	return -1;
}

int scn_evaluate(char *const *words, unsigned n, int64_t *out)
{
	int64_t v, x;

	if (n % 2 == 0 || scn_number(words[0], &v) != 0)
		return -1;
	for (unsigned i = 1; i + 1 < n; i += 2) {
		char op = words[i][0];
		bool bad =
		    words[i][0] == '\0' || words[i][1] != '\0' || scn_number(words[i + 1], &x) != 0;

		if (bad)
			return -1;
		if (op == '+')
			bad = __builtin_add_overflow(v, x, &v);
		else if (op == '-')
			bad = __builtin_sub_overflow(v, x, &v);
		else if (op == '*')
			bad = __builtin_mul_overflow(v, x, &v);
		else if ((op == '/' || op == '%') && x != 0 && !(x == -1 && v == INT64_MIN))
			v = op == '/' ? v / x : v % x;
		else
			bad = true;
		if (bad)
			return -1;
	}
	*out = v;
	return 0;
}
