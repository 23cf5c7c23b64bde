/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ue/elog.h"
#include "ue/media.h"
#include "ue/text.h"
#include "ue/tlayer.h"

enum {
	INTERVAL_MS = 20,
	SAMPLES = 160,	  /* PCMU, 8 kHz */
	GAP_TOLD_MS = 100 /* shorter ones are not worth a line */
};

static const char *who(const struct media *m, char buf[96])
{
	snprintf(buf, 96, "%s.%s", m->ue, m->name);
	return buf;
}

static void received(struct io *io, uint32_t events)
{
	struct media *m = io->owner;
	uint8_t buf[2048];
	char name[96];

	(void)events;
	for (int i = 0; i < 16; i++) {
		ssize_t n = recv(io->fd, buf, sizeof(buf), 0);
		struct rtp_header h;
		uint32_t lost;
		uint64_t gap;

		if (n < 0)
			return;
		if (rtp_header_read(buf, (uint32_t)n, &h) != 0)
			continue;
		if (!m->stats.received)
			elog_event("media", "ue", m->ue, "session", m->name, "what", "start", NULL);
		gap = rtp_stats_packet(&m->stats, &h, wall_now_us(), &lost) / 1000;
		if (gap < GAP_TOLD_MS)
			continue;
		elog_line(who(m, name), "media is back after %u ms, %u packets lost", (unsigned)gap,
			  lost);
		elog_event("media", "ue", m->ue, "session", m->name, "what", "gap", "gap_ms",
			   elog_num((int64_t)gap), "lost", elog_num(lost), NULL);
	}
}

static int open_socket(struct access *a, struct io *io, struct media *m, uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr at;
	int fd = access_socket(a, SOCK_DGRAM, 0);

	if (fd < 0)
		return -1;
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &at);
	*port = at.port;
	*io = (struct io){.fd = fd, .ready = received, .owner = m};
	return loop_add(io, EPOLLIN);
}

struct media *media_new(const char *ue, const char *session, struct access *a)
{
	struct media *m = ue_alloc(sizeof(*m));
	char hex[9];

	m->ue = ue;
	media_rename(m, session);
	m->access = a;
	m->io.fd = m->next_io.fd = -1;
	tl_random(hex, 4);
	m->ssrc = (uint32_t)strtoul(hex, NULL, 16);
	m->sdp_session = m->ssrc & 0x7fffffff;
	m->seq = (uint16_t)(m->ssrc >> 7 & 0x7fff);
	if (open_socket(a, &m->io, m, &m->port) != 0) {
		free(m);
		return NULL;
	}
	return m;
}

void media_rename(struct media *m, const char *session)
{
	snprintf(m->name, sizeof(m->name), "%s", session);
}

void media_stop(struct media *m)
{
	loop_stop(&m->tick);
	m->sending = false;
}

void media_free(struct media *m)
{
	if (!m)
		return;
	media_stop(m);
	elog_event("media", "ue", m->ue, "session", m->name, "what", "stop", "received",
		   elog_num((int64_t)m->stats.received), "lost",
		   elog_num((int64_t)rtp_stats_lost(&m->stats)), "reordered",
		   elog_num((int64_t)m->stats.reordered), "sent", elog_num((int64_t)m->sent),
		   "gap_ms", elog_num((int64_t)m->stats.max_gap_us / 1000), NULL);
	io_close(&m->io);
	io_close(&m->next_io);
	free(m);
}

int media_sdp(struct media *m, enum sdp_direction direction, char *buf, size_t size)
{
	bool next = m->next_io.fd >= 0;
	struct ue_audio audio = {
	    .at = next ? m->next_access->local : m->access->local,
	    .direction = direction,
	};

	audio.at.port = next ? m->next_port : m->port;
	return ue_sdp_write(&audio, m->sdp_session, ++m->sdp_version, buf, size);
}

static void send_packet(struct media *m)
{
	uint8_t packet[RTP_HEADER_LEN + SAMPLES];
	struct rtp_header h = {
	    .seq = m->seq++, .timestamp = m->timestamp, .ssrc = m->ssrc, .marker = m->sent == 0};
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&m->remote, &ss);

	m->timestamp += SAMPLES;
	rtp_header_write(&h, packet);
	memset(packet + RTP_HEADER_LEN, 0xff, SAMPLES); /* silence */
	m->sent++;
	/* A dead access loses packets; that is what is being measured. */
	if (sendto(m->io.fd, packet, sizeof(packet), MSG_NOSIGNAL, (struct sockaddr *)&ss, len) < 0)
		errno = 0;
}

static void on_tick(struct timer *t)
{
	struct media *m = t->owner;
	uint64_t now = loop_now_ms();

	/* A busy machine may come late; it does not get a burst of more than ten. */
	if (now > m->next_ms + 10 * INTERVAL_MS)
		m->next_ms = now;
	while (m->next_ms <= now) {
		send_packet(m);
		m->next_ms += INTERVAL_MS;
	}
	loop_start(&m->tick, m->next_ms, on_tick, m);
}

int media_remote(struct media *m, struct slice sdp)
{
	struct ue_audio a;
	char text[64];

	if (ue_sdp_read(sdp, &a) != 0)
		return -1;
	m->remote = a.at;
	m->have_remote = true;
	m->sending = a.at.port != 0 && (a.direction & SDP_DIR_RECVONLY) &&
		     a.at.family == m->access->local.family;
	elog_event("media", "ue", m->ue, "session", m->name, "what", "remote", "remote",
		   netaddr_text(&a.at, text), "sending", elog_num(m->sending), NULL);
	if (!m->sending) {
		loop_stop(&m->tick);
	} else if (!m->tick.armed) {
		m->next_ms = loop_now_ms();
		loop_start(&m->tick, m->next_ms, on_tick, m);
	}
	return 0;
}

int media_prepare(struct media *m, struct access *a)
{
	io_close(&m->next_io);
	m->next_access = a;
	return open_socket(a, &m->next_io, m, &m->next_port);
}

void media_commit(struct media *m)
{
	int fd = m->next_io.fd;

	if (fd < 0)
		return;
	loop_del(&m->next_io);
	io_close(&m->io);
	m->io = (struct io){.fd = fd, .ready = received, .owner = m};
	m->next_io.fd = -1;
	loop_add(&m->io, EPOLLIN);
	m->port = m->next_port;
	m->access = m->next_access;
	elog_event("media", "ue", m->ue, "session", m->name, "what", "moved", "access",
		   m->access->name, NULL);
}

void media_rollback(struct media *m)
{
	io_close(&m->next_io);
}

void media_adopt(struct media *to, const struct media *from)
{
	to->seq = from->seq;
	to->timestamp = from->timestamp;
	to->ssrc = from->ssrc;
	to->sent = from->sent;
	to->stats = from->stats;
}
