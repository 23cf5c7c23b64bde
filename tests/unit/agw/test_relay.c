/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine on loopback: ports, legs, links, events. What needs TLS peers and captures is in
 * tests/agw. */
#include "unit/unit.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/media/media.h"

struct seen {
	int count[16];
	struct media_event last;
};

static void note(const struct media_event *ev, void *arg)
{
	struct seen *s = arg;

	s->count[ev->type]++;
	s->last = *ev;
}

static struct media *engine(struct seen *s, unsigned workers)
{
	struct media_config cfg = {.workers = workers};
	struct media *m;

	memset(s, 0, sizeof(*s));
	ck_assert_int_eq(media_new(&cfg, note, s, NULL, 0, &m), 0);
	return m;
}

static struct media_pool *pool_on(const char *ip, uint16_t from, uint16_t to)
{
	struct netaddr a;
	struct media_pool *p;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	ck_assert_int_eq(media_pool_new(&a, from, to, NULL, &p), 0);
	return p;
}

static void serve(struct media *m)
{
	struct pollfd p = {media_event_fd(m), POLLIN, 0};

	poll(&p, 1, 20);
	media_dispatch(m);
}

/* Until what was asked of the engine is so. */
static void reach(struct media *m)
{
	uint64_t mark = media_mark(m);

	UNIT_SOON(media_reached(m, mark), serve(m));
}

static int udp_socket(const char *ip, struct netaddr *me)
{
	struct netaddr a = {0};
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval tv = {.tv_sec = 20};
	int fd;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static void send_rtp(int fd, const struct media_leg *to, uint16_t seq, uint16_t port_offset)
{
	uint8_t p[172] = {0x80, 0, (uint8_t)(seq >> 8), (uint8_t)seq, [8] = 1, 2, 3, 4};
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;

	media_leg_local(to, &a);
	a.port = (uint16_t)(a.port + port_offset);
	len = netaddr_to_sockaddr(&a, &ss);
	if (port_offset)
		p[1] = 200;
	ck_assert_int_eq(
	    sendto(fd, p, port_offset ? 28 : sizeof(p), 0, (struct sockaddr *)&ss, len),
	    port_offset ? 28 : (int)sizeof(p));
}

/* Sequence number of the next packet, or -1. */
static int got_rtp(int fd)
{
	uint8_t p[2048];
	ssize_t n = recv(fd, p, sizeof(p), 0);

	return n >= 12 ? p[2] << 8 | p[3] : -1;
}

/* Nothing comes in the time that all others need. */
static bool silent(int fd)
{
	struct pollfd p = {fd, POLLIN, 0};

	return poll(&p, 1, 150) == 0;
}

START_TEST(rtp_passes_between_ipv4_and_ipv6)
{
	struct seen s;
	struct media *m = engine(&s, 2);
	struct media_pool *p4 = pool_on("127.0.0.1", 21000, 21099),
			  *p6 = pool_on("::1", 21000, 21099);
	struct media_leg *a, *b;
	struct media_leg_config c = {.mode = MEDIA_SENDRECV,
				     .filter = {.address_on = true, .port_on = true}};
	struct media_leg_open how = {
	    .proto = MEDIA_RTP, .pool = p4, .rtcp_port = true, .config = &c};
	struct netaddr me4, me6, local;
	int f4 = udp_socket("127.0.0.1", &me4), f6 = udp_socket("::1", &me6);
	struct media_leg_stats st;

	c.remote = me4;
	ck_assert_int_eq(media_leg_open(m, &how, &a), 0);
	c.remote = me6;
	how.pool = p6;
	ck_assert_int_eq(media_leg_open(m, &how, &b), 0); /* another worker: linking moves it */
	ck_assert_int_eq(media_link(a, b), 0);
	ck_assert_int_eq(media_link(a, b), MEDIA_ELINKED);
	media_leg_local(a, &local);
	ck_assert_uint_eq(local.port % 2, 0);
	ck_assert_uint_eq(media_pool_in_use(p4), 2);
	reach(m);
	for (uint16_t i = 0; i < 100; i++) {
		send_rtp(f4, a, i, 0);
		ck_assert_int_eq(got_rtp(f6), i);
		send_rtp(f6, b, i, 0);
		ck_assert_int_eq(got_rtp(f4), i);
	}
	media_leg_stats(a, &st);
	ck_assert_uint_eq(st.packets_in, 100);
	ck_assert_uint_eq(st.packets_out, 100);
	ck_assert_uint_eq(st.octets_in, 17200);
	ck_assert_uint_eq(st.rtp_lost, 0);
	media_leg_close(a);
	media_leg_close(b);
	UNIT_SOON(media_pool_in_use(p4) == 0, serve(m));
	UNIT_SOON(media_pool_in_use(p6) == 0, serve(m));
	media_free(m);
	media_pool_free(p4);
	media_pool_free(p6);
	close(f4);
	close(f6);
}
END_TEST

START_TEST(latching_takes_the_first_source_and_no_other)
{
	struct seen s;
	struct media *m = engine(&s, 1);
	struct media_pool *p = pool_on("127.0.0.1", 21100, 21199);
	struct media_leg *a, *b;
	struct media_leg_config c = {
	    .mode = MEDIA_SENDRECV, .latch = MEDIA_LATCH_ON, .latch_serial = 1};
	struct media_leg_open how = {.proto = MEDIA_RTP, .pool = p, .config = &c};
	struct netaddr n1, n2, nb;
	int natted = udp_socket("127.0.0.1", &n1), thief = udp_socket("127.0.0.2", &n2),
	    far = udp_socket("127.0.0.1", &nb);

	netaddr_parse(SLICE_LIT("192.0.2.1"),
		      &c.remote); /* what the phone behind the NAT believes */
	c.remote.port = 9000;
	ck_assert_int_eq(media_leg_open(m, &how, &a), 0);
	c.latch = MEDIA_LATCH_OFF;
	c.remote = nb;
	ck_assert_int_eq(media_leg_open(m, &how, &b), 0);
	ck_assert_int_eq(media_link(a, b), 0);
	reach(m);
	ck_assert_int_eq(sendto(natted, "junk", 4, 0, NULL, 0), -1);
	send_rtp(natted, a, 1, 0);
	ck_assert_int_eq(got_rtp(far), 1);
	UNIT_SOON(s.count[MEDIA_EV_LATCHED] >= 1, serve(m));
	ck_assert(netaddr_eq(&s.last.addr, &n1));
	send_rtp(far, b, 2, 0);
	ck_assert_int_eq(got_rtp(natted), 2);
	send_rtp(thief, a, 3, 0);
	ck_assert(silent(far));
	/* RELATCH: the phone has moved. */
	c.latch = MEDIA_LATCH_RELATCH;
	c.latch_serial = 2;
	memset(&c.remote, 0, sizeof(c.remote));
	ck_assert_int_eq(media_leg_configure(a, &c), 0);
	reach(m);
	send_rtp(thief, a, 4, 0);
	ck_assert_int_eq(got_rtp(far), 4);
	media_free(m);
	media_pool_free(p);
	close(natted);
	close(thief);
	close(far);
}
END_TEST

START_TEST(mode_policing_and_silence)
{
	struct seen s;
	struct media *m = engine(&s, 1);
	struct media_pool *p = pool_on("127.0.0.1", 21200, 21299);
	struct media_leg *a, *b;
	struct media_leg_config c = {.mode = MEDIA_SENDONLY, .inactive_in_ms = 200};
	struct media_leg_open how = {.proto = MEDIA_RTP, .pool = p, .config = &c};
	struct netaddr na, nb;
	int fa = udp_socket("127.0.0.1", &na), fb = udp_socket("127.0.0.1", &nb);
	struct media_leg_stats st;

	c.remote = na;
	ck_assert_int_eq(media_leg_open(m, &how, &a), 0);
	c = (struct media_leg_config){.mode = MEDIA_SENDRECV, .remote = nb};
	ck_assert_int_eq(media_leg_open(m, &how, &b), 0);
	ck_assert_int_eq(media_link(a, b), 0);
	reach(m);
	send_rtp(fa, a, 1, 0); /* a may only send to its peer */
	ck_assert(silent(fb));
	send_rtp(fb, b, 2, 0);
	ck_assert_int_eq(got_rtp(fa), 2);
	UNIT_SOON(s.count[MEDIA_EV_INACTIVE] >= 1, serve(m));
	ck_assert_int_eq(s.last.error, 1);
	send_rtp(fa, a, 3, 0);
	UNIT_SOON(s.count[MEDIA_EV_RESUMED] >= 1, serve(m));
	c = (struct media_leg_config){
	    .mode = MEDIA_SENDRECV, .remote = na, .police_rate = 1, .police_burst = 3 * 172};
	ck_assert_int_eq(media_leg_configure(a, &c), 0);
	reach(m);
	for (uint16_t i = 10; i < 20; i++)
		send_rtp(fa, a, i, 0);
	ck_assert_int_eq(got_rtp(fb), 10);
	ck_assert_int_eq(got_rtp(fb), 11);
	ck_assert_int_eq(got_rtp(fb), 12);
	UNIT_SOON((media_leg_stats(a, &st), st.policed == 7), serve(m));
	ck_assert(silent(fb));
	ck_assert_uint_eq(st.gated, 2);
	media_free(m);
	media_pool_free(p);
	close(fa);
	close(fb);
}
END_TEST

START_TEST(rtcp_and_mux_meet)
{
	struct seen s;
	struct media *m = engine(&s, 1);
	struct media_pool *p = pool_on("127.0.0.1", 21300, 21399);
	struct media_leg *a, *b;
	struct media_leg_config c = {.mode = MEDIA_SENDRECV};
	struct media_leg_open how = {
	    .proto = MEDIA_RTP, .pool = p, .config = &c, .rtcp_port = true};
	struct netaddr na, nrtcp, nb;
	int fa = udp_socket("127.0.0.1", &na), fr = udp_socket("127.0.0.1", &nrtcp),
	    fb = udp_socket("127.0.0.1", &nb);
	uint8_t buf[64];

	c.remote = na;
	c.remote_rtcp = nrtcp;
	ck_assert_int_eq(media_leg_open(m, &how, &a), 0);
	c = (struct media_leg_config){.mode = MEDIA_SENDRECV, .remote = nb, .rtcp_mux = true};
	how.rtcp_port = false;
	ck_assert_int_eq(media_leg_open(m, &how, &b), 0);
	ck_assert_int_eq(media_link(a, b), 0);
	reach(m);
	send_rtp(fr, a, 5, 1); /* RTCP to a's RTCP port comes out of b's one port */
	ck_assert_int_eq(recv(fb, buf, sizeof(buf), 0), 28);
	ck_assert_uint_eq(buf[1], 200);
	buf[0] = 0x80;
	{
		struct netaddr to;
		struct sockaddr_storage ss;
		socklen_t len;

		media_leg_local(b, &to);
		len = netaddr_to_sockaddr(&to, &ss);
		ck_assert_int_eq(sendto(fb, buf, 28, 0, (struct sockaddr *)&ss, len), 28);
	}
	ck_assert_int_eq(recv(fr, buf, sizeof(buf), 0), 28);
	media_free(m);
	media_pool_free(p);
	close(fa);
	close(fr);
	close(fb);
}
END_TEST

START_TEST(sdes_bridge_and_dtls_srtp_between_two_gateways)
{
	/* plain - [a b] - SRTP - [c d] - DTLS-SRTP - [e f] - plain */
	struct seen s;
	struct media *m = engine(&s, 2);
	struct media_pool *p = pool_on("127.0.0.1", 21400, 21499);
	struct media_leg *l[6];
	struct media_leg_config c[6];
	enum media_proto protos[6] = {MEDIA_RTP,       MEDIA_SRTP,	MEDIA_SRTP,
				      MEDIA_DTLS_SRTP, MEDIA_DTLS_SRTP, MEDIA_RTP};
	struct sdes_key k1, k2;
	struct netaddr na, nb;
	int fa = udp_socket("127.0.0.1", &na), fb = udp_socket("127.0.0.1", &nb);
	char fp[FINGERPRINT_TEXT_MAX], line[FINGERPRINT_TEXT_MAX + 16];
	struct media_leg_stats st;

	ck_assert_int_eq(sdes_parse(SLICE_LIT("1 AES_CM_128_HMAC_SHA1_80 inline:"
					      "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"),
				    &k1),
			 0);
	ck_assert_int_eq(
	    sdes_parse(
		SLICE_LIT("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="),
		&k2),
	    0);
	memset(c, 0, sizeof(c));
	for (int i = 0; i < 6; i++) {
		struct media_leg_open how = {.proto = protos[i], .pool = p};

		ck_assert_int_eq(media_leg_open(m, &how, &l[i]), 0);
		c[i].mode = MEDIA_SENDRECV;
	}
	c[0].remote = na;
	media_leg_local(l[2], &c[1].remote);
	media_leg_local(l[1], &c[2].remote);
	media_leg_local(l[4], &c[3].remote);
	media_leg_local(l[3], &c[4].remote);
	c[5].remote = nb;
	c[1].srtp_tx = c[2].srtp_rx = k1;
	c[2].srtp_tx = c[1].srtp_rx = k2;
	ck_assert_int_eq(media_leg_fingerprint(l[3], FINGERPRINT_SHA256, fp), 0);
	ck_assert_int_eq(media_leg_fingerprint(l[0], FINGERPRINT_SHA256, fp), MEDIA_EINVAL);
	snprintf(line, sizeof(line), "SHA-256 %s", fp);
	for (int i = 3; i < 5; i++) { /* both use the gateway's certificate */
		ck_assert_int_eq(fingerprint_set_add(&c[i].fingerprints, slice_str(line)), 0);
		c[i].fingerprint_given = true;
		c[i].rtcp_mux = true;
	}
	c[3].setup = MEDIA_SETUP_PASSIVE;
	c[4].setup = MEDIA_SETUP_ACTIVE;
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(media_leg_configure(l[i], &c[i]), 0);
	for (int i = 0; i < 6; i += 2)
		ck_assert_int_eq(media_link(l[i], l[i + 1]), 0);
	UNIT_SOON(s.count[MEDIA_EV_TLS_UP] >= 2, serve(m));
	for (uint16_t i = 1; i < 50; i++) {
		send_rtp(fa, l[0], i, 0);
		ck_assert_int_eq(got_rtp(fb), i);
		send_rtp(fb, l[5], i, 0);
		ck_assert_int_eq(got_rtp(fa), i);
	}
	media_leg_stats(l[4], &st);
	ck_assert_uint_eq(st.packets_in, 49);
	ck_assert_uint_eq(st.auth_failed, 0);
	ck_assert_str_eq(media_leg_state(l[4]), "ready");
	media_free(m);
	media_pool_free(p);
	close(fa);
	close(fb);
}
END_TEST

/* plain - [a b] - DTLS-SRTP - [c d] - plain, RTCP on ports of its own. mux: b and c have agreed that it
 * shares RTP's. */
static void dtls_with_rtcp(bool mux)
{
	struct seen s;
	struct media *m = engine(&s, 2);
	struct media_pool *p = pool_on("127.0.0.1", 21700, 21799);
	struct media_leg *l[4];
	struct media_leg_config c[4];
	struct media_leg_stats st;
	struct netaddr na, nd, ra, rd;
	int fa = udp_socket("127.0.0.1", &na), fd = udp_socket("127.0.0.1", &nd),
	    fra = udp_socket("127.0.0.1", &ra), frd = udp_socket("127.0.0.1", &rd);
	char fp[FINGERPRINT_TEXT_MAX], line[FINGERPRINT_TEXT_MAX + 16];
	uint8_t buf[64];

	memset(c, 0, sizeof(c));
	for (int i = 0; i < 4; i++) {
		struct media_leg_open how = {
		    .proto = i % 3 ? MEDIA_DTLS_SRTP : MEDIA_RTP, .pool = p, .rtcp_port = true};

		ck_assert_int_eq(media_leg_open(m, &how, &l[i]), 0);
		c[i].mode = MEDIA_SENDRECV;
	}
	c[0].remote = na;
	c[0].remote_rtcp = ra;
	c[3].remote = nd;
	c[3].remote_rtcp = rd;
	media_leg_local(l[2], &c[1].remote);
	media_leg_local(l[1], &c[2].remote);
	media_leg_fingerprint(l[1], FINGERPRINT_SHA256, fp);
	snprintf(line, sizeof(line), "SHA-256 %s", fp);
	for (int i = 1; i < 3; i++) {
		fingerprint_set_add(&c[i].fingerprints, slice_str(line));
		c[i].fingerprint_given = true;
		c[i].rtcp_mux = mux;
		c[i].setup = i == 1 ? MEDIA_SETUP_PASSIVE : MEDIA_SETUP_ACTIVE;
	}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(media_leg_configure(l[i], &c[i]), 0);
	ck_assert_int_eq(media_link(l[0], l[1]), 0);
	ck_assert_int_eq(media_link(l[2], l[3]), 0);
	UNIT_SOON(s.count[MEDIA_EV_TLS_UP] >= (mux ? 2 : 4), serve(m));
	for (uint16_t i = 1; i < 20; i++) {
		send_rtp(fa, l[0], i, 0);
		ck_assert_int_eq(got_rtp(fd), i);
		send_rtp(fra, l[0], i, 1);
		ck_assert_int_eq(recv(frd, buf, sizeof(buf), 0), 28);
		ck_assert_uint_eq(buf[1], 200);
		send_rtp(frd, l[3], i, 1);
		ck_assert_int_eq(recv(fra, buf, sizeof(buf), 0), 28);
	}
	for (int i = 1; i < 3; i++) {
		media_leg_stats(l[i], &st);
		ck_assert_uint_eq(st.rtcp_in, 19); /* it was SRTCP: nothing else gets in */
		ck_assert_uint_eq(st.auth_failed + st.malformed + st.send_failed, 0);
	}
	media_free(m);
	media_pool_free(p);
	close(fa);
	close(fd);
	close(fra);
	close(frd);
}

START_TEST(dtls_protects_rtcp_on_a_port_of_its_own)
{
	dtls_with_rtcp(false);
}
END_TEST

START_TEST(dtls_protects_rtcp_that_shares_rtps_port)
{
	dtls_with_rtcp(true);
}
END_TEST

START_TEST(dtls_with_another_certificate_is_refused)
{
	struct seen s;
	struct media *m = engine(&s, 1);
	struct media_pool *p = pool_on("127.0.0.1", 21500, 21599);
	struct media_leg *a, *b;
	struct media_leg_config ca = {.mode = MEDIA_SENDRECV, .setup = MEDIA_SETUP_PASSIVE},
				cb = ca;
	struct media_leg_open how = {.proto = MEDIA_DTLS_SRTP, .pool = p, .own_certificate = true};
	char fp[FINGERPRINT_TEXT_MAX], line[FINGERPRINT_TEXT_MAX + 16];

	ck_assert_int_eq(media_leg_open(m, &how, &a), 0);
	ck_assert_int_eq(media_leg_open(m, &how, &b), 0);
	media_leg_local(a, &cb.remote);
	media_leg_local(b, &ca.remote);
	media_leg_fingerprint(a, FINGERPRINT_SHA256, fp);
	snprintf(line, sizeof(line), "SHA-256 %s", fp);
	fingerprint_set_add(&cb.fingerprints, slice_str(line));
	fingerprint_set_add(&ca.fingerprints, slice_str(line)); /* a's own, not b's */
	ca.fingerprint_given = cb.fingerprint_given = true;
	cb.setup = MEDIA_SETUP_ACTIVE;
	media_leg_configure(a, &ca);
	media_leg_configure(b, &cb);
	UNIT_SOON(s.count[MEDIA_EV_TLS_FAILED] >= 1, serve(m));
	ck_assert_int_eq(s.count[MEDIA_EV_TLS_UP] <= 1, 1);
	media_free(m);
	media_pool_free(p);
}
END_TEST

START_TEST(ports_run_out_and_come_back)
{
	struct seen s;
	struct media *m = engine(&s, 2);
	struct media_pool *p = pool_on("127.0.0.1", 21600, 21607);
	struct media_leg *l[8], *one_more;
	struct media_leg_open how = {.proto = MEDIA_TCP, .pool = p};

	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 8; i++)
			ck_assert_int_eq(media_leg_open(m, &how, &l[i]), 0);
		ck_assert_int_eq(media_leg_open(m, &how, &one_more), MEDIA_ENOPORT);
		ck_assert_int_eq(media_link(l[0], l[1]), 0);
		for (int i = 0; i < 8; i++)
			media_leg_close(l[i]);
		UNIT_SOON(media_pool_in_use(p) == 0, serve(m));
	}
	media_free(m);
	media_pool_free(p);
}
END_TEST

START_TEST(legs_that_do_not_fit_are_not_linked)
{
	struct seen s;
	struct media *m = engine(&s, 1);
	struct media_pool *p = pool_on("127.0.0.1", 21700, 21799);
	enum media_proto protos[] = {MEDIA_UDP, MEDIA_RTP, MEDIA_TCP_MSRP, MEDIA_TCP_TLS_BFCP,
				     MEDIA_TCP_TLS};
	struct media_leg *l[5];

	for (int i = 0; i < 5; i++) {
		struct media_leg_open how = {.proto = protos[i], .pool = p};

		ck_assert_int_eq(media_leg_open(m, &how, &l[i]), 0);
	}
	ck_assert_int_eq(media_link(l[0], l[1]), MEDIA_EMISMATCH);
	ck_assert_int_eq(media_link(l[1], l[2]), MEDIA_EMISMATCH);
	ck_assert_int_eq(media_link(l[2], l[3]), MEDIA_EMISMATCH);
	ck_assert_int_eq(media_link(l[2], l[2]), MEDIA_EMISMATCH);
	ck_assert_int_eq(media_link(l[2], l[4]), 0);
	media_free(m);
	media_pool_free(p);
}
END_TEST

UNIT_MAIN("media relay", rtp_passes_between_ipv4_and_ipv6,
	  latching_takes_the_first_source_and_no_other, mode_policing_and_silence,
	  rtcp_and_mux_meet, sdes_bridge_and_dtls_srtp_between_two_gateways,
	  dtls_protects_rtcp_on_a_port_of_its_own, dtls_protects_rtcp_that_shares_rtps_port,
	  dtls_with_another_certificate_is_refused, ports_run_out_and_come_back,
	  legs_that_do_not_fit_are_not_linked)
