/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/codec.h"

void hex_encode(const uint8_t *in, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[in[i] >> 4];
		*out++ = "0123456789abcdef"[in[i] & 15];
	}
	*out = '\0';
}

void aka_nonce_encode(const uint8_t rand[16], const uint8_t autn[16], char out[AKA_NONCE_SIZE])
{
	uint8_t both[32];

	memcpy(both, rand, 16);
	memcpy(both + 16, autn, 16);
	b64_encode(both, sizeof(both), out, AKA_NONCE_SIZE);
}

int aka_nonce_decode(struct slice nonce, uint8_t rand[16], uint8_t autn[16])
{
	uint8_t raw[256];
	int n = b64_decode(nonce, raw, sizeof(raw));

	if (n < 32)
		return AKA_ESYNTAX;
	memcpy(rand, raw, 16);
	memcpy(autn, raw + 16, 16);
	return 0;
}

int aka_auts_decode(struct slice b64, uint8_t auts[AKA_AUTS_LEN])
{
	uint8_t raw[AKA_AUTS_LEN];

	if (b64_decode(b64, raw, sizeof(raw)) != AKA_AUTS_LEN)
		return AKA_ESYNTAX;
	memcpy(auts, raw, sizeof(raw));
	return 0;
}
