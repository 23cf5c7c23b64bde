/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An S-CSCF of two ims-hss on one base. Usage: cx-pair numbers USERS, cx-pair pushes, or cx-pair notifications.
 *
 * numbers: MARs for users 0 to USERS-1, half of them to each process, with a window under way at both, so that those of
 * one user cross. All are known, whoever changes them meanwhile. Each sequence number must be new, and above all that
 * this S-CSCF had of the user when it asked. What is refused for the moment, or was under way when a connection broke, is
 * sent again, as Diameter has it; what is not answered then is lost. It ends on SIGTERM, with what is under way.
 *
 * pushes: the S-CSCF is connected to the second process only; what hssctl does at the first ($HSSCTL) must reach it.
 *
 * notifications: an application server is connected to one process only, and what the S-CSCF does at the other is
 * told to it by a Push-Notification-Request; first this way round, then that.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aka/auth.h"
#include "base/slice.h"
#include "unit/hss/diameter/scenarios.h"

enum { WINDOW = 8, JOBS = 2 * WINDOW, USERS_MAX = 1000, RETRY_MS = 200, LOST_MS = 30000 };

static const char *const addresses[2] = {"10.9.9.1", "10.9.9.4"};

static struct user {
	uint64_t last; /* the highest number that came */
	uint64_t *all;
	size_t n, size;
} users[USERS_MAX];

static struct job {
	bool used;
	int at; /* which process has it; -1: waits to be sent */
	long user;
	uint32_t hop;
	uint64_t floor;	    /* what had come of the user when it was first sent */
	int64_t began, due; /* when it began; when it is sent (again) */
	int next;	    /* where it is sent then */
} jobs[JOBS];

static struct peer peers[2] = {{.fd = -1}, {.fd = -1}};
static int64_t reconnect_at[2];
static struct aka_key key;
static unsigned long answered[2], again, refused, unknown, repeated, backwards, lost, broken;

static void note(struct job *j, uint64_t sqn)
{
	struct user *u = &users[j->user];

	backwards += sqn <= j->floor;
	u->last = sqn > u->last ? sqn : u->last;
	if (u->n == u->size) {
		u->size = u->size ? 2 * u->size : 1024;
		u->all = realloc(u->all, u->size * sizeof(*u->all));
		if (!u->all)
			abort();
	}
	u->all[u->n++] = sqn;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void count_repeated(long n)
{
	for (long i = 0; i < n; i++) {
		qsort(users[i].all, users[i].n, sizeof(uint64_t), compare);
		for (size_t k = 1; k < users[i].n; k++)
			repeated += users[i].all[k] == users[i].all[k - 1];
	}
}

/* Somebody has to send it once more, the other one first. */
static void retry(struct job *j, int64_t in)
{
	again++;
	j->next = !j->at;
	j->at = -1;
	j->due = dm_now_ms() + in;
}

static void connection_lost(int at)
{
	broken++;
	peer_close(&peers[at]);
	reconnect_at[at] = dm_now_ms() + RETRY_MS;
	for (int i = 0; i < JOBS; i++)
		if (jobs[i].used && jobs[i].at == at)
			retry(&jobs[i], 0);
}

static void send_job(struct job *j)
{
	static struct dm m;
	char impi[64], impu[64];
	int at = peers[j->next].fd >= 0 ? j->next : !j->next;

	if (peers[at].fd < 0)
		return;
	snprintf(impi, sizeof(impi), "user%ld@home1.net", j->user);
	snprintf(impu, sizeof(impu), "sip:user%ld@home1.net", j->user);
	j->hop = peers[at].next;
	make_mar(&peers[at], &m, impi, impu, "Digest-AKAv1-MD5", 1, NULL);
	dm_end(&m);
	j->at = at;
	j->due = dm_now_ms() + 6000; /* then it is sent again */
	if (!dm_send(peers[at].fd, &m))
		connection_lost(at);
}

/* The number in the vector, 0 without one. */
static uint64_t number_of(const struct dm *m)
{
	struct dm_avp item, challenge;
	struct aka_answer a;

	if (!dm_find(dm_avps(m), 612, TGPP, 0, &item) ||
	    !dm_find(dm_group(&item), 609, TGPP, 0, &challenge) || challenge.len != 32 ||
	    aka_autn_check(&key, challenge.data, challenge.data + 16, &a))
		return 0;
	return a.sqn;
}

static void on_answer(int at, const struct dm *m)
{
	struct dm_avp code;
	struct job *j = NULL;

	for (int i = 0; i < JOBS; i++)
		if (jobs[i].used && jobs[i].at == at && jobs[i].hop == dm_hop(m))
			j = &jobs[i];
	if (!j)
		return; /* too late: it went to the other one */
	if (!dm_find(dm_avps(m), 268, 0, 0, &code) || dm_value(&code) != 2001) {
		refused++;
		unknown += dm_count(dm_avps(m), 297, 0); /* an Experimental-Result: 5001 */
		retry(j, RETRY_MS);
		return;
	}
	note(j, number_of(m));
	answered[at]++;
	j->used = false;
}

static void receive(int at)
{
	static struct dm m;

	if (dm_receive(peers[at].fd, &m, 2000) != 1) {
		connection_lost(at);
		return;
	}
	if (!(dm_flags(&m) & 0x80)) {
		on_answer(at, &m);
		return;
	}
	request_answer(&peers[at], &m, 2001);
}

static void connect_missing(void)
{
	for (int at = 0; at < 2; at++) {
		if (peers[at].fd >= 0 || dm_now_ms() < reconnect_at[at])
			continue;
		hss_address = addresses[at];
		if (peer_open(&peers[at], "scscf.home1.net", "10.9.9.2") != 2001) {
			peer_close(&peers[at]);
			reconnect_at[at] = dm_now_ms() + RETRY_MS;
		}
	}
}

/* Fill the window, send what is due, give up what waits too long. */
static void work(long n_users, bool more, long *next)
{
	for (int i = 0; i < JOBS; i++) {
		struct job *j = &jobs[i];

		if (!j->used && more) {
			*j = (struct job){.used = true,
					  .at = -1,
					  .user = *next % n_users,
					  .floor = users[*next % n_users].last,
					  .began = dm_now_ms(),
					  .next = i % 2};
			/* two jobs for each user, at both processes */
			*next += i % 2;
		}
		if (j->used && dm_now_ms() - j->began > LOST_MS) {
			lost++;
			j->used = false;
		} else if (j->used && j->at >= 0 && dm_now_ms() >= j->due) {
			retry(j, 0);
		}
		if (j->used && j->at < 0 && dm_now_ms() >= j->due)
			send_job(j);
	}
}

static bool anything_open(void)
{
	for (int i = 0; i < JOBS; i++)
		if (jobs[i].used)
			return true;
	return false;
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static int numbers(long n_users)
{
	int64_t began = dm_now_ms();
	long next = 0;

	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	signal(SIGTERM, stop);
	while (!stopped || anything_open()) {
		struct pollfd fds[2];

		connect_missing();
		work(n_users, !stopped, &next);
		for (int at = 0; at < 2; at++)
			fds[at] = (struct pollfd){.fd = peers[at].fd, .events = POLLIN};
		if (poll(fds, 2, 50) <= 0)
			continue;
		for (int at = 0; at < 2; at++)
			if (fds[at].revents && peers[at].fd >= 0)
				receive(at);
	}
	count_repeated(n_users);
	printf("%lu and %lu MARs answered in %ld s; %lu sent again (%lu refused for the moment, "
	       "%lu connections broken); "
	       "numbers repeated %lu, backwards %lu; requests lost %lu; users unknown %lu\n",
	       answered[0], answered[1], (long)(dm_now_ms() - began) / 1000, again, refused, broken,
	       repeated, backwards, lost, unknown);
	CHECK(answered[0] > 0 && answered[1] > 0);
	CHECK(repeated == 0);
	CHECK(backwards == 0);
	CHECK(lost == 0);
	CHECK(unknown == 0);
	return failed != 0;
}

/* ---- pushes ---- */

static struct peer scscf;

static pid_t hssctl(const char *arguments)
{
	pid_t pid = fork();
	char command[1024];

	if (pid)
		return pid;
	snprintf(command, sizeof(command), "exec %s %s", getenv("HSSCTL"), arguments);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static bool succeeded(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What is done at the first process reaches us, who are with the second, once. */
static void reaches(const char *arguments, uint32_t command)
{
	static struct dm m;
	struct dm_avp host;
	pid_t pid = hssctl(arguments);

	if (CHECK_MSG(request_wait(&scscf, &m, command, PATIENCE_MS), "nothing came of: %s",
		      arguments)) {
		CHECK(dm_find(dm_avps(&m), 264, 0, 0, &host) && dm_is(&host, "hss2.home1.net"));
		request_answer(&scscf, &m, 2001);
	}
	CHECK_MSG(succeeded(pid), "hssctl %s", arguments);
	CHECK_MSG(!request_wait(&scscf, &m, command, 2500), "it came twice: %s", arguments);
}

static int pushes(void)
{
	static struct dm m, answer;
	struct dm_avp code;

	hss_address = addresses[1];
	CHECK(peer_open(&scscf, "scscf.home1.net", "10.9.9.2") == 2001);
	make_mar(&scscf, &m, "user0@home1.net", "sip:user0@home1.net", "Digest-AKAv1-MD5", 1, NULL);
	CHECK(request_send(&scscf, &m, &answer));
	make_sar(&scscf, &m, "user0@home1.net", "sip:user0@home1.net", 1, 0);
	CHECK(request_send(&scscf, &m, &answer));
	CHECK(dm_find(dm_avps(&answer), 268, 0, 0, &code) && dm_value(&code) == 2001);
	/* a change, which is an errand in the base */
	reaches("impu set user0@home1.net sip:user0@home1.net display=Other", CMD_PP);
	/* an order, whose outcome is waited for at the first */
	reaches("push user0@home1.net", CMD_PP);
	reaches("deregister user0@home1.net", CMD_RT);
	peer_close(&scscf);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

/* ---- notifications ---- */

/* Subscribe to the state of a user: Subs-Req-Type 0, Data-Reference 11 (IMSUserState). */
static void subscribe(struct peer *as, const char *impu)
{
	static struct dm m, answer;
	struct dm_avp code;
	size_t at;

	request_begin(as, &m, CMD_SN);
	at = dm_open(&m, 700, TGPP);
	dm_text(&m, 601, TGPP, impu);
	dm_close(&m, at);
	dm_u32(&m, 705, TGPP, 0);
	dm_u32(&m, 703, TGPP, 11);
	CHECK(request_send(as, &m, &answer));
	CHECK(dm_find(dm_avps(&answer), 268, 0, 0, &code) && dm_value(&code) == 2001);
}

static bool contains(const struct dm_avp *avp, const char *text)
{
	return memmem(avp->data, avp->len, text, strlen(text)) != NULL;
}

/* The S-CSCF asks, and the application server is told once, by the process that it is connected to. */
static void told(struct peer *as, const char *hss, const char *impi, const char *impu,
		 uint32_t assignment, const char *state)
{
	static struct dm m, answer;
	struct dm_avp avp;

	make_sar(&scscf, &m, impi, impu, assignment, 0);
	CHECK(request_send(&scscf, &m, &answer));
	CHECK(dm_find(dm_avps(&answer), 268, 0, 0, &avp) && dm_value(&avp) == 2001);
	if (!CHECK_MSG(request_wait(as, &m, CMD_PN, PATIENCE_MS), "%s was not told of %s", as->host,
		       state))
		return;
	CHECK(dm_find(dm_avps(&m), 264, 0, 0, &avp) && dm_is(&avp, hss));
	CHECK(dm_find(dm_avps(&m), 702, TGPP, 0, &avp) && contains(&avp, state));
	request_answer(as, &m, 2001);
	CHECK_MSG(!request_wait(as, &m, CMD_PN, 2500), "told twice of %s", state);
}

static int notifications(void)
{
	static const char *const hss[2] = {"hss1.home1.net", "hss2.home1.net"};

	CHECK(succeeded(hssctl("as set as.home1.net data=11 allow=subscribe")));
	for (int at = 0; at < 2; at++) {
		const char *impi = at ? "user2@home1.net" : "user1@home1.net";
		const char *impu = at ? "sip:user2@home1.net" : "sip:user1@home1.net";
		struct peer as;

		hss_address = addresses[at];
		CHECK(peer_open_sh(&as, "as.home1.net", "10.9.9.5") == 2001);
		hss_address = addresses[!at];
		CHECK(peer_open(&scscf, "scscf.home1.net", "10.9.9.2") == 2001);
		subscribe(&as, impu);
		told(&as, hss[at], impi, impu, 1, "<IMSUserState>1</IMSUserState>");
		told(&as, hss[at], impi, impu, 5, "<IMSUserState>0</IMSUserState>");
		peer_close(&as);
		peer_close(&scscf);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "numbers") == 0)
		return numbers(strtol(argv[2], NULL, 10));
	if (argc == 2 && strcmp(argv[1], "notifications") == 0)
		return notifications();
	return argc == 2 && strcmp(argv[1], "pushes") == 0 ? pushes() : 2;
}
