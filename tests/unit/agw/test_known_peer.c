/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP without source filters: anybody is heard, and the peer that signalling named beside them. */
#include "unit/unit.h"
#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "unit/agw/stream_rig.h"

struct peer {
	int fd;
	struct netaddr at;
};

static struct peer peer(const char *ip)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval tv = {.tv_sec = 20};
	struct peer p = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &p.at), 0);
	len = netaddr_to_sockaddr(&p.at, &ss);
	ck_assert_int_eq(bind(p.fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(p.fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &p.at);
	setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return p;
}

static void rtp(const struct peer *from, const struct media_leg *l, uint8_t seq)
{
	struct netaddr to = local(l);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&to, &ss);
	uint8_t p[40] = {0x80, 8, 0, seq};

	ck_assert_int_eq(sendto(from->fd, p, sizeof(p), 0, (struct sockaddr *)&ss, len), sizeof(p));
}

/* The number of the packet that comes next, and whether it comes from the leg's address. */
static int heard(const struct peer *at, const struct media_leg *from)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct netaddr source, ours = local(from);
	uint8_t p[100];

	if (recvfrom(at->fd, p, sizeof(p), 0, (struct sockaddr *)&ss, &len) != 40)
		return -1;
	netaddr_from_sockaddr(&ss, &source);
	ck_assert(netaddr_eq(&source, &ours));
	return p[3];
}

static bool silent(const struct peer *at)
{
	uint8_t p[100];

	serve(60);
	return recv(at->fd, p, sizeof(p), MSG_DONTWAIT) < 0;
}

struct call {
	struct peer ue, other, far;
	struct media_leg *a, *c;
	struct media_leg_config ca, cc;
};

static void call_make(struct call *k)
{
	memset(k, 0, sizeof(*k));
	k->ue = peer("127.0.1.9");
	k->other = peer("127.0.1.8");
	k->far = peer("127.0.2.9");
	k->ca = (struct media_leg_config){.mode = MEDIA_SENDRECV, .remote = k->ue.at};
	k->cc = (struct media_leg_config){.mode = MEDIA_SENDRECV, .remote = k->far.at};
	k->a = leg(MEDIA_RTP, t.access, &k->ca);
	k->c = leg(MEDIA_RTP, t.core, &k->cc);
	ck_assert_int_eq(media_link(k->a, k->c), 0);
	reach();
}

static void configure(struct call *k)
{
	ck_assert_int_eq(media_leg_configure(k->a, &k->ca), 0);
	reach();
}

static void both_ways(struct call *k, const struct peer *from, uint8_t seq)
{
	rtp(from, k->a, seq);
	ck_assert_int_eq(heard(&k->far, k->c), seq);
	rtp(&k->far, k->c, (uint8_t)(seq + 1));
	ck_assert_int_eq(heard(&k->ue, k->a), seq + 1);
}

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

START_TEST(anybody_is_heard_and_what_is_sent_goes_to_the_known_peer)
{
	struct call k;
	int before;

	setup();
	before = descriptors();
	call_make(&k);
	for (uint8_t i = 0; i < 100; i += 4) {
		both_ways(&k, &k.ue, i);
		both_ways(&k, &k.other, (uint8_t)(i + 2));
	}
	close(k.ue.fd);
	close(k.other.fd);
	close(k.far.fd);
	media_leg_close(k.a);
	media_leg_close(k.c);
	reach();
	ck_assert_int_eq(descriptors(), before);
	teardown();
}
END_TEST

START_TEST(another_peer_takes_the_place_and_the_former_is_one_of_many)
{
	struct call k;
	struct peer former;

	setup();
	call_make(&k);
	both_ways(&k, &k.ue, 1);
	former = k.ue;
	k.ue = k.other;
	k.ca.remote = k.ue.at;
	configure(&k);
	both_ways(&k, &k.ue, 3);
	both_ways(&k, &former, 5);
	ck_assert(silent(&former));
	teardown();
}
END_TEST

START_TEST(a_filter_shuts_the_others_out_and_its_end_lets_them_in)
{
	struct call k;

	setup();
	call_make(&k);
	for (uint8_t i = 0; i < 60; i += 6) {
		k.ca.filter.address_on = k.ca.filter.port_on = true;
		configure(&k);
		both_ways(&k, &k.ue, i);
		rtp(&k.other, k.a, 99);
		ck_assert(silent(&k.far));
		k.ca.filter.address_on = k.ca.filter.port_on = false;
		configure(&k);
		both_ways(&k, &k.ue, (uint8_t)(i + 2));
		both_ways(&k, &k.other, (uint8_t)(i + 4));
	}
	/* A filter that leaves out even the peer that is sent to. */
	k.ca.filter = (struct media_filter){
	    .address_on = true, .has_prefix = true, .prefix_bits = 32, .prefix = k.other.at};
	configure(&k);
	both_ways(&k, &k.other, 70);
	rtp(&k.ue, k.a, 99);
	ck_assert(silent(&k.far));
	teardown();
}
END_TEST

START_TEST(latching_goes_on_as_ever)
{
	struct call k;

	setup();
	call_make(&k);
	k.ca.latch = MEDIA_LATCH_ON;
	k.ca.latch_serial = 1;
	configure(&k);
	rtp(&k.other, k.a, 1);
	ck_assert_int_eq(heard(&k.far, k.c), 1);
	ck_assert(wait_for(MEDIA_EV_LATCHED, 1));
	rtp(&k.far, k.c, 2);
	ck_assert_int_eq(heard(&k.other, k.a), 2);
	rtp(&k.ue, k.a, 99);
	ck_assert(silent(&k.far));
	teardown();
}
END_TEST

START_TEST(without_a_descriptor_for_it_one_socket_does_all)
{
	struct rlimit before, none;
	struct call k;

	setup();
	call_make(&k);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3; /* not even what it had and gives back first */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	k.ue = k.other;
	k.ca.remote = k.ue.at;
	configure(&k);
	both_ways(&k, &k.ue, 1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	teardown();
}
END_TEST

UNIT_MAIN("media relay: the known peer", anybody_is_heard_and_what_is_sent_goes_to_the_known_peer,
	  another_peer_takes_the_place_and_the_former_is_one_of_many,
	  a_filter_shuts_the_others_out_and_its_end_lets_them_in, latching_goes_on_as_ever,
	  without_a_descriptor_for_it_one_socket_does_all)
