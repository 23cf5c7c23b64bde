/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an answer costs the HSS, beside what it costs freeDiameter's bare echo: rounds of the same
 * requests for users scattered over the whole base, to all servers in turn, with a window of them
 * under way. A round is a life: UAR, MAR, SAR, then MAR and LIR for who is registered, and
 * deregistration, so that all rounds and all sizes of a base are alike.
 *
 * Arguments: users, requests for each command and round, rounds, window, the store's file ("-": the log is not measured), and of
 * each server its name, address and process id; the HSS first. A name may have "=WORD@DOMAIN" behind it: its users are then
 * WORD0@DOMAIN and so on, and of two with one address it is one server that is asked for two kinds of users. run sets the scene.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "unit/hss/diameter/scenarios.h"

enum { SERVERS_MAX = 3, ROUNDS_MAX = 101, WAL_MARS = 500 };

struct server {
	const char *name, *address;
	char word[32], domain[64]; /* of its users */
	clockid_t cpu;
	struct peer own, *peer;
};

struct figures {
	double us[SERVERS_MAX][ROUNDS_MAX];
	double ratio[SERVERS_MAX][ROUNDS_MAX]; /* of the HSS to this one, in one round */
};

static struct server servers[SERVERS_MAX];
static size_t n_servers;
static long users, count, rounds, window;
static struct dm request, answer;

static void make_uar_of(struct peer *p, const char *impi, const char *impu)
{
	make_uar(p, &request, impi, impu);
}

static void make_mar_of(struct peer *p, const char *impi, const char *impu)
{
	make_mar(p, &request, impi, impu, "Digest-AKAv1-MD5", 1, NULL);
}

static void make_sar_of_user(struct peer *p, const char *impi, const char *impu)
{
	make_sar(p, &request, impi, impu, 1, 0);
}

static void make_lir_of(struct peer *p, const char *impi, const char *impu)
{
	(void)impi;
	make_lir(p, &request, impu);
}

static void make_sar_gone(struct peer *p, const char *impi, const char *impu)
{
	make_sar(p, &request, impi, impu, 5, 0);
}

static const struct step {
	const char *name;
	void (*make)(struct peer *, const char *, const char *);
} steps[] = {
    {"UAR", make_uar_of},      {"MAR", make_mar_of},
    {"SAR", make_sar_of_user}, {"MAR, registered", make_mar_of},
    {"LIR", make_lir_of},      {"SAR, deregistration", make_sar_gone},
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static struct figures figures[STEPS];

static double cpu_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The nth user: neighbours in time are none in the store. */
static void send_for(struct server *s, const struct step *step, long n)
{
	char impi[112], impu[128];
	long user = (long)(((unsigned long long)n * 611953) % (unsigned long long)users);

	snprintf(impi, sizeof(impi), "%s%ld@%s", s->word, user, s->domain);
	snprintf(impu, sizeof(impu), "sip:%s", impi);
	step->make(s->peer, impi, impu);
	dm_end(&request);
}

static bool is_good(const struct dm *m)
{
	struct dm_avp avp, inner;

	if (dm_find(dm_avps(m), 268, 0, 0, &avp))
		return dm_value(&avp) == 2001;
	return dm_find(dm_avps(m), 297, 0, 0, &avp) && /* 2001 and 2002 of a UAR */
	       dm_find(dm_group(&avp), 298, 0, 0, &inner) && dm_value(&inner) / 1000 == 2;
}

/* The requests of one step from the first user on. Returns the CPU seconds of the server, or -1. */
static double play(struct server *s, const struct step *step, long first, long n)
{
	double cpu = cpu_of(s->cpu);
	long sent = 0, got = 0;

	while (got < n) {
		for (; sent < n && sent - got < window; sent++) {
			send_for(s, step, first + sent);
			if (!dm_send(s->peer->fd, &request))
				return -1;
		}
		if (dm_receive(s->peer->fd, &answer, PATIENCE_MS) != 1)
			return -1;
		if (dm_flags(&answer) & 0x80) /* a watchdog; Tw is longer than this takes */
			continue;
		if (!is_good(&answer))
			return -1;
		got++;
	}
	return cpu_of(s->cpu) - cpu;
}

static int play_round(long round)
{
	for (size_t i = 0; i < STEPS; i++) {
		for (size_t j = 0; j < n_servers; j++) {
			double cpu = play(&servers[j], &steps[i], round * count, count);

			if (cpu < 0) {
				fprintf(stderr, "%s of %s failed\n", steps[i].name,
					servers[j].name);
				return -1;
			}
			if (round < 0) /* to get warm */
				continue;
			figures[i].us[j][round] = cpu / (double)count * 1e6;
			figures[i].ratio[j][round] =
			    figures[i].us[0][round] / figures[i].us[j][round];
		}
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, (size_t)rounds, sizeof(*v), compare);
	return v[rounds / 2];
}

static void print(void)
{
	printf("%-20s", "CPU us an answer");
	for (size_t j = 0; j < n_servers; j++)
		printf("  %12s", servers[j].name);
	for (size_t j = 1; j < n_servers; j++)
		printf("   to %-12s", servers[j].name);
	printf("\n");
	for (size_t i = 0; i < STEPS; i++) {
		printf("%-20s", steps[i].name);
		for (size_t j = 0; j < n_servers; j++)
			printf("  %12.1f", median(figures[i].us[j]));
		for (size_t j = 1; j < n_servers; j++) {
			double *r = figures[i].ratio[j], mid = median(r);

			printf("   %.2f (%.2f-%.2f)", mid, r[0], r[rounds - 1]);
		}
		printf("\n");
	}
}

static long size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (long)st.st_size;
}

/* What a MAR adds to the log of the store, which grows as long as somebody reads what was before. */
static int measure_wal(const char *path, const char *what, long first)
{
	char wal[512];
	sqlite3 *db;
	long before;
	double cpu;

	snprintf(wal, sizeof(wal), "%s-wal", path);
	if (sqlite3_open(path, &db) ||
	    sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); BEGIN; SELECT count(*) FROM totals",
			 NULL, NULL, NULL)) {
		fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
		return -1;
	}
	before = size_of(wal);
	cpu = play(&servers[0], &steps[1], first, WAL_MARS);
	printf("octets of the log a MAR, %s: %ld\n", what, (size_of(wal) - before) / WAL_MARS);
	sqlite3_close(db);
	return cpu < 0 ? -1 : 0;
}

static int measure_wals(const char *path)
{
	long first = rounds * count;

	return measure_wal(path, "first", first) ||
		       play(&servers[0], &steps[2], first, WAL_MARS) < 0 ||
		       measure_wal(path, "registered", first)
		   ? -1
		   : 0;
}

static void name_users(struct server *s, char *name)
{
	char *users_of = strchr(name, '=');

	s->name = name;
	strcpy(s->word, "user");
	strcpy(s->domain, "home1.net");
	if (users_of) {
		*users_of++ = '\0';
		sscanf(users_of, "%31[^@]@%63s", s->word, s->domain);
	}
}

static int connect_all(char **argv)
{
	for (; *argv; argv += 3) {
		struct server *s = &servers[n_servers++];

		name_users(s, argv[0]);
		s->address = hss_address = argv[1];
		s->peer = &s->own;
		for (struct server *t = servers; t < s; t++)
			if (strcmp(t->address, s->address) == 0)
				s->peer = t->peer;
		if (clock_getcpuclockid((pid_t)strtol(argv[2], NULL, 10), &s->cpu) ||
		    (s->peer == &s->own &&
		     peer_open(s->peer, "scscf.home1.net", "10.9.9.2") != 2001)) {
			fprintf(stderr, "no connection to %s\n", s->name);
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	int err;

	if (argc < 9 || argc > 6 + 3 * SERVERS_MAX || (argc - 6) % 3)
		return 2;
	users = strtol(argv[1], NULL, 10);
	count = strtol(argv[2], NULL, 10);
	rounds = strtol(argv[3], NULL, 10);
	window = strtol(argv[4], NULL, 10);
	if (users < WAL_MARS || count > users || rounds > ROUNDS_MAX || connect_all(argv + 6))
		return 2;
	err = play_round(-1);
	for (long r = 0; r < rounds && err == 0; r++)
		err = play_round(r);
	if (err == 0) {
		print();
		err = strcmp(argv[5], "-") != 0 ? measure_wals(argv[5]) : 0;
	}
	return err ? 1 : 0;
}
