/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * (name-addr / addr-spec) *(SEMI param), alone (To, From) or in comma lists (Contact, Route, Path,
 * Record-Route): RFC 3261 20.10, 25.1.
 */
#ifndef SIP_NAME_ADDR_H
#define SIP_NAME_ADDR_H

#include "base/slice.h"
#include "sip/err.h"

struct sip_name_addr {
	struct slice all;     /* the whole element, trimmed */
	struct slice display; /* as written, quotes included; empty if absent */
	struct slice uri;     /* without <> */
	struct slice
	    params;    /* header parameters: what follows, from the first ';' on; empty if none */
	bool brackets; /* the URI stood in <> */
};

/*
 * Take the next element off *rest. Returns 1 and sets *out, 0 at the end, SIP_E_SYNTAX. Without <>
 * everything after the first ';' is a header parameter, and '?' or ',' may not stand in the URI
 * (RFC 3261 20.10).
 */
int sip_name_addr_next(struct slice *rest, struct sip_name_addr *out);

/* Exactly one element, as in To and From. Returns 0, SIP_E_SYNTAX or SIP_E_TOO_MANY. */
int sip_name_addr_parse(struct slice body, struct sip_name_addr *out);

/*
 * Take the next ";name[=value]" off *rest. Returns 1, 0 at the end, SIP_E_SYNTAX. A value keeps its
 * quotes; a parameter without '=' has value.p == NULL, one with nothing behind it an empty value.
 */
int sip_param_next(struct slice *rest, struct slice *name, struct slice *value);

/*
 * Look for a parameter by name (case does not matter). Returns 1 and sets *value, 0 if it is not
 * there, SIP_E_SYNTAX if the parameters are malformed, SIP_E_TOO_MANY if it stands there twice.
 */
int sip_param_get(struct slice params, struct slice name, struct slice *value);

/* A quoted value without its quotes (escapes stay); any other value as it is. */
struct slice sip_unquote(struct slice value);

#endif
