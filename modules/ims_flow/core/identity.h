/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who speaks in a request that arrives over a flow: an identity of those that were registered over it
 * (TS 24.229 5.2.6.3.1). And whether Via and Contacts are of the flow's own address (TS 33.203 7.1).
 * Pure.
 */
#ifndef IMS_FLOW_IDENTITY_H
#define IMS_FLOW_IDENTITY_H

#include "base/slice.h"

#define IDENTITY_HINTS_MAX 8

/* A wish: the URIs of P-Preferred-Identity. Nobody is refused for one. */
struct identity_hints {
	struct slice uri[IDENTITY_HINTS_MAX];
	unsigned n;
};

/* Add what one P-Preferred-Identity header says; what cannot be read, or is too much, is left out. */
void flow_identity_hint(struct identity_hints *h, struct slice body);

/*
 * Choose whom to assert, in the spelling of impus (one a line, the default first), or, of a range
 * that is registered (wildcard.h), in the phone's: the first hint that is registered, and the first one of the other kind (SIP, tel) beside it; without any, the
 * default, which is the first that is no wildcard (TS 23.003 13.4A). Returns how many (0 to 2; 0: no
 * identity is known).
 */
unsigned flow_identity_choose(struct slice impus, const struct identity_hints *h,
			      struct slice out[2]);

struct identity_owner {
	struct slice address; /* of the UE, IPv6 without brackets */
	bool ipsec;	      /* without it nothing is judged */
	struct slice nat; /* address of the NAT before it, which it may name as its own (TS 24.229
			     annex F); empty: none */
};

enum identity_verdict {
	IDENTITY_OK = 0,
	IDENTITY_VIA, /* Via names another address */
	IDENTITY_CONTACT, /* a Contact names another address, or is a list or SIP URI that cannot be read */
};

/*
 * Judge the host of the top Via, IPv6 with or without brackets. Names cannot be judged, and the port
 * does not matter: the answer goes to the SA whatever Via says.
 */
enum identity_verdict flow_identity_via(struct slice host, const struct identity_owner *owner);

/*
 * Judge one Contact header, all its addresses. A host that is a name passes (TS 24.229 annex F), any
 * port does, too: requests inside a dialog go by the flow token, not by the Contact. maddr, which
 * takes the place of the host (RFC 3261 19.1.1), must be the flow's own address: a UE has no name
 * there to tell. transport chooses between UDP and TCP over the same SAs; other parameters lead
 * nowhere.
 */
enum identity_verdict flow_identity_contact(struct slice body, const struct identity_owner *owner);

/* Names for counters and logs. */
const char *flow_identity_verdict_name(enum identity_verdict v);

/*
 * Whether two public identities are the same: sip and sips by user (escapes resolved) and host
 * (without case); tel by digits without visual separators and, where the number is not global, by
 * its phone-context (RFC 3966 4, 5.1.5). sip:+1...;user=phone is the tel URI of that global number
 * (RFC 3261 19.1.6). Other parameters do not count.
 */
bool flow_identity_same(struct slice a, struct slice b);

/*
 * Append the URIs of a header body with a list of name-addrs (P-Associated-URI) to out, one a line,
 * NUL-terminated. False: malformed or no room; out is as before.
 */
bool flow_identity_list_add(struct slice body, char *out, size_t size);

#endif
