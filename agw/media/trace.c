/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One leg's traffic in clear as a pcap file of raw IP packets with made-up UDP and TCP headers. */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/worker.h"

enum { LINKTYPE_RAW = 101, SEGMENT = 32768, HEADERS_MAX = 60 };

struct trace {
	int fd;
	uint32_t seq[2]; /* of the peer, of us */
};

struct pcap_record {
	uint32_t seconds, micros, captured, length;
};

int trace_open(struct media_leg *leg, int fd)
{
	static const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, accuracy, snap, link;
	} head = {0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW};
	struct trace *t = calloc(1, sizeof(*t));

	if (!t || write(fd, &head, sizeof(head)) != (ssize_t)sizeof(head)) {
		free(t);
		close(fd);
		return -1;
	}
	t->fd = fd;
	t->seq[0] = t->seq[1] = 1;
	leg->trace = t;
	return 0;
}

void trace_close(struct media_leg *leg)
{
	if (!leg->trace)
		return;
	close(leg->trace->fd);
	free(leg->trace);
	leg->trace = NULL;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static size_t put_ip(uint8_t *p, const struct netaddr *from, const struct netaddr *to,
		     uint8_t proto, size_t payload)
{
	if (from->family == 6) {
		memset(p, 0, 40);
		p[0] = 0x60;
		put16(p + 4, (unsigned)payload);
		p[6] = proto;
		p[7] = 64;
		memcpy(p + 8, from->ip, 16);
		memcpy(p + 24, to->ip, 16);
		return 40;
	}
	memset(p, 0, 20);
	p[0] = 0x45;
	put16(p + 2, (unsigned)(20 + payload));
	p[8] = 64;
	p[9] = proto;
	memcpy(p + 12, from->ip, 4);
	memcpy(p + 16, to->ip, 4);
	uint32_t sum = 0;
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 10, ~(sum + (sum >> 16)) & 0xffff);
	return 20;
}

static void write_packet(struct trace *t, const uint8_t *head, size_t head_len, const void *p,
			 size_t len)
{
	struct timespec ts;
	struct pcap_record r;
	struct iovec iov[3] = {
	    {&r, sizeof(r)}, {(void *)(uintptr_t)head, head_len}, {(void *)(uintptr_t)p, len}};

	clock_gettime(CLOCK_REALTIME, &ts);
	r = (struct pcap_record){(uint32_t)ts.tv_sec, (uint32_t)(ts.tv_nsec / 1000),
				 (uint32_t)(head_len + len), (uint32_t)(head_len + len)};
	if (writev(t->fd, iov, 3) < 0)
		return; /* a full disk ends the trace's usefulness, not the call */
}

void trace_datagram(struct media_leg *leg, bool in, bool rtcp, const uint8_t *p, size_t len)
{
	const struct datagram_end *end = rtcp && leg->d.rtcp.fd >= 0 ? &leg->d.rtcp : &leg->d.rtp;
	struct netaddr us = leg->local, peer = end->dest;
	uint8_t head[HEADERS_MAX];
	size_t n;

	if (end == &leg->d.rtcp)
		us.port++;
	if (!netaddr_known(&peer)) {
		peer = us;
		peer.port = 9;
	}
	n = put_ip(head, in ? &peer : &us, in ? &us : &peer, IPPROTO_UDP, 8 + len);
	put16(head + n, in ? peer.port : us.port);
	put16(head + n + 2, in ? us.port : peer.port);
	put16(head + n + 4, (unsigned)(8 + len));
	put16(head + n + 6, 0);
	write_packet(leg->trace, head, n + 8, p, len);
}

void trace_stream(struct media_leg *leg, bool in, const char *p, size_t len)
{
	const struct netaddr *peer = &leg->s.conn->peer, *from = in ? peer : &leg->local,
			     *to = in ? &leg->local : peer;
	struct trace *t = leg->trace;

	while (len) {
		size_t part = len < SEGMENT ? len : SEGMENT, n;
		uint8_t head[HEADERS_MAX];

		n = put_ip(head, from, to, IPPROTO_TCP, 20 + part);
		put16(head + n, from->port);
		put16(head + n + 2, to->port);
		put32(head + n + 4, t->seq[!in]);
		put32(head + n + 8, t->seq[in]);
		put16(head + n + 12, 0x5018); /* no options; PSH ACK */
		put16(head + n + 14, 65535);
		put32(head + n + 16, 0);
		write_packet(t, head, n + 20, p, part);
		t->seq[!in] += (uint32_t)part;
		p += part;
		len -= part;
	}
}
