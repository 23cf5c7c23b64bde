/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TPKT stream cut anywhere: packets never leave the bytes received, and the reader always moves
 * on. */
#include <stdlib.h>

#include "h248/transport/tpkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = malloc(size ? size : 1);
	size_t done = 0;

	if (size)
		memcpy(exact, data, size);
	for (;;) {
		struct slice payload = SLICE_NULL;
		int n = h248_tpkt_next(slice_make(exact + done, size - done), &payload);
		unsigned char header[H248_TPKT_HEADER];

		if (n <= 0)
			break;
		if ((size_t)n > size - done || payload.p < exact + done ||
		    payload.p + payload.len > exact + size)
			abort();
		if (h248_tpkt_header(payload.len, header) ||
		    header[2] != (unsigned char)exact[done + 2])
			abort();
		done += (size_t)n;
	}
	free(exact);
	return 0;
}
