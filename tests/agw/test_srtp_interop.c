/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP against an implementation that is not ours: a phone made of libre (its own SRTP, RFC 3711
 * and 7714) talks through the running gateway to a plain RTP peer. Keys, SRTCP, roll-over, change
 * of keys.
 */
#include "unit/unit.h"
#define HAVE_STDBOOL_H	1
#define HAVE_INTTYPES_H 1
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <re.h>
#include <stdio.h>
#include <unistd.h>
#include "agw/rig.h"

#define UE  "10.1.0.10"
#define FAR "10.0.0.9"

struct phone {
	struct srtp *tx, *rx;
	int fd, rtcp_fd;
	struct netaddr me, gateway;
};

static int udp_at(const char *ip, int port, struct netaddr *me)
{
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval tv = {.tv_sec = 20};
	int fd;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = (uint16_t)port;
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static void send_to(int fd, const void *p, size_t n, struct netaddr to, int port_offset)
{
	struct sockaddr_storage ss;
	socklen_t len;

	to.port = (uint16_t)(to.port + port_offset);
	len = netaddr_to_sockaddr(&to, &ss);
	ck_assert_int_eq(sendto(fd, p, n, 0, (struct sockaddr *)&ss, len), (int)n);
}

static size_t rtp(uint8_t *p, uint32_t ssrc, uint16_t seq)
{
	const uint8_t h[12] = {0x80,
			       8,
			       (uint8_t)(seq >> 8),
			       (uint8_t)seq,
			       0,
			       0,
			       0,
			       1,
			       (uint8_t)(ssrc >> 24),
			       (uint8_t)(ssrc >> 16),
			       (uint8_t)(ssrc >> 8),
			       (uint8_t)ssrc};

	memcpy(p, h, sizeof(h));
	for (int i = 12; i < 172; i++)
		p[i] = (uint8_t)(i * seq);
	return 172;
}

/* One packet from the phone; the plain peer must see it as it was. */
static bool phone_to_plain(struct phone *ph, int plain, uint32_t ssrc, uint16_t seq)
{
	struct mbuf *mb = mbuf_alloc(400);
	uint8_t clear[200], got[400];
	size_t n = rtp(clear, ssrc, seq);
	ssize_t k;

	mbuf_write_mem(mb, clear, n);
	mb->pos = 0;
	ck_assert_int_eq(srtp_encrypt(ph->tx, mb), 0);
	ck_assert(memcmp(mb->buf + 12, clear + 12, 100) != 0);
	send_to(ph->fd, mb->buf, mb->end, ph->gateway, 0);
	mem_deref(mb);
	k = recv(plain, got, sizeof(got), 0);
	return k == (ssize_t)n && memcmp(got, clear, n) == 0;
}

/* One packet from the plain peer; the phone must be able to open it. */
static bool plain_to_phone(struct phone *ph, int plain, struct netaddr core, uint32_t ssrc,
			   uint16_t seq)
{
	struct mbuf *mb = mbuf_alloc(400);
	uint8_t clear[200];
	size_t n = rtp(clear, ssrc, seq);
	bool ok = false;
	ssize_t k;

	send_to(plain, clear, n, core, 0);
	k = recv(ph->fd, mb->buf, mb->size, 0);
	if (k > (ssize_t)n) {
		mb->end = (size_t)k;
		mb->pos = 0;
		ok =
		    srtp_decrypt(ph->rx, mb) == 0 && mb->end == n && memcmp(mb->buf, clear, n) == 0;
	}
	mem_deref(mb);
	return ok;
}

struct suite {
	const char *name;
	enum srtp_suite id;
	size_t octets;
};
static const struct suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", SRTP_AES_CM_128_HMAC_SHA1_80, 30},
    {"AES_CM_128_HMAC_SHA1_32", SRTP_AES_CM_128_HMAC_SHA1_32, 30},
    {"AES_256_CM_HMAC_SHA1_80", SRTP_AES_256_CM_HMAC_SHA1_80, 46},
    {"AEAD_AES_128_GCM", SRTP_AES_128_GCM, 28},
    {"AEAD_AES_256_GCM", SRTP_AES_256_GCM, 44},
};

static void key_of(const struct suite *s, uint8_t seed, uint8_t key[46], char line[128])
{
	char text[80];
	size_t len = sizeof(text) - 1;

	for (size_t i = 0; i < s->octets; i++)
		key[i] = (uint8_t)(seed * 31 + i * 7);
	ck_assert_int_eq(base64_encode(key, s->octets, text, &len), 0);
	text[len] = 0;
	snprintf(line, 128, "1 %s inline:%s", s->name, text);
}

static void phone_keys(struct phone *ph, const struct suite *s, const uint8_t *tx,
		       const uint8_t *rx)
{
	mem_deref(ph->tx);
	mem_deref(ph->rx);
	ph->tx = ph->rx = NULL;
	ck_assert_int_eq(srtp_alloc(&ph->tx, s->id, tx, s->octets, 0), 0);
	ck_assert_int_eq(srtp_alloc(&ph->rx, s->id, rx, s->octets, 0), 0);
}

static void one_suite(const struct suite *s)
{
	uint8_t ours[46], phones[46];
	char our_line[128], phone_line[128], access[64];
	struct phone ph = {0};
	struct netaddr plain_addr, core = {0};
	int plain, rtcp, context, port;
	const char *r;

	ph.fd = udp_at(UE, 0, &ph.me);
	plain = udp_at(FAR, 40000, &plain_addr);
	rtcp = udp_at(FAR, 40001, &core);
	key_of(s, 1, ours, our_line);
	key_of(s, 2, phones, phone_line);
	r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive, rtcph/rsb = ON, "
		   "gm/saf = ON, gm/spf = ON }, Local {\nc=IN IP4 $\nm=audio $ RTP/SAVP "
		   "8\na=crypto:%s\na=rtcp-mux\n}, "
		   "Remote {\nc=IN IP4 " UE
		   "\nm=audio %d RTP/SAVP 8\na=crypto:%s\na=rtcp-mux\n} } } } }",
		   our_line, ph.me.port, phone_line);
	context = after(r, "Context = ");
	port = after(r, "m=audio ");
	ck_assert_msg(port >= 30000, "%s", r);
	termination_of(r, access);
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("10.1.0.7"), &ph.gateway), 0);
	ph.gateway.port = (uint16_t)port;
	r = mgc_do("Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive, rtcph/rsb = ON }, "
		   "Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote {\nc=IN IP4 " FAR
		   "\nm=audio %d RTP/AVP 8\n} } } } }",
		   context, plain_addr.port);
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("10.0.0.7"), &core), 0);
	core.port = (uint16_t)after(r, "m=audio ");
	rig_settle();

	phone_keys(&ph, s, phones, ours);
	for (unsigned i = 0; i < 60; i++) {
		ck_assert_msg(phone_to_plain(&ph, plain, 0xaaaa, (uint16_t)(65400 + i)), "%s %u",
			      s->name, i);
		ck_assert_msg(plain_to_phone(&ph, plain, core, 0xbbbb, (uint16_t)(65400 + i)),
			      "%s %u", s->name, i);
	}
	/* New keys in both directions, same streams. */
	key_of(s, 3, ours, our_line);
	key_of(s, 4, phones, phone_line);
	r = mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { Local {\nc=IN IP4 "
		   "10.1.0.7\nm=audio %d RTP/SAVP 8\n"
		   "a=crypto:%s\na=rtcp-mux\n}, Remote {\nc=IN IP4 " UE
		   "\nm=audio %d RTP/SAVP 8\na=crypto:%s\n"
		   "a=rtcp-mux\n} } } } }",
		   context, access, port, our_line, ph.me.port, phone_line);
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	rig_settle();
	ck_assert(phone_to_plain(&ph, plain, 0xaaaa, 65460)); /* on its way under the old key */
	phone_keys(&ph, s, phones, ours);
	/* Roll-over under the new keys. */
	for (unsigned i = 65461; i < 65636; i++) {
		ck_assert_msg(phone_to_plain(&ph, plain, 0xaaaa, (uint16_t)i), "%s %u", s->name, i);
		ck_assert_msg(plain_to_phone(&ph, plain, core, 0xbbbb, (uint16_t)i), "%s %u",
			      s->name, i);
	}
	/* A new SSRC in the middle, then the first again. */
	ck_assert(phone_to_plain(&ph, plain, 0xcccc, 7));
	ck_assert(phone_to_plain(&ph, plain, 0xaaaa, 65636 - 65536));
	/* SRTCP in the muxed port becomes RTCP on the plain peer's RTCP port. libre shortens the
	 * tag of SRTCP too with the _32 suite, which RFC 4568 6.2.2 does not allow. */
	if (s->id != SRTP_AES_CM_128_HMAC_SHA1_32) {
		struct mbuf *mb = mbuf_alloc(200);
		uint8_t report[28] = {0x80, 200, 0, 6, 0, 0, 0xaa, 0xaa}, got[100];

		mbuf_write_mem(mb, report, sizeof(report));
		mb->pos = 0;
		ck_assert_int_eq(srtcp_encrypt(ph.tx, mb), 0);
		send_to(ph.fd, mb->buf, mb->end, ph.gateway, 0);
		ck_assert_msg(recv(rtcp, got, sizeof(got), 0) == 28, "%s", rig_ctl("dump"));
		ck_assert_mem_eq(got, report, 28);
		send_to(rtcp, report, sizeof(report), core, 1);
		mb->end = (size_t)recv(ph.fd, mb->buf, mb->size, 0);
		mb->pos = 0;
		ck_assert_int_eq(srtcp_decrypt(ph.rx, mb), 0);
		ck_assert_mem_eq(mb->buf, report, 28);
		mem_deref(mb);
	}
	/* A packet of somebody who has not the key stops at the gateway and is counted. */
	{
		uint8_t forged[200];
		size_t n = rtp(forged, 0xaaaa, 200);

		send_to(ph.fd, forged, n, ph.gateway, 0);
		rig_ctl_has("dump", "auth-failed 1 ");
		ck_assert_int_eq(recv(plain, forged, sizeof(forged), MSG_DONTWAIT), -1);
	}
	r = mgc_do("Context = %d { Subtract = * }", context);
	ck_assert_msg(strstr(r, "rtp/pr") && strstr(r, "rtp/pl"), "%s", r);
	mem_deref(ph.tx);
	mem_deref(ph.rx);
	close(ph.fd);
	close(plain);
	close(rtcp);
}

START_TEST(libre_and_the_gateway_understand_each_other)
{
	rig_start(NULL);
	one_suite(&suites[_i]);
	rig_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("SRTP interoperation");
	TCase *tc = tcase_create("libre");
	SRunner *runner = srunner_create(suite);
	int failed;

	rig_namespace();
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, libre_and_the_gateway_understand_each_other, 0,
			    (int)(sizeof(suites) / sizeof(suites[0])));
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
