/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The request of Sh that the HSS begins: Push-Notification. */
#ifndef HSS_DIAMETER_SH_CLIENT_H
#define HSS_DIAMETER_SH_CLIENT_H

#include "hss/diameter/client.h"
#include "hss/sh/subscription.h"

/* PNR to the subscriber with a Sh-Data document; features: of enum sh_feature, that he has to support. Returns 0 when it is sent and done will be called, or an
 * errno value if nothing could be sent. */
int sh_send_pnr(const struct sh_subscription *to, uint32_t features, const char *data, size_t len,
		unsigned int seconds, outcome_h done, void *arg);

#endif
