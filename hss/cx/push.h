/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator sets off: deregistering a user, pushing a changed profile. */
#ifndef HSS_PUSH_H
#define HSS_PUSH_H

#include <stdio.h>

#include "hss/cx/cx.h"
#include "hss/cx/service.h"

/*
 * Send RTR for impi, for the identities named (and their implicit sets) or for all that it
 * registered, and keep the new state when the S-CSCF confirmed or force is set. One line a step
 * goes to out. Returns 0, or -1 with why.
 */
int push_deregister(struct service *svc, struct slice impi, const struct slice *impus,
		    size_t n_impus, enum deregistration_reason reason, const char *info, bool force,
		    unsigned int seconds, FILE *out, char *why, size_t size);

/* Send one PPR for each implicit set that impi has registered (TS 29.228 6.2). Returns 0, or -1
 * with why. */
int push_profile(struct service *svc, struct slice impi, unsigned int seconds, FILE *out, char *why,
		 size_t size);

#endif
