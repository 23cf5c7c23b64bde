/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes an RTP/RTCP (or plain UDP) leg, one datagram after the other: who may send it, what it
 * is, its protection, and where it goes. */
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "agw/media/demux.h"
#include "agw/media/worker.h"

enum {
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

struct datagram_end *datagram_relay(struct media_leg *leg, struct datagram_end *end, uint8_t *p,
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
