/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every HTTP server of a daemon has: targets, bodies, deadlines, and who asks wrongly too often. */
#include "unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "http/body.h"
#include "http/deadlines.h"
#include "http/limiter.h"
#include "http/path.h"

START_TEST(paths)
{
	static const char *const bad[] = {"",
					  "x",
					  "//",
					  "/a//b",
					  "/a/",
					  "/%",
					  "/%4",
					  "/%zz",
					  "/%00",
					  "/%0a",
					  "/a/b/c/d/e/f/g/h/i"};
	struct http_path p;

	ck_assert_int_eq(path_parse(SLICE_LIT("/"), &p), 0);
	ck_assert_uint_eq(p.n, 0);
	ck_assert_int_eq(path_parse(SLICE_LIT("/a/sip:b%40c%2Fd"), &p), 0);
	ck_assert_uint_eq(p.n, 2);
	ck_assert_str_eq(p.seg[1], "sip:b@c/d");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(path_parse(slice_str(bad[i]), &p) == -1, "%s", bad[i]);
	ck_assert_int_eq(path_parse(SLICE_LIT("/a/b%2Fc/d"), &p), 0);
	ck_assert(path_matches(&p, "/a/{}/d"));
	ck_assert(path_matches(&p, "/{}/{}/{}"));
	ck_assert(!path_matches(&p, "/a/{}"));
	ck_assert(!path_matches(&p, "/a/{}/d/e"));
	ck_assert(!path_matches(&p, "/a/b/c/d"));
}
END_TEST

START_TEST(queries)
{
	struct http_query q = {.n = 0};

	ck_assert_int_eq(query_add(&q, SLICE_LIT("limit"), SLICE_LIT("1%30")), 0);
	ck_assert_str_eq(query_get(&q, "limit"), "10");
	ck_assert_ptr_null(query_get(&q, "after"));
	ck_assert_int_eq(query_add(&q, SLICE_LIT("limit"), SLICE_LIT("2")), -1);
	ck_assert_int_eq(query_add(&q, SLICE_LIT("x"), SLICE_LIT("%")), -1);
	for (int i = 0; i < QUERY_MAX - 1; i++) {
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		ck_assert_int_eq(query_add(&q, slice_str(name), SLICE_LIT("")), 0);
	}
	ck_assert_int_eq(query_add(&q, SLICE_LIT("more"), SLICE_LIT("")), -1);
}
END_TEST

START_TEST(limits)
{
	static struct limiter l;
	struct netaddr a, b, other;

	ck_assert_int_eq(limiter_init(&l), 0);
	netaddr_parse(SLICE_LIT("192.0.2.1"), &a);
	netaddr_parse(SLICE_LIT("2001:db8::1"), &b);
	netaddr_parse(SLICE_LIT("2001:db8::ffff:2"), &other);
	for (int i = 0; i < LIMITER_WRONG; i++) {
		ck_assert_uint_eq(limiter_wrong(&l, &a, 1000), 0);
		ck_assert_uint_eq(limiter_wrong(&l, i % 2 ? &b : &other, 1000), 0);
	}
	ck_assert_uint_eq(limiter_wrong(&l, &a, 1000), 60);
	ck_assert_uint_eq(limiter_wrong(&l, &a, 60999), 1);
	ck_assert_uint_gt(limiter_wrong(&l, &b, 1000), 0); /* a /64 is one user */
	ck_assert_uint_eq(limiter_wrong(&l, &a, 61000), 0);
}
END_TEST

START_TEST(bodies)
{
	struct http_body b = {NULL, 0, 0};
	static char much[5000];

	memset(much, 'x', sizeof(much));
	ck_assert_int_eq(http_body_add(&b, "", 0, 10), 0);
	ck_assert_int_eq(http_body_add(&b, "ab", 2, 6000), 0);
	ck_assert_int_eq(http_body_add(&b, much, sizeof(much), 6000), 0);
	ck_assert_uint_eq(b.len, 5002);
	ck_assert_int_eq(memcmp(b.p, "abx", 3), 0);
	ck_assert_int_eq(http_body_add(&b, much, 999, 6000), HTTP_BODY_TOO_BIG);
	ck_assert_uint_eq(b.len, 5002);
	ck_assert_int_eq(http_body_add(&b, much, 998, 6000), 0);
	http_body_drop(&b);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

START_TEST(deadlines_of_two_servers)
{
	static struct deadlines one = {.lock = PTHREAD_MUTEX_INITIALIZER},
				two = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct deadline *d[HTTP_CONNECTIONS_MAX], *other;
	int pair[2];
	char c;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
		ck_assert_ptr_nonnull(d[i] = deadline_new(&one, pair[0], 1000));
	ck_assert_ptr_null(deadline_new(&one, pair[0], 1000));
	other = deadline_new(&two, pair[0], 1000);
	ck_assert_ptr_nonnull(other);
	for (int i = 1; i < HTTP_CONNECTIONS_MAX; i++)
		deadline_free(d[i]);
	deadline_hold(d[0]);
	ck_assert_uint_eq(deadlines_check(&one, 1000 + HTTP_REQUEST_MS), 0);
	deadline_again(d[0], 2000);
	ck_assert_uint_eq(deadlines_check(&one, 1999 + HTTP_REQUEST_MS), 0);
	ck_assert_uint_eq(deadlines_check(&one, 2000 + HTTP_REQUEST_MS), 1);
	ck_assert_int_eq(read(pair[1], &c, 1), 0); /* it was shut down */
	ck_assert_uint_eq(deadlines_check(&one, 3000 + HTTP_REQUEST_MS), 0);
	deadline_free(d[0]);
	deadline_free(other);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

UNIT_MAIN("http", paths, queries, limits, bodies, deadlines_of_two_servers)
