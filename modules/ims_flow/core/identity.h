/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What arrives over a flow must speak for the one who registered it: the identity it asserts, its
 * Via and its Contact (TS 24.229 5.2.6.3, TS 33.203 7.1). Pure.
 */
#ifndef IMS_FLOW_IDENTITY_H
#define IMS_FLOW_IDENTITY_H

#include "base/slice.h"

#define IDENTITY_CLAIMS_MAX 8

struct identity_claim {
	struct slice asserted[IDENTITY_CLAIMS_MAX]; /* URIs of P-Preferred-Identity and
						       P-Asserted-Identity */
	unsigned n_asserted;
	struct slice via_host; /* of the top Via, IPv6 with or without brackets */
	uint16_t via_port;     /* 0: none */
	struct slice contact;  /* URI; empty: the message has none */
};

struct identity_owner {
	struct slice impus;   /* one a line, the default first */
	struct slice address; /* of the UE, IPv6 without brackets */
	uint16_t port_c, port_s;
	bool ipsec;	  /* without it only the asserted identity is checked */
	struct slice nat; /* address of the NAT before it, which it may name as its own (TS 24.229
			     annex F); empty: none */
};

enum identity_verdict {
	IDENTITY_OK = 0,
	IDENTITY_NOT_REGISTERED, /* an asserted identity is not one of the owner's */
	IDENTITY_VIA,		 /* Via names another address or port */
	IDENTITY_CONTACT, /* Contact names another address or port, or a GRUU of another identity */
};

/*
 * Judge claim. If IDENTITY_OK, *asserted is the identity to assert: the first asserted one in the
 * owner's spelling, else the owner's default.
 */
enum identity_verdict flow_identity_check(const struct identity_claim *claim,
					  const struct identity_owner *owner,
					  struct slice *asserted);

/* Names for counters and logs. */
const char *flow_identity_verdict_name(enum identity_verdict v);

/*
 * Whether two public identities are the same: sip and sips by user and host (host without case),
 * tel by digits without visual separators (RFC 3966 4); parameters do not count.
 */
bool flow_identity_same(struct slice a, struct slice b);

/*
 * Append the URIs of a header body with a list of name-addrs (P-Associated-URI) to out, one a line,
 * NUL-terminated. False: malformed or no room; out is as before.
 */
bool flow_identity_list_add(struct slice body, char *out, size_t size);

#endif
