/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/agw/stream_rig.h"
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "unit/unit.h"

struct stream_test t;

enum { NO_HURRY_MS = 15000 }; /* for handshakes that no test wants to see end */

static void note(const struct media_event *ev, void *arg)
{
	(void)arg;
	t.count[ev->type]++;
	t.last[ev->type] = *ev;
}

/* A loopback of our own where we may have one: TCP ports are shared between processes of one user,
 * and another run of these tests must not get our connections. */
static void own_loopback(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(ioctl(fd, SIOCGIFFLAGS, &lo), 0);
	lo.ifr_flags |= IFF_UP;
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	close(fd);
}

static void start(unsigned workers, uint32_t handshake_ms, uint32_t retry_ms)
{
	struct media_config cfg = {
	    .workers = workers, .tls_handshake_ms = handshake_ms, .tcp_connect_ms = 1000};
	struct netaddr a;

	memset(&t, 0, sizeof(t));
	own_loopback();
	identity_make(&t.ue);
	cfg.tls_retry_ms = retry_ms;
	ck_assert_int_eq(media_new(&cfg, note, NULL, NULL, 0, &t.m), 0);
	netaddr_parse(SLICE_LIT("127.0.1.1"), &a);
	ck_assert_int_eq(media_pool_new(&a, 22000, 22999, NULL, &t.access), 0);
	netaddr_parse(SLICE_LIT("127.0.2.1"), &a);
	ck_assert_int_eq(media_pool_new(&a, 22000, 22999, NULL, &t.core), 0);
}

void setup_ms(uint32_t handshake_ms)
{
	start(2, handshake_ms, 0);
}

void setup_workers(unsigned n)
{
	start(n, NO_HURRY_MS, 0);
}

void setup_retry(uint32_t retry_ms)
{
	start(2, NO_HURRY_MS, retry_ms);
}

void setup(void)
{
	setup_ms(NO_HURRY_MS);
}

void teardown(void)
{
	media_free(t.m);
	ck_assert_uint_eq(media_pool_in_use(t.access), 0);
	ck_assert_uint_eq(media_pool_in_use(t.core), 0);
	media_pool_free(t.access);
	media_pool_free(t.core);
	identity_clear(&t.ue);
}

void serve(int ms)
{
	for (int64_t end = media_now_ms() + ms; media_now_ms() < end;) {
		struct pollfd p = {media_event_fd(t.m), POLLIN, 0};

		poll(&p, 1, 10);
		media_dispatch(t.m);
	}
}

void reach(void)
{
	uint64_t mark = media_mark(t.m);

	UNIT_SOON(media_reached(t.m, mark), serve(1));
}

bool wait_for(enum media_event_type e, int n)
{
	for (int64_t end = media_now_ms() + UNIT_PATIENCE_MS;
	     t.count[e] < n && media_now_ms() < end;)
		serve(1);
	return t.count[e] >= n;
}

struct media_leg *leg(enum media_proto proto, struct media_pool *pool,
		      const struct media_leg_config *c)
{
	struct media_leg_open how = {.proto = proto, .pool = pool, .config = c};
	struct media_leg *l;

	ck_assert_int_eq(media_leg_open(t.m, &how, &l), 0);
	return l;
}

struct netaddr local(const struct media_leg *l)
{
	struct netaddr a;

	media_leg_local(l, &a);
	return a;
}

void expect_fingerprint(struct media_leg_config *c, const char *line)
{
	ck_assert_int_eq(fingerprint_set_add(&c->fingerprints, slice_str(line)), 0);
	c->fingerprint_given = true;
}

/* Access: TLS, passive, waits for the UE. Core: plain, active towards core_peer. */
void tls_pair(enum media_proto tls, enum media_proto plain, struct media_leg_config *ca,
	      struct media_leg_config *cc, struct media_leg **a, struct media_leg **c)
{
	ca->mode = cc->mode = MEDIA_SENDRECV;
	*a = leg(tls, t.access, ca);
	*c = leg(plain, t.core, cc);
	ck_assert_int_eq(media_link(*a, *c), 0);
	reach();
}
