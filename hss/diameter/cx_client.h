/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that the HSS begins: Registration-Termination and Push-Profile. Each waits for its
 * answer. */
#ifndef HSS_DIAMETER_CX_CLIENT_H
#define HSS_DIAMETER_CX_CLIENT_H

#include "hss/cx/cx.h"

struct cx_outcome {
	uint32_t code; /* Result-Code or Experimental-Result-Code; 0: no answer in time */
	bool experimental;
	char from[IDENTITY_SIZE]; /* who answered */
};

/*
 * RTR for impi (index) naming the public identities in impus, to the assigned S-CSCF. Waits at most
 * seconds. Returns 0 when there is an outcome, or an errno value if nothing could be sent.
 */
int cx_send_rtr(const struct subscription *sub, int impi, uint64_t impus,
		enum deregistration_reason reason, const char *info, unsigned int seconds,
		struct cx_outcome *out);

/* PPR with the profile of impus and, if given, charging. As above. */
int cx_send_ppr(const struct subscription *sub, int impi, uint64_t impus,
		const struct charging *charging, unsigned int seconds, struct cx_outcome *out);

#endif
