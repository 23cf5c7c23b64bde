/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two kinds of memory. The store holds what lives on (shared memory in Kamailio, malloc in tests)
 * behind an interface with a bound. An arena holds what one operation hands out (private memory,
 * freed as a whole).
 */
#ifndef SEAMLESS_MEMORY_H
#define SEAMLESS_MEMORY_H

#include "base/slice.h"

struct store {
	void *(*alloc)(size_t n);
	void (*release)(void *p);
	size_t used;  /* bytes handed out */
	size_t limit; /* 0: none */
};

/* n zeroed bytes, or NULL when the bound or the memory is reached. */
void *store_alloc(struct store *s, size_t n);
/* Give n bytes at p back (n as allocated); NULL is allowed. */
void store_free(struct store *s, void *p, size_t n);
/* Own copy of text. Returns 0, or -1 and *out is empty. An empty text needs no memory. */
int store_text(struct store *s, struct slice text, struct slice *out);
/* Free a copy made by store_text() and empty it. */
void store_text_free(struct store *s, struct slice *text);
/* Replace a copy by a copy of text. Returns 0, or -1 with *out as it was. Does nothing if they are
 * equal. */
int store_text_set(struct store *s, struct slice text, struct slice *out);

struct arena_block;
struct arena {
	struct arena_block *head;
	bool failed; /* an allocation failed: what was built is not complete */
};

/* n zeroed bytes that live until arena_free(), or NULL (and failed is set). */
void *arena_alloc(struct arena *a, size_t n);
/* Copy of text in the arena; empty on failure. */
struct slice arena_text(struct arena *a, struct slice text);
void arena_free(struct arena *a);

#endif
