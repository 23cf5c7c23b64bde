/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What control costs: CPU of ims-agw per H.248 transaction over UDP (Add, Modify, Subtract of one
 * termination, many calls at a time), without a stream and with one whose socket is opened, and the
 * memory of contexts that only exist.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agw/rig.h"
#include "bench/agw/common.h"
#include "h248/association.h"
#include "h248/run.h"

enum { AT_ONCE = 32, IDLE = 10000 };

/* Ports for all that is idle; the rig's realms are small. */
static const char realm[] =
    "workers = 1\nlog_level = 4\ncontexts_max = 20000\n"
    "[realm wide]\nipdc = wide.ims\naddress = 10.0.0.9\nports = 2000-60000\n";

enum kind { NO_STREAM, ONE_STREAM };
static const char *const kind_names[] = {"no stream", "a stream with its port"};

static const char stream_add[] =
    "Context = $ { Add = ip/wide/$ { Media { Stream = 1 { LocalControl { "
    "Mode = Inactive }, Local {\nc=IN IP4 $\nm=audio $ RTP/AVP 8\n} } "
    "} } }";
static const char stream_modify[] = "Context = %u { Modify = %.*s { Media { Stream = 1 { "
				    "LocalControl { Mode = SendReceive } } } } }";
static const char plain_add[] = "Context = $ { Add = ip/wide/$ }";
static const char plain_modify[] = "Context = %u { Modify = %.*s { Events = 1 { g/cause } } }";

static struct {
	enum kind kind;
	bool keep; /* only Add */
	unsigned begun, ended, transactions, failed;
} b;

struct call {
	bool busy, modified;
};
static struct call calls[AT_ONCE];

static void next_step(void *user, enum h248_outcome outcome, const struct h248_transaction *reply);

static void ask(struct call *c, const char *text)
{
	if (h248_request_text(rig_peer(), text, next_step, c, h248_now_ms()) != H248_OK) {
		b.failed++;
		c->busy = false;
	}
}

static void begin(struct call *c)
{
	*c = (struct call){.busy = true};
	b.begun++;
	ask(c, b.kind == ONE_STREAM ? stream_add : plain_add);
}

static void next_step(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	struct call *c = user;
	char text[300];

	b.transactions++;
	if (outcome != H248_REPLIED || !reply->actions || !reply->actions->commands ||
	    reply->actions->commands->error.code) {
		b.failed++;
		c->busy = false;
		return;
	}
	const struct h248_action *a = reply->actions;
	const struct slice tid = a->commands->tid.id;

	if (b.keep || a->commands->kind == H248_SUBTRACT) {
		b.ended++;
		c->busy = false;
		return;
	}
	snprintf(text, sizeof(text),
		 c->modified		? "Context = %u { Subtract = %.*s }"
		 : b.kind == ONE_STREAM ? stream_modify
					: plain_modify,
		 a->context, (int)tid.len, tid.p);
	c->modified = true;
	ask(c, text);
}

/* Run n calls, AT_ONCE at a time. */
static void run(enum kind kind, bool keep, unsigned n)
{
	memset(&b, 0, sizeof(b));
	b.kind = kind;
	b.keep = keep;
	while (b.ended + b.failed < n) {
		for (int i = 0; i < AT_ONCE && b.begun < n; i++)
			if (!calls[i].busy)
				begin(&calls[i]);
		rig_run(100);
	}
	ck_assert_uint_eq(b.failed, 0);
}

static long rss_kb(void)
{
	char path[64], line[128];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", rig_pid());
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %ld", &kb);
	fclose(f);
	return kb;
}

static void transactions(enum kind kind, int rounds, unsigned n)
{
	double us[BENCH_ROUNDS_MAX];
	struct spread s;

	for (int i = 0; i < rounds; i++) {
		int64_t cpu;

		run(kind, false, n / 10);
		cpu = bench_cpu_ns(rig_pid());
		run(kind, false, n);
		us[i] = (double)(bench_cpu_ns(rig_pid()) - cpu) / 1000.0 / b.transactions;
	}
	s = bench_spread(us, (size_t)rounds);
	printf("H.248 transaction, %-22s us of CPU %6.1f / %6.1f / %6.1f: %.0f a CPU-second (goal "
	       "50000)\n",
	       kind_names[kind], s.min, s.median, s.max, 1e6 / s.median);
}

/* CPU while nothing happens, in percent of a core. */
static double idle_percent(void)
{
	enum { SECONDS = 4 };
	int64_t cpu;

	rig_serve(500);
	cpu = bench_cpu_ns(rig_pid());
	rig_serve(SECONDS * 1000);
	return (double)(bench_cpu_ns(rig_pid()) - cpu) / (SECONDS * 1e7);
}

static void idle_contexts(enum kind kind)
{
	double none = idle_percent();
	long before = rss_kb();

	run(kind, true, IDLE);
	printf("%d idle contexts, %-22s %ld bytes each, %.2f %% of a core (none: %.2f %%)\n", IDLE,
	       kind_names[kind], (rss_kb() - before) * 1024 / IDLE, idle_percent(), none);
	mgc_do("Context = * { W-Subtract = * { Audit { } } }");
}

/*
 * bench_control ROUNDS [CALLS]: with CALLS only transactions. All of a run must fit in what the
 * gateway remembers of answered requests (h248_timers, max_remembered), which it does up to 16
 * rounds of 3,000.
 */
static int bench(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3;
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 3000;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX)
		return 2;
	for (enum kind kind = NO_STREAM; kind <= ONE_STREAM; kind++) {
		rig_start(realm); /* fresh: memory that was used once would not be counted again */
		if (argc <= 2)
			idle_contexts(kind);
		transactions(kind, rounds, n);
		rig_stop();
	}
	return 0;
}

int main(int argc, char **argv)
{
	return bench_main(bench, argc, argv);
}
