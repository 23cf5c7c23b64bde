/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "aka/err.h"

struct aka_aes; /* is an EVP_CIPHER_CTX; never dereferenced here */

const char *aka_strerror(int err)
{
	switch (err) {
	case AKA_OK:
		return "no error";
	case AKA_ECRYPTO:
		return "crypto library failure";
	case AKA_ESYNTAX:
		return "malformed";
	case AKA_EMAC:
		return "MAC does not match";
	case AKA_ESYNC:
		return "sequence number not fresh";
	case AKA_ESPACE:
		return "buffer too small";
	case AKA_ELENGTH:
		return "no such length in the algorithm";
	case AKA_EWRAP:
		return "sequence numbers used up";
	}
	return "unknown error";
}

/* Looked up once: OpenSSL would do so by its name for each key. Kept to the end. */
static EVP_CIPHER *aes_128;

static void find_aes(void)
{
	aes_128 = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
}

struct aka_aes *aka_aes_open(const uint8_t key[16])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	pthread_once(&once, find_aes);
	if (!ctx)
		return NULL;
	if (!aes_128 || EVP_EncryptInit_ex(ctx, aes_128, NULL, key, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	return (struct aka_aes *)ctx;
}

int aka_aes_block(struct aka_aes *aes, const uint8_t in[16], uint8_t out[16])
{
	int n = 0;

	if (EVP_EncryptUpdate((EVP_CIPHER_CTX *)aes, out, &n, in, 16) != 1 || n != 16)
		return AKA_ECRYPTO;
	return 0;
}

void aka_aes_close(struct aka_aes *aes)
{
	EVP_CIPHER_CTX_free((EVP_CIPHER_CTX *)aes);
}

int aka_md5(const struct slice *pieces, size_t n, uint8_t out[16])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t md[EVP_MAX_MD_SIZE];
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].p, pieces[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, md, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return AKA_ECRYPTO;
	memcpy(out, md, 16);
	return 0;
}

int aka_hmac_md5(struct slice key, struct slice text, uint8_t out[16])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (!HMAC(EVP_md5(), key.p, (int)key.len, (const uint8_t *)text.p, text.len, md, &n) ||
	    n != 16)
		return AKA_ECRYPTO;
	memcpy(out, md, 16);
	return 0;
}

int aka_random(uint8_t *out, size_t n)
{
	return RAND_bytes(out, (int)n) == 1 ? 0 : AKA_ECRYPTO;
}

int aka_rand_draw(uint8_t out[16])
{
	enum { STOCK = 64 };
	static __thread uint8_t stock[STOCK][16];
	static __thread size_t left;

	if (left == 0) {
		if (aka_random(stock[0], sizeof(stock)))
			return AKA_ECRYPTO;
		left = STOCK;
	}
	left--;
	memcpy(out, stock[left], 16);
	explicit_bzero(stock[left], 16);
	return 0;
}

bool aka_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
