/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/certificates.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/outbuf.h"

enum { CHAIN_MAX = 8, PEM_MAX = 256 << 10 };

static struct {
	const struct cms_config *cfg;
	gnutls_x509_trust_list_t of[PARTNERS_MAX];
	struct outbuf pem;
} trust;

static int read_ca(size_t i, char *why, size_t size)
{
	const struct partner *p = &trust.cfg->partner[i];
	size_t n;
	char *text = settings_read_file(p->ca, PEM_MAX, &n, why, size);
	gnutls_datum_t d = {(unsigned char *)text, (unsigned int)n};
	int err = -1;

	if (!text)
		return -1;
	if (gnutls_x509_trust_list_init(&trust.of[i], 0) == 0 &&
	    gnutls_x509_trust_list_add_trust_mem(trust.of[i], &d, NULL, GNUTLS_X509_FMT_PEM, 0, 0) >
		0 &&
	    outbuf_add(&trust.pem, text, n) == 0 && outbuf_add(&trust.pem, "\n", 1) == 0)
		err = 0;
	else
		snprintf(why, size, "ca %s of partner %s has no certificate in PEM", p->ca,
			 p->name);
	free(text);
	return err;
}

const char *certificates_open(const struct cms_config *cfg, char *why, size_t size)
{
	trust.cfg = cfg;
	for (size_t i = 0; i < cfg->n_partners; i++)
		if (read_ca(i, why, size)) {
			certificates_close();
			return NULL;
		}
	if (!trust.pem.p && outbuf_add(&trust.pem, "\n", 1)) {
		snprintf(why, size, "no memory");
		return NULL;
	}
	return trust.pem.p;
}

void certificates_close(void)
{
	for (size_t i = 0; i < PARTNERS_MAX; i++) {
		if (trust.of[i])
			gnutls_x509_trust_list_deinit(trust.of[i], 1);
		trust.of[i] = NULL;
	}
	outbuf_free(&trust.pem);
}

static bool is_called(gnutls_x509_crt_t crt, const struct partner *p)
{
	char name[NAME_SIZE];

	for (unsigned int i = 0;; i++) {
		size_t size = sizeof(name) - 1;
		int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return false;
		if ((type != GNUTLS_SAN_DNSNAME && type != GNUTLS_SAN_URI) || size >= sizeof(name))
			continue;
		name[size] = '\0';
		/* a NUL inside would make two names look the same */
		if (strlen(name) == size && name_list_has(p->san, p->n_san, name))
			return true;
	}
}

static enum certificate_verdict judge(gnutls_x509_crt_t *chain, unsigned int n,
				      const struct partner **out)
{
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
					 .data =
					     (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	enum certificate_verdict verdict = CERTIFICATE_FOREIGN;

	for (size_t i = 0; i < trust.cfg->n_partners; i++) {
		unsigned int status = 0;

		if (!is_called(chain[0], &trust.cfg->partner[i]) ||
		    gnutls_x509_trust_list_verify_crt2(trust.of[i], chain, n, &purpose, 1, 0,
						       &status, NULL))
			continue;
		if (status == 0) {
			*out = &trust.cfg->partner[i];
			return CERTIFICATE_GOOD;
		}
		if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED) &&
		    !(status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)))
			verdict = CERTIFICATE_EXPIRED;
	}
	return verdict;
}

enum certificate_verdict certificates_judge(gnutls_session_t session, const struct partner **out)
{
	enum certificate_verdict verdict = CERTIFICATE_FOREIGN;
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned int n = 0, given = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &given);

	if (!der || given == 0)
		return CERTIFICATE_NONE;
	while (n < given && n < CHAIN_MAX && gnutls_x509_crt_init(&chain[n]) == 0) {
		n++;
		if (gnutls_x509_crt_import(chain[n - 1], &der[n - 1], GNUTLS_X509_FMT_DER))
			break;
	}
	if (n == given)
		verdict = judge(chain, n, out);
	while (n)
		gnutls_x509_crt_deinit(chain[--n]);
	return verdict;
}
