/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/milenage.h"

#include <string.h>

#include "aka/crypto.h"
#include "aka/err.h"

static void xor16(uint8_t out[16], const uint8_t a[16], const uint8_t b[16])
{
	for (size_t i = 0; i < 16; i++)
		out[i] = a[i] ^ b[i];
}

int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16])
{
	struct aka_aes *aes = aka_aes_open(k);
	uint8_t e[16];
	int err = aes ? aka_aes_block(aes, op, e) : AKA_ECRYPTO;

	aka_aes_close(aes);
	if (err == 0)
		xor16(opc, e, op);
	explicit_bzero(e, sizeof(e));
	return err;
}

/* TEMP = E_K(RAND xor OPc), TS 35.206 4.1 */
static int make_temp(struct aka_aes *aes, const struct milenage_key *key, const uint8_t rand[16],
		     uint8_t temp[16])
{
	uint8_t x[16];

	xor16(x, rand, key->opc);
	return aka_aes_block(aes, x, temp);
}

int milenage_f1(const struct milenage_key *key, const uint8_t rand[16], const uint8_t sqn[6],
		const uint8_t amf[2], uint8_t mac_a[8], uint8_t mac_s[8])
{
	struct aka_aes *aes = aka_aes_open(key->k);
	uint8_t temp[16], in1[16], x[16], out[16];
	int err = AKA_ECRYPTO;

	if (!aes)
		return err;
	memcpy(in1, sqn, 6);
	memcpy(in1 + 6, amf, 2);
	memcpy(in1 + 8, in1, 8);
	err = make_temp(aes, key, rand, temp);
	if (err)
		goto out;
	/* OUT1 = E_K(TEMP xor rot(IN1 xor OPc, 64) xor c1) xor OPc, c1 = 0 */
	for (size_t i = 0; i < 16; i++)
		x[i] = in1[(i + 8) % 16] ^ key->opc[(i + 8) % 16] ^ temp[i];
	err = aka_aes_block(aes, x, out);
	if (err)
		goto out;
	xor16(out, out, key->opc);
	if (mac_a)
		memcpy(mac_a, out, 8);
	if (mac_s)
		memcpy(mac_s, out + 8, 8);
out:
	aka_aes_close(aes);
	explicit_bzero(temp, sizeof(temp));
	explicit_bzero(out, sizeof(out));
	return err;
}

/* OUTn = E_K(rot(TEMP xor OPc, r) xor c) xor OPc; r in octets, c is the last octet of the constant
 */
static int make_out(struct aka_aes *aes, const struct milenage_key *key, const uint8_t temp[16],
		    size_t r, uint8_t c, uint8_t out[16])
{
	uint8_t x[16];
	int err;

	for (size_t i = 0; i < 16; i++)
		x[i] = temp[(i + r) % 16] ^ key->opc[(i + r) % 16];
	x[15] ^= c;
	err = aka_aes_block(aes, x, out);
	if (err == 0)
		xor16(out, out, key->opc);
	explicit_bzero(x, sizeof(x));
	return err;
}

int milenage_f2345(const struct milenage_key *key, const uint8_t rand[16], struct milenage_out *out)
{
	static const struct {
		uint8_t r, c;
	} round[4] = {{0, 1}, {4, 2}, {8, 4}, {12, 8}}; /* (r2,c2) to (r5,c5), TS 35.206 4.1 */
	struct aka_aes *aes = aka_aes_open(key->k);
	uint8_t temp[16], o[4][16];
	int err = AKA_ECRYPTO;

	if (!aes)
		return err;
	err = make_temp(aes, key, rand, temp);
	for (size_t i = 0; err == 0 && i < 4; i++)
		err = make_out(aes, key, temp, round[i].r, round[i].c, o[i]);
	if (err == 0) {
		memcpy(out->ak, o[0], 6);
		memcpy(out->res, o[0] + 8, 8);
		memcpy(out->ck, o[1], 16);
		memcpy(out->ik, o[2], 16);
		memcpy(out->ak_star, o[3], 6);
	}
	aka_aes_close(aes);
	explicit_bzero(temp, sizeof(temp));
	explicit_bzero(o, sizeof(o));
	return err;
}
