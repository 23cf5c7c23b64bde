/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BYE that the P-CSCF says in the place of one side of a call whose media cannot go on (TS 24.229
 * 5.2.8.1): what of the dialog's messages is kept for it, and its text. It is written as that side
 * would have sent it, and goes through the P-CSCF's own routes like any other.
 */
#ifndef IMS_ALG_BYE_H
#define IMS_ALG_BYE_H

#include "base/slice.h"

enum { ALG_BYE_ROUTES_MAX = 24 };

/* Is a URI of Record-Route ours? */
typedef bool (*alg_is_ours_f)(struct slice uri, void *arg);

/*
 * The Route headers of a request that would come to us by the route set of this message, as whole
 * lines: its Record-Route from our first entry on. sent: it is a request, as it went to the one whose
 * route set it makes; else an answer, whose entries count in the reverse order (RFC 3261 12.1). 0 and
 * *len (0: none of them is ours), or -1: it cannot be read, or size is too small.
 */
int alg_bye_routes(struct slice message, bool sent, alg_is_ours_f ours, void *arg, char *buf,
		   size_t size, size_t *len);

/* The URI in Contact; p NULL: none that can be read. */
struct slice alg_bye_target(struct slice message);

struct alg_bye {
	struct slice target;   /* Request-URI */
	struct slice routes;   /* of alg_bye_routes() */
	struct slice from, to; /* bodies of From and To, with their tags */
	struct slice call_id;
	uint32_t cseq;
	struct slice via;    /* "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK.." */
	struct slice reason; /* body of Reason */
};

/* 0 and *len, or -1: size is too small. */
int alg_bye_print(const struct alg_bye *b, char *buf, size_t size, size_t *len);

#endif
