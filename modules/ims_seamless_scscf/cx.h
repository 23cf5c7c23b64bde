/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVPs of Cx messages over the stock cdp module: what cx.c (SAR) and cx_push.c (RTR, PPR) share. */
#ifndef SEAMLESS_CX_H
#define SEAMLESS_CX_H

#include "modules/ims_seamless_scscf/glue.h"
#include "../../modules/cdp/diameter_ims.h"
#include "../../modules/cdp/diameter_ims_code_app.h"
#include "../../modules/cdp/diameter_ims_code_avp.h"

#define CX_VENDOR_3GPP		 10415
#define CX_AUTH_SESSION_NO_STATE 1

/* Append an AVP (vendor 0: none). Return false when memory is short. */
bool cx_add(AAAMessage *m, int code, int vendor, const char *data, size_t len);
bool cx_add_u32(AAAMessage *m, int code, int vendor, uint32_t v);
/* Vendor-Specific-Application-Id { Vendor-Id, Auth-Application-Id } */
bool cx_add_application(AAAMessage *m);
/* Data of the first AVP of this kind, in the message; empty if there is none or no message. */
str cx_data(AAAMessage *m, int code, int vendor);
/* Returns 0, or -1 if it is no Unsigned32. */
int cx_u32(str data, int *out);

#endif
