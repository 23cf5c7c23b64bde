/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h248-reencode DIR FILE...   Each message decoded and written again in both styles, as
 * DIR/<n>.pretty, .compact. */
#include <stdio.h>

#include "h248/codec.h"

static char text[1 << 16], out[1 << 16], memory[1 << 18];

static int write_style(const struct h248_message *m, enum h248_style style, const char *dir, int n)
{
	char path[512];
	size_t len;
	FILE *f;

	if (h248_encode(m, style, out, sizeof(out), &len))
		return 1;
	snprintf(path, sizeof(path), "%s/%02d.%s", dir, n,
		 style == H248_PRETTY ? "pretty" : "compact");
	f = fopen(path, "w");
	if (!f)
		return 1;
	len -= fwrite(out, 1, len, f);
	return fclose(f) || len;
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");
		struct h248_arena arena;
		struct h248_decode_error error;
		struct h248_message *m;
		size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

		if (f)
			fclose(f);
		h248_arena_init(&arena, memory, sizeof(memory));
		if (h248_decode(slice_make(text, n), NULL, &arena, &m, &error) || error.code ||
		    write_style(m, H248_PRETTY, argv[1], i - 1) ||
		    write_style(m, H248_COMPACT, argv[1], i - 1)) {
			fprintf(stderr, "%s: cannot be read or written\n", argv[i]);
			return 1;
		}
	}
	return 0;
}
