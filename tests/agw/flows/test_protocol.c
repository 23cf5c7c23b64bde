/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gateway answers: errors where they belong, all or nothing, Move, ROOT. */
#include "unit/unit.h"
#include <stdio.h>
#include <string.h>
#include "agw/flows/steps.h"

static void expect_error(const char *r, int code)
{
	ck_assert_msg(after(r, "Error = ") == code, "wanted %d in %s", code, r);
}

START_TEST(errors_stand_where_they_belong_and_leave_nothing)
{
	const char *r;

	rig_start("contexts_max = 3\ncontexts_reserved = 1\n");
	expect_error(mgc_do("Context = 99 { Subtract = * }"), 411);
	expect_error(
	    mgc_do("Context = $ { Add = ip/nowhere/$ { Media { Stream = 1 { Local {\nc=IN IP4 $\n"
		   "m=audio $ RTP/AVP 0\n} } } } }"),
	    449);
	expect_error(
	    mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN IP4 $\n"
		   "m=audio $ SCTP/FOO 0\n} } } } }"),
	    515);
	expect_error(mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { "
			    "Mode = Loopback }, Local {\n"
			    "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } } } }"),
		     517);
	expect_error(mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { "
			    "nosuch/thing = 1 }, Local {\n"
			    "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } } } }"),
		     440);
	expect_error(mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { "
			    "gm/sam = \"x\" }, Local {\n"
			    "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } } } }"),
		     449);
	expect_error(mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN "
			    "IP4 $\nm=audio $ RTP/SAVP 0\n"
			    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\n} } } } }"),
		     449);
	expect_ports_back();
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN IP4 "
		   "$\nm=audio $ RTP/AVP 0\n} } } },"
		   " Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN IP4 $\nm=audio $ "
		   "SCTP/FOO 0\n} } } } }");
	expect_error(r, 515); /* the first command stays done */
	ck_assert_ptr_nonnull(strstr(r, "m=audio 2"));
	expect_error(mgc_do("Context = 1 { Modify = ip/core/999 }"), 411);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN IP4 "
		   "$\nm=audio $ RTP/AVP 0\n} } } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	expect_error(mgc_do("Context = $ { Add = ip/core/$ }"), 412);
	r = mgc_do("Context = $ { Emergency, Add = ip/core/$ { Media { Stream = 1 { Local {\nc=IN "
		   "IP4 $\nm=audio $ RTP/AVP 0\n"
		   "} } } } }");
	ck_assert_msg(!strstr(r, "Error") && strstr(r, "m=audio 2"),
		      "emergency is served when full: %s", r);
	mgc_do("Context = * { Subtract = * }");
	expect_error(mgc_do("Context = * { Subtract = * }"), 431);
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(a_failed_modify_changes_nothing)
{
	char before[8192];
	int context;
	const char *r;

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } }, Events = 5 { g/cause } } }");
	context = after(r, "Context = ");
	snprintf(
	    before, sizeof(before), "%s",
	    strstr(mgc_do("Context = %d { AuditValue = * { Audit { Media, Events } } }", context),
		   "Context"));
	expect_error(mgc_do("Context = %d { Modify = ip/core/* { Events = 6 { hangterm/thb { "
			    "timerx = 9 } }, Media { Stream = 1 "
			    "{ LocalControl { Mode = Inactive } }, Stream = 2 { Local {\nc=IN IP4 "
			    "$\nm=audio $ NO/SUCH 0\n"
			    "} } } } }",
			    context),
		     515);
	r = mgc_do("Context = %d { AuditValue = * { Audit { Media, Events } } }", context);
	ck_assert_str_eq(strstr(r, "Context"), before);
	mgc_do("Context = * { Subtract = * }");
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(move_takes_a_termination_to_another_call)
{
	char t[64];
	int one, two;
	const char *r;

	rig_start(NULL);
	r = mgc_do("Context = $ { Add = ip/core/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } } } }");
	one = after(r, "Context = ");
	termination_of(r, t);
	r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive }, Local {\n"
		   "c=IN IP4 $\nm=audio $ RTP/AVP 0\n} } } } }");
	two = after(r, "Context = ");
	r = mgc_do("Context = %d { Move = %s }", two, t);
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	expect_error(mgc_do("Context = %d { AuditValue = * { Audit { } } }", one), 411);
	r = mgc_do("Context = %d { AuditValue = * { Audit { } } }", two);
	ck_assert_ptr_nonnull(strstr(r, t));
	ck_assert_ptr_null(strstr(rig_ctl("dump"), "unlinked"));
	r = mgc_do("Context = * { AuditValue = %s { Audit { } } }", t);
	ck_assert_int_eq(after(r, "Context = "), two);
	mgc_do("Context = * { Subtract = * }");
	expect_ports_back();
	rig_stop();
}
END_TEST

START_TEST(root_tells_packages_and_limits)
{
	static const char *const packages[] = {
	    "g-2",     "root-2", "nt-1",   "rtp-2",    "ds-2",	   "gm-2",
	    "rtcph-1", "tman-2", "ipdc-2", "it-1",     "ipnapt-1", "hangterm-1",
	    "adid-1",  "ocp-1",	 "ipra-1", "tcpbcc-1", "tlsbsc-1", "seplink-1"};
	const char *r;

	rig_start(NULL);
	r = mgc_do("Context = - { AuditValue = ROOT { Audit { } } }");
	ck_assert_msg(strstr(r, "AuditValue = ROOT") && !strstr(r, "Packages"), "%s", r);
	r = mgc_do("Context = - { AuditValue = ROOT { Audit { Packages, Media } } }");
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		ck_assert_msg(strstr(r, packages[i]) != NULL, "no %s in %s", packages[i], r);
	ck_assert_msg(strstr(r, "root/maxNumberOfContexts") &&
			  strstr(r, "ipra/ar = \"access.ims,core.ims\""),
		      "%s", r);
	rig_stop();
}
END_TEST

/* A Modify of ROOT is done whole or not at all. */
START_TEST(root_takes_timers_and_events)
{
	const char *r;

	rig_start(NULL);
	r = mgc_do("Context = - { Modify = ROOT { Media { TerminationState { "
		   "root/normalMGExecutionTime = 700, root/MGOriginatedPendingLimit = 4 } }, "
		   "Events = 9 { it/ito { mit = 6000 }, ipra/arc, ocp/mg_overload } } }");
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	for (int i = 0; i < 2; i++) {
		r = mgc_do("Context = - { AuditValue = ROOT { Audit { Media, Events } } }");
		ck_assert_msg(strstr(r, "root/normalMGExecutionTime = 700") &&
				  strstr(r, "root/MGOriginatedPendingLimit = 4") &&
				  strstr(r, "Events = 9") && strstr(r, " mit = 6000") &&
				  strstr(r, "ipra/arc") && strstr(r, "ocp/mg_overload"),
			      "%s", r);
		if (i == 0)
			expect_error(
			    mgc_do("Context = - { Modify = ROOT { Media { TerminationState "
				   "{ root/normalMGExecutionTime = 900 } }, Events = 10 { "
				   "ocp/mg_overload, it/ito } } }"),
			    457);
	}
	expect_error(mgc_do("Context = - { Modify = ROOT { Events = 11 { no/such } } }"), 440);
	rig_stop();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    errors_stand_where_they_belong_and_leave_nothing,
	    a_failed_modify_changes_nothing,
	    move_takes_a_termination_to_another_call,
	    root_tells_packages_and_limits,
	    root_takes_timers_and_events,
	};

	return flows_main("H.248 of the gateway", tests, sizeof(tests) / sizeof(tests[0]));
}
