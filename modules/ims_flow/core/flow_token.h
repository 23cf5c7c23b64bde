/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow tokens: the user part of the Path, Record-Route and Route URIs that name a flow set (IMS
 * flow token of TS 24.229, RFC 5626 5.2). Text form: "flow1." and base64url without padding of
 *
 *	key id                1 octet
 *	flow set id           8 octets, big endian
 *	signature            16 octets, the first of HMAC-SHA256(key, "flow1" | key id | flow set id)
 *
 * So a token says nothing about the user, cannot be made or changed by others, and stays good
 * across restarts and on every node that has the key.
 */
#ifndef IMS_FLOW_FLOW_TOKEN_H
#define IMS_FLOW_FLOW_TOKEN_H

#include "base/hmac_sha256.h"
#include "base/slice.h"

#define FLOW_TOKEN_LEN	40 /* octets of text, without NUL */
#define FLOW_TOKEN_KEYS 8

enum flow_token_result {
	FLOW_TOKEN_OK = 0,
	FLOW_TOKEN_FOREIGN = -1, /* not of this form: somebody else's URI */
	FLOW_TOKEN_FORGED =
	    -2, /* of this form, but cut, changed, or signed with a key we do not have */
};

struct flow_token_keys {
	struct {
		uint8_t id;
		struct hmac_sha256_key key;
	} keys[FLOW_TOKEN_KEYS];
	unsigned n; /* keys[0] signs, all verify */
};

/*
 * Read a key file: one key a line, "ID HEX" with ID 0-255 and 64 hex digits; '#' starts a comment.
 * The first one signs. Rotation: put the new key first, keep the old one below until the last
 * registration made with it has ended. 0, or -1 and *line (may be NULL) is the number of the line
 * that is wrong (0: no key at all).
 */
int flow_token_keys_parse(struct slice text, struct flow_token_keys *out, unsigned *line);

/* Write the token of set_id, NUL-terminated; keys must hold one. */
void flow_token_encode(const struct flow_token_keys *keys, uint64_t set_id,
		       char out[FLOW_TOKEN_LEN + 1]);

/* The set id of a token, in *set_id if FLOW_TOKEN_OK. Time does not depend on where a forged one
 * differs. */
int flow_token_decode(const struct flow_token_keys *keys, struct slice user, uint64_t *set_id);

#endif
