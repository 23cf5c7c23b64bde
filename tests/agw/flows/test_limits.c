/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is only so much of: descriptors, room in an answer, somebody who reads, time. */
#include "unit/unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agw/flows/look.h"
#include "agw/flows/steps.h"
#include "h248/run.h"

#define RTP                                                                                        \
	"Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {\nc=IN IP4 $\nm=audio "  \
	"$ "                                                                                       \
	"RTP/AVP 8\n} } }"

/* ---- audits ---- */

struct audit {
	bool done;
	enum h248_outcome outcome;
	unsigned terminations, errors;
};

static void on_audit(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct audit *a = user;

	a->done = true;
	a->outcome = outcome;
	if (outcome != H248_REPLIED)
		return;
	a->errors += reply->error.code != 0;
	for (const struct h248_action *x = reply->actions; x; x = x->next) {
		a->errors += x->error.code != 0;
		for (const struct h248_command *c = x->commands; c; c = c->next) {
			a->terminations++;
			a->errors += h248_descriptor_find(c, H248_D_ERROR) != NULL;
		}
	}
}

static struct audit audit(const char *actions)
{
	struct audit a = {0};

	ck_assert_int_eq(h248_request_text(rig_peer(), actions, on_audit, &a, h248_now_ms()),
			 H248_OK);
	for (int64_t end = h248_now_ms() + 30000; !a.done && h248_now_ms() < end;)
		rig_run(10);
	ck_assert_msg(a.done && a.outcome == H248_REPLIED, "%s: %s", actions,
		      a.done ? "given up" : "no answer");
	return a;
}

static void many_contexts(unsigned n)
{
	for (unsigned i = 0; i < n; i += 20) {
		char text[20 * 40] = "";

		for (int k = 0; k < 20; k++)
			strcat(text, k ? ", Context=${Add=ip/core/$}" : "Context=${Add=ip/core/$}");
		ck_assert_ptr_null(strstr(mgc_do("%s", text), "Error"));
	}
}

/* After its restart a controller finds what calls there are, however many, in one answer. */
START_TEST(any_number_of_calls_can_be_audited)
{
	struct audit a;

	rig_start(NULL);
	many_contexts(4000);
	a = audit("Context=*{AuditValue=*{Audit{}}}");
	ck_assert_uint_eq(a.terminations, 4000);
	ck_assert_uint_eq(a.errors, 0);
	a = audit("Context=*{AuditValue=*{Audit{Media,Events}}}");
	ck_assert_uint_eq(a.terminations, 4000);
	ck_assert_uint_eq(a.errors, 0);
	a = audit("Context=*{AuditValue=ip/core/39*{Audit{}}}");
	ck_assert_uint_eq(a.terminations, 111); /* 39, 390-399, 3900-3999 */
	a = audit("Context=*{AuditValue=ip/access/*{Audit{}}}");
	ck_assert_uint_eq(a.terminations, 0);
	ck_assert_uint_eq(a.errors, 1); /* 431 */
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_stop();
}
END_TEST

/* Before version 3 there are no segments: prefixes are its pages. */
START_TEST(before_version_3_calls_are_audited_by_prefix)
{
	unsigned found = 0;
	struct audit a;

	rig_start("version_max = 2\n");
	many_contexts(1000);
	a = audit("Context=*{AuditValue=*{Audit{}}}");
	ck_assert_uint_eq(a.errors, 1); /* 533 */
	for (int i = 10; i < 100; i++) {
		char text[80];

		snprintf(text, sizeof(text), "Context=*{AuditValue=ip/core/%d*{Audit{}}}", i);
		a = audit(text);
		ck_assert_uint_eq(a.errors, 0);
		found += a.terminations;
	}
	ck_assert_uint_eq(found, 991); /* all but 1 to 9 */
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_stop();
}
END_TEST

/* A long listing is made in pieces: the controller is served between them. */
START_TEST(a_dump_of_many_contexts_does_not_keep_the_controller_waiting)
{
	static char buf[1 << 20];
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int64_t worst = 0;
	size_t len = 0;
	char last[4] = "";
	int fd;

	rig_start(NULL);
	many_contexts(9000);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/ctl", rig_dir());
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	dprintf(fd, "dump\n");
	for (int i = 0; i < 50; i++) {
		int64_t before = h248_now_ms();

		mgc_do("Context = 17 { AuditValue = * { Audit { } } }");
		if (h248_now_ms() - before > worst)
			worst = h248_now_ms() - before;
	}
	for (ssize_t n; (n = read(fd, buf, sizeof(buf))) > 0; len += (size_t)n)
		if (n >= 3)
			memcpy(last, buf + n - 3, 3);
	close(fd);
	ck_assert_str_eq(last, "ok\n");
	ck_assert_uint_gt(len, 9000 * 50);
	ck_assert_msg(worst < 200, "the controller waited %lld ms", (long long)worst);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_stop();
}
END_TEST

/* ---- descriptors ---- */

static double cpu_seconds(void)
{
	char path[64], text[512];
	unsigned long user = 0, kernel = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", rig_pid());
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	fclose(f);
	sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
	       &kernel);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

/* Calls are refused before descriptors end: what is needed to operate the gateway is kept back, and
 * no thread turns round and round. */
START_TEST(without_descriptors_calls_are_refused_and_the_operator_is_not)
{
	const struct rlimit few = {200, 200};
	unsigned taken = 0, no_port = 0, no_context = 0;
	double before;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	rig_start(METRICS);
	for (int i = 0; i < 400 && !no_context; i++) {
		const char *r = mgc_do("Context = $ { Add = ip/core/$ { " RTP " }, Add = "
				       "ip/access/$ { " RTP " } }");
		int code = after(r, "Error = ");

		taken += code < 0;
		no_port += code == 510;
		no_context += code == 412;
		ck_assert_msg(code < 0 || code == 510 || code == 412, "%s", r);
	}
	ck_assert_uint_gt(taken, 20);
	ck_assert_uint_gt(no_port + no_context, 0);
	before = cpu_seconds();
	ck_assert(strstr(rig_ctl("status"), "association active"));
	ck_assert_int_gt(metric("descriptors_used"), 40);
	rig_serve(1000);
	ck_assert_msg(cpu_seconds() - before < 0.4, "%.2f s", cpu_seconds() - before);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	expect_ports_back();
	ck_assert_ptr_null(strstr(mgc_do("Context = $ { Add = ip/core/$ { " RTP " } }"), "Error"));
	rig_stop();
}
END_TEST

/* ---- time: what was answered is so ---- */

static int udp_at(const char *ip, uint16_t port)
{
	struct netaddr at;
	struct sockaddr_storage ss;
	socklen_t size;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct timeval patience = {.tv_sec = 5};

	ck_assert_int_eq(netaddr_parse(slice_str(ip), &at), 0);
	at.port = port;
	size = netaddr_to_sockaddr(&at, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, size), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void rtp_to(int fd, const char *ip, int port, uint8_t number)
{
	uint8_t packet[172] = {0x80, 8, 0, number};
	struct netaddr to;
	struct sockaddr_storage ss;
	socklen_t size;

	netaddr_parse(slice_str(ip), &to);
	to.port = (uint16_t)port;
	size = netaddr_to_sockaddr(&to, &ss);
	ck_assert_int_eq(sendto(fd, packet, sizeof(packet), 0, (struct sockaddr *)&ss, size),
			 sizeof(packet));
}

#define TALK(realm, ip)                                                                            \
	"Add = ip/" realm "/$ { Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local "  \
	"{\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote {\nc=IN IP4 " ip "\nm=audio 40000 RTP/AVP " \
	"8\n} } } }"

/* The first packet after the answer to Add passes, none passes after the answer to Inactive. */
START_TEST(an_answer_comes_when_the_media_plane_has_done_it)
{
	int ue = udp_at("10.1.0.10", 40000), far = udp_at("10.0.0.9", 40000);
	uint8_t got[200];

	rig_start(NULL);
	for (int i = 0; i < 100; i++) {
		const char *r = mgc_do("Context = $ { " TALK("access", "10.1.0.10") ", " TALK(
		    "core", "10.0.0.9") " }");
		int context = after(r, "Context = "), port = after(r, "m=audio ");
		char id[64];

		snprintf(id, sizeof(id), "%.*s", (int)strcspn(strstr(r, "ip/access/"), " {\n"),
			 strstr(r, "ip/access/"));
		rtp_to(ue, "10.1.0.7", port, 1);
		ck_assert_msg(recv(far, got, sizeof(got), 0) == 172, "call %d: the first was lost",
			      i);
		mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { LocalControl { Mode = "
		       "Inactive } } } } }",
		       context, id);
		for (uint8_t k = 0; k < 5; k++)
			rtp_to(ue, "10.1.0.7", port, k);
		mgc_do("Context = %d { Subtract = * }", context);
		ck_assert_msg(recv(far, got, sizeof(got), MSG_DONTWAIT) < 0,
			      "call %d: one passed after Inactive was answered", i);
	}
	close(ue);
	close(far);
	rig_stop();
}
END_TEST

/* A realm of two ports: they are free when Subtract is answered. */
START_TEST(ports_are_free_when_subtract_is_answered)
{
	rig_start("[realm tiny]\naddress = 10.0.0.7\nports = 50000-50001\n");
	for (int i = 0; i < 200; i++) {
		const char *r = mgc_do("Context = $ { Add = ip/tiny/$ { Media { Stream = 1 { "
				       "LocalControl { Mode = SendReceive, rtcph/rsb = ON }, Local "
				       "{\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n} } } } }");

		ck_assert_msg(!strstr(r, "Error"), "round %d: %s", i, r);
		mgc_do("Context = %d { Subtract = * }", after(r, "Context = "));
	}
	rig_stop();
}
END_TEST

/* ---- the operator's side ---- */

START_TEST(a_second_gateway_leaves_the_first_ones_socket)
{
	char line[300];

	rig_start(NULL);
	snprintf(line, sizeof(line), "'%s' -c %s/agw.conf 2> %s/second", getenv("IMS_AGW"),
		 rig_dir(), rig_dir());
	ck_assert_int_eq(WEXITSTATUS(system(line)), 1);
	snprintf(line, sizeof(line), "grep -q 'another daemon serves' %s/second", rig_dir());
	ck_assert_int_eq(system(line), 0);
	ck_assert(strstr(rig_ctl("status"), "association active"));
	rig_stop();
}
END_TEST

/* Somebody has started it with a pipe that he does not read. */
START_TEST(an_unread_log_holds_nothing_up)
{
	int ends[2], saved = dup(STDERR_FILENO);
	char block[4096];

	memset(block, 'x', sizeof(block));
	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], block, sizeof(block)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	dup2(ends[1], STDERR_FILENO);
	rig_start(METRICS "log_level = debug\n");
	dup2(saved, STDERR_FILENO);
	for (int i = 0; i < 50; i++)
		mgc_do("Context = $ { Add = ip/core/$ { Signals { g/no } } }");
	ck_assert_int_ge(metric("log_lost_total"), 50);
	rig_stop(); /* SIGTERM ends it */
	close(ends[0]);
	close(ends[1]);
	close(saved);
}
END_TEST

/* The gateway's log goes to a file from its start on; the name of the file. */
static const char *start_logged(void)
{
	static char path[64];
	int saved = dup(STDERR_FILENO), fd;

	strcpy(path, "/tmp/ims-agw-log-XXXXXX");
	fd = mkstemp(path);
	dup2(fd, STDERR_FILENO);
	rig_start(METRICS);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	return path;
}

static void expect_logged(const char *path, const char *pattern)
{
	char line[300];

	snprintf(line, sizeof(line), "grep -q '%s' %s", pattern, path);
	for (int i = 0; i < 100 && system(line) != 0; i++)
		rig_serve(50);
	ck_assert_msg(system(line) == 0, "'%s' is not in the log", pattern);
}

/* Why a controller's calls fail is in the log, and is counted by code. */
START_TEST(refused_commands_are_logged_and_counted)
{
	const char *log = start_logged();

	mgc_do("Context = $ { Add = ip/nowhere/$ { " RTP " } }");
	mgc_do("Context = 4711 { Subtract = * }");
	ck_assert_int_eq(metric("errors_total{code=\"449\"}"), 1);
	ck_assert_int_eq(metric("errors_total{code=\"411\"}"), 1);
	expect_logged(log, "refused: context [0-9]* Add ip/nowhere/\\$: 449");
	expect_logged(log, "refused: context 4711 as a whole : 411");
	rig_stop();
	unlink(log);
}
END_TEST

/* And why a handshake failed. */
START_TEST(a_failed_handshake_is_logged_with_its_cause)
{
	static const uint8_t nonsense[] = {22, 3, 1, 0, 5, 1, 0, 0, 1, 0};
	const char *log = start_logged(), *r;
	struct sockaddr_storage from, to;
	struct netaddr ue, us;
	socklen_t size;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	r = mgc_do(
	    "Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
	    "SendReceive }, Local {\nc=IN IP4 $\nm=message $ TCP/TLS/MSRP *\n"
	    "a=setup:passive\n}, Remote {\nc=IN IP4 10.1.0.10\nm=message 9 TCP/TLS/MSRP *\n"
	    "a=setup:active\na=fingerprint:SHA-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:"
	    "0F:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F\n} } } } }");
	netaddr_parse(slice_str("10.1.0.10"), &ue);
	netaddr_parse(slice_str("10.1.0.7"), &us);
	us.port = (uint16_t)after(r, "m=message ");
	size = netaddr_to_sockaddr(&ue, &from);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, size), 0);
	size = netaddr_to_sockaddr(&us, &to);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, size), 0);
	ck_assert_int_eq(write(fd, nonsense, sizeof(nonsense)), sizeof(nonsense));
	expect_logged(log, "tls-retry, peer 10.1.0.10:[0-9]*, [a-z]");
	expect_logged(log, "tls-failed, peer 10.1.0.10:[0-9]*, [a-z]");
	close(fd);
	rig_stop();
	unlink(log);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    any_number_of_calls_can_be_audited,
	    before_version_3_calls_are_audited_by_prefix,
	    a_dump_of_many_contexts_does_not_keep_the_controller_waiting,
	    without_descriptors_calls_are_refused_and_the_operator_is_not,
	    an_answer_comes_when_the_media_plane_has_done_it,
	    ports_are_free_when_subtract_is_answered,
	    a_second_gateway_leaves_the_first_ones_socket,
	    an_unread_log_holds_nothing_up,
	    refused_commands_are_logged_and_counted,
	    a_failed_handshake_is_logged_with_its_cause,
	};

	return flows_main("limits", tests, sizeof(tests) / sizeof(tests[0]));
}
