/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/pkg_pieces.h"

#include "../../core/mem/mem.h"

/* The smallest that qm keeps apart, so that free neighbours are not joined. */
enum { BETWEEN = 16, EACH = 16, SMALLEST = 64, LARGEST = 4096 };

void kam_pkg_pieces(void)
{
	void *piece[EACH];

	for (size_t size = SMALLEST; size <= LARGEST; size *= 2) {
		for (unsigned i = 0; i < EACH; i++) {
			piece[i] = pkg_malloc(size);
			/* what stays between two of them; it is never given back */
			if (!pkg_malloc(BETWEEN))
				return;
		}
		for (unsigned i = 0; i < EACH; i++)
			if (piece[i])
				pkg_free(piece[i]);
	}
}
