/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFCP framing: the count must not depend on how the stream is cut. */
#include <stdint.h>
#include <stdlib.h>
#include "agw/media/bfcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bfcp_framer whole = {0}, pieces = {0};
	uint64_t a = 0, b = 0;
	size_t step;
	int rc;

	if (!size)
		return 0;
	step = 1 + data[0] % 17u;
	data++;
	size--;
	rc = bfcp_framer_feed(&whole, data, size, &a);
	for (size_t at = 0; at < size; at += step)
		if (bfcp_framer_feed(&pieces, data + at, size - at < step ? size - at : step, &b) <
		    0) {
			if (rc == 0)
				abort();
			return 0;
		}
	if (rc != 0 || a != b)
		abort();
	return 0;
}
