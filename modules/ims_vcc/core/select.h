/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which domain a call to a user goes to (domain selection function, TS 23.206). No state. */
#ifndef IMS_VCC_SELECT_H
#define IMS_VCC_SELECT_H

#include "modules/ims_vcc/core/policy.h"

enum vcc_domain { VCC_DOMAIN_NONE = 0, VCC_DOMAIN_CS, VCC_DOMAIN_IMS };
const char *vcc_domain_name(enum vcc_domain d); /* "-", "cs", "ims" */

struct vcc_choice_input {
	enum vcc_wish user;		/* his own: phone, RPC, else ServiceInfo */
	enum vcc_wish operator_wish;	/* of his line, else of the default */
	enum vcc_precedence precedence; /* who wins; unset: the operator */
	bool registered, voice;		/* in IMS */
	enum vcc_cs_state cs;
	bool csrn;	      /* there is a number that leads to him in CS */
	enum vcc_domain call; /* of the call that he has already */
};

struct vcc_choice {
	enum vcc_wish want;	       /* what counted */
	enum vcc_domain first, second; /* second: when the first fails early; NONE: there is none */
	const char *reason;	       /* a fixed text */
};

/*
 * A call that is up leads to its domain. Else what the user wants if he has precedence and a wish, else what the operator
 * wants, else what the user wants, else ims-preferred. "only" is that domain or none; "preferred" is that if it is there, and
 * the other after it. IMS is there if he is registered with voice; CS if there is a number and he is not detached.
 */
struct vcc_choice vcc_choose(const struct vcc_choice_input *in);

#endif
