/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/base64.h"

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Six bits for each character, without padding; returns where it ended. */
static char *encode(const char *alphabet, const uint8_t *in, size_t n, char *out)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++) {
		acc = acc << 8 | in[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = alphabet[acc >> (bits - 6) & 63];
	}
	if (bits)
		*out++ = alphabet[acc << (6 - bits) & 63];
	return out;
}

int b64_encode(const uint8_t *in, size_t n, char *out, size_t size)
{
	char *end;

	if (n > B64_INPUT_MAX || size < B64_SIZE(n))
		return B64_E_SPACE;
	end = encode(plain, in, n, out);
	while ((end - out) % 4)
		*end++ = '=';
	*end = '\0';
	return (int)(end - out);
}

int b64url_encode(const uint8_t *in, size_t n, char *out, size_t size)
{
	char *end;

	if (n > B64_INPUT_MAX || size < B64URL_LEN(n) + 1)
		return B64_E_SPACE;
	end = encode(url, in, n, out);
	*end = '\0';
	return (int)(end - out);
}

static int value(char c, const char last[2])
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == last[0] ? 62 : c == last[1] ? 63 : -1;
}

/* in has no padding. *left: bits of the last character that belong to no octet. */
static int decode(const char *alphabet, struct slice in, uint8_t *out, size_t size, uint32_t *left)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (in.len > B64_INPUT_MAX)
		return B64_E_SPACE;
	if (in.len == 0 || in.len % 4 == 1)
		return B64_E_SYNTAX;
	for (size_t i = 0; i < in.len; i++) {
		int v = value(in.p[i], alphabet + 62);

		if (v < 0)
			return B64_E_SYNTAX;
		acc = acc << 6 | (uint32_t)v;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (n == size)
			return B64_E_SPACE;
		out[n++] = (uint8_t)(acc >> bits);
	}
	*left = acc & ((1u << bits) - 1);
	return (int)n;
}

static struct slice strip_padding(struct slice in)
{
	for (int pad = 0; pad < 2 && in.len && in.p[in.len - 1] == '='; pad++)
		in.len--;
	return in;
}

int b64_decode(struct slice in, uint8_t *out, size_t size)
{
	uint32_t left;

	if (in.len % 4 != 0)
		return B64_E_SYNTAX;
	return decode(plain, strip_padding(in), out, size, &left);
}

int b64_decode_unpadded(struct slice in, uint8_t *out, size_t size)
{
	uint32_t left;

	return decode(plain, strip_padding(in), out, size, &left);
}

int b64url_decode(struct slice in, uint8_t *out, size_t size)
{
	uint32_t left;
	int n = decode(url, in, out, size, &left);

	return n > 0 && left ? B64_E_SYNTAX : n;
}
