/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/tuak.h"

#include <stdbool.h>
#include <string.h>

#include "aka/err.h"
#include "aka/keccak.h"

/* Where each value stands in the input and the output of the permutation, in octets (TS 35.231 6). */
enum {
	IN_TOPC = 0,
	IN_INSTANCE = 32,
	IN_NAME = 33,
	IN_RAND = 40,
	IN_AMF = 56,
	IN_SQN = 58,
	IN_KEY = 64,
	IN_PAD_FIRST = 96,
	IN_PAD_LAST = 135,
	OUT_FIRST = 0, /* TOPc, MAC, RES */
	OUT_CK = 32,
	OUT_IK = 64,
	OUT_AK = 96,
};

/* INSTANCE: which function with which lengths (TS 35.231 6); MAC or RES of n octets add n. */
enum {
	INSTANCE_TOPC = 0,
	INSTANCE_F1 = 0,
	INSTANCE_F1_STAR = 0x80,
	INSTANCE_F2345 = 0x40,
	INSTANCE_F5_STAR = 0xc0,
	INSTANCE_K_256 = 1,
	INSTANCE_IK_256 = 2,
	INSTANCE_CK_256 = 4,
};

/* Values stand in the state with their last octet first. */
static void turned(uint8_t *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = in[n - 1 - i];
}

static bool key_usable(const struct tuak_key *key)
{
	return (key->k_len == 16 || key->k_len == 32) && key->iterations > 0;
}

/* The state after the permutation; sqn NULL: neither SQN nor AMF is in it. RAND NULL: nor is RAND. */
static void run(const struct tuak_key *key, const uint8_t top[TUAK_TOP_LEN], unsigned instance,
		const uint8_t *rand, const uint8_t *sqn, const uint8_t *amf,
		uint8_t state[KECCAK_STATE_LEN])
{
	static const char name[7] = {'T', 'U', 'A', 'K', '1', '.', '0'};

	memset(state, 0, KECCAK_STATE_LEN);
	turned(state + IN_TOPC, top, TUAK_TOP_LEN);
	state[IN_INSTANCE] = (uint8_t)(instance | (key->k_len == 32 ? INSTANCE_K_256 : 0));
	turned(state + IN_NAME, (const uint8_t *)name, sizeof(name));
	if (rand)
		turned(state + IN_RAND, rand, 16);
	if (sqn) {
		turned(state + IN_AMF, amf, 2);
		turned(state + IN_SQN, sqn, 6);
	}
	turned(state + IN_KEY, key->k, key->k_len);
	state[IN_PAD_FIRST] = 0x1f;
	state[IN_PAD_LAST] = 0x80;
	for (unsigned i = 0; i < key->iterations; i++)
		keccak_f1600(state);
}

int tuak_topc(struct tuak_key *key, const uint8_t top[TUAK_TOP_LEN])
{
	uint8_t state[KECCAK_STATE_LEN];

	if (!key_usable(key))
		return AKA_ELENGTH;
	run(key, top, INSTANCE_TOPC, NULL, NULL, NULL, state);
	turned(key->topc, state + OUT_FIRST, TUAK_TOP_LEN);
	explicit_bzero(state, sizeof(state));
	return 0;
}

int tuak_f1(const struct tuak_key *key, const uint8_t rand[16], const uint8_t sqn[6],
	    const uint8_t amf[2], size_t mac_len, uint8_t *mac_a, uint8_t *mac_s)
{
	uint8_t state[KECCAK_STATE_LEN];

	if (!key_usable(key) || (mac_len != 8 && mac_len != 16 && mac_len != 32))
		return AKA_ELENGTH;
	if (mac_a) {
		run(key, key->topc, INSTANCE_F1 | (unsigned)mac_len, rand, sqn, amf, state);
		turned(mac_a, state + OUT_FIRST, mac_len);
	}
	if (mac_s) {
		run(key, key->topc, INSTANCE_F1_STAR | (unsigned)mac_len, rand, sqn, amf, state);
		turned(mac_s, state + OUT_FIRST, mac_len);
	}
	explicit_bzero(state, sizeof(state));
	return 0;
}

/* RES of 32 bits has no bit of its own. Returns -1 where TUAK has no such lengths. */
static int instance_of(const struct tuak_lengths *l)
{
	bool res = l->res == 4 || l->res == 8 || l->res == 16 || l->res == 32;

	if (!res || (l->ck != 16 && l->ck != 32) || (l->ik != 16 && l->ik != 32))
		return -1;
	return INSTANCE_F2345 | (l->res == 4 ? 0 : l->res) | (l->ck == 32 ? INSTANCE_CK_256 : 0) |
	       (l->ik == 32 ? INSTANCE_IK_256 : 0);
}

int tuak_f2345(const struct tuak_key *key, const uint8_t rand[16],
	       const struct tuak_lengths *lengths, struct tuak_out *out)
{
	uint8_t state[KECCAK_STATE_LEN];
	int instance = instance_of(lengths);

	if (!key_usable(key) || instance < 0)
		return AKA_ELENGTH;
	run(key, key->topc, (unsigned)instance, rand, NULL, NULL, state);
	turned(out->res, state + OUT_FIRST, lengths->res);
	turned(out->ck, state + OUT_CK, lengths->ck);
	turned(out->ik, state + OUT_IK, lengths->ik);
	turned(out->ak, state + OUT_AK, sizeof(out->ak));
	explicit_bzero(state, sizeof(state));
	return 0;
}

int tuak_f5_star(const struct tuak_key *key, const uint8_t rand[16], uint8_t ak_star[6])
{
	uint8_t state[KECCAK_STATE_LEN];

	if (!key_usable(key))
		return AKA_ELENGTH;
	run(key, key->topc, INSTANCE_F5_STAR, rand, NULL, NULL, state);
	turned(ak_star, state + OUT_AK, 6);
	explicit_bzero(state, sizeof(state));
	return 0;
}
