/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/netaddr.h"
#include "unit/unit.h"

START_TEST(an_address_prints_as_it_was_read)
{
	static const struct {
		const char *in, *ip, *host, *all;
	} t[] = {
	    {"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1:5060"},
	    {"192.0.2.1:7", "192.0.2.1", "192.0.2.1", "192.0.2.1:7"},
	    {"2001:DB8::1", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5060"},
	    {"[2001:db8::1]", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5060"},
	    {"[::ffff:192.0.2.1]:65535", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]",
	     "[::ffff:192.0.2.1]:65535"},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char buf[NETADDR_TEXT_MAX];
		struct netaddr a;

		ck_assert_msg(netaddr_parse_port(slice_str(t[i].in), 5060, &a) == 0, "%s", t[i].in);
		ck_assert_str_eq(netaddr_ip_text(&a, buf), t[i].ip);
		ck_assert_str_eq(netaddr_host_text(&a, buf), t[i].host);
		ck_assert_str_eq(netaddr_text(&a, buf), t[i].all);
	}
}
END_TEST

START_TEST(what_is_no_address_is_refused_and_changes_nothing)
{
	static const char *const bad[] = {"",
					  "192.0.2",
					  "192.0.2.256",
					  "host.example:5060",
					  "192.0.2.1:",
					  "192.0.2.1:65536",
					  "192.0.2.1:-1",
					  "[192.0.2.1]",
					  "[2001:db8::1",
					  "2001:db8::1]",
					  "[2001:db8::1]x",
					  "[2001:db8::1]:",
					  "[]",
					  ":5060",
					  "[2001:db8::1]:1:2",
					  "fe80::1%eth0",
					  "192.0.2.1 ",
					  "192.0.2.1:0x50"};
	struct netaddr a, before;

	memset(&before, 0x55, sizeof(before));
	a = before;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(netaddr_parse_port(slice_str(bad[i]), 1, &a) == -1, "%s", bad[i]);
	ck_assert_int_eq(netaddr_parse_host(slice_str("192.0.2.1:5"), &a), -1);
	ck_assert_int_eq(netaddr_parse(slice_str("[2001:db8::1]"), &a), -1);
	ck_assert_int_eq(netaddr_parse(slice_make("192.0.2.1\0x", 11), &a), -1);
	ck_assert_mem_eq(&a, &before, sizeof(a));
}
END_TEST

START_TEST(no_address_prints_as_a_dash)
{
	struct netaddr none = {0};
	char buf[NETADDR_TEXT_MAX];

	ck_assert(!netaddr_known(&none));
	ck_assert(!netaddr_is_any(&none));
	ck_assert_str_eq(netaddr_ip_text(&none, buf), "-");
	ck_assert_str_eq(netaddr_host_text(&none, buf), "-");
	ck_assert_str_eq(netaddr_text(&none, buf), "-");
	ck_assert_int_eq(netaddr_af(&none), AF_UNSPEC);
	none = netaddr_make("12345", 5, 1);
	ck_assert(!netaddr_known(&none));
}
END_TEST

START_TEST(the_system_s_form_comes_back_the_same)
{
	static const char *const text[] = {"192.0.2.1:5060", "[2001:db8::1]:5061", "0.0.0.0:0"};

	for (size_t i = 0; i < 3; i++) {
		struct sockaddr_storage ss;
		struct netaddr a, b, c;

		ck_assert_int_eq(netaddr_parse_port(slice_str(text[i]), 0, &a), 0);
		ck_assert_uint_eq(netaddr_to_sockaddr(&a, &ss), a.family == 4
								    ? sizeof(struct sockaddr_in)
								    : sizeof(struct sockaddr_in6));
		ck_assert_int_eq(ss.ss_family, netaddr_af(&a));
		netaddr_from_sockaddr(&ss, &b);
		ck_assert(netaddr_eq(&a, &b));
		c = netaddr_make(a.ip, netaddr_len(&a), a.port);
		ck_assert_mem_eq(&a, &c, sizeof(a));
	}
}
END_TEST

START_TEST(a_mapped_address_of_the_system_is_ipv4)
{
	struct sockaddr_storage ss;
	struct netaddr a;
	char buf[NETADDR_TEXT_MAX];

	ck_assert_int_eq(netaddr_parse_port(slice_str("[::ffff:192.0.2.1]:9"), 0, &a), 0);
	ck_assert_int_eq(a.family, 6);
	netaddr_to_sockaddr(&a, &ss);
	netaddr_from_sockaddr(&ss, &a);
	ck_assert_str_eq(netaddr_text(&a, buf), "192.0.2.1:9");
	ss.ss_family = AF_UNIX;
	netaddr_from_sockaddr(&ss, &a);
	ck_assert(!netaddr_known(&a));
}
END_TEST

START_TEST(addresses_compare_with_and_without_port)
{
	struct netaddr a, b, six;

	ck_assert_int_eq(netaddr_parse_port(slice_str("192.0.2.1:1"), 0, &a), 0);
	b = a;
	b.port = 2;
	ck_assert(netaddr_ip_eq(&a, &b) && !netaddr_eq(&a, &b));
	ck_assert_int_eq(netaddr_parse(slice_str("c000:201::"), &six), 0);
	ck_assert(!netaddr_ip_eq(&a, &six)); /* the same first octets, another family */
	ck_assert_int_eq(netaddr_parse(slice_str("::"), &six), 0);
	ck_assert(netaddr_is_any(&six) && !netaddr_is_any(&a));
}
END_TEST

START_TEST(what_can_be_a_peer_is_told_from_what_cannot)
{
	static const struct {
		const char *text;
		bool unicast, loopback;
	} rows[] = {
	    {"192.0.2.1", true, false},
	    {"127.0.0.1", true, true},
	    {"127.9.9.9", true, true},
	    {"2001:db8::1", true, false},
	    {"::1", true, true},
	    {"0.0.0.0", false, false},
	    {"0.1.2.3", false, false},
	    {"::", false, false},
	    {"224.0.0.1", false, false},
	    {"ff02::1", false, false},
	    {"::2", true, false},
	    {"255.255.255.255", false, false},
	    {"::ffff:192.0.2.1", false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct netaddr a;

		ck_assert_int_eq(netaddr_parse(slice_str(rows[i].text), &a), 0);
		ck_assert_msg(netaddr_is_unicast(&a) == rows[i].unicast, "%s", rows[i].text);
		ck_assert_msg(netaddr_is_loopback(&a) == rows[i].loopback, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(a_network_has_what_lies_in_it)
{
	static const struct {
		const char *net, *in, *out;
	} t[] = {
	    {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
	    {"192.0.2.8/29", "192.0.2.15", "192.0.2.16"},
	    {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
	    {"0.0.0.0/0", "255.1.2.3", "::1"},
	    {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
	};
	static const char *const bad[] = {
	    "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/x", "/8", "192.0.2.0/24/1"};
	struct netaddr_net n;
	struct netaddr a;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_int_eq(netaddr_net_parse(slice_str(t[i].net), &n), 0);
		ck_assert_int_eq(netaddr_parse(slice_str(t[i].in), &a), 0);
		ck_assert_msg(netaddr_net_has(&n, &a), "%s %s", t[i].net, t[i].in);
		ck_assert_int_eq(netaddr_parse(slice_str(t[i].out), &a), 0);
		ck_assert_msg(!netaddr_net_has(&n, &a), "%s %s", t[i].net, t[i].out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(netaddr_net_parse(slice_str(bad[i]), &n) == -1, "%s", bad[i]);
}
END_TEST

UNIT_MAIN("netaddr", an_address_prints_as_it_was_read,
	  what_is_no_address_is_refused_and_changes_nothing, no_address_prints_as_a_dash,
	  the_system_s_form_comes_back_the_same, a_mapped_address_of_the_system_is_ipv4,
	  addresses_compare_with_and_without_port, what_can_be_a_peer_is_told_from_what_cannot,
	  a_network_has_what_lies_in_it)
