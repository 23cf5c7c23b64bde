/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stream legs against real TCP and TLS peers on loopback: gate, triggering, TLS and its
 * fingerprints, pumping. */
#include "unit/unit.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "agw/media/media.h"
#include "unit/agw/endpoint.h"

static struct {
	struct media *m;
	struct media_pool *access, *core;
	int count[16];
	struct media_event last[16];
	struct identity ue;
} t;

static void note(const struct media_event *ev, void *arg)
{
	(void)arg;
	t.count[ev->type]++;
	t.last[ev->type] = *ev;
}

static void setup_ms(uint32_t handshake_ms)
{
	struct media_config cfg = {
	    .workers = 2, .tls_handshake_ms = handshake_ms, .tcp_connect_ms = 1000};
	struct netaddr a;

	memset(&t, 0, sizeof(t));
	identity_make(&t.ue);
	ck_assert_int_eq(media_new(&cfg, note, NULL, &t.m), 0);
	netaddr_parse(SLICE_LIT("127.0.1.1"), &a);
	ck_assert_int_eq(media_pool_new(&a, 22000, 22999, NULL, &t.access), 0);
	netaddr_parse(SLICE_LIT("127.0.2.1"), &a);
	ck_assert_int_eq(media_pool_new(&a, 22000, 22999, NULL, &t.core), 0);
}

static void setup(void)
{
	setup_ms(5000);
}

static void teardown(void)
{
	media_free(t.m);
	ck_assert_uint_eq(media_pool_in_use(t.access), 0);
	ck_assert_uint_eq(media_pool_in_use(t.core), 0);
	media_pool_free(t.access);
	media_pool_free(t.core);
	identity_clear(&t.ue);
}

static void serve(int ms)
{
	for (int64_t end = media_now_ms() + ms; media_now_ms() < end;) {
		struct pollfd p = {media_event_fd(t.m), POLLIN, 0};

		poll(&p, 1, 10);
		media_dispatch(t.m);
	}
}

static bool wait_for(enum media_event_type e, int n)
{
	for (int i = 0; i < 1000 && t.count[e] < n; i++)
		serve(10);
	return t.count[e] >= n;
}

static struct media_leg *leg(enum media_proto proto, struct media_pool *pool,
			     const struct media_leg_config *c)
{
	struct media_leg_open how = {.proto = proto, .pool = pool, .config = c};
	struct media_leg *l;

	ck_assert_int_eq(media_leg_open(t.m, &how, &l), 0);
	return l;
}

static struct netaddr local(const struct media_leg *l)
{
	struct netaddr a;

	media_leg_local(l, &a);
	return a;
}

static void expect_fingerprint(struct media_leg_config *c, const char *line)
{
	ck_assert_int_eq(fingerprint_set_add(&c->fingerprints, slice_str(line)), 0);
	c->fingerprint_given = true;
}

/* Access: TLS, passive, waits for the UE. Core: plain, active towards core_peer. */
static void tls_pair(enum media_proto tls, enum media_proto plain, struct media_leg_config *ca,
		     struct media_leg_config *cc, struct media_leg **a, struct media_leg **c)
{
	ca->mode = cc->mode = MEDIA_SENDRECV;
	*a = leg(tls, t.access, ca);
	*c = leg(plain, t.core, cc);
	ck_assert_int_eq(media_link(*a, *c), 0);
	serve(30);
}

START_TEST(a_syn_triggers_the_other_and_bytes_flow)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_ACTPASS};
	struct netaddr me, core;
	struct media_leg *a, *c;
	int ue, listener, far;
	char buf[8];

	setup();
	listener = endpoint_bind("127.0.2.9", 0, &core);
	ck_assert_int_eq(listen(listener, 4), 0);
	cc.remote = core;
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	ck_assert_int_eq(endpoint_accept(listener, 100), -1); /* nothing before the SYN */
	ue = endpoint_bind("127.0.1.9", 0, &me);
	struct netaddr to = local(a);
	ck_assert(endpoint_connect(ue, &to, 4000));
	far = endpoint_accept(listener, 4000);
	ck_assert_int_ge(far, 0);
	ck_assert_int_eq(send(ue, "hello", 5, 0), 5);
	ck_assert(endpoint_read(far, NULL, buf, 5));
	ck_assert_mem_eq(buf, "hello", 5);
	/* Half-close: the UE has said all, the answer still comes. */
	shutdown(ue, SHUT_WR);
	ck_assert_int_eq(endpoint_end(far, NULL), 0);
	ck_assert_int_eq(send(far, "answer", 6, 0), 6);
	ck_assert(endpoint_read(ue, NULL, buf, 6));
	close(far);
	ck_assert_int_eq(endpoint_end(ue, NULL), 0);
	ck_assert(wait_for(MEDIA_EV_TCP_CLOSED, 2));
	ck_assert_int_eq(t.count[MEDIA_EV_TCP_UP], 2);
	ck_assert_str_eq(media_leg_state(a), "idle");
	close(ue);
	close(listener);
	teardown();
}
END_TEST

START_TEST(both_passive_are_merged)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
	struct netaddr me, to;
	struct media_leg *a, *c;
	int left, right;
	char buf[4];

	setup();
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	left = endpoint_bind("127.0.1.9", 0, &me);
	right = endpoint_bind("127.0.2.9", 0, &me);
	to = local(a);
	ck_assert(endpoint_connect(left, &to, 4000));
	ck_assert_int_eq(send(left, "abc", 3, 0), 3); /* waits in the socket for the other side */
	serve(50);
	to = local(c);
	ck_assert(endpoint_connect(right, &to, 4000));
	ck_assert(endpoint_read(right, NULL, buf, 3));
	ck_assert_mem_eq(buf, "abc", 3);
	close(left);
	close(right);
	teardown();
}
END_TEST

START_TEST(the_closed_gate_is_silent_and_opens_for_the_peer_only)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE,
				      .filter = {.address_on = true, .port_on = true}};
	struct media_leg_config cc = {.setup = MEDIA_SETUP_PASSIVE};
	struct netaddr me, other, to;
	struct media_leg *a, *c;
	int ue, stranger;

	setup();
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	to = local(a);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	ck_assert(!endpoint_connect(ue, &to, 300));
	ck_assert(errno == EINPROGRESS ||
		  errno == EAGAIN); /* no answer at all: a reset would be ECONNREFUSED */
	close(ue);
	ue = endpoint_bind("127.0.1.9", me.port, &me);
	/* The first SYN is dropped, the gate opens, the retransmission after a second gets in. */
	struct media_leg_config open = ca;
	open.mode = MEDIA_SENDRECV;
	open.remote = me;
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&to, &ss);
	int flags = 1;
	ck_assert_int_eq(ioctl(ue, FIONBIO, &flags), 0);
	ck_assert_int_eq(connect(ue, (struct sockaddr *)&ss, len), -1);
	serve(200);
	ck_assert_int_eq(media_leg_configure(a, &open), 0);
	stranger = endpoint_bind("127.0.1.8", 0, &other);
	ck_assert(!endpoint_connect(stranger, &to, 300));
	ck_assert(errno == EINPROGRESS || errno == EAGAIN);
	ck_assert(wait_for(MEDIA_EV_TCP_UP, 1));
	ck_assert(netaddr_eq(&t.last[MEDIA_EV_TCP_UP].addr, &me));
	close(ue);
	close(stranger);
	teardown();
}
END_TEST

START_TEST(who_came_before_the_gate_was_set_is_sent_away)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
	struct netaddr me, to;
	struct media_leg *a, *c;
	int stranger;

	setup();
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	to = local(a);
	stranger = endpoint_bind("127.0.1.8", 0, &me);
	ck_assert(endpoint_connect(stranger, &to, 4000));
	ck_assert(wait_for(MEDIA_EV_TCP_UP, 1));
	ca.filter.address_on = true;
	netaddr_parse(SLICE_LIT("127.0.1.9"), &ca.remote);
	ck_assert_int_eq(media_leg_configure(a, &ca), 0);
	ck_assert(wait_for(MEDIA_EV_TCP_LOST, 1));
	ck_assert_int_eq(endpoint_end(stranger, NULL), ECONNRESET);
	close(stranger);
	teardown();
}
END_TEST

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

	identity_make(&other);
	expect_fingerprint(&ca, other.line);
	tls_pair(MEDIA_TCP_TLS_MSRP, MEDIA_TCP_MSRP, &ca, &cc, &a, &c);
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
	ck_assert_int_eq(endpoint_end(core_fd, NULL), ECONNRESET); /* both legs are closed */
	ck_assert_str_eq(media_leg_state(a), "failed");
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_UP], 0);
	/* And stay shut: nobody gets a second try without a new configuration. */
	close(cl.fd);
	cl.fd = endpoint_bind("127.0.1.9", 0, &me);
	ck_assert(!endpoint_connect(cl.fd, &to, 200));
	close(cl.fd);
	close(core_fd);
	media_leg_close(a);
	media_leg_close(c);
	identity_clear(&other);
}

START_TEST(a_wrong_certificate_gets_an_alert_and_both_legs_close)
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

/* Seed 003, terminating flows: the UE starts TLS before its answer with the fingerprint has
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
	serve(400);
	ck_assert_str_eq(media_leg_state(a), "held");
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

	setup_ms(300);
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

START_TEST(a_refused_connection_is_reported_and_the_peer_reset)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_ACTIVE};
	struct netaddr me, to;
	struct media_leg *a, *c;
	int ue, unused = 0;

	setup();
	unused = endpoint_bind("127.0.2.9", 0, &cc.remote); /* bound, not listening */
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	to = local(a);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	ck_assert(endpoint_connect(ue, &to, 4000));
	ck_assert(wait_for(MEDIA_EV_TCP_FAILED, 1));
	ck_assert_int_eq(t.last[MEDIA_EV_TCP_FAILED].error, ECONNREFUSED);
	ck_assert_ptr_eq(t.last[MEDIA_EV_TCP_FAILED].leg, c);
	ck_assert_int_eq(endpoint_end(ue, NULL), ECONNRESET);
	close(ue);
	close(unused);
	teardown();
}
END_TEST

struct flood {
	int fd;
	SSL *ssl;
	size_t total;
	uint32_t sum;
};

static uint8_t octet_at(size_t i)
{
	return (uint8_t)(i * 2654435761u >> 13);
}

static void *flood_main(void *arg)
{
	struct flood *f = arg;
	static __thread uint8_t buf[50000];

	for (size_t at = 0; at < f->total;) {
		size_t n = f->total - at < sizeof(buf) ? f->total - at : sizeof(buf);
		ssize_t k;

		for (size_t i = 0; i < n; i++)
			buf[i] = octet_at(at + i);
		k = f->ssl ? SSL_write(f->ssl, buf, (int)n) : send(f->fd, buf, n, 0);
		if (k <= 0)
			break;
		at += (size_t)k;
	}
	if (f->ssl)
		SSL_shutdown(f->ssl);
	else
		shutdown(f->fd, SHUT_WR);
	return NULL;
}

/* A slow reader holds a fast writer back, and everything arrives in order. */
static void bulk(bool from_tls)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_PASSIVE};
	struct netaddr me, to;
	struct media_leg *a, *c;
	int ue, core, small = 4096;
	SSL *ssl;
	pthread_t th;
	struct flood f = {.total = 6 << 20};
	size_t got = 0;
	char buf[30000];
	struct media_leg_stats st;

	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	core = endpoint_bind("127.0.2.9", 0, &me);
	setsockopt(from_tls ? core : ue, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	to = local(c);
	ck_assert(endpoint_connect(core, &to, 4000));
	to = local(a);
	ck_assert(endpoint_connect(ue, &to, 4000));
	ssl = endpoint_tls(ue, true, &t.ue, TLS1_3_VERSION, NULL);
	ck_assert_ptr_nonnull(ssl);
	f.fd = from_tls ? ue : core;
	f.ssl = from_tls ? ssl : NULL;
	pthread_create(&th, NULL, flood_main, &f);
	usleep(300000); /* nobody reads yet */
	media_leg_stats(from_tls ? c : a, &st);
	ck_assert_uint_lt(st.octets_out,
			  5 << 20); /* held in sockets and one buffer, not taken in */
	while (got < f.total) {
		ssize_t k =
		    from_tls ? recv(core, buf, sizeof(buf), 0) : SSL_read(ssl, buf, sizeof(buf));

		ck_assert_int_gt(k, 0);
		for (ssize_t i = 0; i < k; i++)
			if ((uint8_t)buf[i] != octet_at(got + (size_t)i))
				ck_abort_msg("octet %zu", got + (size_t)i);
		got += (size_t)k;
	}
	ck_assert_int_eq(endpoint_end(from_tls ? core : ue, from_tls ? NULL : ssl), 0);
	pthread_join(th, NULL);
	media_leg_stats(a, &st);
	ck_assert_uint_eq(from_tls ? st.octets_in : st.octets_out, f.total);
	endpoint_tls_free(ssl);
	close(ue);
	close(core);
	media_leg_close(a);
	media_leg_close(c);
}

START_TEST(back_pressure_and_order_hold_both_ways)
{
	setup();
	bulk(true);
	bulk(false);
	teardown();
}
END_TEST

START_TEST(msrp_paths_change_between_the_legs)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE,
				      .msrp_rewrite = true,
				      .msrp_local_path = "msrps://127.0.1.1:1/agw;tcp",
				      .msrp_remote_path = "msrps://ue.example:9/ue;tcp"};
	struct media_leg_config cc = {.setup = MEDIA_SETUP_PASSIVE,
				      .msrp_rewrite = true,
				      .msrp_local_path = "msrp://127.0.2.1:2/agw;tcp",
				      .msrp_remote_path = "msrp://far.example:8/far;tcp"};
	static const char in[] =
	    "MSRP abcd SEND\r\nTo-Path: msrps://127.0.1.1:1/agw;tcp\r\n"
	    "From-Path: msrps://ue.example:9/ue;tcp\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
	    "-------abcd$\r\n";
	static const char out[] =
	    "MSRP abcd SEND\r\nTo-Path: msrp://far.example:8/far;tcp\r\n"
	    "From-Path: msrp://127.0.2.1:2/agw;tcp\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
	    "-------abcd$\r\n";
	struct netaddr me, to;
	struct media_leg *a, *c;
	int ue, core;
	char buf[sizeof(out)];
	struct media_leg_stats st;
	SSL *ssl;

	setup();
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS_MSRP, MEDIA_TCP_MSRP, &ca, &cc, &a, &c);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	core = endpoint_bind("127.0.2.9", 0, &me);
	to = local(c);
	ck_assert(endpoint_connect(core, &to, 4000));
	to = local(a);
	ck_assert(endpoint_connect(ue, &to, 4000));
	ssl = endpoint_tls(ue, true, &t.ue, TLS1_2_VERSION, NULL);
	ck_assert_ptr_nonnull(ssl);
	for (int round = 0; round < 3; round++) { /* in two pieces, cut elsewhere each time */
		size_t cut = 10 + 40 * (size_t)round;

		ck_assert_int_eq(SSL_write(ssl, in, (int)cut), (int)cut);
		usleep(20000);
		ck_assert_int_eq(SSL_write(ssl, in + cut, (int)(sizeof(in) - 1 - cut)),
				 (int)(sizeof(in) - 1 - cut));
		ck_assert(endpoint_read(core, NULL, buf, sizeof(out) - 1));
		ck_assert_mem_eq(buf, out, sizeof(out) - 1);
	}
	media_leg_stats(a, &st);
	ck_assert_uint_eq(st.messages_in, 3);
	/* A peer that does not speak MSRP is cut off, and told apart in the events. */
	ck_assert_int_eq(send(core, "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
	ck_assert(wait_for(MEDIA_EV_PROTOCOL, 1));
	ck_assert_ptr_eq(t.last[MEDIA_EV_PROTOCOL].leg, c);
	endpoint_tls_free(ssl);
	close(ue);
	close(core);
	teardown();
}
END_TEST

START_TEST(bfcp_offerer_is_client_though_the_ue_opened_tcp)
{
	/* Seed 003 5.2.1.3.3: UE B opens TCP, the gateway starts TLS. */
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE, .tls_role = MEDIA_TLS_CLIENT};
	struct media_leg_config cc = {.setup = MEDIA_SETUP_PASSIVE};
	static const char hello[12] = {0x20, 11, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2};
	struct netaddr me, to;
	struct media_leg *a, *c;
	struct media_leg_stats st;
	int ue, core;
	char buf[12];
	SSL *ssl;

	setup();
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS_BFCP, MEDIA_TCP_BFCP, &ca, &cc, &a, &c);
	ue = endpoint_bind("127.0.1.9", 0, &me);
	core = endpoint_bind("127.0.2.9", 0, &me);
	to = local(a);
	ck_assert(endpoint_connect(ue, &to, 4000));
	ssl = endpoint_tls(ue, false, &t.ue, TLS1_3_VERSION, NULL);
	ck_assert_ptr_nonnull(ssl);
	to = local(c);
	ck_assert(endpoint_connect(core, &to, 4000));
	ck_assert_int_eq(SSL_write(ssl, hello, 12), 12);
	ck_assert(endpoint_read(core, NULL, buf, 12));
	ck_assert_mem_eq(buf, hello, 12);
	media_leg_stats(a, &st);
	ck_assert_uint_eq(st.messages_in, 1);
	endpoint_tls_free(ssl);
	close(ue);
	close(core);
	teardown();
}
END_TEST

START_TEST(a_lost_peer_takes_the_other_side_along)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
	struct linger hard = {.l_onoff = 1};
	struct netaddr me, to;
	struct media_leg *a, *c;
	int ue, core;

	setup();
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	for (int round = 1; round <= 2; round++) { /* and the pair can be used again */
		ue = endpoint_bind("127.0.1.9", 0, &me);
		core = endpoint_bind("127.0.2.9", 0, &me);
		to = local(a);
		ck_assert(endpoint_connect(ue, &to, 4000));
		to = local(c);
		ck_assert(endpoint_connect(core, &to, 4000));
		ck_assert(wait_for(MEDIA_EV_TCP_UP, 2 * round));
		setsockopt(ue, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(ue);
		ck_assert(wait_for(MEDIA_EV_TCP_LOST, round));
		ck_assert_int_eq(endpoint_end(core, NULL), ECONNRESET);
		close(core);
	}
	teardown();
}
END_TEST

/* Phones leave without close_notify. What they sent last arrives, and then a FIN: a reset could
 * overtake it. */
START_TEST(a_fin_without_close_notify_is_an_end_in_good_order)
{
	static char last[60000];

	setup();
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
		struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
		struct netaddr me, to;
		struct media_leg *a, *c;
		int ue, core, n = version - TLS1_2_VERSION + 1;
		SSL *ssl;

		expect_fingerprint(&ca, t.ue.line);
		tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &a, &c);
		ue = endpoint_bind("127.0.1.9", 0, &me);
		core = endpoint_bind("127.0.2.9", 0, &me);
		to = local(c);
		ck_assert(endpoint_connect(core, &to, 1000));
		to = local(a);
		ck_assert(endpoint_connect(ue, &to, 1000));
		ssl = endpoint_tls(ue, true, &t.ue, version, NULL);
		ck_assert_ptr_nonnull(ssl);
		memset(last, 'z', sizeof(last));
		ck_assert_int_eq(SSL_write(ssl, last, sizeof(last)), (int)sizeof(last));
		endpoint_tls_free(ssl);
		close(ue);
		serve(100);
		ck_assert(endpoint_read(core, NULL, last, sizeof(last)));
		ck_assert_int_eq(endpoint_end(core, NULL), 0);
		close(core);
		ck_assert(wait_for(MEDIA_EV_TCP_CLOSED, 2 * n));
		ck_assert_int_eq(t.count[MEDIA_EV_TCP_LOST], 0);
	}
	teardown();
}
END_TEST

UNIT_MAIN("media streams", a_syn_triggers_the_other_and_bytes_flow, both_passive_are_merged,
	  the_closed_gate_is_silent_and_opens_for_the_peer_only,
	  who_came_before_the_gate_was_set_is_sent_away, tls_both_versions_both_roles,
	  a_wrong_certificate_gets_an_alert_and_both_legs_close,
	  as_client_too_a_wrong_certificate_is_refused, the_handshake_waits_for_a_late_fingerprint,
	  a_handshake_that_never_comes_ends, a_refused_connection_is_reported_and_the_peer_reset,
	  back_pressure_and_order_hold_both_ways, msrp_paths_change_between_the_legs,
	  bfcp_offerer_is_client_though_the_ue_opened_tcp, a_lost_peer_takes_the_other_side_along,
	  a_fin_without_close_notify_is_an_end_in_good_order)
