/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Replaces header (RFC 3891 6.1). */
#ifndef SIP_REPLACES_H
#define SIP_REPLACES_H

#include "base/slice.h"
#include "sip/err.h"

struct sip_replaces {
	struct slice call_id;
	struct slice
	    to_tag; /* the local tag of the UA that receives it; "0" also means none (RFC 3891 3) */
	struct slice from_tag;
	bool early_only;
};

/* Returns 0, SIP_E_SYNTAX, or SIP_E_VALUE when to-tag or from-tag does not stand there exactly
 * once. */
int sip_replaces_parse(struct slice body, struct sip_replaces *out);

#endif
