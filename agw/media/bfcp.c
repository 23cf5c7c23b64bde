/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/bfcp.h"
#include <string.h>

enum { HEADER = 12 };

int bfcp_framer_feed(struct bfcp_framer *f, const uint8_t *p, size_t len, uint64_t *messages)
{
	while (len) {
		size_t n;

		if (f->payload_left) {
			n = len < f->payload_left ? len : f->payload_left;
			f->payload_left -= (uint32_t)n;
			if (!f->payload_left)
				++*messages;
		} else {
			n = len < (size_t)(HEADER - f->header_have)
				? len
				: (size_t)(HEADER - f->header_have);
			memcpy(f->header + f->header_have, p, n);
			f->header_have = (uint8_t)(f->header_have + n);
			if (f->header[0] >> 5 != 1)
				return -1;
			if (f->header_have >= 2 && f->header[1] == 0)
				return -1;
			if (f->header_have == HEADER) {
				f->payload_left = 4u * (uint32_t)(f->header[2] << 8 | f->header[3]);
				f->header_have = 0;
				if (!f->payload_left)
					++*messages;
			}
		}
		p += n;
		len -= n;
	}
	return 0;
}
