/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a parsed Diameter request to struct cx_request. */
#ifndef HSS_DIAMETER_CX_DECODE_H
#define HSS_DIAMETER_CX_DECODE_H

#include "hss/cx/cx.h"
#include "hss/diameter/dict.h"

/* What else an answer repeats or needs. */
struct cx_echo {
	struct slice impu; /* the first Public-Identity as it came */
	struct avp
	    *invalid; /* the AVP whose value is impossible, or NULL; belongs to the request */
	struct avp *second_impu; /* the second Public-Identity, or NULL; likewise */
	/* Supported-Features with the M bit: bits of enum cx_feature that must be there, and whether there are any of
	 * another list */
	uint32_t features_wanted;
	bool others_wanted;
};

/* Slices point into msg. Public identities that cannot be canonical become "", which nobody has.
 * Cannot fail. */
void cx_decode(struct msg *msg, struct cx_request *req, struct cx_echo *echo);

#endif
