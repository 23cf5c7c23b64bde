/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/keccak.h"

#include <endian.h>
#include <string.h>

enum { LANES = 25, ROUNDS = 24 };

/* iota: RC[t] of FIPS 202 3.2.5 */
static const uint64_t round_constant[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static uint64_t rotate(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n) % 64;
}

/* Each column's parity goes into its neighbours (3.2.1). Lane (x, y) is a[x + 5 * y]. */
static void theta(uint64_t a[LANES])
{
	uint64_t parity[5];

	for (size_t x = 0; x < 5; x++)
		parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (size_t x = 0; x < 5; x++) {
		uint64_t d = parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1);

		for (size_t y = 0; y < LANES; y += 5)
			a[x + y] ^= d;
	}
}

/* Along the walk of 3.2.2 each lane is turned and goes where the next one of the walk stands (3.2.3). */
static void rho_pi(uint64_t a[LANES])
{
	uint64_t moving = a[1];
	size_t x = 1, y = 0;

	for (unsigned t = 0; t < 24; t++) {
		size_t next = (2 * x + 3 * y) % 5;
		uint64_t there;

		x = y;
		y = next;
		there = a[x + 5 * y];
		a[x + 5 * y] = rotate(moving, (t + 1) * (t + 2) / 2 % 64);
		moving = there;
	}
}

/* The one step that is not linear (3.2.4). */
static void chi(uint64_t a[LANES])
{
	for (size_t y = 0; y < LANES; y += 5) {
		uint64_t row[5];

		memcpy(row, a + y, sizeof(row));
		for (size_t x = 0; x < 5; x++)
			a[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
	}
}

void keccak_f1600(uint8_t state[KECCAK_STATE_LEN])
{
	uint64_t a[LANES];

	memcpy(a, state, sizeof(a));
	for (size_t i = 0; i < LANES; i++)
		a[i] = le64toh(a[i]);
	for (size_t round = 0; round < ROUNDS; round++) {
		theta(a);
		rho_pi(a);
		chi(a);
		a[0] ^= round_constant[round];
	}
	for (size_t i = 0; i < LANES; i++)
		a[i] = htole64(a[i]);
	memcpy(state, a, sizeof(a));
	explicit_bzero(a, sizeof(a));
}
