/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls per CPU-second of P-CSCFs that let their media through gateways: two of them take turns in one
 * run, so that a machine that slows down slows both; or what one of them does with calls that are held.
 */
#include "bench/alg/calls.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/measure.h"

enum { SIDES = 2, ROUNDS_MAX = 50, IDLE_S = 10 };

struct subject {
	struct side side;
	const char *netns, *ask;
	pid_t pcscf, gateways;	     /* process groups */
	double calls[2][ROUNDS_MAX]; /* a CPU-second: of the P-CSCF, and with its gateways */
};

static struct subject subjects[SIDES];
static unsigned count = 1000, rounds = 7, window = 16, media = 1, hold;

/* CPU seconds of a subject: of the P-CSCF, and with its gateways. */
static void cpu(const struct subject *s, double out[2])
{
	out[0] = bench_group_cpu(s->pcscf);
	out[1] = out[0] + bench_group_cpu(s->gateways);
}

/* So many calls from INVITE to BYE. used: as cpu(). */
static bool whole_calls(struct subject *s, unsigned n, double used[2])
{
	double before[2];
	bool ok;

	if (!side_new_calls(&s->side, n, media))
		return false;
	cpu(s, before);
	ok = side_run(&s->side, CALL_OVER, window);
	cpu(s, used);
	used[0] -= before[0];
	used[1] -= before[1];
	free(s->side.now.call);
	return ok;
}

/* ---- in turn ---- */

static void print_line(const char *what, double *v)
{
	double middle = bench_median(v, rounds);

	printf("  %-34s %8.2f / %8.2f / %8.2f\n", what, v[0], middle, v[rounds - 1]);
}

static void print_comparison(void)
{
	static const char *const of[2] = {"P-CSCF", "P-CSCF and gateways"};
	double ratio[2][ROUNDS_MAX];

	for (unsigned k = 0; k < 2; k++)
		for (unsigned r = 0; r < rounds; r++)
			ratio[k][r] = subjects[0].calls[k][r] / subjects[1].calls[k][r];
	printf("calls with %u m-line%s, a CPU-second, minimum / median / maximum of %u rounds in "
	       "turn:\n",
	       media, media > 1 ? "s" : "", rounds);
	for (unsigned k = 0; k < 2; k++) {
		char text[64];

		for (unsigned who = 0; who < SIDES; who++) {
			snprintf(text, sizeof(text), "%s, %s", subjects[who].side.name, of[k]);
			print_line(text, subjects[who].calls[k]);
		}
		print_line(k ? "ratio with gateways" : "ratio (aim: at least 1.2)", ratio[k]);
	}
}

static bool compare(void)
{
	bool ok = true;

	for (unsigned round = 0; ok && round <= rounds; round++) {
		for (unsigned k = 0; ok && k < SIDES; k++) {
			struct subject *s =
			    &subjects[(k + round) % 2]; /* neither is always first */
			double used[2];

			ok = whole_calls(s, count, used);
			for (unsigned j = 0; j < 2 && round; j++) /* the first round warms up */
				s->calls[j][round - 1] = count / used[j];
		}
		if (ok && round && getenv("BENCH_VERBOSE"))
			printf("  round %u: %.0f and %.0f, with gateways %.0f and %.0f\n", round,
			       subjects[0].calls[0][round - 1], subjects[1].calls[0][round - 1],
			       subjects[0].calls[1][round - 1], subjects[1].calls[1][round - 1]);
	}
	if (ok)
		print_comparison();
	return ok;
}

/* ---- calls that are held ---- */

/* What is held: octets of shared memory, kB of the gateways' memory, contexts. */
struct held {
	double shared, gateways;
	long contexts;
};

static bool look(const struct subject *s, struct held *h)
{
	FILE *f = popen(s->ask, "r");
	bool ok = f && fscanf(f, "%lf %ld", &h->shared, &h->contexts) == 2;

	if (f)
		pclose(f);
	h->gateways = (double)bench_group_rss(s->gateways);
	if (!ok)
		fprintf(stderr, "bench-alg: %s does not say what it holds\n", s->side.name);
	return ok;
}

static void pause_s(unsigned s)
{
	const struct timespec t = {.tv_sec = s};

	nanosleep(&t, NULL);
}

/* Wait until what has ended is forgotten. */
static bool look_at_rest(const struct subject *s, long contexts, struct held *h)
{
	for (unsigned i = 0; i < 60; i++) {
		if (!look(s, h))
			return false;
		if (h->contexts == contexts)
			return true;
		pause_s(1);
	}
	fprintf(stderr, "bench-alg: %s: %ld contexts where %ld should be\n", s->side.name,
		h->contexts, contexts);
	return false;
}

static bool hold_calls(struct subject *s)
{
	double before[2], after[2], up[2], used[2];
	struct held none, all, end;
	struct call_list kept;

	if (!look_at_rest(s, 0, &none) || !side_new_calls(&s->side, hold, media))
		return false;
	cpu(s, before);
	if (!side_run(&s->side, CALL_UP, window))
		return false;
	cpu(s, up);
	pause_s(3);
	if (!look_at_rest(s, hold, &all))
		return false;
	cpu(s, before);
	pause_s(IDLE_S);
	cpu(s, after);
	kept = s->side.now;
	if (!whole_calls(s, count, used))
		return false;
	s->side.now = kept;
	if (!side_run(&s->side, CALL_OVER, window))
		return false;
	free(kept.call);
	pause_s(5);
	if (!look_at_rest(s, 0, &end))
		return false;
	printf("%s, %u calls held with %u m-line%s:\n", s->side.name, hold, media,
	       media > 1 ? "s" : "");
	printf("  idle: %.2f %% of a core in the P-CSCF, %.2f %% in the gateways\n",
	       (after[0] - before[0]) / IDLE_S * 100,
	       (after[1] - after[0] - before[1] + before[0]) / IDLE_S * 100);
	printf("  memory of a call: %.1f kB shared in the P-CSCF, %.1f kB in the gateways\n",
	       (all.shared - none.shared) / hold / 1000, (all.gateways - none.gateways) / hold);
	printf("  another call meanwhile: %.0f us of the P-CSCF, %.0f us of the gateways\n",
	       used[0] / count * 1e6, (used[1] - used[0]) / count * 1e6);
	printf("  ended: 0 contexts, shared memory %+.0f kB\n", (end.shared - none.shared) / 1000);
	return true;
}

/* ---- arguments ---- */

static const char usage[] =
    "Usage: alg-load --subject NAME,NETNS,PGID,PGID,COMMAND [--subject ...] [options]\n"
    "Calls through one P-CSCF, or through two in turn; the process groups are those of the P-CSCF "
    "and of its\n"
    "gateways, the command prints octets of shared memory and the number of contexts.\n"
    "  --count N     calls a round (1000)\n"
    "  --rounds N    counted rounds (7)\n"
    "  --window N    calls that are set up or ended at a time (16)\n"
    "  --media N     m-lines of a description, 1 or 2 (1)\n"
    "  --hold N      hold N calls at each, and look at what they cost, instead of a comparison\n"
    "  --only        just --count calls, for who counts their cost from outside\n";

static bool parse_subject(char *text, struct subject *s)
{
	char *part[5] = {text};

	for (unsigned i = 1; i < 5; i++) {
		part[i] = part[i - 1] ? strchr(part[i - 1], ',') : NULL;
		if (!part[i])
			return false;
		*part[i]++ = '\0';
	}
	s->side.name = part[0];
	s->netns = part[1];
	s->pcscf = atoi(part[2]);
	s->gateways = atoi(part[3]);
	s->ask = part[4];
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"subject", 1, NULL, 's'}, {"count", 1, NULL, 'c'},
						{"rounds", 1, NULL, 'r'},  {"window", 1, NULL, 'w'},
						{"media", 1, NULL, 'm'},   {"hold", 1, NULL, 'h'},
						{"only", 0, NULL, 'o'},	   {NULL, 0, NULL, 0}};
	unsigned n = 0, again = 0;
	bool ok = true, only = false;
	double used[2];
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned number = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;

		if (c == 's')
			ok = ok && n < SIDES && parse_subject(optarg, &subjects[n++]);
		else if (c == 'c')
			count = number;
		else if (c == 'r')
			rounds = number;
		else if (c == 'w')
			window = number;
		else if (c == 'm')
			media = number;
		else if (c == 'h')
			hold = number;
		else
			only = ok = ok && c == 'o';
	}
	if (!ok || !n || !count || !window || media < 1 || media > 2 || rounds < 1 ||
	    rounds > ROUNDS_MAX || (n < SIDES && !hold && !only)) {
		fputs(usage, stderr);
		return 2;
	}
	for (unsigned i = 0; ok && i < n; i++)
		ok = side_open(&subjects[i].side, subjects[i].netns) == 0 &&
		     side_register(&subjects[i].side);
	for (unsigned i = 0; ok && i < n && (hold || only); i++)
		ok = hold ? hold_calls(&subjects[i]) : whole_calls(&subjects[i], count, used);
	if (ok && !hold && !only)
		ok = compare();
	for (unsigned i = 0; i < n; i++)
		again += (unsigned)subjects[i].side.again;
	if (again)
		printf("%u messages were sent again\n", again);
	return ok ? 0 : 1;
}
