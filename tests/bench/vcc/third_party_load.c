/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Third-party REGISTERs per CPU-second: plays the S-CSCF, sends REGISTERs in the form of TS 24.229 5.4.1.7 to servers that
 * take turns in one run, a window at a time, and reads what CPU time each server's processes used meanwhile.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/measure.h"

enum { SERVERS_MAX = 4, ROUNDS_MAX = 64, MESSAGE_MAX = 4096, RETRANSMIT_MS = 500, GIVE_UP = 20 };

struct server {
	const char *name;
	struct sockaddr_in to;
	pid_t group;
	unsigned next, *cseq; /* of each user */
	double rate[ROUNDS_MAX];
};

struct load {
	int fd;
	unsigned users, window, retransmitted, refused;
	bool bodies;
};

/* What the S-CSCF copies: the phone's REGISTER and the 200 (IncludeRegisterRequest, IncludeRegisterResponse). */
static int copies(unsigned user, char *out, size_t size)
{
	char request[1024], answer[1024];
	int a, b;

	a = snprintf(request, sizeof(request),
		     "REGISTER sip:home1.net SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP 10.1.0.10:5060;branch=z9hG4bK%u\r\n"
		     "From: <sip:bench%u@home1.net>;tag=p\r\nTo: <sip:bench%u@home1.net>\r\n"
		     "Call-ID: phone%u\r\nCSeq: 2 REGISTER\r\n"
		     "Contact: <sip:bench%u@10.1.0.10:5060>;expires=600000;reg-id=1;"
		     "+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-%012u>\";audio\r\n"
		     "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11\r\n"
		     "Supported: path\r\nContent-Length: 0\r\n\r\n",
		     user, user, user, user, user, user);
	b = snprintf(answer, sizeof(answer),
		     "SIP/2.0 200 OK\r\nFrom: <sip:bench%u@home1.net>;tag=p\r\n"
		     "To: <sip:bench%u@home1.net>;tag=s\r\nCall-ID: phone%u\r\nCSeq: 2 REGISTER\r\n"
		     "Contact: <sip:bench%u@10.1.0.10:5060>;expires=600000\r\n"
		     "P-Associated-URI: <sip:bench%u@home1.net>, <tel:+1212%07u>\r\n"
		     "Service-Route: <sip:orig@scscf.home1.net;lr>\r\nContent-Length: 0\r\n\r\n",
		     user, user, user, user, user, user);
	if (a < 0 || (size_t)a >= sizeof(request) || b < 0 || (size_t)b >= sizeof(answer))
		return -1;
	return snprintf(out, size,
			"--b\r\nContent-Type: message/sip\r\n\r\n%s\r\n"
			"--b\r\nContent-Type: message/sip\r\n\r\n%s\r\n--b--\r\n",
			request, answer);
}

static int build(const struct load *l, unsigned user, unsigned cseq, char *out, size_t size)
{
	char body[2600] = "";
	int len = l->bodies ? copies(user, body, sizeof(body)) : 0;

	if (len < 0 || (size_t)len >= sizeof(body))
		return -1;
	return snprintf(
	    out, size,
	    "REGISTER sip:vcc.home1.net:5060 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 127.0.0.4:5060;branch=z9hG4bK%u.%u\r\nMax-Forwards: 70\r\n"
	    "From: <sip:scscf.home1.net:5060>;tag=s\r\nTo: <sip:bench%u@home1.net>\r\n"
	    "Call-ID: 3pr%u\r\nCSeq: %u REGISTER\r\nContact: <sip:scscf.home1.net:5060>\r\n"
	    "Expires: 600000\r\nP-Visited-Network-ID: home1.net\r\n"
	    "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11\r\n"
	    "P-Charging-Vector: icid-value=%u;orig-ioi=\"Type 3home1.net\"\r\n%s"
	    "Content-Length: %d\r\n\r\n%s",
	    user, cseq, user, user, cseq, user,
	    l->bodies ? "Content-Type: multipart/mixed;boundary=b\r\n" : "", len, body);
}

static void send_one(const struct load *l, const struct server *s, unsigned user)
{
	char message[MESSAGE_MAX];
	int n = build(l, user, s->cseq[user], message, sizeof(message));

	if (n < 0 || (size_t)n >= sizeof(message)) {
		fprintf(stderr, "a message is too long\n");
		exit(1);
	}
	if (sendto(l->fd, message, (size_t)n, 0, (const struct sockaddr *)&s->to, sizeof(s->to)) <
	    0) {
		perror("sendto");
		exit(1);
	}
}

/* Whom an answer is about, in *status what it says; -1: about nobody. */
static long answered(const struct load *l, const struct server *s, unsigned *status)
{
	char answer[MESSAGE_MAX];
	ssize_t n = recv(l->fd, answer, sizeof(answer) - 1, 0);
	const char *call, *cseq;
	unsigned user, number;

	if (n <= 0)
		return -1;
	answer[n] = '\0';
	call = strstr(answer, "\nCall-ID: 3pr");
	cseq = strstr(answer, "\nCSeq: ");
	if (!call || !cseq || sscanf(answer, "SIP/2.0 %u", status) != 1 || *status < 200)
		return -1;
	user = (unsigned)strtoul(call + 13, NULL, 10);
	number = (unsigned)strtoul(cseq + 7, NULL, 10);
	return user < l->users && s->cseq[user] == number ? (long)user : -1;
}

/* count REGISTERs, each user in turn. */
static void play(struct load *l, struct server *s, unsigned count)
{
	unsigned waiting[1024], n = 0, sent = 0, tries = 0;
	struct pollfd fd = {.fd = l->fd, .events = POLLIN};
	unsigned status;

	while (sent < count || n) {
		while (n < l->window && sent < count) {
			unsigned user = s->next++ % l->users;

			s->cseq[user]++;
			waiting[n++] = user;
			sent++;
			send_one(l, s, user);
		}
		if (poll(&fd, 1, RETRANSMIT_MS) > 0) {
			long user = answered(l, s, &status);

			for (unsigned i = 0; user >= 0 && i < n; i++) {
				if (waiting[i] != (unsigned)user)
					continue;
				waiting[i] = waiting[--n];
				l->refused += status != 200;
				tries = 0;
				break;
			}
			continue;
		}
		if (++tries > GIVE_UP) {
			fprintf(stderr, "%s does not answer\n", s->name);
			exit(1);
		}
		l->retransmitted += n;
		for (unsigned i = 0; i < n; i++)
			send_one(l, s, waiting[i]);
	}
}

static void server_of(char *text, unsigned users, struct server *s)
{
	char *at = strchr(text, '='), *colon = at ? strchr(at, ':') : NULL,
	     *group = colon ? strchr(colon, '/') : NULL;

	if (!group) {
		fprintf(stderr, "not NAME=ADDRESS:PORT/GROUP: %s\n", text);
		exit(2);
	}
	*at = *colon = *group = '\0';
	s->name = text;
	s->to = (struct sockaddr_in){.sin_family = AF_INET,
				     .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10))};
	s->group = (pid_t)strtol(group + 1, NULL, 10);
	s->cseq = calloc(users, sizeof(*s->cseq));
	if (inet_pton(AF_INET, at + 1, &s->to.sin_addr) != 1 || !s->cseq)
		exit(2);
}

static void measure(struct load *l, struct server *s, unsigned count, unsigned round)
{
	double before = bench_group_cpu(s->group);

	play(l, s, count);
	s->rate[round] = count / (bench_group_cpu(s->group) - before);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"users", 1, NULL, 'u'},  {"count", 1, NULL, 'c'},
						{"rounds", 1, NULL, 'r'}, {"window", 1, NULL, 'w'},
						{"bodies", 0, NULL, 'b'}, {"first", 0, NULL, 'f'},
						{NULL, 0, NULL, 0}};
	struct sockaddr_in us = {.sin_family = AF_INET, .sin_port = htons(5060)};
	struct load l = {.users = 1000, .window = 16};
	unsigned count = 10000, rounds = 7, n = 0;
	struct server server[SERVERS_MAX];
	bool first = false;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned value = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;

		switch (o) {
		case 'u':
			l.users = value;
			break;
		case 'c':
			count = value;
			break;
		case 'r':
			rounds = value;
			break;
		case 'w':
			l.window = value;
			break;
		case 'b':
			l.bodies = true;
			break;
		case 'f':
			first = true;
			break;
		default:
			return 2;
		}
	}
	if (!l.users || !count || !l.window || l.window > 1024 || l.window > l.users || !rounds ||
	    rounds > ROUNDS_MAX || optind == argc || argc - optind > SERVERS_MAX) {
		fprintf(stderr,
			"usage: third-party-load [--users N] [--count N] [--rounds N] [--window N] "
			"[--bodies] [--first] NAME=ADDRESS:PORT/GROUP...\n");
		return 2;
	}
	for (int i = optind; i < argc; i++)
		server_of(argv[i], l.users, &server[n++]);
	l.fd = socket(AF_INET, SOCK_DGRAM, 0);
	inet_pton(AF_INET, "127.0.0.4", &us.sin_addr);
	if (l.fd < 0 || bind(l.fd, (const struct sockaddr *)&us, sizeof(us))) {
		perror("127.0.0.4:5060");
		return 1;
	}
	/* Everybody's first REGISTER: measured by itself if that is asked for. */
	for (unsigned i = 0; i < n; i++) {
		measure(&l, &server[i], l.users, 0);
		if (first)
			printf("first\t%s\t%.0f\n", server[i].name, server[i].rate[0]);
	}
	for (unsigned r = 0; r < rounds && !first; r++)
		for (unsigned i = 0; i < n; i++)
			measure(&l, &server[(i + r) % n], count, r);
	for (unsigned i = 0; i < n && !first; i++)
		printf("again\t%s\t%.0f\n", server[i].name, bench_median(server[i].rate, rounds));
	if (l.refused)
		fprintf(stderr, "%u REGISTERs were refused\n", l.refused);
	if (l.retransmitted)
		fprintf(stderr, "%u REGISTERs were sent again\n", l.retransmitted);
	return l.refused != 0;
}
