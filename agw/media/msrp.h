/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSRP on its way through the gateway (RFC 4975 9): find the messages (chunks) in a byte stream,
 * rewrite To-Path and From-Path for the other leg, and pass everything else as it came: bodies,
 * Byte-Range, reports, continuation flags, unknown headers.
 */
#ifndef AGW_MEDIA_MSRP_H
#define AGW_MEDIA_MSRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/slice.h"

enum {
	MSRP_HEAD_MAX = 8192,		/* start line and headers of one chunk */
	MSRP_TXID_MAX = 32,		/* RFC 4975 9: ident */
	MSRP_GROWTH_MAX = 2 * 512 + 64, /* by how much rewriting can lengthen one head */
};

/*
 * How to write the paths of what goes to one peer. A whole path from signalling wins; without one
 * the first URI gets this scheme and authority and keeps its session-id.
 */
struct msrp_paths {
	bool rewrite;
	const char *scheme;	   /* "msrp" or "msrps" */
	struct slice to_path;	   /* the peer's a=path; empty = build */
	struct slice from_path;	   /* our a=path; empty = build */
	struct slice to_authority; /* "host:port" of the peer */
	struct slice from_authority;
};

struct msrp_relay {
	bool in_body;
	uint8_t txid_len;
	char txid[MSRP_TXID_MAX];
	size_t scanned;	   /* of an incomplete head: octets that were looked at already */
	uint64_t messages; /* complete chunks, requests and responses */
};

/*
 * Take octets from in and write what goes on to out. Returns the octets consumed; the rest (an
 * incomplete head, a possible end of body, or what did not fit) is to be offered again with more
 * behind it. *out_len is what was written. Returns -1 when in begins with what cannot be MSRP: the
 * connection is of no use any more. Good messages before that are handed out first. Empty lines
 * between messages are left out. out_size must be at least MSRP_HEAD_MAX + MSRP_GROWTH_MAX.
 */
ssize_t msrp_relay_feed(struct msrp_relay *r, const struct msrp_paths *paths, const char *in,
			size_t len, char *out, size_t out_size, size_t *out_len);

/* The parts of an MSRP URI (RFC 4975 6). Returns 0 or -1; changes *out only on success. */
struct msrp_uri {
	struct slice scheme, authority, rest; /* rest: "/session-id;tcp..." */
};
int msrp_uri_parse(struct slice text, struct msrp_uri *out);

#endif
