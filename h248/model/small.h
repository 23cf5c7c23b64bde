/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: what is done for each node and each number of a message, inline. */
#ifndef H248_SMALL_H
#define H248_SMALL_H

#include "h248/message.h"

/* memset() of a size that the compiler does not see, for nodes whose stores would be a loop. */
__attribute__((visibility("hidden"))) void *arena_clear(void *p, size_t size);

/* h248_alloc(); clearing a small constant size is a handful of stores. */
static inline void *arena_new(struct h248_arena *arena, size_t size)
{
	size_t need = (size + 7) & ~(size_t)7;
	char *p = arena->base + arena->used;

	if (need < size || need > arena->size - arena->used) {
		arena->overflow = true;
		return NULL;
	}
	arena->used += need;
	return __builtin_constant_p(size) && size <= 80 ? memset(p, 0, need) : arena_clear(p, need);
}

/* slice_u64() of at most ten digits, which cannot overflow. */
static inline int small_number(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 10)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned)((unsigned char)s.p[i] - '0');

		if (d > 9)
			return -1;
		v = v * 10 + d;
	}
	if (v > max)
		return -1;
	*out = v;
	return 0;
}

#endif
