/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The namespace of rig.h and the capture of all that passes in it. */
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "agw/rig.h"

enum { PACKETS_MAX = 400000, MARK_PORT = 9, SETTLE_MS = 10000 };

static struct packet *packets;
static _Atomic size_t n_packets;
static int capture_fd = -1;
static FILE *pcap;
static _Atomic uint64_t mark_seen; /* the last mark of capture_settle() that came by */

static void parse_packet(const uint8_t *p, size_t len, int64_t us)
{
	struct packet k = {.us = us};
	const uint8_t *ip = p + 14, *l4;
	size_t ihl, rest;

	if (len < 54)
		return;
	if (p[12] == 0x08 && p[13] == 0) {
		ihl = (size_t)(ip[0] & 15) * 4;
		k.proto = ip[9];
		k.from.family = k.to.family = 4;
		memcpy(k.from.ip, ip + 12, 4);
		memcpy(k.to.ip, ip + 16, 4);
		rest = (size_t)(ip[2] << 8 | ip[3]) - ihl;
	} else if (p[12] == 0x86 && p[13] == 0xdd) {
		ihl = 40;
		k.proto = ip[6];
		k.from.family = k.to.family = 6;
		memcpy(k.from.ip, ip + 8, 16);
		memcpy(k.to.ip, ip + 24, 16);
		rest = (size_t)(ip[4] << 8 | ip[5]);
	} else {
		return;
	}
	l4 = ip + ihl;
	if (14 + ihl + 8 > len)
		return;
	k.from.port = (uint16_t)(l4[0] << 8 | l4[1]);
	k.to.port = (uint16_t)(l4[2] << 8 | l4[3]);
	if (k.proto == 6) {
		size_t off = (size_t)(l4[12] >> 4) * 4;

		k.tcp_flags = l4[13];
		k.payload = (uint16_t)(rest > off ? rest - off : 0);
		if (k.payload && 14 + ihl + off + 6 <= len)
			memcpy(k.first, l4 + off, 6);
	} else {
		k.payload = (uint16_t)(rest - 8);
	}
	if (n_packets < PACKETS_MAX)
		packets[n_packets++] = k;
}

/* When the kernel saw it, not when this thread got round to it. */
static struct timespec time_of(struct msghdr *m)
{
	struct timespec ts;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return ts;
		}
	clock_gettime(CLOCK_REALTIME, &ts);
	return ts;
}

/* A datagram of capture_settle(): its number, 0 for any other packet. */
static uint64_t mark_in(const uint8_t *p, size_t len)
{
	uint64_t n;

	if (len != 14 + 20 + 8 + sizeof(n) || p[23] != 17 || p[26] != 127 || p[36] != 0 ||
	    p[37] != MARK_PORT)
		return 0;
	memcpy(&n, p + 42, sizeof(n));
	return n;
}

static void *capture_main(void *arg)
{
	static uint8_t buf[65536];

	(void)arg;
	for (;;) {
		struct sockaddr_ll from;
		char control[256];
		struct iovec iov = {buf, sizeof(buf)};
		struct msghdr m = {.msg_name = &from,
				   .msg_namelen = sizeof(from),
				   .msg_iov = &iov,
				   .msg_iovlen = 1,
				   .msg_control = control,
				   .msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(capture_fd, &m, 0);
		struct timespec ts;
		uint64_t mark;

		if (n <= 0)
			return NULL;
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue; /* loopback shows everything twice */
		mark = mark_in(buf, (size_t)n);
		if (mark) {
			mark_seen = mark;
			continue;
		}
		ts = time_of(&m);
		parse_packet(buf, (size_t)n, (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
		if (pcap) {
			uint32_t h[4] = {(uint32_t)ts.tv_sec, (uint32_t)(ts.tv_nsec / 1000),
					 (uint32_t)n, (uint32_t)n};

			fwrite(h, sizeof(h), 1, pcap);
			fwrite(buf, (size_t)n, 1, pcap);
			fflush(pcap);
		}
	}
}

void capture_settle(void)
{
	static uint64_t mark;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(MARK_PORT),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd;

	if (capture_fd < 0)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	mark++;
	for (int ms = 0; mark_seen != mark && ms < SETTLE_MS; ms++) {
		if (ms % 100 == 0) /* again, should the capture have lost one */
			sendto(fd, &mark, sizeof(mark), 0, (struct sockaddr *)&to, sizeof(to));
		usleep(1000);
	}
	close(fd);
	if (mark_seen != mark)
		fputs("the capture does not keep up\n", stderr);
}

static void start_capture(void)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	const char *path = getenv("AGW_PCAP");
	int size = 32 << 20, one = 1;
	pthread_t th;

	packets = calloc(PACKETS_MAX, sizeof(*packets));
	a.sll_ifindex = (int)if_nametoindex("lo");
	capture_fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	setsockopt(capture_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(capture_fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	if (!packets || capture_fd < 0 || bind(capture_fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		perror("capture");
		exit(1);
	}
	if (path) {
		static const uint32_t head[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};

		pcap = fopen(path, "we");
		if (pcap)
			fwrite(head, sizeof(head), 1, pcap);
	}
	pthread_create(&th, NULL, capture_main, NULL);
	pthread_detach(th);
}

void rig_namespace(void)
{
	static const char up[] =
	    "ip link set lo up && for a in 10.0.0.7 10.0.0.9 10.0.0.10 10.0.0.11 10.1.0.7 "
	    "10.1.0.10 10.1.0.20; do "
	    "ip addr add $a/32 dev lo || exit 1; done && ip -6 addr add fd00::7/128 dev lo && "
	    "ip -6 addr add fd00:1::7/128 dev lo && ip -6 addr add fd00::9/128 dev lo && "
	    "ip -6 addr add fd00:1::10/128 dev lo";

	if (unshare(CLONE_NEWNET) < 0) {
		perror("a network namespace is needed (root)");
		exit(1);
	}
	if (system(up) != 0) {
		fputs("cannot set the namespace's addresses\n", stderr);
		exit(1);
	}
	if (!getenv("AGW_NO_CAPTURE"))
		start_capture();
}

size_t packets_mark(void)
{
	capture_settle(); /* what was sent before belongs before */
	return n_packets;
}

static bool ip_is(const struct netaddr *a, const char *ip, int port)
{
	struct netaddr want;

	if (port && a->port != port)
		return false;
	return !ip || (netaddr_parse(slice_str(ip), &want) == 0 && netaddr_ip_eq(a, &want));
}

const struct packet *packet_find(size_t mark, const char *from, int from_port, const char *to,
				 int to_port, int flags, unsigned n)
{
	capture_settle();
	for (size_t i = mark; i < n_packets; i++) {
		const struct packet *k = &packets[i];

		if (k->proto != 6 || (flags && (k->tcp_flags & flags) != flags) ||
		    (flags == PKT_SYN && k->tcp_flags & PKT_ACK) ||
		    !ip_is(&k->from, from, from_port) || !ip_is(&k->to, to, to_port))
			continue;
		if (n-- == 0)
			return k;
	}
	return NULL;
}

const struct packet *packet_tls(size_t mark, const char *from, const char *to, int type,
				int handshake)
{
	capture_settle();
	for (size_t i = mark; i < n_packets; i++) {
		const struct packet *k = &packets[i];

		if (k->proto == 6 && k->payload >= 6 && k->first[0] == type && k->first[1] == 3 &&
		    ip_is(&k->from, from, 0) && ip_is(&k->to, to, 0) &&
		    (handshake < 0 || k->first[5] == handshake))
			return k;
	}
	return NULL;
}
