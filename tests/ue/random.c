/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <sys/random.h>

#include "ue/tlayer.h"

void tl_random(char *buf, unsigned n)
{
	static const char hex[] = "0123456789abcdef";
	static uint8_t pool[256]; /* one system call for many */
	static unsigned left;

	for (unsigned i = 0; i < n; i++) {
		if (left == 0) {
			if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
				exit(3);
			left = sizeof(pool);
		}
		uint8_t b = pool[--left];

		buf[2 * i] = hex[b >> 4];
		buf[2 * i + 1] = hex[b & 15];
	}
	buf[2 * n] = '\0';
}
