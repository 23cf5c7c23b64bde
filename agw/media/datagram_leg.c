/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of an RTP/RTCP (or plain UDP) leg: where they send to and whom they hear. */
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "agw/media/worker.h"

static void end_name(struct media_leg *leg)
{
	const char *name = !leg->configured		     ? "new"
			   : leg->proto == MEDIA_DTLS_SRTP   ? dtls_leg_state(leg)
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

/*
 * A leg that hears anybody cannot have its socket connected, and would pay for finding the route of
 * each packet that it sends. So the peer that signalling named gets a socket of its own on the same
 * port: the kernel gives it what that peer sends, and the rest to the other one. Without a
 * descriptor for it all goes through that other one.
 */
static void known_close(struct media_leg *leg)
{
	struct datagram_end *known = &leg->d.known;

	if (!known->connected)
		return;
	source_forget(leg->worker, known->fd);
	close(known->fd);
	known->connected = false;
}

static bool known_is_of_use(const struct media_leg *leg)
{
	const struct datagram_end *rtp = &leg->d.rtp;

	return leg->pool && leg->cfg.latch == MEDIA_LATCH_OFF && rtp->fd >= 0 && rtp->dest_len &&
	       !rtp->connected && gate_allows(&rtp->gate, &rtp->dest);
}

static void known_update(struct media_leg *leg)
{
	struct datagram_end *known = &leg->d.known, *rtp = &leg->d.rtp;
	bool want = known_is_of_use(leg);

	if (known->connected && (!want || !netaddr_eq(&known->dest, &rtp->dest)))
		known_close(leg);
	if (!want || known->connected)
		return;
	known->source = (struct source){SOURCE_RTP, leg};
	known->gate = rtp->gate;
	known->vetted = false; /* anybody could reach it between bind() and connect() */
	end_set_dest(leg, known, &rtp->dest);
	known->fd = pool_bind_beside(leg->pool, leg->local.port, rtp->fd);
	if (known->fd < 0)
		return;
	end_set_dscp(leg, known->fd);
	known->connected =
	    connect(known->fd, (struct sockaddr *)&known->dest_sa, known->dest_len) == 0 &&
	    source_watch(leg->worker, known->fd, EPOLLIN, &known->source) == 0;
	if (!known->connected)
		close(known->fd);
}

void datagram_leg_attach(struct media_leg *leg)
{
	struct datagram_leg *d = &leg->d;

	d->rtp.source = (struct source){SOURCE_RTP, leg};
	d->rtcp.source = (struct source){SOURCE_RTCP, leg};
	if (!leg->configured) {
		srtp_end_init(&d->srtp, leg->media->cfg.srtp_window);
		dtls_leg_init(leg);
	}
	source_watch(leg->worker, d->rtp.fd, EPOLLIN, &d->rtp.source);
	if (d->rtcp.fd >= 0)
		source_watch(leg->worker, d->rtcp.fd, EPOLLIN, &d->rtcp.source);
	known_update(leg);
	dtls_leg_rearm(leg);
}

void datagram_leg_detach(struct media_leg *leg)
{
	known_close(leg);
	source_forget(leg->worker, leg->d.rtp.fd);
	if (leg->d.rtcp.fd >= 0)
		source_forget(leg->worker, leg->d.rtcp.fd);
	dtls_leg_pause(leg);
}

void datagram_leg_close(struct media_leg *leg)
{
	datagram_leg_detach(leg);
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
	if (f->port_on && f->port_min) { /* 0 would be any port */
		f->port_min = (uint16_t)(f->port_min + (f->port_min < 65535));
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
	known_update(leg);
	if (!leg->configured || c->dscp != before->dscp) {
		end_set_dscp(leg, d->rtp.fd);
		end_set_dscp(leg, d->rtcp.fd);
		end_set_dscp(leg, d->known.connected ? d->known.fd : -1);
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

void datagram_leg_unlatch(struct media_leg *leg, struct datagram_end *end)
{
	struct netaddr remote = leg->cfg.remote;
	struct media_filter unused;

	end->latched = false;
	if (end == &leg->d.rtcp)
		rtcp_peer(&leg->cfg, &remote, &unused);
	end_set_dest(leg, end, &remote);
	end_update_connection(end);
}

void datagram_leg_latch(struct media_leg *leg, struct datagram_end *end,
			const struct netaddr *source)
{
	end->latched = true;
	end_set_dest(leg, end, source);
	end_update_connection(end);
	end_name(leg);
	if (end == &leg->d.rtp)
		report_event(leg, MEDIA_EV_LATCHED, 0, MEDIA_TLS_CAUSE_NONE, source);
}
