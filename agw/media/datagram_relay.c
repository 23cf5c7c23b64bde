/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RTP/RTCP (and plain UDP) relay: takes batches from one leg's sockets and sends them from its
 * partner's. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/demux.h"
#include "agw/media/worker.h"

enum {
	SKIPS_MAX = 32,	    /* batches left out of one socket at once */
	TIMESTAMP_US = 125, /* a unit of RTP's clock, which is taken as 8,000 a second */
};

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* tman: a token bucket of police_burst octets filled at police_rate. */
static bool within_rate(struct media_leg *leg, size_t len)
{
	int64_t now = now_us();
	double cap = (double)(leg->cfg.police_burst > len ? leg->cfg.police_burst : len);

	if (leg->d.tokens_us)
		leg->d.tokens +=
		    (double)(now - leg->d.tokens_us) * (double)leg->cfg.police_rate / 1e6;
	leg->d.tokens_us = now;
	if (leg->d.tokens > cap)
		leg->d.tokens = cap;
	if (leg->d.tokens < (double)len)
		return false;
	leg->d.tokens -= (double)len;
	return true;
}

static void watch_rtcp_in(struct media_leg *leg, const uint8_t *p, size_t len)
{
	int64_t us = rtcp_watch_received(&leg->d.reports, p, len, now_us());

	struct rtcp_reported said;

	STAT_ADD(leg->stats.rtcp_in, 1);
	if (us >= 0)
		STAT_SET(leg->stats.rtp_delay_us, (uint64_t)us + !us);
	if (!rtcp_reported(p, len, &said))
		return;
	STAT_SET(leg->stats.rtp_peer_fraction, said.fraction);
	STAT_SET(leg->stats.rtp_peer_lost, said.lost);
	STAT_SET(leg->stats.rtp_peer_jitter_us, (uint64_t)said.jitter * TIMESTAMP_US);
	STAT_ADD(leg->stats.rtp_reports, 1);
}

static void watch_rtcp_out(struct media_leg *leg, const uint8_t *p, size_t len)
{
	STAT_ADD(leg->stats.rtcp_out, 1);
	rtcp_watch_sent(&leg->d.reports, p, len, now_us());
}

static void watch_rtp(struct media_leg *leg, const uint8_t *p)
{
	struct rtp_watch *r = &leg->d.watch;
	uint16_t seq = demux_u16(p + 2), step;
	uint32_t ssrc = demux_u32(p + 8), expected, lost;
	int64_t transit = leg->worker->now_ms * 8 - (int64_t)demux_u32(p + 4), diff;

	if (!r->started || r->ssrc != ssrc) {
		uint32_t kept = (uint32_t)leg->stats.rtp_lost;

		*r = (struct rtp_watch){.started = true,
					.ssrc = ssrc,
					.max_seq = seq,
					.base_seq = seq,
					.received = 1,
					.lost_before = kept,
					.last_transit = transit};
		return;
	}
	step = (uint16_t)(seq - r->max_seq);
	if (step && step < 0x8000) {
		r->cycles += seq < r->max_seq;
		r->max_seq = seq;
	}
	r->received++;
	diff = transit - r->last_transit;
	r->last_transit = transit;
	r->jitter += ((double)(diff < 0 ? -diff : diff) - r->jitter) / 16;
	expected = (r->cycles << 16 | r->max_seq) - r->base_seq + 1;
	lost = expected > r->received ? expected - r->received : 0;
	STAT_SET(leg->stats.rtp_lost, r->lost_before + lost);
	STAT_SET(leg->stats.rtp_jitter_us, (uint64_t)(r->jitter * TIMESTAMP_US));
}

/* May this source send here? Latches on the way, once the packet is known to be good. */
static bool source_allowed(const struct datagram_end *end, const struct sockaddr_storage *from,
			   struct netaddr *source)
{
	/* The known peer, compared as the kernel gave it: nearly every packet ends here. */
	if (end->dest_len && (end->latched || end->connected) &&
	    from->ss_family == end->dest_sa.ss_family) {
		const struct sockaddr_in *a4 = (const void *)from,
					 *b4 = (const void *)&end->dest_sa;
		const struct sockaddr_in6 *a6 = (const void *)from,
					  *b6 = (const void *)&end->dest_sa;

		if (from->ss_family == AF_INET)
			return a4->sin_port == b4->sin_port &&
			       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
		return a6->sin6_port == b6->sin6_port &&
		       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
	}
	netaddr_from_sockaddr(from, source);
	if (end->latched)
		return netaddr_eq(source, &end->dest);
	return gate_allows(&end->gate, source);
}

static void count_srtp(struct media_leg *leg, enum srtp_result rc)
{
	if (rc == SRTP_AUTH || rc == SRTP_NO_KEY)
		STAT_ADD(leg->stats.auth_failed, 1);
	else if (rc == SRTP_REPLAY)
		STAT_ADD(leg->stats.replayed, 1);
	else
		STAT_ADD(leg->stats.malformed, 1);
}

/* The partner's socket for this kind of packet, or NULL. */
static struct datagram_end *way_out(struct media_leg *to, bool rtcp)
{
	struct datagram_end *end = datagram_way_out(&to->d);

	if (rtcp && !to->cfg.rtcp_mux)
		end = to->d.rtcp.fd >= 0 ? &to->d.rtcp : NULL;
	return end && end->dest_len ? end : NULL;
}

/*
 * One datagram from the peer of leg: check, open, count, close for the partner. Returns the way
 * out, or NULL if it stops here. *len is what goes out.
 */
static struct datagram_end *relay_one(struct media_leg *leg, struct datagram_end *end, uint8_t *p,
				      size_t *len, const struct sockaddr_storage *from)
{
	struct media_leg *to = leg->partner;
	enum demux_kind kind = DEMUX_UNKNOWN;
	struct datagram_end *out;
	struct netaddr source = {0};
	bool rtcp = false, plain = leg->proto == MEDIA_UDP;

	if (from && !source_allowed(end, from, &source)) {
		STAT_ADD(leg->stats.filtered, 1);
		return NULL;
	}
	if (!plain) {
		kind = demux_datagram(p, *len);
		if (kind == DEMUX_DTLS && leg->proto == MEDIA_DTLS_SRTP) {
			if (!dtls_leg_listens_to(leg, end, &source)) {
				STAT_ADD(leg->stats.filtered, 1);
				return NULL;
			}
			if (leg->cfg.latch != MEDIA_LATCH_OFF && !end->latched)
				datagram_leg_latch(leg, end, &source);
			dtls_leg_input(leg, end, p, *len);
			return NULL;
		}
		if (kind != DEMUX_RTP && kind != DEMUX_RTCP) {
			STAT_ADD(leg->stats.malformed, kind != DEMUX_STUN);
			return NULL;
		}
		rtcp = kind == DEMUX_RTCP || end == &leg->d.rtcp;
	}
	if (leg->cfg.police_rate && !within_rate(leg, *len)) {
		STAT_ADD(leg->stats.policed, 1);
		return NULL;
	}
	if (leg->proto == MEDIA_SRTP || leg->proto == MEDIA_DTLS_SRTP) {
		enum srtp_result rc = srtp_end_unprotect(datagram_keys(&leg->d, end), p, len, rtcp,
							 leg->worker->now_ms);

		if (rc != SRTP_OK) {
			count_srtp(leg, rc);
			return NULL;
		}
	}
	if (leg->cfg.latch != MEDIA_LATCH_OFF && !end->latched)
		datagram_leg_latch(leg, end, &source);
	activity_note_in(leg, leg->worker->now_ms);
	if (rtcp) {
		watch_rtcp_in(leg, p, *len);
	} else {
		STAT_ADD(leg->stats.packets_in, 1);
		STAT_ADD(leg->stats.octets_in, *len);
		if (!plain)
			watch_rtp(leg, p);
	}
	if (leg->trace)
		trace_datagram(leg, true, rtcp, p, *len);
	/* RTCP keeps flowing while media is on hold; only an inactive stream stops it. */
	if (!to ||
	    !(rtcp ? leg->cfg.mode && to->cfg.mode
		   : leg->cfg.mode & MEDIA_RECVONLY && to->cfg.mode & MEDIA_SENDONLY) ||
	    !(out = way_out(to, rtcp))) {
		STAT_ADD(leg->stats.gated, 1);
		return NULL;
	}
	if (to->trace)
		trace_datagram(to, false, rtcp, p, *len);
	if (rtcp) {
		watch_rtcp_out(to, p, *len);
	} else {
		STAT_ADD(to->stats.packets_out, 1);
		STAT_ADD(to->stats.octets_out, *len);
	}
	activity_note_out(to, leg->worker->now_ms);
	if (to->proto == MEDIA_SRTP || to->proto == MEDIA_DTLS_SRTP) {
		enum srtp_result rc = srtp_end_protect(datagram_keys(&to->d, out), p, len, rtcp);

		if (rc == SRTP_REPLAY) /* of whom it came from: that number has been sent */
			STAT_ADD(leg->stats.replayed, 1);
		else if (rc != SRTP_OK)
			STAT_ADD(to->stats.send_failed, 1);
		if (rc != SRTP_OK)
			return NULL;
	}
	return out;
}

/*
 * sendto() and recvfrom() without libc's: those are places where a thread may be cancelled, and two
 * locked instructions round each call prepare for it. Nobody cancels a worker.
 */
static ssize_t send_one(const struct datagram_end *end, const void *p, size_t len)
{
	return syscall(SYS_sendto, end->fd, p, len, MSG_DONTWAIT,
		       end->connected ? NULL : &end->dest_sa, end->connected ? 0 : end->dest_len);
}

static ssize_t receive_one(int fd, void *p, struct sockaddr_storage *from)
{
	socklen_t len = sizeof(*from);

	return syscall(SYS_recvfrom, fd, p, DATAGRAM_MAX, MSG_DONTWAIT | MSG_TRUNC, from,
		       from ? &len : NULL);
}

/* Send what one batch left for one socket. An error that an ICMP message left on a connected socket
 * is reported on the next send, which has nothing to do with it: try once more. */
static void flush_batch(struct media_leg *to, struct datagram_end *end, struct mmsghdr *msgs,
			unsigned n)
{
	unsigned sent = 0, tries = 0;

	while (sent < n && tries < 2) {
		int k;

		if (n - sent == 1) {
			const struct msghdr *h = &msgs[sent].msg_hdr;

			k = send_one(end, h->msg_iov->iov_base, h->msg_iov->iov_len) < 0 ? -1 : 1;
		} else {
			k = sendmmsg(end->fd, msgs + sent, n - sent, MSG_DONTWAIT);
		}
		if (k > 0)
			sent += (unsigned)k;
		else if (errno != EINTR)
			tries++;
	}
	if (sent < n)
		STAT_ADD(to->stats.send_failed, n - sent);
}

/*
 * The usual case: one packet. Asking for more costs a failing receive. It is put aside: the packets
 * of one round are relayed together, when the memory they need has had time to come, and the
 * ciphers' code is there after the first. Its source is looked at only then, because a packet
 * before it in the same round may latch.
 */
static void take_one(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;
	struct taken *t;
	ssize_t n;

	if (w->n_taken == DATAGRAM_BATCH)
		datagram_relay_taken(w);
	t = &w->taken[w->n_taken];
	leg_prefetch_in(leg);
	n = receive_one(end->fd, w->slots[w->n_taken].data,
			end->connected ? NULL : &w->rx_from[w->n_taken]);
	if (n < 0)
		return; /* nothing, or an ICMP error that has been read by this */
	if (n > DATAGRAM_MAX) {
		STAT_ADD(leg->stats.malformed, 1);
		return;
	}
	if (leg->partner)
		leg_prefetch_out(leg->partner);
	*t = (struct taken){.leg = leg, .end = end, .len = (size_t)n, .stranger = !end->connected};
	w->n_taken++;
}

/* Both are looked at before anything is asked for: they would have to wait behind it. */
static void prefetch_crypto(const struct taken *t)
{
	const struct srtp_session *rx = &t->leg->d.srtp.rx;
	const struct srtp_session *tx = t->leg->partner ? &t->leg->partner->d.srtp.tx : rx;
	bool opens = rx->handle != NULL, closes = tx->handle != NULL && tx != rx;

	if (opens)
		srtp_session_prefetch(rx);
	if (closes)
		srtp_session_prefetch(tx);
}

void datagram_relay_taken(struct worker *w)
{
	if (w->n_taken)
		prefetch_crypto(&w->taken[0]);
	for (unsigned i = 0; i < w->n_taken; i++) {
		struct taken *t = &w->taken[i];

		if (i + 1 < w->n_taken)
			prefetch_crypto(t + 1);
		t->out = relay_one(t->leg, t->end, w->slots[i].data, &t->len,
				   t->stranger ? &w->rx_from[i] : NULL);
	}
	for (unsigned i = 0; i < w->n_taken; i++) {
		struct taken *t = &w->taken[i];

		if (!t->out)
			continue;
		w->tx_iov[0][0] = (struct iovec){w->slots[i].data, t->len};
		flush_batch(t->leg->partner, t->out, w->tx[0], 1);
	}
	w->n_taken = 0;
}

void datagram_batch_init(struct worker *w)
{
	for (int i = 0; i < DATAGRAM_BATCH; i++) {
		w->rx_iov[i].iov_base = w->slots[i].data;
		w->rx_iov[i].iov_len = DATAGRAM_MAX;
		w->rx[i].msg_hdr = (struct msghdr){
		    .msg_iov = &w->rx_iov[i], .msg_iovlen = 1, .msg_name = &w->rx_from[i]};
		w->tx[0][i].msg_hdr = (struct msghdr){.msg_iov = &w->tx_iov[0][i], .msg_iovlen = 1};
		w->tx[1][i].msg_hdr = (struct msghdr){.msg_iov = &w->tx_iov[1][i], .msg_iovlen = 1};
	}
}

static int take_batch(struct worker *w, int fd)
{
	for (int i = 0; i < DATAGRAM_BATCH; i++)
		w->rx[i].msg_hdr.msg_namelen = sizeof(w->rx_from[i]);
	return recvmmsg(fd, w->rx, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
}

/*
 * With more work than the worker can do, the sockets' queues would fill, and all that passes would
 * be seconds old, for long after the overload too. Old RTP is worth nothing: a full batch makes
 * room for what came after it, the oldest first, which is cheap. Returns where the oldest stands
 * now.
 */
static unsigned skip_to_newest(struct media_leg *leg, struct datagram_end *end)
{
	for (int i = 0; i < SKIPS_MAX; i++) {
		int newer = take_batch(leg->worker, end->fd);

		if (newer <= 0)
			break;
		STAT_ADD(leg->stats.overrun, newer);
		if (newer < DATAGRAM_BATCH)
			return (unsigned)newer;
	}
	return 0;
}

void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;
	struct media_leg *to = leg->partner;
	struct datagram_end *way[2] = {NULL, NULL};
	unsigned count[2] = {0, 0}, first = 0;
	int n;

	if ((end->vetted || !end->connected) && !w->behind) {
		take_one(leg, end);
		return;
	}
	datagram_relay_taken(w); /* it has the slots */
	n = take_batch(w, end->fd);
	if (n < 0)
		return;
	if (n == DATAGRAM_BATCH && w->behind && end != &leg->d.rtcp &&
	    media_proto_is_rtp(leg->proto))
		first = skip_to_newest(leg, end);
	if (n < DATAGRAM_BATCH)
		end->vetted =
		    true; /* seen to the end: from now on the kernel lets only the peer in */
	for (unsigned k = 0; k < (unsigned)n; k++) {
		unsigned i = (first + k) % DATAGRAM_BATCH;
		size_t len = w->rx[i].msg_len;
		struct datagram_end *out;
		unsigned side;

		if (w->rx[i].msg_hdr.msg_flags & MSG_TRUNC) {
			STAT_ADD(leg->stats.malformed, 1);
			w->rx[i].msg_hdr.msg_flags = 0;
			continue;
		}
		out = relay_one(leg, end, w->slots[i].data, &len, &w->rx_from[i]);
		if (!out)
			continue;
		side = out == &to->d.rtcp;
		way[side] = out;
		w->tx_iov[side][count[side]] = (struct iovec){w->slots[i].data, len};
		w->tx[side][count[side]].msg_hdr.msg_name = out->connected ? NULL : &out->dest_sa;
		w->tx[side][count[side]].msg_hdr.msg_namelen = out->connected ? 0 : out->dest_len;
		count[side]++;
	}
	if (count[0])
		flush_batch(to, way[0], w->tx[0], count[0]);
	if (count[1])
		flush_batch(to, way[1], w->tx[1], count[1]);
}
