/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/auth.h"

#include <string.h>

#include "aka/crypto.h"
#include "aka/sqn.h"

static const uint8_t amf_resync[2] = {0, 0}; /* TS 33.102 6.3.3: AMF* is all zero in AUTS */

static void sqn_to_octets(uint64_t sqn, uint8_t out[6])
{
	for (size_t i = 0; i < 6; i++)
		out[i] = (uint8_t)(sqn >> (40 - 8 * i));
}

static uint64_t sqn_from_octets(const uint8_t in[6])
{
	uint64_t sqn = 0;

	for (size_t i = 0; i < 6; i++)
		sqn = sqn << 8 | in[i];
	return sqn;
}

static void xor6(uint8_t out[6], const uint8_t a[6], const uint8_t b[6])
{
	for (size_t i = 0; i < 6; i++)
		out[i] = a[i] ^ b[i];
}

int aka_vector_make(const struct milenage_key *key, const uint8_t rand[16], uint64_t sqn,
		    const uint8_t amf[2], struct aka_vector *out)
{
	struct milenage_out m;
	uint8_t s[6], mac[8];
	int err;

	if (sqn > SQN_MAX)
		return AKA_EWRAP;
	sqn_to_octets(sqn, s);
	err = milenage_f1(key, rand, s, amf, mac, NULL);
	if (err == 0)
		err = milenage_f2345(key, rand, &m);
	if (err)
		return err;
	memcpy(out->rand, rand, 16);
	xor6(out->autn, s, m.ak);
	memcpy(out->autn + 6, amf, 2);
	memcpy(out->autn + 8, mac, 8);
	memcpy(out->xres, m.res, 8);
	memcpy(out->ck, m.ck, 16);
	memcpy(out->ik, m.ik, 16);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

int aka_autn_check(const struct milenage_key *key, const uint8_t rand[16], const uint8_t autn[16],
		   struct aka_answer *out)
{
	struct milenage_out m;
	uint8_t s[6], mac[8];
	int err = milenage_f2345(key, rand, &m);

	if (err)
		return err;
	xor6(s, autn, m.ak);
	err = milenage_f1(key, rand, s, autn + 6, mac, NULL);
	if (err == 0 && !aka_equal(mac, autn + 8, 8))
		err = AKA_EMAC;
	if (err == 0) {
		memcpy(out->res, m.res, 8);
		memcpy(out->ck, m.ck, 16);
		memcpy(out->ik, m.ik, 16);
		out->sqn = sqn_from_octets(s);
		memcpy(out->amf, autn + 6, 2);
	}
	explicit_bzero(&m, sizeof(m));
	return err;
}

int aka_auts_make(const struct milenage_key *key, const uint8_t rand[16], uint64_t sqn_ms,
		  uint8_t auts[AKA_AUTS_LEN])
{
	struct milenage_out m;
	uint8_t s[6], mac[8];
	int err;

	if (sqn_ms > SQN_MAX)
		return AKA_EWRAP;
	sqn_to_octets(sqn_ms, s);
	err = milenage_f1(key, rand, s, amf_resync, NULL, mac);
	if (err == 0)
		err = milenage_f2345(key, rand, &m);
	if (err)
		return err;
	xor6(auts, s, m.ak_star);
	memcpy(auts + 6, mac, 8);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

int aka_auts_check(const struct milenage_key *key, const uint8_t rand[16],
		   const uint8_t auts[AKA_AUTS_LEN], uint64_t *sqn_ms)
{
	struct milenage_out m;
	uint8_t s[6], mac[8];
	int err = milenage_f2345(key, rand, &m);

	if (err)
		return err;
	xor6(s, auts, m.ak_star);
	explicit_bzero(&m, sizeof(m));
	err = milenage_f1(key, rand, s, amf_resync, NULL, mac);
	if (err)
		return err;
	if (!aka_equal(mac, auts + 6, 8))
		return AKA_EMAC;
	*sqn_ms = sqn_from_octets(s);
	return 0;
}
