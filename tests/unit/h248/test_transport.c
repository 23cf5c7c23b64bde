/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transports over the loopback interface of this machine, and associations on them. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h248/run.h"
#include "unit/unit.h"

struct end {
	struct h248_transport *t;
	unsigned got, lost, refused;
	char last[70000];
	size_t last_len;
	struct h248_addr from, nobody; /* who said the last, who refused the last */
};

static struct end a, b;

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	struct end *e = user;

	(void)now;
	e->got++;
	e->from = *from;
	e->last_len = text.len;
	memcpy(e->last, text.p, text.len);
}

static void on_lost(void *user, const struct h248_addr *from, int64_t now)
{
	(void)from;
	(void)now;
	((struct end *)user)->lost++;
}

static void on_refused(void *user, const struct h248_addr *to, int64_t now)
{
	struct end *e = user;

	(void)now;
	e->refused++;
	e->nobody = *to;
}

static void open_end(struct end *e, enum h248_transport_kind kind, const char *address, bool listen)
{
	struct h248_transport_config cfg = {.kind = kind,
					    .listen = listen,
					    .user = e,
					    .receive = on_receive,
					    .link_lost = on_lost,
					    .refused = on_refused};

	memset(e, 0, sizeof(*e));
	ck_assert_int_eq(h248_addr_parse(address, 0, &cfg.local), 0);
	ck_assert_int_eq(h248_transport_open(&cfg, &e->t), H248_OK);
}

/* Until both have been quiet for a moment. */
static void pump(void)
{
	struct pollfd p[2] = {{h248_transport_fd(a.t), POLLIN, 0},
			      {b.t ? h248_transport_fd(b.t) : -1, POLLIN, 0}};

	while (poll(p, 2, 50) > 0) {
		h248_transport_ready(a.t, 1);
		if (b.t)
			h248_transport_ready(b.t, 1);
	}
}

static void exchange(enum h248_transport_kind kind, const char *address)
{
	static char big[60000];
	struct h248_addr to;

	open_end(&a, kind, address, false);
	open_end(&b, kind, address, true);
	h248_transport_local(b.t, &to);
	ck_assert_int_eq(h248_transport_send(a.t, &to, "hello", 5), H248_OK);
	pump();
	ck_assert_uint_eq(b.got, 1);
	ck_assert_uint_eq(b.last_len, 5);
	ck_assert_int_eq(h248_transport_send(b.t, &b.from, "answer", 6), H248_OK);
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(h248_transport_send(a.t, &to, big, sizeof(big)), H248_OK);
	pump();
	ck_assert_uint_eq(a.got, 1);
	ck_assert_uint_eq(a.last_len, 6);
	ck_assert_uint_eq(b.got, 6);
	ck_assert_uint_eq(b.last_len, sizeof(big));
	h248_transport_close(a.t);
	h248_transport_close(b.t);
}

START_TEST(udp_carries_messages)
{
	exchange(H248_UDP, "127.0.0.1:0");
	exchange(H248_UDP, "[::1]:0");
}
END_TEST

START_TEST(tpkt_carries_messages)
{
	exchange(H248_TPKT, "127.0.0.1:0");
	exchange(H248_TPKT, "[::1]:0");
}
END_TEST

START_TEST(a_lost_connection_is_told)
{
	struct h248_addr to;

	open_end(&a, H248_TPKT, "127.0.0.1:0", false);
	open_end(&b, H248_TPKT, "127.0.0.1:0", true);
	h248_transport_local(b.t, &to);
	h248_transport_send(a.t, &to, "x", 1);
	pump();
	h248_transport_close(b.t);
	b.t = NULL;
	pump();
	ck_assert_uint_eq(a.lost, 1);
	h248_transport_send(a.t, &to, "x", 1); /* nobody listens any more */
	pump();
	ck_assert_uint_eq(a.lost, 2);
	h248_transport_close(a.t);
}
END_TEST

/* The kernel of the peer says so, and to nobody else's message is anything done for it. */
START_TEST(a_port_where_nobody_listens_is_told)
{
	static const char *const addresses[] = {"127.0.0.1:0", "[::1]:0"};

	for (size_t i = 0; i < 2; i++) {
		struct h248_addr gone, there;

		open_end(&b, H248_UDP, addresses[i], false);
		h248_transport_local(b.t, &gone);
		h248_transport_close(b.t);
		open_end(&b, H248_UDP, addresses[i], false);
		h248_transport_local(b.t, &there);
		open_end(&a, H248_UDP, addresses[i], false);
		ck_assert_int_eq(h248_transport_send(a.t, &gone, "x", 1), H248_OK);
		ck_assert_int_eq(h248_transport_send(a.t, &there, "x", 1), H248_OK);
		pump();
		ck_assert_uint_eq(a.refused, 1);
		ck_assert(h248_addr_equal(&a.nobody, &gone));
		ck_assert_uint_eq(b.got, 1);
		ck_assert_uint_eq(h248_transport_counters(a.t)->send_failures, 0);
		h248_transport_close(a.t);
		h248_transport_close(b.t);
	}
	b.t = NULL;
}
END_TEST

START_TEST(what_is_not_tpkt_ends_the_connection_and_links_are_bounded)
{
	struct h248_transport_config cfg = {.kind = H248_TPKT,
					    .listen = true,
					    .max_links = 2,
					    .user = &a,
					    .receive = on_receive,
					    .link_lost = on_lost};
	struct sockaddr_storage ss;
	struct h248_addr to;
	socklen_t size;
	int fd[4];

	memset(&a, 0, sizeof(a));
	b.t = NULL;
	h248_addr_parse("127.0.0.1:0", 0, &cfg.local);
	ck_assert_int_eq(h248_transport_open(&cfg, &a.t), H248_OK);
	h248_transport_local(a.t, &to);
	size = netaddr_to_sockaddr(&to.at, &ss);
	for (int i = 0; i < 4; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(fd[i], (struct sockaddr *)&ss, size), 0);
	}
	pump();
	ck_assert_uint_eq(h248_transport_counters(a.t)->refused_links, 2);
	ck_assert_int_eq(write(fd[0], "GET / HTTP", 10), 10);
	pump();
	ck_assert_uint_eq(h248_transport_counters(a.t)->framing_errors, 1);
	ck_assert_uint_eq(a.lost, 1);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	pump();
	h248_transport_close(a.t);
}
END_TEST

static unsigned active;

static void on_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	(void)user;
	(void)peer;
	(void)from;
	(void)why;
	(void)now;
	active += to == H248_ACTIVE;
}

START_TEST(an_association_over_each)
{
	static const enum h248_transport_kind kinds[] = {H248_UDP, H248_TPKT};

	for (size_t i = 0; i < 2; i++) {
		struct h248_entity_config mgc = {.role = H248_ROLE_MGC, .state = on_state},
					  mg = {.role = H248_ROLE_MG, .state = on_state};
		struct h248_transport *t1, *t2;
		struct h248_entity *e1, *e2;
		struct h248_addr to;

		active = 0;
		h248_mid_parse(SLICE_LIT("<mgc>"), &mgc.mid);
		h248_mid_parse(SLICE_LIT("<mg>"), &mg.mid);
		ck_assert_int_eq(h248_open(&mgc, kinds[i], "127.0.0.1:0", &e1, &t1), H248_OK);
		h248_transport_local(t1, &to);
		mg.mgcs = &to;
		mg.mgc_count = 1;
		ck_assert_int_eq(h248_open(&mg, kinds[i], "127.0.0.1:0", &e2, &t2), H248_OK);
		ck_assert_int_eq(h248_entity_start(e2, h248_now_ms()), H248_OK);
		for (int n = 0; n < 200 && active < 2; n++) {
			h248_run(e1, t1, 5);
			h248_run(e2, t2, 5);
		}
		ck_assert_uint_eq(active, 2);
		h248_entity_free(e1);
		h248_entity_free(e2);
		h248_transport_close(t1);
		h248_transport_close(t2);
	}
}
END_TEST

START_TEST(a_device_that_is_named_is_taken)
{
	static const enum h248_transport_kind kinds[] = {H248_UDP, H248_TPKT};
	static const char *const unknown[] = {"nothere0", "a-name-of-more-than-15"};
	struct h248_entity_config c = {.role = H248_ROLE_MGC};
	struct h248_transport *t;
	struct h248_entity *e;

	h248_mid_parse(SLICE_LIT("<mgc>"), &c.mid);
	for (size_t i = 0; i < 2; i++) {
		char name[H248_DEVICE_MAX] = "";
		socklen_t size = sizeof(name);

		c.device = "lo";
		ck_assert_int_eq(h248_open(&c, kinds[i], "127.0.0.1:0", &e, &t), H248_OK);
		if (kinds[i] == H248_UDP) /* of TPKT the descriptor is no socket */
			ck_assert(getsockopt(h248_transport_fd(t), SOL_SOCKET, SO_BINDTODEVICE,
					     name, &size) == 0 &&
				  strcmp(name, "lo") == 0);
		h248_entity_free(e);
		h248_transport_close(t);
		c.device = unknown[0];
		ck_assert_int_eq(h248_open(&c, kinds[i], "127.0.0.1:0", &e, &t), H248_E_SYSTEM);
		ck_assert_int_eq(errno, ENODEV);
		c.device = unknown[1];
		ck_assert_int_eq(h248_open(&c, kinds[i], "127.0.0.1:0", &e, &t), H248_E_ARGUMENT);
	}
}
END_TEST

START_TEST(addresses_are_read_and_written)
{
	const char *const good[][2] = {{"192.0.2.1", "192.0.2.1:2944"},
				       {"192.0.2.1:5", "192.0.2.1:5"},
				       {"[192.0.2.1]:5", "192.0.2.1:5"},
				       {"[192.0.2.1]", "192.0.2.1:2944"},
				       {"2001:db8::1", "[2001:db8::1]:2944"},
				       {"[2001:db8::1]:7", "[2001:db8::1]:7"},
				       {"::ffff:1.2.3.4", "[::ffff:1.2.3.4]:2944"}};
	const char *const bad[] = {"",		 "x",	       "192.0.2.1:x", "192.0.2.1:65536",
				   "[::1",	 "[::1]x",     "1.2.3",	      "[1.2.3.4",
				   "[1.2.3.4]x", "[1.2.3.4]:x"};
	char text[NETADDR_TEXT_MAX];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct h248_addr addr;

		ck_assert_msg(h248_addr_parse(good[i][0], 2944, &addr) == 0, "%s", good[i][0]);
		ck_assert_str_eq(netaddr_text(&addr.at, text), good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct h248_addr addr;

		ck_assert_msg(h248_addr_parse(bad[i], 2944, &addr) == -1, "%s", bad[i]);
	}
}
END_TEST

/* Sent by each of these addresses of ours; what of it arrives under the filter. */
static unsigned heard(const char *from, const struct netaddr *only, size_t n)
{
	struct h248_addr to;
	unsigned before;

	h248_transport_local(b.t, &to);
	open_end(&a, H248_UDP, from, false);
	ck_assert_int_eq(h248_transport_filter(b.t, only, n), H248_OK);
	before = b.got;
	ck_assert_int_eq(h248_transport_send(a.t, &to, "hello", 5), H248_OK);
	pump();
	h248_transport_close(a.t);
	return b.got - before;
}

START_TEST(a_filter_lets_in_whom_it_names)
{
	struct netaddr many[H248_FILTER_MAX], *last = &many[H248_FILTER_MAX - 1];

	for (unsigned i = 0; i < H248_FILTER_MAX; i++) {
		char text[40];

		snprintf(text, sizeof(text), i % 2 ? "192.0.2.%u" : "2001:db8::%x", i + 1);
		ck_assert_int_eq(netaddr_parse(slice_str(text), &many[i]), 0);
	}
	open_end(&b, H248_UDP, "127.0.0.1", false);
	ck_assert_uint_eq(heard("127.0.0.1", many, H248_FILTER_MAX), 0);
	netaddr_parse(SLICE_LIT("127.0.0.2"), last);
	ck_assert_uint_eq(heard("127.0.0.1", many, H248_FILTER_MAX), 0);
	ck_assert_uint_eq(heard("127.0.0.2", many, H248_FILTER_MAX), 1);
	ck_assert_uint_eq(heard("127.0.0.2", many, 0), 0);
	ck_assert_uint_eq(heard("127.0.0.1", NULL, 0), 1);
	ck_assert_int_eq(h248_transport_filter(b.t, many, H248_FILTER_MAX + 1), H248_E_ARGUMENT);
	h248_transport_close(b.t);

	open_end(&b, H248_UDP, "::1", false);
	ck_assert_uint_eq(heard("::1", many, H248_FILTER_MAX), 0);
	netaddr_parse(SLICE_LIT("::1"), last);
	ck_assert_uint_eq(heard("::1", many, H248_FILTER_MAX), 1);
	netaddr_parse(SLICE_LIT("1::1"), last); /* only the first word differs */
	ck_assert_uint_eq(heard("::1", many, H248_FILTER_MAX), 0);
	netaddr_parse(SLICE_LIT("::2"), last); /* only the last one */
	ck_assert_uint_eq(heard("::1", many, H248_FILTER_MAX), 0);
	h248_transport_close(b.t);
	b.t = NULL;
}
END_TEST

UNIT_MAIN("h248 transports", a_filter_lets_in_whom_it_names, udp_carries_messages,
	  tpkt_carries_messages, a_lost_connection_is_told, a_port_where_nobody_listens_is_told,
	  what_is_not_tpkt_ends_the_connection_and_links_are_bounded, an_association_over_each,
	  addresses_are_read_and_written, a_device_that_is_named_is_taken)
