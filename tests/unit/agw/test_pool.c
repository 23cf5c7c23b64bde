/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports: none is given out twice, pairs stay whole, and RTP gets even ones. */
#include "unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/pool.h"

enum { FIRST = 31000, MANY = 1000 };

static struct media_pool *pool(uint16_t from, uint16_t to)
{
	struct media_pool *p;
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(SLICE_LIT("127.0.9.1"), &a), 0);
	ck_assert_int_eq(media_pool_new(&a, from, to, NULL, &p), 0);
	return p;
}

/* The sockets are of no interest here, only the ports. */
static int take(struct media_pool *p, enum port_want want, uint16_t *port)
{
	int fds[2], rc = pool_take(p, SOCK_DGRAM, want, port, fds);

	if (rc == 0) {
		close(fds[0]);
		if (fds[1] >= 0)
			close(fds[1]);
	}
	return rc;
}

START_TEST(pools_of_one_address_never_give_one_port_twice)
{
	struct media_pool *a = pool(FIRST, FIRST + 63), *b = pool(FIRST, FIRST + 63),
			  *wide = pool(FIRST + 32, FIRST + 127);
	bool seen[128] = {false};
	uint16_t port;
	int n = 0;

	while (take(n % 3 == 0	 ? a
		    : n % 3 == 1 ? b
				 : wide,
		    PORT_ANY, &port) == 0 ||
	       take(wide, PORT_ANY, &port) == 0 || take(a, PORT_ANY, &port) == 0) {
		ck_assert_msg(!seen[port - FIRST], "%u twice", port);
		seen[port - FIRST] = true;
		n++;
	}
	ck_assert_int_eq(n, 128);
	ck_assert_uint_eq(media_pool_spare(a) + media_pool_spare(b) + media_pool_spare(wide), 0);
	ck_assert_uint_eq(media_pool_in_use(a) + media_pool_in_use(b) + media_pool_in_use(wide),
			  128);
	media_pool_free(a);
	media_pool_free(b);
	media_pool_free(wide);
}
END_TEST

static struct media_pool *pool_of(const char *device)
{
	struct media_pool *p;
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(SLICE_LIT("127.0.9.1"), &a), 0);
	ck_assert_int_eq(media_pool_new(&a, FIRST, FIRST + 31, device, &p), 0);
	return p;
}

/* Stream sockets on one port do not hinder each other in the kernel, with a device or without. */
START_TEST(a_device_makes_no_second_port_of_one)
{
	static const char *const devices[][2] = {{"lo", NULL}, {NULL, "lo"}, {"lo", "lo"}};

	for (int i = 0; i < 3; i++)
		for (int type = 0; type < 2; type++) {
			struct media_pool *p[2] = {pool_of(devices[i][0]), pool_of(devices[i][1])};
			bool seen[32] = {false};
			int fds[32][2], n = 0;
			uint16_t port;

			if (media_pool_try(p[0]) < 0 || media_pool_try(p[1]) < 0)
				UNIT_SKIP("a socket cannot be bound to a device (CAP_NET_RAW)");
			while (n < 32 && pool_take(p[n & 1], type ? SOCK_DGRAM : SOCK_STREAM,
						   PORT_ANY, &port, fds[n]) == 0) {
				ck_assert_msg(!seen[port - FIRST], "%u twice", port);
				seen[port - FIRST] = true;
				n++;
			}
			ck_assert_int_eq(n, 32);
			ck_assert_uint_eq(media_pool_spare(p[0]) + media_pool_spare(p[1]), 0);
			while (n--)
				close(fds[n][0]);
			media_pool_free(p[0]);
			media_pool_free(p[1]);
		}
}
END_TEST

/* As a reload does that widens a range: the calls of before keep their ports, and only they. */
START_TEST(a_wider_pool_leaves_the_ports_of_running_calls_alone)
{
	struct media_pool *old = pool(FIRST, FIRST + 3), *fresh;
	uint16_t kept[4], port;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(take(old, PORT_ANY, &kept[i]), 0);
	fresh = pool(FIRST, FIRST + 7);
	ck_assert_uint_eq(media_pool_spare(fresh), 4);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(take(fresh, PORT_ANY, &port), 0);
		ck_assert_uint_ge(port, FIRST + 4);
	}
	ck_assert_int_eq(take(fresh, PORT_ANY, &port), MEDIA_ENOPORT);
	pool_give_back(old, kept[2], false);
	ck_assert_uint_eq(media_pool_spare(fresh), 1);
	ck_assert_int_eq(take(fresh, PORT_ANY, &port), 0);
	ck_assert_uint_eq(port, kept[2]);
	media_pool_free(old);
	media_pool_free(fresh);
}
END_TEST

START_TEST(an_address_that_nobody_has_any_more_is_forgotten)
{
	struct media_pool *a = pool(FIRST, FIRST + 1);
	uint16_t port;

	ck_assert_int_eq(take(a, PORT_PAIR, &port), 0);
	media_pool_free(a);
	a = pool(FIRST, FIRST + 1);
	ck_assert_uint_eq(media_pool_spare(a), 2);
	media_pool_free(a);
}
END_TEST

/* Whatever came before, as many pairs fit as there is room for. */
START_TEST(singles_leave_the_pairs_whole)
{
	static const enum port_want mixes[][2] = {
	    {PORT_ANY, PORT_ANY}, {PORT_EVEN, PORT_ANY}, {PORT_ANY, PORT_EVEN}};

	for (int mix = 0; mix < 3; mix++) {
		struct media_pool *p = pool(FIRST, FIRST + MANY - 1);
		uint16_t port;
		int pairs = 0;

		for (int i = 0; i < MANY / 2; i++)
			ck_assert_int_eq(take(p, mixes[mix][i & 1], &port), 0);
		while (take(p, PORT_PAIR, &port) == 0) {
			ck_assert_uint_eq(port & 1, 0);
			pairs++;
		}
		ck_assert_msg(pairs == MANY / 4, "mix %d: %d pairs", mix, pairs);
		media_pool_free(p);
	}
}
END_TEST

START_TEST(rtp_without_rtcp_gets_even_ports_while_there_are_any)
{
	struct media_pool *p = pool(FIRST + 1, FIRST + 100); /* odd first, even last */
	uint16_t port;

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(take(p, PORT_EVEN, &port), 0);
		ck_assert_uint_eq(port & 1, 0);
	}
	for (int i = 0; i < 50; i++) { /* better an odd one than no call */
		ck_assert_int_eq(take(p, PORT_EVEN, &port), 0);
		ck_assert_uint_eq(port & 1, 1);
	}
	ck_assert_int_eq(take(p, PORT_EVEN, &port), MEDIA_ENOPORT);
	media_pool_free(p);
}
END_TEST

struct held {
	uint16_t port;
	bool pair;
};

/* Calls come and go for a long time: what is counted is what is there, and nothing is given twice.
 */
START_TEST(counts_hold_over_a_random_walk)
{
	struct media_pool *p = pool(FIRST + 3, FIRST + 202);
	static struct held held[200];
	bool used[203] = {false};
	unsigned seed = (unsigned)time(NULL), first = seed;
	int n = 0;

	for (int step = 0; step < 20000; step++) {
		struct held h;
		uint32_t dice;

		seed = seed * 1664525u + 1013904223u;
		dice = seed >> 8;
		if (n && dice % 100 < 45) {
			int i = (int)(dice / 100) % n;

			pool_give_back(p, held[i].port, held[i].pair);
			used[held[i].port - FIRST] = false;
			if (held[i].pair)
				used[held[i].port + 1 - FIRST] = false;
			held[i] = held[--n];
		} else {
			enum port_want want = (enum port_want)(dice / 100 % 3);

			if (take(p, want, &h.port) < 0)
				continue;
			h.pair = want == PORT_PAIR;
			for (int k = 0; k < (h.pair ? 2 : 1); k++) {
				ck_assert_msg(!used[h.port + k - FIRST], "seed %u: %u twice", first,
					      h.port + (unsigned)k);
				used[h.port + k - FIRST] = true;
			}
			held[n++] = h;
		}
	}
	while (n--)
		pool_give_back(p, held[n].port, held[n].pair);
	ck_assert_uint_eq(media_pool_in_use(p), 0);
	ck_assert_uint_eq(media_pool_spare(p), 200);
	media_pool_free(p);
}
END_TEST

START_TEST(a_port_of_another_program_is_passed_over)
{
	struct media_pool *p = pool(FIRST, FIRST + 3);
	struct sockaddr_storage ss;
	struct netaddr a = p->addr;
	socklen_t len;
	uint16_t port;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	a.port = FIRST + 1;
	len = netaddr_to_sockaddr(&a, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	ck_assert_int_eq(take(p, PORT_PAIR, &port), 0);
	ck_assert_uint_eq(port, FIRST + 2);
	ck_assert_int_eq(take(p, PORT_PAIR, &port), MEDIA_ENOPORT);
	ck_assert_int_eq(take(p, PORT_ANY, &port), 0);
	ck_assert_uint_eq(port, FIRST);
	close(fd);
	media_pool_free(p);
}
END_TEST

START_TEST(no_descriptor_is_told_apart_from_no_port)
{
	struct media_pool *p = pool(FIRST, FIRST + 3);
	struct rlimit before, none;
	uint16_t port;
	int fd = dup(0);

	close(fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)fd;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(take(p, PORT_PAIR, &port), MEDIA_EDESCRIPTORS);
	none.rlim_cur = (rlim_t)fd + 1; /* one of the two */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(take(p, PORT_PAIR, &port), MEDIA_EDESCRIPTORS);
	ck_assert_int_eq(take(p, PORT_ANY, &port), 0);
	ck_assert_uint_eq(media_pool_in_use(p), 1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	media_pool_free(p);
}
END_TEST

UNIT_MAIN("ports", pools_of_one_address_never_give_one_port_twice,
	  a_device_makes_no_second_port_of_one,
	  a_wider_pool_leaves_the_ports_of_running_calls_alone,
	  an_address_that_nobody_has_any_more_is_forgotten, singles_leave_the_pairs_whole,
	  rtp_without_rtcp_gets_even_ports_while_there_are_any, counts_hold_over_a_random_walk,
	  a_port_of_another_program_is_passed_over, no_descriptor_is_told_apart_from_no_port)
