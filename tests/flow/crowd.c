/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow-crowd WINDOW    in the lab's topology; reads commands, one a line:
 *   register FROM COUNT, call FROM COUNT, speak FROM COUNT
 * and answers each with a line of name=value: what was asked, how many are through or were refused,
 * when the first and the last was (seconds of the monotonic clock), and the CPU time it took here.
 * At most WINDOW phones are busy at a time, and one until the first is through. What is lost is
 * sent again every 500 ms, before the first is through every 20 ms; a round ends after 60 s without
 * anything.
 */
#include "crowd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t crowd_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

struct slice header(struct slice msg, const char *name, unsigned i)
{
	slice_cut(&msg, '\n');
	while (msg.p) {
		struct slice body = slice_cut(&msg, '\n');
		struct slice key = slice_cut(&body, ':');

		if (!body.p)
			break;
		if (slice_eq_nocase(key, slice_str(name)) && i-- == 0)
			return slice_trim(body);
	}
	return SLICE_NULL;
}

unsigned status_of(struct slice msg)
{
	return msg.len > 12 && !memcmp(msg.p, "SIP/2.0 ", 8) ? (unsigned)atoi(msg.p + 8) : 0;
}

void respond(struct slice request, const char *status, const char *extra, char out[CROWD_TEXT])
{
	static const char *const copied[] = {"Via",	"Record-Route", "From",
					     "Call-ID", "CSeq",		"To"};
	size_t at = (size_t)snprintf(out, CROWD_TEXT, "SIP/2.0 %s\r\n", status);
	struct slice body = SLICE_NULL;

	for (unsigned h = 0; h < 6; h++)
		for (unsigned i = 0; at < CROWD_TEXT && (!i || h < 2); i++) {
			body = header(request, copied[h], i);
			if (!body.len)
				break;
			at += (size_t)snprintf(out + at, CROWD_TEXT - at, "%s: %.*s", copied[h],
					       (int)body.len, body.p);
			if (h == 5 && at < CROWD_TEXT && !memmem(body.p, body.len, ";tag=", 5))
				at += (size_t)snprintf(out + at, CROWD_TEXT - at, ";tag=t");
			if (at < CROWD_TEXT)
				at += (size_t)snprintf(out + at, CROWD_TEXT - at, "\r\n");
		}
	if (at < CROWD_TEXT)
		snprintf(out + at, CROWD_TEXT - at, "%sContent-Length: 0\r\n\r\n", extra);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void enter(const char *ns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static struct sockaddr_in place(uint32_t address, uint16_t port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

static int udp(uint32_t address, uint16_t port)
{
	struct sockaddr_in a = place(address, port);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, room = 4 << 20;

	if (s < 0 || setsockopt(s, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) ||
	    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(s, (struct sockaddr *)&a, sizeof(a)))
		die("socket");
	return s;
}

#define PCSCF_CORE   0x0a00000b
#define PCSCF_ACCESS 0x0a010001
#define HOME	     0x0a000004
#define PHONES	     0x0a800000

void crowd_send_home(struct crowd *c, const char *text)
{
	struct sockaddr_in to = place(PCSCF_CORE, 5060);

	sendto(c->home, text, strlen(text), 0, (struct sockaddr *)&to, sizeof(to));
}

void crowd_send_phone(struct crowd *c, int s, uint32_t n, uint16_t port, const char *text)
{
	struct sockaddr_in to = place(PCSCF_ACCESS, port);
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))] __attribute__((aligned(8))) = {0};
	struct iovec iov = {(void *)text, strlen(text)};
	struct msghdr m = {.msg_name = &to,
			   .msg_namelen = sizeof(to),
			   .msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(PHONES + n)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	(void)c;
	h->cmsg_level = IPPROTO_IP;
	h->cmsg_type = IP_PKTINFO;
	h->cmsg_len = CMSG_LEN(sizeof(from));
	memcpy(CMSG_DATA(h), &from, sizeof(from));
	sendmsg(s, &m, 0);
}

/* Everything that has come on a socket of the phones; to whom, the destination address says. */
static void phones_read(struct crowd *c, int s)
{
	char text[CROWD_TEXT], control[128] __attribute__((aligned(8)));

	for (;;) {
		struct iovec iov = {text, sizeof(text)};
		struct msghdr m = {.msg_iov = &iov,
				   .msg_iovlen = 1,
				   .msg_control = control,
				   .msg_controllen = sizeof(control)};
		ssize_t len = recvmsg(s, &m, MSG_DONTWAIT);
		struct in_pktinfo info;
		struct cmsghdr *h;
		uint32_t n;

		if (len < 0)
			return;
		h = CMSG_FIRSTHDR(&m);
		if (!h || h->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(h), sizeof(info));
		n = ntohl(info.ipi_addr.s_addr) - PHONES;
		if (n < CROWD_MAX && len > 12)
			phone_hear(c, n, slice_make(text, (size_t)len));
	}
}

static void home_read(struct crowd *c)
{
	char text[CROWD_TEXT];
	ssize_t len;

	while ((len = recv(c->home, text, sizeof(text), MSG_DONTWAIT)) >= 0)
		if (len > 12)
			home_hear(c, slice_make(text, (size_t)len));
}

void crowd_done(struct crowd *c, struct phone *p, bool good)
{
	if (!p->busy)
		return;
	p->busy = false;
	c->open--;
	c->last_us = crowd_us();
	if (!good) {
		c->refused++;
	} else if (!c->done++) {
		c->first_us = c->last_us;
	}
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void begin(struct crowd *c, uint32_t n)
{
	struct phone *p = &c->phones[n];

	p->busy = true;
	if (c->deed == DEED_REGISTER) {
		p->challenged = false;
		p->server[0] = '\0';
	}
	p->sent_ms = crowd_us() / 1000;
	c->open++;
	phone_say(c, n);
}

static void again(struct crowd *c, uint32_t from, uint32_t to)
{
	int64_t now = crowd_us() / 1000, patience = c->done ? 500 : 20;

	for (uint32_t n = from; n < to; n++)
		if (c->phones[n].busy && now - c->phones[n].sent_ms >= patience) {
			c->phones[n].sent_ms = now;
			phone_say(c, n);
		}
}

static void play(struct crowd *c, uint32_t from, uint32_t count, uint32_t window)
{
	struct pollfd fds[4] = {
	    {c->home, POLLIN, 0}, {c->plain, POLLIN, 0}, {c->uc, POLLIN, 0}, {c->us, POLLIN, 0}};
	uint32_t next = from, through = 0;
	int64_t moved = crowd_us(), checked = moved;

	c->round++;
	c->open = c->done = c->refused = 0;
	c->first_us = c->last_us = 0;
	while (c->done + c->refused < count && crowd_us() - moved < 60000000) {
		while (next < from + count && c->open < (c->done ? window : 1))
			begin(c, next++);
		poll(fds, 4, c->done ? 100 : 20);
		home_read(c);
		for (int i = 1; i < 4; i++)
			phones_read(c, fds[i].fd);
		if (c->done + c->refused > through)
			moved = crowd_us();
		through = c->done + c->refused;
		if (crowd_us() - checked > (c->done ? 100000 : 10000)) {
			again(c, from, next);
			checked = crowd_us();
		}
	}
	for (uint32_t n = from; n < next; n++)
		c->phones[n].busy = false;
}

static void set_up(struct crowd *c)
{
	uint32_t address = htonl(PCSCF_ACCESS);
	struct netaddr pcscf = netaddr_make(&address, 4, 0);
	const uint16_t pairs[2][2] = {{PORT_UC, 5061}, {PORT_US, 5062}};
	int rc;

	enter("scscf");
	c->home = udp(HOME, 5060);
	enter("uea");
	c->plain = udp(INADDR_ANY, 5060);
	c->uc = udp(INADDR_ANY, PORT_UC);
	c->us = udp(INADDR_ANY, PORT_US);
	rc = xfrm_open(&c->xfrm);
	/* What the phones send from their ports needs SAs; whose, the SAs' own selectors say. */
	for (int i = 0; i < 2 && rc == 0; i++) {
		pcscf.port = pairs[i][1];
		rc = xfrm_policy_update(c->xfrm, &(struct xfrm_policy){.src = {.port = pairs[i][0]},
								       .dst = pcscf,
								       .dir = XFRM_OUT,
								       .mark = 1,
								       .priority = 1});
	}
	if (rc == 0)
		c->batch = xfrm_batch_new(c->xfrm);
	if (!c->batch) {
		fprintf(stderr, "crowd: %s\n", xfrm_strerror(rc));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	uint32_t window = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	struct crowd *c = calloc(1, sizeof(*c));
	char line[128], what[16];
	uint32_t from, count;

	if (!window || !c) {
		fprintf(stderr, "usage: flow-crowd WINDOW\n");
		return 2;
	}
	set_up(c);
	while (fgets(line, sizeof(line), stdin)) {
		double cpu = cpu_s();

		if (sscanf(line, "%15s %u %u", what, &from, &count) != 3 || from > CROWD_MAX ||
		    count > CROWD_MAX - from)
			return 2;
		c->deed = *what == 'r' ? DEED_REGISTER : *what == 'c' ? DEED_CALL : DEED_SPEAK;
		play(c, from, count, window);
		printf("what=%s done=%u refused=%u first=%.6f last=%.6f cpu=%.3f\n", what, c->done,
		       c->refused, (double)c->first_us / 1e6, (double)c->last_us / 1e6,
		       cpu_s() - cpu);
		fflush(stdout);
	}
	return 0;
}
