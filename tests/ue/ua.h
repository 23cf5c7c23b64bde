/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands what comes in to the phone it is for. */
#ifndef UE_UA_H
#define UE_UA_H

#include "ue/conn.h"

/* New requests that came on an access's ports, of any kind; method NULL: all. For "nothing
 * arrives". */
uint64_t ua_requests_seen(void);

#endif
