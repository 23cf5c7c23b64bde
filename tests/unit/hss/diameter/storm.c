/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a peer or a stranger may send that must not harm: answers whose AVPs are not what they should
 * be, capabilities that are none, connections that say nothing, and messages changed at random. The
 * seed is printed; STORM_SEED in the environment plays it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scenarios.h"

static struct dm request, answer, message;
static uint64_t random_state;

static uint32_t rnd(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static bool alive(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return access(path, F_OK) == 0;
}

static void still_serves(struct peer *p)
{
	make_lir(p, &request, "sip:nobody@home1.net");
	if (CHECK(request_send(p, &request, &answer)))
		CHECK_ANSWER(p, &request, &answer, 5001, true);
}

/* Header and Session-Id of an answer. */
static void begin_answer(struct dm *m, const struct dm *to)
{
	struct dm_avp session;

	dm_begin(m, dm_flags(to) & 0x40, dm_command(to), dm_command(to) >= 300 ? CX : 0, dm_hop(to),
		 dm_endtoend(to));
	if (dm_find(dm_avps(to), 263, 0, 0, &session))
		dm_add(m, 263, 0, true, session.data, session.len);
}

static void origin(struct dm *m, const struct peer *p)
{
	dm_text(m, 264, 0, p->host);
	dm_text(m, 296, 0, "home1.net");
}

enum { SPOILS = 12 };

/* The ways in which an answer may lack a good Result-Code. */
static void spoil_answer(struct dm *m, const struct peer *p, int how)
{
	static const uint8_t octets[8] = {0, 0, 7, 0xd1, 1, 2, 3, 4};
	size_t at;

	if (how < 8) /* a Result-Code of 0 to 8 octets, 4 apart */
		dm_add(m, 268, 0, true, octets, (size_t)how + (how >= 4));
	if (how == 8) { /* an unknown AVP with the M bit in front */
		dm_add(m, 4711, 9999, true, "x", 1);
		dm_u32(m, 268, 0, 2001);
	}
	if (how == 9) /* a group that is none */
		dm_add(m, 297, 0, true, "abc", 3);
	if (how == 10) { /* a result in the group that has not four octets */
		at = dm_open(m, 297, 0);
		dm_add(m, 298, 0, true, octets, 2);
		dm_close(m, at);
	}
	if (how != 11) /* 11: nothing at all */
		origin(m, p);
	dm_end(m);
}

/* Start a deregistration, and return the RTR that comes of it. */
static bool provoke(struct peer *scscf, FILE **ctl)
{
	char command[1024];

	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	CHECK(request_send(scscf, &request, &answer));
	snprintf(command, sizeof(command), "%s deregister " USER1 " 2>&1", getenv("HSSCTL"));
	*ctl = popen(command, "r");
	return CHECK(*ctl && request_wait(scscf, &request, CMD_RT, PATIENCE_MS));
}

static void spoilt_answers(struct peer *scscf, pid_t pid)
{
	for (int how = 0; how < SPOILS; how++) {
		char line[256] = "";
		FILE *ctl;

		if (!provoke(scscf, &ctl))
			return;
		begin_answer(&message, &request);
		spoil_answer(&message, scscf, how);
		dm_send(scscf->fd, &message);
		CHECK(fgets(line, sizeof(line), ctl) != NULL);
		CHECK_MSG(strstr(line, how == 8 ? "2001" : "cannot be read"), "answer %d: %s", how,
			  line);
		pclose(ctl);
		CHECK_MSG(alive(pid), "answer %d ends the HSS", how);
		still_serves(scscf);
	}
	make_sar(scscf, &request, USER1, PUBLIC1, 5, 0);
	CHECK(request_send(scscf, &request, &answer));
}

/* An answer of another command with the identifier of our RTR takes nothing with it but itself. */
static void crossed_answer(struct peer *scscf)
{
	char line[256] = "";
	FILE *ctl;

	if (!provoke(scscf, &ctl))
		return;
	dm_begin(&message, 0, CMD_DW, 0, dm_hop(&request), dm_endtoend(&request));
	dm_u32(&message, 268, 0, 2001);
	origin(&message, scscf);
	dm_end(&message);
	dm_send(scscf->fd, &message);
	CHECK(fgets(line, sizeof(line), ctl) != NULL);
	CHECK_MSG(strstr(line, "did not answer"), "%s", line);
	pclose(ctl);
	still_serves(scscf);
}

/* A connection after one that failed is proved by watchdogs: here they are answered wrongly. */
static void spoilt_watchdogs(pid_t pid)
{
	for (int how = 0; how < SPOILS; how++) {
		struct peer p;

		for (int tries = 0; tries < 40; tries++) {
			const struct timespec pause = {0, 50000000};

			if (peer_open(&p, "hostile.home1.net", "10.9.9.2") == 2001)
				break;
			peer_close(&p);
			nanosleep(&pause, NULL);
		}
		while (dm_receive(p.fd, &request, 300) == 1)
			if (dm_flags(&request) & 0x80) {
				begin_answer(&message, &request);
				spoil_answer(&message, &p, how);
				dm_send(p.fd, &message);
			}
		peer_close(&p);
		CHECK_MSG(alive(pid), "watchdog answer %d ends the HSS", how);
	}
}

/* From strangers: nobody looks at the name before the capabilities are read. */
static void spoilt_capabilities(pid_t pid)
{
	for (int how = 0; how < 6; how++) {
		int fd = dm_connect("10.9.9.2", hss_address, 3868);
		size_t at, in;

		dm_begin(&message, 0x80, CMD_CE, 0, 1, 1);
		dm_text(&message, 264, 0, how == 5 ? "" : "evil.home1.net");
		dm_text(&message, 296, 0, "home1.net");
		dm_u32(&message, 266, 0, TGPP);
		dm_add(&message, 269, 0, false, "", 0);
		at = dm_open(&message, 260, 0);
		if (how == 0)
			dm_add(&message, 4711, 0, false, "x", 1);
		if (how == 1) {
			in = dm_open(&message, 279, 0);
			dm_close(&message, in);
		}
		dm_u32(&message, 258, 0, CX);
		dm_close(&message, at);
		if (how == 2)
			dm_add(&message, 278, 0, true, "", 0); /* Origin-State-Id */
		if (how == 3)
			dm_add(&message, 257, 0, true, "\0\1\x7f", 3);
		if (how == 4)
			dm_add(&message, 299, 0, true, "ab", 2); /* Inband-Security-Id */
		dm_end(&message);
		dm_send(fd, &message);
		while (dm_receive(fd, &answer, 1000) == 1)
			;
		close(fd);
		CHECK_MSG(alive(pid), "capabilities %d end the HSS", how);
	}
}

/* More than there is room for, silent or with half a message: a peer gets in at once. */
static void silent_connections(void)
{
	enum { N = 400 };
	static int fds[N];
	struct peer p;
	long long begin;

	for (int i = 0; i < N; i++) {
		fds[i] = dm_connect("10.9.9.2", hss_address, 3868);
		if (i % 3 == 1)
			send(fds[i], "\1", 1, MSG_NOSIGNAL);
		else if (i % 3 == 2)
			send(fds[i], "\1\0\0\100\200\0\1\1\0\0\0\0", 12, MSG_NOSIGNAL);
	}
	begin = dm_now_ms();
	CHECK(peer_open(&p, "pinned.home1.net", "10.9.9.3") == 2001);
	CHECK_MSG(dm_now_ms() - begin < 1000, "the peer waited %lld ms", dm_now_ms() - begin);
	peer_close(&p);
	for (int i = 0; i < N; i++)
		close(fds[i]);
}

/* Groups in groups, deeper than there is reason to, and longer than is kept. */
static void add_restoration(struct dm *m)
{
	static const uint8_t contact[3000];
	size_t at = dm_open(m, 639, TGPP), inner, deep[8];
	uint32_t levels = rnd(8);

	dm_text(m, 1, 0, "user2_private@home1.net");
	for (uint32_t n = rnd(3); n > 0; n--) {
		inner = dm_open(m, 649, TGPP);
		dm_text(m, 640, TGPP, "<sip:p;lr>");
		dm_add(m, 641, TGPP, false, contact, rnd(sizeof(contact)));
		for (uint32_t i = 0; i < levels; i++)
			deep[i] = dm_open(m, 642, TGPP);
		dm_u32(m, 654, TGPP, 1);
		for (uint32_t i = levels; i > 0; i--)
			dm_close(m, deep[i - 1]);
		dm_close(m, inner);
	}
	dm_close(m, at);
	dm_u32(m, 648, TGPP, rnd(2));
}

/* A message of one of the kinds that a peer sends. */
static void make_any(struct peer *p)
{
	static const uint8_t resync[30] = {1};

	switch (rnd(8)) {
	case 0:
		make_uar(p, &message, USER1, PUBLIC1);
		dm_u32(&message, 623, TGPP, rnd(3));
		break;
	case 1:
		make_lir(p, &message, PUBLIC1);
		break;
	case 2:
		make_mar(p, &message, "user2_private@home1.net", "sip:user2_public1@home1.net",
			 "Digest-AKAv1-MD5", 1, rnd(2) ? resync : NULL);
		break;
	case 3:
		make_sar(p, &message, "user2_private@home1.net", "sip:user2_public1@home1.net",
			 rnd(12), rnd(2));
		if (rnd(2))
			add_restoration(&message);
		break;
	case 4: /* watchdog, its answer, good-bye, capabilities */
	case 5:
		dm_begin(&message, rnd(2) ? 0x80 : 0,
			 rnd(2)	  ? CMD_DW
			 : rnd(2) ? CMD_DP
				  : CMD_CE,
			 0, rnd(4), 1);
		dm_u32(&message, 268, 0, 2001);
		origin(&message, p);
		dm_u32(&message, rnd(2) ? 278 : 273, 0, rnd(3));
		break;
	default: /* what travels past proxies, and nobody's command */
		request_begin(p, &message, rnd(2) ? 300 + rnd(12) : rnd(400));
		dm_add(&message, 282, 0, true, "proxy.home1.net", 15);
		{
			size_t at = dm_open(&message, 284, 0);

			dm_text(&message, 280, 0, "proxy.home1.net");
			dm_text(&message, 33, 0, "state");
			dm_close(&message, at);
		}
		dm_text(&message, 1, 0, "realm.net!" USER1);
	}
	dm_end(&message);
}

/* Change some octets behind the first four: the connection goes on. */
static void change(void)
{
	for (uint32_t n = rnd(4); n > 0; n--) {
		size_t at = 4 + rnd((uint32_t)message.len - 4);

		message.octets[at] =
		    rnd(2) ? (uint8_t)rnd(256) : (uint8_t)(message.octets[at] ^ 1u << rnd(8));
	}
}

/* Meanwhile others are served, and answer the watchdogs of the HSS. */
static void random_messages(struct peer *icscf, struct peer *scscf, pid_t pid, int seconds)
{
	long long end = dm_now_ms() + seconds * 1000LL, served = dm_now_ms();
	unsigned long sent = 0, opened = 0;

	while (dm_now_ms() < end && alive(pid)) {
		struct peer p;

		if (dm_now_ms() - served > 5000) {
			still_serves(icscf);
			still_serves(scscf);
			served = dm_now_ms();
		}
		if (peer_open(&p, "hostile.home1.net", "10.9.9.2") != 2001) {
			const struct timespec pause = {0, 20000000};

			peer_close(&p);
			nanosleep(&pause, NULL);
			continue;
		}
		opened++;
		for (int i = 0; i < 200; i++) {
			make_any(&p);
			change();
			if (!dm_send(p.fd, &message))
				break;
			sent++;
			while (dm_receive(p.fd, &answer, 0) == 1)
				;
		}
		peer_close(&p);
	}
	printf("%lu messages changed at random over %lu connections\n", sent, opened);
	CHECK(alive(pid));
	CHECK(sent > 100);
}

void play_storm(struct peer *icscf, struct peer *scscf, pid_t pid, int seconds)
{
	const char *seed = getenv("STORM_SEED");

	random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)pid << 20;
	printf("STORM_SEED=%llu\n", (unsigned long long)random_state);
	spoilt_answers(scscf, pid);
	crossed_answer(scscf);
	spoilt_capabilities(pid);
	still_serves(icscf);
	silent_connections();
	still_serves(icscf);
	spoilt_watchdogs(pid);
	still_serves(icscf);
	if (seconds)
		random_messages(icscf, scscf, pid, seconds);
	still_serves(icscf);
	still_serves(scscf);
}
