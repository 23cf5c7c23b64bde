/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects that begin with a line of the processor's cache, so that what is used together comes in one. */
#ifndef AGW_MEDIA_CACHE_H
#define AGW_MEDIA_CACHE_H

#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 };

/* Zeroed memory at the beginning of a line, for a type of that alignment. To be freed with free();
 * NULL without memory. */
static inline void *cache_new(size_t size)
{
	void *p = aligned_alloc(CACHE_LINE, size);

	if (p)
		memset(p, 0, size);
	return p;
}

#endif
