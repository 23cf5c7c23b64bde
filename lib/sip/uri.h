/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a SIP URI that name a transport address (RFC 3261 19.1.1). */
#ifndef SIP_URI_H
#define SIP_URI_H

#include "base/slice.h"
#include "sip/err.h"

struct sip_uri_parts {
	struct slice scheme;  /* "sip" or "sips" */
	struct slice user;    /* empty if absent; without password */
	struct slice host;    /* name, IPv4 address, or IPv6 address with its [] */
	uint16_t port;	      /* 0 if absent */
	struct slice params;  /* from the first ';', headers excluded; empty if none */
	struct slice headers; /* from the '?'; empty if none */
};

/* Take a sip: or sips: URI apart. Returns 0, or SIP_E_SYNTAX (other schemes too). */
int sip_uri_parse(struct slice uri, struct sip_uri_parts *out);

/* Value of a URI parameter, e.g. transport; 1, 0 if it is not there, or SIP_E_SYNTAX. */
int sip_uri_param(const struct sip_uri_parts *u, struct slice name, struct slice *value);

/*
 * Do two URIs of a route name one place: user, host, port (5060 if absent) and maddr, which has the
 * last word on where a request goes (RFC 3261 19.1.1)? Other parameters do not matter.
 */
bool sip_same_place(struct slice a, struct slice b);

/*
 * A URI up to its parameters and headers. Of a sip: or sips: URI those behind the host: a ';' in its
 * user part belongs there ("sip:7042;phone-context=home1.net@gw"). Of others all from the first ';'.
 */
struct slice sip_uri_without_params(struct slice uri);

/* Is the host an IPv4 address or a bracketed IPv6 reference (and not a name)? */
bool sip_host_is_address(struct slice host);

/* Hosts equal: without case; brackets around an IPv6 address do not matter. */
bool sip_host_eq(struct slice a, struct slice b);

/*
 * Are two SIP URIs equal as RFC 3261 19.1.4 has it: user part with case, all else without; escapes
 * resolved where the character is not reserved; parameters and headers in any order; a parameter
 * that stands in one only does not matter, except user, ttl, method, maddr and transport; a port
 * that is not written differs from 5060. URIs of other schemes, and such with more than 32
 * parameters, must be equal byte by byte.
 */
bool sip_uri_equal(struct slice a, struct slice b);

/*
 * Does text, a part of a URI, begin with word, as 19.1.4 compares: without case, "%76" is "v"? word has
 * no reserved characters and no escapes.
 */
bool sip_uri_text_begins(struct slice text, struct slice word);

#endif
