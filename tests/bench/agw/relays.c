/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/agw/relays.h"
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agw/rig.h"
#include "bench/agw/common.h"
#include "bench/agw/load.h"

/* ---- ims-agw ---- */

/* settings: besides the usual; filters: what LocalControl says of sources. */
static pid_t agw_start(const char *settings, const char *filters)
{
	char conf[200];

	/* The peers log nothing either. */
	snprintf(conf, sizeof(conf), "workers = 1\nlog_level = 4\n%s", settings);
	rig_start(conf);
	load_make_keys();
	for (int i = 0; i < load.streams; i++) {
		struct load_stream *s = &load.s[i];
		char ours[128], theirs[128];
		const char *r;
		int context;

		sdes_print(&s->rx, ours, sizeof(ours));
		sdes_print(&s->tx, theirs, sizeof(theirs));
		r = mgc_do("Context = $ { Add = ip/access/$ { Media { Stream = 1 { LocalControl { "
			   "Mode = SendReceive%s }, Local {\nc=IN IP4 $\nm=audio $ RTP/SAVP "
			   "8\na=crypto:%s\n}, Remote {\nc=IN IP4 " LOAD_SECURE_IP
			   "\nm=audio %d RTP/SAVP 8\na=crypto:%s\n} } } } }",
			   filters, ours, load.me[1].port, theirs);
		context = after(r, "Context = ");
		netaddr_parse(SLICE_LIT("10.1.0.7"), &s->to[1]);
		s->to[1].port = (uint16_t)after(r, "m=audio ");
		r = mgc_do(
		    "Context = %d { Add = ip/core/$ { Media { Stream = 1 { LocalControl { "
		    "Mode = SendReceive%s }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n}, Remote "
		    "{\nc=IN IP4 " LOAD_PLAIN_IP "\nm=audio %d RTP/AVP 8\n} } } } }",
		    context, filters, load.me[0].port);
		netaddr_parse(SLICE_LIT("10.0.0.7"), &s->to[0]);
		s->to[0].port = (uint16_t)after(r, "m=audio ");
		if (i % 50 == 0)
			rig_serve(1);
	}
	load_take_keys();
	return rig_pid();
}

static const char closed[] = ", gm/saf = ON, gm/spf = ON";

static pid_t agw_up(void)
{
	return agw_start("", closed);
}

static pid_t agw_open_up(void)
{
	return agw_start("", "");
}

static pid_t agw_calls_up(void)
{
	return agw_start("io_uring = no\n", closed);
}

static pid_t before_start(const char *filters)
{
	char ours[PATH_MAX];
	pid_t pid;

	snprintf(ours, sizeof(ours), "%s", getenv("IMS_AGW"));
	setenv("IMS_AGW", getenv("BENCH_BEFORE"), 1);
	pid = agw_start("", filters);
	setenv("IMS_AGW", ours, 1);
	return pid;
}

static pid_t before_up(void)
{
	return before_start(closed);
}

static pid_t before_open_up(void)
{
	return before_start("");
}

static void agw_down(pid_t pid)
{
	(void)pid;
	if (getenv("BENCH_VERBOSE"))
		printf("%.1500s", rig_ctl("dump"));
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
	rig_stop();
}

const struct relay relay_agw = {"ims-agw", false, agw_up, agw_down};
const struct relay relay_agw_open = {"agw-open", false, agw_open_up, agw_down};
const struct relay relay_agw_calls = {"agw-calls", false, agw_calls_up, agw_down};
const struct relay relay_before = {"before", false, before_up, agw_down};
const struct relay relay_before_open = {"before-open", false, before_open_up, agw_down};

/* ---- rtpengine ---- */

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

static struct netaddr rtpengine_port(const char *sdp)
{
	return (struct netaddr){
	    .family = 4, .port = (uint16_t)after(sdp, "m=audio "), .ip = {10, 0, 0, 10}};
}

static int rtpengine_call(int i)
{
	struct load_stream *s = &load.s[i];
	char sdp[700], key[128];
	const char *r, *line;

	snprintf(sdp, sizeof(sdp),
		 "v=0\r\no=- 1 1 IN IP4 " LOAD_PLAIN_IP "\r\ns=-\r\nc=IN IP4 " LOAD_PLAIN_IP
		 "\r\nt=0 0\r\nm=audio %u RTP/AVP 8\r\n",
		 load.me[0].port);
	r = ng("offer", i, "3:ICE6:remove8:rtcp-muxl5:demuxe18:transport-protocol8:RTP/SAVP", sdp);
	line = r ? strstr(r, "AES_CM_128_HMAC_SHA1_80 inline:") : NULL;
	if (!line)
		return -1;
	while (line > r && line[-1] != ':')
		line--;
	s->to[1] = rtpengine_port(r);
	if (sdes_parse(slice_make(line, strcspn(line, "\r\n")), &s->rx) != SDES_OK)
		return -1;
	s->tx.tag = s->rx.tag;
	sdes_print(&s->tx, key, sizeof(key));
	snprintf(sdp, sizeof(sdp),
		 "v=0\r\no=- 1 1 IN IP4 " LOAD_SECURE_IP "\r\ns=-\r\nc=IN IP4 " LOAD_SECURE_IP
		 "\r\nt=0 0\r\nm=audio %u RTP/SAVP 8\r\na=crypto:%s\r\n",
		 load.me[1].port, key);
	r = ng("answer", i, "3:ICE6:remove6:to-tag1:b", sdp);
	if (!r)
		return -1;
	s->to[0] = rtpengine_port(r);
	return 0;
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
	pid_t pid = bench_spawn(argv);
	struct netaddr a = {.family = 4, .port = 2223, .ip = {10, 0, 0, 10}};
	struct sockaddr_storage ss;
	socklen_t sl = netaddr_to_sockaddr(&a, &ss);

	sleep(1);
	ng_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (connect(ng_fd, (struct sockaddr *)&ss, sl) < 0)
		return -1;
	load_make_keys();
	for (int i = 0; i < load.streams; i++)
		if (rtpengine_call(i) < 0)
			return -1;
	load_take_keys();
	return pid;
}

static void rtpengine_down(pid_t pid)
{
	bench_end(pid);
	close(ng_fd);
}

const struct relay relay_rtpengine = {"rtpengine", false, rtpengine_up, rtpengine_down};

/* ---- the floor ---- */

static struct {
	int fd[LOAD_STREAMS_MAX][2];
} floor_;

static int floor_socket(int stream, int side)
{
	struct netaddr a;
	struct sockaddr_storage ss;
	socklen_t len;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	netaddr_parse(side ? SLICE_LIT("10.1.0.7") : SLICE_LIT("10.0.0.7"), &a);
	len = netaddr_to_sockaddr(&a, &ss);
	if (bind(fd, (struct sockaddr *)&ss, len) < 0)
		return -1;
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	netaddr_from_sockaddr(&ss, &load.s[stream].to[side]);
	len = netaddr_to_sockaddr(&load.me[side], &ss);
	return connect(fd, (struct sockaddr *)&ss, len) < 0 ? -1 : fd;
}

static void floor_main(void *arg)
{
	struct epoll_event ev[256];
	uint8_t buf[2048];
	int ep = epoll_create1(0);

	(void)arg;
	for (uint32_t i = 0; i < (uint32_t)load.streams * 2; i++) {
		ev[0] = (struct epoll_event){.events = EPOLLIN, .data.u32 = i};
		epoll_ctl(ep, EPOLL_CTL_ADD, floor_.fd[i / 2][i % 2], &ev[0]);
	}
	for (;;) {
		int n = epoll_wait(ep, ev, 256, -1);

		for (int i = 0; i < n; i++) {
			uint32_t at = ev[i].data.u32;
			ssize_t len = recv(floor_.fd[at / 2][at % 2], buf, sizeof(buf), 0);

			if (len > 0 && send(floor_.fd[at / 2][!(at % 2)], buf, (size_t)len, 0) < 0)
				continue;
		}
	}
}

static pid_t floor_up(void)
{
	pid_t pid;

	load_make_keys();
	for (int i = 0; i < load.streams; i++)
		for (int side = 0; side < 2; side++) {
			floor_.fd[i][side] = floor_socket(i, side);
			if (floor_.fd[i][side] < 0)
				return -1;
		}
	pid = bench_fork(floor_main, NULL);
	for (int i = 0; i < load.streams * 2; i++)
		close(floor_.fd[i / 2][i % 2]);
	return pid;
}

const struct relay relay_plain = {"plain", true, floor_up, bench_end};
