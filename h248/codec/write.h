/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the writer that all parts of the encoder share. */
#ifndef H248_WRITE_H
#define H248_WRITE_H

#include "h248/codec.h"
#include "h248/codec/token.h"

#pragma GCC visibility push(hidden) /* direct access, also in position-independent code */

struct writer {
	char *p, *end, *start;
	bool compact;
	bool in_reply;
	bool in_audit;
	uint8_t version;
	unsigned indent;
	int result; /* the first error; nothing is written any more */
};

void put_full(struct writer *w); /* no room: the end of all writing */
void put_fail(struct writer *w, int result);
/* The grammar asks for it: H248_E_VALUE if not. */
static inline void put_must(struct writer *w, bool holds)
{
	if (!holds)
		put_fail(w, H248_E_VALUE);
}

static inline void put_slice(struct writer *w, struct slice s)
{
	if (s.len > (size_t)(w->end - w->p)) {
		put_full(w);
		return;
	}
	if (s.len)
		memcpy(w->p, s.p, s.len);
	w->p += s.len;
}

static inline void put_char(struct writer *w, char c)
{
	if (w->p == w->end)
		put_full(w);
	else
		*w->p++ = c;
}

void put_number(struct writer *w, uint32_t n);
/* name = , name {, }, comma between items */
void put_token(struct writer *w, enum h248_token token);
void put_equal(struct writer *w);
void put_open(struct writer *w);
void put_close(struct writer *w);
void put_comma(struct writer *w, bool *first);
/* Names, ids and values are checked against the grammar: H248_E_VALUE. */
void put_name(struct writer *w, const struct h248_name *name);
void put_tid(struct writer *w, struct slice id);
void put_safe(struct writer *w, struct slice word);
void put_quoted(struct writer *w, struct slice text);
void put_relation(struct writer *w, const struct h248_parm *parm);
void put_sign(struct writer *w, enum h248_relation relation);
void put_parm(struct writer *w, const struct h248_parm *parm);
void put_mid(struct writer *w, const struct h248_mid *mid);
void put_error(struct writer *w, const struct h248_error *error);
void put_request_id(struct writer *w, const struct h248_request_id *id);
void put_tids(struct writer *w, const struct h248_tid *list, char open, char close);
void put_since(struct writer *w, uint8_t version);

/* encode_media.c, encode_events.c, encode_descriptor.c, encode_context.c */
void encode_media(struct writer *w, const struct h248_media *media);
void encode_events(struct writer *w, const struct h248_events *events, bool observed);
void encode_event_buffer(struct writer *w, const struct h248_event *list);
void encode_signals(struct writer *w, const struct h248_signals *signals);
void encode_digit_map(struct writer *w, const struct h248_digit_map *map);
void encode_statistics(struct writer *w, const struct h248_parm *list);
void encode_descriptor(struct writer *w, const struct h248_descriptor *d);
void encode_context(struct writer *w, const struct h248_action *action, bool *first);

#pragma GCC visibility pop

#endif
