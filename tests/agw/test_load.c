/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running gateway with hostile TLS peers and a crowd of idle calls: what is taken must come
 * back, and nobody who may come in can cost more than a bounded amount. Prints figures.
 */
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "agw/rig.h"
#include "unit/agw/endpoint.h"

static void ports_back(void)
{
	for (int i = 0; i < 1000; i++) {
		const char *s = rig_ctl("status");

		if (strstr(s, "realm core 10.0.0.7 ports 0 of") &&
		    strstr(s, "realm access 10.1.0.7 ports 0 of") && strstr(s, "contexts 0 of"))
			return;
		rig_serve(50);
	}
	ck_abort_msg("left: %s", rig_ctl("status"));
}

START_TEST(idle_contexts_cost_little)
{
	enum { N = 2000 };
	long before, after_kb;
	int64_t us;
	struct timespec a, z;

	rig_start("log_level = 4\n");
	before = rig_memory_kb("VmRSS");
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < N / 2; i++) /* 1000 ports a realm */
		mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode "
		       "= Inactive }, Local {\nc=IN IP4 $\n"
		       "m=audio $ RTP/AVP 8\n} } } } }");
	for (int i = 0; i < N / 2; i++)
		mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		       "Inactive }, Local {\nc=IN IP4 $\n"
		       "m=audio $ RTP/AVP 8\n} } } } }");
	clock_gettime(CLOCK_MONOTONIC, &z);
	us = (z.tv_sec - a.tv_sec) * 1000000 + (z.tv_nsec - a.tv_nsec) / 1000;
	after_kb = rig_memory_kb("VmRSS");
	printf("  %d contexts with one leg: %ld bytes each in the process, %lld us each to make "
	       "over UDP\n",
	       N, (after_kb - before) * 1024 / N, (long long)(us / N));
	ck_assert_int_lt((after_kb - before) * 1024 / N, 16384);
	/* Full: an ordinary call is refused, and nothing is broken by it. */
	ck_assert_int_eq(after(mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local "
				      "{\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n"
				      "} } } } }"),
			       "Error = "),
			 510);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	ports_back();
	rig_stop();
}
END_TEST

static int dial(int port)
{
	struct netaddr me, to;
	int fd = endpoint_bind("10.1.0.10", 0, &me);

	ck_assert_int_eq(netaddr_parse(SLICE_LIT("10.1.0.7"), &to), 0);
	to.port = (uint16_t)port;
	if (!endpoint_connect(fd, &to, 20000)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int tls_call(const char *line)
{
	const char *r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { "
			       "LocalControl { Mode = SendReceive }, Local {\n"
			       "c=IN IP4 $\nm=message $ TCP/TLS *\na=setup:passive\n}, Remote "
			       "{\nc=IN IP4 10.1.0.10\nm=message 9 "
			       "TCP/TLS *\na=setup:active\na=fingerprint:%s\n} } }, Events = 3 { "
			       "tlsbsc/BNCChange, g/cause } } }",
			       line);

	return after(r, "m=message ");
}

/* As many as there are ports: each ends by itself, is told, and gives back what it had. */
START_TEST(half_open_handshakes_end_by_themselves)
{
	enum { HALF = 800, PATIENCE_MS = 60000 };
	static int fd[HALF];
	struct identity ue;
	long fds, kb;
	int left = PATIENCE_MS;

	rig_start("tls_handshake_ms = 1500\nlog_level = 4\n");
	identity_make(&ue);
	fds = rig_descriptors();
	kb = rig_memory_kb("VmRSS");
	for (int i = 0; i < HALF; i++) {
		fd[i] = dial(tls_call(ue.line));
		ck_assert_int_ge(fd[i], 0);
		ck_assert_int_eq(send(fd[i], "\x16\x03\x01", 3, 0), 3);
	}
	for (; mgc_notifies() < HALF && left > 0; left -= 50)
		rig_serve(50);
	ck_assert_uint_eq(mgc_notifies(), HALF);
	printf("  %d half-open handshakes: %ld kB, all ended after their time\n", HALF,
	       rig_memory_kb("VmRSS") - kb);
	for (int i = 0; i < HALF; i++)
		close(fd[i]);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	ports_back();
	for (int i = 0; i < 1000 && rig_descriptors() != fds; i++)
		rig_serve(20);
	ck_assert_int_eq(rig_descriptors(), fds);
	identity_clear(&ue);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {idle_contexts_cost_little,
				      half_open_handshakes_end_by_themselves};
	Suite *suite = suite_create("gateway under load");
	SRunner *runner = srunner_create(suite);
	int failed;

	setenv("AGW_NO_CAPTURE", "1", 1);
	rig_namespace();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		TCase *tc = tcase_create(tests[i]->name);

		tcase_set_timeout(tc, 0);
		tcase_add_test(tc, tests[i]);
		suite_add_tcase(suite, tc);
	}
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
