/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/agw/endpoint.h"
#include <check.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void identity_make(struct identity *id)
{
	unsigned char d[32];
	unsigned n;
	char *w = id->line;

	id->key = EVP_EC_gen("P-256");
	id->cert = X509_new();
	X509_set_version(id->cert, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(id->cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(id->cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(id->cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)"ue", -1, -1, 0);
	X509_set_issuer_name(id->cert, X509_get_subject_name(id->cert));
	X509_set_pubkey(id->cert, id->key);
	ck_assert_int_gt(X509_sign(id->cert, id->key, EVP_sha256()), 0);
	ck_assert_int_eq(X509_digest(id->cert, EVP_sha256(), d, &n), 1);
	w += sprintf(w, "SHA-256 ");
	for (unsigned i = 0; i < n; i++)
		w += sprintf(w, i ? ":%02X" : "%02X", d[i]);
}

void identity_clear(struct identity *id)
{
	X509_free(id->cert);
	EVP_PKEY_free(id->key);
}

int endpoint_bind(const char *ip, uint16_t port, struct netaddr *me)
{
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval tv = {.tv_sec = 20};
	int one = 1, fd;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = port;
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return fd;
}

bool endpoint_connect(int fd, const struct netaddr *to, int ms)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(to, &ss);
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
		       twenty = {.tv_sec = 20};
	int rc;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	rc = connect(fd, (struct sockaddr *)&ss, len);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &twenty, sizeof(twenty));
	return rc == 0;
}

int endpoint_accept(int fd, int ms)
{
	struct pollfd p = {fd, POLLIN, 0};
	struct timeval tv = {.tv_sec = 20};
	int c;

	if (poll(&p, 1, ms) != 1)
		return -1;
	c = accept(fd, NULL, NULL);
	setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return c;
}

static int any_certificate(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

static __thread int last_alert;

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && ret >> 8 == SSL3_AL_FATAL)
		last_alert = ret & 255;
}

SSL *endpoint_tls(int fd, bool client, const struct identity *id, int version, int *alert)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	SSL *ssl;
	char c;
	int rc;

	last_alert = 0;
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, any_certificate, NULL);
	SSL_CTX_set_info_callback(ctx, note_alert);
	if (id) {
		SSL_CTX_use_certificate(ctx, id->cert);
		SSL_CTX_use_PrivateKey(ctx, id->key);
	}
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(ssl, fd);
	rc = client ? SSL_connect(ssl) : SSL_accept(ssl);
	/* A TLS 1.3 client is done before the server has seen its certificate: the alert comes
	 * afterwards. */
	if (rc == 1 && alert && *alert == -1)
		rc = SSL_peek(ssl, &c, 1);
	if (alert)
		*alert = last_alert;
	if (rc != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	return ssl;
}

void endpoint_tls_free(SSL *ssl)
{
	SSL_free(ssl);
	ERR_clear_error();
}

bool endpoint_read(int fd, SSL *ssl, char *buf, size_t n)
{
	while (n) {
		ssize_t k = ssl ? SSL_read(ssl, buf, (int)n) : recv(fd, buf, n, 0);

		if (k <= 0)
			return false;
		buf += k;
		n -= (size_t)k;
	}
	return true;
}

int endpoint_end(int fd, SSL *ssl)
{
	char c;
	ssize_t k;

	errno = 0;
	k = ssl ? SSL_read(ssl, &c, 1) : recv(fd, &c, 1, 0);
	if (k > 0)
		return -1;
	if (ssl && SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN)
		return 0;
	ERR_clear_error();
	if (k == 0 && !ssl)
		return 0;
	return errno && errno != EAGAIN ? errno : -1;
}
