/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP every 20 ms with sequence numbers, and octets that follow from them, so that the far end can
 * check each; in SRTP with keys from the session description (RFC 4568) where the m-line says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ue/elog.h"
#include "ue/media.h"
#include "ue/rtp_stats.h"
#include "ue/sdes_srtp.h"
#include "ue/tlayer.h"

enum {
	INTERVAL_MS = 20,
	SAMPLES = 160,	   /* PCMU, 8 kHz */
	GAP_TOLD_MS = 100, /* shorter ones are not worth a line */
	RTP_KEYS_MAX = SDES_SUITES,
};

struct rtp_line {
	struct media_line line; /* must be the first */
	bool opened;
	struct io io, next_io; /* next_io: the socket on the access it is about to move to */
	uint16_t port, next_port;
	struct netaddr remote;
	bool have_remote;
	uint16_t seq;
	uint32_t timestamp, ssrc;
	uint64_t sent, next_ms;
	struct rtp_stats stats;
	uint64_t wrong, refused;
	uint64_t samples, crossings; /* of PCMU: octets, and how often their sign changed */
	uint8_t sign;
	struct timer tick;
	/* SRTP */
	struct sdes_key own[RTP_KEYS_MAX], peer;
	unsigned own_n;
	int used; /* of own: the one that was agreed */
	bool agreed, fresh_keys, new_peer_key;
	struct sdes_srtp *srtp;
};

static struct rtp_line *rtp(struct media_line *l)
{
	return (struct rtp_line *)l;
}

static const struct rtp_line *rtp_const(const struct media_line *l)
{
	return (const struct rtp_line *)l;
}

static bool crypto_is(const struct rtp_line *r, const char *what)
{
	return r->line.plan->crypto && strcmp(r->line.plan->crypto, what) == 0;
}

/* Are its packets SRTP? Not where a phone plays one that sends in clear what it said to protect. */
static bool is_protected(const struct rtp_line *r)
{
	return r->line.secure && !crypto_is(r, "clear");
}

/* What octet i of packet seq is. */
static uint8_t octet_of(uint16_t seq, unsigned i)
{
	return (uint8_t)(seq * 7 + i * 3 + (seq >> 8));
}

static void count_wrong(struct rtp_line *r, const struct rtp_header *h, const uint8_t *p, size_t n)
{
	if (n != SAMPLES)
		r->wrong += n > SAMPLES ? n - SAMPLES : SAMPLES - n;
	for (unsigned i = 0; i < n && i < SAMPLES; i++)
		r->wrong += p[i] != octet_of(h->seq, i);
}

/* A tone crosses zero twice in each period. The sign is the highest bit (ITU-T G.711). */
static void count_crossings(struct rtp_line *r, const struct rtp_header *h, const uint8_t *p,
			    size_t n)
{
	if (h->payload_type != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		r->crossings += (p[i] & 0x80) != r->sign;
		r->sign = p[i] & 0x80;
	}
	r->samples += n;
}

static void take_packet(struct rtp_line *r, uint8_t *p, size_t n)
{
	const struct media *m = r->line.media;
	struct rtp_header h;
	char name[96];
	uint32_t lost;
	uint64_t gap;

	if (is_protected(r) && !r->agreed)
		return; /* before the answer is here, with a key that is not known yet */
	if (is_protected(r) && sdes_srtp_unprotect(r->srtp, p, &n) != 0) {
		r->refused++;
		return;
	}
	if (rtp_header_read(p, (uint32_t)n, &h) != 0)
		return;
	if (!r->stats.received)
		elog_event("media", "ue", m->ue, "session", m->name, "what", "start", NULL);
	gap = rtp_stats_packet(&r->stats, &h, wall_now_us(), &lost) / 1000;
	count_wrong(r, &h, p + RTP_HEADER_LEN, n - RTP_HEADER_LEN);
	count_crossings(r, &h, p + RTP_HEADER_LEN, n - RTP_HEADER_LEN);
	if (gap < GAP_TOLD_MS)
		return;
	elog_line(media_line_name(&r->line, name), "media is back after %u ms, %u packets lost",
		  (unsigned)gap, lost);
	elog_event("media", "ue", m->ue, "session", m->name, "what", "gap", "gap_ms",
		   elog_num((int64_t)gap), "lost", elog_num(lost), NULL);
}

static void received(struct io *io, uint32_t events)
{
	uint8_t buf[2048];

	(void)events;
	for (int i = 0; i < 16; i++) {
		ssize_t n = recv(io->fd, buf, sizeof(buf), 0);

		if (n < 0)
			return;
		take_packet(io->owner, buf, (size_t)n);
	}
}

static int open_socket(struct rtp_line *r, struct access *a, struct io *io, uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr at;
	int fd = access_socket(a, SOCK_DGRAM, r->line.plan->port);

	if (fd < 0)
		return -1;
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &at);
	*port = at.port;
	*io = (struct io){.fd = fd, .ready = received, .owner = r};
	return loop_add(io, EPOLLIN);
}

/* ---- SDES ---- */

/* New keys of our own: an offer has one for each suite, an answer one for the suite that was
 * chosen. */
static void make_keys(struct rtp_line *r, bool answer)
{
	static const char usual[] = "AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_32";
	const char *wish = r->line.plan->crypto;
	struct slice rest = slice_str(wish && strstr(wish, "_") ? wish : usual);

	r->own_n = 0;
	if (answer) {
		r->own[0] = r->peer;
		r->own[0].mki_len = 0;
		sdes_srtp_random(&r->own[0]);
		r->own_n = 1;
		r->used = 0;
		return;
	}
	while (rest.len && r->own_n < RTP_KEYS_MAX) {
		struct slice name = slice_trim(slice_cut(&rest, ' '));

		for (int s = SDES_NONE + 1; s < SDES_SUITES; s++)
			if (slice_eq(slice_str(sdes_suite_name((enum sdes_suite)s)), name)) {
				struct sdes_key *k = &r->own[r->own_n++];

				*k =
				    (struct sdes_key){.suite = (enum sdes_suite)s, .tag = r->own_n};
				sdes_srtp_random(k);
			}
	}
}

static void write_keys(struct rtp_line *r, struct text *t)
{
	char line[256];
	/* Later offers and answers repeat what was agreed (RFC 4568 5.1.4). */
	bool one = r->agreed && !r->fresh_keys;

	if (crypto_is(r, "none"))
		return;
	for (unsigned i = 0; i < r->own_n; i++) {
		struct sdes_key k = r->own[i];

		if (one && (int)i != r->used)
			continue;
		if (crypto_is(r, "wrong"))
			sdes_srtp_random(&k);
		if (sdes_print(&k, line, sizeof(line)) > 0)
			text_add(t, "a=crypto:%s\r\n", line);
		sdes_key_wipe(&k);
	}
}

/* The peer's key: in an offer the first one that we have, in an answer the one we offered. */
static int take_key(struct rtp_line *r, const struct sdp_body *b, int i, bool answer)
{
	struct slice value;
	int pos = -1;

	while (sdp_body_attr_next(b, i, SLICE_LIT("crypto"), &pos, &value)) {
		struct sdes_key k;

		if (sdes_parse(value, &k) != SDES_OK)
			continue;
		for (unsigned n = 0; answer && n < r->own_n; n++)
			if (r->own[n].tag == k.tag && r->own[n].suite == k.suite) {
				r->used = (int)n;
				r->peer = k;
				return 0;
			}
		if (!answer) {
			r->new_peer_key =
			    !r->agreed || k.suite != r->peer.suite || k.tag != r->peer.tag;
			r->peer = k;
			return 0;
		}
	}
	if (answer)
		media_fault(&r->line, "an answer in SRTP without a key that was offered");
	return -1;
}

static void use_keys(struct rtp_line *r)
{
	if (!is_protected(r) || r->used >= (int)r->own_n)
		return;
	if (!r->srtp)
		r->srtp = sdes_srtp_new();
	sdes_srtp_set(r->srtp, &r->own[r->used], &r->peer);
	r->agreed = true;
	r->fresh_keys = false;
}

/* ---- sending ---- */

static void send_packet(struct rtp_line *r)
{
	uint8_t packet[RTP_HEADER_LEN + SAMPLES + SDES_SRTP_GROWTH];
	size_t n = RTP_HEADER_LEN + SAMPLES;
	struct rtp_header h = {
	    .seq = r->seq++, .timestamp = r->timestamp, .ssrc = r->ssrc, .marker = r->sent == 0};
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&r->remote, &ss);

	r->timestamp += SAMPLES;
	rtp_header_write(&h, packet);
	for (unsigned i = 0; i < SAMPLES; i++)
		packet[RTP_HEADER_LEN + i] = octet_of(h.seq, i);
	r->sent++;
	/* Never in clear where protection was agreed, unless that is what is played. */
	if (is_protected(r) && (!r->srtp || sdes_srtp_protect(r->srtp, packet, &n) != 0))
		return;
	/* A dead access loses packets; that is what is being measured. */
	if (sendto(r->io.fd, packet, n, MSG_NOSIGNAL, (struct sockaddr *)&ss, len) < 0)
		errno = 0;
}

static void on_tick(struct timer *t)
{
	struct rtp_line *r = t->owner;
	uint64_t now = loop_now_ms();

	/* A busy machine may come late; it does not get a burst of more than ten. */
	if (now > r->next_ms + 10 * INTERVAL_MS)
		r->next_ms = now;
	while (r->next_ms <= now) {
		send_packet(r);
		r->next_ms += INTERVAL_MS;
	}
	loop_start(&r->tick, r->next_ms, on_tick, r);
}

/* ---- one m-line ---- */

static int rtp_prepare(struct media_line *l, struct access *a, bool answer)
{
	struct rtp_line *r = rtp(l);
	bool first = !r->opened, moves = !first && a != l->media->access;

	if (first) {
		char hex[9];

		r->io.fd = r->next_io.fd = -1;
		r->opened = true;
		tl_random(hex, 4);
		r->ssrc = (uint32_t)strtoul(hex, NULL, 16);
		r->seq = (uint16_t)(r->ssrc >> 7 & 0x7fff);
	}
	if (!l->plan->outside.family && first && open_socket(r, a, &r->io, &r->port) != 0)
		return -1;
	if (!l->plan->outside.family && moves) {
		io_close(&r->next_io);
		if (open_socket(r, a, &r->next_io, &r->next_port) != 0)
			return -1;
	}
	/* Another address or port of ours wants another key (RFC 4568 7.1.4). */
	if (l->secure && (!r->own_n || moves || (answer && r->new_peer_key))) {
		make_keys(r, answer);
		r->fresh_keys = true;
	}
	r->new_peer_key = false;
	return 0;
}

static uint16_t rtp_port(const struct media_line *l)
{
	const struct rtp_line *r = rtp_const(l);

	if (l->plan->outside.family)
		return l->plan->outside.port;
	return r->next_io.fd >= 0 ? r->next_port : r->port;
}

static void rtp_write(struct media_line *l, bool answer, struct text *t)
{
	(void)answer;
	text_put(t, SLICE_LIT("a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"));
	if (l->secure)
		write_keys(rtp(l), t);
}

static int rtp_take(struct media_line *l, const struct sdp_body *b, int i, bool answer)
{
	struct rtp_line *r = rtp(l);
	struct sdp_connection c;

	if (!sdp_body_connection(b, i, &c) || !netaddr_known(&c.ip))
		return -1;
	if (l->secure && take_key(r, b, i, answer) != 0)
		return -1;
	r->remote = c.ip;
	r->remote.port = sdp_body_mline(b, i).port_number;
	r->have_remote = true;
	return 0;
}

static void follow_remote(struct rtp_line *r)
{
	const struct media *m = r->line.media;
	char text[NETADDR_TEXT_MAX];
	bool sending = r->have_remote && r->remote.port && (r->line.direction & SDP_DIR_RECVONLY) &&
		       r->remote.family == m->access->local.family && r->io.fd >= 0;

	elog_event("media", "ue", m->ue, "session", m->name, "what", "remote", "remote",
		   netaddr_text(&r->remote, text), "sending", elog_num(sending), NULL);
	if (!sending) {
		loop_stop(&r->tick);
	} else if (!r->tick.armed) {
		r->next_ms = loop_now_ms();
		loop_start(&r->tick, r->next_ms, on_tick, r);
	}
}

static void rtp_commit(struct media_line *l)
{
	struct rtp_line *r = rtp(l);
	int fd = r->next_io.fd;

	if (fd >= 0) {
		loop_del(&r->next_io);
		io_close(&r->io);
		r->io = (struct io){.fd = fd, .ready = received, .owner = r};
		r->next_io.fd = -1;
		loop_add(&r->io, EPOLLIN);
		r->port = r->next_port;
	}
	if (!r->have_remote)
		return;
	use_keys(r);
	follow_remote(r);
}

static void rtp_rollback(struct media_line *l)
{
	if (rtp(l)->opened)
		io_close(&rtp(l)->next_io);
}

static void rtp_stop(struct media_line *l)
{
	struct rtp_line *r = rtp(l);

	loop_stop(&r->tick);
	if (r->opened)
		io_close(&r->io);
}

static void rtp_adopt(struct media_line *to, struct media_line *from)
{
	struct rtp_line *t = rtp(to);
	const struct rtp_line *f = rtp_const(from);

	t->seq = f->seq;
	t->timestamp = f->timestamp;
	t->ssrc = f->ssrc;
	t->sent = f->sent;
	t->stats = f->stats;
}

static void rtp_figures(const struct media_line *l, struct media_figures *out)
{
	const struct rtp_line *r = rtp_const(l);

	*out = (struct media_figures){
	    .sent = r->sent,
	    .received = r->stats.received,
	    .lost = rtp_stats_lost(&r->stats),
	    .reordered = r->stats.reordered,
	    .repeated = r->stats.repeated,
	    .wrong = r->wrong,
	    .refused = r->refused,
	    .faults = l->faults,
	    .max_gap_us = r->stats.max_gap_us,
	    .hz = r->samples ? r->crossings * 4000 / r->samples : 0,
	};
}

static void rtp_reset(struct media_line *l)
{
	struct rtp_line *r = rtp(l);

	rtp_stats_reset(&r->stats);
	r->wrong = r->refused = l->faults = 0;
	r->samples = r->crossings = 0;
}

static const char *rtp_state(const struct media_line *l)
{
	return rtp_const(l)->tick.armed ? "sending" : "idle";
}

static void rtp_close(struct media_line *l)
{
	const struct media *m = l->media;
	struct rtp_line *r = rtp(l);

	loop_stop(&r->tick);
	if (!r->opened)
		return;
	elog_event("media", "ue", m->ue, "session", m->name, "what", "stop", "received",
		   elog_num((int64_t)r->stats.received), "lost",
		   elog_num((int64_t)rtp_stats_lost(&r->stats)), "reordered",
		   elog_num((int64_t)r->stats.reordered), "sent", elog_num((int64_t)r->sent),
		   "gap_ms", elog_num((int64_t)r->stats.max_gap_us / 1000), NULL);
	io_close(&r->io);
	io_close(&r->next_io);
	sdes_srtp_free(r->srtp);
	for (unsigned i = 0; i < r->own_n; i++)
		sdes_key_wipe(&r->own[i]);
	sdes_key_wipe(&r->peer);
}

const struct media_kind media_rtp_kind = {
    .name = "rtp",
    .media = "audio",
    .formats = "0",
    .proto = {{"RTP/AVP", "RTP/AVPF"}, {"RTP/SAVP", "RTP/SAVPF"}},
    .size = sizeof(struct rtp_line),
    .prepare = rtp_prepare,
    .port = rtp_port,
    .write = rtp_write,
    .take = rtp_take,
    .commit = rtp_commit,
    .rollback = rtp_rollback,
    .stop = rtp_stop,
    .adopt = rtp_adopt,
    .figures = rtp_figures,
    .reset = rtp_reset,
    .state = rtp_state,
    .close = rtp_close,
};
