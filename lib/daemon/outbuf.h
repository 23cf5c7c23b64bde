/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that grows while it is written, up to a bound: answers of a control socket, metrics. */
#ifndef DAEMON_OUTBUF_H
#define DAEMON_OUTBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct outbuf {
	char *p; /* NUL-terminated once anything was written; belongs to the buffer */
	size_t len, size;
	size_t max;  /* octets it may grow to; 0: OUTBUF_MAX */
	bool failed; /* something did not fit: the text is incomplete */
};

enum { OUTBUF_MAX = 64 << 20 };

/* Append. Returns 0, or -1 when there is no memory or no room; then failed is set and the text ends
 * before what did not fit. A buffer of zeroes is empty. */
__attribute__((format(printf, 2, 3))) int outbuf_printf(struct outbuf *b, const char *fmt, ...);
int outbuf_vprintf(struct outbuf *b, const char *fmt, va_list ap);
int outbuf_add(struct outbuf *b, const void *data, size_t len);
/* Free the text and make it empty. */
void outbuf_free(struct outbuf *b);

#endif
