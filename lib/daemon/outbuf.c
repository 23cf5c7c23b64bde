/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/outbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for len more octets and a NUL. */
static int reserve(struct outbuf *b, size_t len)
{
	size_t max = b->max ? b->max : OUTBUF_MAX, want = b->len + len + 1, size = b->size;
	char *grown;

	if (want <= size)
		return 0;
	if (b->failed || len >= max || want > max) {
		b->failed = true;
		return -1;
	}
	size = size * 2 > want ? size * 2 : want + 1024;
	size = size < max ? size : max;
	grown = realloc(b->p, size);
	if (!grown) {
		b->failed = true;
		return -1;
	}
	b->p = grown;
	b->size = size;
	return 0;
}

int outbuf_vprintf(struct outbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || reserve(b, (size_t)n))
		return -1;
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int outbuf_printf(struct outbuf *b, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = outbuf_vprintf(b, fmt, ap);
	va_end(ap);
	return err;
}

int outbuf_add(struct outbuf *b, const void *data, size_t len)
{
	if (reserve(b, len))
		return -1;
	memcpy(b->p + b->len, data, len);
	b->len += len;
	b->p[b->len] = '\0';
	return 0;
}

void outbuf_free(struct outbuf *b)
{
	free(b->p);
	b->p = NULL;
	b->len = b->size = 0;
	b->failed = false;
}
