/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The requests of Cx that the HSS begins: Registration-Termination and Push-Profile. */
#ifndef HSS_DIAMETER_CX_CLIENT_H
#define HSS_DIAMETER_CX_CLIENT_H

#include "hss/cx/cx.h"
#include "hss/diameter/client.h"

/*
 * RTR for impi (index) naming the public identities in impus, to the assigned S-CSCF. Returns 0 when
 * it is sent and done will be called, or an errno value if nothing could be sent.
 */
int cx_send_rtr(const struct subscription *sub, int impi, uint64_t impus,
		enum deregistration_reason reason, const char *info, unsigned int seconds,
		outcome_h done, void *arg);

/* PPR with the profile of impus and, if given, charging. As above. */
int cx_send_ppr(const struct subscription *sub, int impi, uint64_t impus,
		const struct charging *charging, unsigned int seconds, outcome_h done, void *arg);

#endif
