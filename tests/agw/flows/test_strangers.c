/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What strangers can do on the H.248 port of a running gateway: nothing that is not counted. */
#include "unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/look.h"
#include "agw/flows/steps.h"

#define STRANGER "10.0.0.10"

enum { H248_PORT = 2944 };

static int udp_from(const char *ip)
{
	struct netaddr a = at(ip, 0);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&a, &ss);
	struct timeval tv = {.tv_usec = 300000};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	a = at(CORE, H248_PORT);
	len = netaddr_to_sockaddr(&a, &ss);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

/* The answer to one datagram, "" if there is none. */
static const char *said(int fd, const char *text)
{
	static char answer[4096];
	ssize_t n;

	ck_assert_int_eq(send(fd, text, strlen(text), 0), (int)strlen(text));
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	answer[n > 0 ? n : 0] = 0;
	return answer;
}

static int some_context(void)
{
	const char *r =
	    mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN IP4 $\n"
		   "m=audio $ RTP/AVP 0\n} } } } }");
	int context = after(r, "Context = ");

	ck_assert_int_gt(context, 0);
	return context;
}

/* Not even with the controller's own name in the message: who may speak goes by the address. */
START_TEST(a_stranger_gets_504_or_nothing_and_reaches_nothing)
{
	static const char *const texts[] = {
	    "MEGACO/3 [10.0.0.10]:2944\nTransaction = 1 { Context = 1 { Subtract = * } }",
	    "MEGACO/3 [10.0.0.11]:2944\nTransaction = 2 { Context = 1 { Subtract = * } }",
	    "!/1 <mgc.example.net> T=3{C=-{AV=ROOT{AT{M}}}}",
	    "MEGACO/3 [10.0.0.11]:2944\nTransaction = 4 { Context = - { ServiceChange = ROOT { "
	    "Services { "
	    "Method = HandOff, Reason = \"903\", MgcIdToTry = [10.0.0.10]:2944 } } } }",
	};
	int fd, context;

	for (int silent = 0; silent < 2; silent++) {
		rig_start(silent ? METRICS "stranger_code = 0\n" : METRICS);
		context = some_context();
		ck_assert_int_eq(context, 1);
		fd = udp_from(STRANGER);
		for (unsigned i = 0; i < 4; i++) {
			const char *a = said(fd, texts[i]);

			if (silent)
				ck_assert_str_eq(a, "");
			else
				ck_assert_msg(after(a, "Error = ") == 504, "%s", a);
			ck_assert_int_lt((int)strlen(a),
					 120); /* nothing for those who look for a reflector */
		}
		ck_assert_int_eq(metric("h248_strangers_total"), 4);
		ck_assert(strstr(rig_ctl("status"), "association active controller 10.0.0.11"));
		ck_assert(strstr(rig_ctl("list"), "1 contexts"));
		close(fd);
		mgc_do("Context = * { Subtract = * }");
		expect_ports_back();
		rig_stop();
	}
}
END_TEST

START_TEST(garbage_and_unasked_messages_of_a_stranger_are_met_with_silence)
{
	static const char *const texts[] = {
	    "garbage",
	    "\r\n\r\n",
	    "MEGACO",
	    "MEGACO/3",
	    "MEGACO/3 [10.0.0.10]:2944",
	    "MEGACO/3 [10.0.0.10:2944 T=1{",
	    "MEGACO/3 [10.0.0.10]:2944 Error = 504 { \"no\" }",
	    "!/3 [10.0.0.10]:2944 P=1{C=1{A=t}}",
	    "!/3 [10.0.0.10]:2944 PN=1{}",
	    "!/3 [10.0.0.10]:2944 K{1-9}",
	    "Authentication = 0x00:0x00:0x00 MEGACO/3 x",
	};
	int fd;

	rig_start(METRICS);
	fd = udp_from(STRANGER);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(said(fd, texts[i])[0] == 0, "an answer to '%s'", texts[i]);
	ck_assert_int_eq(metric("h248_strangers_total"), (long)(sizeof(texts) / sizeof(texts[0])));
	close(fd);
	rig_stop();
}
END_TEST

/* 20,000 datagrams: the controller is served all the same, and memory does not grow. */
START_TEST(a_flood_of_strangers_does_not_keep_the_controller_waiting)
{
	static char big[60000];
	long before, strangers;
	int fd, context;

	rig_start(METRICS "stranger_code = 0\n");
	context = some_context();
	fd = udp_from(STRANGER);
	memset(big, '{', sizeof(big));
	before = rig_memory_kb("VmRSS");
	for (int i = 0; i < 20000; i++) {
		if (i % 100 == 0)
			send(fd, big, sizeof(big), 0);
		else
			send(fd, "MEGACO/3 [10.0.0.10]:2944 T=1{C=*{S=*}}", 39, 0);
		if (i % 5000 == 2500) {
			const char *r =
			    mgc_do("Context = %d { AuditValue = * { Audit { } } }", context);

			ck_assert_msg(strstr(r, "AuditValue = ip/core/"), "%s", r);
		}
	}
	rig_serve(100);
	strangers = metric("h248_strangers_total");
	/* When it was clear that it is a flood, the kernel was told to drop the rest. */
	ck_assert_msg(strangers > 200 && strangers <= 10000, "%ld", strangers);
	ck_assert_int_eq(metric("h248_floods_total"), 1);
	ck_assert_int_lt(rig_memory_kb("VmRSS") - before, 4096);
	ck_assert_int_eq(mgc_registrations(), 1);
	mgc_do("Context = * { Subtract = * }");
	expect_ports_back();
	close(fd);
	rig_stop();
}
END_TEST

/* The controller's own address, but nonsense: an error at the level that could be read, and life
 * goes on. */
START_TEST(nonsense_from_the_controllers_host_is_answered_with_an_error)
{
	static char deep[30000];
	const char *a;
	int fd;

	rig_start(METRICS);
	fd = udp_from("10.0.0.11");
	a = said(fd,
		 "MEGACO/3 [10.0.0.11]:2944 Transaction = 7 { Context = 1 { Frobnicate = x } }");
	ck_assert_msg(strstr(a, "Error = 4"), "%s", a);
	strcpy(deep,
	       "MEGACO/3 [10.0.0.11]:2944 Transaction = 8 { Context = 1 { Modify = x { Media { ");
	for (size_t n = strlen(deep); n < sizeof(deep) - 1; n++)
		deep[n] = '{';
	a = said(fd, deep);
	ck_assert_msg(strstr(a, "Error = 4"), "%s", a);
	ck_assert(strstr(rig_ctl("status"), "association active"));
	close(fd);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    a_stranger_gets_504_or_nothing_and_reaches_nothing,
	    garbage_and_unasked_messages_of_a_stranger_are_met_with_silence,
	    a_flood_of_strangers_does_not_keep_the_controller_waiting,
	    nonsense_from_the_controllers_host_is_answered_with_an_error,
	};

	return flows_main("strangers", tests, sizeof(tests) / sizeof(tests[0]));
}
