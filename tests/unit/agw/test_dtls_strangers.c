/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DTLS-SRTP: who is not the peer begins a handshake, or breaks one, and the peer gets through. */
#include "unit/unit.h"
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

struct end {
	int fd;
	struct netaddr at;
};

static struct end end_make(const char *ip)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct end e = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &e.at), 0);
	len = netaddr_to_sockaddr(&e.at, &ss);
	ck_assert_int_eq(bind(e.fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(e.fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &e.at);
	return e;
}

static void aim(const struct end *e, const struct media_leg *l)
{
	struct netaddr to = local(l);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&to, &ss);

	ck_assert_int_eq(connect(e->fd, (struct sockaddr *)&ss, len), 0);
}

static int any(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

/* On a socket that is connected. */
static SSL *client(int fd, const struct identity *id)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_client_method());
	struct timeval tv = {.tv_usec = 100000};
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
	struct sockaddr_storage to;
	socklen_t len = sizeof(to);
	SSL *ssl;

	ck_assert_int_eq(getpeername(fd, (struct sockaddr *)&to, &len), 0);
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);

	SSL_CTX_set_cert_verify_callback(ctx, any, NULL);
	SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AES128_CM_SHA1_80");
	if (id) {
		SSL_CTX_use_certificate(ctx, id->cert);
		SSL_CTX_use_PrivateKey(ctx, id->key);
	}
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_RECV_TIMEOUT, 0, &tv);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* Go on for ms; true when the handshake is done. */
static bool shake(SSL *ssl, int ms)
{
	for (int64_t until = media_now_ms() + ms; media_now_ms() < until;) {
		ERR_clear_error();
		if (SSL_do_handshake(ssl) == 1)
			return true;
		DTLSv1_handle_timeout(ssl);
		serve(1);
	}
	return false;
}

/* The first datagram of a handshake, and nothing after it. */
static void only_hello(const struct end *e)
{
	SSL *ssl = client(e->fd, NULL);

	shake(ssl, 1);
	SSL_free(ssl);
	serve(50);
}

static void broken_hello(const struct end *e)
{
	uint8_t p[80] = {22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 67, 1, 0, 0, 55, [24] = 55};

	memset(p + 25, 0xee, sizeof(p) - 25);
	ck_assert_int_eq(send(e->fd, p, sizeof(p), 0), sizeof(p));
	serve(50);
}

static struct media_leg *dtls_leg(struct media_leg_config *c)
{
	struct media_leg *l;

	c->mode = MEDIA_SENDRECV;
	c->setup = MEDIA_SETUP_PASSIVE;
	c->rtcp_mux = true;
	expect_fingerprint(c, t.ue.line);
	l = leg(MEDIA_DTLS_SRTP, t.access, c);
	reach();
	return l;
}

static void gets_through(struct end *e, struct media_leg *l, int ms)
{
	uint8_t waste[2048];
	SSL *ssl;

	while (recv(e->fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		; /* what was answered to others */
	aim(e, l);
	ssl = client(e->fd, &t.ue);
	ck_assert(shake(ssl, ms));
	ck_assert(wait_for(MEDIA_EV_TLS_UP, 1));
	ck_assert_str_eq(media_leg_state(l), "ready");
	SSL_free(ssl);
}

START_TEST(dtls_from_elsewhere_is_not_heard)
{
	struct end ue, stranger;
	struct media_leg_config c = {0};
	struct media_leg_stats st;
	struct media_leg *l;

	setup();
	ue = end_make("127.0.1.9");
	stranger = end_make("127.0.1.8");
	c.remote = ue.at;
	l = dtls_leg(&c);
	aim(&stranger, l);
	only_hello(&stranger);
	broken_hello(&stranger);
	UNIT_SOON((media_leg_stats(l, &st), st.filtered >= 2), serve(10));
	ck_assert_str_eq(media_leg_state(l), "idle");
	gets_through(&ue, l, UNIT_PATIENCE_MS);
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED], 0);
	teardown();
}
END_TEST

/* As if somebody wrote the peer's address on his own datagrams. */
START_TEST(a_handshake_that_was_broken_or_left_makes_room_for_the_next)
{
	struct identity wrong;
	uint8_t waste[2048];
	struct end ue;
	struct media_leg_config c = {0};
	struct media_leg *l;
	SSL *ssl;

	setup();
	identity_make(&wrong);
	ue = end_make("127.0.1.9");
	c.remote = ue.at;
	l = dtls_leg(&c);
	aim(&ue, l);
	only_hello(&ue);
	broken_hello(&ue);
	while (recv(ue.fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
	ssl = client(ue.fd, &wrong);
	UNIT_SOON(t.count[MEDIA_EV_TLS_FAILED], shake(ssl, 10));
	SSL_free(ssl);
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_UP], 0);
	gets_through(&ue, l, UNIT_PATIENCE_MS);
	identity_clear(&wrong);
	teardown();
}
END_TEST

START_TEST(who_latched_and_is_not_the_peer_is_let_go)
{
	struct end ue, stranger;
	struct media_leg_config c = {.latch = MEDIA_LATCH_ON};
	struct media_leg *l;

	setup_ms(3000);
	ue = end_make("127.0.1.9");
	stranger = end_make("127.0.1.8");
	netaddr_parse(SLICE_LIT("192.0.2.77"), &c.remote);
	c.remote.port = 5000;
	l = dtls_leg(&c);
	aim(&stranger, l);
	broken_hello(&stranger); /* fails at once */
	only_hello(&stranger);	 /* holds the leg for some seconds */
	gets_through(&ue, l, UNIT_PATIENCE_MS);
	teardown();
}
END_TEST

/* The leg begins, the peer answers. */
static SSL *server(int fd, const struct identity *id, const struct media_leg *l)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_server_method());
	struct timeval tv = {.tv_usec = 100000};
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
	struct netaddr at = local(l);
	struct sockaddr_storage to;
	SSL *ssl;

	netaddr_to_sockaddr(&at, &to);
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
	SSL_CTX_set_cert_verify_callback(ctx, any, NULL);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AES128_CM_SHA1_80");
	SSL_CTX_use_certificate(ctx, id->cert);
	SSL_CTX_use_PrivateKey(ctx, id->key);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_RECV_TIMEOUT, 0, &tv);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_accept_state(ssl);
	return ssl;
}

static struct media_leg *dtls_client(struct media_leg_config *c)
{
	struct media_leg *l;

	c->mode = MEDIA_SENDRECV;
	c->setup = MEDIA_SETUP_ACTIVE;
	c->rtcp_mux = true;
	expect_fingerprint(c, t.ue.line);
	l = leg(MEDIA_DTLS_SRTP, t.access, c);
	serve(30);
	return l;
}

/* A datagram with the peer's address on it: "handshake failure". */
static void breaks_it(const struct end *e)
{
	static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40};

	ck_assert_int_eq(send(e->fd, alert, sizeof(alert), 0), sizeof(alert));
	serve(50);
}

START_TEST(a_client_that_a_stranger_broke_tries_again)
{
	struct media_leg_config c = {0};
	uint8_t waste[2048];
	struct media_leg *l;
	struct end ue;
	SSL *ssl;

	setup_retry(60000);
	ue = end_make("127.0.1.9");
	c.remote = ue.at;
	l = dtls_client(&c);
	aim(&ue, l);
	for (int i = 1; i <= 3; i++) { /* each time later: 0.5, 1, 2 s */
		breaks_it(&ue);
		ck_assert(wait_for(MEDIA_EV_TLS_RETRY, i));
		ck_assert_str_eq(media_leg_state(l), "failed");
		for (int n = 0; n < 500 && strcmp(media_leg_state(l), "handshake") != 0; n++)
			serve(10);
	}
	while (recv(ue.fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		; /* what it said in its first tries */
	ssl = server(ue.fd, &t.ue, l);
	ck_assert(shake(ssl, 10000));
	ck_assert(wait_for(MEDIA_EV_TLS_UP, 1));
	ck_assert_str_eq(media_leg_state(l), "ready");
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED], 0);
	SSL_free(ssl);
	teardown();
}
END_TEST

/* Where we begin, only whom we asked can answer, although anybody may send. */
START_TEST(a_client_is_not_drawn_away_from_its_peer)
{
	struct media_leg_config c = {.latch = MEDIA_LATCH_ON};
	struct end ue, stranger;
	struct media_leg *l;
	SSL *ssl;

	setup();
	ue = end_make("127.0.1.9");
	stranger = end_make("127.0.1.8");
	c.remote = ue.at;
	l = dtls_client(&c);
	aim(&ue, l);
	aim(&stranger, l);
	breaks_it(&stranger);
	only_hello(&stranger);
	ssl = server(ue.fd, &t.ue, l);
	ck_assert(shake(ssl, 5000));
	ck_assert(wait_for(MEDIA_EV_TLS_UP, 1));
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED], 0);
	SSL_free(ssl);
	teardown();
}
END_TEST

UNIT_MAIN_WITHIN(60, "DTLS-SRTP: strangers", a_client_that_a_stranger_broke_tries_again,
		 a_client_is_not_drawn_away_from_its_peer, dtls_from_elsewhere_is_not_heard,
		 a_handshake_that_was_broken_or_left_makes_room_for_the_next,
		 who_latched_and_is_not_the_peer_is_let_go)
