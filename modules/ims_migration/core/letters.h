/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text read letter by letter, however each is written: as it is, escaped in a URI ("%61", in a URI that stands in another
 * "%2561", RFC 3986 2.1), as a reference of XML ("&#97;"), or behind the backslash of a quoted string (RFC 3261 25.1).
 */
#ifndef IMS_MIGRATION_LETTERS_H
#define IMS_MIGRATION_LETTERS_H

#include "base/slice.h"

enum migration_text {
	MIGRATION_TEXT_PLAIN,
	MIGRATION_TEXT_QUOTING, /* backslashes quote: headers */
	MIGRATION_TEXT_XML
};

struct migration_letter {
	int c;	      /* the octet that is meant */
	uint8_t n;    /* octets that it takes in the text; 0 behind the end */
	uint8_t deep; /* how many times it is escaped as in a URI */
	bool small;   /* its escape has hex letters, all of them small, or none */
};

/* One that may be written in another way than as itself: '%', '&' or '\\' stands at at. */
struct migration_letter migration_letter_coded(struct slice text, size_t at,
					       enum migration_text kind);

static inline struct migration_letter migration_letter_at(struct slice text, size_t at,
							  enum migration_text kind)
{
	struct migration_letter l = {0, 0, 0, false};

	if (at >= text.len)
		return l;
	l.c = (unsigned char)text.p[at];
	l.n = 1;
	return l.c == '%' || l.c == '&' || l.c == '\\' ? migration_letter_coded(text, at, kind) : l;
}

#endif
