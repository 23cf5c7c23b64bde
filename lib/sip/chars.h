/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Character classes of RFC 3261 25.1 and the skipping of blanks (folded lines included). */
#ifndef SIP_CHARS_H
#define SIP_CHARS_H

#include "base/slice.h"

static inline bool sip_is_token_char(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("-.!%*_+`'~", c) != NULL;
}

static inline bool sip_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool sip_is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!sip_is_token_char(s.p[i]))
			return false;
	return s.len > 0;
}

/* The slice without its first n bytes (n <= len). */
static inline struct slice sip_drop(struct slice s, size_t n)
{
	return slice_make(s.p + n, s.len - n);
}

static inline struct slice sip_skip_blanks(struct slice s)
{
	while (s.len && sip_is_blank(*s.p))
		s = sip_drop(s, 1);
	return s;
}

/*
 * Length of the quoted-string that begins at s (which starts with a double quote), both quotes
 * included; 0 if it does not end.
 */
static inline size_t sip_quoted_len(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

#endif
