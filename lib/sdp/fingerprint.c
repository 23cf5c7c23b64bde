/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/fingerprint.h"
#include <string.h>

static const struct {
	const char *name;
	size_t octets;
} hashes[FINGERPRINT_HASHES] = {
    [FINGERPRINT_SHA512] = {"SHA-512", 64}, [FINGERPRINT_SHA384] = {"SHA-384", 48},
    [FINGERPRINT_SHA256] = {"SHA-256", 32}, [FINGERPRINT_SHA224] = {"SHA-224", 28},
    [FINGERPRINT_SHA1] = {"SHA-1", 20},
};

const char *fingerprint_hash_name(enum fingerprint_hash h)
{
	return h < FINGERPRINT_HASHES ? hashes[h].name : "?";
}

size_t fingerprint_hash_octets(enum fingerprint_hash h)
{
	return h < FINGERPRINT_HASHES ? hashes[h].octets : 0;
}

int fingerprint_hash_parse(struct slice name, enum fingerprint_hash *out)
{
	for (int i = 0; i < FINGERPRINT_HASHES; i++)
		if (slice_eq_nocase(name, slice_str(hashes[i].name))) {
			*out = (enum fingerprint_hash)i;
			return 0;
		}
	return -1;
}

int fingerprint_parse(struct slice value, struct fingerprint *out)
{
	struct fingerprint fp = {0};
	struct slice rest = slice_trim(value);
	struct slice name = slice_cut(&rest, ' ');
	size_t n;

	rest = slice_trim(rest);
	if (!name.len || !rest.len)
		return -1;
	if (fingerprint_hash_parse(name, &fp.hash) < 0)
		return 1;
	n = hashes[fp.hash].octets;
	if (rest.len != 3 * n - 1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (slice_hex(slice_make(rest.p + 3 * i, 2), &fp.octets[i], 1) < 0)
			return -1;
		if (i + 1 < n && rest.p[3 * i + 2] != ':')
			return -1;
	}
	*out = fp;
	return 0;
}

int fingerprint_set_add(struct fingerprint_set *set, struct slice value)
{
	struct fingerprint fp;
	int rc = fingerprint_parse(value, &fp);

	if (rc)
		return rc;
	if (set->n >= FINGERPRINT_SET_MAX)
		return -1;
	set->items[set->n++] = fp;
	return 0;
}

char *fingerprint_print(const uint8_t *octets, size_t n, char buf[FINGERPRINT_TEXT_MAX])
{
	static const char digits[] = "0123456789ABCDEF";
	char *w = buf;

	for (size_t i = 0; i < n && i < FINGERPRINT_OCTETS_MAX; i++) {
		if (i)
			*w++ = ':';
		*w++ = digits[octets[i] >> 4];
		*w++ = digits[octets[i] & 15];
	}
	*w = 0;
	return buf;
}

int fingerprint_set_deciding(const struct fingerprint_set *set, bool allow_sha1,
			     enum fingerprint_hash *out)
{
	for (int h = 0; h < FINGERPRINT_HASHES; h++) {
		if (h == FINGERPRINT_SHA1 && !allow_sha1)
			continue;
		for (size_t i = 0; i < set->n; i++)
			if ((int)set->items[i].hash == h) {
				*out = (enum fingerprint_hash)h;
				return 0;
			}
	}
	return -1;
}

bool fingerprint_set_has(const struct fingerprint_set *set, enum fingerprint_hash h,
			 const uint8_t *digest)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].hash == h &&
		    memcmp(set->items[i].octets, digest, fingerprint_hash_octets(h)) == 0)
			return true;
	return false;
}

bool fingerprint_set_eq(const struct fingerprint_set *a, const struct fingerprint_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->items[i].hash != b->items[i].hash ||
		    memcmp(a->items[i].octets, b->items[i].octets,
			   fingerprint_hash_octets(a->items[i].hash)) != 0)
			return false;
	return true;
}
