/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS of stream legs. Peers are known by fingerprint, not by a chain of certificates (RFC 8122);
 * OpenSSL asks for the certificate and calls us, and a refusal becomes the alert bad_certificate.
 *
 * OpenSSL reads and writes through a BIO of ours. Writing collects records so that several leave in
 * one system call. Reading stops once our first flight is out and the peer's fingerprint is not
 * known: the handshake waits in the socket until signalling has brought it (TR 29.828, terminating
 * flows, steps 12 and 14).
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "agw/media/worker.h"

static int leg_index = -1; /* ex_data of SSL: the leg */

static struct media_leg *leg_of(const SSL *ssl)
{
	return SSL_get_ex_data(ssl, leg_index);
}

/* What a connection may have TLS itself answer while its peer reads nothing. */
enum { OWN_ANSWERS_MAX = 8 * STREAM_CHUNK };

/* ---- the wire ---- */

/*
 * The worker lends one buffer to all its connections: while OpenSSL works on one, it collects the
 * records that OpenSSL writes. Each function below that calls OpenSSL ends with this one, which
 * leaves the buffer empty whatever the outcome: records of one connection must never be sent to the
 * peer of the next.
 */
static int wire_send(struct stream_conn *c)
{
	struct worker *w = c->source.leg->worker;
	size_t n = w->wire_len;

	w->wire_len = 0;
	return conn_send(c, w->wire, n);
}

/* ---- the BIO ---- */

static int bio_write(BIO *b, const char *p, int n)
{
	struct stream_conn *c = BIO_get_data(b);
	struct worker *w = c->source.leg->worker;

	if (w->wire_size - w->wire_len < (size_t)n) {
		size_t want = w->wire_len + (size_t)n + STREAM_CHUNK;
		char *grown = malloc(want);

		if (!grown)
			return -1;
		if (w->wire_len)
			memcpy(grown, w->wire, w->wire_len);
		free(w->wire);
		w->wire = grown;
		w->wire_size = want;
	}
	memcpy(w->wire + w->wire_len, p, (size_t)n);
	w->wire_len += (size_t)n;
	c->wrote_flight = true;
	return n;
}

static int bio_read(BIO *b, char *p, int size)
{
	struct stream_conn *c = BIO_get_data(b);
	ssize_t n;

	BIO_clear_retry_flags(b);
	if (c->wrote_flight && !c->source.leg->cfg.fingerprint_given && c->state != CONN_READY) {
		BIO_set_retry_read(b);
		return -1;
	}
	n = recv(c->fd, p, (size_t)size, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(b);
	if (n == 0)
		BIO_set_flags(b, BIO_FLAGS_IN_EOF);
	return (int)n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)num;
	(void)ptr;
	if (cmd == BIO_CTRL_EOF) /* phones close without close_notify: an end, no breakdown */
		return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0;
	return cmd == BIO_CTRL_FLUSH || cmd == BIO_CTRL_DUP;
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static BIO_METHOD *stream_method(void)
{
	static BIO_METHOD *method; /* made in the control thread, by tls_context() */

	if (!method) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "media stream");
		if (method) {
			BIO_meth_set_write(method, bio_write);
			BIO_meth_set_read(method, bio_read);
			BIO_meth_set_ctrl(method, bio_ctrl);
			BIO_meth_set_create(method, bio_create);
		}
	}
	return method;
}

/* ---- who the peer is ---- */

/* 1 = the certificate is the one that signalling announced. */
static int check_certificate(X509_STORE_CTX *ctx, void *arg)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct media_leg *leg = leg_of(ssl);
	const X509 *cert = X509_STORE_CTX_get0_cert(ctx);
	const struct media *m = arg;
	uint8_t digest[FINGERPRINT_OCTETS_MAX];
	enum fingerprint_hash h;

	if (cert && leg->cfg.fingerprint_given &&
	    fingerprint_set_deciding(&leg->cfg.fingerprints, m->cfg.allow_sha1, &h) == 0 &&
	    certificate_digest(cert, h, digest) == 0 &&
	    fingerprint_set_has(&leg->cfg.fingerprints, h, digest)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_REJECTED); /* alert bad_certificate */
	return 0;
}

enum media_tls_cause tls_failure_cause(const SSL *ssl)
{
	unsigned long e = ERR_peek_error();
	int reason = ERR_GET_REASON(e);

	if (SSL_get_verify_result(ssl) == X509_V_ERR_CERT_REJECTED)
		return MEDIA_TLS_CAUSE_FINGERPRINT;
	if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return MEDIA_TLS_CAUSE_NO_CERTIFICATE;
	return MEDIA_TLS_CAUSE_HANDSHAKE;
}

int tls_takes(const struct certificate *c, char *why, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	int rc = -1;

	ERR_clear_error();
	if (ctx && SSL_CTX_use_certificate(ctx, c->x509) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, c->key) == 1) {
		rc = 0;
	} else {
		const char *reason = ERR_reason_error_string(ERR_peek_error());

		snprintf(why, size, "OpenSSL refuses the certificate: %s",
			 reason ? reason : "no reason given");
	}
	ERR_clear_error();
	SSL_CTX_free(ctx);
	return rc;
}

SSL_CTX *tls_context(const struct media *m, bool datagram)
{
	SSL_CTX *ctx = SSL_CTX_new(datagram ? DTLS_method() : TLS_method());

	if (leg_index < 0)
		leg_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	if (!ctx || leg_index < 0 || !stream_method())
		goto fail;
	if (!SSL_CTX_set_min_proto_version(ctx, datagram ? DTLS1_2_VERSION : TLS1_2_VERSION) ||
	    (!datagram && m->cfg.tls12_only &&
	     !SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION)) ||
	    !SSL_CTX_set_cipher_list(
		ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:DHE+AESGCM:!aNULL:!eNULL") ||
	    SSL_CTX_use_certificate(ctx, m->certificate.x509) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, m->certificate.key) != 1)
		goto fail;
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
				     SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU |
				     SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_max_early_data(ctx, 0);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	if (!datagram) {
		SSL_CTX_set_read_ahead(ctx, 1);
		SSL_CTX_set_default_read_buffer_len(ctx, STREAM_CHUNK);
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, check_certificate, (void *)(uintptr_t)m);
	if (datagram &&
	    SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:"
					     "SRTP_AES128_CM_SHA1_32") != 0)
		goto fail;
	return ctx;
fail:
	ERR_clear_error();
	SSL_CTX_free(ctx);
	return NULL;
}

SSL *tls_new(struct media_leg *leg, SSL_CTX *ctx, bool client)
{
	SSL *ssl = SSL_new(ctx);

	if (!ssl || !SSL_set_ex_data(ssl, leg_index, leg) ||
	    (leg->certificate && (SSL_use_certificate(ssl, leg->certificate->x509) != 1 ||
				  SSL_use_PrivateKey(ssl, leg->certificate->key) != 1))) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

void tls_free(SSL **ssl)
{
	SSL_free(*ssl); /* wipes its keys */
	*ssl = NULL;
	ERR_clear_error();
}

int tls_begin(struct stream_conn *c, bool client)
{
	struct media_leg *leg = c->source.leg;
	BIO *bio = BIO_new(stream_method());

	c->ssl = bio ? tls_new(leg, leg->worker->tls, client) : NULL;
	if (!c->ssl) {
		BIO_free(bio);
		return -1;
	}
	BIO_set_data(bio, c);
	SSL_set_bio(c->ssl, bio, bio);
	c->wrote_flight = false;
	return 0;
}

/* Did the peer go away, rather than one of us refuse the other? */
static bool is_lost(int err)
{
	return err == SSL_ERROR_SYSCALL || err == SSL_ERROR_ZERO_RETURN ||
	       ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

enum tls_result tls_handshake(struct stream_conn *c, enum media_tls_cause *cause)
{
	enum tls_result result = TLS_DONE;
	int rc, err;

	errno = 0;
	ERR_clear_error();
	rc = SSL_do_handshake(c->ssl);
	err = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(c->ssl, rc);
	if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE) {
		result = TLS_WAITS;
	} else if (err != SSL_ERROR_NONE) {
		int saved = errno;

		result = is_lost(err) ? TLS_LOST : TLS_REFUSED;
		*cause = result == TLS_LOST ? MEDIA_TLS_CAUSE_LOST : tls_failure_cause(c->ssl);
		ERR_clear_error();
		wire_send(c); /* the alert */
		errno = saved;
		return result;
	}
	if (wire_send(c) < 0) {
		*cause = MEDIA_TLS_CAUSE_LOST;
		return TLS_LOST;
	}
	return result;
}

static ssize_t read_records(struct stream_conn *c, char *buf, size_t size)
{
	size_t got = 0, n;

	/* Records that are decrypted or buffered already cost no system call: take them along. */
	do {
		int rc, err;

		ERR_clear_error();
		rc = SSL_read_ex(c->ssl, buf + got, size - got, &n);
		if (rc == 1) {
			got += n;
			continue;
		}
		err = SSL_get_error(c->ssl, rc);
		if (got) {
			c->tls_more = err != SSL_ERROR_WANT_READ && err != SSL_ERROR_WANT_WRITE;
			break;
		}
		if (err == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE)
			return -1;
		if (err != SSL_ERROR_SYSCALL || !errno) /* else it is the socket's own reason */
			errno = EPROTO;
		ERR_clear_error();
		return -2;
	} while (got < size && SSL_has_pending(c->ssl));
	return (ssize_t)got;
}

ssize_t tls_read(struct stream_conn *c, char *buf, size_t size)
{
	ssize_t n = read_records(c, buf, size);
	int saved = errno;

	/* An answer that TLS itself had to give, or an alert. */
	if (wire_send(c) < 0)
		return -2;
	if (c->out.len - c->out.at > OWN_ANSWERS_MAX) {
		errno = EPROTO; /* has TLS answer without end and reads none of it */
		return -2;
	}
	errno = saved;
	return n;
}

int tls_write(struct stream_conn *c, const char *buf, size_t n)
{
	while (n) {
		size_t done;

		ERR_clear_error();
		if (SSL_write_ex(c->ssl, buf, n, &done) != 1) {
			ERR_clear_error();
			c->source.leg->worker->wire_len = 0;
			errno = EPROTO; /* our BIO takes everything: this is no matter of waiting */
			return -1;
		}
		buf += done;
		n -= done;
	}
	return wire_send(c);
}

int tls_end(struct stream_conn *c)
{
	ERR_clear_error();
	SSL_shutdown(c->ssl);
	ERR_clear_error();
	return wire_send(c);
}
