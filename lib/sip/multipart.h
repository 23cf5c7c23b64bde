/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a body (RFC 2046 5.1, RFC 5621), and what a Content-Type says. Nothing is copied: slices point into the
 * text. A part may be a multipart again; how deep to look is the caller's to bound.
 */
#ifndef SIP_MULTIPART_H
#define SIP_MULTIPART_H

#include <stdbool.h>

#include "base/slice.h"
#include "sip/err.h"

enum { SIP_BOUNDARY_MAX = 70 }; /* RFC 2046 5.1.1 */

/* The token or quoted string of a parameter "name=.." behind a header's value, without its quotes; p NULL: none. */
struct slice sip_value_param(struct slice value, const char *name);

/* "application/sdp" of "Application / SDP; charset=x": there may be space around the slash (RFC 3261 25.1). */
bool sip_media_type_is(struct slice value, const char *want);
bool sip_media_type_is_multipart(struct slice value);

struct sip_part {
	struct slice type, disposition, encoding, transfer, length; /* values of its headers */
	struct slice content;
	bool twice; /* it has two types, of which each reader takes another */
};

/* A part from its text: headers, empty line, content. Any text is one. */
void sip_part_read(struct slice text, struct sip_part *out);

struct sip_parts {
	struct slice body, boundary;
	size_t at, end; /* behind the delimiter that was read last, and before it */
	bool last;
};

/* Begin to walk a multipart of this Content-Type. 0, or SIP_E_SYNTAX: no boundary, or it does not stand in the body. */
int sip_parts_begin(struct sip_parts *w, struct slice type, struct slice body);
/*
 * The next part. around: with the delimiter before it, what must go for the rest to be a body again (may be NULL).
 * 1; 0: there are no more; SIP_E_SYNTAX: it is not closed.
 */
int sip_parts_next(struct sip_parts *w, struct sip_part *part, struct slice *around);

#endif
