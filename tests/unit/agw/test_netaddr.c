/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "agw/media/netaddr.h"

static struct netaddr at(const char *ip, uint16_t port)
{
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = port;
	return a;
}

START_TEST(text_goes_both_ways)
{
	char buf[NETADDR_TEXT_MAX];
	struct netaddr a = at("2001:db8::7", 5000), none = {0};

	ck_assert_str_eq(netaddr_text(&a, buf), "[2001:db8::7]:5000");
	ck_assert_str_eq(netaddr_ip_text(&a, buf), "2001:db8::7");
	a = at("192.0.2.9", 1);
	ck_assert_str_eq(netaddr_text(&a, buf), "192.0.2.9:1");
	ck_assert_str_eq(netaddr_text(&none, buf), "-");
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("192.0.2"), &a), -1);
	ck_assert_int_eq(netaddr_parse(SLICE_LIT("[::1]"), &a), -1);
	ck_assert_int_eq(netaddr_parse(SLICE_LIT(""), &a), -1);
	ck_assert_int_eq(netaddr_parse(slice_make("1.2.3.4\0x", 9), &a), -1);
}
END_TEST

START_TEST(prefixes_compare_bit_by_bit)
{
	struct netaddr a = at("10.1.255.0", 0), b = at("10.1.128.1", 0), six = at("::a01:8001", 0);

	ck_assert(netaddr_prefix_eq(&a, &b, 17));
	ck_assert(!netaddr_prefix_eq(&a, &b, 18));
	ck_assert(netaddr_prefix_eq(&a, &b, 0));
	ck_assert(!netaddr_prefix_eq(&a, &a, 33));
	ck_assert(!netaddr_prefix_eq(&b, &six, 0));
	a = at("2001:db8:8000::", 0);
	b = at("2001:db8:ffff::", 0);
	ck_assert(netaddr_prefix_eq(&a, &b, 33));
	ck_assert(!netaddr_prefix_eq(&a, &b, 34));
}
END_TEST

START_TEST(mapped_addresses_become_ipv4)
{
	struct sockaddr_storage ss;
	struct netaddr a = at("::ffff:192.0.2.1", 99), b, want = at("192.0.2.1", 99);

	a.family = 6;
	netaddr_to_sockaddr(&a, &ss);
	netaddr_from_sockaddr(&ss, &b);
	ck_assert(netaddr_eq(&b, &want));
	netaddr_to_sockaddr(&want, &ss);
	netaddr_from_sockaddr(&ss, &b);
	ck_assert(netaddr_eq(&b, &want));
	ss.ss_family = AF_UNIX;
	netaddr_from_sockaddr(&ss, &b);
	ck_assert(!netaddr_known(&b));
}
END_TEST

UNIT_MAIN("netaddr", text_goes_both_ways, prefixes_compare_bit_by_bit, mapped_addresses_become_ipv4)
