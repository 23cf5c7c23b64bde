/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a mark is reached, what was asked before it is so; and what happens without descriptors. */
#include "unit/unit.h"
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

static int peer_of_rtp(const char *ip, struct netaddr *me)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval tv = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(netaddr_parse(slice_str(ip), me), 0);
	len = netaddr_to_sockaddr(me, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static void send_rtp(int fd, const struct media_leg *l, unsigned seq)
{
	struct netaddr to = local(l);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&to, &ss);
	uint8_t p[40] = {0x80, 8, (uint8_t)(seq >> 8), (uint8_t)seq};

	ck_assert_int_eq(sendto(fd, p, sizeof(p), 0, (struct sockaddr *)&ss, len), sizeof(p));
}

struct rtp_call {
	struct media_leg *a, *c;
	struct media_leg_config ca, cc;
};

static void rtp_call(struct rtp_call *k, const struct netaddr *ue, const struct netaddr *far)
{
	*k = (struct rtp_call){.ca = {.mode = MEDIA_SENDRECV, .remote = *ue},
			       .cc = {.mode = MEDIA_SENDRECV, .remote = *far}};
	k->a = leg(MEDIA_RTP, t.access, &k->ca);
	k->c = leg(MEDIA_RTP, t.core, &k->cc);
	ck_assert_int_eq(media_link(k->a, k->c), 0);
}

START_TEST(the_first_packet_after_the_mark_is_not_lost)
{
	struct netaddr ue_addr, far_addr;
	int ue, far;

	setup();
	ue = peer_of_rtp("127.0.1.9", &ue_addr);
	far = peer_of_rtp("127.0.2.9", &far_addr);
	for (unsigned i = 0; i < 200; i++) {
		struct rtp_call k;
		uint8_t p[100];

		rtp_call(&k, &ue_addr, &far_addr);
		reach();
		send_rtp(ue, k.a, i);
		ck_assert_int_eq(recv(far, p, sizeof(p), 0), 40);
		ck_assert_uint_eq(p[2] << 8 | p[3], i);
		media_leg_close(k.a);
		media_leg_close(k.c);
	}
	close(ue);
	close(far);
	teardown();
}
END_TEST

START_TEST(nothing_passes_after_a_leg_was_made_inactive)
{
	struct netaddr ue_addr, far_addr;
	struct media_leg_stats st;
	struct rtp_call k;
	int ue, far;
	uint8_t p[100];

	setup();
	ue = peer_of_rtp("127.0.1.9", &ue_addr);
	far = peer_of_rtp("127.0.2.9", &far_addr);
	rtp_call(&k, &ue_addr, &far_addr);
	for (unsigned i = 0; i < 200; i++) {
		k.ca.mode = MEDIA_SENDRECV;
		ck_assert_int_eq(media_leg_configure(k.a, &k.ca), 0);
		reach();
		send_rtp(ue, k.a, 2 * i);
		ck_assert_int_eq(recv(far, p, sizeof(p), 0), 40);
		k.ca.mode = MEDIA_INACTIVE;
		ck_assert_int_eq(media_leg_configure(k.a, &k.ca), 0);
		reach();
		send_rtp(ue, k.a, 2 * i + 1);
	}
	UNIT_SOON((media_leg_stats(k.a, &st), st.gated == 200), serve(1));
	ck_assert_int_eq(recv(far, p, sizeof(p), MSG_DONTWAIT), -1);
	close(ue);
	close(far);
	teardown();
}
END_TEST

START_TEST(ports_are_back_when_the_mark_after_the_close_is_reached)
{
	struct media_pool *small;
	struct netaddr at;

	setup();
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("127.0.1.2"), &at), 0);
	ck_assert_int_eq(media_pool_new(&at, 23000, 23000, NULL, &small), 0);
	for (int i = 0; i < 200; i++) {
		struct media_leg *l = leg(MEDIA_UDP, small, NULL);

		media_leg_close(l);
		reach();
		ck_assert_uint_eq(media_pool_spare(small), 1);
	}
	media_pool_free(small);
	teardown();
}
END_TEST

START_TEST(a_mark_with_nothing_before_it_is_reached_at_once)
{
	setup();
	ck_assert(media_reached(t.m, media_mark(t.m)));
	reach();
	ck_assert(media_reached(t.m, media_mark(t.m)));
	teardown();
}
END_TEST

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Somebody knocks while no descriptor is left: the worker does not spin, and takes him in when there
 * is one again. */
START_TEST(without_descriptors_a_worker_waits_and_does_not_spin)
{
	struct media_leg_config ca = {.setup = MEDIA_SETUP_PASSIVE, .mode = MEDIA_SENDRECV};
	struct rlimit before, none;
	struct media_leg_stats st;
	struct netaddr me, to;
	struct media_leg *l;
	int64_t used;
	int ue, next;

	setup();
	l = leg(MEDIA_TCP, t.access, &ca);
	reach();
	ue = endpoint_bind("127.0.1.9", 0, &me);
	next = dup(ue);
	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	to = local(l);
	ck_assert(endpoint_connect(ue, &to, 4000));
	used = cpu_us();
	serve(1000);
	used = cpu_us() - used;
	ck_assert_msg(used < 300000, "%lld us of a second", (long long)used);
	media_leg_stats(l, &st);
	ck_assert_uint_ge(st.accept_failed, 1);
	ck_assert_uint_le(st.accept_failed, 10);
	ck_assert_int_eq(t.count[MEDIA_EV_TCP_UP], 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert(wait_for(MEDIA_EV_TCP_UP, 1));
	close(ue);
	teardown();
}
END_TEST

UNIT_MAIN("media: marks and limits", the_first_packet_after_the_mark_is_not_lost,
	  nothing_passes_after_a_leg_was_made_inactive,
	  ports_are_back_when_the_mark_after_the_close_is_reached,
	  a_mark_with_nothing_before_it_is_reached_at_once,
	  without_descriptors_a_worker_waits_and_does_not_spin)
