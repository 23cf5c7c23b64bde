/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out the errands of the store (errand.h), whichever process left them. One that the S-CSCF does not
 * answer is tried again a few times, later and later, and then given up: the stock S-CSCF never answers PPR.
 */
#ifndef HSS_CX_ERRANDS_H
#define HSS_CX_ERRANDS_H

#include "hss/cx/service.h"

enum {
	ERRAND_TRIES = 4,
	ERRAND_RETRY_S = 20, /* after the time for the first answer; doubled each time */
};

/* Look whether anything is due, and begin it, or, without send, strike it off; seconds is how long an
 * answer may take. Call it once a second, from one thread. */
void errands_tick(struct service *svc, unsigned int seconds, bool send);

#endif
