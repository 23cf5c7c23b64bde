/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The permutation Keccak-f[1600] (FIPS 202 3.2, 3.3), bare: OpenSSL has it only inside its hashes. It runs in
 * time that does not depend on the state.
 */
#ifndef AKA_KECCAK_H
#define AKA_KECCAK_H

#include <stdint.h>

enum { KECCAK_STATE_LEN = 200 };

/* The 24 rounds over a state of octets, in place. Bit i of the state is bit i % 8, from the least significant,
 * of octet i / 8 (FIPS 202 B.1). */
void keccak_f1600(uint8_t state[KECCAK_STATE_LEN]);

#endif
