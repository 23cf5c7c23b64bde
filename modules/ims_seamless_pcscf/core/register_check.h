/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a REGISTER (and any request's Proxy-Require) may say to this P-CSCF. Pure, over header
 * bodies.
 */
#ifndef PCSCF_REGISTER_CHECK_H
#define PCSCF_REGISTER_CHECK_H

#include "base/slice.h"

#define SEAMLESS_TAG	     "seamless-ims"
#define UNSUPPORTED_TEXT_MAX 256

/* Header lines of one kind that need be read: so many contacts are too many in any case. */
#define HEADER_LINES_MAX 17

/* The option tags of one request. Header bodies are given line by line. */
struct pcscf_option_headers {
	const struct slice *proxy_require;
	size_t proxy_require_n;
	const struct slice *require;
	size_t require_n;
};

struct pcscf_option_verdict {
	int code;				/* 0: go on; 400: malformed; 420: see unsupported */
	bool seamless;				/* our tag stands in either header */
	char unsupported[UNSUPPORTED_TEXT_MAX]; /* value of Unsupported; cut at a whole tag if too
						   long */
};

/*
 * RFC 3261 16.3 item 5: a proxy answers 420 to any tag in Proxy-Require that it does not know.
 * Require is for the registrar, but with our tag switched off nobody behind us may take it for
 * granted: 420, too. known lists further tags that are fine in Proxy-Require (comma list, already
 * checked); sec-agree is always known.
 */
void pcscf_option_headers_check(const struct pcscf_option_headers *h, bool enabled,
				struct slice known, struct pcscf_option_verdict *out);

/*
 * One header line without our tag into buf (NUL-terminated). Returns the length, 0 when nothing is
 * left, -1 when the tag did not stand there (or the line is malformed or does not fit): leave the
 * line alone.
 */
int pcscf_option_line_strip(struct slice line, char *buf, size_t size);

/* What a REGISTER wants done to the contacts of the connection it came over. */
struct pcscf_register_intent {
	int code; /* 0, or 400 */
	const char *reason;
	bool ends_own;	/* its own contact (or all, "*") is de-registered */
	size_t removed; /* contacts with expires=0 */
};

/*
 * C1-062198 3: the only contacts besides the one of this connection are those being
 * de-registered. contacts are the bodies of the Contact headers (malformed: 400), default_expires
 * the Expires header (EXPIRES_ABSENT), source the address the request came from and via the sent-by
 * host of its Via (behind a NAT the contact names the latter).
 */
#define EXPIRES_ABSENT UINT32_MAX
void pcscf_register_contacts_check(const struct slice *contacts, size_t contacts_n,
				   uint32_t default_expires, struct slice source, struct slice via,
				   struct pcscf_register_intent *out);

/* Is this the Contact URI of a registration for emergency calls (TS 24.229 5.1.6.2: parameter sos)? */
bool pcscf_contact_is_emergency(struct slice uri);

/* ---- addresses in lists (P-Associated-URI, Service-Route, Contact, Route) ---- */

/* The first sip: or sips: URI of a comma list of addresses, without <>. 0, or -1 when there is
 * none. */
int pcscf_address_list_first(struct slice list, struct slice *uri);

/*
 * P-Associated-URI of a 200 to ;imsglobreg names the identities of all implicit sets that moved. Our
 * S-CSCF marks the first of each set but To's with the parameter seamless-set. Takes the next of
 * them off *list. Returns 1 and *uri, or 0 at the end (a malformed rest, too).
 */
int pcscf_associated_set_next(struct slice *list, struct slice *uri);

/* The user part of the first address of a Route header. 0, or -1 when there is none. */
int pcscf_route_top_user(struct slice route, struct slice *user);

#endif
