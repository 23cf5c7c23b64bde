/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP with ffmpeg at the phone's end (libavformat has an implementation of its own): keys given
 * over H.248, sequence numbers that roll over, keys changed in the middle, SRTCP. What is spoken is
 * numbered, so that every octet can be told to be the right one.
 */
#include "unit/unit.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agw/flows/steps.h"
#include "h248/run.h"

/* 20 ms of A-law a packet; a turn is what one ffmpeg sends or hears before the key changes. */
enum { OCTETS = 160, TURN = 100, FIRST = 65536 - 150, SSRC = 0x5eed, HEADER = 12, WAIT_MS = 30000 };

static char dir[] = "/tmp/agw-ffmpeg-XXXXXX";
static struct {
	char speech[64], heard[64], session[64], log[64];
} path;

static void make_paths(void)
{
	if (!mkdtemp(dir))
		exit(EXIT_FAILURE);
	snprintf(path.speech, sizeof(path.speech), "%s/speech", dir);
	snprintf(path.heard, sizeof(path.heard), "%s/heard", dir);
	snprintf(path.session, sizeof(path.session), "%s/session.sdp", dir);
	snprintf(path.log, sizeof(path.log), "%s/ffmpeg.log", dir);
}

/* ---- what is spoken ---- */

static void speech(unsigned n, uint8_t out[OCTETS])
{
	for (unsigned i = 0; i < OCTETS; i++)
		out[i] = (uint8_t)(i < 2 ? n >> 8 * i : n * 7 + i);
}

static void write_speech(unsigned first)
{
	FILE *f = fopen(path.speech, "we");
	uint8_t p[OCTETS];

	ck_assert_ptr_nonnull(f);
	for (unsigned n = first; n < first + TURN; n++) {
		speech(n, p);
		fwrite(p, 1, sizeof(p), f);
	}
	fclose(f);
}

/* ---- ffmpeg ---- */

static pid_t ffmpeg(const char *const *args)
{
	const char *argv[40] = {"ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning"};
	pid_t pid;
	int n = 5, log;

	while ((argv[n++] = *args++))
		ck_assert_int_lt(n, 40);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		log = open(path.log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(log, 1);
		dup2(log, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static void end_of(pid_t pid, int signal)
{
	int status;

	if (signal)
		kill(pid, signal);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(signal || (WIFEXITED(status) && WEXITSTATUS(status) == 0),
		      "ffmpeg ended with %#x", status);
}

/* Is somebody bound to this UDP port of the namespace? */
static bool bound(int port)
{
	FILE *f = fopen("/proc/thread-self/net/udp", "re");
	char line[256];
	unsigned p;
	bool yes = false;

	ck_assert_ptr_nonnull(f);
	while (!yes && fgets(line, sizeof(line), f))
		yes = sscanf(line, " %*d: %*8x:%x", &p) == 1 && p == (unsigned)port;
	fclose(f);
	return yes;
}

/* ---- the call ---- */

struct talk {
	const char *suite;
	int context, access_port, core_port, plain, plain_rtcp, plain_port;
	char access[64];
};

static void key_text(const struct talk *t, unsigned seed, char out[64], char line[128])
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned i = 0; i < 40; i++) /* any 40 digits are 30 octets */
		out[i] = digits[(seed * 13 + i * 5 + seed * i) % 64];
	out[40] = 0;
	snprintf(line, 128, "a=crypto:1 %s inline:%s", t->suite, out);
}

static int udp_at(const char *ip, int port, int *got)
{
	struct netaddr a = at(ip, port);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&a, &ss);
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)); /* a failed test left one */
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &a);
	if (got)
		*got = a.port;
	return fd;
}

static void begin(struct talk *t, const char *suite)
{
	const char *r;
	char text[64], line[128];

	*t = (struct talk){.suite = suite};
	t->plain_port = 40000;
	t->plain = udp_at(FAR, t->plain_port, NULL);
	t->plain_rtcp = udp_at(FAR, t->plain_port + 1, NULL);
	key_text(t, 1, text, line);
	r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { Mode = "
		   "SendReceive, rtcph/rsb = ON, gm/saf = ON }, Local {\nc=IN IP4 $\n"
		   "m=audio $ RTP/SAVP 8\n%s\n} } } }, Add = ip/core/$ { Media { Stream = 1 { "
		   "LocalControl { Mode = SendReceive, rtcph/rsb = ON }, Local {\nc=IN IP4 $\n"
		   "m=audio $ RTP/AVP 8\n}, Remote {\nc=IN IP4 " FAR "\nm=audio %d RTP/AVP 8\n} } "
		   "} } }",
		   line, t->plain_port);
	t->context = after(r, "Context = ");
	termination_of(r, t->access);
	t->access_port = after(r, "m=audio ");
	r = strstr(r, "ip/core/");
	ck_assert_ptr_nonnull(r);
	t->core_port = after(r, "m=audio ");
}

/* The phone is at this port now; ours and its keys by their seeds. */
static void configure(const struct talk *t, int phone_port, unsigned ours, unsigned its)
{
	char text[64], local[128], remote[128];
	const char *r;

	key_text(t, ours, text, local);
	key_text(t, its, text, remote);
	r = mgc_do("Context = %d { Modify = %s { Media { Stream = 1 { Local {\nc=IN IP4 " ACCESS
		   "\nm=audio %d RTP/SAVP 8\n%s\n}, Remote {\nc=IN IP4 " UE
		   "\nm=audio %d RTP/SAVP 8\n%s\n} } } } }",
		   t->context, t->access, t->access_port, local, phone_port, remote);
	ck_assert_msg(!strstr(r, "Error"), "%s", r);
	rig_settle();
}

static void finish(struct talk *t)
{
	const char *r = mgc_do("Context = %d { Subtract = * }", t->context);

	ck_assert_msg(strstr(r, "rtp/pr"), "%s", r);
	close(t->plain);
	close(t->plain_rtcp);
	expect_ports_back();
}

/* ---- ffmpeg speaks ---- */

/* All packets of a turn at the plain end: in order, none missing, each octet what the file had. */
static void hear_turn(struct talk *t, unsigned turn, pid_t pid)
{
	uint8_t heard[TURN * OCTETS], want[OCTETS], p[2048];
	size_t len = 0;
	unsigned seq = (FIRST + turn * TURN) & 0xffff;
	int64_t end = h248_now_ms() + WAIT_MS;

	while (len < sizeof(heard)) {
		struct pollfd f = {t->plain, POLLIN, 0};
		ssize_t n;

		ck_assert_msg(h248_now_ms() < end, "%zu octets in turn %u; %s", len, turn,
			      rig_ctl("dump"));
		if (poll(&f, 1, 100) != 1)
			continue;
		n = recv(t->plain, p, sizeof(p), 0);
		ck_assert_int_ge(n, HEADER);
		ck_assert_msg((unsigned)(p[2] << 8 | p[3]) == (seq & 0xffff), "%u comes for %u",
			      p[2] << 8 | p[3], seq & 0xffff);
		ck_assert_int_eq(p[1] & 127, 8);
		ck_assert_uint_eq((unsigned)(p[8] << 24 | p[9] << 16 | p[10] << 8 | p[11]), SSRC);
		ck_assert_int_le(n - HEADER, (int)(sizeof(heard) - len));
		memcpy(heard + len, p + HEADER, (size_t)n - HEADER);
		len += (size_t)n - HEADER;
		seq++;
	}
	for (unsigned n = 0; n < TURN; n++) {
		speech(turn * TURN + n, want);
		ck_assert_msg(memcmp(heard + n * OCTETS, want, OCTETS) == 0, "turn %u, part %u",
			      turn, n);
	}
	ck_assert_uint_eq(seq, ((FIRST + turn * TURN) & 0xffff) + TURN);
	end_of(pid, 0);
}

/* Under its SDES name ffmpeg shortens the tag of SRTCP too, which RFC 4568 6.2.2 does not allow;
 * under the name of DTLS-SRTP it does not. */
static const struct {
	const char *name, *to_send;
} suites[] = {{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80"},
	      {"AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_HMAC_SHA1_32"}};

/* Three turns: before the sequence numbers roll over, across it with a new key, and another key. */
START_TEST(ffmpeg_speaks)
{
	struct talk t;
	uint8_t report[512];
	struct pollfd f;

	rig_start(NULL);
	begin(&t, suites[_i].name);
	f = (struct pollfd){t.plain_rtcp, POLLIN, 0};
	for (unsigned turn = 0; turn < 3; turn++) {
		char url[160], seq[16], ssrc[16], text[64], line[128];
		const char *const args[] = {"-re",
					    "-f",
					    "alaw",
					    "-ar",
					    "8000",
					    "-ac",
					    "1",
					    "-i",
					    path.speech,
					    "-c:a",
					    "copy",
					    "-f",
					    "rtp",
					    "-payload_type",
					    "8",
					    "-ssrc",
					    ssrc,
					    "-seq",
					    seq,
					    "-srtp_out_suite",
					    suites[_i].to_send,
					    "-srtp_out_params",
					    text,
					    url,
					    NULL};

		write_speech(turn * TURN);
		configure(&t, 6000, 1, 10 + turn);
		key_text(&t, 10 + turn, text, line);
		snprintf(url, sizeof(url),
			 "srtp://" ACCESS ":%d?localaddr=" UE "&localrtpport=6000&pkt_size=%d",
			 t.access_port, HEADER + OCTETS + 14);
		snprintf(seq, sizeof(seq), "%u", (FIRST + turn * TURN) & 0xffff);
		snprintf(ssrc, sizeof(ssrc), "%d", SSRC);
		hear_turn(&t, turn, ffmpeg(args));
		/* SRTCP: the sender report that ffmpeg begins with. */
		ck_assert_int_eq(poll(&f, 1, WAIT_MS), 1);
		ck_assert_int_ge(recv(t.plain_rtcp, report, sizeof(report), 0), 28);
		ck_assert_int_eq(report[1], 200);
		while (poll(&f, 1, 0) == 1)
			(void)!recv(t.plain_rtcp, report, sizeof(report), 0);
	}
	ck_assert_msg(strstr(rig_ctl("dump"), "auth-failed 0 "), "%s", rig_ctl("dump"));
	finish(&t);
	rig_stop();
}
END_TEST

/* ---- ffmpeg hears ---- */

static void say(const struct talk *t, unsigned n)
{
	uint8_t p[HEADER + OCTETS] = {0x80, 8};
	unsigned seq = (FIRST + n) & 0xffff, stamp = n * OCTETS;
	struct netaddr to = at(CORE, t->core_port);
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(&to, &ss);

	p[2] = (uint8_t)(seq >> 8);
	p[3] = (uint8_t)seq;
	p[4] = (uint8_t)(stamp >> 24);
	p[5] = (uint8_t)(stamp >> 16);
	p[6] = (uint8_t)(stamp >> 8);
	p[7] = (uint8_t)stamp;
	p[11] = 77;
	speech(n, p + HEADER);
	ck_assert_int_eq(sendto(t->plain, p, sizeof(p), 0, (struct sockaddr *)&ss, len),
			 (int)sizeof(p));
}

static size_t read_back(uint8_t *out, size_t size)
{
	FILE *f = fopen(path.heard, "re");
	size_t n = 0;

	if (f) {
		n = fread(out, 1, size, f);
		fclose(f);
	}
	return n;
}

/* Everything but the first packet, with which a receiver of RTP gets into step (RFC 3550 A.1). */
static void expect_heard(unsigned turn)
{
	uint8_t heard[TURN * OCTETS], want[OCTETS];
	size_t len = 0;
	unsigned first, n;

	for (int64_t end = h248_now_ms() + WAIT_MS; h248_now_ms() < end; rig_serve(50)) {
		len = read_back(heard, sizeof(heard));
		if (len >= (TURN - 1) * OCTETS)
			break;
	}
	ck_assert_uint_ge(len, (TURN - 1) * OCTETS);
	ck_assert_uint_eq(len % OCTETS, 0);
	first = turn * TURN + TURN - (unsigned)(len / OCTETS);
	for (n = 0; n < len / OCTETS; n++) {
		speech(first + n, want);
		ck_assert_msg(memcmp(heard + n * OCTETS, want, OCTETS) == 0, "turn %u, part %u",
			      turn, n);
	}
}

/* Each turn another phone takes the call over, at another port and with a key of its own: the
 * roll-over counter begins anew for it (RFC 4568 7.1.4). */
START_TEST(ffmpeg_hears)
{
	struct talk t;

	rig_start(NULL);
	begin(&t, suites[_i].name);
	for (unsigned turn = 0; turn < 3; turn++) {
		const char *const args[] = {"-protocol_whitelist",
					    "file,udp,rtp,srtp",
					    "-analyzeduration",
					    "0",
					    "-probesize",
					    "32",
					    "-f",
					    "sdp",
					    "-i",
					    path.session,
					    "-c:a",
					    "copy",
					    "-f",
					    "alaw",
					    "-flush_packets",
					    "1",
					    "-y",
					    path.heard,
					    NULL};
		char text[64], line[128];
		int port;
		FILE *f;
		pid_t pid;

		close(udp_at(UE, 0, &port));
		port &= ~1;
		key_text(&t, 20 + turn, text, line);
		configure(&t, port, 20 + turn, 1);
		f = fopen(path.session, "we");
		ck_assert_ptr_nonnull(f);
		fprintf(f,
			"v=0\no=- 1 1 IN IP4 " UE "\ns=-\nc=IN IP4 " UE
			"\nt=0 0\nm=audio %d RTP/SAVP 8\na=rtpmap:8 PCMA/8000\n%s\n",
			port, line);
		fclose(f);
		pid = ffmpeg(args);
		for (int64_t end = h248_now_ms() + WAIT_MS; !bound(port); rig_serve(20))
			ck_assert_msg(h248_now_ms() < end, "ffmpeg does not listen at %d", port);
		for (unsigned n = 0; n < TURN; n++) {
			say(&t, turn * TURN + n);
			usleep(2000); /* a socket holds so much */
		}
		expect_heard(turn);
		end_of(pid, SIGKILL);
		unlink(path.heard);
	}
	finish(&t);
	rig_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("SRTP with ffmpeg");
	TCase *tc = tcase_create("ffmpeg");
	SRunner *runner = srunner_create(suite);
	char clean[96];
	int failed;

	rig_namespace();
	make_paths();
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, ffmpeg_speaks, 0, 2);
	tcase_add_loop_test(tc, ffmpeg_hears, 0, 2);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	snprintf(clean, sizeof(clean),
		 failed ? "tail -20 '%s'/ffmpeg.log; rm -rf '%s'" : ":; rm -rf '%s'", dir, dir);
	return system(clean) || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
