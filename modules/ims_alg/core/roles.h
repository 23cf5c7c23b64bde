/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who connects: a=setup on two legs that are negotiated apart (RFC 4145 4.1, RFC 6135 4.2). */
#ifndef IMS_ALG_ROLES_H
#define IMS_ALG_ROLES_H

#include "modules/ims_alg/core/policy.h"

/* What an offer says, the default filled in: without a=setup the offerer is active; with MSRP
 * holdconn is as if absent (RFC 6135 4.2.1). */
enum sdp_setup alg_roles_offered(enum alg_kind k, bool has, enum sdp_setup s);

/* What we offer on to a side. MSRP is never offered as passive (RFC 6135 4.2.1). */
enum sdp_setup alg_roles_offer(enum alg_roles r, enum alg_kind k, enum alg_side to,
			       enum sdp_setup offered);

/* What an answer says to our offer, the default filled in: passive, or active to passive. 0, or -1
 * if it does not fit (RFC 4145 4.1). */
int alg_roles_answered(enum alg_kind k, enum sdp_setup ours, bool has, enum sdp_setup s,
		       enum sdp_setup *out);

/* What we answer to a side that offered so, when the other side has answered thus; actpass: it has not
 * answered yet. */
enum sdp_setup alg_roles_answer(enum alg_roles r, enum alg_side to, enum sdp_setup offered,
				enum sdp_setup answered);

/* The gateway's part towards a peer with this part. */
enum sdp_setup alg_roles_opposite(enum sdp_setup s);

#endif
