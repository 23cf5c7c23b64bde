/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two kinds of memory. The store holds what lives on (shared memory in Kamailio, malloc in tests)
 * behind an interface with a bound. An arena holds what one operation hands out (private memory,
 * freed as a whole).
 */
#ifndef SEAMLESS_MEMORY_H
#define SEAMLESS_MEMORY_H

#include "base/slice.h"

struct scscf_store {
	void *(*alloc)(size_t n);
	void (*release)(void *p);
	size_t used;  /* bytes handed out */
	size_t limit; /* 0: none */
};

/* n zeroed bytes, or NULL when the bound or the memory is reached. */
void *scscf_store_alloc(struct scscf_store *s, size_t n);
/* Give n bytes at p back (n as allocated); NULL is allowed. */
void scscf_store_free(struct scscf_store *s, void *p, size_t n);
/* Own copy of text. Returns 0, or -1 and *out is empty. An empty text needs no memory. */
int scscf_store_text(struct scscf_store *s, struct slice text, struct slice *out);
/* Free a copy made by scscf_store_text() and empty it. */
void scscf_store_text_free(struct scscf_store *s, struct slice *text);
/* Replace a copy by a copy of text. Returns 0, or -1 with *out as it was. Does nothing if they are
 * equal. */
int scscf_store_text_set(struct scscf_store *s, struct slice text, struct slice *out);

struct scscf_arena_block;
struct scscf_arena {
	struct scscf_arena_block *head;
	bool failed; /* an allocation failed: what was built is not complete */
};

/* n zeroed bytes that live until scscf_arena_free(), or NULL (and failed is set). */
void *scscf_arena_alloc(struct scscf_arena *a, size_t n);
/* Copy of text in the arena; empty on failure. */
struct slice scscf_arena_text(struct scscf_arena *a, struct slice text);
void scscf_arena_free(struct scscf_arena *a);

#endif
