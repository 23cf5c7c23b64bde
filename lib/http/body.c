/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http/body.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

int http_body_add(struct http_body *b, const char *data, size_t len, size_t max)
{
	if (len > max - b->len)
		return HTTP_BODY_TOO_BIG;
	if (len == 0)
		return 0;
	if (b->len + len > b->size) {
		size_t size = b->size ? b->size : FIRST_SIZE;
		char *bigger;

		while (size < b->len + len)
			size *= 2;
		bigger = malloc(size);
		if (!bigger)
			return HTTP_BODY_NO_MEMORY;
		if (b->len)
			memcpy(bigger, b->p, b->len);
		if (b->p)
			explicit_bzero(b->p, b->size);
		free(b->p);
		b->p = bigger;
		b->size = size;
	}
	memcpy(b->p + b->len, data, len);
	b->len += len;
	return 0;
}

void http_body_drop(struct http_body *b)
{
	if (b->p)
		explicit_bzero(b->p, b->size);
	free(b->p);
	*b = (struct http_body){NULL, 0, 0};
}
