/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hostile TLS peers can do to a running gateway: nothing that is not bounded and counted. */
#include "unit/unit.h"
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "agw/flows/look.h"
#include "agw/flows/steps.h"
#include "agw/flows/wire.h"

/* A call with a far peer that listens and a UE that has connected: TLS is the next thing to happen.
 */
struct victim {
	struct call c;
	int listener, ue, far;
};

static void victim_make(struct victim *v)
{
	struct netaddr far_addr;

	memset(v, 0, sizeof(*v));
	identity_make(&v->c.ue);
	v->listener = endpoint_bind(FAR, 0, &far_addr);
	listen(v->listener, 4);
	terminating_add(&v->c, "TCP/TLS/MSRP", "message", "TCP/MSRP", false, far_addr.port, "");
	terminating_configure(&v->c, "TCP/TLS/MSRP", "message", v->c.ue.line);
	v->ue = connect_from(UE, ACCESS, v->c.access_port, 20000);
	ck_assert_int_ge(v->ue, 0);
	v->far = endpoint_accept(v->listener, 20000);
	ck_assert_int_ge(v->far, 0);
}

static void victim_end(struct victim *v)
{
	close(v->ue);
	close(v->far);
	close(v->listener);
	subtract_all(&v->c);
}

/* The handshake was refused and told to the controller. The far peer has heard nothing and is still
 * connected: the leg listens on, and the right client gets through. */
static void expect_refused(struct victim *v)
{
	char c;
	const char *n = mgc_notified(20000, "tlsbsc/BNCChange", v->c.access);
	int ue;
	SSL *ssl;

	ck_assert_msg(n && strstr(n, "EstFail"), "no Notify");
	ck_assert_int_eq(recv(v->far, &c, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ue = connect_from(UE, ACCESS, v->c.access_port, 20000);
	ck_assert_int_ge(ue, 0);
	ssl = endpoint_tls(ue, true, &v->c.ue, TLS1_2_VERSION, NULL);
	ck_assert_ptr_nonnull(ssl);
	endpoint_tls_free(ssl);
	close(ue);
	victim_end(v);
}

static int any(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

static SSL *client(const struct victim *v, int version, const char *ciphers)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	SSL *ssl;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_cert_verify_callback(ctx, any, NULL);
	SSL_CTX_use_certificate(ctx, v->c.ue.cert);
	SSL_CTX_use_PrivateKey(ctx, v->c.ue.key);
	if (ciphers)
		ck_assert_int_eq(SSL_CTX_set_cipher_list(ctx, ciphers), 1);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(ssl, v->ue);
	SSL_set_connect_state(ssl);
	return ssl;
}

static int alert_seen;

static void note_alert(const SSL *ssl, int where, int ret)
{
	(void)ssl;
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		alert_seen = ret & 255;
}

START_TEST(old_versions_and_nameless_ciphers_are_refused)
{
	static const struct {
		int version;
		const char *ciphers;
		int alert;
	} how[] = {
	    {TLS1_VERSION, "ALL", SSL_AD_PROTOCOL_VERSION},
	    {TLS1_1_VERSION, "ALL", SSL_AD_PROTOCOL_VERSION},
	    {TLS1_2_VERSION, "aNULL", SSL_AD_HANDSHAKE_FAILURE},
	    {TLS1_2_VERSION, "eNULL", SSL_AD_HANDSHAKE_FAILURE},
	    {TLS1_2_VERSION, "AES128-SHA", SSL_AD_HANDSHAKE_FAILURE},
	};

	rig_start(NULL);
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		struct victim v;
		SSL *ssl;

		victim_make(&v);
		ssl = client(&v, how[i].version, how[i].ciphers);
		SSL_set_info_callback(ssl, note_alert);
		alert_seen = 0;
		ck_assert_int_ne(SSL_do_handshake(ssl), 1);
		ck_assert_msg(alert_seen == how[i].alert, "case %zu: alert %d", i, alert_seen);
		endpoint_tls_free(ssl);
		expect_refused(&v);
	}
	rig_stop();
}
END_TEST

START_TEST(a_peer_without_certificate_is_refused)
{
	rig_start(NULL);
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		struct victim v;
		int alert = -1;

		victim_make(&v);
		ck_assert_ptr_null(endpoint_tls(v.ue, true, NULL, version, &alert));
		ck_assert_int_gt(alert, 0);
		expect_refused(&v);
	}
	rig_stop();
}
END_TEST

static int offer_session(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *id_len,
			 SSL_SESSION **out)
{
	static const unsigned char name[] = "nobody knows this", suite[] = {0x13, 0x01},
				   key[32] = {7};
	SSL_SESSION *s = SSL_SESSION_new();

	(void)md;
	SSL_SESSION_set1_master_key(s, key, sizeof(key));
	SSL_SESSION_set_cipher(s, SSL_CIPHER_find(ssl, suite));
	SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION);
	SSL_SESSION_set_max_early_data(s, 1 << 20);
	*id = name;
	*id_len = sizeof(name);
	*out = s;
	return 1;
}

/* 0-RTT data may be a replay and comes before anybody has been recognised: not an octet of it may
 * pass. A little of it is skipped (RFC 8446 4.2.10), more ends the handshake. */
START_TEST(early_data_never_reaches_the_far_peer)
{
	static const char late[] =
	    "MSRP late SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n-------late$\r\n";
	static char early[40000];

	memset(early, 'E', sizeof(early));
	rig_start(NULL);
	for (int much = 0; much < 2; much++) {
		struct victim v;
		char got[sizeof(late)];
		size_t n;
		SSL *ssl;

		victim_make(&v);
		ssl = client(&v, TLS1_3_VERSION, NULL);
		SSL_set_psk_use_session_callback(ssl, offer_session);
		ck_assert_int_eq(SSL_write_early_data(ssl, early, much ? sizeof(early) : 200, &n),
				 1);
		if (much) {
			ck_assert_int_ne(SSL_do_handshake(ssl) == 1 && SSL_read(ssl, got, 1) > 0,
					 1);
			endpoint_tls_free(ssl);
			expect_refused(&v);
			continue;
		}
		ck_assert_int_eq(SSL_do_handshake(ssl), 1);
		ck_assert_int_eq(SSL_get_early_data_status(ssl), SSL_EARLY_DATA_REJECTED);
		ck_assert_int_eq(SSL_write(ssl, late, sizeof(late) - 1), (int)sizeof(late) - 1);
		ck_assert(endpoint_read(v.far, NULL, got, sizeof(late) - 1));
		ck_assert_mem_eq(got, "MSRP late", 9);
		endpoint_tls_free(ssl);
		victim_end(&v);
	}
	rig_stop();
}
END_TEST

START_TEST(renegotiation_is_refused)
{
	struct victim v;
	SSL *ssl;

	rig_start(NULL);
	victim_make(&v);
	ssl = client(&v, TLS1_2_VERSION, NULL);
	ck_assert_int_eq(SSL_do_handshake(ssl), 1);
	SSL_set_info_callback(ssl, note_alert);
	alert_seen = 0;
	ck_assert_int_eq(SSL_renegotiate(ssl), 1);
	ck_assert_int_ne(SSL_do_handshake(ssl), 1);
	ck_assert_int_eq(alert_seen, SSL_AD_NO_RENEGOTIATION);
	endpoint_tls_free(ssl);
	victim_end(&v);
	rig_stop();
}
END_TEST

static void send_raw(int fd, const void *head, size_t n, size_t filling)
{
	static char zeros[16384];

	send(fd, head, n, MSG_NOSIGNAL);
	while (filling) {
		size_t k = filling < sizeof(zeros) ? filling : sizeof(zeros);
		ssize_t done = send(fd, zeros, k, MSG_NOSIGNAL);

		if (done <= 0)
			return; /* the gateway has had enough */
		filling -= (size_t)done;
	}
}

START_TEST(what_is_no_handshake_ends_it)
{
	/* A record longer than any; a ClientHello of 16 MB in lawful records; data before a
	 * handshake; text. */
	static const uint8_t record[] = {22, 3, 1, 0xff, 0xff},
			     data[] = {23, 3, 3, 0, 4, 1, 2, 3, 4};
	static const uint8_t giant[] = {22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff};
	static const char text[] =
	    "MSRP abcd SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n-------abcd$\r\n";
	long before;

	rig_start(NULL);
	before = rig_memory_kb("VmRSS");
	for (int kind = 0; kind < 4; kind++) {
		struct victim v;

		victim_make(&v);
		if (kind == 0) {
			send_raw(v.ue, record, sizeof(record), 65535);
		} else if (kind == 1) {
			send_raw(v.ue, giant, sizeof(giant), 16384 - 4);
			for (int i = 0; i < 1000; i++) {
				static const uint8_t more[] = {22, 3, 1, 0x40, 0};

				if (send(v.ue, more, sizeof(more), MSG_NOSIGNAL) <= 0)
					break;
				send_raw(v.ue, "", 0, 16384);
			}
		} else if (kind == 2) {
			send_raw(v.ue, data, sizeof(data), 0);
		} else {
			send_raw(v.ue, text, sizeof(text) - 1, 0);
		}
		expect_refused(&v);
	}
	ck_assert_int_lt(rig_memory_kb("VmRSS") - before, 4096);
	rig_stop();
}
END_TEST

START_TEST(an_oversized_record_after_the_handshake_ends_the_connection)
{
	static const uint8_t record[] = {23, 3, 3, 0xff, 0xff};

	rig_start(NULL);
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		struct victim v;
		SSL *ssl;
		char c;

		victim_make(&v);
		ssl = client(&v, version, NULL);
		ck_assert_int_eq(SSL_do_handshake(ssl), 1);
		rig_serve(50);
		send_raw(v.ue, record, sizeof(record), 65535);
		ck_assert_ptr_nonnull(mgc_notified(20000, "g/cause", v.c.access));
		ck_assert_int_le(recv(v.far, &c, 1, 0), 0);
		endpoint_tls_free(ssl);
		victim_end(&v);
	}
	rig_stop();
}
END_TEST

/* The first flight of an honest client. */
static size_t client_hello(const struct victim *v, char *out, size_t size)
{
	SSL *ssl = client(v, TLS1_3_VERSION, NULL);
	BIO *to = BIO_new(BIO_s_mem());
	int n;

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), to);
	SSL_do_handshake(ssl);
	n = BIO_read(to, out, (int)size);
	ck_assert_int_gt(n, 100);
	endpoint_tls_free(ssl);
	return (size_t)n;
}

/* A byte now and then keeps no handshake alive: the limit counts from the connection's start. */
START_TEST(a_slow_loris_is_cut_off_at_the_handshake_limit)
{
	struct victim v;
	char hello[2048];
	size_t len;
	int64_t start, end;
	size_t i = 0;

	rig_start("tls_handshake_ms = 1200\n");
	start = wire_now();
	victim_make(&v);
	len = client_hello(&v, hello, sizeof(hello));
	while (i < len && send(v.ue, hello + i, 1, MSG_NOSIGNAL) == 1) {
		rig_serve(60); /* all of it would take several times the limit */
		i++;
	}
	ck_assert_uint_lt(i, len);
	expect_refused(&v);
	end = wire_find(start, CORE, "tlsbsc/BNCChange", "EstFail");
	ck_assert_int_gt(end - start, 1200000);
	rig_stop();
}
END_TEST

enum { HALF_OPEN = 1000, AT_A_TIME = 4 }; /* so that a reply fits one datagram */

/* Contexts with one access termination each that expects a TLS client; half of them IPv4, half
 * IPv6. */
static void add_victims(int port[HALF_OPEN], const char *fingerprint)
{
	for (int done = 0; done < HALF_OPEN; done += AT_A_TIME) {
		static char text[AT_A_TIME * 800];
		const char *r;
		size_t n = 0;

		for (int i = 0; i < AT_A_TIME; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "%sContext = $ { Add = ip/access/$ { Media { Stream "
					      "= 1 { LocalControl { Mode = "
					      "SendReceive }, Local {\nc=IN IP%c $\nm=message $ "
					      "TCP/TLS/MSRP *\na=setup:passive\n"
					      "}, Remote {\nc=IN IP%c %s\nm=message 9 TCP/TLS/MSRP "
					      "*\na=setup:active\n"
					      "a=fingerprint:%s\n} } } } }",
					      i ? ", " : "", i & 1 ? '6' : '4', i & 1 ? '6' : '4',
					      i & 1 ? "fd00:1::10" : UE, fingerprint);
		r = mgc_do("%s", text);
		for (int i = 0; i < AT_A_TIME; r += 10) {
			r = strstr(r, "m=message ");
			ck_assert_msg(r != NULL, "%d of %d ports in the reply", i, AT_A_TIME);
			if (atoi(r + 10) != 9) /* that one is Remote's */
				port[done + i++] = atoi(r + 10);
		}
	}
}

START_TEST(a_thousand_half_open_handshakes_are_bounded_counted_and_in_nobodys_way)
{
	static int port[HALF_OPEN], fd[HALF_OPEN];
	struct victim good;
	char hello[2048], text[57], got[57];
	long descriptors, memory;
	size_t len;
	SSL *ssl;

	rig_start(METRICS "tls_handshake_ms = 600000\nports_reserved_percent = 0\n");
	victim_make(&good);
	len = client_hello(&good, hello, sizeof(hello));
	add_victims(port, good.c.ue.line);
	rig_settle();
	descriptors = rig_descriptors();
	memory = rig_memory_kb("VmRSS");
	for (int i = 0; i < HALF_OPEN; i++) {
		fd[i] = connect_from(i & 1 ? "fd00:1::10" : UE, i & 1 ? "fd00:1::7" : ACCESS,
				     port[i], 20000);
		ck_assert_msg(fd[i] >= 0, "connection %d to %d: %s", i, port[i], strerror(errno));
		/* Some stop within their first flight, some when the gateway has done its work for
		 * them. */
		ck_assert_int_gt(send(fd[i], hello, i % 4 < 2 ? len : len / 2, MSG_NOSIGNAL), 0);
	}
	rig_serve(200);
	ck_assert_int_eq(metric("tls_failed_total"), 0);
	ck_assert_msg(rig_descriptors() - descriptors <= HALF_OPEN, "%ld descriptors",
		      rig_descriptors() - descriptors);
	memory = rig_memory_kb("VmRSS") - memory;
	ck_assert_msg(memory < HALF_OPEN * 64, "%ld kB for %d handshakes", memory, HALF_OPEN);

	/* An honest UE among them. */
	ssl = client(&good, TLS1_3_VERSION, NULL);
	ck_assert_int_eq(SSL_do_handshake(ssl), 1);
	memcpy(text, "MSRP efgh SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n-------efgh$\r\n", 56);
	ck_assert_int_eq(SSL_write(ssl, text, 56), 56);
	ck_assert(endpoint_read(good.far, NULL, got, 56));
	ck_assert_int_eq(metric("tls_failed_total"), 0);

	for (int i = 0; i < HALF_OPEN; i++)
		close(fd[i]);
	ck_assert(metric_reaches("tls_failed_total", HALF_OPEN, 20000));
	ck_assert_int_le(rig_descriptors(), descriptors);
	ck_assert_int_eq(SSL_write(ssl, text, 56), 56); /* and the honest one goes on */
	ck_assert(endpoint_read(good.far, NULL, got, 56));
	endpoint_tls_free(ssl);
	mgc_do("Context = * { Subtract = * { Audit { } } }");
	close(good.ue);
	close(good.far);
	close(good.listener);
	identity_clear(&good.c.ue);
	expect_ports_back();
	rig_stop();
}
END_TEST

/* All at one leg whose gate is open and from one address: a few may try, the rest costs neither
 * descriptors nor the place of those few. */
START_TEST(a_crowd_at_one_leg_is_few_peers)
{
	struct netaddr far_addr;
	struct call c = {0};
	int fd[100], listener;
	long before;
	const char *d;

	rig_start(NULL);
	identity_make(&c.ue);
	listener = endpoint_bind(FAR, 0, &far_addr);
	listen(listener, 4);
	terminating_add(&c, "TCP/TLS/MSRP", "message", "TCP/MSRP", false, far_addr.port, "");
	rig_settle();
	before = rig_descriptors();
	for (int i = 0; i < 100; i++)
		fd[i] = connect_later(UE, ACCESS, c.access_port);
	rig_ctl_has("dump", "connects 4 ");
	rig_serve(500);
	ck_assert_msg(rig_descriptors() - before <= 5, "%ld descriptors more",
		      rig_descriptors() - before);
	d = rig_ctl("dump");
	ck_assert_msg(after(d, "connects ") == 4, "%s", d);
	for (int i = 0; i < 100; i++)
		close(fd[i]);
	close(listener);
	subtract_all(&c);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    old_versions_and_nameless_ciphers_are_refused,
	    a_peer_without_certificate_is_refused,
	    early_data_never_reaches_the_far_peer,
	    renegotiation_is_refused,
	    what_is_no_handshake_ends_it,
	    an_oversized_record_after_the_handshake_ends_the_connection,
	    a_slow_loris_is_cut_off_at_the_handshake_limit,
	    a_thousand_half_open_handshakes_are_bounded_counted_and_in_nobodys_way,
	    a_crowd_at_one_leg_is_few_peers,
	};
	struct rlimit many = {4096, 4096};

	setrlimit(RLIMIT_NOFILE, &many);
	return flows_main("hostile peers", tests, sizeof(tests) / sizeof(tests[0]));
}
