/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of stream legs: the gate, one side that triggers the other, and how a pair ends. */
#include "unit/unit.h"
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

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

/* Signalling names another address: the connection with the old one, of which no end has been told, is
 * no obstacle to the new one. What passed on it cannot be joined with what comes, so the far end is
 * left, too, unless nothing has passed. */
START_TEST(a_peer_that_has_moved_gets_in)
{
	setup();
	for (int said = 0; said < 2; said++) {
		struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE}, cc = ca;
		struct netaddr me, to;
		struct media_leg *a, *c;
		int old, next, far;
		char buf[4];

		netaddr_parse(SLICE_LIT("127.0.1.9"), &ca.remote);
		tls_pair(MEDIA_TCP, MEDIA_TCP, &ca, &cc, &a, &c);
		old = endpoint_bind("127.0.1.9", 0, &me);
		far = endpoint_bind("127.0.2.9", 0, &me);
		to = local(a);
		ck_assert(endpoint_connect(old, &to, 4000));
		to = local(c);
		ck_assert(endpoint_connect(far, &to, 4000));
		if (said) {
			ck_assert_int_eq(send(old, "abc", 3, 0), 3);
			ck_assert(endpoint_read(far, NULL, buf, 3));
		} else {
			ck_assert(wait_for(MEDIA_EV_TCP_UP, 2));
		}
		/* The port of one who connects says nothing. */
		ca.remote.port = 9;
		ck_assert_int_eq(media_leg_configure(a, &ca), 0);
		reach();
		ck_assert_str_eq(media_leg_state(a), "ready");
		netaddr_parse(SLICE_LIT("127.0.1.10"), &ca.remote);
		ck_assert_int_eq(media_leg_configure(a, &ca), 0);
		reach();
		ck_assert_int_eq(endpoint_end(old, NULL), 0);
		if (said) {
			ck_assert_int_eq(endpoint_end(far, NULL), 0);
			close(far);
			far = endpoint_bind("127.0.2.9", 0, &me);
			to = local(c);
			ck_assert(endpoint_connect(far, &to, 4000));
		}
		next = endpoint_bind("127.0.1.10", 0, &me);
		to = local(a);
		ck_assert(endpoint_connect(next, &to, 4000));
		ck_assert_int_eq(send(next, "def", 3, 0), 3);
		ck_assert(endpoint_read(far, NULL, buf, 3));
		ck_assert_mem_eq(buf, "def", 3);
		ck_assert_int_eq(t.count[MEDIA_EV_TCP_LOST], 0);
		close(old);
		close(next);
		close(far);
		media_leg_close(a);
		media_leg_close(c);
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
	  who_came_before_the_gate_was_set_is_sent_away,
	  a_refused_connection_is_reported_and_the_peer_reset,
	  a_lost_peer_takes_the_other_side_along, a_peer_that_has_moved_gets_in,
	  a_fin_without_close_notify_is_an_end_in_good_order)
