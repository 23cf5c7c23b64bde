/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SDP attributes that the ALG reads or changes; all others pass. Names are compared with case
 * (RFC 8866 5.13). */
#ifndef IMS_ALG_ATTR_H
#define IMS_ALG_ATTR_H

#include "base/slice.h"

enum alg_attr {
	ALG_ATTR_OTHER = 0,
	ALG_ATTR_3GE2AE,      /* TS 24.229 */
	ALG_ATTR_FINGERPRINT, /* RFC 8122 */
	ALG_ATTR_SETUP,	      /* RFC 4145 */
	ALG_ATTR_CONNECTION,  /* RFC 4145 */
	ALG_ATTR_TLS_ID,      /* RFC 8842 */
	ALG_ATTR_CRYPTO,      /* RFC 4568 */
	ALG_ATTR_KEYING,      /* other key exchanges: key-mgmt, zrtp-hash */
	ALG_ATTR_PATH,	      /* RFC 4975 */
	ALG_ATTR_CEMA,	      /* msrp-cema, RFC 6714 */
	ALG_ATTR_RTCP,	      /* RFC 3605 */
	ALG_ATTR_RTCP_MUX,    /* RFC 5761; rtcp-mux-only, RFC 8858 */
	ALG_ATTR_DIRECTION,   /* sendrecv, sendonly, recvonly, inactive */
	ALG_ATTR_CANDIDATE,   /* candidate and the other ones of ICE (RFC 8839) */
	ALG_ATTR_BUNDLE,      /* bundle-only, msid-semantic (RFC 9143) */
	ALG_ATTR_GROUP,	      /* RFC 5888 */
	ALG_ATTR_MID,	      /* RFC 5888 */
	ALG_ATTR_TCAP,	      /* RFC 5939, as the next three */
	ALG_ATTR_ACAP,
	ALG_ATTR_PCFG,
	ALG_ATTR_ACFG,
	ALG_ATTR_PLACE, /* other places of its author's media: altc (RFC 6947), x-alt, ccap (RFC
			   7006); source-filter, where they come from (RFC 4570) */
	ALG_ATTR_DES,	/* desired status of a precondition (RFC 3312) */
	ALG_ATTRS
};

/* What the name of an attribute is to us. */
enum alg_attr alg_attr_of(struct slice name);

#endif
