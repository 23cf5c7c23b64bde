/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anything into the H.248 decoder; what it takes is written and must be read as the same. */
#include <stdlib.h>

#include "h248/check.h"
#include "h248/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[2][4 << 20], out[1 << 20];

static bool malformed(const struct h248_message *m)
{
	for (const struct h248_transaction *t = m->transactions; t; t = t->next) {
		if (t->malformed)
			return true;
	}
	return false;
}

static void check_requests(const struct h248_message *m)
{
	for (const struct h248_transaction *t = m->transactions; t; t = t->next) {
		for (const struct h248_action *a = t->actions; a; a = a->next) {
			for (const struct h248_command *c = a->commands; c; c = c->next) {
				struct h248_error error = {0};

				h248_check_command(c, a->context, NULL, &error);
				h248_tid_match(c->tid.id, SLICE_LIT("ip/access/17"));
			}
		}
	}
}

/* What is read but cannot be said in the grammar of its own version: the reader is more lenient
 * than the writer. */
static void same_again(struct h248_message *m)
{
	m->version = H248_VERSION_MAX;
	for (int style = H248_PRETTY; style <= H248_COMPACT; style++) {
		struct h248_arena arena;
		struct h248_message *again;
		size_t len;

		if (h248_encode(m, (enum h248_style)style, out, sizeof(out), &len))
			continue;
		h248_arena_init(&arena, memory[1], sizeof(memory[1]));
		if (h248_decode(slice_make(out, len), NULL, &arena, &again, NULL) ||
		    !h248_message_equal(m, again))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct h248_decode_options strict = {.strict_version = true};
	struct h248_arena arena;
	struct h248_message *m;
	struct h248_action *actions;
	struct h248_mid mid;
	uint8_t version;
	char *exact = malloc(size ? size : 1);
	struct slice text = slice_make(exact, size);

	if (size)
		memcpy(exact, data, size);
	h248_decode_head(text, &version, &mid);
	h248_arena_init(&arena, memory[0], sizeof(memory[0]));
	h248_decode(text, &strict, &arena, &m, NULL);
	h248_arena_reset(&arena);
	h248_decode_actions(text, &arena, &actions, NULL);
	h248_arena_reset(&arena);
	if (h248_decode(text, NULL, &arena, &m, NULL) == H248_OK) {
		check_requests(m);
		if (!malformed(m))
			same_again(m);
	}
	free(exact);
	return 0;
}
