/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP <-> SRTP through ims-agw with and without source filters and without io_uring, rtpengine
 * (userspace) and a plain relay as the floor, in turn: CPU per packet, loss, and what happens above
 * what a core can carry. With BENCH_BEFORE=PROGRAM another ims-agw takes its turns, too. The relay
 * has CPU 0, the load CPU 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include "agw/media/srtp_crypto.h"
#include "bench/agw/common.h"
#include "bench/agw/load.h"
#include "bench/agw/relays.h"

enum { AGW, AGW_OPEN, AGW_CALLS, RTPENGINE, PLAIN, BEFORE, BEFORE_OPEN, RELAYS };
static const struct relay *const relays[RELAYS] = {
    &relay_agw,	  &relay_agw_open, &relay_agw_calls,   &relay_rtpengine,
    &relay_plain, &relay_before,   &relay_before_open,
};

static bool is_ours(int which)
{
	return which != RTPENGINE && which != PLAIN;
}

static void spin(void *arg)
{
	(void)arg;
	for (volatile unsigned n = 0;; n++)
		;
}

enum { NEIGHBOURS = 3 };

/*
 * Neighbours that spin leave the relay a quarter of the core; it then gets what a whole one
 * carried. What comes through must be right, and all of it again as soon as the neighbours are gone
 * and the rate is the normal one.
 */
static int overload(const struct relay *relay, pid_t pid, double us, double seconds, double rate)
{
	pid_t neighbour[NEIGHBOURS];
	struct load_result r, calm;

	for (int i = 0; i < NEIGHBOURS; i++)
		neighbour[i] = bench_fork(spin, NULL);
	r = load_run(pid, seconds, 1e6 / us);
	for (int i = 0; i < NEIGHBOURS; i++)
		bench_end(neighbour[i]);
	calm = load_run(pid, seconds, rate);
	printf("  %-9s above what it can carry: %.0f packets/s in, %.0f out, wrong %llu; back at "
	       "the normal rate: loss %.3f %%, latest %.1f ms, wrong %llu\n",
	       relay->name, r.sent, r.got, (unsigned long long)r.wrong, calm.loss, calm.late_ms,
	       (unsigned long long)calm.wrong);
	return r.wrong || calm.wrong;
}

static void print_ratio(const char *what, const double *a, const double *b, int rounds)
{
	double ratio[BENCH_ROUNDS_MAX];
	struct spread s;

	for (int i = 0; i < rounds; i++)
		ratio[i] = b[i] > 0 ? a[i] / b[i] : 0;
	s = bench_spread(ratio, (size_t)rounds);
	printf("%-36s %.2f / %.2f / %.2f\n", what, s.min, s.median, s.max);
}

/* bench_rtp ROUNDS SECONDS STREAMS [RELAY]: one relay alone if it is named, for a profiler. */
static int bench(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3, streams = argc > 3 ? atoi(argv[3]) : 600;
	int only = argc > 4 ? atoi(argv[4]) : -1, bad = 0;
	int n = getenv("BENCH_BEFORE") ? RELAYS : BEFORE;
	double seconds = argc > 2 ? atof(argv[2]) : 3, rate = streams * 100.0;
	double us[RELAYS][BENCH_ROUNDS_MAX] = {{0}};

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX || streams < 1 || streams > LOAD_STREAMS_MAX)
		return 2;
	if (srtp_init() != srtp_err_status_ok || srtp_crypto_install() < 0 ||
	    load_open(streams) < 0)
		return 1;
	if (getenv("BENCH_CHECK_ALL"))
		load.check_every = 1;
	printf("RTP <-> SRTP, %d two-way streams, 20 ms, %.0f packets/s, %.0f s a run\n", streams,
	       rate, seconds);
	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < n; k++) {
			int which = (k + i) % n;
			const struct relay *relay = relays[which];
			struct load_result r;
			pid_t pid;

			if (only >= 0 && which != only)
				continue;
			load.clear = relay->clear;
			pid = relay->up();
			if (pid <= 0) {
				fprintf(stderr, "%s does not start\n", relay->name);
				return 1;
			}
			load_run(pid, 0.5, rate);
			r = load_run(pid, seconds, rate);
			us[which][i] = r.us;
			bad |= r.wrong && is_ours(which);
			printf("  round %d %-9s %6.2f us/packet, %.0f packets/s, loss %.3f %%, CPU "
			       "%3.0f %%, 99 %% within %.2f ms, latest %.1f ms, wrong %llu\n",
			       i + 1, relay->name, r.us, r.sent, r.loss, r.percent, r.late99_ms,
			       r.late_ms, (unsigned long long)r.wrong);
			if (i == rounds - 1 && which != PLAIN &&
			    (only < 0 || load.check_every == 1))
				bad |= overload(relay, pid, r.us, seconds, rate) && is_ours(which);
			load_drop_keys();
			relay->down(pid);
		}
	if (only >= 0)
		return bad;
	for (int k = 0; k < n; k++) {
		struct spread s = bench_spread(us[k], (size_t)rounds);

		printf("%-10s us/packet %16s %.2f / %.2f / %.2f\n", relays[k]->name, "", s.min,
		       s.median, s.max);
	}
	print_ratio("to rtpengine, same round (aim 0.45)", us[AGW], us[RTPENGINE], rounds);
	print_ratio("the same without source filters", us[AGW_OPEN], us[RTPENGINE], rounds);
	print_ratio("the same without io_uring", us[AGW_CALLS], us[RTPENGINE], rounds);
	print_ratio("to a plain relay, no crypto (aim 1)", us[AGW], us[PLAIN], rounds);
	print_ratio("the same without source filters", us[AGW_OPEN], us[PLAIN], rounds);
	print_ratio("the same without io_uring", us[AGW_CALLS], us[PLAIN], rounds);
	if (n == RELAYS) {
		print_ratio("before, to the plain relay", us[BEFORE], us[PLAIN], rounds);
		print_ratio("the same without source filters", us[BEFORE_OPEN], us[PLAIN], rounds);
		print_ratio("to before", us[AGW], us[BEFORE], rounds);
		print_ratio("the same without source filters", us[AGW_OPEN], us[BEFORE_OPEN],
			    rounds);
	}
	return bad;
}

int main(int argc, char **argv)
{
	return bench_main(bench, argc, argv);
}
