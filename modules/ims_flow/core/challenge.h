/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CK and IK in the WWW-Authenticate of a 401 from the S-CSCF (TS 24.229 5.4.1.2.1): for the P-CSCF
 * only. Pure. */
#ifndef IMS_FLOW_CHALLENGE_H
#define IMS_FLOW_CHALLENGE_H

#include "base/slice.h"

#define CHALLENGE_CUTS_MAX 8

struct challenge {
	bool has_ck, has_ik;
	bool aka;   /* one of them is AKA's: ck or ik, or an algorithm of RFC 3310 or 4169 */
	bool other; /* one names another algorithm */
	uint8_t ck[16], ik[16]; /* the owner wipes them */
	/* what must not reach the UE, in order, not overlapping */
	struct slice cut[CHALLENGE_CUTS_MAX];
	unsigned n_cut;
};

/*
 * Read the body of one WWW-Authenticate header, in which several challenges may stand. 0, or -1:
 * not "Digest name=value, ...", ck or ik twice or not 32 hex digits, a challenge of keys alone (RFC
 * 2617 3.2.1 asks for realm and nonce); *out is wiped then.
 */
int flow_challenge_read(struct slice body, struct challenge *out);

/*
 * Whether a header that flow_challenge_read() refuses may hold keys all the same: ck or ik stand in
 * it as a word that is given a value, or is cut short. Such a header must not reach the UE.
 */
bool flow_challenge_may_hold_keys(struct slice body);

/*
 * The same list of parameters in an Authorization header: where integrity-protected stands with its
 * comma, for what the UE wrote there is worth nothing (TS 24.229 5.2.2.1), and the username without
 * its quotes. 0 (cut->len 0: not there; username->p NULL: not there), or -1: malformed.
 */
int flow_authorization_read(struct slice body, struct slice *cut, struct slice *username);

#endif
