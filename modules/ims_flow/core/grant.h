/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the 200 to a REGISTER says (TS 24.229 5.2.2.1): for how long our contact is registered, who
 * is registered with it, and by which way its requests go. The 200 also lists the contacts of the
 * user's other phones, in whatever spelling these chose: what cannot be read among them is passed
 * over, and says nothing about ours.
 */
#ifndef IMS_FLOW_GRANT_H
#define IMS_FLOW_GRANT_H

#include "base/slice.h"

#define GRANT_IMPUS_MAX 4096 /* octets of all identities, one a line, NUL included */
#define GRANT_ROUTE_MAX 1024 /* the same of the Service-Route */

struct grant {
	/* Of the REGISTER; to be set before anything is added. */
	struct slice contact;	  /* our contact's URI */
	uint32_t reg_id;	  /* 0: none */
	uint32_t default_expires; /* the Expires header, for a contact without a parameter */

	/* Of the 200. */
	bool found;	    /* our contact is listed */
	uint32_t expires_s; /* 0: it is not registered (any more) */
	char impus[GRANT_IMPUS_MAX];
	char service_route[GRANT_ROUTE_MAX];
	unsigned unreadable; /* elements that were passed over */
	unsigned left_out;   /* identities for which there was no room */
	bool bad_route;	     /* the Service-Route is not whole, and not kept */
};

/* Empty, but for the three members of the REGISTER. */
void flow_grant_begin(struct grant *g, struct slice contact, uint32_t reg_id,
		      uint32_t default_expires);

/* Add one header body: Contact, P-Associated-URI or Service-Route. */
void flow_grant_contacts(struct grant *g, struct slice body);
void flow_grant_identities(struct grant *g, struct slice body);
void flow_grant_route(struct grant *g, struct slice body);

/*
 * All headers were read. Without any identity the one that was registered stands alone (aor, the
 * URI of To without parameters).
 */
void flow_grant_end(struct grant *g, struct slice aor);

#endif
