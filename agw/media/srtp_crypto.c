/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA1_* is deprecated in OpenSSL 3 but the only way to start a digest from a saved state without
 * an allocation per packet. Counter mode is made from ECB here: EVP's CTR needs an init per packet,
 * which costs more than the blocks of a voice packet and counts references that all threads share.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "agw/media/srtp_crypto.h"
#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <srtp2/auth.h>
#include <srtp2/cipher.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "agw/media/cache.h"
#include "agw/media/srtp_known.h"

enum { BLOCK = 16, ICM_SALT = 14, BATCH = 32, SHA1_BLOCK = 64, SHA1_OCTETS = 20 };

static EVP_CIPHER *ecb[3], *gcm[2]; /* fetched once, only read afterwards */
static srtp_cipher_type_t icm_types[3], gcm_types[2];
static srtp_auth_type_t hmac_type;
static struct srtp_known known; /* libsrtp2 keeps pointers into it */
static _Thread_local struct srtp_crypto_place *noting;

void srtp_crypto_note(struct srtp_crypto_place *place)
{
	noting = place;
	if (place)
		*place = (struct srtp_crypto_place){0};
}

/* ---- what both ciphers begin with ---- */

struct cipher {
	srtp_cipher_t base; /* first: libsrtp2's pointer is ours */
	size_t size;	    /* of the whole object */
	EVP_CIPHER_CTX *aes;
	int variant; /* which key length */
};

/*
 * An object of that size with everything after the head zeroed; NULL without memory. OpenSSL is told
 * the cipher although there is no key yet: so what will hold the key is made now and lies behind the
 * context, where srtp_crypto_prefetch() reaches it.
 */
static void *cipher_new(size_t size, srtp_cipher_type_t *type, int variant, int key_len,
			const EVP_CIPHER *evp)
{
	struct cipher *c = calloc(1, size);

	if (!c)
		return NULL;
	c->aes = EVP_CIPHER_CTX_new();
	if (!c->aes || !EVP_EncryptInit_ex(c->aes, evp, NULL, NULL, NULL)) {
		EVP_CIPHER_CTX_free(c->aes);
		free(c);
		return NULL;
	}
	c->size = size;
	c->variant = variant;
	c->base = (srtp_cipher_t){
	    .type = type, .state = c, .key_len = key_len, .algorithm = (int)type->id};
	if (noting && !noting->cipher) {
		noting->cipher = c;
		noting->aes = c->aes;
	}
	return c;
}

static srtp_err_status_t cipher_dealloc(srtp_cipher_pointer_t p)
{
	struct cipher *c = p->state;

	EVP_CIPHER_CTX_free(c->aes);
	OPENSSL_cleanse(c, c->size);
	free(c);
	return srtp_err_status_ok;
}

/* ---- AES in integer counter mode (RFC 3711 4.1.1) ---- */

struct icm {
	struct cipher head;
	uint64_t salt[2];  /* as it stands in memory */
	uint64_t nonce[2]; /* salt xor IV; in place of the last two octets comes the counter */
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
	c = cipher_new(sizeof(*c), &icm_types[v], v, key_len, ecb[v]);
	if (!c)
		return srtp_err_status_alloc_fail;
	*out = &c->head.base;
	return srtp_err_status_ok;
}

static srtp_err_status_t icm_init(void *state, const uint8_t *key)
{
	struct icm *c = state;

	memset(c->salt, 0, sizeof(c->salt));
	memcpy(c->salt, key + c->head.base.key_len - ICM_SALT, ICM_SALT);
	if (!EVP_EncryptInit_ex(c->head.aes, NULL, NULL, key, NULL))
		return srtp_err_status_init_fail;
	EVP_CIPHER_CTX_set_padding(c->head.aes, 0);
	c->spare = 0;
	return srtp_err_status_ok;
}

static srtp_err_status_t icm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t dir)
{
	struct icm *c = state;
	uint64_t half[2];

	(void)dir;
	memcpy(half, iv, sizeof(half));
	c->nonce[0] = c->salt[0] ^ half[0];
	c->nonce[1] = (c->salt[1] ^ half[1]) & htobe64(~(uint64_t)UINT16_MAX);
	c->counter = (uint16_t)(iv[14] << 8 | iv[15]);
	c->spare = 0;
	return srtp_err_status_ok;
}

typedef uint64_t two_words __attribute__((vector_size(BLOCK)));

static void xor_into(uint8_t *d, const uint8_t *k, size_t n)
{
	for (; n >= BLOCK; n -= BLOCK, d += BLOCK, k += BLOCK) {
		two_words a, b;

		memcpy(&a, d, sizeof(a));
		memcpy(&b, k, sizeof(b));
		a ^= b;
		memcpy(d, &a, sizeof(a));
	}
	while (n--)
		*d++ ^= *k++;
}

/* The next counter blocks, to be encrypted to key stream. */
static void icm_blocks(struct icm *c, uint8_t *out, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++) {
		uint64_t block[2] = {c->nonce[0], c->nonce[1] | htobe64(c->counter++)};

		memcpy(out + i * BLOCK, block, sizeof(block));
	}
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
		icm_blocks(c, keys, blocks);
		if (!EVP_EncryptUpdate(c->head.aes, keys, &made, keys, (int)(blocks * BLOCK)) ||
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
	struct cipher head;
	int tag_len;
	bool ready, encrypt;
};

static srtp_err_status_t gcm_alloc(srtp_cipher_pointer_t *out, int key_len, int tag_len)
{
	int v = key_len == 16 + 12 ? 0 : key_len == 32 + 12 ? 1 : -1;
	struct gcm *c;

	if (v < 0 || (tag_len != 8 && tag_len != 16))
		return srtp_err_status_bad_param;
	c = cipher_new(sizeof(*c), &gcm_types[v], v, key_len, gcm[v]);
	if (!c)
		return srtp_err_status_alloc_fail;
	c->tag_len = tag_len;
	*out = &c->head.base;
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_init(void *state, const uint8_t *key)
{
	struct gcm *c = state;

	c->ready = false;
	return EVP_CipherInit_ex(c->head.aes, NULL, NULL, key, NULL, 1) ? srtp_err_status_ok
									: srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t dir)
{
	struct gcm *c = state;

	c->encrypt = dir == srtp_direction_encrypt;
	c->ready = EVP_CipherInit_ex(c->head.aes, NULL, NULL, NULL, iv, c->encrypt) == 1;
	return c->ready ? srtp_err_status_ok : srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad, uint32_t len)
{
	struct gcm *c = state;
	int n;

	return !len || EVP_CipherUpdate(c->head.aes, NULL, &n, aad, (int)len)
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
	return !*len || EVP_EncryptUpdate(c->head.aes, p, &n, p, (int)*len)
		   ? srtp_err_status_ok
		   : srtp_err_status_cipher_fail;
}

static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag, uint32_t *len)
{
	struct gcm *c = state;
	uint8_t none[BLOCK];
	int n;

	if (!EVP_EncryptFinal_ex(c->head.aes, none, &n) ||
	    EVP_CIPHER_CTX_ctrl(c->head.aes, EVP_CTRL_AEAD_GET_TAG, c->tag_len, tag) <= 0)
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
	if (EVP_CIPHER_CTX_ctrl(c->head.aes, EVP_CTRL_AEAD_SET_TAG, c->tag_len, p + text) <= 0 ||
	    (text && !EVP_DecryptUpdate(c->head.aes, p, &n, p, (int)text)))
		return srtp_err_status_auth_fail;
	if (EVP_DecryptFinal_ex(c->head.aes, none, &n) <= 0) {
		OPENSSL_cleanse(p, text); /* what was not authenticated is nobody's to see */
		return srtp_err_status_auth_fail;
	}
	*len = text;
	return srtp_err_status_ok;
}

/* ---- HMAC-SHA1: the chaining values after the inner and outer pad are kept ---- */

struct pad {
	SHA_LONG h[5];
};

struct hmac {
	srtp_auth_t base;
	struct pad inner, outer;
	SHA_CTX run;
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
	if (noting && !noting->auth)
		noting->auth = h;
	return srtp_err_status_ok;
}

/* Our objects; OpenSSL's context with the key, which malloc() puts behind it; and the limit of the
 * key's use, which libsrtp2 makes after the authentication. Where that guess is wrong, nothing is
 * lost but a little time. */
void srtp_crypto_prefetch(const struct srtp_crypto_place *place)
{
	enum { AES_CONTEXT = 640, LIMIT = 32 };

	for (size_t at = 0; at < sizeof(struct icm); at += CACHE_LINE)
		__builtin_prefetch((const char *)place->cipher + at);
	for (size_t at = 0; at < AES_CONTEXT; at += CACHE_LINE)
		__builtin_prefetch((const char *)place->aes + at);
	for (size_t at = 0; at < sizeof(struct hmac) + LIMIT; at += CACHE_LINE)
		__builtin_prefetch((const char *)place->auth + at);
}

/* The state after one block, the key xored with a pad. */
static void pad_make(struct pad *pad, const uint8_t *key, int key_len, uint8_t with)
{
	uint8_t block[SHA1_BLOCK];
	SHA_CTX c;

	memset(block, with, sizeof(block));
	for (int i = 0; i < key_len; i++)
		block[i] ^= key[i];
	SHA1_Init(&c);
	SHA1_Update(&c, block, sizeof(block));
	*pad = (struct pad){{c.h0, c.h1, c.h2, c.h3, c.h4}};
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&c, sizeof(c));
}

static void pad_resume(SHA_CTX *c, const struct pad *pad)
{
	*c = (SHA_CTX){.h0 = pad->h[0],
		       .h1 = pad->h[1],
		       .h2 = pad->h[2],
		       .h3 = pad->h[3],
		       .h4 = pad->h[4],
		       .Nl = SHA1_BLOCK * 8};
}

static srtp_err_status_t hmac_init(void *state, const uint8_t *key, int key_len)
{
	struct hmac *h = state;

	if (key_len < 0 || key_len > SHA1_BLOCK)
		return srtp_err_status_bad_param;
	pad_make(&h->inner, key, key_len, 0x36);
	pad_make(&h->outer, key, key_len, 0x5c);
	pad_resume(&h->run, &h->inner);
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_start(void *state)
{
	struct hmac *h = state;

	pad_resume(&h->run, &h->inner);
	return srtp_err_status_ok;
}

static srtp_err_status_t hmac_update(void *state, const uint8_t *p, int n)
{
	struct hmac *h = state;

	SHA1_Update(&h->run, p, (size_t)n);
	return srtp_err_status_ok;
}

static void put_digest(uint8_t out[SHA1_OCTETS], const SHA_CTX *c)
{
	const uint32_t h[] = {htobe32(c->h0), htobe32(c->h1), htobe32(c->h2), htobe32(c->h3),
			      htobe32(c->h4)};

	memcpy(out, h, SHA1_OCTETS);
}

/* FIPS 180-4 5.1.1, into the block of which the first used octets are taken, and the one after it
 * if the length finds no room. bits: of all that was hashed. */
static void sha1_end(SHA_CTX *c, uint8_t block[SHA1_BLOCK], size_t used, uint64_t bits)
{
	uint64_t length = htobe64(bits);
	enum { LENGTH_AT = SHA1_BLOCK - sizeof(length) };

	memset(block + used, 0, SHA1_BLOCK - used);
	block[used] = 0x80;
	if (used >= LENGTH_AT) {
		SHA1_Transform(c, block);
		memset(block, 0, LENGTH_AT);
	}
	memcpy(block + LENGTH_AT, &length, sizeof(length));
	SHA1_Transform(c, block);
}

/* Ended by hand: SHA1_Final() wipes what is the packet's own, twice a packet. */
static srtp_err_status_t hmac_compute(void *state, const uint8_t *p, int n, int tag_len,
				      uint8_t *tag)
{
	struct hmac *h = state;
	uint8_t block[SHA1_BLOCK], d[SHA1_OCTETS];

	if (tag_len < 0 || tag_len > SHA1_OCTETS)
		return srtp_err_status_bad_param;
	SHA1_Update(&h->run, p, (size_t)n);
	memcpy(block, h->run.data, h->run.num);
	sha1_end(&h->run, block, h->run.num, (uint64_t)h->run.Nh << 32 | h->run.Nl);
	put_digest(block, &h->run);
	pad_resume(&h->run, &h->outer);
	sha1_end(&h->run, block, SHA1_OCTETS, (SHA1_BLOCK + SHA1_OCTETS) * 8);
	put_digest(d, &h->run);
	memcpy(tag, d, (size_t)tag_len);
	return srtp_err_status_ok;
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
	srtp_known_fill(&known);
	for (int v = 0; v < 3; v++) {
		if (!ecb[v])
			ecb[v] = EVP_CIPHER_fetch(NULL, ecb_names[v], NULL);
		icm_types[v] = (srtp_cipher_type_t){.alloc = icm_alloc,
						    .dealloc = cipher_dealloc,
						    .init = icm_init,
						    .encrypt = icm_crypt,
						    .decrypt = icm_crypt,
						    .set_iv = icm_set_iv,
						    .description = "AES counter mode on EVP",
						    .test_data = &known.icm[v],
						    .id = icm_ids[v]};
		if (!ecb[v] || srtp_replace_cipher_type(&icm_types[v], icm_ids[v]))
			return -1;
	}
	for (int v = 0; v < 2; v++) {
		if (!gcm[v])
			gcm[v] = EVP_CIPHER_fetch(NULL, gcm_names[v], NULL);
		gcm_types[v] = (srtp_cipher_type_t){.alloc = gcm_alloc,
						    .dealloc = cipher_dealloc,
						    .init = gcm_init,
						    .set_aad = gcm_set_aad,
						    .encrypt = gcm_encrypt,
						    .decrypt = gcm_decrypt,
						    .set_iv = gcm_set_iv,
						    .get_tag = gcm_get_tag,
						    .description = "AES-GCM on EVP",
						    .test_data = &known.gcm[v],
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
				       .test_data = &known.hmac,
				       .id = SRTP_HMAC_SHA1};
	return srtp_replace_auth_type(&hmac_type, SRTP_HMAC_SHA1) ? -1 : 0;
}
