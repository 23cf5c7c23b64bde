/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing piece of text. Running out of memory ends the program: this is a test tool. */
#ifndef UE_TEXT_H
#define UE_TEXT_H

#include "base/slice.h"

struct text {
	char *p; /* NUL-terminated once something was put into it; NULL before */
	size_t len, cap;
};

/* Append formatted text, a slice, one character. */
void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_put(struct text *t, struct slice s);
void text_char(struct text *t, char c);
/* Append as a JSON string with its quotes; bytes that are not UTF-8 text become \u00XX. */
void text_json(struct text *t, struct slice s);
/* Empty it, keep the memory / free it. */
void text_clear(struct text *t);
void text_free(struct text *t);

static inline struct slice text_slice(const struct text *t)
{
	return slice_make(t->p, t->len);
}

/* malloc, calloc and strdup that do not return NULL. */
void *ue_alloc(size_t n);
char *ue_dup(struct slice s);
/* *dst = copy of s, the old string freed; s may lie inside it. */
void ue_set(char **dst, struct slice s);

#endif
