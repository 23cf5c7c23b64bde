/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/roles.h"

enum sdp_setup alg_roles_offered(enum alg_kind k, bool has, enum sdp_setup s)
{
	if (!has || (k == ALG_KIND_MSRP && s == SDP_SETUP_HOLDCONN))
		return SDP_SETUP_ACTIVE;
	return s;
}

enum sdp_setup alg_roles_offer(enum alg_roles r, enum alg_kind k, enum alg_side to,
			       enum sdp_setup offered)
{
	if (offered == SDP_SETUP_HOLDCONN)
		return offered;
	if (r == ALG_ROLES_PHONE && to == ALG_ACCESS)
		return SDP_SETUP_ACTPASS;
	/* DTLS: an offer says actpass (RFC 5763 5). */
	if (k == ALG_KIND_RTP || (k == ALG_KIND_MSRP && offered == SDP_SETUP_PASSIVE))
		return SDP_SETUP_ACTPASS;
	return offered;
}

int alg_roles_answered(enum alg_kind k, enum sdp_setup ours, bool has, enum sdp_setup s,
		       enum sdp_setup *out)
{
	/* What fits to what we offered, a bit for each value. */
	static const uint8_t fits[SDP_SETUPS] = {
	    [SDP_SETUP_ACTIVE] = 1 << SDP_SETUP_PASSIVE | 1 << SDP_SETUP_HOLDCONN,
	    [SDP_SETUP_PASSIVE] = 1 << SDP_SETUP_ACTIVE | 1 << SDP_SETUP_HOLDCONN,
	    [SDP_SETUP_ACTPASS] =
		1 << SDP_SETUP_ACTIVE | 1 << SDP_SETUP_PASSIVE | 1 << SDP_SETUP_HOLDCONN,
	    [SDP_SETUP_HOLDCONN] = 1 << SDP_SETUP_HOLDCONN,
	};

	if (!has || (k == ALG_KIND_MSRP && s == SDP_SETUP_HOLDCONN))
		s = ours == SDP_SETUP_HOLDCONN	? SDP_SETUP_HOLDCONN
		    : ours == SDP_SETUP_PASSIVE ? SDP_SETUP_ACTIVE
						: SDP_SETUP_PASSIVE;
	if (!(fits[ours] & 1 << s))
		return -1;
	*out = s;
	return 0;
}

enum sdp_setup alg_roles_answer(enum alg_roles r, enum alg_side to, enum sdp_setup offered,
				enum sdp_setup answered)
{
	if (answered == SDP_SETUP_HOLDCONN || offered == SDP_SETUP_HOLDCONN)
		return SDP_SETUP_HOLDCONN;
	if (offered != SDP_SETUP_ACTPASS)
		return alg_roles_opposite(offered);
	return r == ALG_ROLES_PHONE && to == ALG_ACCESS ? SDP_SETUP_PASSIVE : answered;
}

enum sdp_setup alg_roles_opposite(enum sdp_setup s)
{
	return s == SDP_SETUP_ACTIVE	? SDP_SETUP_PASSIVE
	       : s == SDP_SETUP_PASSIVE ? SDP_SETUP_ACTIVE
					: s;
}
