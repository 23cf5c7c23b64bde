/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines cut into words: the one syntax of configurations, import files and commands. */
#ifndef DAEMON_WORDS_H
#define DAEMON_WORDS_H

#include "base/slice.h"

enum { WORDS_MAX = 64, WORDS_LINE_MAX = 4096 };

enum words_err { WORDS_ETOOLONG = -1, WORDS_ETOOMANY = -2, WORDS_EQUOTE = -3, WORDS_EBYTE = -4 };

struct words {
	struct slice w[WORDS_MAX]; /* into text */
	size_t n;
	char text[WORDS_LINE_MAX];
};

/*
 * Cut one line (without its newline) at blanks. "..." keeps blanks together, inside it \" and
 * \\ are escapes; # outside quotes, at the start of a word, begins a comment. Returns 0 or an error
 * of enum words_err.
 */
int words_split(struct slice line, struct words *out);

const char *words_strerror(int err);

/* word is "name=value": sets *value and returns true. */
bool word_option(struct slice word, const char *name, struct slice *value);

#endif
