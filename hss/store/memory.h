/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions of a store in memory, found by their id and their identities, so that a request need not read tables. What
 * is here is what the tables have at one commit, the mark; who has the connection to the store keeps both in step
 * (store.c), and nobody is answered from here who cannot see that there was no other commit since. Safe for threads.
 */
#ifndef HSS_STORE_MEMORY_H
#define HSS_STORE_MEMORY_H

#include "hss/store/db.h"
#include "hss/store/store.h"

struct memory;

/* Room for so many octets. NULL without memory. / Wipes what is in it; NULL is allowed. */
struct memory *memory_new(size_t octets);
void memory_free(struct memory *m);

enum memory_name { MEMORY_ID, MEMORY_IMPI, MEMORY_IMPU };

/* That of an identity, for who has the connection. Returns 0 or STORE_ENOTFOUND: not here. */
int memory_find(struct memory *m, enum memory_name kind, struct slice name, int64_t *id);

/*
 * The parts of that of an id or identity, into sub, with the stamp of what is here. now: the newest commit; without it the
 * caller has the connection. hold: nobody else is to see or change it until memory_release(). Returns 0, or
 * STORE_ENOTFOUND: not here, or not to be had; ask the tables.
 */
int memory_read(struct memory *m, struct store *store, enum memory_name kind, struct slice name,
		unsigned int parts, const struct db_mark *now, bool hold, struct subscription *sub);
/* Hold what sub was read from. Returns false if that is not what is here any more, or held. */
bool memory_hold(struct memory *m, const struct subscription *sub);
/* Its state is that of sub from now on. Returns false if what sub was read from is not what is here, and as of now, and held by
 * nobody. */
bool memory_change(struct memory *m, const struct subscription *sub, const struct db_mark *now);
/* It is not held any more. state: as it is from now on (image.h), or nothing. */
void memory_release(struct memory *m, int64_t id, struct slice state);

/* For who has the connection: sub was loaded whole. oust: in the place of others, if there is no room; hold: as
 * memory_read(). Returns false if there was none. / One is changed or gone. / All may be. */
bool memory_put(struct memory *m, struct store *store, const struct subscription *sub, bool oust,
		bool hold);
void memory_forget(struct memory *m, int64_t id);
void memory_forget_all(struct memory *m);

/* For who has the connection: what is here is as of this commit; or, if others' was not the same before, nothing is. */
void memory_at(struct memory *m, const struct db_mark *mark, int64_t others);
/* The same after a commit of his own, whose changes are here. */
void memory_move(struct memory *m, const struct db_mark *mark);
/* Is what is here as of this commit? */
bool memory_is_at(struct memory *m, const struct db_mark *mark);

void memory_count(struct memory *m, struct memory_figures *out);

#endif
