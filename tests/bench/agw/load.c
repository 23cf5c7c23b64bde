/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/agw/load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/demux.h"
#include "bench/agw/common.h"

enum {
	BATCH = 64,
	HEADER = 12,
	PACKET_MAX = 512,
	STAMP =
	    HEADER + 1, /* where the time of sending stands; the rest repeats the sequence number */
	TICK_NS = 1000000,
	BEHIND_NS = 2 * TICK_NS, /* later than this: the schedule moves */
	TOLD_MAX = 5,
	LATE_MAX = 1 << 17, /* so many are kept of how late packets came */
};

struct load load;
static struct {
	uint64_t sent, got, wrong;
	int64_t late_ns;
	unsigned n_late;
} count;
static int64_t late_of[LATE_MAX];

static int udp_at(const char *ip, struct netaddr *me)
{
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, size = 8 << 20;

	netaddr_parse(slice_str(ip), &a);
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&ss, len) < 0) {
		perror(ip);
		return -1;
	}
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

int load_open(int streams)
{
	load.streams = streams;
	load.check_every = 64;
	load.fd[0] = udp_at(LOAD_PLAIN_IP, &load.me[0]);
	load.fd[1] = udp_at(LOAD_SECURE_IP, &load.me[1]);
	return load.fd[0] < 0 || load.fd[1] < 0 ? -1 : 0;
}

void load_make_keys(void)
{
	for (int i = 0; i < load.streams; i++) {
		struct load_stream *s = &load.s[i];

		memset(s, 0, sizeof(*s));
		for (size_t k = 0; k < 30; k++) {
			s->tx.key[k] = (uint8_t)(i + 3 * (int)k);
			s->rx.key[k] = (uint8_t)(i * 7 + 5 * (int)k + 1);
		}
		s->tx.suite = s->rx.suite = SDES_AES_CM_128_HMAC_SHA1_80;
		s->tx.tag = s->rx.tag = 1;
		srtp_end_init(&s->srtp, 128);
	}
}

void load_take_keys(void)
{
	for (int i = 0; i < load.streams; i++) {
		srtp_end_set_tx(&load.s[i].srtp, &load.s[i].tx);
		srtp_end_set_rx(&load.s[i].srtp, &load.s[i].rx, 0);
	}
}

void load_drop_keys(void)
{
	for (int i = 0; i < load.streams; i++)
		srtp_end_clear(&load.s[i].srtp);
}

static void tell_wrong(const char *why, int side, const uint8_t *p, size_t len)
{
	if (count.wrong++ < TOLD_MAX)
		fprintf(stderr, "  wrong on the %s side: %s, %zu octets, ssrc %08x, sequence %u\n",
			side ? "secure" : "plain", why, len, len >= HEADER ? demux_u32(p + 8) : 0u,
			len >= HEADER ? (unsigned)demux_u16(p + 2) : 0u);
}

/* Open one and see that it is what was sent. */
static void check(int side, uint8_t *p, size_t len)
{
	struct load_stream *s = &load.s[demux_u32(p + 8) & 0xffff];
	int64_t stamp, late;

	if (side && !load.clear) {
		enum srtp_result rc = srtp_end_unprotect(&s->srtp, p, &len, false, 0);

		if (rc != SRTP_OK) {
			tell_wrong(rc == SRTP_AUTH     ? "does not authenticate"
				   : rc == SRTP_REPLAY ? "came before"
						       : "is no SRTP",
				   side, p, len);
			return;
		}
	}
	if (len != HEADER + LOAD_PAYLOAD) {
		tell_wrong("length", side, p, len);
		return;
	}
	for (size_t i = HEADER; i < len; i++) {
		bool in_stamp = i >= STAMP && i < STAMP + sizeof(stamp);

		if (!in_stamp && p[i] != p[3]) {
			tell_wrong("content", side, p, len);
			return;
		}
	}
	memcpy(&stamp, p + STAMP, sizeof(stamp));
	late = bench_now_ns() - stamp;
	if (late > count.late_ns)
		count.late_ns = late;
	if (count.n_late < LATE_MAX)
		late_of[count.n_late++] = late;
}

/* Take what has come; without look, only to be rid of it. */
static void drain(int side, bool look)
{
	static uint8_t buf[BATCH][PACKET_MAX];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	int n;

	do {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){buf[i], sizeof(buf[i])};
			m[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
		}
		n = recvmmsg(load.fd[side], m, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; look && i < n; i++) {
			size_t len = m[i].msg_len;

			if (len < HEADER + LOAD_PAYLOAD ||
			    (demux_u32(buf[i] + 8) & 0xffff) >= (uint32_t)load.streams)
				tell_wrong("not one of ours", side, buf[i], len);
			else if (++count.got % load.check_every == 0)
				check(side, buf[i], len);
		}
	} while (n == BATCH);
}

static size_t make_packet(int side, int stream, int64_t now, uint8_t *p)
{
	struct load_stream *s = &load.s[stream];
	uint32_t ssrc = (uint32_t)(side + 1) << 16 | (uint32_t)stream;
	uint16_t seq = s->seq[side]++;
	size_t len = HEADER + LOAD_PAYLOAD;

	memset(p, seq & 255, len);
	memcpy(p,
	       (uint8_t[HEADER]){0x80, 8, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0,
				 (uint8_t)(seq >> 8), (uint8_t)seq, (uint8_t)(ssrc >> 24),
				 (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8), (uint8_t)ssrc},
	       HEADER);
	memcpy(p + STAMP, &now, sizeof(now));
	if (side && !load.clear)
		srtp_end_protect(&s->srtp, p, &len, false);
	return len;
}

static void send_batch(int side, struct mmsghdr *m, int n)
{
	int done = 0;

	while (done < n) {
		int r = sendmmsg(load.fd[side], m + done, (unsigned)(n - done), 0);

		if (r > 0)
			done += r;
		else if (errno != EINTR && errno != EAGAIN && errno != ECONNREFUSED)
			break;
	}
	count.sent += (uint64_t)done;
}

/* One packet of each of n streams from the first on, both ways. */
static void send_tick(int first, int n)
{
	static uint8_t buf[BATCH][PACKET_MAX];
	static struct mmsghdr m[BATCH];
	static struct iovec iov[BATCH];
	static struct sockaddr_storage to[BATCH];
	int64_t now = bench_now_ns();

	for (int side = 0; side < 2; side++) {
		int k = 0;

		for (int i = first; i < first + n; i++) {
			int stream = i % load.streams;

			iov[k] = (struct iovec){buf[k], make_packet(side, stream, now, buf[k])};
			m[k] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[k],
							    .msg_iovlen = 1,
							    .msg_name = &to[k],
							    .msg_namelen = netaddr_to_sockaddr(
								&load.s[stream].to[side], &to[k])}};
			if (++k == BATCH || i == first + n - 1) {
				send_batch(side, m, k);
				k = 0;
			}
		}
	}
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static double late_ms_of(unsigned percent)
{
	if (!count.n_late)
		return 0;
	qsort(late_of, count.n_late, sizeof(*late_of), by_time);
	return (double)late_of[(uint64_t)(count.n_late - 1) * percent / 100] / 1e6;
}

struct load_result load_run(pid_t pid, double seconds, double rate)
{
	int64_t start = bench_now_ns(), next = start, cpu;
	int64_t end = start + (int64_t)(seconds * 1e9);
	double due = 0, per_tick = rate / 2 * TICK_NS / 1e9;
	int at = 0;
	struct load_result r;

	drain(0, false); /* what came late belongs to another run */
	drain(1, false);
	memset(&count, 0, sizeof(count));
	cpu = bench_cpu_ns(pid);
	while (bench_now_ns() < end) {
		int64_t now = bench_now_ns();

		if (next <= now) {
			due += per_tick;
			send_tick(at, (int)due);
			at = (at + (int)due) % load.streams;
			due -= (int)due;
			next = now - next > BEHIND_NS ? now : next + TICK_NS;
		} else {
			/* Not in poll(): the relay would be charged for waking us. */
			nanosleep(&(struct timespec){0, next - now}, NULL);
		}
		drain(0, true);
		drain(1, true);
	}
	for (int i = 0; i < 20; i++) {
		usleep(5000);
		drain(0, true);
		drain(1, true);
	}
	cpu = bench_cpu_ns(pid) - cpu;
	r.sent = (double)count.sent / seconds;
	r.got = (double)count.got / seconds;
	r.us = count.got ? (double)cpu / 1000.0 / (double)count.got : 0;
	r.loss = count.sent > count.got
		     ? 100.0 * (double)(count.sent - count.got) / (double)count.sent
		     : 0;
	r.percent = (double)cpu / (seconds * 1e9) * 100;
	r.late_ms = (double)count.late_ns / 1e6;
	r.late99_ms = late_ms_of(99);
	r.wrong = count.wrong;
	return r;
}
