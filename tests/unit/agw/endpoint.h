/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The far ends of a stream in tests: plain TCP and TLS peers with certificates of their own,
 * blocking with time limits. They use OpenSSL directly and nothing of the gateway's.
 */
#ifndef TESTS_AGW_ENDPOINT_H
#define TESTS_AGW_ENDPOINT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/netaddr.h"

struct identity {
	X509 *cert;
	EVP_PKEY *key;
	char line[200]; /* "SHA-256 AB:.." */
};

void identity_make(struct identity *id);
void identity_clear(struct identity *id);

/* A socket bound to ip (any port) or, with a port, to that one; its name through me. */
int endpoint_bind(const char *ip, uint16_t port, struct netaddr *me);
/* Connect within ms; returns false on failure or time-out (errno tells). */
bool endpoint_connect(int fd, const struct netaddr *to, int ms);
/* Accept within ms; -1 if nobody came. */
int endpoint_accept(int fd, int ms);

/* TLS on a connected socket. NULL when the handshake failed; alert is the fatal alert that came, or
 * 0. */
SSL *endpoint_tls(int fd, bool client, const struct identity *id, int version, int *alert);
void endpoint_tls_free(SSL *ssl);

/* Read exactly n octets within twenty seconds. */
bool endpoint_read(int fd, SSL *ssl, char *buf, size_t n);
/* The end of the stream within twenty seconds: 0 = FIN or close_notify, errno for a reset, -1
 * nothing.
 */
int endpoint_end(int fd, SSL *ssl);

#endif
