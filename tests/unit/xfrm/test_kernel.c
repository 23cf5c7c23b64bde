/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Against the kernel this runs on, in a network namespace of its own. A kernel without ESP shows
 * that a refusal leaves nothing behind; the tests that need ESP say so and are decisive where the
 * kernel has it (make check-flow-esp runs this program there with XFRM_TEST_NEEDS_ESP=1).
 */
#include "unit/unit.h"
#include "xfrm/xfrm.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK 0x1234abcd

static struct xfrm *x;
static struct xfrm_keys keys;

static struct netaddr addr(const char *text, uint16_t port)
{
	struct netaddr a;

	ck_assert_int_eq(netaddr_parse_port(slice_str(text), port, &a), 0);
	return a;
}

/* False where the kernel has no ESP. */
static bool set_up(void)
{
	uint8_t ck[16] = {1}, ik[16] = {2};
	int rc;

	ck_assert_msg(unshare(CLONE_NEWNET) == 0, "needs root");
	ck_assert_int_eq(xfrm_open(&x), XFRM_OK);
	ck_assert_int_eq(
	    xfrm_keys_from_aka(XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC, ck, ik, &keys), XFRM_OK);
	rc = xfrm_probe(x, AF_INET, XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC);
	ck_assert_msg(rc == XFRM_OK || rc == XFRM_E_UNSUPPORTED, "probe: %s", xfrm_strerror(rc));
	ck_assert_msg(rc == XFRM_OK || !getenv("XFRM_TEST_NEEDS_ESP"), "this kernel has no ESP");
	return rc == XFRM_OK;
}

static struct xfrm_sa sa(uint32_t spi)
{
	return (struct xfrm_sa){.src = addr("10.1.0.10", 5062),
				.dst = addr("10.1.0.1", 6063),
				.spi = spi,
				.reqid = spi,
				.alg = XFRM_ALG_HMAC_SHA1_96,
				.ealg = XFRM_EALG_AES_CBC,
				.mark = MARK,
				.lifetime_s = 600};
}

static struct xfrm_policy policy(uint16_t port)
{
	return (struct xfrm_policy){.src = addr("10.1.0.10", port),
				    .dst = addr("10.1.0.1", 6063),
				    .dir = XFRM_IN,
				    .mark = MARK,
				    .priority = 10};
}

static int count_sa(const struct xfrm_sa_state *s, void *n)
{
	(void)s;
	++*(unsigned *)n;
	return 0;
}

static int count_policy(const struct xfrm_policy *p, void *n)
{
	(void)p;
	++*(unsigned *)n;
	return 0;
}

static unsigned sas(uint32_t mark)
{
	unsigned n = 0;

	ck_assert_int_eq(xfrm_sa_each(x, mark, count_sa, &n), 0);
	return n;
}

static unsigned policies(uint32_t mark)
{
	unsigned n = 0;

	ck_assert_int_eq(xfrm_policy_each(x, mark, count_policy, &n), 0);
	return n;
}

START_TEST(a_policy_stands_once_and_goes)
{
	struct xfrm_policy p = policy(5062), guard = {.dst = addr("10.1.0.1", 6063),
						      .dir = XFRM_IN,
						      .mark = MARK,
						      .priority = 1000,
						      .block = true};

	set_up();
	ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_OK);
	ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_E_EXISTS);
	p.spi = 77777;
	p.reqid = 7;
	ck_assert_int_eq(xfrm_policy_update(x, &p), XFRM_OK);
	ck_assert_int_eq(xfrm_policy_add(x, &guard), XFRM_OK);
	ck_assert_uint_eq(policies(MARK), 2);
	ck_assert_uint_eq(policies(MARK + 1), 0);
	ck_assert_int_eq(xfrm_policy_del(x, &p), XFRM_OK);
	ck_assert_int_eq(xfrm_policy_del(x, &p), XFRM_E_NOT_FOUND);
	ck_assert_int_eq(xfrm_policy_del(x, &guard), XFRM_OK);
	ck_assert_uint_eq(policies(0), 0);
	xfrm_close(x);
}
END_TEST

START_TEST(a_refused_batch_leaves_nothing)
{
	struct xfrm_policy p1 = policy(1), p2 = policy(2);
	struct xfrm_sa s = sa(5000);
	struct xfrm_batch *b;
	int results[XFRM_BATCH_MAX];
	bool esp = set_up();

	b = xfrm_batch_new(x);
	ck_assert_int_eq(xfrm_policy_add(x, &p2), XFRM_OK);
	ck_assert_int_eq(xfrm_batch_policy_add(b, &p1), XFRM_OK);
	ck_assert_int_eq(xfrm_batch_sa_add(b, &s, &keys), XFRM_OK);
	ck_assert_int_eq(xfrm_batch_policy_add(b, &p2), XFRM_OK);
	ck_assert_int_eq(xfrm_batch_commit(b, true, results),
			 esp ? XFRM_E_EXISTS : XFRM_E_UNSUPPORTED);
	ck_assert_int_eq(results[0], XFRM_OK);
	ck_assert_int_eq(results[1], esp ? XFRM_OK : XFRM_E_UNSUPPORTED);
	ck_assert_int_eq(results[2], XFRM_E_EXISTS);
	ck_assert_uint_eq(sas(0), 0);
	ck_assert_uint_eq(policies(0), 1);
	xfrm_batch_free(b);
	xfrm_close(x);
}
END_TEST

START_TEST(batches_are_bounded_and_used_again)
{
	struct xfrm_batch *b;
	struct xfrm_policy p = policy(1);

	set_up();
	b = xfrm_batch_new(x);
	for (int round = 0; round < 3; round++) {
		for (uint16_t i = 0; i < XFRM_BATCH_MAX; i++) {
			p.src.port = (uint16_t)(1000 * round + i + 1);
			ck_assert_int_eq(xfrm_batch_policy_add(b, &p), XFRM_OK);
		}
		ck_assert_int_eq(xfrm_batch_policy_add(b, &p), XFRM_E_FULL);
		ck_assert_int_eq(xfrm_batch_commit(b, false, NULL), XFRM_OK);
	}
	ck_assert_int_eq(xfrm_batch_commit(b, false, NULL), XFRM_OK);
	ck_assert_uint_eq(policies(MARK), 3 * XFRM_BATCH_MAX);
	p.mark = 99;
	ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_OK);
	ck_assert_int_eq(xfrm_flush(x, MARK), XFRM_OK);
	ck_assert_uint_eq(policies(0), 1);
	xfrm_batch_free(b);
	xfrm_close(x);
}
END_TEST

START_TEST(arguments_are_checked_before_the_kernel)
{
	struct xfrm_sa s = sa(255);
	struct xfrm_policy p = policy(1);
	struct xfrm_keys none = {.auth_len = 0};

	set_up();
	ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_E_INVALID);
	s = sa(5000);
	ck_assert_int_eq(xfrm_sa_add(x, &s, &none), XFRM_E_INVALID);
	s.dst = addr("fd00::1", 1);
	ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_E_INVALID);
	p.src.family = p.dst.family = 0;
	ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_E_INVALID);
	ck_assert_int_eq(xfrm_flush(x, 0), XFRM_E_INVALID);
	xfrm_close(x);
}
END_TEST

START_TEST(an_sa_is_read_back_and_its_life_changed)
{
	struct xfrm_sa s = sa(5001), other = sa(5002);
	struct xfrm_sa_state st;

	if (!set_up()) {
		ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_E_UNSUPPORTED);
		ck_assert_int_eq(xfrm_sa_get(x, &s.dst, s.spi, &st), XFRM_E_NOT_FOUND);
		UNIT_SKIP("this kernel has no ESP");
	}
	other.mark = 99;
	ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_E_EXISTS);
	ck_assert_int_eq(xfrm_sa_add(x, &other, &keys), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_get(x, &s.dst, s.spi, &st), XFRM_OK);
	ck_assert_uint_eq(st.sa.src.port, 5062);
	ck_assert_uint_eq(st.sa.dst.port, 6063);
	ck_assert_uint_eq(st.sa.reqid, 5001);
	ck_assert_uint_eq(st.sa.mark, MARK);
	ck_assert_int_eq(st.sa.alg, XFRM_ALG_HMAC_SHA1_96);
	ck_assert_int_eq(st.sa.ealg, XFRM_EALG_AES_CBC);
	ck_assert_uint_eq(st.sa.lifetime_s, 600);
	ck_assert_int_eq(xfrm_sa_set_lifetime(x, &s.dst, s.spi, 7200), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_get(x, &s.dst, s.spi, &st), XFRM_OK);
	ck_assert(st.sa.lifetime_s >= 7200 && st.sa.lifetime_s <= 7202);
	ck_assert_int_eq(xfrm_sa_set_lifetime(x, &s.dst, 9999, 7200), XFRM_E_NOT_FOUND);
	ck_assert_uint_eq(sas(MARK), 1);
	ck_assert_int_eq(xfrm_flush(x, MARK), XFRM_OK);
	ck_assert_uint_eq(sas(0), 1);
	ck_assert_int_eq(xfrm_sa_del(x, &other.dst, other.spi), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_del(x, &other.dst, other.spi), XFRM_E_NOT_FOUND);
	xfrm_close(x);
}
END_TEST

START_TEST(a_tunnel_through_a_nat_is_named_from_outside)
{
	struct xfrm_sa in = sa(0x3001), plain = sa(0x3002);
	struct xfrm_policy p = policy(5062);
	struct xfrm_sa_state st;
	int fd = xfrm_mapping_open(), udp;
	struct xfrm_mapping m;

	if (!set_up())
		UNIT_SKIP("this kernel has no ESP");
	if (fd >= 0) {
		ck_assert_int_eq(xfrm_mapping_next(fd, &m), 0);
		close(fd);
	}
	in.outer_src = addr("192.0.2.7", 0);
	in.outer_dst = addr("192.0.2.1", 0);
	in.encap_sport = in.encap_dport = 4500;
	ck_assert_int_eq(xfrm_sa_add(x, &in, &keys), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_get(x, &in.dst, in.spi, &st), XFRM_E_NOT_FOUND);
	ck_assert_int_eq(xfrm_sa_get(x, xfrm_sa_name(&in), in.spi, &st), XFRM_OK);
	ck_assert(netaddr_ip_eq(&st.sa.src, &in.src));
	ck_assert_uint_eq(st.sa.src.port, 5062);
	ck_assert(netaddr_ip_eq(&st.sa.outer_src, &in.outer_src));
	ck_assert(netaddr_ip_eq(&st.sa.outer_dst, &in.outer_dst));
	ck_assert_uint_eq(st.sa.encap_sport, 4500);
	/* The NAT's port, learned later. */
	ck_assert_int_eq(xfrm_sa_set_encap(x, xfrm_sa_name(&in), in.spi, 31234, 4500), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_get(x, xfrm_sa_name(&in), in.spi, &st), XFRM_OK);
	ck_assert_uint_eq(st.sa.encap_sport, 31234);
	ck_assert_uint_eq(st.sa.encap_dport, 4500);
	ck_assert_uint_eq(st.sa.lifetime_s, in.lifetime_s);
	ck_assert_int_eq(xfrm_sa_add(x, &plain, &keys), XFRM_OK);
	ck_assert_int_eq(xfrm_sa_set_encap(x, &plain.dst, plain.spi, 1, 2), XFRM_E_INVALID);
	p.outer_src = in.outer_src;
	p.outer_dst = in.outer_dst;
	ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_OK);
	ck_assert_uint_eq(policies(MARK), 1);
	ck_assert_int_eq(xfrm_sa_del(x, xfrm_sa_name(&in), in.spi), XFRM_OK);
	ck_assert_uint_eq(sas(MARK), 1);
	ck_assert_int_eq(xfrm_flush(x, MARK), XFRM_OK);
	in.outer_src = addr("fd00::7", 0);
	ck_assert_int_eq(xfrm_sa_add(x, &in, &keys), XFRM_E_INVALID);
	ck_assert_int_eq(system("ip link set lo up"), 0);
	plain.src = addr("127.0.0.1", 4500);
	udp = xfrm_encap_open(&plain.src);
	ck_assert_int_ge(udp, 0);
	ck_assert_int_eq(xfrm_encap_open(&plain.src), XFRM_E_SYS);
	close(udp);
	xfrm_close(x);
}
END_TEST

START_TEST(every_algorithm_and_family_is_tried)
{
	static const struct {
		enum xfrm_alg alg;
		enum xfrm_ealg ealg;
	} pairs[] = {{XFRM_ALG_HMAC_MD5_96, XFRM_EALG_NULL},
		     {XFRM_ALG_HMAC_MD5_96, XFRM_EALG_AES_CBC},
		     {XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_NULL},
		     {XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC},
		     {XFRM_ALG_HMAC_SHA256_128, XFRM_EALG_AES_CBC},
		     {XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_DES_EDE3_CBC},
		     {XFRM_ALG_NONE, XFRM_EALG_AES_GCM},
		     {XFRM_ALG_AES_GMAC, XFRM_EALG_NULL}};
	bool esp = set_up();

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		for (int f = 0; f < 2; f++) {
			int rc = xfrm_probe(x, f ? AF_INET6 : AF_INET, pairs[i].alg, pairs[i].ealg);

			ck_assert_msg(rc == (esp ? XFRM_OK : XFRM_E_UNSUPPORTED),
				      "pair %zu, IPv%d: %s", i, f ? 6 : 4, xfrm_strerror(rc));
		}
	ck_assert_uint_eq(sas(0), 0);
	xfrm_close(x);
}
END_TEST

/* The kernel cannot say all that it has to: ENOBUFS. Whose an SA is decides what is taken back. */
START_TEST(lost_answers_leave_nothing_and_take_nothing)
{
	struct xfrm_policy guard = policy(1);
	int results[XFRM_BATCH_MAX], small = 1;
	struct xfrm_batch *b;
	bool esp = set_up();

	b = xfrm_batch_new(x);
	for (uint32_t i = 0; i < 20 && esp; i++) {
		struct xfrm_sa s = sa(6000 + i);

		s.reqid = 99;
		ck_assert_int_eq(xfrm_sa_add(x, &s, &keys), XFRM_OK);
	}
	ck_assert_int_eq(setsockopt(xfrm_fd(x), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (uint32_t i = 0; i < 40; i++) {
		struct xfrm_sa s = sa(5990 + i);

		ck_assert_int_eq(xfrm_batch_sa_add(b, &s, &keys), XFRM_OK);
	}
	ck_assert_int_eq(xfrm_batch_commit(b, true, results), XFRM_E_NO_MEMORY);
	ck_assert_uint_eq(sas(0), esp ? 20 : 0);
	ck_assert_int_eq(xfrm_policy_add(x, &guard), XFRM_OK);
	ck_assert_uint_eq(policies(0), 1);
	xfrm_batch_free(b);
	xfrm_close(x);
	if (!esp)
		UNIT_SKIP("this kernel has no ESP");
}
END_TEST

static bool keep_even(const struct xfrm_policy *p, void *seen)
{
	++*(unsigned *)seen;
	return p->src.port % 2 == 0;
}

START_TEST(many_are_pruned_in_one_walk)
{
	unsigned seen = 0, deleted = 0;

	set_up();
	for (uint16_t i = 0; i < 1000; i++) {
		struct xfrm_policy p = policy((uint16_t)(i + 1));

		ck_assert_int_eq(xfrm_policy_add(x, &p), XFRM_OK);
	}
	ck_assert_int_eq(xfrm_prune(x, MARK, NULL, keep_even, &seen, &deleted), XFRM_OK);
	ck_assert_uint_eq(seen, 1000);
	ck_assert_uint_eq(deleted, 500);
	ck_assert_uint_eq(policies(MARK), 500);
	ck_assert_int_eq(xfrm_flush(x, MARK), XFRM_OK);
	ck_assert_uint_eq(policies(0), 0);
	xfrm_close(x);
}
END_TEST

UNIT_MAIN("xfrm kernel", a_tunnel_through_a_nat_is_named_from_outside,
	  a_policy_stands_once_and_goes, a_refused_batch_leaves_nothing,
	  batches_are_bounded_and_used_again, arguments_are_checked_before_the_kernel,
	  an_sa_is_read_back_and_its_life_changed, every_algorithm_and_family_is_tried,
	  lost_answers_leave_nothing_and_take_nothing, many_are_pruned_in_one_walk)
