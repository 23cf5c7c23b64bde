/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/seal.h"

#include <openssl/evp.h>
#include <string.h>

#include "aka/codec.h"
#include "aka/crypto.h"

enum { NONCE_LEN = 12, TAG_LEN = 16 };

/* The id names a key without telling anything of it. */
static int name_key(struct seal_key *key)
{
	static const char label[] = "ims-hss master key";
	uint8_t text[sizeof(label) + SEAL_KEY_LEN], hash[EVP_MAX_MD_SIZE];
	int ok;

	memcpy(text, label, sizeof(label));
	memcpy(text + sizeof(label), key->octets, SEAL_KEY_LEN);
	ok = EVP_Digest(text, sizeof(text), hash, NULL, EVP_sha256(), NULL);
	explicit_bzero(text, sizeof(text));
	hex_encode(hash, (SEAL_ID_SIZE - 1) / 2, key->id);
	return ok == 1 ? 0 : -1;
}

/* One line, its comment taken off. Returns 0, or -1 with why. */
static int take_line(struct slice line, struct seal_ring *ring, char *why, size_t size)
{
	struct seal_key key;

	if (line.len == 0)
		return 0;
	if (ring->n == SEAL_KEYS_MAX) {
		snprintf(why, size, "at most %d keys", SEAL_KEYS_MAX);
		return -1;
	}
	if (slice_hex(line, key.octets, sizeof(key.octets))) {
		snprintf(why, size, "a key is 64 hex digits, such as openssl rand -hex 32 prints");
		return -1;
	}
	if (name_key(&key)) {
		snprintf(why, size, "the crypto library refuses");
		return -1;
	}
	if (!seal_ring_find(ring, key.id))
		ring->key[ring->n++] = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

int seal_ring_parse(struct slice text, struct seal_ring *out, char *why, size_t size)
{
	char reason[128];

	memset(out, 0, sizeof(*out));
	for (unsigned int n = 1; text.p && text.len; n++) {
		struct slice rest = slice_cut(&text, '\n');

		if (take_line(slice_trim(slice_cut(&rest, '#')), out, reason, sizeof(reason))) {
			snprintf(why, size, "line %u: %s", n, reason);
			seal_ring_wipe(out);
			return -1;
		}
	}
	if (out->n)
		return 0;
	snprintf(why, size, "there is no key in it; make one with openssl rand -hex 32");
	return -1;
}

const struct seal_key *seal_ring_find(const struct seal_ring *ring, const char *id)
{
	for (size_t i = 0; i < ring->n; i++)
		if (strcmp(ring->key[i].id, id) == 0)
			return &ring->key[i];
	return NULL;
}

void seal_ring_wipe(struct seal_ring *ring)
{
	explicit_bzero(ring, sizeof(*ring));
}

/* A context with key, nonce and associated data taken in, or NULL. */
static EVP_CIPHER_CTX *begin(int encrypt, const struct seal_key *key, const uint8_t *nonce,
			     const char *column, const char *impi)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	/* the NUL between them keeps the two apart */
	if (ctx &&
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->octets, nonce, encrypt) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)column, (int)strlen(column) + 1) ==
		1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)impi, (int)strlen(impi)) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

int seal_make(const struct seal_key *key, const char *column, const char *impi, const void *plain,
	      size_t n, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = NULL;
	int done = 0, last;
	bool ok;

	if (n <= SEAL_PLAIN_MAX && aka_random(out, NONCE_LEN) == 0)
		ctx = begin(1, key, out, column, impi);
	ok = ctx && (n == 0 || EVP_CipherUpdate(ctx, out + NONCE_LEN, &done, plain, (int)n) == 1) &&
	     EVP_CipherFinal_ex(ctx, out + NONCE_LEN + done, &last) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + NONCE_LEN + n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok ? 0 : -1;
}

int seal_open(const struct seal_key *key, const char *column, const char *impi, struct slice sealed,
	      void *out, size_t n)
{
	const uint8_t *in = (const uint8_t *)sealed.p;
	uint8_t tag[TAG_LEN], end[16];
	EVP_CIPHER_CTX *ctx = NULL;
	int done = 0, last;
	bool ok;

	if (n <= SEAL_PLAIN_MAX && sealed.p && sealed.len == n + SEAL_OVERHEAD) {
		memcpy(tag, in + NONCE_LEN + n, TAG_LEN);
		ctx = begin(0, key, in, column, impi);
	}
	ok = ctx && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
	     (n == 0 || EVP_CipherUpdate(ctx, out, &done, in + NONCE_LEN, (int)n) == 1) &&
	     EVP_CipherFinal_ex(ctx, end, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		explicit_bzero(out, n);
	return ok ? 0 : -1;
}
