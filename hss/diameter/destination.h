/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Over which connection a request of the HSS may leave. libfdcore takes Destination-Host for a preference: while that
 * host is away, the request goes to any other peer of the realm (RFC 6733 6.1.6), which would read, and perhaps
 * acknowledge, what is another's.
 */
#ifndef HSS_DIAMETER_DESTINATION_H
#define HSS_DIAMETER_DESTINATION_H

#include "hss/config.h"

/* Heed config_may_carry() from now on; after libfdcore has its configuration. cfg must outlive it. Returns 0 or an errno
 * value. */
int destination_start(const struct config *cfg);

#endif
