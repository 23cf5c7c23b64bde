/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate as a decision, and its BPF program run by a small interpreter over the same questions.
 */
#include "unit/unit.h"
#include "agw/media/gate.h"

static struct netaddr at(const char *ip, uint16_t port)
{
	struct netaddr a = {0};

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &a), 0);
	a.port = port;
	return a;
}

/* Just the instructions the program uses; anything else fails the test. */
static bool run(const struct sock_filter *prog, size_t n, const struct netaddr *src)
{
	uint32_t acc = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &prog[pc];
		uint32_t k = i->k;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS: {
			uint32_t off = k - (uint32_t)SKF_NET_OFF - (src->family == 4 ? 12 : 8);

			ck_assert_uint_le(off, 12);
			acc = (uint32_t)src->ip[off] << 24 | (uint32_t)src->ip[off + 1] << 16 |
			      (uint32_t)src->ip[off + 2] << 8 | src->ip[off + 3];
			break;
		}
		case BPF_LD | BPF_H | BPF_ABS:
			ck_assert_uint_eq(k, 0);
			acc = src->port;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			acc &= k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += acc == k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += acc >= k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += acc > k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return k != 0;
		default:
			ck_abort_msg("instruction %#x", i->code);
		}
	}
	ck_abort_msg("the program has no end");
	return false;
}

static bool both(const struct gate *g, const char *ip, uint16_t port)
{
	struct sock_filter prog[GATE_PROGRAM_MAX];
	struct netaddr a = at(ip, port);
	size_t n = gate_program(g, a.family, prog);

	ck_assert_uint_le(n, GATE_PROGRAM_MAX);
	ck_assert_msg(run(prog, n, &a) == gate_allows(g, &a), "%s:%u", ip, port);
	return gate_allows(g, &a);
}

START_TEST(no_filter_lets_everybody_in)
{
	struct media_filter f = {0};
	struct netaddr unknown = {0};
	struct gate g = gate_make(&f, &unknown);

	ck_assert(both(&g, "203.0.113.9", 1));
	ck_assert(both(&g, "2001:db8::1", 65535));
	ck_assert(!gate_is_single(&g));
}
END_TEST

START_TEST(a_filter_without_a_peer_is_a_closed_gate)
{
	struct netaddr unknown = {0}, peer = at("203.0.113.9", 50009);
	struct media_filter f = {.address_on = true, .port_on = true};
	struct gate g = gate_make(&f, &unknown);

	ck_assert(!both(&g, "203.0.113.9", 50009));
	ck_assert(!both(&g, "::1", 1));
	f.address_on = false;
	g = gate_make(&f, &unknown);
	ck_assert(!both(&g, "203.0.113.9", 50009));
	f.address_on = true;
	g = gate_make(&f, &peer);
	ck_assert(gate_is_single(&g));
	ck_assert(both(&g, "203.0.113.9", 50009));
	ck_assert(!both(&g, "203.0.113.9", 50010));
	ck_assert(!both(&g, "203.0.113.8", 50009));
	ck_assert(!both(&g, "2001:db8::1", 50009));
}
END_TEST

START_TEST(masks_and_ranges)
{
	struct netaddr unknown = {0};
	struct media_filter f = {.address_on = true,
				 .has_prefix = true,
				 .prefix = at("10.1.128.0", 0),
				 .prefix_bits = 17,
				 .port_on = true,
				 .port_min = 4000,
				 .port_max = 4999};
	struct gate g = gate_make(&f, &unknown);

	ck_assert(both(&g, "10.1.128.1", 4000));
	ck_assert(both(&g, "10.1.255.255", 4999));
	ck_assert(!both(&g, "10.1.127.255", 4500));
	ck_assert(!both(&g, "10.1.128.1", 3999));
	ck_assert(!both(&g, "10.1.128.1", 5000));
	f.port_on = false;
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct netaddr base = at("2001:db8:a5a5:5a5a:a5a5:5a5a:a5a5:5a5a", 0);
		struct sock_filter prog[GATE_PROGRAM_MAX];

		f.prefix = base;
		f.prefix_bits = (uint8_t)bits;
		g = gate_make(&f, &unknown);
		for (unsigned flip = 0; flip < 128; flip++) {
			struct netaddr a = base;
			size_t n = gate_program(&g, 6, prog);

			a.port = 9;
			a.ip[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
			ck_assert(run(prog, n, &a) == (flip >= bits));
			ck_assert(gate_allows(&g, &a) == (flip >= bits));
		}
	}
}
END_TEST

START_TEST(a_shut_gate_is_shut_in_both_families)
{
	struct gate g = gate_shut(), open = {0};

	ck_assert(!both(&g, "10.0.0.1", 1));
	ck_assert(!both(&g, "::1", 1));
	ck_assert(!gate_eq(&g, &open));
	ck_assert(!gate_is_single(&g));
}
END_TEST

UNIT_MAIN("gate", no_filter_lets_everybody_in, a_filter_without_a_peer_is_a_closed_gate,
	  masks_and_ranges, a_shut_gate_is_shut_in_both_families)
