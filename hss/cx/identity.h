/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all Cx procedures begin with. */
#ifndef HSS_CX_IDENTITY_H
#define HSS_CX_IDENTITY_H

#include "hss/cx/cx.h"

/* Empty the answer. */
void cx_answer_clear(struct cx_answer *ans);

/*
 * Check that the private and the first public identity exist and belong together. Returns true and
 * sets the indexes, or false and sets ans->result to USER_UNKNOWN or IDENTITIES_DONT_MATCH
 * (TS 29.228, steps 1 and 2 of each procedure).
 */
bool cx_identities(const struct subscription *sub, const struct cx_request *req,
		   struct cx_answer *ans, int *impi, int *impu);

/* Has a phone business with it? A service does not register, nor a wildcard by its own text, but who matches one does with
 * its set (TS 23.003 13.4B). */
bool cx_may_register(const struct impu *impu, const struct cx_request *req);

/* Barred, and nothing unbarred registers along with it. */
bool cx_barred(const struct subscription *sub, int impi, int impu);

/* Server-Name of the assigned S-CSCF into the answer. */
void cx_give_server_name(const struct subscription *sub, struct cx_answer *ans);
/* Server-Capabilities: those of the subscription or the operator's; nothing if both are empty. */
void cx_give_capabilities(const struct subscription *sub, const struct cx_policy *policy,
			  struct cx_answer *ans);

/*
 * The assigned S-CSCF does not answer an I-CSCF, which asks for another (TS 29.228 6.1.1.1, 6.1.4.1): whoever
 * comes next with a SAR may take the user over. Returns what changed.
 */
unsigned int cx_reassign(struct subscription *sub);

#endif
