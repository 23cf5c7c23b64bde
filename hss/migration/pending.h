/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that wait for another system's answer, so many at most, and so many of them for one system, that a silent one takes no
 * place from the others. Each is taken once: by its answer, or when its time is over. Any thread may call.
 */
#ifndef HSS_MIGRATION_PENDING_H
#define HSS_MIGRATION_PENDING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PENDING_MAX = 1024, PENDING_SYSTEMS = 32 };

struct pending {
	pthread_mutex_t lock;
	unsigned int most, most_of_one; /* up to PENDING_MAX */
	unsigned int n, of[PENDING_SYSTEMS];
	unsigned int free_first; /* slots that are free, in a chain; PENDING_MAX ends it */
	struct pending_slot {
		void *item; /* NULL: free */
		uintptr_t number;
		int64_t until_ms;
		unsigned int system, next_free;
	} slot[PENDING_MAX];
};

void pending_init(struct pending *p, unsigned int most, unsigned int most_of_one);
/* Keep item (not NULL) until then. Returns its number, which never comes again, or 0: there are too many. */
uintptr_t pending_add(struct pending *p, unsigned int system, int64_t until_ms, void *item);
/* Take it out; NULL: somebody else has. */
void *pending_take(struct pending *p, uintptr_t number);
/* Take one whose time is over, or NULL. / How many there are. */
void *pending_late(struct pending *p, int64_t now_ms);
unsigned int pending_count(struct pending *p);

#endif
