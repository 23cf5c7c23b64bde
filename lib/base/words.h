/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a setting: separated by blanks, commas, or both. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/slice.h"

/* Take the next word off the text. False: there is none left. */
static inline bool slice_next_word(struct slice *text, struct slice *word)
{
	do {
		size_t n = 0;

		while (n < text->len && text->p[n] != ' ' && text->p[n] != ',')
			n++;
		*word = slice_make(text->p, n);
		if (n < text->len)
			n++;
		*text = slice_make(text->p + n, text->len - n);
	} while (!word->len && text->len);
	return word->len > 0;
}

#endif
