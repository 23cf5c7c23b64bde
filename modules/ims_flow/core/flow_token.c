/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/flow_token.h"

#include "base/base64.h"

#define PREFIX	   "flow1."
#define PREFIX_LEN 6
#define MAC_LEN	   16
#define RAW_LEN	   (1 + 8 + MAC_LEN)

_Static_assert(PREFIX_LEN + B64URL_LEN(RAW_LEN) == FLOW_TOKEN_LEN, "length of the text form");

int flow_token_keys_parse(struct slice text, struct flow_token_keys *out, unsigned *line)
{
	struct flow_token_keys keys = {.n = 0};
	uint8_t raw[32];
	unsigned at = 0;
	int rc = -1;

	while (text.p) {
		struct slice s = slice_cut(&text, '\n'), id;
		uint64_t number;

		at++;
		s = slice_trim(slice_cut(&s, '#'));
		if (!s.len)
			continue;
		id = slice_cut(&s, ' ');
		if (keys.n == FLOW_TOKEN_KEYS || slice_u64(id, 255, &number) ||
		    slice_hex(slice_trim(s), raw, sizeof(raw)))
			goto out;
		for (unsigned i = 0; i < keys.n; i++)
			if (keys.keys[i].id == number)
				goto out;
		keys.keys[keys.n].id = (uint8_t)number;
		hmac_sha256_key(&keys.keys[keys.n++].key, raw, sizeof(raw));
	}
	at = 0;
	if (keys.n) {
		*out = keys;
		rc = 0;
	}
out:
	if (line)
		*line = at;
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(raw, sizeof(raw));
	return rc;
}

/* What is signed: the version, too, so that no token of another form ever verifies. */
static void sign(const struct hmac_sha256_key *key, uint8_t raw[RAW_LEN])
{
	uint8_t text[5 + 9], mac[SHA256_LEN];

	memcpy(text, PREFIX, 5);
	memcpy(text + 5, raw, 9);
	hmac_sha256(key, text, sizeof(text), mac);
	memcpy(raw + 9, mac, MAC_LEN);
}

void flow_token_encode(const struct flow_token_keys *keys, uint64_t set_id,
		       char out[FLOW_TOKEN_LEN + 1])
{
	uint8_t raw[RAW_LEN];

	raw[0] = keys->keys[0].id;
	for (unsigned i = 0; i < 8; i++)
		raw[1 + i] = (uint8_t)(set_id >> (56 - 8 * i));
	sign(&keys->keys[0].key, raw);
	memcpy(out, PREFIX, PREFIX_LEN);
	b64url_encode(raw, sizeof(raw), out + PREFIX_LEN, FLOW_TOKEN_LEN + 1 - PREFIX_LEN);
}

int flow_token_decode(const struct flow_token_keys *keys, struct slice user, uint64_t *set_id)
{
	uint8_t raw[RAW_LEN], good[RAW_LEN], differ = 0;
	const struct hmac_sha256_key *key = NULL;
	uint64_t id = 0;

	if (user.len < PREFIX_LEN || memcmp(user.p, PREFIX, PREFIX_LEN) != 0)
		return FLOW_TOKEN_FOREIGN;
	if (user.len != FLOW_TOKEN_LEN)
		return FLOW_TOKEN_FORGED;
	if (b64url_decode(slice_make(user.p + PREFIX_LEN, user.len - PREFIX_LEN), raw,
			  sizeof(raw)) != RAW_LEN)
		return FLOW_TOKEN_FORGED;
	for (unsigned i = 0; i < keys->n; i++)
		if (keys->keys[i].id == raw[0])
			key = &keys->keys[i].key;
	if (!key)
		return FLOW_TOKEN_FORGED;
	memcpy(good, raw, 9);
	sign(key, good);
	for (unsigned i = 0; i < RAW_LEN; i++)
		differ |= (uint8_t)(raw[i] ^ good[i]);
	if (differ)
		return FLOW_TOKEN_FORGED;
	for (unsigned i = 0; i < 8; i++)
		id = id << 8 | raw[1 + i];
	*set_id = id;
	return FLOW_TOKEN_OK;
}
