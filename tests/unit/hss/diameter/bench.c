/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an answer costs the HSS: requests for users 0 to N-1 in turn, with a window of them under
 * way. Arguments: the process id of ims-hss, N, requests for each command, window. bench-hss sets
 * the scene.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "scenarios.h"

static struct dm request, answer;
static long users;

static void make_uar_of(struct peer *p, long user)
{
	char impi[64], impu[64];

	snprintf(impi, sizeof(impi), "user%ld@home1.net", user);
	snprintf(impu, sizeof(impu), "sip:user%ld@home1.net", user);
	make_uar(p, &request, impi, impu);
}

static void make_mar_of(struct peer *p, long user)
{
	char impi[64], impu[64];

	snprintf(impi, sizeof(impi), "user%ld@home1.net", user);
	snprintf(impu, sizeof(impu), "sip:user%ld@home1.net", user);
	make_mar(p, &request, impi, impu, "Digest-AKAv1-MD5", 1, NULL);
}

static void make_sar_of_user(struct peer *p, long user)
{
	char impi[64], impu[64];

	snprintf(impi, sizeof(impi), "user%ld@home1.net", user);
	snprintf(impu, sizeof(impu), "sip:user%ld@home1.net", user);
	make_sar(p, &request, impi, impu, 1, 0);
}

static void make_lir_of(struct peer *p, long user)
{
	char impu[64];

	snprintf(impu, sizeof(impu), "tel:+49%ld", user);
	make_lir(p, &request, impu);
}

static double cpu_seconds(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user = 0, system = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f) ||
	    sscanf(line, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		   &system) != 2)
		user = 0;
	if (f)
		fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run(struct peer *p, pid_t pid, const char *name, void (*make)(struct peer *, long),
	       long n, long window)
{
	double t = now(), cpu = cpu_seconds(pid);
	long sent = 0, got = 0, refused = 0;

	while (got < n) {
		struct dm_avp avp;

		for (; sent < n && sent - got < window; sent++) {
			make(p, sent % users);
			dm_end(&request);
			if (!dm_send(p->fd, &request))
				return -1;
		}
		if (dm_receive(p->fd, &answer, 5000) != 1)
			return -1;
		if (dm_flags(&answer) & 0x80) /* a watchdog; Tw is longer than this takes */
			continue;
		got++;
		if ((dm_find(dm_avps(&answer), 268, 0, 0, &avp) && dm_value(&avp) != 2001))
			refused++;
	}
	t = now() - t;
	cpu = cpu_seconds(pid) - cpu;
	printf("%s %8ld answers  %7.0f/s  %6.1f us CPU each  %ld refused\n", name, n, (double)n / t,
	       cpu / (double)n * 1e6, refused);
	return refused ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct peer p;
	pid_t pid;
	long n, window;
	int err;

	if (argc != 5)
		return 2;
	pid = (pid_t)strtol(argv[1], NULL, 10);
	users = strtol(argv[2], NULL, 10);
	n = strtol(argv[3], NULL, 10);
	window = strtol(argv[4], NULL, 10);
	if (peer_open(&p, "scscf.home1.net", "10.9.9.2") != 2001)
		return 1;
	err = run(&p, pid, "UAR", make_uar_of, n, window) |
	      run(&p, pid, "MAR", make_mar_of, n, window) |
	      run(&p, pid, "SAR", make_sar_of_user, n, window) |
	      run(&p, pid, "LIR", make_lir_of, n, window);
	peer_close(&p);
	return err ? 1 : 0;
}
