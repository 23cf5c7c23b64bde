/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that the controller has asked for: overload, hanging termination, media inactivity, bearer
 * loss. (Failures of TLS and TCP: test_trouble.c.) And which stream relays to which (seplink).
 */
#include "unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "agw/flows/look.h"
#include "agw/flows/steps.h"

#define RTP_LEG(realm, more, events)                                                               \
	"Add = ip/" realm "/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive" more       \
	" }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n} } }" events " }"

static int new_context(void)
{
	const char *r = mgc_do("Context = $ { " RTP_LEG("core", "", "") " }");

	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	return after(r, "Context = ");
}

/* H.248.11: told with the calls that are set up while it lasts, to those who asked, one at a time;
 * not told for other commands, and not any more when it is over. */
START_TEST(overload_is_notified_with_new_calls)
{
	int context[6];
	const char *r;

	rig_start(METRICS "contexts_max = 12\ncontexts_reserved = 2\noverload_percent = 50\n");
	r = mgc_do("Context = - { Modify = ROOT { Events = 77 { ocp/mg_overload } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	for (int i = 0; i < 4; i++)
		context[i] = new_context();
	rig_serve(100);
	ck_assert_uint_eq(mgc_notifies(), 0);
	context[4] = new_context(); /* the fifth of ten */
	r = mgc_notified(20000, "ocp/mg_overload", "ObservedEvents = 77");
	ck_assert_ptr_nonnull(r);
	ck_assert_msg(strstr(r, "Notify = ROOT") && strstr(r, "Context = -"), "%s", r);
	ck_assert_int_eq(metric("overloaded"), 1);
	ck_assert(strstr(rig_ctl("status"), "contexts 50%") &&
		  strstr(rig_ctl("status"), "overloaded"));
	mgc_do("Context = %d { Modify = ip/core/* { Media { Stream = 1 { LocalControl { Mode = "
	       "Inactive } } } } }",
	       context[0]);
	mgc_do("Context = %d { Subtract = * }", context[4]);
	rig_serve(100);
	ck_assert_uint_eq(mgc_notifies(), 1);
	context[4] = new_context(); /* still within the hysteresis or at the limit again */
	ck_assert_ptr_nonnull(mgc_notified(20000, "ocp/mg_overload", NULL));
	for (int i = 1; i < 5; i++)
		mgc_do("Context = %d { Subtract = * }", context[i]);
	ck_assert(metric_reaches("overloaded", 0, 20000));
	context[1] = new_context();
	rig_serve(100);
	ck_assert_uint_eq(mgc_notifies(), 2);
	/* Not asked for any more. */
	mgc_do("Context = - { Modify = ROOT { Events } }");
	for (int i = 2; i < 6; i++)
		context[i] = new_context();
	ck_assert(metric_reaches("overloaded", 1, 20000));
	ck_assert_uint_eq(mgc_notifies(), 2);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(a_forgotten_termination_is_released_by_its_heartbeat)
{
	const char *r;
	int context;

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } }, Events = 7 { hangterm/thb { timerx = 1 "
		   "} } } }");
	context = after(r, "Context = ");
	ck_assert_int_gt(context, 0);
	r = mgc_notified(20000, "hangterm/thb", "ObservedEvents = 7");
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(after(r, "Context = "), context);
	ck_assert(strstr(rig_ctl("list"), "1 contexts"));
	mgc_answer_notify_with(430);
	ck_assert_ptr_nonnull(mgc_notified(20000, "hangterm/thb", NULL));
	rig_serve(100);
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(silence_is_notified)
{
	const char *r;

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } }, Events = 8 { adid/ipstop { dt = 1, dir "
		   "= IN } } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	r = mgc_notified(20000, "adid/ipstop", "ObservedEvents = 8");
	ck_assert_ptr_nonnull(r);
	mgc_do("Context = * { Subtract = * }");
	expect_ports_back();
	rig_stop();
}
END_TEST

/* The far peer resets, and the UE closes in good order: each is told for the right termination. */
START_TEST(loss_of_the_bearer_is_notified)
{
	struct linger hard = {.l_onoff = 1};

	rig_start(NULL);
	for (int how = 0; how < 2; how++) {
		const char *r;
		int context, port[2], fd[2];
		char got[1];

		r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive }, Local {\nc=IN IP4 $\nm=message $ TCP *\n"
			   "a=setup:passive\n} } }, Events = 21 { g/cause } } }");
		context = after(r, "Context = ");
		port[0] = after(r, "m=message ");
		r = mgc_do(
		    "Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode "
		    "= SendReceive }, Local {\nc=IN IP4 $\nm=message $ TCP *\n"
		    "a=setup:passive\n} } }, Events = 22 { g/cause } } }",
		    context);
		port[1] = after(r, "m=message ");
		fd[0] = connect_from(UE, ACCESS, port[0], 20000);
		fd[1] = connect_from(FAR, CORE, port[1], 20000);
		ck_assert(fd[0] >= 0 && fd[1] >= 0);
		ck_assert_int_eq(send(fd[0], "x", 1, 0), 1); /* the two are one connection now */
		ck_assert(endpoint_read(fd[1], NULL, got, 1));
		if (how)
			setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		else
			shutdown(fd[0], SHUT_WR);
		close(fd[1]);
		/* In good order: both ends, no fault. Reset: a fault of the one who did it. */
		ck_assert_ptr_nonnull(mgc_notified(
		    20000, "ObservedEvents = 22", how ? "Generalcause = FT" : "Generalcause = NR"));
		if (!how)
			ck_assert_ptr_nonnull(
			    mgc_notified(20000, "ObservedEvents = 21", "Generalcause = NR"));
		close(fd[0]);
		mgc_do("Context = %d { Subtract = * }", context);
		expect_ports_back();
	}
	rig_stop();
}
END_TEST

/* ---- seplink ---- */

static bool relays(int from_port, int to_fd)
{
	struct netaddr a = at(CORE, from_port);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&a, &ss);
	static const char rtp[12] = {(char)0x80};
	struct timeval tv = {.tv_usec = 300000};
	char got[12];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool yes;

	sendto(fd, rtp, sizeof(rtp), 0, (struct sockaddr *)&ss, len);
	close(fd);
	setsockopt(to_fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	yes = recv(to_fd, got, sizeof(got), 0) == sizeof(got);
	while (recv(to_fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	return yes;
}

/* One termination with two streams, one with one: by stream id 1 goes with 1; a linkage crosses
 * them, "none" parts them, and leaving it out restores what was. */
START_TEST(linkage_says_which_stream_relays_to_which)
{
	static const char *const linkages[] = {"", "core's second", ", seplink/linkage = \"none\"",
					       ""};
	static const bool first[] = {true, false, false, true},
			  second[] = {false, true, false, false};
	char access[64], core[64], more[128];
	struct netaddr me = at(UE, 0);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&me, &ss);
	int context, port[2], fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *r;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &me);
	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n} }, Stream = 2 { "
		   "LocalControl { Mode = SendReceive }, Local {\nc=IN IP4 $\nm=video $ RTP/AVP "
		   "99\n} } } } }");
	context = after(r, "Context = ");
	termination_of(r, core);
	port[0] = after(r, "m=audio ");
	port[1] = after(r, "m=video ");
	r = mgc_do(
	    "Context = %d { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
	    "SendReceive }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n}, Remote {\nc=IN IP4 " UE
	    "\nm=audio %d RTP/AVP 0\n} } } } }",
	    context, me.port);
	termination_of(r, access);
	for (size_t i = 0; i < sizeof(linkages) / sizeof(linkages[0]); i++) {
		if (i == 1)
			snprintf(more, sizeof(more), ", seplink/linkage = \"%s:2\"", core);
		else
			snprintf(more, sizeof(more), "%s", linkages[i]);
		r = mgc_do(
		    "Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode = "
		    "SendReceive%s } } } } }",
		    context, access, more);
		ck_assert_msg(!strstr(r, "Error"), "%s", r);
		rig_settle();
		ck_assert_msg(relays(port[0], fd) == first[i], "step %zu", i);
		ck_assert_msg(relays(port[1], fd) == second[i], "step %zu", i);
		r = mgc_do("Context = %d { AuditValue = %s { Audit { Media } } }", context, access);
		ck_assert_msg(!more[0] || strstr(r, more + 2), "%s not in %s", more + 2, r);
	}
	ck_assert_int_eq(
	    after(mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { LocalControl "
			 "{ seplink/linkage = \"x:y\" } } } } }",
			 context, access),
		  "Error = "),
	    449);
	mgc_do("Context = %d { Subtract = * }", context);
	expect_ports_back();
	close(fd);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    overload_is_notified_with_new_calls,
	    a_forgotten_termination_is_released_by_its_heartbeat,
	    silence_is_notified,
	    loss_of_the_bearer_is_notified,
	    linkage_says_which_stream_relays_to_which,
	};

	return flows_main("events", tests, sizeof(tests) / sizeof(tests[0]));
}
