/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random messages: every construct of the grammar that the given version has, in any combination.
 */
#ifndef TEST_H248_GENERATE_H
#define TEST_H248_GENERATE_H

#include "h248/codec.h"

struct generator {
	uint64_t state;
	struct h248_arena *arena;
	uint8_t version;
	/* Leave out what Erlang's megaco is known not to read: tests/h248/megaco_limits.txt. */
	bool for_megaco;
};

/* The same seed gives the same message. NULL when the arena is full. */
struct h248_message *generate_message(struct generator *g, uint64_t seed, uint8_t version,
				      struct h248_arena *arena);

#endif
