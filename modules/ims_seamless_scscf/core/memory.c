/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/memory.h"

#include <stdlib.h>

void *scscf_store_alloc(struct scscf_store *s, size_t n)
{
	void *p;

	if (s->limit && (n > s->limit || s->used > s->limit - n))
		return NULL;
	p = s->alloc(n);
	if (!p)
		return NULL;
	memset(p, 0, n);
	s->used += n;
	return p;
}

void scscf_store_free(struct scscf_store *s, void *p, size_t n)
{
	if (!p)
		return;
	s->release(p);
	s->used -= n;
}

int scscf_store_text(struct scscf_store *s, struct slice text, struct slice *out)
{
	char *p;

	*out = SLICE_NULL;
	if (!text.len)
		return 0;
	p = scscf_store_alloc(s, text.len);
	if (!p)
		return -1;
	memcpy(p, text.p, text.len);
	*out = slice_make(p, text.len);
	return 0;
}

void scscf_store_text_free(struct scscf_store *s, struct slice *text)
{
	scscf_store_free(s, (void *)(uintptr_t)text->p, text->len);
	*text = SLICE_NULL;
}

int scscf_store_text_set(struct scscf_store *s, struct slice text, struct slice *out)
{
	struct slice copy;

	if (slice_eq(text, *out))
		return 0;
	if (scscf_store_text(s, text, &copy))
		return -1;
	scscf_store_text_free(s, out);
	*out = copy;
	return 0;
}

struct scscf_arena_block {
	struct scscf_arena_block *next;
	size_t used, size;
	_Alignas(16) char bytes[];
};

#define BLOCK_BYTES 4000

void *scscf_arena_alloc(struct scscf_arena *a, size_t n)
{
	struct scscf_arena_block *b = a->head;
	size_t want = (n + 15) & ~(size_t)15;
	void *p;

	if (!b || b->size - b->used < want) {
		size_t size = want > BLOCK_BYTES ? want : BLOCK_BYTES;

		b = calloc(1, sizeof(*b) + size);
		if (!b) {
			a->failed = true;
			return NULL;
		}
		b->size = size;
		b->next = a->head;
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += want;
	return p;
}

struct slice scscf_arena_text(struct scscf_arena *a, struct slice text)
{
	char *p;

	if (!text.len)
		return SLICE_NULL;
	p = scscf_arena_alloc(a, text.len);
	if (!p)
		return SLICE_NULL;
	memcpy(p, text.p, text.len);
	return slice_make(p, text.len);
}

void scscf_arena_free(struct scscf_arena *a)
{
	while (a->head) {
		struct scscf_arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->failed = false;
}
