/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scenarios.h"

#define SCSCF_HOST  "scscf.home1.net"
#define PINNED_HOST "pinned.home1.net" /* may come from 10.9.9.3 only */

enum { HOST_IP_ADDRESS = 257, ORIGIN_REALM = 296, UNABLE_TO_COMPLY = 5012, UNKNOWN_PEER = 3010 };

static struct dm request, answer;

static void pause_ms(int ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

/* A connection after one that failed is proved by watchdogs first (RFC 3539 3.4.1, REOPEN). */
static void serves(struct peer *p)
{
	request_wait(p, &request, 0, 200);
	make_lir(p, &request, "sip:nobody@home1.net");
	CHECK(request_send(p, &request, &answer));
	CHECK_ANSWER(p, &request, &answer, 5001, true);
}

/* Is the connection closed, once what came before is read, within ms? */
static bool is_closed(struct peer *p, int ms)
{
	int rc;

	do
		rc = dm_receive(p->fd, &answer, ms);
	while (rc == 1);
	return rc < 0;
}

static void without_address(void)
{
	struct peer p;

	CHECK(peer_open_without(&p, SCSCF_HOST, "10.9.9.2", ORIGIN_REALM) != 2001);
	peer_close(&p);
	CHECK(peer_open_without(&p, SCSCF_HOST, "10.9.9.2", HOST_IP_ADDRESS) == 2001);
	serves(&p);
	peer_close(&p);
}

/* Who goes and comes at once gets in at the first try, and only from its own address. */
static void at_once(void)
{
	struct peer p;

	for (int i = 0; i < 20; i++) {
		CHECK_MSG(peer_open(&p, SCSCF_HOST, "10.9.9.2") == 2001, "try %d", i);
		peer_close(&p);
	}
	for (int i = 0; i < 5; i++) {
		CHECK_MSG(peer_open(&p, PINNED_HOST, "10.9.9.3") == 2001, "try %d", i);
		peer_close(&p);
		pause_ms(50);
		CHECK_MSG(peer_open(&p, PINNED_HOST, "10.9.9.2") == UNKNOWN_PEER, "try %d", i);
		peer_close(&p);
	}
}

/* A connection that answers is not taken over. */
static void second_connection(struct peer *first)
{
	struct peer p;

	CHECK(peer_open(&p, SCSCF_HOST, "10.9.9.2") == UNABLE_TO_COMPLY);
	CHECK(is_closed(&p, PATIENCE_MS));
	peer_close(&p);
	serves(first);
}

static int suspects(void)
{
	char command[512], line[256];
	int n = 0;
	FILE *f;

	snprintf(command, sizeof(command), "%s status", getenv("HSSCTL"));
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "peer ", 5) == 0 && strstr(line, "SUSPECT"))
			n++;
	if (f)
		pclose(f);
	return n;
}

/* Two peers that answer no watchdog, as after the loss of their machines. */
static void silent(struct peer *scscf, struct peer *pinned)
{
	struct peer stranger, again;
	int n = 0;

	for (int i = 0; i < 240 && (n = suspects()) < 2; i++)
		pause_ms(250);
	CHECK_MSG(n == 2, "%d peers are suspect", n);

	CHECK(peer_open(&stranger, PINNED_HOST, "10.9.9.2") != 2001);
	peer_close(&stranger);
	CHECK(!is_closed(pinned, 300)); /* what a stranger says does not end it */

	CHECK(peer_open(&again, PINNED_HOST, "10.9.9.3") == 2001);
	serves(&again);
	CHECK(is_closed(pinned, PATIENCE_MS));
	peer_close(&again);
	CHECK(peer_open_without(&again, SCSCF_HOST, "10.9.9.2", HOST_IP_ADDRESS) == 2001);
	serves(&again);
	CHECK(is_closed(scscf, PATIENCE_MS));
	peer_close(&again);
}

/* The HSS stands still; meanwhile its peer gives up and connects again. */
static void standstill(pid_t pid)
{
	struct peer p;
	pid_t waker;

	CHECK(peer_open(&p, SCSCF_HOST, "10.9.9.2") == 2001);
	kill(pid, SIGSTOP);
	peer_close(&p);
	waker = fork();
	if (waker == 0) {
		pause_ms(400);
		kill(pid, SIGCONT);
		_exit(0);
	}
	CHECK(peer_open(&p, SCSCF_HOST, "10.9.9.2") == 2001);
	serves(&p);
	peer_close(&p);
	waitpid(waker, NULL, 0);
}

void play_reconnect(pid_t pid)
{
	struct peer scscf, pinned;

	without_address();
	at_once();
	CHECK(peer_open(&scscf, SCSCF_HOST, "10.9.9.2") == 2001);
	CHECK(peer_open(&pinned, PINNED_HOST, "10.9.9.3") == 2001);
	second_connection(&scscf);
	silent(&scscf, &pinned);
	peer_close(&scscf);
	peer_close(&pinned);
	standstill(pid);
}
