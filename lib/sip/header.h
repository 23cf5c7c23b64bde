/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines of a text that nobody has parsed: a message as it leaves, or a part of a multipart body. */
#ifndef SIP_HEADER_H
#define SIP_HEADER_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * Take the next header line off *rest, with the lines that continue it (RFC 3261 7.3.1; a line may end in LF alone).
 * *name and *value are trimmed and point into the text; value's p is NULL where the line has no colon, as a start line.
 * Returns false at the empty line, which is taken too so that *rest is the body, and at the end of the text, where
 * *rest is empty and points to it.
 */
bool sip_header_next(struct slice *rest, struct slice *name, struct slice *value);

/* The method that the value of a CSeq names, empty where it names none (RFC 3261 20.16). */
struct slice sip_cseq_method(struct slice value);

#endif
