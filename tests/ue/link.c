/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/link.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ue/elog.h"

enum { READ_SIZE = 16384, READS_A_ROUND = 16 };

const char *link_state_name(enum link_state s)
{
	static const char *const names[] = {"idle", "listening", "connecting", "handshake",
					    "up",   "closed",	 "lost",       "refused"};

	return names[s];
}

static void set_state(struct link *l, enum link_state s)
{
	char peer[NETADDR_TEXT_MAX];

	l->state = s;
	elog_event("link", "name", l->name, "access", l->access->name, "what", link_state_name(s),
		   "peer", netaddr_text(&l->peer, peer), "tls",
		   l->ssl ? SSL_get_version(l->ssl) : "", "cipher",
		   l->ssl && s == LINK_UP ? SSL_get_cipher_name(l->ssl) : "", "why", l->why, NULL);
}

/* ---- the certificate ---- */

static int verify(X509_STORE_CTX *store, void *arg)
{
	const struct link *l = arg;
	const X509 *x = X509_STORE_CTX_get0_cert(store);
	uint8_t digest[FINGERPRINT_OCTETS_MAX];
	enum fingerprint_hash h;

	if (l->tls.any_peer || (x && fingerprint_set_deciding(&l->tls.peer, true, &h) == 0 &&
				certificate_digest(x, h, digest) == 0 &&
				fingerprint_set_has(&l->tls.peer, h, digest))) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED); /* alert bad_certificate */
	return 0;
}

static int make_ssl(struct link *l)
{
	int mode = SSL_VERIFY_PEER | (l->tls.any_peer ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT);

	l->ctx = SSL_CTX_new(TLS_method());
	if (!l->ctx || !SSL_CTX_set_min_proto_version(l->ctx, TLS1_2_VERSION) ||
	    (l->tls.own && (SSL_CTX_use_certificate(l->ctx, l->tls.own->x509) != 1 ||
			    SSL_CTX_use_PrivateKey(l->ctx, l->tls.own->key) != 1)))
		return -1;
	SSL_CTX_set_options(l->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
					SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(l->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(l->ctx,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(l->ctx, mode, NULL);
	SSL_CTX_set_cert_verify_callback(l->ctx, verify, l);
	l->ssl = SSL_new(l->ctx);
	if (!l->ssl || SSL_set_fd(l->ssl, l->io.fd) != 1)
		return -1;
	if (l->tls.client)
		SSL_set_connect_state(l->ssl);
	else
		SSL_set_accept_state(l->ssl);
	return 0;
}

/* ---- the end ---- */

static void drop_connection(struct link *l)
{
	io_close(&l->io);
	SSL_free(l->ssl);
	SSL_CTX_free(l->ctx);
	l->ssl = NULL;
	l->ctx = NULL;
	text_clear(&l->out);
	l->out_at = 0;
	ERR_clear_error();
}

static void ended(struct link *l, enum link_state how, const char *why)
{
	snprintf(l->why, sizeof(l->why), "%s", why);
	set_state(l, how);
	elog_line(l->name, "connection %s%s%s", link_state_name(how), why[0] ? ": " : "", why);
	drop_connection(l);
	l->handler->ended(l->owner);
}

/* What OpenSSL says of an operation that did not succeed. */
static void tls_failed(struct link *l, int err)
{
	unsigned long e = ERR_peek_error();
	const char *reason = ERR_reason_error_string(e);

	if (err == SSL_ERROR_ZERO_RETURN)
		ended(l, LINK_CLOSED, "");
	else if (SSL_get_verify_result(l->ssl) == X509_V_ERR_CERT_REJECTED && !l->tls.any_peer)
		ended(l, LINK_REFUSED, "the peer's certificate is not the one it announced");
	else if (err == SSL_ERROR_SSL && reason)
		ended(l, LINK_REFUSED, reason);
	else
		ended(l, LINK_LOST, errno ? strerror(errno) : "the peer went away");
}

/* ---- octets ---- */

static ssize_t write_some(struct link *l, const char *p, size_t n)
{
	if (!l->ssl)
		return send(l->io.fd, p, n, MSG_NOSIGNAL);
	ERR_clear_error();
	errno = 0;
	int rc = SSL_write(l->ssl, p, n > READ_SIZE ? READ_SIZE : (int)n);
	int err = rc > 0 ? SSL_ERROR_NONE : SSL_get_error(l->ssl, rc);

	if (err == SSL_ERROR_WANT_WRITE || err == SSL_ERROR_WANT_READ)
		errno = EAGAIN;
	else if (err)
		tls_failed(l, err);
	return rc > 0 ? rc : -1;
}

static void flush(struct link *l)
{
	while (l->state == LINK_UP && l->out_at < l->out.len) {
		ssize_t n = write_some(l, l->out.p + l->out_at, l->out.len - l->out_at);

		if (n < 0 && l->state == LINK_UP && errno != EAGAIN)
			ended(l, LINK_LOST, strerror(errno));
		if (n < 0)
			break;
		l->out_at += (size_t)n;
	}
	if (l->state != LINK_UP)
		return;
	if (l->out_at == l->out.len) {
		text_clear(&l->out);
		l->out_at = 0;
		if (!l->told) {
			l->told = true;
			l->handler->sent(l->owner);
		}
	}
	if (l->state == LINK_UP)
		loop_change(&l->io, EPOLLIN | (link_waiting(l) ? EPOLLOUT : 0));
}

/* Returns octets, 0 for nothing now; -1: it has ended. */
static ssize_t read_some(struct link *l, char *buf)
{
	ssize_t n;
	int err;

	errno = 0;
	if (l->ssl) {
		ERR_clear_error();
		n = SSL_read(l->ssl, buf, READ_SIZE);
		err = n > 0 ? SSL_ERROR_NONE : SSL_get_error(l->ssl, (int)n);
		if (!err)
			return n;
		if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE)
			return 0;
		tls_failed(l, err);
		return -1;
	}
	n = recv(l->io.fd, buf, READ_SIZE, 0);
	if (n > 0)
		return n;
	if (n < 0 && errno == EAGAIN)
		return 0;
	ended(l, n ? LINK_LOST : LINK_CLOSED, n ? strerror(errno) : "");
	return -1;
}

static void fill(struct link *l)
{
	char buf[READ_SIZE];

	/* TLS may hold what it has read: epoll would not tell of it. */
	for (int i = 0;
	     l->state == LINK_UP && (i < READS_A_ROUND || (l->ssl && SSL_has_pending(l->ssl)));
	     i++) {
		ssize_t n = read_some(l, buf);

		if (n <= 0)
			return;
		l->handler->received(l->owner, slice_make(buf, (size_t)n));
	}
}

/* ---- getting there ---- */

static void is_up(struct link *l)
{
	set_state(l, LINK_UP);
	if (l->ssl)
		elog_line(l->name, "TLS is up as %s, %s", l->tls.client ? "client" : "server",
			  SSL_get_version(l->ssl));
	else
		elog_line(l->name, "TCP is up");
	loop_change(&l->io, EPOLLIN | (link_waiting(l) ? EPOLLOUT : 0));
	l->handler->up(l->owner);
}

static void handshake(struct link *l)
{
	int rc, err;

	ERR_clear_error();
	errno = 0;
	rc = SSL_do_handshake(l->ssl);
	err = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(l->ssl, rc);
	if (!err)
		is_up(l);
	else if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE)
		loop_change(&l->io, err == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLIN | EPOLLOUT);
	else
		tls_failed(l, err);
}

static void connected(struct link *l)
{
	int one = 1;

	setsockopt(l->io.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!l->tls.on) {
		is_up(l);
		return;
	}
	if (make_ssl(l) != 0) {
		ended(l, LINK_LOST, "no TLS could be made");
		return;
	}
	set_state(l, LINK_HANDSHAKE);
	handshake(l);
}

static void ready(struct io *io, uint32_t events)
{
	struct link *l = io->owner;
	socklen_t len = sizeof(int);
	int err = 0;

	if (l->state == LINK_CONNECTING) {
		getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err)
			ended(l, LINK_LOST, strerror(err));
		else if (events & EPOLLOUT)
			connected(l);
		return;
	}
	if (l->state == LINK_HANDSHAKE)
		handshake(l);
	if (l->state == LINK_UP && (events & EPOLLOUT))
		flush(l);
	if (l->state == LINK_UP && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		fill(l);
	if (l->state == LINK_UP && link_waiting(l))
		flush(l);
}

static void accept_ready(struct io *io, uint32_t events)
{
	struct link *l = io->owner;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = accept4(io->fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	loop_del(io); /* one connection; the next waits in the system until we want it */
	netaddr_from_sockaddr(&ss, &l->peer);
	l->io.fd = fd;
	loop_add(&l->io, EPOLLIN);
	connected(l);
}

struct link *link_new(const char *name, struct access *a, bool wanted, uint16_t port,
		      const struct link_handler *h, void *owner)
{
	struct link *l = ue_alloc(sizeof(*l));
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr at;

	snprintf(l->name, sizeof(l->name), "%s", name);
	l->access = a;
	l->handler = h;
	l->owner = owner;
	l->io = (struct io){.fd = -1, .ready = ready, .owner = l};
	l->listener = (struct io){.fd = -1, .ready = accept_ready, .owner = l};
	if (!wanted)
		return l;
	l->listener.fd = access_socket(a, SOCK_STREAM, port);
	if (l->listener.fd < 0 || listen(l->listener.fd, 4) != 0) {
		int err = errno;

		if (l->listener.fd >= 0)
			close(l->listener.fd);
		free(l);
		errno = err;
		return NULL;
	}
	getsockname(l->listener.fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &at);
	l->port = at.port;
	return l;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	if (l->ssl && l->state == LINK_UP)
		SSL_shutdown(l->ssl);
	drop_connection(l);
	io_close(&l->listener);
	text_free(&l->out);
	free(l);
}

int link_accept(struct link *l, const struct link_tls *tls)
{
	drop_connection(l);
	l->tls = *tls;
	l->why[0] = '\0';
	if (l->listener.fd < 0) {
		errno = EINVAL;
		return -1;
	}
	set_state(l, LINK_LISTENING);
	loop_del(&l->listener);
	return loop_add(&l->listener, EPOLLIN);
}

int link_connect(struct link *l, const struct netaddr *peer, const struct link_tls *tls)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(peer, &ss);

	drop_connection(l);
	io_close(&l->listener);
	l->port = 0;
	l->tls = *tls;
	l->peer = *peer;
	l->why[0] = '\0';
	l->io.fd = access_socket(l->access, SOCK_STREAM, 0);
	if (l->io.fd < 0)
		return -1;
	set_state(l, LINK_CONNECTING);
	if (connect(l->io.fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS) {
		ended(l, LINK_LOST, strerror(errno));
		return 0;
	}
	return loop_add(&l->io, EPOLLOUT);
}

size_t link_waiting(const struct link *l)
{
	return l->out.len - l->out_at;
}

void link_send(struct link *l, struct slice octets)
{
	if (l->state != LINK_UP)
		return;
	/* What has gone makes room. */
	if (l->out_at > READ_SIZE) {
		l->out.len -= l->out_at;
		memmove(l->out.p, l->out.p + l->out_at, l->out.len);
		l->out_at = 0;
	}
	text_put(&l->out, octets);
	l->told = false;
	loop_change(&l->io, EPOLLIN | EPOLLOUT);
}

void link_end(struct link *l, bool reset)
{
	struct linger now = {.l_onoff = 1};

	if (l->io.fd < 0)
		return;
	if (reset)
		setsockopt(l->io.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	else if (l->ssl && l->state == LINK_UP)
		SSL_shutdown(l->ssl);
	ended(l, reset ? LINK_LOST : LINK_CLOSED, reset ? "reset here, on purpose" : "");
}
