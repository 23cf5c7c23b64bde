/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Contact headers of a REGISTER (RFC 3261 20.10, RFC 5626 4.1 for +sip.instance and reg-id). */
#ifndef SIP_CONTACT_H
#define SIP_CONTACT_H

#include "sip/name_addr.h"

#define SIP_CONTACT_LIST_MAX  16 /* contacts in one REGISTER */
#define SIP_EXPIRES_MAX	      0xffffffffu
#define SIP_EXPIRES_MALFORMED 3600 /* what a malformed value counts as (RFC 3261 10.2.1.1) */

struct sip_contact {
	struct slice uri;
	struct slice params;   /* all header parameters, from the first ';' */
	struct slice instance; /* value of +sip.instance without quotes; empty if absent */
	uint32_t expires;
	uint32_t reg_id;  /* 0: absent, or ignored because there is no instance (RFC 5626 6) */
	uint16_t q_milli; /* 0..1000; 1000 when absent */
	bool has_expires;
	bool has_q;
};

struct sip_contact_list {
	bool star; /* "Contact: *": then n is 0 */
	size_t n;
	struct sip_contact contact[SIP_CONTACT_LIST_MAX];
};

/*
 * Add the contacts of one Contact header body to *list, which the caller zeroed before the first.
 * Returns 0, SIP_E_SYNTAX, SIP_E_TOO_MANY, or SIP_E_VALUE (a q that is no number, '*' beside a
 * contact, a parameter twice); then *list is unchanged. An expires beyond 2^32-1 counts as 2^32-1
 * (RFC 3261 20.19), a malformed one as 3600 (10.2.1.1).
 */
int sip_contact_list_add(struct sip_contact_list *list, struct slice body);

/*
 * How long a 2xx with these contacts registers one of them for, in seconds (RFC 3261 10.3 step 8):
 * the contact of this URI and, if both have one, this reg-id. default_expires is the Expires
 * header, for a contact without expires parameter. 0: it is not registered (any more).
 */
uint32_t sip_contact_list_granted(const struct sip_contact_list *list, struct slice uri,
				  uint32_t reg_id, uint32_t default_expires);

/* delta-seconds as in Expires and ;expires=. Returns 0 or SIP_E_VALUE; too large a number is cut to
 * 2^32-1. */
int sip_delta_seconds(struct slice s, uint32_t *out);

#endif
