/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a MAR between partner systems is let through, and what its answer means (TR 23.781 6.2.1 steps 16 to 21). No Diameter:
 * values in, results out.
 */
#ifndef HSS_MIGRATION_VERDICT_H
#define HSS_MIGRATION_VERDICT_H

#include "hss/cx/cx.h"
#include "hss/migration/manage.h"
#include "hss/migration/rate.h"

/* Is it a decorated name (RFC 4282 2.7)? Those would be routed elsewhere, and are nobody's here. */
bool name_decorated(struct slice name);

/*
 * The primary's side: a partner's HSS (peer, of that partner) asks. RESULT_SUCCESS: he is with that partner now, b binds him, and
 * own gets req with the identities that he has here. Who is not theirs, whose names are decorated, or who asks in
 * another's name gets the same as who does not exist; RESULT_TOO_BUSY is the rate.
 */
struct result verdict_partner(struct migration *m, struct rates *rates,
			      const struct config_peer *peer, const struct cx_request *req,
			      int64_t now, int64_t now_ms, struct binding *b,
			      struct cx_request *own);

/*
 * The partner's side: one of our S-CSCFs asks for an inbound identity. RESULT_SUCCESS: b binds him, *impu is which of his public
 * identities, and the primary is to be asked.
 */
struct result verdict_visitor(const struct migration *m, const struct cx_request *req, int64_t now,
			      struct binding *b, int *impu);

/* What the primary's HSS said. */
struct primary_answer {
	bool answered;	      /* false: not in time, or not at all */
	struct result result; /* code 0: none that can be read */
	bool from_there;      /* it bears the name of who was asked */
	bool has_vector;
	enum cx_scheme scheme;
	struct aka_vector vector;     /* wipe it when done */
	char redirect[IDENTITY_SIZE]; /* the host of Redirect-Host, or "" */
};

/*
 * What the S-CSCF is told: success with a whole vector, a refusal of the user as it is, and else UNABLE_TO_COMPLY: that nobody
 * could be asked is no word about the user. Nothing of the primary's own goes on: no hosts, no texts.
 */
struct result verdict_answer(const struct primary_answer *a);

/* The scheme that has this name, of those of AKA. Returns 0, or -1: it is another. */
int scheme_of(struct slice name, enum cx_scheme *scheme);

/* The host of a Redirect-Host, aaa://HOST[:PORT][;...] (RFC 6733 4.3.1). Returns 0, or -1: it has none. */
int redirect_host(struct slice uri, char out[IDENTITY_SIZE]);
/* Is that another HSS of the partner, which may be asked in the place of asked? */
bool redirect_allowed(const struct config *cfg, const char *partner, const char *host,
		      const char *asked);

#endif
