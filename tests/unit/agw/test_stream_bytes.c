/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes a pair of stream legs: order and back-pressure, MSRP paths, BFCP. */
#include "unit/unit.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

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
	/* TR 29.828 5.2.1.3.3: UE B opens TCP, the gateway starts TLS. */
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

UNIT_MAIN("media streams: bytes", back_pressure_and_order_hold_both_ways,
	  msrp_paths_change_between_the_legs, bfcp_offerer_is_client_though_the_ue_opened_tcp)
