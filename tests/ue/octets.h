/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which octets of something longer have come: what is missing, what came twice, what came late. */
#ifndef UE_OCTETS_H
#define UE_OCTETS_H

#include <stddef.h>
#include <stdint.h>

enum { OCTETS_RANGES_MAX = 1024 }; /* pieces apart from each other; more are refused */

struct octet_range {
	uint64_t from, to; /* to: one behind the last */
};

/* Zero-initialise. The ranges are sorted and do not touch. */
struct octets {
	struct octet_range *range;
	size_t n, room;
	uint64_t repeated; /* octets that had come before */
};

/* Octets from to from + len - 1 came. Returns 0; -1 if there would be too many pieces. Nothing is
 * noted then. */
int octets_add(struct octets *o, uint64_t from, uint64_t len);

/* Different octets that came, and one behind the highest of them. */
uint64_t octets_have(const struct octets *o);
uint64_t octets_end(const struct octets *o);

/* The first piece that is missing below end. Returns 0, or -1 if nothing is. */
int octets_missing(const struct octets *o, uint64_t end, struct octet_range *out);

void octets_free(struct octets *o);

#endif
