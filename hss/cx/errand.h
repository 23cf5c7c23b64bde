/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What S-CSCFs must be told because an operator changed a subscription: the new profile of what is
 * registered (PPR, TS 29.228 6.2), and the end of a registration that is not provided for any more (RTR,
 * 6.1.3). An errand is kept in the store with the change itself, so none is lost.
 */
#ifndef HSS_CX_ERRAND_H
#define HSS_CX_ERRAND_H

#include "hss/subscription/subscription.h"

/* Numbers of the store. */
enum cx_errand_kind {
	ERRAND_PPR,
	ERRAND_RTR,
	ERRAND_RTR_REPLACED, /* to the S-CSCF that was replaced (NEW_SERVER_ASSIGNED) */
	ERRAND_SHARED,	     /* makes PPRs for all who use a shared set (spread.h) */
};

/* About 17 kB. */
struct cx_errand {
	int64_t id; /* of the store, never used again; 0: not kept yet */
	enum cx_errand_kind kind;
	char impi[IDENTITY_SIZE];
	/* RTR: to whom, and of which identities; the subscription may be gone */
	char host[IDENTITY_SIZE], realm[IDENTITY_SIZE];
	char impus[SUB_IMPUS_MAX][IDENTITY_SIZE];
	size_t n_impus;
	uint32_t tries; /* that were begun */
};

/* Keeps one, which is only lent. Returns 0 or an error, which ends the work. */
typedef int (*cx_errand_h)(const struct cx_errand *errand, void *arg);

/*
 * Find what must be told now that before became after (NULL: it was removed), with state as it is
 * stored. Returns 0, what each() returned, or -1 without memory.
 */
int cx_errands(const struct subscription *before, const struct subscription *after,
	       cx_errand_h each, void *arg);

#endif
