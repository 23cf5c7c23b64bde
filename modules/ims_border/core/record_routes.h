/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Record-Route of an answer beside that of the request it answers (TS 24.229 5.2.6.4.4). Pure. */
#ifndef IMS_BORDER_RECORD_ROUTES_H
#define IMS_BORDER_RECORD_ROUTES_H

#include "base/slice.h"

/*
 * The next header with this name in the text of a message that we sent: 1 and its body (trimmed),
 * 0 when the headers are at an end. Start with *text = the whole message.
 */
int border_raw_header_next(struct slice *text, const char *name, struct slice *body);

/* Do two lists of URIs name the same places in the same order (user, host, port)? */
bool border_same_places(const struct slice *a, size_t a_n, const struct slice *b, size_t b_n);

#endif
