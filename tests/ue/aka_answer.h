/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ISIM's and the digest's part of the answer to a 401 (RFC 3310, TS 33.102 6.3.3). */
#ifndef UE_AKA_ANSWER_H
#define UE_AKA_ANSWER_H

#include "aka/auth.h"
#include "ue/registration.h"

enum answer_kind {
	ANSWER_RESPONSE, /* ck and ik are good for SAs */
	ANSWER_AUTS,	 /* SQN not fresh: the REGISTER asks for resynchronisation */
	ANSWER_MAC, /* the network is not genuine: neither response nor auts (TS 24.229 5.1.1.5.3)
		     */
};

/*
 * Read the challenge, let the ISIM answer, keep the credentials in c->auth. Returns 0 with *kind,
 * and CK and IK for ANSWER_RESPONSE (the caller wipes them); or -1 with a reason: no challenge in
 * it, algorithm or nonce unknown, the UE has no key.
 */
int aka_answer(struct conn *c, const struct ue_sip_msg *challenge, const struct register_options *o,
	       enum answer_kind *kind, uint8_t auts[AKA_AUTS_LEN], uint8_t ck[16], uint8_t ik[16],
	       const char **why);

/* Append the Authorization header for what c->auth holds; auts NULL unless kind is ANSWER_AUTS. */
void authorization_write(struct conn *c, enum answer_kind kind, const uint8_t *auts,
			 struct text *t);
/* The one of a first REGISTER: empty nonce and response. */
void authorization_write_initial(struct conn *c, struct text *t);

#endif
