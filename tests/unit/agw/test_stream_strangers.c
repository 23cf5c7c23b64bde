/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody who is not the peer connects to a TLS leg, and does what strangers do. Whatever that is,
 * the peer's call comes about, nothing of the stranger's gets through, and what he can take is
 * bounded.
 */
#include "unit/unit.h"
#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>
#include "agw/media/stream.h"
#include "unit/agw/stream_rig.h"

#define PEER	 "127.0.1.9"
#define STRANGER "127.0.1.8"
#define FAR	 "127.0.2.9"

static struct identity wrong;

static int dial(const char *from, const struct media_leg *l)
{
	struct netaddr me, to = local(l);
	int fd = endpoint_bind(from, 0, &me);

	ck_assert_msg(endpoint_connect(fd, &to, 4000), "%s: %s", from, strerror(errno));
	return fd;
}

static void reset(int fd)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

/* ---- what strangers do ---- */

static size_t client_hello(char *out, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *to = BIO_new(BIO_s_mem());
	int n;

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), to);
	SSL_set_connect_state(ssl);
	SSL_do_handshake(ssl);
	n = BIO_read(to, out, (int)size);
	ck_assert_int_gt(n, 100);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return (size_t)n;
}

static void say(int fd, const char *p, size_t n)
{
	ck_assert_int_eq(send(fd, p, n, MSG_NOSIGNAL), (int)n);
}

static void says_hello(int fd)
{
	char hello[2048];
	size_t n = client_hello(hello, sizeof(hello));

	say(fd, hello, n);
}

static void sends_garbage(int fd)
{
	say(fd, "GET / HTTP/1.0\r\n\r\n", 18);
	endpoint_end(fd, NULL); /* cut off at once */
	close(fd);
}
static void leaves_with_fin(int fd)
{
	close(fd);
}
static void leaves_with_reset(int fd)
{
	reset(fd);
}
static void leaves_after_hello(int fd)
{
	says_hello(fd);
	close(fd);
}
static void resets_after_hello(int fd)
{
	says_hello(fd);
	reset(fd);
}
static void sends_half_a_hello(int fd)
{
	char hello[2048];

	client_hello(hello, sizeof(hello));
	say(fd, hello, 60);
	close(fd);
}
static void sends_a_broken_hello(int fd)
{
	char hello[2048];
	size_t n = client_hello(hello, sizeof(hello));

	memset(hello + 9, 0xff, 20);
	say(fd, hello, n);
	endpoint_end(fd, NULL);
	close(fd);
}
static void has_another_certificate(int fd)
{
	int alert = -1;

	ck_assert_ptr_null(endpoint_tls(fd, true, &wrong, TLS1_3_VERSION, &alert));
	ck_assert_int_eq(alert, SSL_AD_BAD_CERTIFICATE);
	close(fd);
}
static void has_no_certificate(int fd)
{
	int alert = -1;

	ck_assert_ptr_null(endpoint_tls(fd, true, NULL, TLS1_2_VERSION, &alert));
	close(fd);
}
static void answers_with_an_alert(int fd)
{
	says_hello(fd);
	say(fd, "\x15\x03\x03\0\x02\x02\x28", 7);
	close(fd);
}

static void (*const deeds[])(int fd) = {
    sends_garbage,	leaves_with_fin,      leaves_with_reset,    leaves_after_hello,
    resets_after_hello, sends_half_a_hello,   sends_a_broken_hello, has_another_certificate,
    has_no_certificate, answers_with_an_alert};
enum { DEEDS = sizeof(deeds) / sizeof(deeds[0]) };

/* ---- the call ---- */

struct call {
	struct media_leg *a, *c;
	int far;
};

static void call_make(struct call *k, const char *peer)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE},
				cc = {.setup = MEDIA_SETUP_PASSIVE};

	if (peer)
		netaddr_parse(slice_str(peer), &ca.remote);
	expect_fingerprint(&ca, t.ue.line);
	tls_pair(MEDIA_TCP_TLS, MEDIA_TCP, &ca, &cc, &k->a, &k->c);
	k->far = dial(FAR, k->c);
	ck_assert(wait_for(MEDIA_EV_TCP_UP, 1));
}

/* The peer comes, and octets go both ways over the connection that the far end has had all along.
 */
static void peer_gets_through(struct call *k, int fd)
{
	char buf[8];
	SSL *ssl = endpoint_tls(fd, true, &t.ue, TLS1_3_VERSION, NULL);

	ck_assert_ptr_nonnull(ssl);
	ck_assert_int_eq(SSL_write(ssl, "up", 2), 2);
	ck_assert(endpoint_read(k->far, NULL, buf, 2));
	ck_assert_mem_eq(buf, "up", 2);
	say(k->far, "down", 4);
	ck_assert(endpoint_read(fd, ssl, buf, 4));
	ck_assert_mem_eq(buf, "down", 4);
	endpoint_tls_free(ssl);
	close(fd);
}

static void call_end(struct call *k)
{
	close(k->far);
	media_leg_close(k->a);
	media_leg_close(k->c);
	memset(t.count, 0, sizeof(t.count));
}

START_TEST(whatever_a_stranger_does_the_peer_gets_through)
{
	setup();
	identity_make(&wrong);
	for (int i = 0; i < DEEDS; i++) {
		struct media_leg_stats st;
		struct call k;

		call_make(&k, PEER);
		for (int round = 0; round < 3; round++)
			deeds[i](dial(STRANGER, k.a));
		wait_for(MEDIA_EV_STRANGER, 3);
		ck_assert_msg(t.count[MEDIA_EV_STRANGER] == 3, "deed %d: %d", i,
			      t.count[MEDIA_EV_STRANGER]);
		ck_assert_str_eq(media_leg_state(k.a), "idle");
		peer_gets_through(&k, dial(PEER, k.a));
		ck_assert(wait_for(MEDIA_EV_TLS_UP, 1));
		/* Control heard nothing that would make it end the call. */
		ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED] + t.count[MEDIA_EV_TCP_LOST] +
				     t.count[MEDIA_EV_TCP_FAILED],
				 0);
		media_leg_stats(k.a, &st);
		ck_assert_uint_eq(st.strangers, 3);
		call_end(&k);
	}
	identity_clear(&wrong);
	teardown();
}
END_TEST

/* As above, but the strangers are there while the peer comes, and one of them stays silent. */
START_TEST(strangers_beside_the_peer_do_not_disturb_it)
{
	setup();
	identity_make(&wrong);
	for (int i = 0; i < DEEDS; i++) {
		struct call k;
		int silent, peer;

		call_make(&k, PEER);
		silent = dial(STRANGER, k.a);
		peer = dial(PEER, k.a);
		deeds[i](dial(STRANGER, k.a));
		peer_gets_through(&k, peer);
		ck_assert_int_eq(endpoint_end(silent, NULL), ECONNRESET);
		close(silent);
		call_end(&k);
	}
	identity_clear(&wrong);
	teardown();
}
END_TEST

/* A failure of somebody at the signalled address is told, and the leg listens on all the same. */
START_TEST(the_peers_own_failure_is_told_and_may_be_mended)
{
	struct call k;

	setup();
	identity_make(&wrong);
	call_make(&k, PEER);
	has_another_certificate(dial(PEER, k.a));
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 1));
	ck_assert_int_eq(t.last[MEDIA_EV_TLS_FAILED].cause, MEDIA_TLS_CAUSE_FINGERPRINT);
	leaves_after_hello(dial(PEER, k.a));
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 2));
	ck_assert_int_eq(t.last[MEDIA_EV_TLS_FAILED].cause, MEDIA_TLS_CAUSE_LOST);
	peer_gets_through(&k, dial(PEER, k.a));
	call_end(&k);
	identity_clear(&wrong);
	teardown();
}
END_TEST

/* He has the peer's address, because he is behind the same NAT. What he does is logged, and control
 * hears nothing that would make it end the call. */
START_TEST(a_stranger_behind_the_peers_nat_ends_no_call)
{
	setup_retry(60000);
	identity_make(&wrong);
	for (int i = 0; i < DEEDS; i++) {
		struct call k;

		call_make(&k, PEER);
		for (int round = 0; round < 3; round++)
			deeds[i](dial(PEER, k.a));
		ck_assert_msg(wait_for(MEDIA_EV_TLS_RETRY, 3), "deed %d", i);
		peer_gets_through(&k, dial(PEER, k.a));
		ck_assert(wait_for(MEDIA_EV_TLS_UP, 1));
		ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED] + t.count[MEDIA_EV_TCP_LOST] +
				     t.count[MEDIA_EV_TCP_FAILED],
				 0);
		call_end(&k);
	}
	identity_clear(&wrong);
	teardown();
}
END_TEST

/* Who has failed and does not come again in time: control is told once, with the reason. */
START_TEST(a_peer_that_does_not_try_again_has_failed)
{
	struct call k;

	setup_retry(300);
	identity_make(&wrong);
	call_make(&k, PEER);
	for (int round = 0; round < 3; round++)
		has_another_certificate(dial(PEER, k.a));
	ck_assert(wait_for(MEDIA_EV_TLS_FAILED, 1));
	ck_assert_int_eq(t.last[MEDIA_EV_TLS_FAILED].cause, MEDIA_TLS_CAUSE_FINGERPRINT);
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_RETRY], 3);
	serve(500);
	ck_assert_int_eq(t.count[MEDIA_EV_TLS_FAILED], 1);
	peer_gets_through(&k, dial(PEER, k.a)); /* the leg listens on */
	call_end(&k);
	identity_clear(&wrong);
	teardown();
}
END_TEST

enum { CROWD = 40 };

/* Each from an address of its own, and silent. How many are still connected. */
static int crowd(const struct call *k, int fd[CROWD])
{
	struct media_leg_stats st;
	int left = 0;

	for (int i = 0; i < CROWD; i++) {
		char ip[] = "127.0.1.100";

		ip[9] = (char)('0' + i / 10);
		ip[10] = (char)('0' + i % 10);
		fd[i] = dial(ip, k->a);
		serve(2);
	}
	UNIT_SOON((media_leg_stats(k->a, &st), st.refused + NEWCOMERS_MAX >= CROWD), serve(10));
	for (int i = 0; i < CROWD; i++) {
		char c;
		ssize_t n = recv(fd[i], &c, 1, MSG_DONTWAIT);

		left += n < 0 && errno == EAGAIN;
	}
	return left;
}

START_TEST(a_crowd_at_the_door_is_bounded_and_the_peer_passes_it)
{
	struct media_leg_stats st;
	int fd[CROWD];
	struct call k;

	setup();
	call_make(&k, PEER);
	ck_assert_int_eq(crowd(&k, fd), NEWCOMERS_MAX);
	media_leg_stats(k.a, &st);
	ck_assert_uint_eq(st.refused, CROWD - NEWCOMERS_MAX);
	peer_gets_through(&k, dial(PEER, k.a)); /* at once: it came from where it was expected */
	for (int i = 0; i < CROWD; i++)
		close(fd[i]);
	call_end(&k);
	teardown();
}
END_TEST

/* Behind a NAT the peer's address is not what signalling says. */
START_TEST(a_peer_from_elsewhere_passes_a_crowd_after_a_moment)
{
	int fd[CROWD];
	struct call k;

	setup();
	call_make(&k, "192.0.2.77");
	ck_assert_int_eq(crowd(&k, fd), NEWCOMERS_MAX);
	serve(NEWCOMER_GRACE_MS);
	peer_gets_through(&k, dial(PEER, k.a));
	for (int i = 0; i < CROWD; i++)
		close(fd[i]);
	call_end(&k);
	teardown();
}
END_TEST

START_TEST(one_address_has_no_more_than_its_share)
{
	struct media_leg_stats st;
	int fd[NEWCOMERS_MAX];
	struct call k;

	setup();
	call_make(&k, PEER);
	for (int i = 0; i < NEWCOMERS_MAX; i++)
		fd[i] = dial(STRANGER, k.a);
	UNIT_SOON((media_leg_stats(k.a, &st), st.refused == NEWCOMERS_MAX - NEWCOMERS_SOURCE_MAX),
		  serve(10));
	peer_gets_through(&k, dial(PEER, k.a));
	for (int i = 0; i < NEWCOMERS_MAX; i++)
		close(fd[i]);
	call_end(&k);
	teardown();
}
END_TEST

START_TEST(silent_strangers_go_when_their_time_is_up)
{
	struct call k;
	int silent[3];

	setup_ms(2000);
	call_make(&k, PEER);
	for (int i = 0; i < 3; i++)
		silent[i] = dial(STRANGER, k.a);
	says_hello(silent[1]);
	say(silent[2], "\x16\x03", 2);
	ck_assert(wait_for(MEDIA_EV_STRANGER, 3));
	ck_assert_int_eq(t.last[MEDIA_EV_STRANGER].cause, MEDIA_TLS_CAUSE_TIMEOUT);
	for (int i = 0; i < 3; i++)
		close(silent[i]);
	peer_gets_through(&k, dial(PEER, k.a));
	call_end(&k);
	teardown();
}
END_TEST

/* Reports are memory and log lines: a flood of strangers gets no more than its measure of them. */
START_TEST(a_flood_is_counted_but_not_told_one_by_one)
{
	struct media_leg_stats st = {0};
	struct call k;

	setup();
	call_make(&k, PEER);
	for (int i = 0; i < 200; i++)
		leaves_with_fin(dial(STRANGER, k.a));
	UNIT_SOON((media_leg_stats(k.a, &st), st.strangers + st.refused >= 200), serve(10));
	ck_assert_uint_eq(st.strangers + st.refused, 200);
	ck_assert_int_lt(t.count[MEDIA_EV_STRANGER], 30);
	peer_gets_through(&k, dial(PEER, k.a));
	call_end(&k);
	teardown();
}
END_TEST

START_TEST(without_tls_who_comes_from_the_named_address_goes_first)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
	struct media_leg *a, *c;
	char buf[4];

	setup();
	netaddr_parse(SLICE_LIT(PEER), &ca.remote);
	tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
	for (int said = 0; said < 2; said++) {
		int far = dial(FAR, c), stranger = dial(STRANGER, a), late, peer;

		if (said) {
			say(stranger, "lie", 3);
			ck_assert(endpoint_read(far, NULL, buf, 3));
		}
		serve(20);
		late = dial(STRANGER, a);
		ck_assert_int_eq(endpoint_end(late, NULL), ECONNRESET);
		peer = dial(PEER, a);
		ck_assert_int_eq(endpoint_end(stranger, NULL), ECONNRESET);
		if (said) { /* the far end must not take what follows for the same stream */
			ck_assert_int_eq(endpoint_end(far, NULL), ECONNRESET);
			close(far);
			far = dial(FAR, c);
		}
		say(peer, "abc", 3);
		ck_assert(endpoint_read(far, NULL, buf, 3));
		ck_assert_mem_eq(buf, "abc", 3);
		late = dial(STRANGER, a); /* and nobody takes its place */
		ck_assert_int_eq(endpoint_end(late, NULL), ECONNRESET);
		reset(peer);
		ck_assert_int_eq(endpoint_end(far, NULL), ECONNRESET);
		close(far);
		serve(20);
	}
	teardown();
}
END_TEST

/* Framing that is broken ends the connections of that moment and no more. */
START_TEST(broken_framing_ends_the_connection_and_not_the_leg)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE, .msrp_rewrite = true}, cc = ca;
	static const char good[] = "MSRP abcd SEND\r\nTo-Path: msrp://a:1/b;tcp\r\n"
				   "From-Path: msrp://c:2/d;tcp\r\n\r\nx\r\n-------abcd$\r\n";
	struct media_leg *a, *c;
	char buf[400];

	setup();
	tls_pair(MEDIA_TCP_MSRP, MEDIA_TCP_MSRP, &ca, &cc, &a, &c);
	for (int round = 1; round <= 3; round++) {
		int left = dial(STRANGER, a), far = dial(FAR, c);
		ssize_t n = 0, k;

		/* The good message in the same read arrives before the end. */
		say(left, good, sizeof(good) - 1);
		say(left, "nonsense\r\n", 10);
		ck_assert(wait_for(MEDIA_EV_PROTOCOL, round));
		while ((k = recv(far, buf + n, sizeof(buf) - (size_t)n, 0)) > 0)
			n += k;
		ck_assert_int_eq(k, 0); /* in good order */
		ck_assert_ptr_nonnull(memmem(buf, (size_t)n, "-------abcd$\r\n", 14));
		close(left);
		close(far);
	}
	media_leg_close(a);
	media_leg_close(c);
	teardown();
}
END_TEST

UNIT_MAIN("media streams: strangers", whatever_a_stranger_does_the_peer_gets_through,
	  strangers_beside_the_peer_do_not_disturb_it,
	  the_peers_own_failure_is_told_and_may_be_mended,
	  a_stranger_behind_the_peers_nat_ends_no_call, a_peer_that_does_not_try_again_has_failed,
	  a_crowd_at_the_door_is_bounded_and_the_peer_passes_it,
	  a_peer_from_elsewhere_passes_a_crowd_after_a_moment,
	  one_address_has_no_more_than_its_share, silent_strangers_go_when_their_time_is_up,
	  a_flood_is_counted_but_not_told_one_by_one,
	  without_tls_who_comes_from_the_named_address_goes_first,
	  broken_framing_ends_the_connection_and_not_the_leg)
