/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP of the soak: SRTP with libre's implementation at the UE, keys changed in the middle and the
 * sequence numbers rolling over; or plain RTP that joins IPv4 to an IPv6 UE that must be latched.
 */
#define HAVE_STDBOOL_H	1
#define HAVE_INTTYPES_H 1
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <re.h>
#include <check.h>
#include <string.h>
#include "agw/rig.h"
#include "agw/soak/live.h"
#include "h248/run.h"

/* After a change of keys the gateway takes the old one for five seconds, and we do (RFC
 * 4568 7.1.4); we go on sending under it for one. */
enum { KEY_OCTETS = 30, FIRST_SEQUENCE = 65300, HEADER = 12, OLD_KEY_MS = 1000 };

static int udp_at(const char *ip, struct netaddr *me)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	netaddr_parse(slice_str(ip), me);
	me->port = 0;
	len = netaddr_to_sockaddr(me, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

static void audio_open(struct live *l)
{
	l->ue = udp_at(l->kind == LIVE_RTP6 ? "fd00:1::10" : UE, &l->ue_addr);
	l->far = udp_at(FAR, &l->far_addr);
}

/* ---- keys ---- */

static void key_of(const struct live *l, unsigned turn, unsigned side, uint8_t key[KEY_OCTETS],
		   char line[128])
{
	char text[64];
	size_t len = sizeof(text) - 1;

	for (unsigned i = 0; i < KEY_OCTETS; i++)
		key[i] = (uint8_t)(l->number * 31 + turn * 101 + side * 57 + i * 7);
	ck_assert_int_eq(base64_encode(key, KEY_OCTETS, text, &len), 0);
	text[len] = 0;
	snprintf(line, 128, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\n", text);
}

static void set_keys(struct live *l, unsigned turn)
{
	uint8_t tx[KEY_OCTETS], rx[KEY_OCTETS];
	char line[128];

	key_of(l, turn, 0, rx, line);
	key_of(l, turn, 1, tx, line);
	mem_deref(l->rtp.old_tx);
	mem_deref(l->rtp.old_rx);
	l->rtp.old_tx = l->rtp.tx;
	l->rtp.old_rx = l->rtp.rx;
	l->rtp.rekeyed_ms = h248_now_ms();
	l->rtp.tx = l->rtp.rx = NULL;
	ck_assert_int_eq(srtp_alloc(&l->rtp.tx, SRTP_AES_CM_128_HMAC_SHA1_80, tx, KEY_OCTETS, 0),
			 0);
	ck_assert_int_eq(srtp_alloc(&l->rtp.rx, SRTP_AES_CM_128_HMAC_SHA1_80, rx, KEY_OCTETS, 0),
			 0);
}

/* ---- H.248 ---- */

static void audio_add(struct live *l)
{
	char core[SDP_MAX], ours[128] = "", theirs[128] = "";
	uint8_t key[KEY_OCTETS];
	bool secure = l->kind == LIVE_SRTP;
	const char *proto = secure ? "RTP/SAVP" : "RTP/AVP", *ip = secure ? "IP4" : "IP6";

	if (secure) {
		key_of(l, 0, 0, key, ours);
		key_of(l, 0, 1, key, theirs);
		set_keys(l, 0);
	}
	snprintf(core, sizeof(core),
		 "Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive, "
		 "rtcph/rsb = ON }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote {\n"
		 "c=IN IP4 " FAR "\nm=audio %d RTP/AVP 8\n} } } }",
		 l->far_addr.port);
	/* The IPv6 UE is somewhere else than its SDP says: port 9. */
	mgc_ask(live_answered, l,
		"Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		"SendReceive%s }, Local {\nc=IN %s $\nm=audio $ %s 8\n%s}, Remote {\nc=IN %s %s\n"
		"m=audio %d %s 8\n%s} } }, Events = 4 { g/cause, hangterm/thb { timerx = 20 }, "
		"adid/ipstop { dt = 60 } }%s }, %s }",
		secure ? ", gm/saf = ON, gm/spf = ON" : "", ip, proto, ours, ip,
		secure ? UE : "fd00:1::10", secure ? l->ue_addr.port : 9, proto, theirs,
		secure ? "" : ", Signals { ipnapt/latch { napt = LATCH } }", core);
}

static void audio_rekey(struct live *l)
{
	char ours[128], theirs[128];
	uint8_t key[KEY_OCTETS];

	key_of(l, 1, 0, key, ours);
	key_of(l, 1, 1, key, theirs);
	mgc_ask(
	    live_answered, l,
	    "Context = %d { Modify = ip/access/* { Media { Stream = 1 { Local {\nc=IN IP4 " ACCESS
	    "\nm=audio %d RTP/SAVP 8\n%s}, Remote {\nc=IN IP4 " UE "\nm=audio %d RTP/SAVP 8\n"
	    "%s} } } } }",
	    l->context, l->access_port, ours, l->ue_addr.port, theirs);
}

static void audio_new_keys(struct live *l)
{
	set_keys(l, 1);
}

static bool audio_join(struct live *l)
{
	(void)l;
	return true;
}

/* ---- packets ---- */

static void packet(const struct live *l, enum direction d, uint32_t n, uint8_t p[RTP_SIZE])
{
	const uint32_t ssrc = l->number * 2 + d + 1;
	const uint16_t seq = (uint16_t)(FIRST_SEQUENCE + n);
	const uint8_t head[HEADER] = {0x80,
				      8,
				      (uint8_t)(seq >> 8),
				      (uint8_t)seq,
				      (uint8_t)(n >> 24),
				      (uint8_t)(n >> 16),
				      (uint8_t)(n >> 8),
				      (uint8_t)n,
				      (uint8_t)(ssrc >> 24),
				      (uint8_t)(ssrc >> 16),
				      (uint8_t)(ssrc >> 8),
				      (uint8_t)ssrc};

	memcpy(p, head, HEADER);
	for (unsigned i = HEADER; i < RTP_SIZE; i++)
		p[i] = (uint8_t)(i * n + l->number);
}

static void send_packet(int fd, const void *p, size_t n, const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(to, &ss);

	if (sendto(fd, p, n, 0, (struct sockaddr *)&ss, len) != (ssize_t)n)
		live_failed("sendto: %m");
}

static void audio_send(struct live *l, enum direction d)
{
	uint8_t p[RTP_SIZE];
	struct srtp *tx = l->rtp.tx;
	struct mbuf *mb;

	packet(l, d, l->sent[d], p);
	if (d == TO_UE || !l->rtp.tx) {
		send_packet(d == TO_UE ? l->far : l->ue, p, sizeof(p),
			    d == TO_UE ? &l->core : &l->access);
		return;
	}
	if (l->rtp.old_tx && h248_now_ms() - l->rtp.rekeyed_ms < OLD_KEY_MS)
		tx = l->rtp.old_tx;
	mb = mbuf_alloc(400);
	mbuf_write_mem(mb, p, sizeof(p));
	mb->pos = 0;
	if (srtp_encrypt(tx, mb) == 0)
		send_packet(l->ue, mb->buf, mb->end, &l->access);
	mem_deref(mb);
}

/* A packet of this direction: its number is in the timestamp, and the rest must follow from it. */
static void came(struct live *l, enum direction d, const uint8_t *p, size_t len)
{
	uint8_t want[RTP_SIZE];
	uint32_t n = 0;

	for (unsigned i = 4; i < 8 && len == RTP_SIZE; i++)
		n = n << 8 | p[i];
	packet(l, d, n, want);
	if (len == RTP_SIZE && memcmp(p, want, RTP_SIZE) == 0) {
		live_totals.packets++;
		live_came(l, d, n);
	} else {
		live_totals.wrong++;
		live_failed("call %u: a packet of %zu octets is not what was sent", l->number, len);
	}
}

/* What the UE hears, in the clear; nothing when it does not authenticate under either key. */
static void open_packet(struct live *l, struct mbuf *mb, size_t len)
{
	uint8_t copy[2048];

	memcpy(copy, mb->buf, len);
	mb->pos = 0;
	mb->end = len;
	if (!l->rtp.rx || srtp_decrypt(l->rtp.rx, mb) == 0)
		return;
	memcpy(mb->buf, copy, len);
	mb->pos = 0;
	mb->end = len;
	if (!l->rtp.old_rx || srtp_decrypt(l->rtp.old_rx, mb) != 0)
		mb->end = 0;
}

static void audio_receive(struct live *l)
{
	struct mbuf *mb = mbuf_alloc(2048);
	ssize_t k;

	while ((k = recv(l->far, mb->buf, mb->size, 0)) > 0)
		came(l, TO_FAR, mb->buf, (size_t)k);
	while ((k = recv(l->ue, mb->buf, mb->size, 0)) > 0) {
		open_packet(l, mb, (size_t)k);
		came(l, TO_UE, mb->buf, mb->end);
	}
	mem_deref(mb);
}

static void audio_close(struct live *l)
{
	mem_deref(l->rtp.tx);
	mem_deref(l->rtp.rx);
	mem_deref(l->rtp.old_tx);
	mem_deref(l->rtp.old_rx);
}

const struct live_media live_srtp = {
    audio_open,	 audio_add,	 audio_join, audio_send,  audio_receive,
    audio_rekey, audio_new_keys, NULL,	     audio_close, 1,
};
const struct live_media live_rtp6 = {
    audio_open, audio_add, audio_join, audio_send, audio_receive, NULL, NULL, NULL, audio_close, 1,
};
