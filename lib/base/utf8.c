/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

/* Length of the UTF-8 sequence at p, or 0. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	uint32_t c;

	for (size_t len = 1; len <= 4 && len <= n; len++) {
		if ((p[0] & forms[len - 1].mask) != forms[len - 1].lead)
			continue;
		c = p[0] & (uint32_t)(unsigned char)~forms[len - 1].mask;
		for (size_t i = 1; i < len; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[i] & 0x3f);
		}
		if (c < forms[len - 1].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
		    c == 0xfffe || c == 0xffff || c < ' ' || (c >= 0x7f && c < 0xa0))
			return 0;
		return len;
	}
	return 0;
}

bool utf8_printable(struct slice s)
{
	for (size_t i = 0; i < s.len;) {
		size_t n = utf8_length((const unsigned char *)s.p + i, s.len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}
