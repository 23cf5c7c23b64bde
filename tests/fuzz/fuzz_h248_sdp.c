/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anything into the SDP model; what it takes is written in full and must be taken again. */
#include <stdlib.h>

#include "h248/codec.h"
#include "h248/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[2][1 << 20], out[1 << 20];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct h248_arena arena;
	struct h248_sdp *sdp, *again;
	char *exact = malloc(size ? size : 1);
	size_t len;

	if (size)
		memcpy(exact, data, size);
	h248_arena_init(&arena, memory[0], sizeof(memory[0]));
	if (h248_sdp_parse(slice_make(exact, size), &arena, &sdp) == H248_OK && sdp) {
		const struct h248_sdp_line *pos = NULL;
		struct h248_sdp_attribute a;

		while (h248_sdp_attribute_next(sdp, "fingerprint", &pos, &a))
			;
		h248_sdp_has_choose(sdp);
		if (h248_sdp_write(sdp, true, out, sizeof(out), &len))
			abort();
		h248_arena_init(&arena, memory[1], sizeof(memory[1]));
		switch (h248_sdp_parse(slice_make(out, len), &arena, &again)) {
		case H248_OK:
		case H248_E_SIZE: /* the lines that `full` adds may be too many */
			break;
		default:
			abort();
		}
	}
	free(exact);
	return 0;
}
