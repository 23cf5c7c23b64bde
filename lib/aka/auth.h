/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AKA as 3GPP TS 33.102 6.3 puts it together from Milenage or TUAK: the vector that the home network sends,
 * the check that the USIM/ISIM makes of it, and the AUTS with which it asks for resynchronisation.
 * Sequence numbers are 48-bit values in a uint64_t; freshness rules are in aka/sqn.h.
 */
#ifndef AKA_AUTH_H
#define AKA_AUTH_H

#include <stdint.h>

#include "aka/err.h"
#include "aka/milenage.h"
#include "aka/tuak.h"
#include "base/slice.h"

enum {
	AKA_RAND_LEN = 16,
	AKA_AUTN_LEN = 16,
	AKA_RES_MAX = 16, /* RES has 32 to 128 bits (TS 33.102 6.3.7); Milenage's has 64 */
	AKA_AUTS_LEN = 14,
	AKA_K_MAX = TUAK_K_MAX,
	AKA_OP_MAX = TUAK_TOP_LEN,
};

enum aka_algorithm { AKA_MILENAGE, AKA_TUAK };

/* What subscriber and home network share, of whichever algorithm. Wipe it (explicit_bzero) when done. */
struct aka_key {
	enum aka_algorithm algorithm;
	uint8_t res_len; /* TUAK: octets of RES, 4, 8 or 16 */
	union {
		struct milenage_key milenage;
		struct tuak_key tuak;
	};
};

/*
 * Put K and OPc, or TOPc, into a key whose algorithm is set, for TUAK with res_len and tuak.iterations. Returns 0, or
 * AKA_ELENGTH: one of them is of a length that the algorithm does not have; then the key is as it was.
 */
int aka_key_fill(struct aka_key *key, struct slice k, struct slice opc);
/* The same from OP or TOP. Returns AKA_ECRYPTO, too. */
int aka_key_derive(struct aka_key *key, struct slice k, struct slice op);
/* K, and OPc or TOPc. They point into key. */
struct slice aka_key_k(const struct aka_key *key);
struct slice aka_key_opc(const struct aka_key *key);

/* One authentication vector. Holds secrets (XRES, CK, IK): wipe it when done. */
struct aka_vector {
	uint8_t rand[AKA_RAND_LEN];
	uint8_t autn[AKA_AUTN_LEN]; /* SQN xor AK || AMF || MAC-A */
	uint8_t xres[AKA_RES_MAX];
	uint8_t xres_len;
	uint8_t ck[16];
	uint8_t ik[16];
};

/* What a USIM draws from a genuine challenge. Holds secrets: wipe it when done. */
struct aka_answer {
	uint8_t res[AKA_RES_MAX];
	uint8_t res_len;
	uint8_t ck[16];
	uint8_t ik[16];
	uint64_t sqn; /* 48 bits; still to be checked for freshness */
	uint8_t amf[2];
};

/* HSS: the vector for rand, sqn and amf (TS 33.102 6.3.2). Returns 0, AKA_EWRAP (sqn over 48 bits),
 * AKA_ECRYPTO. This and what follows return AKA_ELENGTH for a key of TUAK that aka_key_fill() would refuse. */
int aka_vector_make(const struct aka_key *key, const uint8_t rand[16], uint64_t sqn,
		    const uint8_t amf[2], struct aka_vector *out);

/*
 * UE: open AUTN and check MAC-A (TS 33.102 6.3.3). Returns 0, AKA_EMAC or AKA_ECRYPTO. The caller
 * then asks sqn_ms_accept() whether out->sqn is fresh, and answers with aka_auts_make() if it is
 * not.
 */
int aka_autn_check(const struct aka_key *key, const uint8_t rand[16], const uint8_t autn[16],
		   struct aka_answer *out);

/* UE: AUTS = SQN_MS xor AK* || MAC-S with AMF 0000 (TS 33.102 6.3.3). Returns 0, AKA_EWRAP or
 * AKA_ECRYPTO. */
int aka_auts_make(const struct aka_key *key, const uint8_t rand[16], uint64_t sqn_ms,
		  uint8_t auts[AKA_AUTS_LEN]);

/* HSS: open AUTS for the RAND it was made for and check MAC-S. Returns 0 (sets *sqn_ms), AKA_EMAC,
 * AKA_ECRYPTO. */
int aka_auts_check(const struct aka_key *key, const uint8_t rand[16],
		   const uint8_t auts[AKA_AUTS_LEN], uint64_t *sqn_ms);

#endif
