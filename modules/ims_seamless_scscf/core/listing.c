/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/listing.h"

#define EMPTY_PLACES_MAX 4096

uint32_t scscf_list_connections(struct scscf_model *m, uint32_t cursor, size_t max,
				scscf_connection_h visit, void *arg)
{
	size_t seen = 0, places = max + EMPTY_PLACES_MAX;
	uint32_t i;

	/* A whole chain at a time, so that the next page begins with another one. */
	for (i = cursor; i < m->hash_size && seen < max && places--; i++) {
		for (const struct scscf_connection *c = m->by_connection[i]; c; c = c->hash_next) {
			m->counters.chain_steps++;
			visit(c, arg);
			seen++;
		}
	}
	return i < m->hash_size ? i : 0;
}
