/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA1_* is deprecated in OpenSSL 3 but the only way to start a digest from a saved state without
 * an allocation per packet. Counter mode is made from ECB here: EVP's CTR needs an init per packet,
 * which costs more than the blocks of a voice packet and counts references that all threads share.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "agw/media/srtp_crypto.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <srtp2/auth.h>
#include <srtp2/cipher.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/slice.h"

enum { BLOCK = 16, ICM_SALT = 14, BATCH = 32, SHA1_BLOCK = 64, SHA1_OCTETS = 20 };

static EVP_CIPHER *ecb[3], *gcm[2]; /* fetched once, only read afterwards */
static srtp_cipher_type_t icm_types[3], gcm_types[2];
static srtp_auth_type_t hmac_type;

/* ---- AES in integer counter mode (RFC 3711 4.1.1) ---- */

struct icm {
	srtp_cipher_t base; /* first: libsrtp2's pointer is ours */
	EVP_CIPHER_CTX *aes;
	int variant;
	uint8_t salt[BLOCK];
	uint8_t nonce[BLOCK - 2]; /* salt xor IV, without the block counter */
	uint16_t counter;
	unsigned spare; /* octets at the end of stream[] not used yet */
	uint8_t stream[BLOCK];
};

static srtp_err_status_t icm_alloc(srtp_cipher_pointer_t *out, int key_len, int tag_len)
{
	struct icm *c;
	int v = (key_len - ICM_SALT) / 8 - 2;

	(void)tag_len;
	if (v < 0 || v > 2 || key_len != ICM_SALT + 16 + 8 * v)
		return srtp_err_status_bad_param;
	c = calloc(1, sizeof(*c));
	if (!c)
		return srtp_err_status_alloc_fail;
	c->aes = EVP_CIPHER_CTX_new();
	if (!c->aes) {
		free(c);
		return srtp_err_status_alloc_fail;
	}
	c->variant = v;
	c->base = (srtp_cipher_t){.type = &icm_types[v],
				  .state = c,
				  .key_len = key_len,
				  .algorithm = (int)icm_types[v].id};
	*out = &c->base;
	return srtp_err_status_ok;
}

static srtp_err_status_t icm_dealloc(srtp_cipher_pointer_t p)
{
	struct icm *c = p->state;

	EVP_CIPHER_CTX_free(c->aes);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
	return srtp_err_status_ok;
}

static srtp_err_status_t icm_init(void *state, const uint8_t *key)
{
	struct icm *c = state;

	memset(c->salt, 0, sizeof(c->salt));
	memcpy(c->salt, key + c->base.key_len - ICM_SALT, ICM_SALT);
	if (!EVP_EncryptInit_ex(c->aes, ecb[c->variant], NULL, key, NULL))
		return srtp_err_status_init_fail;
	EVP_CIPHER_CTX_set_padding(c->aes, 0);
	c->spare = 0;
	return srtp_err_status_ok;
}

static srtp_err_status_t icm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t dir)
{
	struct icm *c = state;

	(void)dir;
	for (size_t i = 0; i < sizeof(c->nonce); i++)
		c->nonce[i] = c->salt[i] ^ iv[i];
	c->counter = (uint16_t)(iv[14] << 8 | iv[15]);
	c->spare = 0;
	return srtp_err_status_ok;
}

static void xor_into(uint8_t *d, const uint8_t *k, size_t n)
{
	for (; n >= 8; n -= 8, d += 8, k += 8) {
		uint64_t a, b;

		memcpy(&a, d, 8);
		memcpy(&b, k, 8);
		a ^= b;
		memcpy(d, &a, 8);
	}
	while (n--)
		*d++ ^= *k++;
}

/* libsrtp2 may call several times after one set_iv (encrypted header extensions, RFC 6904) and
 * expects the key stream to go on where it stopped, in the middle of a block too. */
static srtp_err_status_t icm_crypt(void *state, uint8_t *p, unsigned *len)
{
	struct icm *c = state;
	size_t left = *len;
	uint8_t keys[BATCH * BLOCK];

	if (c->spare && left) {
		size_t n = left < c->spare ? left : c->spare;

		xor_into(p, c->stream + BLOCK - c->spare, n);
		c->spare -= (unsigned)n;
		p += n;
		left -= n;
	}
	while (left) {
		size_t blocks = (left + BLOCK - 1) / BLOCK, n;
		int made = 0;

		if (blocks > BATCH)
			blocks = BATCH;
		for (size_t i = 0; i < blocks; i++, c->counter++) {
			uint8_t *b = keys + i * BLOCK;

			memcpy(b, c->nonce, sizeof(c->nonce));
			b[14] = (uint8_t)(c->counter >> 8);
			b[15] = (uint8_t)c->counter;
		}
		if (!EVP_EncryptUpdate(c->aes, keys, &made, keys, (int)(blocks * BLOCK)) ||
		    made != (int)(blocks * BLOCK))
			return srtp_err_status_cipher_fail;
		n = left < blocks * BLOCK ? left : blocks * BLOCK;
		xor_into(p, keys, n);
		if (n % BLOCK) {
			c->spare = (unsigned)(BLOCK - n % BLOCK);
			memcpy(c->stream, keys + (blocks - 1) * BLOCK, BLOCK);
		}
		p += n;
		left -= n;
	}
	return srtp_err_status_ok;
}

/* ---- AES-GCM (RFC 7714) ---- */

struct gcm {
	srtp_cipher_t base;
	EVP_CIPHER_CTX *aes;
	int variant;
	int tag_len;
	bool ready, encrypt;
};

static srtp_err_status_t gcm_alloc(srtp_cipher_pointer_t *out, int key_len, int tag_len)
{
	int v = key_len == 16 + 12 ? 0 : key_len == 32 + 12 ? 1 : -1;
	struct gcm *c;

	if (v < 0 || (tag_len != 8 && tag_len != 16))
		return srtp_err_status_bad_param;
	c = calloc(1, sizeof(*c));
	if (!c)
		return srtp_err_status_alloc_fail;
	c->aes = EVP_CIPHER_CTX_new();
	if (!c->aes) {
		free(c);
		return srtp_err_status_alloc_fail;
	}
	c->variant = v;
	c->tag_len = tag_len;
	c->base = (srtp_cipher_t){.type = &gcm_types[v],
				  .state = c,
				  .key_len = key_len,
				  .algorithm = (int)gcm_types[v].id};
	*out = &c->base;
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_dealloc(srtp_cipher_pointer_t p)
{
	struct gcm *c = p->state;

	EVP_CIPHER_CTX_free(c->aes);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_init(void *state, const uint8_t *key)
{
	struct gcm *c = state;

	c->ready = false;
	return EVP_CipherInit_ex(c->aes, gcm[c->variant], NULL, key, NULL, 1)
		   ? srtp_err_status_ok
		   : srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t dir)
{
	struct gcm *c = state;

	c->encrypt = dir == srtp_direction_encrypt;
	c->ready = EVP_CipherInit_ex(c->aes, NULL, NULL, NULL, iv, c->encrypt) == 1;
	return c->ready ? srtp_err_status_ok : srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad, uint32_t len)
{
	struct gcm *c = state;
	int n;

	return !len || EVP_CipherUpdate(c->aes, NULL, &n, aad, (int)len)
		   ? srtp_err_status_ok
		   : srtp_err_status_algo_fail;
}

/* The buffer is NULL with no octets for SRTCP that is only authenticated. */
static srtp_err_status_t gcm_encrypt(void *state, uint8_t *p, unsigned *len)
{
	struct gcm *c = state;
	int n;

	if (!c->ready || !c->encrypt)
		return srtp_err_status_bad_param;
	return !*len || EVP_EncryptUpdate(c->aes, p, &n, p, (int)*len)
		   ? srtp_err_status_ok
		   : srtp_err_status_cipher_fail;
}

static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag, uint32_t *len)
{
	struct gcm *c = state;
	uint8_t none[BLOCK];
	int n;

	if (!EVP_EncryptFinal_ex(c->aes, none, &n) ||
	    EVP_CIPHER_CTX_ctrl(c->aes, EVP_CTRL_AEAD_GET_TAG, c->tag_len, tag) <= 0)
		return srtp_err_status_algo_fail;
	*len = (uint32_t)c->tag_len;
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_decrypt(void *state, uint8_t *p, unsigned *len)
{
	struct gcm *c = state;
	uint8_t none[BLOCK];
	unsigned text;
	int n;

	if (!c->ready || c->encrypt || *len < (unsigned)c->tag_len)
		return srtp_err_status_bad_param;
	text = *len - (unsigned)c->tag_len;
	if (EVP_CIPHER_CTX_ctrl(c->aes, EVP_CTRL_AEAD_SET_TAG, c->tag_len, p + text) <= 0 ||
	    (text && !EVP_DecryptUpdate(c->aes, p, &n, p, (int)text)))
		return srtp_err_status_auth_fail;
	if (EVP_DecryptFinal_ex(c->aes, none, &n) <= 0) {
		OPENSSL_cleanse(p, text); /* what was not authenticated is nobody's to see */
		return srtp_err_status_auth_fail;
	}
	*len = text;
	return srtp_err_status_ok;
}

/* ---- HMAC-SHA1: the states after the inner and outer pad are kept ---- */

struct hmac {
	srtp_auth_t base;
	SHA_CTX inner, outer, run;
};

static srtp_err_status_t hmac_dealloc(srtp_auth_pointer_t p)
{
	struct hmac *h = p->state;

	OPENSSL_cleanse(h, sizeof(*h));
	free(h);
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_alloc(srtp_auth_pointer_t *out, int key_len, int out_len)
{
	struct hmac *h;

	if (key_len < 0 || key_len > SHA1_BLOCK || out_len < 0 || out_len > SHA1_OCTETS)
		return srtp_err_status_bad_param;
	h = calloc(1, sizeof(*h));
	if (!h)
		return srtp_err_status_alloc_fail;
	h->base =
	    (srtp_auth_t){.type = &hmac_type, .state = h, .out_len = out_len, .key_len = key_len};
	*out = &h->base;
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_init(void *state, const uint8_t *key, int key_len)
{
	struct hmac *h = state;
	uint8_t in[SHA1_BLOCK] = {0}, out[SHA1_BLOCK];

	if (key_len < 0 || key_len > SHA1_BLOCK)
		return srtp_err_status_bad_param;
	memcpy(in, key, (size_t)key_len);
	for (int i = 0; i < SHA1_BLOCK; i++) {
		out[i] = in[i] ^ 0x5c;
		in[i] ^= 0x36;
	}
	SHA1_Init(&h->inner);
	SHA1_Update(&h->inner, in, sizeof(in));
	SHA1_Init(&h->outer);
	SHA1_Update(&h->outer, out, sizeof(out));
	h->run = h->inner;
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(out, sizeof(out));
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_start(void *state)
{
	struct hmac *h = state;

	h->run = h->inner;
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_update(void *state, const uint8_t *p, int n)
{
	struct hmac *h = state;

	SHA1_Update(&h->run, p, (size_t)n);
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_compute(void *state, const uint8_t *p, int n, int tag_len,
				      uint8_t *tag)
{
	struct hmac *h = state;
	uint8_t d[SHA1_OCTETS];

	if (tag_len < 0 || tag_len > SHA1_OCTETS)
		return srtp_err_status_bad_param;
	SHA1_Update(&h->run, p, (size_t)n);
	SHA1_Final(d, &h->run);
	h->run = h->outer;
	SHA1_Update(&h->run, d, sizeof(d));
	SHA1_Final(d, &h->run);
	memcpy(tag, d, (size_t)tag_len);
	return srtp_err_status_ok;
}

/* ---- known answers: RFC 3711 B.2, RFC 6188 7.1 and 7.2, RFC 7714 16.1.1 and 16.2.1, RFC 2202 3
 * ---- */

static const struct {
	const char *key_salt, *stream;
} icm_known[3] = {
    {"2b7e151628aed2a6abf7158809cf4f3cf0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"},
    {"eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7f0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "35096cba4610028dc1b57503804ce37c5de986291dcce161d5165ec4568f5c9a"},
    {"57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98f0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac"},
};
static const char *const gcm_known[2] = {
    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152"
    "cf765e"
    "e4390cce",
    "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9"
    "bb7878"
    "d7a76c13",
};

static uint8_t zero[32];
static uint8_t icm_key[3][46], icm_stream[3][32];
static uint8_t gcm_iv[12], gcm_aad[12], gcm_out[2][54], gcm_key[2][44];
static uint8_t hmac_key[20], hmac_tag[20];
static srtp_cipher_test_case_t icm_case[3], gcm_case[2];
static srtp_auth_test_case_t hmac_case;

static void unhex(const char *s, uint8_t *out)
{
	if (slice_hex(slice_str(s), out, strlen(s) / 2) < 0)
		abort(); /* a typing mistake in the tables above */
}

static void fill_known_answers(void)
{
	for (int v = 0; v < 3; v++) {
		unhex(icm_known[v].key_salt, icm_key[v]);
		unhex(icm_known[v].stream, icm_stream[v]);
		icm_case[v] = (srtp_cipher_test_case_t){.key_length_octets = 30 + 8 * v,
							.key = icm_key[v],
							.idx = zero,
							.plaintext_length_octets = 32,
							.plaintext = zero,
							.ciphertext_length_octets = 32,
							.ciphertext = icm_stream[v]};
	}
	unhex("51753c6580c2726f20718414", gcm_iv);
	unhex("8040f17b8041f8d35501a0b2", gcm_aad);
	for (int v = 0; v < 2; v++) {
		int key_len = 16 + 16 * v;

		for (int i = 0; i < key_len; i++)
			gcm_key[v][i] = (uint8_t)i;
		unhex(gcm_known[v], gcm_out[v]);
		gcm_case[v] = (srtp_cipher_test_case_t){
		    .key_length_octets = key_len + 12,
		    .key = gcm_key[v],
		    .idx = gcm_iv,
		    .plaintext_length_octets = 38,
		    .plaintext = (const uint8_t *)"Gallia est omnis divisa in partes tres",
		    .ciphertext_length_octets = 54,
		    .ciphertext = gcm_out[v],
		    .aad_length_octets = 12,
		    .aad = gcm_aad,
		    .tag_length_octets = 16};
	}
	memset(hmac_key, 0x0b, sizeof(hmac_key));
	unhex("b617318655057264e28bc0b6fb378c8ef146be00", hmac_tag);
	hmac_case = (srtp_auth_test_case_t){.key_length_octets = 20,
					    .key = hmac_key,
					    .data_length_octets = 8,
					    .data = (const uint8_t *)"Hi There",
					    .tag_length_octets = 20,
					    .tag = hmac_tag};
}

int srtp_crypto_install(void)
{
	static const char *const ecb_names[3] = {"AES-128-ECB", "AES-192-ECB", "AES-256-ECB"};
	static const char *const gcm_names[2] = {"AES-128-GCM", "AES-256-GCM"};
	static const srtp_cipher_type_id_t icm_ids[3] = {SRTP_AES_ICM_128, SRTP_AES_ICM_192,
							 SRTP_AES_ICM_256};
	static const srtp_cipher_type_id_t gcm_ids[2] = {SRTP_AES_GCM_128, SRTP_AES_GCM_256};

	if (srtp_get_version() >> 24 != 2) /* 3.x has other structures */
		return -1;
	fill_known_answers();
	for (int v = 0; v < 3; v++) {
		if (!ecb[v])
			ecb[v] = EVP_CIPHER_fetch(NULL, ecb_names[v], NULL);
		icm_types[v] = (srtp_cipher_type_t){.alloc = icm_alloc,
						    .dealloc = icm_dealloc,
						    .init = icm_init,
						    .encrypt = icm_crypt,
						    .decrypt = icm_crypt,
						    .set_iv = icm_set_iv,
						    .description = "AES counter mode on EVP",
						    .test_data = &icm_case[v],
						    .id = icm_ids[v]};
		if (!ecb[v] || srtp_replace_cipher_type(&icm_types[v], icm_ids[v]))
			return -1;
	}
	for (int v = 0; v < 2; v++) {
		if (!gcm[v])
			gcm[v] = EVP_CIPHER_fetch(NULL, gcm_names[v], NULL);
		gcm_types[v] = (srtp_cipher_type_t){.alloc = gcm_alloc,
						    .dealloc = gcm_dealloc,
						    .init = gcm_init,
						    .set_aad = gcm_set_aad,
						    .encrypt = gcm_encrypt,
						    .decrypt = gcm_decrypt,
						    .set_iv = gcm_set_iv,
						    .get_tag = gcm_get_tag,
						    .description = "AES-GCM on EVP",
						    .test_data = &gcm_case[v],
						    .id = gcm_ids[v]};
		if (!gcm[v] || srtp_replace_cipher_type(&gcm_types[v], gcm_ids[v]))
			return -1;
	}
	hmac_type = (srtp_auth_type_t){.alloc = hmac_alloc,
				       .dealloc = hmac_dealloc,
				       .init = hmac_init,
				       .compute = hmac_compute,
				       .update = hmac_update,
				       .start = hmac_start,
				       .description = "HMAC-SHA1 on OpenSSL",
				       .test_data = &hmac_case,
				       .id = SRTP_HMAC_SHA1};
	return srtp_replace_auth_type(&hmac_type, SRTP_HMAC_SHA1) ? -1 : 0;
}
