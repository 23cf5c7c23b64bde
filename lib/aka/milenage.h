/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Milenage, the example algorithm set of 3GPP TS 35.206: f1 to f5, f1*, f5* on AES-128, with the
 * standard constants c1..c5 and r1..r5. All values are octets in the order of the specification.
 */
#ifndef AKA_MILENAGE_H
#define AKA_MILENAGE_H

#include <stdint.h>

/* What subscriber and home network share. Wipe it (explicit_bzero) when done. */
struct milenage_key {
	uint8_t k[16];
	uint8_t opc[16]; /* OPc, not OP: milenage_opc() makes one of the other */
};

/* Everything f2 to f5* say about one RAND. */
struct milenage_out {
	uint8_t res[8];	    /* f2 */
	uint8_t ck[16];	    /* f3 */
	uint8_t ik[16];	    /* f4 */
	uint8_t ak[6];	    /* f5 */
	uint8_t ak_star[6]; /* f5*, hides SQN in AUTS */
};

/* OPc = E_K(OP) xor OP. Returns 0 or AKA_ECRYPTO. */
int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16]);

/* f1 (mac_a) and f1* (mac_s); either may be NULL. Returns 0 or AKA_ECRYPTO. */
int milenage_f1(const struct milenage_key *key, const uint8_t rand[16], const uint8_t sqn[6],
		const uint8_t amf[2], uint8_t mac_a[8], uint8_t mac_s[8]);

/* f2, f3, f4, f5 and f5*. Returns 0 or AKA_ECRYPTO. */
int milenage_f2345(const struct milenage_key *key, const uint8_t rand[16],
		   struct milenage_out *out);

#endif
