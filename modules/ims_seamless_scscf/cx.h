/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cx messages (TS 29.229) over the stock cdp module: their AVPs, SAR and SAA. */
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
/* Append a grouped AVP of these Unsigned32s, all without a vendor. */
struct cx_u32_avp {
	int code;
	uint32_t value;
};
bool cx_add_group(AAAMessage *m, int code, const struct cx_u32_avp *members, size_t n);
/* Vendor-Specific-Application-Id { Vendor-Id, Auth-Application-Id } */
bool cx_add_application(AAAMessage *m);
/* Data of the first AVP of this kind, in the message; empty if there is none or no message. */
str cx_data(AAAMessage *m, int code, int vendor);
/* Returns 0, or -1 if it is no Unsigned32. */
int cx_u32(str data, int *out);

/* ---- SAR and SAA (cx_sar.c) ---- */

struct cx_sar {
	struct slice impi, impu;		  /* impi: empty for who is not registered */
	int assignment_type, user_data_available; /* AVP_IMS_SAR_* */
};
enum { CX_NO_ANSWER = -1, CX_MALFORMED = -2 };
/* A SAR that is out: first in a struct of the asker, in shared memory. */
struct cx_question {
	/*
	 * result: 0 success, else the (Experimental-)Result-Code or one of the above. saa may be
	 * NULL and lives during the call. In a process of cdp.
	 */
	void (*answered)(struct cx_question *q, int result, AAAMessage *saa);
};
/*
 * Send it. 0: then q->answered is called exactly once, perhaps before the return. -1: it is not
 * called.
 */
int cx_send_sar(const struct cx_sar *sar, struct cx_question *q);
/* What a result says of the HSS's state. */
enum scscf_hss_answer cx_hss_answer(int result);

/* What an SAA or a PPR carries; empty where it does not. */
str cx_user_data(AAAMessage *m);
void cx_charging(AAAMessage *m, str out[4]);

#endif
