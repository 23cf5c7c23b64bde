/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/auth.h"

#include <stdbool.h>
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

/* ---- the algorithms ---- */

static bool key_usable(const struct aka_key *key)
{
	return key->algorithm == AKA_MILENAGE ||
	       (key->tuak.iterations > 0 &&
		(key->res_len == 4 || key->res_len == 8 || key->res_len == 16));
}

/* f1 and f1*; either may be NULL. */
static int f1(const struct aka_key *key, const uint8_t rand[16], const uint8_t sqn[6],
	      const uint8_t amf[2], uint8_t mac_a[8], uint8_t mac_s[8])
{
	if (key->algorithm == AKA_TUAK)
		return tuak_f1(&key->tuak, rand, sqn, amf, 8, mac_a, mac_s);
	return milenage_f1(&key->milenage, rand, sqn, amf, mac_a, mac_s);
}

/* f2 to f5, whichever makes them. Holds secrets. */
struct outputs {
	uint8_t res[AKA_RES_MAX], ck[16], ik[16], ak[6];
	uint8_t res_len;
};

static int f2345_tuak(const struct aka_key *key, const uint8_t rand[16], struct outputs *out)
{
	struct tuak_lengths lengths = {.res = key->res_len, .ck = 16, .ik = 16};
	struct tuak_out t;
	int err = key_usable(key) ? tuak_f2345(&key->tuak, rand, &lengths, &t) : AKA_ELENGTH;

	if (err)
		return err;
	out->res_len = key->res_len;
	memcpy(out->res, t.res, out->res_len);
	memcpy(out->ck, t.ck, 16);
	memcpy(out->ik, t.ik, 16);
	memcpy(out->ak, t.ak, 6);
	explicit_bzero(&t, sizeof(t));
	return 0;
}

static int f2345(const struct aka_key *key, const uint8_t rand[16], struct outputs *out)
{
	struct milenage_out m;
	int err;

	*out = (struct outputs){.res_len = 0};
	if (key->algorithm == AKA_TUAK)
		return f2345_tuak(key, rand, out);
	err = milenage_f2345(&key->milenage, rand, &m);
	if (err)
		return err;
	out->res_len = sizeof(m.res);
	memcpy(out->res, m.res, sizeof(m.res));
	memcpy(out->ck, m.ck, 16);
	memcpy(out->ik, m.ik, 16);
	memcpy(out->ak, m.ak, 6);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

static int f5_star(const struct aka_key *key, const uint8_t rand[16], uint8_t ak_star[6])
{
	struct milenage_out m;
	int err;

	if (key->algorithm == AKA_TUAK)
		return tuak_f5_star(&key->tuak, rand, ak_star);
	err = milenage_f2345(&key->milenage, rand, &m);
	if (err)
		return err;
	memcpy(ak_star, m.ak_star, 6);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

/* ---- keys ---- */

static bool lengths_fit(const struct aka_key *key, struct slice k, struct slice op)
{
	if (key->algorithm == AKA_MILENAGE)
		return k.len == 16 && op.len == 16;
	return key_usable(key) && (k.len == 16 || k.len == 32) && op.len == TUAK_TOP_LEN;
}

int aka_key_fill(struct aka_key *key, struct slice k, struct slice opc)
{
	struct aka_key made = {.algorithm = key->algorithm, .res_len = key->res_len};

	if (!lengths_fit(key, k, opc))
		return AKA_ELENGTH;
	if (key->algorithm == AKA_TUAK) {
		made.tuak.iterations = key->tuak.iterations;
		made.tuak.k_len = (uint8_t)k.len;
		memcpy(made.tuak.k, k.p, k.len);
		memcpy(made.tuak.topc, opc.p, opc.len);
	} else {
		memcpy(made.milenage.k, k.p, k.len);
		memcpy(made.milenage.opc, opc.p, opc.len);
	}
	*key = made;
	explicit_bzero(&made, sizeof(made));
	return 0;
}

int aka_key_derive(struct aka_key *key, struct slice k, struct slice op)
{
	struct aka_key made = *key;
	uint8_t value[AKA_OP_MAX];
	int err;

	if (!lengths_fit(key, k, op))
		return AKA_ELENGTH;
	memcpy(value, op.p, op.len);
	err = aka_key_fill(&made, k, op);
	if (err == 0)
		err = made.algorithm == AKA_TUAK
			  ? tuak_topc(&made.tuak, value)
			  : milenage_opc(made.milenage.k, value, made.milenage.opc);
	if (err == 0)
		*key = made;
	explicit_bzero(&made, sizeof(made));
	explicit_bzero(value, sizeof(value));
	return err;
}

struct slice aka_key_k(const struct aka_key *key)
{
	if (key->algorithm == AKA_TUAK)
		return slice_make((const char *)key->tuak.k, key->tuak.k_len);
	return slice_make((const char *)key->milenage.k, sizeof(key->milenage.k));
}

struct slice aka_key_opc(const struct aka_key *key)
{
	if (key->algorithm == AKA_TUAK)
		return slice_make((const char *)key->tuak.topc, sizeof(key->tuak.topc));
	return slice_make((const char *)key->milenage.opc, sizeof(key->milenage.opc));
}

/* ---- vectors ---- */

int aka_vector_make(const struct aka_key *key, const uint8_t rand[16], uint64_t sqn,
		    const uint8_t amf[2], struct aka_vector *out)
{
	struct outputs m;
	uint8_t s[6], mac[8];
	int err;

	if (sqn > SQN_MAX)
		return AKA_EWRAP;
	sqn_to_octets(sqn, s);
	err = f1(key, rand, s, amf, mac, NULL);
	if (err == 0)
		err = f2345(key, rand, &m);
	if (err)
		return err;
	memcpy(out->rand, rand, 16);
	xor6(out->autn, s, m.ak);
	memcpy(out->autn + 6, amf, 2);
	memcpy(out->autn + 8, mac, 8);
	memcpy(out->xres, m.res, sizeof(m.res));
	out->xres_len = m.res_len;
	memcpy(out->ck, m.ck, 16);
	memcpy(out->ik, m.ik, 16);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

int aka_autn_check(const struct aka_key *key, const uint8_t rand[16], const uint8_t autn[16],
		   struct aka_answer *out)
{
	struct outputs m;
	uint8_t s[6], mac[8];
	int err = f2345(key, rand, &m);

	if (err)
		return err;
	xor6(s, autn, m.ak);
	err = f1(key, rand, s, autn + 6, mac, NULL);
	if (err == 0 && !aka_equal(mac, autn + 8, 8))
		err = AKA_EMAC;
	if (err == 0) {
		memcpy(out->res, m.res, sizeof(m.res));
		out->res_len = m.res_len;
		memcpy(out->ck, m.ck, 16);
		memcpy(out->ik, m.ik, 16);
		out->sqn = sqn_from_octets(s);
		memcpy(out->amf, autn + 6, 2);
	}
	explicit_bzero(&m, sizeof(m));
	return err;
}

int aka_auts_make(const struct aka_key *key, const uint8_t rand[16], uint64_t sqn_ms,
		  uint8_t auts[AKA_AUTS_LEN])
{
	uint8_t s[6], mac[8], ak_star[6];
	int err;

	if (sqn_ms > SQN_MAX)
		return AKA_EWRAP;
	sqn_to_octets(sqn_ms, s);
	err = f1(key, rand, s, amf_resync, NULL, mac);
	if (err == 0)
		err = f5_star(key, rand, ak_star);
	if (err)
		return err;
	xor6(auts, s, ak_star);
	memcpy(auts + 6, mac, 8);
	explicit_bzero(ak_star, sizeof(ak_star));
	return 0;
}

int aka_auts_check(const struct aka_key *key, const uint8_t rand[16],
		   const uint8_t auts[AKA_AUTS_LEN], uint64_t *sqn_ms)
{
	uint8_t s[6], mac[8], ak_star[6];
	int err = f5_star(key, rand, ak_star);

	if (err)
		return err;
	xor6(s, auts, ak_star);
	explicit_bzero(ak_star, sizeof(ak_star));
	err = f1(key, rand, s, amf_resync, NULL, mac);
	if (err)
		return err;
	if (!aka_equal(mac, auts + 6, 8))
		return AKA_EMAC;
	*sqn_ms = sqn_from_octets(s);
	return 0;
}
