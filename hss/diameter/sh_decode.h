/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a parsed Diameter request to struct sh_request. */
#ifndef HSS_DIAMETER_SH_DECODE_H
#define HSS_DIAMETER_SH_DECODE_H

#include "hss/diameter/dict.h"
#include "hss/sh/sh.h"

/* What else an answer needs. */
struct sh_echo {
	struct avp
	    *invalid; /* the AVP whose value is impossible, or NULL; belongs to the request */
	struct avp *too_many; /* one more than this HSS takes in a request, or NULL; likewise */
	struct avp *second_reference; /* a Data-Reference behind another, or NULL; likewise */
	/* Supported-Features with the M bit demand them: of the first list, and of any other */
	uint32_t features_wanted;
	bool others_wanted;
};

/* Slices point into msg. An identity that is none leaves identity and msisdn "", which nobody has. Cannot
 * fail. */
void sh_decode(struct msg *msg, struct sh_request *req, struct sh_echo *echo);

#endif
