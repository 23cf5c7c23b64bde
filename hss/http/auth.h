/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks, and may he? The file of tokens is read again when it has changed. Safe from every thread. */
#ifndef HSS_HTTP_AUTH_H
#define HSS_HTTP_AUTH_H

#include "hss/http/api.h"
#include "http/limiter.h"

/* Returns 0, or -1 with why: no such file, a line that is wrong, or others may write it. */
int auth_open(const char *path, char *why, size_t size);

/*
 * Check the value of the header field Authorization (NULL: there is none) against the role that the route
 * wants. Returns 0 and the token's name in who, or -1, and the answer is made. While the file cannot be read, nobody may anything.
 */
int auth_check(struct api_call *call, const char *authorization, const struct netaddr *from,
	       int64_t now_ms, char who[TOKEN_NAME_SIZE]);

#endif
