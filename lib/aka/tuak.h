/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TUAK, the second example algorithm set of 3GPP (TS 35.231): f1 to f5, f1*, f5* on Keccak-f[1600]. All values are
 * octets in the order of the specification, all lengths are in octets. How long MAC, RES, CK and IK are goes into
 * what is computed: card and network must have agreed on it, and on how often the permutation runs.
 */
#ifndef AKA_TUAK_H
#define AKA_TUAK_H

#include <stddef.h>
#include <stdint.h>

enum {
	TUAK_K_MAX = 32,
	TUAK_TOP_LEN = 32,
	TUAK_MAC_MAX = 32,
	TUAK_RES_MAX = 32,
	TUAK_CK_MAX = 32,
	TUAK_ITERATIONS_MAX = 255,
};

/* What subscriber and home network share. Wipe it (explicit_bzero) when done. */
struct tuak_key {
	uint8_t k[TUAK_K_MAX];
	uint8_t topc[TUAK_TOP_LEN]; /* TOPc, not TOP: tuak_topc() makes one of the other */
	uint8_t k_len;		    /* 16 or 32: what of k counts */
	uint8_t iterations;	    /* of Keccak, 1 to TUAK_ITERATIONS_MAX; TS 35.231 6.1 */
};

/* How long the outputs of f2, f3 and f4 are. */
struct tuak_lengths {
	uint8_t res; /* 4, 8, 16 or 32 */
	uint8_t ck;  /* 16 or 32 */
	uint8_t ik;  /* 16 or 32 */
};

/* Everything f2 to f5 say about one RAND; of res, ck and ik so much as was asked for. Holds secrets: wipe it. */
struct tuak_out {
	uint8_t res[TUAK_RES_MAX]; /* f2 */
	uint8_t ck[TUAK_CK_MAX];   /* f3 */
	uint8_t ik[TUAK_CK_MAX];   /* f4 */
	uint8_t ak[6];		   /* f5 */
};

/*
 * All of these return 0, or AKA_ELENGTH where a length or the number of iterations is none that TUAK has; then
 * nothing is written.
 */

/* TOPc of TOP (TS 35.231 6.1): key->topc, from what else stands in key. */
int tuak_topc(struct tuak_key *key, const uint8_t top[TUAK_TOP_LEN]);

/* f1 (mac_a) and f1* (mac_s) of 8, 16 or 32 octets (6.2); either may be NULL. AUTN and AUTS take 8. */
int tuak_f1(const struct tuak_key *key, const uint8_t rand[16], const uint8_t sqn[6],
	    const uint8_t amf[2], size_t mac_len, uint8_t *mac_a, uint8_t *mac_s);

/* f2, f3, f4 and f5 (6.3), by one run of the permutation. */
int tuak_f2345(const struct tuak_key *key, const uint8_t rand[16],
	       const struct tuak_lengths *lengths, struct tuak_out *out);

/* f5* (6.3), hides SQN in AUTS. */
int tuak_f5_star(const struct tuak_key *key, const uint8_t rand[16], uint8_t ak_star[6]);

#endif
