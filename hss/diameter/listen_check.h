/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether freeDiameter will be able to listen: it only says that a call failed, an operator wants
 * to know where. */
#ifndef HSS_DIAMETER_LISTEN_CHECK_H
#define HSS_DIAMETER_LISTEN_CHECK_H

#include "hss/config.h"

/* Bind each address and port once and let go. Returns 0, or -1 with a line in why that says what to
 * mend. */
int listen_check(const struct config *cfg, char *why, size_t size);

#endif
