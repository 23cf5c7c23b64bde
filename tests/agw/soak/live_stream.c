/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP of the soak: a terminating call, MSRP or BFCP, with TLS at the UE. One message each way now
 * and then, whose text says which it is.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/rig.h"
#include "agw/soak/live.h"

enum { BFCP_OCTETS = 64, BFCP_HEADER = 12 };

static int listen_at(const char *ip, struct netaddr *me)
{
	int fd = endpoint_bind(ip, 0, me);

	ck_assert_int_eq(listen(fd, 4), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void stream_open(struct live *l)
{
	identity_make(&l->stream.id);
	l->stream.listener = listen_at(FAR, &l->far_addr);
}

static void stream_add(struct live *l)
{
	const char *media = l->kind == LIVE_MSRP ? "message" : "application";
	const char *proto = l->kind == LIVE_MSRP ? "MSRP" : "BFCP";

	mgc_ask(
	    live_answered, l,
	    "Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
	    "SendReceive, gm/saf = ON, gm/sam = \"" UE "\" }, Local {\nc=IN IP4 $\n"
	    "m=%s $ TCP/TLS/%s *\na=setup:passive\na=fingerprint:$\n}, Remote {\nc=IN IP4 " UE
	    "\nm=%s 9 TCP/TLS/%s *\na=setup:active\na=fingerprint:%s\n} } }, Events = 5 { "
	    "g/cause, tcpbcc/BNCChange, tlsbsc/BNCChange } }, Add = ip/core/$ { Media { Stream = "
	    "1 { LocalControl { Mode = SendReceive }, Local {\nc=IN IP4 $\nm=%s $ TCP/%s *\n"
	    "a=setup:active\n}, Remote {\nc=IN IP4 " FAR "\nm=%s %d TCP/%s *\na=setup:passive\n"
	    "} } } } }",
	    media, proto, media, proto, l->stream.id.line, media, proto, media, l->far_addr.port,
	    proto);
}

/* ---- connections ---- */

static void dial(struct live *l)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&l->access, &ss);

	l->ue = endpoint_bind(UE, 0, &l->ue_addr);
	fcntl(l->ue, F_SETFL, O_NONBLOCK);
	if (connect(l->ue, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS)
		live_failed("call %u: connect: %m", l->number);
}

static bool connected(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	return getpeername(fd, (struct sockaddr *)&ss, &len) == 0;
}

static int any(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

static SSL *client(const struct live *l)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;

	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, any, NULL);
	SSL_CTX_use_certificate(ctx, l->stream.id.cert);
	SSL_CTX_use_PrivateKey(ctx, l->stream.id.key);
	SSL_CTX_set_max_proto_version(ctx, l->number & 1 ? TLS1_2_VERSION : TLS1_3_VERSION);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(ssl, l->ue);
	SSL_set_connect_state(ssl);
	return ssl;
}

static bool stream_join(struct live *l)
{
	struct live_stream *s = &l->stream;

	if (l->ue < 0)
		dial(l);
	if (!s->ssl && connected(l->ue))
		s->ssl = client(l);
	if (s->ssl && !s->tls_up) {
		int rc = SSL_do_handshake(s->ssl);
		int why = SSL_get_error(s->ssl, rc);

		s->tls_up = rc == 1;
		if (rc != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			live_failed("call %u: TLS fails with %d", l->number, why);
		ERR_clear_error();
	}
	if (l->far < 0) {
		l->far = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (l->far >= 0)
			close(s->listener);
		s->listener = l->far >= 0 ? -1 : s->listener;
	}
	return s->tls_up && l->far >= 0;
}

/* ---- messages ---- */

static size_t bfcp(const struct live *l, uint32_t n, char *out)
{
	const uint8_t head[BFCP_HEADER] = {0x20,
					   11,
					   0,
					   (BFCP_OCTETS - BFCP_HEADER) / 4,
					   (uint8_t)(n >> 24),
					   (uint8_t)(n >> 16),
					   (uint8_t)(n >> 8),
					   (uint8_t)n,
					   0,
					   1,
					   0,
					   2};

	memcpy(out, head, sizeof(head));
	for (unsigned i = BFCP_HEADER; i < BFCP_OCTETS; i++)
		out[i] = (char)(i * n + l->number);
	return BFCP_OCTETS;
}

/* As it leaves (paths of its sender's own) or as it must arrive (paths rewritten). */
static size_t msrp(const struct live *l, enum direction d, uint32_t n, bool arriving, char *out)
{
	const char *scheme = arriving == (d == TO_UE) ? "msrps" : "msrp";
	char to[80], from[80];

	if (!arriving) {
		snprintf(to, sizeof(to), "%s://192.0.2.1:1/a;tcp", scheme);
		snprintf(from, sizeof(from), "%s://192.0.2.2:2/b;tcp", scheme);
	} else if (d == TO_UE) {
		snprintf(to, sizeof(to), "%s://" UE ":%d/a;tcp", scheme, l->ue_addr.port);
		snprintf(from, sizeof(from), "%s://" ACCESS ":%d/b;tcp", scheme, l->access_port);
	} else {
		snprintf(to, sizeof(to), "%s://" FAR ":%d/a;tcp", scheme, l->far_addr.port);
		snprintf(from, sizeof(from), "%s://" CORE ":%d/b;tcp", scheme, l->core_port);
	}
	return (size_t)snprintf(out, MESSAGE_MAX,
				"MSRP t%08x SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
				"Message-ID: %u\r\nContent-Type: text/plain\r\n\r\n"
				"call %u, message %u\r\n-------t%08x$\r\n",
				n, to, from, n, l->number, n, n);
}

static size_t message(const struct live *l, enum direction d, uint32_t n, bool arriving, char *out)
{
	return l->kind == LIVE_MSRP ? msrp(l, d, n, arriving, out) : bfcp(l, n, out);
}

static void stream_send(struct live *l, enum direction d)
{
	char text[MESSAGE_MAX];
	size_t len = message(l, d, l->sent[d], false, text);
	ssize_t n = d == TO_FAR ? SSL_write(l->stream.ssl, text, (int)len)
				: send(l->far, text, len, MSG_NOSIGNAL);

	ERR_clear_error();
	if (n != (ssize_t)len)
		live_failed("call %u kind %d: message %u cannot be sent", l->number, l->kind,
			    l->sent[d]);
}

static void receive_one_side(struct live *l, enum direction d)
{
	char *in = l->stream.in[d], want[MESSAGE_MAX];
	size_t *have = &l->stream.in_len[d], len;
	ssize_t n;

	for (;;) {
		size_t room = sizeof(l->stream.in[d]) - *have;

		n = d == TO_UE ? SSL_read(l->stream.ssl, in + *have, (int)room)
			       : recv(l->far, in + *have, room, 0);
		if (n <= 0)
			break;
		*have += (size_t)n;
		while (len = message(l, d, l->got[d], true, want), *have >= len) {
			if (memcmp(in, want, len) != 0) {
				live_totals.wrong++;
				live_failed("call %u kind %d: message %u is not as due: %.*s",
					    l->number, l->kind, l->got[d], (int)len, in);
			}
			live_totals.messages++;
			live_came(l, d, l->got[d]);
			memmove(in, in + len, *have - len);
			*have -= len;
		}
	}
	ERR_clear_error();
}

static void stream_receive(struct live *l)
{
	receive_one_side(l, TO_UE);
	receive_one_side(l, TO_FAR);
}

/* Half of the UEs close before the controller does: a Notify more on the lossy way. */
static void stream_hang_up(struct live *l)
{
	if (l->number & 2 && l->stream.tls_up)
		SSL_shutdown(l->stream.ssl);
	ERR_clear_error();
}

static void stream_close(struct live *l)
{
	endpoint_tls_free(l->stream.ssl);
	identity_clear(&l->stream.id);
	if (l->stream.listener >= 0)
		close(l->stream.listener);
}

const struct live_media live_stream = {
    stream_open, stream_add, stream_join,    stream_send,  stream_receive,
    NULL,	 NULL,	     stream_hang_up, stream_close, 5,
};
