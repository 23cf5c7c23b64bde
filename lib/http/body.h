/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a request as it comes in pieces. It may have keys in it: memory that had it is wiped. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stddef.h>

struct http_body {
	char *p; /* not NUL-terminated; NULL while nothing has come */
	size_t len, size;
};

enum http_body_err { HTTP_BODY_TOO_BIG = -1, HTTP_BODY_NO_MEMORY = -2 };

/* Keep a piece. Returns 0, or an error of enum http_body_err where it would have more than max octets or there is no
 * memory; the body is then as it was. */
int http_body_add(struct http_body *b, const char *data, size_t len, size_t max);
/* Wipe and free it: it is empty. */
void http_body_drop(struct http_body *b);

#endif
