/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be wrong with a parameter, in words that say which line to change. Pure. */
#ifndef IMS_FLOW_START_CHECK_H
#define IMS_FLOW_START_CHECK_H

#include "base/slice.h"

/*
 * Whether text can stand in a URI as host or host:port: a name, an IPv4 address, or an IPv6 address
 * in brackets. NULL, or what is wrong with it.
 */
const char *flow_host_fault(struct slice text);

/*
 * The name of a #!substdef of cfg/pcscf-flow.cfg that stands in text as it is, because the site did
 * not define it: PCSCF_HOST, FLOW_DIR. NULL: none.
 */
const char *flow_left_over(struct slice text);

#endif
