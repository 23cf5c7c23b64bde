/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Subscription-State header (RFC 6665 8.2.3). */
#ifndef PCSCF_NOTIFY_HEADER_H
#define PCSCF_NOTIFY_HEADER_H

#include "base/slice.h"

struct pcscf_subscription_header {
	bool terminated;
	struct slice reason;  /* empty if absent */
	uint32_t expires;     /* s, 0 if absent */
	uint32_t retry_after; /* s, 0 if absent */
};

/* Returns 0, or -1 and leaves *out alone. States other than terminated mean that the subscription
 * goes on. */
int pcscf_subscription_header_parse(struct slice body, struct pcscf_subscription_header *out);

#endif
