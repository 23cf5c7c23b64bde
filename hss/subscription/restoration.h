/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an S-CSCF leaves with the HSS for the one that takes over after it: Paths and Contacts of a
 * registration (SCSCF-Restoration-Info, TS 23.380 4.3, TS 29.229 6.3.52). One for each private identity
 * and implicit set, and only as long as that is registered.
 */
#ifndef HSS_RESTORATION_H
#define HSS_RESTORATION_H

#include "hss/subscription/subscription.h"

enum {
	RESTORATION_MAX = 4096, /* octets of one; a contact with its two subscriptions has 1300 */
	RESTORATION_GIVE_MAX = 16384, /* octets of all in one answer */
	RESTORATION_OWNER_SIZE = IDENTITY_SIZE,
};

struct restoration {
	struct restoration *next;
	char impi[IDENTITY_SIZE];
	char owner[RESTORATION_OWNER_SIZE]; /* restoration_owner() */
	bool give;			    /* a procedure wants it in the answer */
	size_t len;
	uint8_t octets[]; /* the AVPs in the group, which are the S-CSCFs' own business */
};

/* One with these octets, for restorations_free(); NULL without memory. */
struct restoration *restoration_new(const void *octets, size_t len);
/* A whole list; NULL is allowed. */
void restorations_free(struct restoration *list);

/* Under which name that of a public identity is kept: "set:N", or its URI where it is in no set. */
void restoration_owner(const struct impu *impu, char out[RESTORATION_OWNER_SIZE]);

/* That of the private identity (empty: of any) for the implicit set of impu, or NULL. */
struct restoration *restoration_find(const struct subscription *sub, const struct impu *impu,
				     struct slice impi);

#endif
