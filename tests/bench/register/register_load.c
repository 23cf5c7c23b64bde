/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations per CPU-second of an S-CSCF: sends REGISTERs straight to it, a window at a time,
 * and reads what CPU time the S-CSCF's processes used meanwhile. Several kinds of load take turns
 * in one run, so that a machine that slows down slows them all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"

enum {
	MAX_USERS = 10000,
	MAX_SETS = 16,
	MAX_IMPUS = 64,
	MESSAGE_MAX = 4096,
	RETRANSMIT_MS = 1000,
	GIVE_UP = 8, /* retransmissions of one request */
};

struct target {
	const char *name;
	struct sockaddr_in addr;
};

struct user {
	unsigned contact; /* serial of the contact that all IMPUs are bound to now */
	unsigned cseq;
};

struct load {
	int fd;
	const char *domain, *impi_prefix;
	unsigned users, window;
	struct user user[MAX_USERS];
	pid_t group;
	unsigned long sent, retransmitted, refused;
};

/* What one REGISTER of a run asks for. */
struct request {
	unsigned user;
	const char *impu;  /* user part with one %u for the user's number */
	bool tag;	   /* Require: seamless-ims */
	bool global;	   /* To: ...;imsglobreg */
	unsigned contact;  /* serial of the contact to register */
	unsigned previous; /* serial of a contact to give expires=0, 0 = none */
};

static size_t build(struct load *l, const struct request *r, unsigned cseq, unsigned serial,
		    char *out)
{
	char impu[64], old[128] = "";
	int n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(impu, sizeof(impu), r->impu, r->user);
#pragma GCC diagnostic pop
	if (r->previous)
		snprintf(old, sizeof(old), ", <sip:10.200.%u.%u:%u>;expires=0", r->user / 250,
			 r->user % 250 + 1, 10000 + r->previous % 50000);
	n = snprintf(out, MESSAGE_MAX,
		     "REGISTER sip:%s SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK%u\r\n"
		     "Max-Forwards: 70\r\n"
		     "From: <sip:%s@%s>;tag=%u\r\n"
		     "To: <sip:%s@%s>%s\r\n"
		     "Call-ID: bench-%d-%u-%u\r\n"
		     "CSeq: %u REGISTER\r\n"
		     "Contact: <sip:10.200.%u.%u:%u>;expires=600000%s\r\n"
		     "Path: <sip:pcscf.%s;lr>\r\n"
		     "%s"
		     "Supported: path\r\n"
		     "Authorization: Digest username=\"%s%u@%s\", realm=\"%s\", nonce=\"00\", "
		     "uri=\"sip:%s\", response=\"00000000000000000000000000000000\"\r\n"
		     "Content-Length: 0\r\n\r\n",
		     l->domain, serial, impu, l->domain, serial, impu, l->domain,
		     r->global ? ";imsglobreg" : "", (int)getpid(), r->user, r->contact, cseq,
		     r->user / 250, r->user % 250 + 1, 10000 + r->contact % 50000, old, l->domain,
		     r->tag ? "Require: seamless-ims\r\nProxy-Require: seamless-ims\r\n" : "",
		     l->impi_prefix, r->user, l->domain, l->domain, l->domain);
	return (size_t)n;
}

struct pending {
	bool used;
	unsigned serial, tries;
	uint64_t due;
	size_t len;
	char text[MESSAGE_MAX];
};

static unsigned next_serial = 1;

static struct pending *pending_of(struct pending *p, unsigned window, const char *reply)
{
	const char *b = strstr(reply, "branch=z9hG4bK");
	unsigned serial = b ? (unsigned)strtoul(b + 14, NULL, 10) : 0;

	for (unsigned i = 0; i < window; i++)
		if (p[i].used && p[i].serial == serial)
			return &p[i];
	return NULL;
}

/* Send all of r[0..n) to a target, at most a window at once; false when one was refused or never
 * answered. */
static bool run(struct load *l, const struct target *to, const struct request *r, unsigned n)
{
	struct pending *p = calloc(l->window, sizeof(*p));
	unsigned next = 0, done = 0;
	bool ok = p != NULL;

	while (ok && done < n) {
		struct pollfd pfd = {.fd = l->fd, .events = POLLIN};
		uint64_t now = bench_now_ms();

		for (unsigned i = 0; i < l->window; i++) {
			if (p[i].used && p[i].due <= now) {
				if (++p[i].tries > GIVE_UP) {
					fprintf(stderr, "register-load: no answer to:\n%.*s\n",
						(int)p[i].len, p[i].text);
					ok = false;
				}
				l->retransmitted++;
			} else if (!p[i].used && next < n) {
				p[i].used = true;
				p[i].tries = 0;
				p[i].serial = next_serial++;
				p[i].len = build(l, &r[next], ++l->user[r[next].user].cseq,
						 p[i].serial, p[i].text);
				next++;
				l->sent++;
			} else {
				continue;
			}
			p[i].due = now + RETRANSMIT_MS;
			sendto(l->fd, p[i].text, p[i].len, 0, (const struct sockaddr *)&to->addr,
			       sizeof(to->addr));
		}
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		for (;;) {
			char reply[8192];
			ssize_t len = recv(l->fd, reply, sizeof(reply) - 1, MSG_DONTWAIT);
			struct pending *q;

			if (len <= 0)
				break;
			reply[len] = '\0';
			if (strncmp(reply, "SIP/2.0 1", 9) == 0 ||
			    strncmp(reply, "SIP/2.0 ", 8) != 0)
				continue;
			q = pending_of(p, l->window, reply);
			if (!q)
				continue;
			if (strncmp(reply + 8, "200", 3) != 0) {
				if (l->refused++ == 0)
					fprintf(stderr,
						"register-load: %s answered\n%s\nto\n%.*s\n",
						to->name, reply, (int)q->len, q->text);
				ok = false;
			}
			q->used = false;
			done++;
		}
	}
	free(p);
	return ok;
}

static int parse_target(const char *text, const char *name, struct target *t)
{
	char host[64];
	const char *colon = strchr(text, ':');

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return -1;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	t->name = name;
	t->addr.sin_family = AF_INET;
	t->addr.sin_port = htons((uint16_t)atoi(colon + 1));
	return inet_pton(AF_INET, host, &t->addr.sin_addr) == 1 ? 0 : -1;
}

enum { ROUNDS_MAX = 50 };

/* The users register in turns at one of the two, tagged when it is ours. */
static bool register_users(struct load *l, struct request *r, const struct target *to, bool tag,
			   unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		r[i] = (struct request){
		    .user = i % l->users + 1, .impu = "u%u-1", .tag = tag, .contact = 1};
	return run(l, to, r, count);
}

/* One path alone, for who counts its cost from outside. */
static bool only_save(struct load *l, const struct target *to, bool tag, unsigned count)
{
	struct request *r = calloc(count, sizeof(*r));
	bool ok = r && register_users(l, r, to, tag, count);

	free(r);
	return ok;
}

static bool compare_save(struct load *l, const struct target *ours, const struct target *stock,
			 unsigned rounds, unsigned count)
{
	struct request *r = calloc(count, sizeof(*r));
	double per_cpu[2][ROUNDS_MAX], ratio[ROUNDS_MAX];
	bool ok = r != NULL;

	for (unsigned round = 0; ok && round <= rounds; round++) {
		for (unsigned k = 0; ok && k < 2; k++) {
			unsigned who = (k + round) % 2; /* neither is always first */
			double before, used;

			before = bench_group_cpu(l->group);
			ok = register_users(l, r, who == 0 ? ours : stock, who == 0, count);
			used = bench_group_cpu(l->group) - before;
			if (round) /* the first round warms up */
				per_cpu[who][round - 1] = (double)count / used;
		}
		if (ok && round) {
			ratio[round - 1] = per_cpu[0][round - 1] / per_cpu[1][round - 1];
			printf("  round %2u: ours %7.0f, stock save() %7.0f registrations per "
			       "CPU-second, ratio %.3f\n",
			       round, per_cpu[0][round - 1], per_cpu[1][round - 1],
			       ratio[round - 1]);
			fflush(stdout);
		}
	}
	free(r);
	if (ok) {
		double mine = bench_median(per_cpu[0], rounds),
		       theirs = bench_median(per_cpu[1], rounds);

		printf("registrations: ours %.0f, stock %.0f per CPU-second; median ratio %.3f "
		       "(target: at least 0.95)\n",
		       mine, theirs, bench_median(ratio, rounds));
	}
	return ok;
}

static const char *const set_impus[] = {"u%u-1", "u%u-2", "u%u-3", "u%u-4", "u%u-5",
					"u%u-6", "u%u-7", "u%u-8", "u%u-9", "u%u-10"};
static const unsigned set_first[] = {0, 4, 7}; /* sets of 4, 3 and 3 IMPUs */

/* One imsglobreg against moving the ten IMPUs one by one. */
static bool compare_global(struct load *l, const struct target *ours, unsigned rounds)
{
	struct request *r = calloc((size_t)l->users * 10, sizeof(*r));
	double cost[2][ROUNDS_MAX];
	bool ok = r != NULL;

	for (unsigned round = 0; ok && round <= rounds; round++) {
		for (unsigned k = 0; ok && k < 2; k++) {
			unsigned who = (k + round) % 2, n = 0;
			double before;

			/*
			 * Each user starts with one fresh contact for all three sets. The users
			 * take turns: two requests of one user under way at once would overtake
			 * each other.
			 */
			for (unsigned s = 0; s < 3; s++)
				for (unsigned u = 1; u <= l->users; u++)
					r[n++] = (struct request){.user = u,
								  .impu = set_impus[set_first[s]],
								  .tag = true,
								  .contact = l->user[u].contact + 1,
								  .previous = l->user[u].contact};
			ok = run(l, ours, r, n);
			n = 0;
			for (unsigned i = 0; i < (who == 0 ? 1 : 10); i++)
				for (unsigned u = 1; u <= l->users; u++)
					r[n++] = (struct request){
					    .user = u,
					    .impu = set_impus[i],
					    .tag = true,
					    .global = who == 0,
					    .contact = l->user[u].contact + 2,
					    .previous = who == 0 ? 0 : l->user[u].contact + 1};
			for (unsigned u = 1; u <= l->users; u++)
				l->user[u].contact += 2;
			before = bench_group_cpu(l->group);
			ok = ok && run(l, ours, r, n);
			if (round)
				cost[who][round - 1] =
				    (bench_group_cpu(l->group) - before) / l->users * 1000;
		}
		if (ok && round)
			printf("  round %2u: imsglobreg %.3f ms, ten single moves %.3f ms of CPU a "
			       "user\n",
			       round, cost[0][round - 1], cost[1][round - 1]);
		fflush(stdout);
	}
	free(r);
	if (ok) {
		double one = bench_median(cost[0], rounds), ten = bench_median(cost[1], rounds);

		printf("global re-registration of 10 IMPUs in 3 implicit sets: %.3f ms of CPU, one "
		       "by one %.3f ms; ratio %.3f "
		       "(target: at most 0.25)\n",
		       one, ten, one / ten);
	}
	return ok;
}

static const char usage[] =
    "Usage: register-load --ours IP:PORT --group PGID [--stock IP:PORT] [--global] [options]\n"
    "       register-load --ours|--stock IP:PORT --only [options]\n"
    "Measure an S-CSCF's registrations per CPU-second.\n"
    "  --ours IP:PORT    where REGISTERs go to our save (sent with Require: seamless-ims)\n"
    "  --stock IP:PORT   where they go to the stock save(): compare the two\n"
    "  --only            send --count registrations to that one and compare nothing\n"
    "  --global          compare one imsglobreg with moving ten IMPUs one by one\n"
    "  --group PGID      process group of the S-CSCF, for its CPU time\n"
    "  --domain NAME     home domain (home1.net); users are IMPI bench1@..., IMPUs sip:u1-1@... to "
    "u1-10\n"
    "  --users N         users to take turns with (100)\n"
    "  --count N         registrations a round (2000)\n"
    "  --rounds N        counted rounds (7)\n"
    "  --window N        requests under way at once (16)\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"ours", 1, NULL, 'o'},   {"stock", 1, NULL, 's'}, {"global", 0, NULL, 'g'},
	    {"only", 0, NULL, 'O'},   {"group", 1, NULL, 'p'}, {"domain", 1, NULL, 'd'},
	    {"users", 1, NULL, 'u'},  {"count", 1, NULL, 'c'}, {"rounds", 1, NULL, 'r'},
	    {"window", 1, NULL, 'w'}, {"help", 0, NULL, 'h'},  {NULL, 0, NULL, 0}};
	struct target ours = {0}, stock = {0};
	unsigned count = 2000, rounds = 7;
	bool global = false, only = false, ok = true;
	struct load *l = calloc(1, sizeof(*l));
	int c;

	if (!l)
		return 1;
	l->domain = "home1.net";
	l->impi_prefix = "bench";
	l->users = 100;
	l->window = 16;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			ok &= parse_target(optarg, "our save", &ours) == 0;
			break;
		case 's':
			ok &= parse_target(optarg, "the stock save()", &stock) == 0;
			break;
		case 'g':
			global = true;
			break;
		case 'O':
			only = true;
			break;
		case 'p':
			l->group = atoi(optarg);
			break;
		case 'd':
			l->domain = optarg;
			break;
		case 'u':
			l->users = (unsigned)atoi(optarg);
			break;
		case 'c':
			count = (unsigned)atoi(optarg);
			break;
		case 'r':
			rounds = (unsigned)atoi(optarg);
			break;
		case 'w':
			l->window = (unsigned)atoi(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			ok = false;
		}
	}
	if (only ? !ours.name == !stock.name || global
		 : !ours.name || l->group <= 0 || (!stock.name && !global))
		ok = false;
	if (!ok || l->users < 1 || l->users >= MAX_USERS || rounds < 1 || rounds > ROUNDS_MAX ||
	    l->window < 1 || count < 1) {
		fputs(usage, stderr);
		return 2;
	}
	if (l->window > l->users)
		l->window =
		    l->users; /* two requests of one user at once would race each other's CSeq */
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0) {
		perror("register-load: socket");
		return 1;
	}
	if (only)
		ok = only_save(l, ours.name ? &ours : &stock, ours.name, count);
	else if (stock.name)
		ok = compare_save(l, &ours, &stock, rounds, count);
	if (ok && global)
		ok = compare_global(l, &ours, rounds);
	printf("sent %lu requests, %lu retransmissions, %lu refused\n", l->sent, l->retransmitted,
	       l->refused);
	close(l->fd);
	free(l);
	return ok ? 0 : 1;
}
