/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * h248-bench FILE ROUNDS   Nanoseconds to decode and to encode one message, with every check that a
 * gateway makes before it obeys: grammar, package table, legality of descriptors, and the session
 * descriptions parsed. Prints "pretty decode <ns>", "pretty encode <ns>", "compact ..".
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "h248/check.h"
#include "h248/codec.h"
#include "h248/sdp.h"

static char text[1 << 16], out[1 << 16], memory[1 << 17], spare[1 << 16];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int check_all(const struct h248_message *m, struct h248_arena *arena)
{
	for (const struct h248_transaction *t = m->transactions; t; t = t->next) {
		for (const struct h248_action *a = t->actions; a; a = a->next) {
			for (const struct h248_command *c = a->commands; c; c = c->next) {
				const struct h248_descriptor *d =
				    h248_descriptor_find(c, H248_D_MEDIA);
				struct h248_error error = {0};

				if (h248_check_command(c, a->context, NULL, &error))
					return -1;
				for (const struct h248_stream *s = d ? d->u.media.streams : NULL; s;
				     s = s->next) {
					struct h248_sdp *sdp;

					if (h248_sdp_parse(s->local, arena, &sdp) ||
					    h248_sdp_parse(s->remote, arena, &sdp))
						return -1;
				}
			}
		}
	}
	return 0;
}

static int run(const char *name, enum h248_style style, struct slice input, long rounds)
{
	struct h248_arena arena;
	struct h248_message *m = NULL;
	size_t len = 0;
	double t0, t1, t2;

	h248_arena_init(&arena, memory, sizeof(memory));
	t0 = now();
	for (long i = 0; i < rounds; i++) {
		h248_arena_reset(&arena);
		if (h248_decode(input, NULL, &arena, &m, NULL) || check_all(m, &arena))
			return 1;
	}
	t1 = now();
	for (long i = 0; i < rounds; i++) {
		if (h248_encode(m, style, out, sizeof(out), &len))
			return 1;
	}
	t2 = now();
	printf("%s decode %.0f\n%s encode %.0f\n%s bytes %zu\n", name, (t1 - t0) / (double)rounds,
	       name, (t2 - t1) / (double)rounds, name, len);
	return 0;
}

int main(int argc, char **argv)
{
	struct h248_arena arena;
	struct h248_message *m;
	size_t len;
	FILE *f = argc == 3 ? fopen(argv[1], "r") : NULL;
	long rounds = argc == 3 ? atol(argv[2]) : 0;

	if (!f || rounds < 1)
		return 2;
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	h248_arena_init(&arena, memory, sizeof(memory));
	if (h248_decode(slice_make(text, len), NULL, &arena, &m, NULL) ||
	    run("pretty", H248_PRETTY, slice_make(text, len), rounds) ||
	    h248_decode(slice_make(text, len), NULL, &arena, &m, NULL) ||
	    h248_encode(m, H248_COMPACT, spare, sizeof(spare), &len) ||
	    run("compact", H248_COMPACT, slice_make(spare, len), rounds))
		return 1;
	return 0;
}
