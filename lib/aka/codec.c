/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/codec.h"

static const char b64_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int b64_encode(const uint8_t *in, size_t n, char *out, size_t size)
{
	char *o = out;

	if (n > (1u << 20) || size < B64_SIZE(n))
		return AKA_ESPACE;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < n)
			v |= in[i + 2];
		*o++ = b64_chars[v >> 18];
		*o++ = b64_chars[v >> 12 & 63];
		*o++ = i + 1 < n ? b64_chars[v >> 6 & 63] : '=';
		*o++ = i + 2 < n ? b64_chars[v & 63] : '=';
	}
	*o = '\0';
	return (int)(o - out);
}

static int b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int b64_decode(struct slice in, uint8_t *out, size_t size)
{
	size_t pad = 0, n;

	if (in.len == 0 || in.len % 4 != 0 || in.len > (1u << 20))
		return AKA_ESYNTAX;
	while (pad < 2 && in.p[in.len - 1 - pad] == '=')
		pad++;
	n = in.len / 4 * 3 - pad;
	for (size_t i = 0; i < in.len - pad; i++)
		if (b64_value(in.p[i]) < 0)
			return AKA_ESYNTAX;
	if (n > size)
		return AKA_ESPACE;
	for (size_t i = 0, o = 0; i < in.len; i += 4) {
		uint32_t v = 0;

		for (size_t j = 0; j < 4; j++)
			v = v << 6 | (uint32_t)(i + j < in.len - pad ? b64_value(in.p[i + j]) : 0);
		for (size_t j = 0; j < 3 && o < n; j++)
			out[o++] = (uint8_t)(v >> (16 - 8 * j));
	}
	return (int)n;
}

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
