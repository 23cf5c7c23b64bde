/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * More requests than the HSS can answer in time. It has requests_max 60; HOLD_STORE is a shell of its database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scenarios.h"

enum { PLACES = 60, BURST = 400, FLOOD = 6000, WINDOW = 200 };

static struct dm request, answer;

static uint32_t result_of(const struct dm *m)
{
	struct dm_avp avp;

	return dm_find(dm_avps(m), 268, 0, 0, &avp) ? dm_value(&avp) : 0;
}

static void send_mar(struct peer *p)
{
	make_mar(p, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	dm_end(&request);
	CHECK(dm_send(p->fd, &request));
}

/* Take so many answers; counted by their result. */
static void take(struct peer *p, int n, int *good, int *busy, int *other)
{
	for (int i = 0; i < n; i++) {
		uint32_t result;

		if (!CHECK(dm_receive(p->fd, &answer, PATIENCE_MS) == 1))
			return;
		result = result_of(&answer);
		++*(result == 2001 ? good : result == 3004 ? busy : other);
	}
}

static void watchdog(struct peer *p)
{
	dm_begin(&request, 0x80, CMD_DW, 0, p->next, p->next);
	p->next++;
	dm_text(&request, 264, 0, p->host);
	dm_text(&request, 296, 0, "home1.net");
	CHECK(request_send(p, &request, &answer));
	CHECK(dm_command(&answer) == CMD_DW && result_of(&answer) == 2001);
}

/*
 * Another process holds the store: who came first waits for it, everybody else is told at once, and so is he
 * who asks whether the HSS lives.
 */
static void while_the_store_is_held(struct peer *one, struct peer *other_peer)
{
	int good = 0, busy = 0, other = 0;
	FILE *holder = popen(getenv("HOLD_STORE"), "we");
	int64_t began;

	if (!CHECK(holder != NULL))
		return;
	fprintf(holder, "BEGIN IMMEDIATE;\n.shell echo held > held\n");
	fflush(holder);
	for (int i = 0; i < 200 && access("held", F_OK); i++)
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	began = dm_now_ms();
	for (int i = 0; i < BURST; i++)
		send_mar(one);
	take(one, BURST - PLACES, &good, &busy, &other);
	CHECK_MSG(busy == BURST - PLACES, "%d were told TOO_BUSY, %d had an answer, %d another",
		  busy, good, other);
	CHECK_ANSWER(one, &request, &answer, 3004, false); /* the last one */
	make_uar(other_peer, &request, USER1, PUBLIC1);	   /* the places are everybody's */
	CHECK(request_send(other_peer, &request, &answer));
	CHECK_ANSWER(other_peer, &request, &answer, 3004, false);
	watchdog(one);
	watchdog(other_peer);
	CHECK_MSG(dm_now_ms() - began < 1500, "it took %" PRId64 " ms", dm_now_ms() - began);
	fprintf(holder, "ROLLBACK;\n");
	pclose(holder);
	take(one, PLACES, &good, &busy, &other);
	CHECK_MSG(good == PLACES && other == 0, "of those let in %d had an answer, %d another",
		  good, other);
	make_uar(other_peer, &request, USER1, PUBLIC1);
	CHECK(request_send(other_peer, &request, &answer));
	CHECK_ANSWER(other_peer, &request, &answer, 2002, true);
}

/* Real load: as fast as it goes, with more under way than there are places. Nothing is lost. */
static void flood(struct peer *p)
{
	int good = 0, busy = 0, other = 0, sent = 0, taken = 0;
	int64_t began = dm_now_ms();

	while (taken < FLOOD) {
		while (sent < FLOOD && sent - taken < WINDOW) {
			send_mar(p);
			sent++;
		}
		take(p, 1, &good, &busy, &other);
		taken++;
	}
	printf("%d MAR, %d at a time with %d places: %d answered, %d told TOO_BUSY, in %" PRId64
	       " ms\n",
	       FLOOD, WINDOW, PLACES, good, busy, dm_now_ms() - began);
	CHECK_MSG(good + busy == FLOOD && good > 0 && busy > 0, "%d, %d, and %d others", good, busy,
		  other);
}

void play_overload(void)
{
	struct peer scscf, icscf;

	CHECK(peer_open(&scscf, "scscf.home1.net", "10.9.9.2") == 2001);
	CHECK(peer_open(&icscf, "icscf.home1.net", "10.9.9.2") == 2001);
	while_the_store_is_held(&scscf, &icscf);
	flood(&scscf);
	peer_close(&scscf);
	peer_close(&icscf);
}
