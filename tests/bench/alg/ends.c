/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/alg/ends.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"

enum { AGAIN_MS = 3000, GIVE_UP = 6 };

/* ---- sockets ---- */

static struct sockaddr_in address(const char *ip, unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

/* A socket that only speaks with the P-CSCF. */
static int open_end(int poll, const char *ip, unsigned port, const char *pcscf)
{
	struct sockaddr_in at = address(ip, port), to = address(pcscf, 5060);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = 4 << 20;
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e)) {
		perror(ip);
		return -1;
	}
	return fd;
}

int side_open(struct side *s, const char *netns)
{
	char path[128];
	int ns;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET)) {
		perror(path);
		return -1;
	}
	close(ns);
	s->next = 1;
	s->poll = epoll_create1(EPOLL_CLOEXEC);
	s->core = open_end(s->poll, CORE_IP, 5060, "10.0.0.11");
	if (s->core < 0)
		return -1;
	for (unsigned i = 0; i < PHONES; i++) {
		s->phone[i] = open_end(s->poll, PHONE_IP, PHONE_PORT + i, "10.1.0.1");
		if (s->phone[i] < 0)
			return -1;
	}
	return 0;
}

void ends_wait(struct side *s, void (*take)(struct side *s, struct slice text))
{
	static char text[65536];
	struct epoll_event e[32];
	int n = epoll_wait(s->poll, e, 32, 100);

	for (int i = 0; i < n; i++) {
		ssize_t len;

		while ((len = recv(e[i].data.fd, text, sizeof(text), 0)) > 0)
			take(s, slice_make(text, (size_t)len));
	}
}

void ends_send(struct side *s, struct call *c)
{
	c->due = bench_now_ms() + AGAIN_MS;
	(void)send(c->last_by_phone ? s->phone[c->phone] : s->core, c->last.p, c->last.len, 0);
}

struct call *ends_again(struct side *s, unsigned n)
{
	uint64_t now = bench_now_ms();

	for (unsigned i = 0; i < n; i++) {
		struct call *c = &s->now.call[i];

		if (c->state == CALL_UP || c->state == CALL_OVER || c->due > now)
			continue;
		if (++c->tries > GIVE_UP)
			return c;
		s->again++;
		ends_send(s, c);
	}
	return NULL;
}

/* ---- what messages have in common ---- */

static void contact(struct writing *w, unsigned phone, bool is_phone)
{
	if (is_phone)
		write_text(w, "Contact: <sip:p%u@" PHONE_IP ":%u>\r\n", phone, PHONE_PORT + phone);
	else
		write_text(w, "Contact: <sip:far@" CORE_IP ":5060>\r\n");
}

static void via(struct writing *w, unsigned phone, bool is_phone)
{
	write_text(w, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK", is_phone ? PHONE_IP : CORE_IP,
		   is_phone ? PHONE_PORT + phone : 5060);
}

void ends_via(struct writing *w, const struct call *c, bool phone, const char *what)
{
	via(w, c->phone, phone);
	write_text(w, "%s%u\r\nMax-Forwards: 70\r\n", what, c->id);
}

void ends_rest(struct writing *w, const struct call *c, bool phone, const char *cseq)
{
	write_text(w, "Call-ID: call-%u\r\nCSeq: %s\r\n", c->id, cseq);
	contact(w, c->phone, phone);
}

void ends_answer(struct writing *w, const struct message *m, const struct call *c, bool phone,
		 const char *status, const char *tag)
{
	struct slice to = message_header(m, "To"), from = message_header(m, "From");
	struct slice id = message_header(m, "Call-ID"), cseq = message_header(m, "CSeq");

	write_text(w, "SIP/2.0 %s\r\n", status);
	write_headers(w, m, "Via", "Via", false);
	write_headers(w, m, "Record-Route", "Record-Route", false);
	write_text(w, "From: %.*s\r\nTo: %.*s%s%s\r\nCall-ID: %.*s\r\nCSeq: %.*s\r\n",
		   (int)from.len, from.p, (int)to.len, to.p, tag ? ";tag=" : "", tag ? tag : "",
		   (int)id.len, id.p, (int)cseq.len, cseq.p);
	if (c)
		contact(w, c->phone, phone);
}

/* ---- registrations ---- */

void ends_register(struct side *s)
{
	for (unsigned i = 0; i < PHONES; i++) {
		struct writing w = {.len = 0};

		if (s->registered[i])
			continue;
		write_text(&w, "REGISTER sip:home1.net SIP/2.0\r\n");
		via(&w, i, true);
		write_text(&w,
			   "r%u\r\nMax-Forwards: 70\r\nFrom: <sip:p%u@home1.net>;tag=r\r\nTo: "
			   "<sip:p%u@home1.net>\r\nCall-ID: reg-%u\r\nCSeq: 1 REGISTER\r\nExpires: "
			   "600000\r\nSupported: path\r\n",
			   i, i, i, i);
		contact(&w, i, true);
		write_body(&w, slice_make("", 0));
		(void)send(s->phone[i], w.p, w.len, 0);
	}
}

bool ends_registered(const struct side *s)
{
	for (unsigned i = 0; i < PHONES; i++)
		if (!s->registered[i])
			return false;
	return true;
}

/* As registrar: what has come is registered. */
static void answer_register(struct side *s, const struct message *m, unsigned phone)
{
	struct slice path = message_header(m, "Path"),
		     uri = message_uri(message_header(m, "Contact"));
	struct writing w = {.len = 0};

	if (slice_copy(path, s->path[phone], sizeof(s->path[phone])))
		return;
	ends_answer(&w, m, NULL, false, "200 OK", "home");
	write_text(
	    &w,
	    "Path: %.*s\r\nContact: <%.*s>;expires=600000\r\nService-Route: <sip:orig@" CORE_IP
	    ":5060;lr>\r\nP-Associated-URI: <sip:p%u@home1.net>\r\n",
	    (int)path.len, path.p, (int)uri.len, uri.p, phone);
	write_body(&w, slice_make("", 0));
	(void)send(s->core, w.p, w.len, 0);
}

bool ends_registration(struct side *s, const struct message *m)
{
	struct slice id = message_header(m, "Call-ID");
	unsigned phone;

	if (!slice_eq(m->method, SLICE_LIT("REGISTER")) || id.len < 5)
		return false;
	phone = (unsigned)strtoul(id.p + 4, NULL, 10) % PHONES;
	if (!m->code)
		answer_register(s, m, phone);
	else if (m->code == 200)
		s->registered[phone] = true;
	else if (m->code > 200)
		fprintf(stderr, "bench-alg: %s: a REGISTER was answered %.*s\n", s->name,
			(int)m->first.len, m->first.p);
	return true;
}
