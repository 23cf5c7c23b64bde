/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP <-> SRTP (AES_CM_128_HMAC_SHA1_80), two-way streams of exact 20 ms packets through ims-agw,
 * rtpengine (userspace) and a plain relay floor in turn: CPU per packet, loss, and what happens
 * above what one core carries. The relay runs on CPU 0, the load on CPU 1. One socket a side
 * carries all streams, told apart by SSRC.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agw/media/srtp.h"
#include "agw/media/srtp_crypto.h"
#include "agw/rig.h"

enum { STREAMS_MAX = 2000, PAYLOAD = 160, BATCH = 64 };
#define PLAIN_IP  "10.0.0.9"
#define SECURE_IP "10.1.0.10"

struct stream_end {
	struct srtp_end srtp;
	struct sdes_key tx, rx;
	struct netaddr plain_to, secure_to; /* the relay's ports */
	uint16_t seq[2];
};

static struct {
	int streams, seconds, pps;
	int plain, secure; /* our sockets */
	struct netaddr plain_me, secure_me;
	struct stream_end s[STREAMS_MAX];
	uint64_t sent, got, bad;
} b;

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t cpu_ns(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int udp_at(const char *ip, struct netaddr *me)
{
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, size = 8 << 20;

	netaddr_parse(slice_str(ip), &a);
	len = netaddr_to_sockaddr(&a, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&ss, len) < 0) {
		perror("bind");
		exit(1);
	}
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, me);
	return fd;
}

/* ---- load ---- */

static void drain(int fd, bool secure)
{
	static uint8_t buf[BATCH][512];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	int n;

	do {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){buf[i], sizeof(buf[i])};
			m[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
		}
		n = recvmmsg(fd, m, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++) {
			uint32_t ssrc = (uint32_t)buf[i][8] << 24 | (uint32_t)buf[i][9] << 16 |
					(uint32_t)buf[i][10] << 8 | buf[i][11];
			uint32_t index = ssrc & 0xffff;
			size_t len = m[i].msg_len;

			if (index >= (uint32_t)b.streams || len < 12 + PAYLOAD) {
				b.bad++;
				continue;
			}
			b.got++;
			/* Every 64th is opened and compared. */
			if (b.got % 64 == 0) {
				if (secure && srtp_end_unprotect(&b.s[index].srtp, buf[i], &len,
								 false, 0) != SRTP_OK)
					b.bad++;
				else if (len != 12 + PAYLOAD || buf[i][12] != buf[i][3] ||
					 buf[i][50] != buf[i][3])
					b.bad++;
			}
		}
	} while (n == BATCH);
}

/* The same tick for a run of streams, both ways. */
static void send_tick(int first, int n)
{
	static uint8_t buf[BATCH][512];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage to[BATCH];

	for (int side = 0; side < 2; side++) {
		int k = 0;

		for (int i = first; i < first + n; i++) {
			struct stream_end *s = &b.s[i % b.streams];
			uint32_t ssrc = (uint32_t)(side + 1) << 16 | (uint32_t)(i % b.streams);
			uint16_t seq = s->seq[side]++;
			size_t len = 12 + PAYLOAD;
			uint8_t *p = buf[k];

			memset(p, seq & 255, len);
			memcpy(p,
			       (uint8_t[12]){0x80, 8, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0,
					     (uint8_t)(seq >> 8), (uint8_t)seq,
					     (uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16),
					     (uint8_t)(ssrc >> 8), (uint8_t)ssrc},
			       12);
			if (side)
				srtp_end_protect(&s->srtp, p, &len, false);
			iov[k] = (struct iovec){p, len};
			m[k] = (struct mmsghdr){
			    .msg_hdr = {.msg_iov = &iov[k],
					.msg_iovlen = 1,
					.msg_name = &to[k],
					.msg_namelen = netaddr_to_sockaddr(
					    side ? &s->secure_to : &s->plain_to, &to[k])}};
			if (++k == BATCH || i == first + n - 1) {
				int done = 0;

				while (done < k) {
					int r = sendmmsg(side ? b.secure : b.plain, m + done,
							 (unsigned)(k - done), 0);

					if (r > 0)
						done += r;
					else if (errno != EINTR && errno != EAGAIN &&
						 errno != ECONNREFUSED)
						break;
				}
				b.sent += (uint64_t)done;
				k = 0;
			}
		}
	}
}

struct result {
	double us, loss,
	    load; /* CPU per packet that arrived, share lost, CPU of the relay in % of a core */
	uint64_t bad;
};

/* pps packets a second and direction and stream, spread evenly over each millisecond. */
static struct result run(pid_t pid, double seconds, double factor)
{
	int64_t start = now_ns(), next = start, end = start + (int64_t)(seconds * 1e9), cpu;
	double due = 0, per_ms = b.streams * b.pps / 1000.0 * factor;
	int at = 0;
	struct result r;

	b.sent = b.got = b.bad = 0;
	cpu = cpu_ns(pid);
	while (now_ns() < end) {
		struct pollfd p[2] = {{b.plain, POLLIN, 0}, {b.secure, POLLIN, 0}};
		int64_t left = next - now_ns();
		struct timespec ts = {0, left > 0 ? left : 0};

		if (left <= 0) {
			due += per_ms;
			send_tick(at, (int)due);
			at = (at + (int)due) % b.streams;
			due -= (int)due;
			next += 1000000;
		} else {
			ppoll(p, 2, &ts, NULL);
		}
		drain(b.plain, false);
		drain(b.secure, true);
	}
	for (int i = 0; i < 20; i++) {
		usleep(5000);
		drain(b.plain, false);
		drain(b.secure, true);
	}
	cpu = cpu_ns(pid) - cpu;
	r.us = b.got ? (double)cpu / 1000.0 / (double)b.got : 0;
	r.loss = b.sent > b.got ? 100.0 * (double)(b.sent - b.got) / (double)b.sent : 0;
	r.load = (double)cpu / (seconds * 1e9) * 100;
	r.bad = b.bad;
	return r;
}

static void make_keys(void)
{
	for (int i = 0; i < b.streams; i++) {
		struct stream_end *s = &b.s[i];

		memset(s, 0, sizeof(*s));
		for (size_t k = 0; k < 30; k++) {
			s->tx.key[k] = (uint8_t)(i + 3 * (int)k);
			s->rx.key[k] = (uint8_t)(i * 7 + 5 * (int)k + 1);
		}
		s->tx.suite = s->rx.suite = SDES_AES_CM_128_HMAC_SHA1_80;
		s->tx.tag = s->rx.tag = 1;
		srtp_end_init(&s->srtp, 128);
	}
}

static void take_keys(void)
{
	for (int i = 0; i < b.streams; i++) {
		srtp_end_set_tx(&b.s[i].srtp, &b.s[i].tx);
		srtp_end_set_rx(&b.s[i].srtp, &b.s[i].rx, 0);
	}
}

static void drop_keys(void)
{
	for (int i = 0; i < b.streams; i++)
		srtp_end_clear(&b.s[i].srtp);
}

/* ---- the relays ---- */

static pid_t agw_up(void)
{
	rig_gateway_cpu(0);
	rig_start("workers = 1\nlog_level = 4\n"); /* the peers log nothing either */
	make_keys();
	for (int i = 0; i < b.streams; i++) {
		struct stream_end *s = &b.s[i];
		char ours[128], theirs[128];
		const char *r;
		int context;

		sdes_print(&s->rx, ours, sizeof(ours));
		sdes_print(&s->tx, theirs, sizeof(theirs));
		r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive, gm/saf = ON, "
			   "gm/spf = ON }, Local {\nc=IN IP4 $\nm=audio $ RTP/SAVP "
			   "8\na=crypto:%s\n}, Remote {\nc=IN IP4 " SECURE_IP
			   "\nm=audio %d RTP/SAVP 8\na=crypto:%s\n} } } } }",
			   ours, b.secure_me.port, theirs);
		context = after(r, "Context = ");
		netaddr_parse(SLICE_LIT("10.1.0.7"), &s->secure_to);
		s->secure_to.port = (uint16_t)after(r, "m=audio ");
		r = mgc_do("Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive, gm/saf = ON, "
			   "gm/spf = ON }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote "
			   "{\nc=IN IP4 " PLAIN_IP "\nm=audio %d RTP/AVP 8\n} } } } }",
			   context, b.plain_me.port);
		netaddr_parse(SLICE_LIT("10.0.0.7"), &s->plain_to);
		s->plain_to.port = (uint16_t)after(r, "m=audio ");
		if (i % 50 == 0)
			rig_serve(1);
	}
	take_keys();
	return rig_pid();
}

static pid_t spawn(const char *const argv[], int cpu)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rig_pin(cpu + 1);
		if (!getenv("BENCH_VERBOSE")) {
			if (!freopen("/dev/null", "w", stdout) ||
			    !freopen("/dev/null", "w", stderr))
				_exit(127);
		}
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static int ng_fd = -1;

/* One ng command; the SDP of the answer. */
static const char *ng(const char *command, int call, const char *more, const char *sdp)
{
	static char out[4096], in[8192];
	static unsigned cookie;
	struct pollfd p = {ng_fd, POLLIN, 0};
	char *at;
	ssize_t n;
	int len = snprintf(out, sizeof(out),
			   "%u_1 d7:call-id6:c%05d7:command%zu:%s8:from-tag1:a%s3:sdp%zu:%se",
			   ++cookie, call, strlen(command), command, more, strlen(sdp), sdp);

	if (send(ng_fd, out, (size_t)len, 0) < 0 || poll(&p, 1, 2000) != 1)
		return NULL;
	n = recv(ng_fd, in, sizeof(in) - 1, 0);
	in[n > 0 ? n : 0] = 0;
	at = strstr(in, "3:sdp");
	at = at ? strchr(at + 5, ':') : NULL;
	if (!at)
		fprintf(stderr, "rtpengine: %s\n", in);
	return at ? at + 1 : NULL;
}

static pid_t rtpengine_up(void)
{
	static const char *const argv[] = {"rtpengine",
					   "--table=-1",
					   "--interface=pub/10.0.0.10",
					   "--listen-ng=10.0.0.10:2223",
					   "--num-threads=1",
					   "--foreground",
					   "--log-level=2",
					   "--port-min=40000",
					   "--port-max=49999",
					   NULL};
	pid_t pid = spawn(argv, 0);
	struct netaddr a = {.family = 4, .port = 2223, .ip = {10, 0, 0, 10}};
	struct sockaddr_storage ss;
	socklen_t sl = netaddr_to_sockaddr(&a, &ss);

	sleep(1);
	ng_fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(ng_fd, (struct sockaddr *)&ss, sl) < 0)
		return -1;
	make_keys();
	for (int i = 0; i < b.streams; i++) {
		struct stream_end *s = &b.s[i];
		char sdp[700], key[128];
		const char *r, *line;

		snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=- 1 1 IN IP4 " PLAIN_IP "\r\ns=-\r\nc=IN IP4 " PLAIN_IP
			 "\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP 8\r\n",
			 b.plain_me.port);
		r = ng("offer", i,
		       "3:ICE6:remove8:rtcp-muxl5:demuxe18:transport-protocol8:RTP/SAVP", sdp);
		line = r ? strstr(r, "AES_CM_128_HMAC_SHA1_80 inline:") : NULL;
		if (!line)
			return -1;
		while (line > r && line[-1] != ':')
			line--;
		s->secure_to = (struct netaddr){
		    .family = 4, .port = (uint16_t)after(r, "m=audio "), .ip = {10, 0, 0, 10}};
		if (sdes_parse(slice_make(line, strcspn(line, "\r\n")), &s->rx) != SDES_OK)
			return -1;
		s->tx.tag = s->rx.tag;
		sdes_print(&s->tx, key, sizeof(key));
		snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=- 1 1 IN IP4 " SECURE_IP "\r\ns=-\r\nc=IN IP4 " SECURE_IP
			 "\r\nt=0 0\r\n"
			 "m=audio %u RTP/SAVP 8\r\na=crypto:%s\r\n",
			 b.secure_me.port, key);
		r = ng("answer", i, "3:ICE6:remove6:to-tag1:b", sdp);
		if (!r)
			return -1;
		s->plain_to = (struct netaddr){
		    .family = 4, .port = (uint16_t)after(r, "m=audio "), .ip = {10, 0, 0, 10}};
	}
	take_keys();
	return pid;
}

static void compare(const void *samples, size_t n, double out[3])
{
	const double *in = samples;
	double v[16];

	memcpy(v, in, n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (v[k] < v[i]) {
				double t = v[i];

				v[i] = v[k];
				v[k] = t;
			}
	out[0] = v[0];
	out[1] = v[n / 2];
	out[2] = v[n - 1];
}

/* bench_rtp ROUNDS SECONDS STREAMS: BENCH_PLAIN_FLOOR names the floor program. */
static int bench(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3, bad = 0;
	double us[2][16], ratio[16], m[3];
	struct result top[2] = {{0}}, after_top[2] = {{0}};

	b.seconds = argc > 2 ? atoi(argv[2]) : 3;
	b.streams = argc > 3 ? atoi(argv[3]) : 600;
	b.pps = 50;
	setenv("AGW_NO_CAPTURE", "1", 1);
	if (rounds > 16 || b.streams > STREAMS_MAX)
		return 2;
	rig_namespace();
	rig_pin(2);
	if (srtp_init() != srtp_err_status_ok || srtp_crypto_install() < 0)
		return 1;
	b.plain = udp_at(PLAIN_IP, &b.plain_me);
	b.secure = udp_at(SECURE_IP, &b.secure_me);
	printf("RTP <-> SRTP, %d two-way streams, 20 ms, %d packets/s in, %d s a run\n", b.streams,
	       b.streams * 100, b.seconds);
	for (int i = 0; i < rounds; i++) {
		for (int which = 0; which < 2; which++) {
			bool ours = (which + i) % 2 == 0;
			pid_t pid = ours ? agw_up() : rtpengine_up();
			struct result r;

			if (pid <= 0) {
				fprintf(stderr, "%s does not start\n",
					ours ? "ims-agw" : "rtpengine");
				return 1;
			}
			run(pid, 0.5, 1);
			r = run(pid, b.seconds, 1);
			us[!ours][i] = r.us;
			bad += (int)r.bad;
			printf("  round %d %-9s %6.2f us/packet, loss %.3f %%, CPU %3.0f %%, wrong "
			       "%llu\n",
			       i + 1, ours ? "ims-agw" : "rtpengine", r.us, r.loss, r.load,
			       (unsigned long long)r.bad);
			if (ours && getenv("BENCH_VERBOSE"))
				printf("%.1500s", rig_ctl("dump"));
			if (i == rounds - 1) {
				top[!ours] =
				    run(pid, b.seconds, 1.5 * 100 / (r.load > 20 ? r.load : 20));
				after_top[!ours] = run(pid, b.seconds, 1);
			}
			fflush(stdout);
			drop_keys();
			if (ours) {
				mgc_do("Context = * { W-Subtract = * { Audit { } } }");
				rig_stop();
			} else {
				kill(pid, SIGKILL);
				waitpid(pid, NULL, 0);
				close(ng_fd);
			}
		}
		ratio[i] = us[0][i] / us[1][i];
	}
	compare(us[0], (size_t)rounds, m);
	printf("ims-agw    us/packet  %.2f / %.2f / %.2f\n", m[0], m[1], m[2]);
	compare(us[1], (size_t)rounds, m);
	printf("rtpengine  us/packet  %.2f / %.2f / %.2f\n", m[0], m[1], m[2]);
	compare(ratio, (size_t)rounds, m);
	printf("ratio, same round     %.2f / %.2f / %.2f (target at most 0.60)\n", m[0], m[1],
	       m[2]);
	for (int k = 0; k < 2; k++)
		printf("%-9s at 1.5 times a core: loss %.1f %%, wrong %llu; back at the normal "
		       "rate: loss %.3f %%\n",
		       k ? "rtpengine" : "ims-agw", top[k].loss, (unsigned long long)top[k].bad,
		       after_top[k].loss);
	return bad ? 1 : 0;
}

/* The rig's assertions work inside a libcheck test only. */
static struct {
	int argc;
	char **argv;
} args;

START_TEST(the_bench)
{
	ck_assert_int_eq(bench(args.argc, args.argv), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("bench");
	TCase *tc = tcase_create("bench");
	SRunner *runner = srunner_create(suite);
	int failed;

	args.argc = argc;
	args.argv = argv;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, the_bench);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_MINIMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
