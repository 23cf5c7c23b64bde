/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h248-generate DIR FIRST COUNT   Random messages (tests/unit/h248/generate.h) that megaco should
 * read, as DIR/<seed>.pretty or .compact, versions 1 to 3 in turn. */
#include <stdio.h>
#include <stdlib.h>

#include "unit/h248/generate.h"

static char out[1 << 17], memory[1 << 20];

static int write_message(const char *dir, unsigned seed)
{
	enum h248_style style = seed / 3 % 2 ? H248_COMPACT : H248_PRETTY;
	struct generator g = {.for_megaco = true};
	struct h248_arena arena;
	struct h248_message *m;
	char path[512];
	size_t len;
	FILE *f;

	h248_arena_init(&arena, memory, sizeof(memory));
	m = generate_message(&g, seed, (uint8_t)(1 + seed % 3), &arena);
	if (!m || h248_encode(m, style, out, sizeof(out), &len))
		return 1;
	snprintf(path, sizeof(path), "%s/%05u.%s", dir, seed,
		 style == H248_PRETTY ? "pretty" : "compact");
	f = fopen(path, "w");
	if (!f)
		return 1;
	len -= fwrite(out, 1, len, f);
	return fclose(f) || len;
}

int main(int argc, char **argv)
{
	unsigned first = argc == 4 ? (unsigned)atoi(argv[2]) : 0;
	unsigned count = argc == 4 ? (unsigned)atoi(argv[3]) : 0;

	for (unsigned i = 0; i < count; i++) {
		if (write_message(argv[1], first + i)) {
			fprintf(stderr, "seed %u cannot be written\n", first + i);
			return 1;
		}
	}
	return count ? 0 : 2;
}
