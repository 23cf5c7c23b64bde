/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays an I-CSCF and an S-CSCF against ims-hss on 10.9.9.1. Arguments: the process id of ims-hss,
 * and perhaps the number of rounds of the memory check and the seconds of the storm; or "reconnect"
 * and the process id of one on 10.9.9.4; or "rotation" or "spoilt", of the master key; or "overload". check-diameter sets the scene.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "scenarios.h"

static struct dm request, answer;

/* ims-hss needs no more, whatever one peer sends without reading. */
enum { PEAK_KB = 64 * 1024 };

/* A figure of /proc, such as "VmRSS:". */
static long memory_kb(pid_t pid, const char *which)
{
	char path[64], line[128];
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, which, strlen(which)) == 0)
			kb = strtol(line + strlen(which), NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void one_round(struct peer *icscf, struct peer *scscf)
{
	make_uar(icscf, &request, USER1, PUBLIC1);
	if (!request_send(icscf, &request, &answer))
		failed++;
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	if (!request_send(scscf, &request, &answer))
		failed++;
	make_sar(scscf, &request, USER1, PUBLIC1, 1, 0);
	if (!request_send(scscf, &request, &answer))
		failed++;
}

static void memory_stays(struct peer *icscf, struct peer *scscf, pid_t pid, int rounds)
{
	struct timespec a, b;
	long before, after;
	double s;

	for (int i = 0; i < rounds / 4; i++)
		one_round(icscf, scscf);
	before = memory_kb(pid, "VmRSS:");
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < rounds; i++)
		one_round(icscf, scscf);
	clock_gettime(CLOCK_MONOTONIC, &b);
	after = memory_kb(pid, "VmRSS:");
	s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	printf("%d rounds of UAR, MAR, SAR in %.2f s, one after the other: %.0f answers/s; %ld kB "
	       "before, %ld after\n",
	       rounds, s, 3 * rounds / s, before, after);
	CHECK_MSG(before > 0 && after - before < 256, "memory grew by %ld kB", after - before);
}

static void stop(struct peer *icscf, struct peer *scscf, pid_t pid)
{
	struct dm_avp cause;

	struct timespec a, b;
	char more;

	kill(pid, SIGTERM);
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (CHECK(request_wait(scscf, &request, CMD_DP, PATIENCE_MS))) {
		CHECK(dm_find(dm_avps(&request), 273, 0, 0, &cause) &&
		      dm_value(&cause) == 0); /* REBOOTING */
		request_answer(scscf, &request, 2001);
	}
	/* who does not answer holds nobody up */
	CHECK(request_wait(icscf, &request, CMD_DP, PATIENCE_MS));
	while (recv(icscf->fd, &more, 1, 0) > 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK_MSG(b.tv_sec - a.tv_sec <= 5, "to end took %ld s", (long)(b.tv_sec - a.tv_sec));
}

int main(int argc, char **argv)
{
	struct peer icscf, scscf;
	pid_t pid = argc > 1 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1000;
	int seconds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2 && strcmp(argv[1], "reconnect") == 0) {
		hss_address = "10.9.9.4";
		play_reconnect((pid_t)strtol(argv[2], NULL, 10));
		printf("%u passed, %u failed\n", passed, failed);
		return failed ? 1 : 0;
	}
	if (argc > 1 && strcmp(argv[1], "overload") == 0) {
		play_overload();
		printf("%u passed, %u failed\n", passed, failed);
		return failed ? 1 : 0;
	}
	if (argc > 1 && (strcmp(argv[1], "rotation") == 0 || strcmp(argv[1], "spoilt") == 0)) {
		CHECK(peer_open(&scscf, "scscf.home1.net", "10.9.9.2") == 2001);
		if (strcmp(argv[1], "rotation") == 0)
			play_rotation(&scscf);
		else
			play_spoilt(&scscf);
		peer_close(&scscf);
		printf("%u passed, %u failed\n", passed, failed);
		return failed ? 1 : 0;
	}
	CHECK(peer_open(&icscf, "icscf.home1.net", "10.9.9.2") == 2001);
	CHECK(peer_open(&scscf, "scscf.home1.net", "10.9.9.2") == 2001);
	play_registration(&icscf, &scscf);
	play_refusals(&icscf, &scscf);
	play_pushes(&icscf, &scscf);
	play_hostile(&icscf);
	CHECK_MSG(memory_kb(pid, "VmHWM:") < PEAK_KB, "%ld kB at the most",
		  memory_kb(pid, "VmHWM:"));
	play_storm(&icscf, &scscf, pid, seconds);
	memory_stays(&icscf, &scscf, pid, rounds);
	stop(&icscf, &scscf, pid);
	peer_close(&icscf);
	peer_close(&scscf);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
