/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/certificate.h"
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int certificate_digest(const X509 *x, enum fingerprint_hash h, uint8_t out[FINGERPRINT_OCTETS_MAX])
{
	static const EVP_MD *(*const make[FINGERPRINT_HASHES])(void) = {
	    [FINGERPRINT_SHA512] = EVP_sha512, [FINGERPRINT_SHA384] = EVP_sha384,
	    [FINGERPRINT_SHA256] = EVP_sha256, [FINGERPRINT_SHA224] = EVP_sha224,
	    [FINGERPRINT_SHA1] = EVP_sha1,
	};
	unsigned n = 0;

	if (!X509_digest(x, make[h](), out, &n) || n != fingerprint_hash_octets(h))
		return -1;
	return 0;
}

static int fill_digests(struct certificate *c)
{
	for (int h = 0; h < FINGERPRINT_HASHES; h++)
		if (certificate_digest(c->x509, (enum fingerprint_hash)h, c->digest[h]) < 0)
			return -1;
	return 0;
}

void certificate_clear(struct certificate *c)
{
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	memset(c, 0, sizeof(*c));
}

int certificate_make(struct certificate *c, const char *common_name)
{
	uint8_t serial[8];
	X509_NAME *name;

	memset(c, 0, sizeof(*c));
	c->key = EVP_EC_gen("P-256");
	c->x509 = X509_new();
	if (!c->key || !c->x509 || RAND_bytes(serial, sizeof(serial)) != 1)
		goto fail;
	serial[0] = (uint8_t)((serial[0] & 0x7f) |
			      0x40); /* positive, and no leading zero: DER forbids padding */
	name = X509_get_subject_name(c->x509);
	if (!X509_set_version(c->x509, X509_VERSION_3) ||
	    !ASN1_STRING_set(X509_get_serialNumber(c->x509), serial, sizeof(serial)) ||
	    !X509_gmtime_adj(X509_getm_notBefore(c->x509), -86400) ||
	    !X509_gmtime_adj(X509_getm_notAfter(c->x509), 365L * 86400) ||
	    !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					(const unsigned char *)common_name, -1, -1, 0) ||
	    !X509_set_issuer_name(c->x509, name) || !X509_set_pubkey(c->x509, c->key) ||
	    !X509_sign(c->x509, c->key, EVP_sha256()) || fill_digests(c) < 0)
		goto fail;
	return 0;
fail:
	ERR_clear_error();
	certificate_clear(c);
	return -1;
}

/* A key that wants a passphrase is refused: nobody sits there to give it. */
static int no_passphrase(char *buf, int size, int rwflag, void *asked)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	*(bool *)asked = true;
	return -1;
}

static FILE *open_file(const char *path, char *why, size_t size)
{
	FILE *f = fopen(path, "re");

	if (!f)
		snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
	return f;
}

static X509 *read_certificate(const char *path, char *why, size_t size)
{
	FILE *f = open_file(path, why, size);
	X509 *x;

	if (!f)
		return NULL;
	x = PEM_read_X509(f, NULL, NULL, NULL);
	if (!x)
		snprintf(why, size, "%s holds no certificate in PEM form", path);
	fclose(f);
	return x;
}

static EVP_PKEY *read_key(const char *path, char *why, size_t size)
{
	FILE *f = open_file(path, why, size);
	bool locked = false;
	EVP_PKEY *key;

	if (!f)
		return NULL;
	key = PEM_read_PrivateKey(f, NULL, no_passphrase, &locked);
	if (!key)
		snprintf(why, size,
			 locked ? "the private key in %s wants a passphrase: store it without"
				: "%s holds no private key in PEM form",
			 path);
	fclose(f);
	return key;
}

int certificate_load(struct certificate *c, const char *cert_file, const char *key_file, char *why,
		     size_t size)
{
	memset(c, 0, sizeof(*c));
	c->x509 = read_certificate(cert_file, why, size);
	c->key = c->x509 ? read_key(key_file, why, size) : NULL;
	if (c->key && X509_check_private_key(c->x509, c->key) == 1 && fill_digests(c) == 0)
		return 0;
	if (c->key)
		snprintf(why, size, "the private key in %s is not that of the certificate in %s",
			 key_file, cert_file);
	ERR_clear_error();
	certificate_clear(c);
	return -1;
}
