/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/agw/pair_rig.h"
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

struct worker *pair_worker;
struct pair pairs[PAIRS_MAX];

/* On a port that it keeps when it is disconnected: one that bind() was told. */
static int udp(struct netaddr *me)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage ss;
	int fd = -1;

	for (int i = 0; i < 2; i++) {
		socklen_t len = sizeof(ss);

		if (fd >= 0)
			close(fd);
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
		ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
		a.sin_port = ((struct sockaddr_in *)&ss)->sin_port;
	}
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

static void leg_make(struct pair *p, int side)
{
	struct media_leg *leg = cache_new(sizeof(*leg));

	ck_assert_ptr_nonnull(leg);
	p->leg[side] = leg;
	leg->proto = MEDIA_RTP;
	leg->worker = pair_worker;
	leg->d.rtcp.fd = -1;
	leg->d.rtp.fd = udp(&leg->local);
	p->far[side] = udp(&p->far_addr[side]);
	leg->cfg.mode = MEDIA_SENDRECV;
	leg->cfg.remote = p->far_addr[side];
	leg->cfg.filter.address_on = leg->cfg.filter.port_on = true;
	datagram_leg_configure(leg, &(struct media_leg_config){0});
}

void pairs_set_up(unsigned n)
{
	pair_worker = calloc(1, sizeof(*pair_worker));
	ck_assert_ptr_nonnull(pair_worker);
	pair_worker->now_ms = 1000;
	pair_worker->epoll_fd = -1;
	pair_worker->reports_end = &pair_worker->reports;
	datagram_batch_init(pair_worker);
	for (unsigned i = 0; i < n; i++) {
		leg_make(&pairs[i], 0);
		leg_make(&pairs[i], 1);
		pairs[i].leg[0]->partner = pairs[i].leg[1];
		pairs[i].leg[1]->partner = pairs[i].leg[0];
	}
}

void pairs_tear_down(void)
{
	for (struct pair *p = pairs; p < pairs + PAIRS_MAX && p->leg[0]; p++)
		for (int side = 0; side < 2; side++) {
			close(p->leg[side]->d.rtp.fd);
			close(p->far[side]);
			free(p->leg[side]);
			p->leg[side] = NULL;
		}
	while (pair_worker->reports) {
		struct report *r = pair_worker->reports;

		pair_worker->reports = (struct report *)r->mail.next;
		free(r);
	}
	uring_close(&pair_worker->uring);
	free(pair_worker);
}

void pair_send(const struct pair *p, int to, int first, int n)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&p->leg[to]->local, &ss);

	for (int i = first; i < first + n; i++) {
		uint8_t packet[PAIR_RTP_OCTETS] = {0x80, 8, 0, (uint8_t)i, [11] = 1};

		ck_assert_int_eq(
		    sendto(p->far[to], packet, sizeof(packet), 0, (struct sockaddr *)&ss, len),
		    PAIR_RTP_OCTETS);
	}
}

int pair_next(const struct pair *p, int at)
{
	uint8_t packet[64];

	return recv(p->far[at], packet, sizeof(packet), MSG_DONTWAIT) == PAIR_RTP_OCTETS ? packet[3]
											 : -1;
}
