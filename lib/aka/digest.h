/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest AKAv1-MD5 (RFC 3310 on RFC 2617): the response parameter and the rspauth of
 * Authentication-Info. The password is RES as octets, and empty in a response that carries auts
 * (RFC 3310 3.3, 3.4). AKAv2-MD5 (RFC 4169) is the same with another password.
 */
#ifndef AKA_DIGEST_H
#define AKA_DIGEST_H

#include "aka/err.h"
#include "base/slice.h"

enum { AKA_DIGEST_SIZE = 33 }; /* 32 hex digits and NUL */

enum aka_qop { AKA_QOP_NONE, AKA_QOP_AUTH, AKA_QOP_AUTH_INT };

/* All as in the header, without quotes. Nothing is kept after the call. */
struct aka_digest {
	struct slice username;
	struct slice realm;
	struct slice nonce;
	struct slice uri;
	struct slice method; /* of the request, e.g. REGISTER */
	struct slice res;    /* octets, of AKAv2 its password; SLICE_NULL when auts is sent */
	enum aka_qop qop;
	struct slice nc;     /* eight hex digits; with a qop only */
	struct slice cnonce; /* with a qop only */
	struct slice body;   /* of the message; with AKA_QOP_AUTH_INT only */
};

/* The response parameter of a request. Returns 0 or AKA_ECRYPTO. */
int aka_digest_response(const struct aka_digest *d, char out[AKA_DIGEST_SIZE]);

/* The rspauth parameter of a response (RFC 2617 3.2.3: no method in A2). Returns 0 or AKA_ECRYPTO.
 */
int aka_digest_rspauth(const struct aka_digest *d, char out[AKA_DIGEST_SIZE]);

/*
 * H(A1) of a password that is text (RFC 2617 3.2.2.2), as SIP digest keeps it in the place of the
 * password (TS 33.203 annex N). Wipe it when done. Returns 0 or AKA_ECRYPTO.
 */
int aka_digest_ha1(struct slice username, struct slice realm, struct slice password,
		   char out[AKA_DIGEST_SIZE]);

enum { AKA_V2_PASSWORD_SIZE = 25 }; /* 16 octets in base64, and NUL */

/*
 * The password of AKAv2-MD5 (RFC 4169 2.1), text, of RES or XRES (1 to AKA_RES_MAX octets). Wipe it when done. Returns 0,
 * or AKA_ECRYPTO (also of a RES that is too long).
 */
int aka_digest_v2_password(struct slice res, const uint8_t ik[16], const uint8_t ck[16],
			   char out[AKA_V2_PASSWORD_SIZE]);

/* "auth", "auth-int" or the empty slice. Returns 0 and sets *qop, or AKA_ESYNTAX. */
int aka_qop_parse(struct slice s, enum aka_qop *qop);

#endif
