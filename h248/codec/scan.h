/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the scanner that all parts of the decoder share, and the decoder's parts for each
 * other. */
#ifndef H248_SCAN_H
#define H248_SCAN_H

#include "h248/codec.h"
#include "h248/model/nocase.h"
#include "h248/model/small.h"
#include "h248/codec/token.h"

#pragma GCC visibility push(hidden) /* direct access, also in position-independent code */

#define C_SAFE	  0x01u /* SafeChar */
#define C_DIGIT	  0x02u
#define C_ALPHA	  0x04u
#define C_HEX	  0x08u
#define C_BLANK	  0x10u /* WSP, CR, LF */
#define C_NAME	  0x20u /* ALPHA DIGIT "_" */
#define C_PATH	  0x40u /* what a TerminationID may hold */
#define C_COMMENT 0x80u /* ";" */
extern const uint8_t h248_class[256];

static inline unsigned class_of(char c)
{
	return h248_class[(unsigned char)c];
}

struct scanner {
	const char *p, *end, *start;
	struct h248_arena *arena;
	unsigned items;	 /* nodes made so far */
	uint8_t version; /* of the header */
	uint8_t needs;	 /* lowest version that has all items seen */
	bool strict;	 /* later items are errors */
	bool in_reply;
	bool in_audit; /* inside Audit{}: values may be missing */
	int result;    /* H248_E_MEMORY or H248_E_SIZE once hit: no way to go on */
	uint16_t code; /* of the first error of the construct being read; 0 = none */
	const char *what;
	size_t offset;
};

/* Note an error unless one is noted already; returns -1. */
int scan_fail(struct scanner *s, unsigned code, const char *what);
/* No room for a node: the slow part of scan_new(). Returns NULL, result is set. */
void *scan_no_room(struct scanner *s);
/* This construct came with that version. 0, or -1 when strict and the header's version is lower. */
int scan_since(struct scanner *s, uint8_t version);

/* A zeroed node from the arena; NULL (result set) when memory or the number of items is used up.
 * */
static inline void *scan_new(struct scanner *s, size_t size)
{
	void *node = s->items < H248_ITEMS_MAX ? arena_new(s->arena, size) : NULL;

	s->items++;
	return node ? node : scan_no_room(s);
}

/* Behind comments and blanks from p. */
const char *skip_blanks(const char *p, const char *end);

static inline const char *behind_blanks(const char *p, const char *end)
{
	if (p < end && (class_of(*p) & C_BLANK))
		p++; /* mostly the only one */
	if (p < end && (class_of(*p) & (C_BLANK | C_COMMENT)))
		p = skip_blanks(p, end);
	return p;
}
static inline void scan_blanks(struct scanner *s)
{
	s->p = behind_blanks(s->p, s->end);
}
static inline bool scan_peek(struct scanner *s, char c)
{
	scan_blanks(s);
	return s->p < s->end && *s->p == c;
}
/* LWSP c LWSP: true and behind it, or false and at whatever stands there. */
static inline bool scan_accept(struct scanner *s, char c)
{
	const char *p = s->p, *end = s->end;
	bool is;

	if (p == end || *p != c)
		p = behind_blanks(p, end);
	is = p < end && *p == c;
	s->p = is ? behind_blanks(p + 1, end) : p;
	return is;
}
static inline int scan_expect(struct scanner *s, char c)
{
	if (scan_accept(s, c))
		return 0;
	return scan_fail(s, 0, "a delimiter is missing");
}
/* A run of SafeChars; may be empty. */
static inline struct slice scan_word(struct scanner *s)
{
	const char *from = s->p, *end = s->end, *p = from;

	while (p < end && (class_of(*p) & C_SAFE))
		p++;
	s->p = p;
	return slice_make(from, (size_t)(p - from));
}
/* scan_word() and h248_token_find() in one. */
enum h248_token scan_token(struct scanner *s);

/* scan_word(), and in the same pass: is it pkg/item without wildcards? If not, name->pkg is empty.
 */
struct slice scan_word_or_item(struct scanner *s, struct h248_name *name);

/* All return 0, or -1 with the error noted. */
int scan_number(struct scanner *s, struct slice word, uint64_t max, uint64_t *out);
int scan_u16(struct scanner *s, uint16_t *out); /* a word that is one */
int scan_u32(struct scanner *s, uint32_t *out);
int scan_tid(struct scanner *s, struct slice *out);
/* A word as pkg/item; `star`: the item or both may be "*". */
int scan_name(struct scanner *s, struct slice word, bool star, struct h248_name *name);
int scan_value(struct scanner *s, struct h248_value *value);
/* What follows a name: = > < # value(s). Without one: H248_NO_VALUE, or an error if a value is a
 * must. */
int scan_relation(struct scanner *s, struct h248_parm *parm, bool must);
int scan_mid(struct scanner *s, struct h248_mid *mid);
int scan_on_off(struct scanner *s, enum h248_switch *out);
int scan_quoted(struct scanner *s, struct slice *out);
int scan_error(struct scanner *s, struct h248_error *error); /* behind "Error" */
int scan_request_id(struct scanner *s, struct h248_request_id *id);
bool scan_is_name(struct slice word);
bool scan_is_timestamp(struct slice word);
/* From the "{" at p to behind its "}", session descriptions and quotes respected; NULL if there is
 * none. */
const char *scan_block_end(const char *p, const char *end);

/* decode_head.c */
int decode_header(struct scanner *s, struct h248_message *m);
/* decode_media.c */
int decode_media(struct scanner *s, struct h248_media *media);
int decode_properties(struct scanner *s,
		      struct h248_parm **list); /* {pkg/item=..,..} or, in audits, names */
int decode_octets(struct scanner *s, struct slice *out);
/* decode_events.c */
int decode_events(struct scanner *s, struct h248_events *events, unsigned level);
int decode_observed(struct scanner *s, struct h248_events *events);
int decode_event_buffer(struct scanner *s, struct h248_event **list);
int decode_digit_map(struct scanner *s, struct h248_digit_map *map);
/* decode_signals.c */
int decode_signals(struct scanner *s, struct h248_signals *signals);
/* decode_audit.c */
int decode_audit(struct scanner *s, struct h248_audit_item **list);
int decode_audit_item(struct scanner *s, enum h248_token token, struct h248_audit_item **out);
int decode_statistics(struct scanner *s, struct h248_parm **list);
int decode_packages(struct scanner *s, struct h248_package **list);
/* decode_services.c */
int decode_services(struct scanner *s, struct h248_services *services);
/* decode_descriptor.c: one descriptor; the word in front of it was read. */
enum h248_descriptor_kind descriptor_of_token(enum h248_token token);
int decode_descriptor_body(struct scanner *s, struct h248_descriptor *d);
int decode_descriptor(struct scanner *s, struct h248_descriptor **out);
int decode_tids(struct scanner *s, struct h248_tid *first, char open, char close);
/* decode_context.c */
int decode_context_item(struct scanner *s, enum h248_token token, struct h248_action *action);

#pragma GCC visibility pop

#endif
