/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one worker takes from one socket in one turn: two legs without a thread of their own. */
#include "unit/unit.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agw/media/worker.h"

enum { SENT = 100, RTP_OCTETS = 20 };

static struct worker *w;
static struct media_leg *leg[2];
static int far[2]; /* the peers' sockets */
static struct netaddr far_addr[2];

static int udp(struct netaddr *me)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

static void set_up(void)
{
	w = calloc(1, sizeof(*w));
	w->now_ms = 1000;
	w->epoll_fd = -1;
	datagram_batch_init(w);
	for (int i = 0; i < 2; i++) {
		leg[i] = cache_new(sizeof(*leg[i]));
		leg[i]->proto = MEDIA_RTP;
		leg[i]->worker = w;
		leg[i]->d.rtcp.fd = -1;
		leg[i]->d.rtp.fd = udp(&leg[i]->local);
		far[i] = udp(&far_addr[i]);
		leg[i]->cfg.mode = MEDIA_SENDRECV;
		leg[i]->cfg.remote = far_addr[i];
		leg[i]->cfg.filter.address_on = leg[i]->cfg.filter.port_on = true;
		datagram_leg_configure(leg[i], &(struct media_leg_config){0});
	}
	leg[0]->partner = leg[1];
	leg[1]->partner = leg[0];
}

static void tear_down(void)
{
	for (int i = 0; i < 2; i++) {
		close(leg[i]->d.rtp.fd);
		close(far[i]);
		free(leg[i]);
	}
	free(w);
}

/* From a leg's peer, numbered on from first. */
static void send_rtp(int to, int first, int n)
{
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&leg[to]->local, &ss);

	for (int i = first; i < first + n; i++) {
		uint8_t p[RTP_OCTETS] = {0x80, 8, 0, (uint8_t)i, [11] = 1};

		ck_assert_int_eq(sendto(far[to], p, sizeof(p), 0, (struct sockaddr *)&ss, len),
				 RTP_OCTETS);
	}
}

/* The number of the next packet that reached a leg's peer, or -1. */
static int next_rtp(int at)
{
	uint8_t p[64];

	return recv(far[at], p, sizeof(p), MSG_DONTWAIT) == RTP_OCTETS ? p[3] : -1;
}

static void readable(int i)
{
	datagram_leg_readable(leg[i], &leg[i]->d.rtp);
	datagram_relay_taken(w);
}

START_TEST(a_worker_that_keeps_up_leaves_nothing_out)
{
	set_up();
	send_rtp(0, 0, SENT);
	for (int i = 0; i < SENT; i++) /* a batch, then one by one once the queue was seen empty */
		readable(0);
	for (int i = 0; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_uint_eq(leg[0]->stats.overrun, 0);
	ck_assert_uint_eq(leg[1]->stats.packets_out, SENT);
	tear_down();
}
END_TEST

START_TEST(a_worker_that_is_behind_passes_the_newest_in_order)
{
	set_up();
	w->behind = true;
	send_rtp(0, 0, SENT);
	readable(0);
	for (int i = SENT - DATAGRAM_BATCH; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_int_eq(next_rtp(1), -1);
	ck_assert_uint_eq(leg[0]->stats.overrun, SENT - DATAGRAM_BATCH);
	ck_assert_uint_eq(leg[0]->stats.packets_in, DATAGRAM_BATCH);
	readable(0);
	ck_assert_int_eq(next_rtp(1), -1);
	tear_down();
}
END_TEST

START_TEST(a_short_queue_is_not_old)
{
	set_up();
	w->behind = true;
	send_rtp(0, 0, DATAGRAM_BATCH);
	readable(0);
	for (int i = 0; i < DATAGRAM_BATCH; i++)
		ck_assert_int_eq(next_rtp(1), i);
	ck_assert_uint_eq(leg[0]->stats.overrun, 0);
	tear_down();
}
END_TEST

START_TEST(what_is_no_rtp_is_never_left_out)
{
	set_up();
	leg[0]->proto = leg[1]->proto = MEDIA_UDP;
	w->behind = true;
	send_rtp(0, 0, SENT);
	for (int i = 0; i < SENT; i++)
		readable(0);
	for (int i = 0; i < SENT; i++)
		ck_assert_int_eq(next_rtp(1), i);
	tear_down();
}
END_TEST

/* Packets of several legs are put aside and relayed together. */
START_TEST(both_directions_of_a_round_go_out)
{
	set_up();
	for (int i = 0; i < 2; i++) { /* seen to the end: from now on one at a time */
		send_rtp(i, 1, 1);
		readable(i);
		ck_assert_int_eq(next_rtp(!i), 1);
	}
	send_rtp(0, 7, 1);
	send_rtp(1, 9, 1);
	for (int i = 0; i < 2; i++)
		datagram_leg_readable(leg[i], &leg[i]->d.rtp);
	ck_assert_uint_eq(w->n_taken, 2);
	ck_assert_int_eq(next_rtp(1), -1);
	datagram_relay_taken(w);
	ck_assert_int_eq(next_rtp(1), 7);
	ck_assert_int_eq(next_rtp(0), 9);
	tear_down();
}
END_TEST

UNIT_MAIN("media overrun", a_worker_that_keeps_up_leaves_nothing_out,
	  a_worker_that_is_behind_passes_the_newest_in_order, a_short_queue_is_not_old,
	  what_is_no_rtp_is_never_left_out, both_directions_of_a_round_go_out)
