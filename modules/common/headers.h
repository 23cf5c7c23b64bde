/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking and changing the headers of a message. Changes are lumps: they show when the message is
 * sent, not in what is read of it before. All functions but kam_headers_parse() expect that it was
 * called. Slices point into the message.
 */
#ifndef KAM_HEADERS_H
#define KAM_HEADERS_H

#include <stdbool.h>

#include "../../core/parser/msg_parser.h"

#include "modules/common/text.h"

/* Parse all headers. 0 or -1. */
int kam_headers_parse(sip_msg_t *msg);

/* ---- reading ---- */
/* Without white space around it. */
struct slice kam_header_body(const struct hdr_field *h);
/* Has the header this name? Case does not matter; a compact form is another name. */
bool kam_header_is(const struct hdr_field *h, const char *name);
/* The first header with this name from h on, h included; NULL: none. Start with msg->headers. */
struct hdr_field *kam_header_find(struct hdr_field *h, const char *name);
/* Body of the first header with this name, or empty. n counts all of them (may be NULL). */
struct slice kam_header(const sip_msg_t *msg, const char *name, int *n);
/* Bodies of the headers of one kind (compact forms included), at most max. Returns how many. */
size_t kam_headers_of(const sip_msg_t *msg, hdr_types_t type, struct slice *bodies, size_t max);

/* ---- changing; 0, or -1 without memory (logged) ---- */
int kam_header_remove(sip_msg_t *msg, struct hdr_field *h);
/* All headers of one kind. */
int kam_headers_remove(sip_msg_t *msg, hdr_types_t type);
/* Other octets between the header's name and its end. */
int kam_header_replace(sip_msg_t *msg, struct hdr_field *h, struct slice body);
/* A whole line (or several) with its CRLF, copied: before the first header, or after the last one. */
int kam_header_add_first(sip_msg_t *msg, struct slice lines);
int kam_header_add_last(sip_msg_t *msg, struct slice lines);
/* Parts of a header or of the body. at points into the message. */
int kam_text_cut(sip_msg_t *msg, struct slice part);
int kam_text_insert(sip_msg_t *msg, const char *at, struct slice text);
int kam_text_replace(sip_msg_t *msg, struct slice part, struct slice text);

/* ---- without memory: in the message itself, for good; nothing that can fail ---- */
/* A header's name becomes one that nobody knows, its body blanks. */
void kam_header_blank(struct hdr_field *h);
/*
 * After kam_headers_parse() has failed: from the end of the last header that was read on, all headers
 * become blanks, which belong to that header (RFC 3261 7.3.1), and the message counts as read to its
 * end. The body stays.
 */
void kam_headers_blank_unread(sip_msg_t *msg);

#endif
