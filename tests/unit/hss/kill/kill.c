/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds of: start ims-hss, ask UAR, MAR and SAR as fast as it answers while others change the store by hssctl and
 * REST, and kill -9 all of them at a random moment. Then the store is whole, what was answered is kept, and no sequence
 * number was given twice or backwards. Arguments: rounds, the folder that check-kill made, BUILD, write-on.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aka/auth.h"
#include "base/slice.h"
#include "unit/hss/diameter/scenarios.h"
#include "unit/hss/kill/store_check.h"

enum { USERS = 200, WINDOW = 16, LEAST_MS = 20, MOST_MS = 700 };

static const char *dir, *build, *write_on;
static struct dm request, answer;
static struct aka_key key;

/* What was answered about a user, in all rounds. */
static struct user {
	uint64_t sqn;
	bool registered;
	bool unsure; /* asked and not answered */
} users[USERS];

/* Under way, by the hop-by-hop identifier of the request. */
static struct asked {
	uint32_t hop;
	int user;
	uint32_t command;
	bool registers;
} under_way[WINDOW];
static unsigned long vectors, answers;
static long written; /* subscriptions in the end */

static pid_t start(const char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		setpgid(0, 0);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	setpgid(pid, pid);
	return pid;
}

static pid_t start_hss(void)
{
	char program[512], conf[512];
	const char *argv[] = {program, "-c", conf, NULL};

	snprintf(program, sizeof(program), "%s/bin/ims-hss", build);
	snprintf(conf, sizeof(conf), "%s/ims-hss.conf", dir);
	return start(argv);
}

static pid_t start_writer(const char *how)
{
	const char *argv[] = {write_on, build, dir, how, NULL};

	return start(argv);
}

static bool connect_to(struct peer *p, const char *host)
{
	for (long long end = dm_now_ms() + PATIENCE_MS; dm_now_ms() < end; usleep(10000))
		if (peer_open(p, host, "10.9.9.2") == 2001)
			return true;
		else
			peer_close(p);
	return false;
}

/* One of the requests of a registration for a user for whom nothing is under way. */
static bool ask(struct peer *p, struct asked *a)
{
	char impi[64], impu[64];
	int user = (int)(random() % USERS);

	for (size_t i = 0; i < WINDOW; i++)
		if (under_way[i].hop && under_way[i].user == user)
			return true;
	snprintf(impi, sizeof(impi), "u%d@home1.net", user);
	snprintf(impu, sizeof(impu), "sip:u%d@home1.net", user);
	*a = (struct asked){p->next, user, CMD_UA, false};
	switch (random() % 4) {
	case 0:
		make_uar(p, &request, impi, impu);
		break;
	case 1:
	case 2:
		a->command = CMD_MA;
		make_mar(p, &request, impi, impu, "Digest-AKAv1-MD5", 1, NULL);
		break;
	default:
		a->command = CMD_SA;
		a->registers = !users[user].registered;
		users[user].unsure = true;
		make_sar(p, &request, impi, impu, a->registers ? 1 : 5, 0);
	}
	dm_end(&request);
	return dm_send(p->fd, &request);
}

static void on_vector(struct user *u, struct dm_avp *item)
{
	struct aka_answer a = {.sqn = 0};
	struct dm_avp challenge;

	if (!CHECK(dm_find(dm_group(item), 609, TGPP, 0, &challenge) && challenge.len == 32) ||
	    !CHECK(aka_autn_check(&key, challenge.data, challenge.data + 16, &a) == 0))
		return;
	CHECK_MSG(a.sqn > u->sqn, "SQN %" PRIx64 " after %" PRIx64, a.sqn, u->sqn);
	u->sqn = a.sqn;
	vectors++;
}

static uint32_t result_of(const struct dm *m)
{
	struct dm_avp avp, inner;

	if (dm_find(dm_avps(m), 268, 0, 0, &avp))
		return dm_value(&avp);
	return dm_find(dm_avps(m), 297, 0, 0, &avp) && dm_find(dm_group(&avp), 298, 0, 0, &inner)
		   ? dm_value(&inner)
		   : 0;
}

static void on_answer(void)
{
	struct asked *a = NULL;
	struct dm_avp item;
	struct user *u;

	for (size_t i = 0; i < WINDOW; i++)
		if (under_way[i].hop == dm_hop(&answer))
			a = &under_way[i];
	if (!CHECK(a))
		return;
	u = &users[a->user];
	answers++;
	if (a->command == CMD_MA && CHECK(dm_find(dm_avps(&answer), 612, TGPP, 0, &item)))
		on_vector(u, &item);
	if (a->command == CMD_SA) {
		/* he whose deregistration was kept but not answered is asked for once more */
		if (CHECK_MSG(result_of(&answer) == 2001 || !a->registers, "SAA %u",
			      result_of(&answer)))
			u->registered = a->registers;
		u->unsure = false;
	}
	a->hop = 0;
}

/* Until it is killed, which nobody here tells. */
static void ask_until(struct peer *p, long long end)
{
	bool ok = true;

	while (ok && dm_now_ms() < end) {
		for (size_t i = 0; i < WINDOW && ok; i++)
			if (!under_way[i].hop)
				ok = ask(p, &under_way[i]);
		ok = ok && dm_receive(p->fd, &answer, PATIENCE_MS) == 1;
		if (ok && !(dm_flags(&answer) & 0x80))
			on_answer();
	}
	CHECK_MSG(ok, "no answer in %d ms", PATIENCE_MS);
}

/* What had been sent when it died. */
static void read_the_rest(struct peer *p)
{
	while (dm_receive(p->fd, &answer, 100) == 1)
		if (!(dm_flags(&answer) & 0x80))
			on_answer();
	peer_close(p);
	memset(under_way, 0, sizeof(under_way));
}

/* Registered is whose S-CSCF was told so. */
static void look_at_users(void)
{
	struct peer p;
	char impu[64];

	if (!CHECK(connect_to(&p, "icscf.home1.net")))
		return;
	for (int i = 0; i < USERS; i++) {
		struct user *u = &users[i];

		snprintf(impu, sizeof(impu), "tel:+49%d",
			 i); /* of the set, never asked for alone */
		make_lir(&p, &request, impu);
		if (!CHECK(request_send(&p, &request, &answer)))
			break;
		if (!u->unsure && u->registered)
			CHECK_MSG(result_of(&answer) == 2001,
				  "user %d has lost a registration that was answered", i);
	}
	peer_close(&p);
}

static void end_of(pid_t pid)
{
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void round_of(long n)
{
	char path[512];
	pid_t hss = start_hss(), writer[2];
	long lives = LEAST_MS + random() % (MOST_MS - LEAST_MS);
	struct peer p;

	if (!CHECK_MSG(connect_to(&p, "scscf.home1.net"), "round %ld: it does not start", n)) {
		end_of(hss);
		return;
	}
	look_at_users();
	writer[0] = start_writer("hssctl");
	writer[1] = start_writer("rest");
	ask_until(&p, dm_now_ms() + lives);
	kill(hss, SIGKILL);
	end_of(writer[0]);
	end_of(writer[1]);
	end_of(hss);
	read_the_rest(&p);
	snprintf(path, sizeof(path), "%s/control", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/hss.db", dir);
	written = store_check(path);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	const char *given = getenv("KILL_SEED");
	unsigned int seed =
	    given ? (unsigned int)strtoul(given, NULL, 10) : (unsigned int)time(NULL);

	if (argc != 5 || rounds < 1)
		return 2;
	dir = argv[2];
	build = argv[3];
	write_on = argv[4];
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	srandom(seed);
	printf("KILL_SEED=%u\n", seed);
	for (long n = 0; n < rounds && failed < 20; n++)
		round_of(n);
	/* a few rounds on a busy machine may be too short for them */
	CHECK_MSG(written > USERS || rounds < 100, "the writers wrote nothing: %ld subscriptions",
		  written);
	printf("%ld rounds, %lu answers, %lu vectors\n", rounds, answers, vectors);
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !vectors;
}
