/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RTP/RTCP (and plain UDP) relay: takes batches from one leg's sockets and sends them from its
 * partner's. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include "agw/media/demux.h"
#include "agw/media/leg.h"

static void end_name(struct media_leg *leg)
{
	const char *name = !leg->configured		     ? "new"
			   : leg->proto == MEDIA_DTLS_SRTP   ? (leg->d.dtls_up	      ? "ready"
								: leg->d.dtls_started ? "handshake"
										      : "idle")
			   : leg->d.rtp.latched		     ? "latched"
			   : netaddr_known(&leg->d.rtp.dest) ? "ready"
							     : "idle";

	atomic_store_explicit(&leg->state_name, name, memory_order_relaxed);
}

/* A socket whose only allowed source is where it sends to is connected: the kernel then drops
 * strangers and keeps the route. */
static void end_update_connection(struct datagram_end *end)
{
	bool want =
	    netaddr_known(&end->dest) && end->dest.port &&
	    (end->latched || (gate_is_single(&end->gate) && gate_allows(&end->gate, &end->dest)));

	if (end->fd < 0)
		return;
	end->vetted = false; /* what other sources sent before may still be in the queue */
	if (want) {
		end->connected =
		    connect(end->fd, (struct sockaddr *)&end->dest_sa, end->dest_len) == 0;
	} else if (end->connected) {
		struct sockaddr none = {.sa_family = AF_UNSPEC};

		connect(end->fd, &none, sizeof(none));
		end->connected = false;
	}
}

static void end_set_dest(const struct media_leg *leg, struct datagram_end *end,
			 const struct netaddr *to)
{
	end->dest = *to;
	if (to->family != leg->local.family || !to->port)
		memset(&end->dest, 0, sizeof(end->dest));
	end->dest_len = netaddr_known(&end->dest) ? netaddr_to_sockaddr(to, &end->dest_sa) : 0;
}

static void end_set_dscp(const struct media_leg *leg, int fd)
{
	int tos = leg->cfg.dscp << 2;

	if (fd >= 0)
		setsockopt(fd, leg->local.family == 4 ? IPPROTO_IP : IPPROTO_IPV6,
			   leg->local.family == 4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos));
}

void datagram_leg_attach(struct media_leg *leg)
{
	struct datagram_leg *d = &leg->d;

	d->rtp.source = (struct source){SOURCE_RTP, leg};
	d->rtcp.source = (struct source){SOURCE_RTCP, leg};
	if (!leg->configured)
		srtp_end_init(&d->srtp, leg->media->cfg.srtp_window);
	worker_watch(leg->worker, d->rtp.fd, EPOLLIN, &d->rtp.source);
	if (d->rtcp.fd >= 0)
		worker_watch(leg->worker, d->rtcp.fd, EPOLLIN, &d->rtcp.source);
}

void datagram_leg_detach(struct media_leg *leg)
{
	epoll_ctl(leg->worker->epoll_fd, EPOLL_CTL_DEL, leg->d.rtp.fd, NULL);
	if (leg->d.rtcp.fd >= 0)
		epoll_ctl(leg->worker->epoll_fd, EPOLL_CTL_DEL, leg->d.rtcp.fd, NULL);
}

void datagram_leg_close(struct media_leg *leg)
{
	close(leg->d.rtp.fd);
	if (leg->d.rtcp.fd >= 0)
		close(leg->d.rtcp.fd);
	leg->d.rtp.fd = leg->d.rtcp.fd = -1;
	dtls_leg_clear(leg);
	srtp_end_clear(&leg->d.srtp);
}

/* Where RTCP goes, and who may send it: one port up from RTP unless signalling says otherwise. */
static void rtcp_peer(const struct media_leg_config *c, struct netaddr *remote,
		      struct media_filter *f)
{
	*remote = c->remote_rtcp;
	*f = c->filter;
	if (!netaddr_known(remote)) {
		*remote = c->remote;
		remote->port = remote->port ? (uint16_t)(remote->port + 1) : 0;
	}
	if (f->port_on && f->port_min) {
		f->port_min = (uint16_t)(f->port_min + 1);
		f->port_max = (uint16_t)(f->port_max + (f->port_max < 65535));
	}
}

void datagram_leg_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	const struct media_leg_config *c = &leg->cfg;
	struct datagram_leg *d = &leg->d;
	struct netaddr remote_rtcp;
	struct media_filter filter_rtcp;
	bool moved = !netaddr_eq(&c->remote, &before->remote) ||
		     !netaddr_eq(&c->remote_rtcp, &before->remote_rtcp) || !leg->configured;

	rtcp_peer(c, &remote_rtcp, &filter_rtcp);
	d->rtp.gate = gate_make(&c->filter, &c->remote);
	d->rtcp.gate = gate_make(&filter_rtcp, &remote_rtcp);
	if (c->latch == MEDIA_LATCH_OFF || c->latch_serial != d->latch_serial ||
	    (moved && before->latch == MEDIA_LATCH_OFF)) {
		d->rtp.latched = d->rtcp.latched = false;
		d->latch_serial = c->latch_serial;
	}
	if (!d->rtp.latched)
		end_set_dest(leg, &d->rtp, &c->remote);
	if (!d->rtcp.latched)
		end_set_dest(leg, &d->rtcp, &remote_rtcp);
	end_update_connection(&d->rtp);
	end_update_connection(&d->rtcp);
	if (!leg->configured || c->dscp != before->dscp) {
		end_set_dscp(leg, d->rtp.fd);
		end_set_dscp(leg, d->rtcp.fd);
	}
	if (c->police_rate != before->police_rate || c->police_burst != before->police_burst)
		d->tokens = (double)c->police_burst;
	if (leg->proto == MEDIA_SRTP) {
		if (moved)
			srtp_end_start_tx(&d->srtp, &c->srtp_tx);
		else
			srtp_end_set_tx(&d->srtp, &c->srtp_tx);
		srtp_end_set_rx(&d->srtp, &c->srtp_rx, leg->worker->now_ms);
	}
	leg->configured = true;
	if (leg->proto == MEDIA_DTLS_SRTP)
		dtls_leg_configure(leg, before);
	end_name(leg);
}

void datagram_leg_sweep(struct media_leg *leg)
{
	if (leg->proto == MEDIA_DTLS_SRTP)
		dtls_leg_sweep(leg);
}

/* tman: a token bucket of police_burst octets filled at police_rate. */
static bool within_rate(struct media_leg *leg, size_t len)
{
	struct timespec ts;
	int64_t now;
	double cap = (double)(leg->cfg.police_burst > len ? leg->cfg.police_burst : len);

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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
	STAT_SET(leg->stats.rtp_jitter_us, (uint64_t)(r->jitter * 125));
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

static void latch(struct media_leg *leg, struct datagram_end *end, const struct netaddr *source)
{
	end->latched = true;
	end_set_dest(leg, end, source);
	end_update_connection(end);
	end_name(leg);
	if (end == &leg->d.rtp)
		worker_report(leg, MEDIA_EV_LATCHED, 0, MEDIA_TLS_CAUSE_NONE, source);
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
	struct datagram_end *end = &to->d.rtp;

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
			if (leg->cfg.latch != MEDIA_LATCH_OFF && !end->latched)
				latch(leg, end, &source);
			dtls_leg_input(leg, p, *len);
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
		enum srtp_result rc =
		    srtp_end_unprotect(&leg->d.srtp, p, len, rtcp, leg->worker->now_ms);

		if (rc != SRTP_OK) {
			count_srtp(leg, rc);
			return NULL;
		}
	}
	if (leg->cfg.latch != MEDIA_LATCH_OFF && !end->latched)
		latch(leg, end, &source);
	STAT_SET(leg->stats.last_in_ms, leg->worker->now_ms);
	if (rtcp) {
		STAT_ADD(leg->stats.rtcp_in, 1);
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
		STAT_ADD(to->stats.rtcp_out, 1);
	} else {
		STAT_ADD(to->stats.packets_out, 1);
		STAT_ADD(to->stats.octets_out, *len);
	}
	to->last_out_ms = leg->worker->now_ms;
	if (to->proto == MEDIA_SRTP || to->proto == MEDIA_DTLS_SRTP) {
		enum srtp_result rc = srtp_end_protect(&to->d.srtp, p, len, rtcp);

		if (rc != SRTP_OK) {
			STAT_ADD(to->stats.send_failed, 1);
			return NULL;
		}
	}
	return out;
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
			ssize_t one =
			    sendto(end->fd, h->msg_iov->iov_base, h->msg_iov->iov_len, MSG_DONTWAIT,
				   end->connected ? NULL : (struct sockaddr *)&end->dest_sa,
				   end->connected ? 0 : end->dest_len);
			k = one < 0 ? -1 : 1;
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

/* The usual case: one packet from the peer the socket is connected to. Asking for more costs a
 * failing receive. */
static void take_one(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;
	struct datagram_end *out;
	ssize_t n = recv(end->fd, w->slots[0].data, DATAGRAM_MAX, MSG_DONTWAIT | MSG_TRUNC);
	size_t len = (size_t)n;

	if (n < 0)
		return; /* nothing, or an ICMP error that has been read by this */
	if (len > DATAGRAM_MAX) {
		STAT_ADD(leg->stats.malformed, 1);
		return;
	}
	out = relay_one(leg, end, w->slots[0].data, &len, NULL);
	if (out) {
		w->tx_iov[0][0] = (struct iovec){w->slots[0].data, len};
		flush_batch(leg->partner, out, w->tx[0], 1);
	}
}

void datagram_leg_readable(struct media_leg *leg, struct datagram_end *end)
{
	struct worker *w = leg->worker;
	struct media_leg *to = leg->partner;
	unsigned count[2] = {0, 0};
	int n;

	if (end->connected && end->vetted && !w->busy) {
		take_one(leg, end);
		return;
	}
	for (int i = 0; i < DATAGRAM_BATCH; i++)
		w->rx[i].msg_hdr.msg_namelen = sizeof(w->rx_from[i]);
	n = recvmmsg(end->fd, w->rx, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0)
		return;
	if (n < DATAGRAM_BATCH)
		end->vetted =
		    true; /* seen to the end: from now on the kernel lets only the peer in */
	for (int i = 0; i < n; i++) {
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
		w->tx_iov[side][count[side]] = (struct iovec){w->slots[i].data, len};
		w->tx[side][count[side]].msg_hdr.msg_name = out->connected ? NULL : &out->dest_sa;
		w->tx[side][count[side]].msg_hdr.msg_namelen = out->connected ? 0 : out->dest_len;
		count[side]++;
	}
	if (count[0])
		flush_batch(to, &to->d.rtp, w->tx[0], count[0]);
	if (count[1])
		flush_batch(to, &to->d.rtcp, w->tx[1], count[1]);
}
