/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answering UAR, LIR, MAR and SAR. */
#ifndef HSS_DIAMETER_CX_SERVER_H
#define HSS_DIAMETER_CX_SERVER_H

#include "hss/cx/service.h"

/* Register the handlers with freeDiameter; svc stays the caller's and must outlive the framework. 0
 * or an errno value. */
int cx_server_start(struct service *svc);

#endif
