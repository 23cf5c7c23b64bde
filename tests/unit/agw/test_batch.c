/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Batches of datagrams, by one system call each (io_uring) and by many: the same comes of both. */
#include "unit/unit.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "unit/agw/pair_rig.h"

/* More legs than one batch has room for. */
enum { PAIRS = 40, ANY_PAIR = 3, DEAD_PAIR = 5 };

static void set_up(bool together)
{
	pairs_set_up(PAIRS);
	if (together) {
		ck_assert_int_eq(uring_open(&pair_worker->uring, DATAGRAM_ROUND), 0);
		ck_assert_int_eq(uring_begin(&pair_worker->uring), 0);
	}
}

/* Why there is no io_uring here; NULL: there is. */
static const char *no_ring(void)
{
	struct uring u;
	int rc = uring_open(&u, 8);

	uring_close(&u);
	return rc < 0 ? strerror(-rc) : NULL;
}

/* A test of both ways. */
#define BOTH(name)                                                                                 \
	START_TEST(name)                                                                           \
	{                                                                                          \
		name##_played(false);                                                              \
		if (no_ring())                                                                     \
			UNIT_SKIP(no_ring());                                                      \
		name##_played(true);                                                               \
	}                                                                                          \
	END_TEST

/* A worker is told of these sockets, which were seen empty before: it takes one from each. */
static void tell(int side)
{
	for (int i = 0; i < PAIRS; i++) {
		struct datagram_end *end = &pairs[i].leg[side]->d.rtp;

		end->vetted = true;
		datagram_leg_readable(pairs[i].leg[side], end);
	}
}

static void play_round(void)
{
	tell(0);
	tell(1);
	datagram_relay_taken(pair_worker);
}

static void each_packet_reaches_its_peer_played(bool together)
{
	set_up(together);
	for (int n = 0; n < 3; n++) {
		for (int i = 0; i < PAIRS; i++) {
			pair_send(&pairs[i], 0, i, 1);
			if (i != 7) /* told of a packet that is not there */
				pair_send(&pairs[i], 1, 100 + i, 1);
		}
		play_round();
		for (int i = 0; i < PAIRS; i++) {
			ck_assert_int_eq(pair_next(&pairs[i], 1), i);
			ck_assert_int_eq(pair_next(&pairs[i], 1), -1);
			ck_assert_int_eq(pair_next(&pairs[i], 0), i == 7 ? -1 : 100 + i);
		}
	}
	ck_assert_uint_eq(pairs[7].leg[0]->stats.packets_in, 3);
	ck_assert_uint_eq(pairs[7].leg[1]->stats.packets_in, 0);
	ck_assert_uint_eq(pairs[7].leg[0]->stats.packets_out, 0);
	ck_assert(pair_worker->uring.open == together);
	pairs_tear_down();
}
BOTH(each_packet_reaches_its_peer)

/* One leg hears anybody and is not connected. It is the source of each packet that counts. */
static void a_source_is_looked_at_and_latched_on_played(bool together)
{
	struct media_leg *leg;
	struct media_leg_config before;
	struct sockaddr_storage ss;
	uint8_t stray[PAIR_RTP_OCTETS] = {0x80, 8, 0, 99, [11] = 7};
	socklen_t len;

	set_up(together);
	leg = pairs[ANY_PAIR].leg[0];
	before = leg->cfg;
	leg->cfg.filter.address_on = leg->cfg.filter.port_on = false;
	leg->cfg.latch = MEDIA_LATCH_ON;
	leg->cfg.latch_serial++;
	datagram_leg_configure(leg, &before);
	ck_assert(!leg->d.rtp.connected);
	for (int i = 0; i < PAIRS; i++)
		pair_send(&pairs[i], 0, i, 1);
	play_round();
	ck_assert(leg->d.rtp.latched);
	ck_assert(netaddr_eq(&leg->d.rtp.dest, &pairs[ANY_PAIR].far_addr[0]));
	/* Somebody else's, from before the kernel was told: looked at, not passed. */
	leg->d.rtp.connected = false;
	connect(leg->d.rtp.fd, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr));
	len = netaddr_to_sockaddr(&leg->local, &ss);
	ck_assert_int_gt(
	    sendto(pairs[0].far[0], stray, sizeof(stray), 0, (struct sockaddr *)&ss, len), 0);
	play_round();
	for (int i = 0; i < PAIRS; i++) {
		ck_assert_int_eq(pair_next(&pairs[i], 1), i);
		ck_assert_int_eq(pair_next(&pairs[i], 1), -1);
	}
	ck_assert_uint_eq(leg->stats.filtered, 1);
	pairs_tear_down();
}
BOTH(a_source_is_looked_at_and_latched_on)

static void too_long_a_datagram_is_dropped_and_counted_played(bool together)
{
	static const uint8_t big[DATAGRAM_MAX + 1] = {0x80, 8};
	struct sockaddr_storage ss;
	socklen_t len;

	set_up(together);
	len = netaddr_to_sockaddr(&pairs[1].leg[0]->local, &ss);
	ck_assert_int_gt(sendto(pairs[1].far[0], big, sizeof(big), 0, (struct sockaddr *)&ss, len),
			 0);
	pair_send(&pairs[2], 0, 2, 1);
	play_round();
	ck_assert_uint_eq(pairs[1].leg[0]->stats.malformed, 1);
	ck_assert_int_eq(pair_next(&pairs[1], 1), -1);
	ck_assert_int_eq(pair_next(&pairs[2], 1), 2);
	pairs_tear_down();
}
BOTH(too_long_a_datagram_is_dropped_and_counted)

/* An ICMP error of a packet before is no reason to lose this one. */
static void an_error_of_before_costs_no_packet_played(bool together)
{
	struct sockaddr_storage ss;
	struct media_leg *to;
	socklen_t len;

	set_up(together);
	to = pairs[DEAD_PAIR].leg[1];
	len = netaddr_to_sockaddr(&pairs[DEAD_PAIR].far_addr[1], &ss);
	close(pairs[DEAD_PAIR].far[1]);
	ck_assert_int_eq(send(to->d.rtp.fd, "x", 1, 0), 1); /* the port is closed: ICMP */
	pairs[DEAD_PAIR].far[1] = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(pairs[DEAD_PAIR].far[1], (struct sockaddr *)&ss, len), 0);
	for (int i = 0; i < PAIRS; i++)
		pair_send(&pairs[i], 0, i, 1);
	tell(0); /* of these sockets only: who receives reads the error */
	datagram_relay_taken(pair_worker);
	for (int i = 0; i < PAIRS; i++)
		ck_assert_int_eq(pair_next(&pairs[i], 1), i);
	ck_assert_uint_eq(to->stats.send_failed, 0);
	ck_assert_uint_eq(to->stats.packets_out, 1);
	pairs_tear_down();
}
BOTH(an_error_of_before_costs_no_packet)

/* The kernel takes the ring away in the middle: all goes on without. */
START_TEST(a_ring_that_fails_is_left)
{
	int null;

	if (no_ring())
		UNIT_SKIP(no_ring());
	set_up(true);
	for (int i = 0; i < PAIRS; i++)
		pair_send(&pairs[i], 0, i, 1);
	tell(0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(dup2(null, pair_worker->uring.fd), 0);
	datagram_relay_taken(pair_worker);
	close(null);
	ck_assert(!pair_worker->uring.open);
	play_round(); /* epoll tells of what is still there */
	for (int i = 0; i < PAIRS; i++)
		ck_assert_int_eq(pair_next(&pairs[i], 1), i);
	pairs_tear_down();
}
END_TEST

/* As container engines do it. For the rest of this process's life. */
static void forbid_rings(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

START_TEST(who_may_have_no_ring_is_told_why)
{
	struct media_config cfg = {.workers = 2};
	struct media *m;
	bool there = !no_ring();

	ck_assert_int_eq(media_new(&cfg, NULL, NULL, NULL, 0, &m), 0);
	ck_assert(there == (media_io_uring(m) == 0));
	media_free(m);
	forbid_rings();
	ck_assert_int_eq(media_new(&cfg, NULL, NULL, NULL, 0, &m), 0);
	ck_assert_int_eq(media_io_uring(m), EPERM);
	media_free(m);
	cfg.no_io_uring = true; /* not asked for: nothing to tell */
	ck_assert_int_eq(media_new(&cfg, NULL, NULL, NULL, 0, &m), 0);
	ck_assert_int_eq(media_io_uring(m), 0);
	media_free(m);
	each_packet_reaches_its_peer_played(false);
}
END_TEST

START_TEST(results_are_those_of_the_system_calls)
{
	struct uring u;
	char in[3][8] = {{0}};
	int s[2], results[8];
	struct iovec iov = {in[2], sizeof(in[2])};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};

	if (no_ring())
		UNIT_SKIP(no_ring());
	ck_assert_int_eq(uring_open(&u, 8), 0);
	ck_assert_int_eq(uring_begin(&u), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0); /* not non-blocking */
	for (int n = 0; n < 5; n++) {				    /* round the ring's end */
		uring_send(&u, s[0], "one", 3, 4);
		uring_send(&u, s[0], "longer than 8", 13, 5);
		uring_send(&u, -1, "?", 1, 6);
		uring_receive(&u, s[1], in[0], sizeof(in[0]), 0);
		uring_receive(&u, s[1], in[1], sizeof(in[1]), 1);
		uring_receive_from(&u, s[1], &h, 2);
		uring_run(&u, results);
		ck_assert_int_eq(results[4], 3);
		ck_assert_int_eq(results[5], 13);
		ck_assert_int_eq(results[6], -EBADF);
		ck_assert_int_eq(results[0], 3);
		ck_assert_int_eq(results[1], 13);
		ck_assert_int_eq(results[2], -EAGAIN); /* nothing waits */
		ck_assert_int_eq(memcmp(in[0], "one", 3), 0);
		ck_assert_int_eq(memcmp(in[1], "longer t", 8), 0);
	}
	uring_run(&u, results); /* nothing to do */
	ck_assert(u.open);
	uring_close(&u);
	uring_close(&u);
	close(s[0]);
	close(s[1]);
}
END_TEST

UNIT_MAIN("media batch", results_are_those_of_the_system_calls, each_packet_reaches_its_peer,
	  a_source_is_looked_at_and_latched_on, too_long_a_datagram_is_dropped_and_counted,
	  an_error_of_before_costs_no_packet, a_ring_that_fails_is_left,
	  who_may_have_no_ring_is_told_why)
