/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS of stream legs: both roles, fingerprints that are wrong, late or never come. */
#include "unit/unit.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

static void tls_round_trip(int version, bool gateway_is_client)
{
	struct media_leg_config ca = {.setup = gateway_is_client ? MEDIA_SETUP_ACTIVE
								 : MEDIA_SETUP_PASSIVE};
	struct media_leg_config cc = {.setup = gateway_is_client ? MEDIA_SETUP_PASSIVE
								 : MEDIA_SETUP_ACTIVE};
	struct netaddr ue_addr, core_addr, to;
	struct media_leg *a, *c;
	int ue = endpoint_bind("127.0.1.9", 0, &ue_addr),
	    core = endpoint_bind("127.0.2.9", 0, &core_addr);
	int ue_fd, core_fd;
	char buf[16];
	SSL *ssl;

	listen(ue, 4);
	listen(core, 4);
	ca.remote = ue_addr;
	cc.remote = core_addr;
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	if (gateway_is_client) {
		struct netaddr any;

		to = local(c);
		core_fd = endpoint_bind("127.0.2.9", 0, &any);
		ck_assert(endpoint_connect(core_fd, &to, 4000));
		ue_fd = endpoint_accept(ue, 4000);
		ck_assert_int_ge(ue_fd, 0);
		ssl = endpoint_tls(ue_fd, false, &t.ue, version, NULL);
	} else {
		struct netaddr any;

		to = local(a);
		ue_fd = endpoint_bind("127.0.1.9", 0, &any);
		ck_assert(endpoint_connect(ue_fd, &to, 4000));
		core_fd = endpoint_accept(core, 4000);
		ck_assert_int_ge(core_fd, 0);
		ssl = endpoint_tls(ue_fd, true, &t.ue, version, NULL);
	}
	ck_assert_ptr_nonnull(ssl);
	ck_assert_int_eq(SSL_write(ssl, "up", 2), 2);
	ck_assert(endpoint_read(core_fd, NULL, buf, 2));
	ck_assert_int_eq(send(core_fd, "down", 4, 0), 4);
	ck_assert(endpoint_read(ue_fd, ssl, buf, 4));
	ck_assert_mem_eq(buf, "down", 4);
	/* Both halves end one after the other, with close_notify on the secured side. */
	shutdown(core_fd, SHUT_WR);
	ck_assert_int_eq(endpoint_end(ue_fd, ssl), 0);
	ck_assert_int_eq(SSL_write(ssl, "late", 4), 4);
	ck_assert(endpoint_read(core_fd, NULL, buf, 4));
	SSL_shutdown(ssl);
	ck_assert_int_eq(endpoint_end(core_fd, NULL), 0);
	ck_assert(wait_for(MEDIA_EV_TCP_CLOSED, 2));
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_UP], 1);
	ck_assert_int_eq(t.count[MEDIA_EV_TCP_LOST], 0);
	memset(t.count, 0, sizeof(t.count));
	endpoint_tls_free(ssl);
	close(ue_fd);
	close(core_fd);
	close(ue);
	close(core);
	media_leg_close(a);
	media_leg_close(c);
}

START_TEST(tls_both_versions_both_roles)
{
	setup();
	tls_round_trip(TLS1_2_VERSION, false);
	tls_round_trip(TLS1_2_VERSION, true);
	tls_round_trip(TLS1_3_VERSION, false);
	tls_round_trip(TLS1_3_VERSION, true);
	teardown();
}
END_TEST

struct client {
	int fd, version, alert;
	bool with_certificate;
	SSL *ssl;
};

static void *client_main(void *arg)
{
	struct client *c = arg;

	c->alert = -1; /* wait for what the server says after its last word */
	c->ssl =
	    endpoint_tls(c->fd, true, c->with_certificate ? &t.ue : NULL, c->version, &c->alert);
	return NULL;
}

static void refused_client(int version, bool with_certificate, enum media_tls_cause cause)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_PASSIVE};
	struct client cl = {.version = version, .with_certificate = with_certificate};
	struct identity other;
	struct netaddr me, to;
	struct media_leg *a, *c;
	pthread_t th;
	int core_fd;
	char buf[8];

	identity_make(&other);
	expect_fingerprint(&ca, other.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	core_fd = endpoint_bind("127.0.2.9", 0, &me);
	to = local(c);
	ck_assert(endpoint_connect(core_fd, &to, 4000));
	cl.fd = endpoint_bind("127.0.1.9", 0, &me);
	to = local(a);
	ck_assert(endpoint_connect(cl.fd, &to, 4000));
	memset(t.count, 0, sizeof(t.count));
	pthread_create(&th, NULL, client_main, &cl);
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 1));
	pthread_join(th, NULL);
	ck_assert_ptr_null(cl.ssl);
	ck_assert_int_eq(t.last[MEDIA_EV_TLS_FAILED].cause, cause);
	if (with_certificate)
		ck_assert_int_eq(cl.alert, SSL_AD_BAD_CERTIFICATE);
	else
		ck_assert_int_ne(cl.alert, 0);
	/* The far end is not disturbed, nothing has reached it, and the leg listens on. */
	ck_assert_int_eq(recv(core_fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_str_eq(media_leg_state(a), "idle");
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_UP], 0);
	close(cl.fd);
	cl = (struct client){.version = version, .with_certificate = true};
	cl.fd = endpoint_bind("127.0.1.9", 0, &me);
	ck_assert(endpoint_connect(cl.fd, &to, 4000));
	cl.ssl = endpoint_tls(cl.fd, true, &other, version, NULL);
	ck_assert_ptr_nonnull(cl.ssl);
	ck_assert_int_eq(SSL_write(cl.ssl, "x", 1), 1);
	ck_assert(endpoint_read(core_fd, NULL, buf, 1));
	endpoint_tls_free(cl.ssl);
	close(cl.fd);
	close(core_fd);
	media_leg_close(a);
	media_leg_close(c);
	identity_clear(&other);
}

START_TEST(a_wrong_certificate_gets_an_alert_and_the_leg_listens_on)
{
	setup();
	refused_client(TLS1_2_VERSION, true, MEDIA_TLS_CAUSE_FINGERPRINT);
	refused_client(TLS1_3_VERSION, true, MEDIA_TLS_CAUSE_FINGERPRINT);
	refused_client(TLS1_2_VERSION, false, MEDIA_TLS_CAUSE_NO_CERTIFICATE);
	refused_client(TLS1_3_VERSION, false, MEDIA_TLS_CAUSE_NO_CERTIFICATE);
	teardown();
}
END_TEST

START_TEST(as_client_too_a_wrong_certificate_is_refused)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_ACTIVE, .tcp_establish = true};
	struct media_leg_config cc = {.setup = MEDIA_SETUP_PASSIVE};
	struct identity other;
	struct media_leg *a, *c;
	int listener, fd, alert = 0;

	setup();
	identity_make(&other);
	listener = endpoint_bind("127.0.1.9", 0, &ca.remote);
	listen(listener, 4);
	expect_fingerprint(&ca, other.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	fd = endpoint_accept(listener, 4000);
	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_null(endpoint_tls(fd, false, &t.ue, TLS1_3_VERSION, &alert));
	ck_assert_int_eq(alert, SSL_AD_BAD_CERTIFICATE);
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 1));
	close(fd);
	close(listener);
	identity_clear(&other);
	teardown();
}
END_TEST

/* TR 29.828, terminating flows: the UE starts TLS before its answer with the fingerprint has
 * arrived. */
static void late_fingerprint(int version, bool right)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_PASSIVE};
	struct client cl = {.version = version, .with_certificate = true};
	struct identity other;
	struct netaddr me, to;
	struct media_leg *a, *c;
	pthread_t th;
	int core_fd;
	char buf[8];

	identity_make(&other);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	core_fd = endpoint_bind("127.0.2.9", 0, &me);
	to = local(c);
	ck_assert(endpoint_connect(core_fd, &to, 4000));
	ck_assert_int_eq(send(core_fd, "x", 1, 0), 1);
	cl.fd = endpoint_bind("127.0.1.9", 0, &me);
	to = local(a);
	ck_assert(endpoint_connect(cl.fd, &to, 4000));
	memset(t.count, 0, sizeof(t.count));
	pthread_create(&th, NULL, client_main, &cl);
	UNIT_SOON(strcmp(media_leg_state(a), "held") == 0, serve(10));
	serve(100);
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_UP] + t.count[MEDIA_EV_TLS_FAILED], 0);
	expect_fingerprint(&ca, right ? t.ue.line : other.line);
	ck_assert_int_eq(media_leg_configure(a, &ca), 0);
	ck_assert(wait_for(right ? MEDIA_EV_TLS_UP : MEDIA_EV_TLS_FAILED, 1));
	pthread_join(th, NULL);
	if (right) {
		ck_assert_ptr_nonnull(cl.ssl);
		ck_assert(endpoint_read(cl.fd, cl.ssl, buf, 1));
		ck_assert_int_eq(SSL_write(cl.ssl, "abc", 3), 3);
		ck_assert(endpoint_read(core_fd, NULL, buf, 3));
		endpoint_tls_free(cl.ssl);
	} else {
		ck_assert_ptr_null(cl.ssl);
		ck_assert_int_eq(cl.alert, SSL_AD_BAD_CERTIFICATE);
	}
	close(cl.fd);
	close(core_fd);
	media_leg_close(a);
	media_leg_close(c);
	identity_clear(&other);
}

START_TEST(the_handshake_waits_for_a_late_fingerprint)
{
	setup();
	late_fingerprint(TLS1_2_VERSION, true);
	late_fingerprint(TLS1_3_VERSION, true);
	late_fingerprint(TLS1_2_VERSION, false);
	late_fingerprint(TLS1_3_VERSION, false);
	teardown();
}
END_TEST

START_TEST(a_handshake_that_never_comes_ends)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
	struct netaddr me, to;
	struct media_leg *a, *c;
	int ue;

	setup_ms(1000);
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	to = local(a);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	ck_assert(endpoint_connect(ue, &to, 4000));
	ck_assert_int_eq(send(ue, "\x16\x03\x01\x01", 4, 0),
			 4); /* and then nothing: a slow loris */
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 1));
	ck_assert_int_eq(t.last[MEDIA_EV_TLS_FAILED].cause, MEDIA_TLS_CAUSE_TIMEOUT);
	close(ue);
	teardown();
}
END_TEST

/* Every hash of RFC 8122 5 that is not broken. */
START_TEST(the_fingerprint_may_be_of_any_hash)
{
	static const char *const names[] = {"SHA-224", "SHA-384", "SHA-512"};

	setup();
	for (int i = 0; i < 3; i++) {
		struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
		unsigned char digest[EVP_MAX_MD_SIZE];
		char line[300], *w = line + sprintf(line, "%s ", names[i]);
		struct netaddr me, to;
		struct media_leg *a, *c;
		unsigned n;
		SSL *ssl;
		int ue;

		ck_assert_int_eq(X509_digest(t.ue.cert, EVP_get_digestbyname(names[i]), digest, &n),
				 1);
		for (unsigned k = 0; k < n; k++)
			w += sprintf(w, k ? ":%02X" : "%02X", digest[k]);
		expect_fingerprint(&ca, line);
		tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
		ue = endpoint_bind("127.0.1.9", 0, &me);
		to = local(a);
		ck_assert(endpoint_connect(ue, &to, 4000));
		ssl = endpoint_tls(ue, true, &t.ue, TLS1_2_VERSION, NULL);
		ck_assert_msg(ssl != NULL, "%s", names[i]);
		endpoint_tls_free(ssl);
		close(ue);
		media_leg_close(a);
		media_leg_close(c);
	}
	teardown();
}
END_TEST

UNIT_MAIN("media streams: TLS", tls_both_versions_both_roles,
	  a_wrong_certificate_gets_an_alert_and_the_leg_listens_on,
	  as_client_too_a_wrong_certificate_is_refused, the_handshake_waits_for_a_late_fingerprint,
	  a_handshake_that_never_comes_ends, the_fingerprint_may_be_of_any_hash)
