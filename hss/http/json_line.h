/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of the provisioning format that is made of members of a JSON object. */
#ifndef HSS_HTTP_JSON_LINE_H
#define HSS_HTTP_JSON_LINE_H

#include <jansson.h>

#include "daemon/words.h"

enum member_kind { TEXT, NUMBER, FLAG, TEXTS, NUMBERS };

struct member {
	const char *name;
	enum member_kind kind;
	const char *word; /* "name" of name=VALUE, or the word itself of a FLAG */
	const char *
	    off; /* FLAG: the word for false, or NULL: none; TEXT: "" where an empty one has no word */
	const char *missing; /* the word where the whole is replaced, or NULL */
};

/* A line that is being made of members; w.text holds its words. */
struct line {
	struct words w;
	size_t used;
	char *why;
	size_t size;
};

/* Write a sentence to why. Returns -1. */
__attribute__((format(printf, 2, 3))) int json_line_fail(const struct line *l, const char *fmt,
							 ...);
/* Each returns 0, or -1 with why. Append to the word that is being made; it is whole; a whole word; the word
 * of a member. */
int json_line_put(struct line *l, const char *text, size_t len);
int json_line_end_word(struct line *l, size_t begin);
int json_line_word(struct line *l, const char *text);
int json_line_member(struct line *l, const struct member *m, const json_t *value);

#endif
