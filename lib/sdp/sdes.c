/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/sdes.h"
#include "base/base64.h"
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	uint8_t key, salt;
} suites[SDES_SUITES] = {
    [SDES_NONE] = {"none", 0, 0},
    [SDES_AES_CM_128_HMAC_SHA1_80] = {"AES_CM_128_HMAC_SHA1_80", 16, 14},
    [SDES_AES_CM_128_HMAC_SHA1_32] = {"AES_CM_128_HMAC_SHA1_32", 16, 14},
    [SDES_AES_256_CM_HMAC_SHA1_80] = {"AES_256_CM_HMAC_SHA1_80", 32, 14},
    [SDES_AES_256_CM_HMAC_SHA1_32] = {"AES_256_CM_HMAC_SHA1_32", 32, 14},
    [SDES_AEAD_AES_128_GCM] = {"AEAD_AES_128_GCM", 16, 12},
    [SDES_AEAD_AES_256_GCM] = {"AEAD_AES_256_GCM", 32, 12},
};

const char *sdes_suite_name(enum sdes_suite s)
{
	return s < SDES_SUITES ? suites[s].name : "?";
}

size_t sdes_suite_key_octets(enum sdes_suite s)
{
	return s < SDES_SUITES ? suites[s].key : 0;
}

size_t sdes_suite_salt_octets(enum sdes_suite s)
{
	return s < SDES_SUITES ? suites[s].salt : 0;
}

/* Lifetime: "2^20" or a decimal number, at most 2^48 (RFC 4568 6.1). */
static int check_lifetime(struct slice s)
{
	uint64_t v;

	if (s.len > 2 && s.p[0] == '2' && s.p[1] == '^')
		return slice_u64(slice_make(s.p + 2, s.len - 2), 48, &v) == 0 && v > 0 ? 0 : -1;
	return slice_u64(s, (uint64_t)1 << 48, &v) == 0 && v > 0 ? 0 : -1;
}

/* "value:length": the value is decimal and written in length octets, big endian. */
static int parse_mki(struct slice s, struct sdes_key *k)
{
	struct slice value = slice_cut(&s, ':');
	uint64_t v, len;

	if (slice_u64(value, UINT64_MAX, &v) < 0 || slice_u64(s, SDES_MKI_MAX, &len) < 0 || !len)
		return -1;
	if (len < 8 && v >> (8 * len))
		return -1;
	k->mki_len = (uint8_t)len;
	memset(k->mki, 0, sizeof(k->mki));
	for (size_t i = 0; i < len && i < 8; i++)
		k->mki[len - 1 - i] = (uint8_t)(v >> (8 * i));
	return 0;
}

static int parse_inline(struct slice s, struct sdes_key *k)
{
	static const char prefix[] = "inline:";
	struct slice first = slice_cut(&s, ';');
	struct slice b;
	size_t n = (size_t)suites[k->suite].key + suites[k->suite].salt;

	if (first.len < sizeof(prefix) - 1 ||
	    !slice_eq_nocase(slice_make(first.p, sizeof(prefix) - 1), slice_str(prefix)))
		return SDES_ESYNTAX;
	if (s.len)
		return SDES_EKEYS;
	first.p += sizeof(prefix) - 1;
	first.len -= sizeof(prefix) - 1;
	b = slice_cut(&first, '|');
	if (b64_decode_unpadded(b, k->key, n) != (int)n)
		return SDES_EKEY;
	for (int part = 0; first.p; part++) {
		struct slice item = slice_cut(&first, '|');

		if (memchr(item.p, ':', item.len)) {
			if (k->mki_len || parse_mki(item, k) < 0)
				return SDES_ELIFETIME;
		} else if (part || check_lifetime(item) < 0) {
			return SDES_ELIFETIME;
		}
	}
	return SDES_OK;
}

/* Only parameters that leave the protection whole are taken; declarative ones are for the peer's
 * side. */
static int check_param(struct slice s)
{
	static const char *const harmless[] = {"WSH=", "FEC_ORDER=", "FEC_KEY="};

	if (s.len && s.p[0] == '-')
		return 0;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		size_t n = strlen(harmless[i]);

		if (s.len > n && slice_eq_nocase(slice_make(s.p, n), slice_str(harmless[i])))
			return 0;
	}
	/* A key derivation rate other than 0 would need re-derivation, which libsrtp2 has not. */
	return slice_eq_nocase(s, SLICE_LIT("KDR=0")) ? 0 : -1;
}

int sdes_parse(struct slice value, struct sdes_key *out)
{
	struct sdes_key k = {0};
	struct slice rest = slice_trim(value);
	struct slice tag = slice_cut(&rest, ' '), suite, key;
	uint64_t v;
	int rc = SDES_ESUITE;

	if (slice_u64(tag, 999999999, &v) < 0 || (tag.len > 1 && tag.p[0] == '0'))
		return SDES_ESYNTAX;
	k.tag = (uint32_t)v;
	rest = slice_trim(rest);
	suite = slice_cut(&rest, ' ');
	rest = slice_trim(rest);
	key = slice_cut(&rest, ' ');
	if (!suite.len || !key.len)
		return SDES_ESYNTAX;
	for (int i = 1; i < SDES_SUITES; i++)
		if (slice_eq_nocase(suite, slice_str(suites[i].name))) {
			k.suite = (enum sdes_suite)i;
			rc = parse_inline(key, &k);
		}
	while (rc == SDES_OK && rest.len) {
		rest = slice_trim(rest);
		if (rest.len && check_param(slice_cut(&rest, ' ')) < 0)
			rc = SDES_EPARAM;
	}
	if (rc == SDES_OK)
		*out = k;
	sdes_key_wipe(&k);
	return rc;
}

int sdes_print(const struct sdes_key *key, char *buf, size_t size)
{
	size_t n = sdes_suite_key_octets(key->suite) + sdes_suite_salt_octets(key->suite);
	char text[B64_SIZE(SDES_KEY_SALT_MAX)];
	int len;

	if (key->suite <= SDES_NONE || key->suite >= SDES_SUITES)
		return SDES_EPARAM;
	b64_encode(key->key, n, text, sizeof(text));
	len = snprintf(buf, size, "%u %s inline:%s", key->tag, suites[key->suite].name, text);
	explicit_bzero(text, sizeof(text));
	if (len < 0 || (size_t)len >= size)
		return SDES_EPARAM;
	if (key->mki_len) {
		uint64_t v = 0;
		int more;

		for (size_t i = 0; i < key->mki_len; i++)
			v = v << 8 | key->mki[i];
		more = snprintf(buf + len, size - (size_t)len, "|%llu:%u", (unsigned long long)v,
				key->mki_len);
		if (more < 0 || (size_t)(len + more) >= size)
			return SDES_EPARAM;
		len += more;
	}
	return len;
}

bool sdes_key_eq(const struct sdes_key *a, const struct sdes_key *b)
{
	size_t n = sdes_suite_key_octets(a->suite) + sdes_suite_salt_octets(a->suite);

	return a->suite == b->suite && memcmp(a->key, b->key, n) == 0 && a->mki_len == b->mki_len &&
	       memcmp(a->mki, b->mki, a->mki_len) == 0;
}

void sdes_key_wipe(struct sdes_key *key)
{
	explicit_bzero(key, sizeof(*key));
}
