/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/line.h"

#include <stdarg.h>
#include <stdio.h>

int line_fail(const struct why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, why->size, fmt, ap);
	va_end(ap);
	return -1;
}

int line_number(struct slice v, const char *name, uint64_t max, uint32_t *out,
		const struct why *why)
{
	uint64_t n;

	if (slice_u64(v, max, &n))
		return line_fail(why, "%s takes a number from 0 to %llu", name,
				 (unsigned long long)max);
	*out = (uint32_t)n;
	return 0;
}

struct slice line_word_name(struct slice word)
{
	struct slice rest = word, name = slice_cut(&rest, '=');

	for (size_t i = 0; i < name.len; i++)
		if (!((name.p[i] | 32) >= 'a' && (name.p[i] | 32) <= 'z') && name.p[i] != '-')
			return SLICE_LIT("...");
	return name.len <= 24 ? name : SLICE_LIT("...");
}

int line_unknown(struct slice word, const char *line, const struct why *why)
{
	struct slice name = line_word_name(word);

	return line_fail(why, "unknown option '%.*s' in a %s line", (int)name.len, name.p, line);
}

bool line_bare_word(const char *s)
{
	return s[0] && !strpbrk(s, " ,\"<>#\\");
}
