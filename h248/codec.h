/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text codec of H.248.1 Annex B, versions 1 to 3. Long and short tokens are read anywhere; either
 * can be written. Decoding is one pass over the text without a copy and without an allocation per
 * token: nodes come from the caller's arena. Nothing here keeps state.
 */
#ifndef H248_CODEC_H
#define H248_CODEC_H

#include "h248/message.h"

#define H248_TEXT_MAX  (256u * 1024u) /* longest message text */
#define H248_DEPTH_MAX 16	      /* braces within braces */
#define H248_ITEMS_MAX 16384u	      /* nodes in one message */

struct h248_decode_options {
	size_t text_max;     /* bytes; 0 = H248_TEXT_MAX */
	bool strict_version; /* items of a later version than the header's are errors, else they
				only raise needs_version */
};

/* Why and where decoding stopped: the deepest level that could be read (clause 8.2.2, 7.1.19). */
struct h248_decode_error {
	uint16_t code; /* 400 message, 403 transaction, 406 version, 422 action, 442 command, .. */
	size_t offset; /* byte in the text */
	const char *what; /* short English, static */
};

/*
 * Decode one message. Returns H248_OK and *message (in the arena) even when single transactions
 * could not be read: those have `malformed` set and carry the error at the level where it belongs,
 * and *error tells the first. Otherwise a negative h248_result, *message is NULL and *error has the
 * code for a message-level answer. options and error may be NULL.
 */
int h248_decode(struct slice text, const struct h248_decode_options *options,
		struct h248_arena *arena, struct h248_message **message,
		struct h248_decode_error *error);

/*
 * Actions from text, the way they stand between the braces of a Transaction:
 * "Context=1{Subtract=*}, Context=2{..}". Saves building them node by node. The text must live as
 * long as the actions. H248_OK, or a negative h248_result; *error as in h248_decode().
 */
int h248_decode_actions(struct slice text, struct h248_arena *arena, struct h248_action **actions,
			struct h248_decode_error *error);

/* Only the head: version and mId, enough to answer a message that cannot be decoded. 0 or
 * H248_E_SYNTAX. */
int h248_decode_head(struct slice text, uint8_t *version, struct h248_mid *mid);

/* Is the head right and does a Transaction request follow? Only then may a stranger be answered:
 * two entities that answered each other's errors would never end. */
bool h248_decode_asks(struct slice text);

enum h248_style {
	H248_PRETTY, /* long tokens, indented */
	H248_COMPACT /* short tokens, no blanks */
};

/*
 * Write the message. Returns H248_OK and *len, or H248_E_SPACE, H248_E_VERSION (an item that
 * message->version does not have: v3-only things go out only where 3 was agreed), H248_E_VALUE
 * (something that the grammar has no words for, also where the decoder took it). The text is not
 * NUL-terminated. On failure buf is undefined.
 */
int h248_encode(const struct h248_message *message, enum h248_style style, char *buf, size_t size,
		size_t *len);

/*
 * Actions as text, the way they stand between the braces of a Transaction or a Reply: the opposite
 * of h248_decode_actions(). kind is H248_REQUEST or H248_REPLY; version is the one whose grammar
 * holds. Returns as h248_encode().
 */
int h248_encode_actions(const struct h248_action *actions, enum h248_transaction_kind kind,
			uint8_t version, enum h248_style style, char *buf, size_t size,
			size_t *len);

#endif
