/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a third-party REGISTER of the S-CSCF says of a user (TS 24.229 5.4.1.7, 5.7.1.1): its header fields, and in its
 * body the phone's REGISTER, the 200 to it, and service information. Also taken: the header fields of table A.3.2.2-11
 * of the contribution to TS 24.206, where the phone's own stand in the place of the S-CSCF's.
 *
 * P-Associated-URI of the message itself, which ims_isc sends, is not looked at: ims_isc takes it from the record of
 * whoever From names, which may be another user. The one in the copy of the 200 is the registrar's.
 */
#ifndef IMS_VCC_REPORT_H
#define IMS_VCC_REPORT_H

#include "modules/ims_vcc/core/wish.h"
#include "sip/contact.h"

#define VCC_REPORT_BYTES_MAX 65535
#define VCC_ASSOCIATED_MAX   16
#define VCC_CONTACT_WISH_TAG "domain-preference"
#define VCC_SERVICE_TEXT_MAX 2048

struct vcc_report {
	struct slice identity; /* URI of To */
	struct slice from;     /* From, as written: who tells */
	struct slice call_id;
	uint32_t cseq;
	struct slice scscf;   /* where a SUBSCRIBE for this identity goes: a URI */
	struct slice contact; /* the first Contact of the message, for the answer: URI */
	uint32_t expires;     /* seconds; 0: the end of the registration */
	bool phone_headers;   /* it is one of table 11: the header fields are the phone's */

	struct slice access;  /* P-Access-Network-Info, the phone's first instance; empty: none */
	struct slice visited; /* P-Visited-Network-ID without its quotes */
	struct slice icid, orig_ioi, charging_functions;

	bool has_request, has_response; /* copies in the body */
	struct slice private_identity;	/* of the copy's Authorization; often left out */
	struct sip_contact_list asked;	/* the phone's Contacts */
	uint32_t asked_expires;		/* its Expires header, for those without their own */
	struct sip_contact_list granted;
	uint32_t granted_expires;
	struct slice associated[VCC_ASSOCIATED_MAX]; /* P-Associated-URI of the copy of the 200 */
	size_t associated_n;

	char service_info[VCC_SERVICE_TEXT_MAX]; /* empty: none */
	/* What the phone wishes: A, its part of the REGISTER; B, a tag of its Contact. wish_error: what was wrong with it,
	 * an enum vcc_wish_error; the registration stands nevertheless. */
	bool has_wishes;
	int wish_error;
	struct vcc_wishes wishes;
	/* ServiceInfo's words. */
	bool has_default;
	struct vcc_wishes by_default;
};

enum vcc_report_error {
	VCC_REPORT_OK = 0,
	VCC_REPORT_E_SYNTAX = -1, /* a header field that is needed is missing, twice or malformed */
	VCC_REPORT_E_EXPIRES = -2,  /* it does not say for how long */
	VCC_REPORT_E_IDENTITY = -3, /* To is no sip:, sips: or tel: URI, or too long */
	VCC_REPORT_E_BODY =
	    -4, /* a body that cannot be read: multipart not closed, a copy that is no message */
};
const char *vcc_report_strerror(int err);

/*
 * Read the message, from its first line to the end of its body. Slices of *out point into it. 0 or an enum
 * vcc_report_error. *out is about 5 kB.
 */
int vcc_report_read(struct slice message, struct vcc_report *out);

/* The access type of a P-Access-Network-Info: "3GPP-UTRAN-TDD"; empty for an empty one. */
struct slice vcc_access_type(struct slice access);

#endif
