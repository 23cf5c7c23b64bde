/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "h248/model/small.h"

#define ALIGN 8u

void h248_arena_init(struct h248_arena *arena, void *buf, size_t size)
{
	size_t skip = (ALIGN - (uintptr_t)buf % ALIGN) % ALIGN;

	*arena = (struct h248_arena){.base = buf};
	if (size > skip) {
		arena->base += skip;
		arena->size = size - skip;
	}
}

void h248_arena_reset(struct h248_arena *arena)
{
	arena->used = 0;
	arena->overflow = false;
}

void *arena_clear(void *p, size_t size)
{
	return memset(p, 0, size);
}

void *h248_alloc(struct h248_arena *arena, size_t size)
{
	return arena_new(arena, size);
}

struct slice h248_copy(struct h248_arena *arena, struct slice s)
{
	char *p = h248_alloc(arena, s.len ? s.len : 1);

	if (!p)
		return SLICE_NULL;
	if (s.len)
		memcpy(p, s.p, s.len);
	return slice_make(p, s.len);
}

struct slice h248_printf(struct h248_arena *arena, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		arena->overflow = true;
		return SLICE_NULL;
	}
	return h248_copy(arena, slice_make(text, (size_t)n));
}
