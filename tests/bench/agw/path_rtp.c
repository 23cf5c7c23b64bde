/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The path of RTP packets through a worker's code, without a thread and a wait, for counting
 * instructions: SRTP to RTP and back, STREAMS of them a round. Run by count-instructions under
 * callgrind, which counts inside relay_round() only.
 *
 *	agw_path ROUNDS [open]	open: without source filters
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/media/srtp_crypto.h"
#include "agw/media/worker.h"

enum { STREAMS = 20, OCTETS = 172 };

static struct worker *w;
static struct media media;
static struct stream {
	struct media_leg *leg[2]; /* secure, plain */
	int far[2];
	struct srtp_end srtp; /* of the secure peer */
} s[STREAMS];

static int udp(struct netaddr *me)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		exit(1);
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

static void leg_make(struct stream *x, int side, bool filters)
{
	static const uint8_t key[2][SDES_KEY_SALT_MAX] = {{1}, {2}};
	struct media_leg *leg = cache_new(sizeof(*leg));
	struct sdes_key sdes = {.suite = SDES_AES_CM_128_HMAC_SHA1_80};
	struct sockaddr_storage ss;
	socklen_t len;

	if (!leg)
		exit(1);
	x->leg[side] = leg;
	leg->media = &media;
	leg->worker = w;
	leg->proto = side ? MEDIA_RTP : MEDIA_SRTP;
	leg->d.rtcp.fd = -1;
	leg->d.rtp.fd = udp(&leg->local);
	srtp_end_init(&leg->d.srtp, 128);
	x->far[side] = udp(&leg->cfg.remote);
	leg->cfg.mode = MEDIA_SENDRECV;
	leg->cfg.filter.address_on = leg->cfg.filter.port_on = filters;
	if (!side) {
		memcpy(sdes.key, key[0], sizeof(sdes.key));
		leg->cfg.srtp_rx = sdes;
		srtp_end_init(&x->srtp, 128);
		srtp_end_set_tx(&x->srtp, &sdes);
		memcpy(sdes.key, key[1], sizeof(sdes.key));
		leg->cfg.srtp_tx = sdes;
	}
	datagram_leg_configure(leg, &(struct media_leg_config){0});
	len = netaddr_to_sockaddr(&leg->local, &ss);
	if (connect(x->far[side], (struct sockaddr *)&ss, len) < 0)
		exit(1);
}

/* One packet from each peer. */
static void send_all(unsigned seq)
{
	for (unsigned i = 0; i < STREAMS; i++)
		for (int side = 0; side < 2; side++) {
			uint8_t p[OCTETS + SRTP_GROWTH] = {0x80, 8, (uint8_t)(seq >> 8),
							   (uint8_t)seq, [11] = (uint8_t)(i + 1)};
			size_t n = OCTETS;

			if ((!side && srtp_end_protect(&s[i].srtp, p, &n, false) != SRTP_OK) ||
			    send(s[i].far[side], p, n, 0) != (ssize_t)n)
				exit(1);
		}
}

static __attribute__((noinline)) void relay_round(void)
{
	for (unsigned i = 0; i < STREAMS; i++)
		for (int side = 0; side < 2; side++)
			datagram_leg_readable(s[i].leg[side], &s[i].leg[side]->d.rtp);
	datagram_relay_taken(w);
}

static unsigned long drain(void)
{
	unsigned long n = 0;
	uint8_t p[2048];

	for (unsigned i = 0; i < STREAMS; i++)
		for (int side = 0; side < 2; side++)
			while (recv(s[i].far[side], p, sizeof(p), MSG_DONTWAIT) > 0)
				n++;
	return n;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0;
	bool filters = argc <= 2;
	unsigned long got = 0;

	w = calloc(1, sizeof(*w));
	if (!w || rounds < 1 || srtp_init() != srtp_err_status_ok || srtp_crypto_install() < 0)
		return 1;
	w->epoll_fd = -1;
	w->media = &media;
	datagram_batch_init(w);
	for (int i = 0; i < STREAMS; i++) {
		leg_make(&s[i], 0, filters);
		leg_make(&s[i], 1, filters);
		s[i].leg[0]->partner = s[i].leg[1];
		s[i].leg[1]->partner = s[i].leg[0];
	}
	for (int i = 0; i < rounds; i++) {
		w->now_ms = 1000 + 20 * i;
		send_all((unsigned)i);
		relay_round();
		got += drain();
	}
	if (got != (unsigned long)rounds * STREAMS * 2) {
		fprintf(stderr, "%lu of %d packets\n", got, rounds * STREAMS * 2);
		return 1;
	}
	return 0;
}
