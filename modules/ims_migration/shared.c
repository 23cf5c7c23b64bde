/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bindings in shared memory, its lock, and what is copied out under it. */
#include "modules/ims_migration/migration.h"

#include <time.h>

#include "../../core/dprint.h"
#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"

static struct shared {
	gen_lock_t lock;
	int ready;
	struct migration_table *table;
} * shared;

static void *get(size_t size)
{
	return shm_malloc(size);
}

static void put(void *p)
{
	shm_free(p);
}

int64_t migration_now(void)
{
	return time(NULL);
}

int migration_shared_init(void)
{
	static const struct migration_memory memory = {get, put};
	struct keyed_hash_key key;

	shared = shm_malloc(sizeof(*shared));
	if (!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if (!lock_init(&shared->lock) || keyed_hash_key_random(&key)) {
		LM_ERR("no lock, or no random numbers from the kernel\n");
		return -1;
	}
	shared->table = migration_table_new(&memory, &key, (unsigned)migration_params.max_bindings,
					    migration_params.linger);
	if (!shared->table) {
		LM_ERR("no shared memory for %d bindings: raise -m, or lower "
		       "modparam(\"ims_migration\", \"max_bindings\", ...)\n",
		       migration_params.max_bindings);
		return -1;
	}
	return 0;
}

void migration_shared_destroy(void)
{
	if (!shared)
		return;
	if (shared->table)
		migration_table_free(shared->table);
	shm_free(shared);
	shared = NULL;
}

static bool find(void *arg, const struct migration_query *q, struct migration_hit *hit)
{
	int64_t now = migration_now();
	bool found;

	lock_get(&shared->lock);
	found = migration_find(shared->table, q, now, hit);
	lock_release(&shared->lock);
	return found;
}

struct migration_view migration_view(unsigned partner)
{
	return (struct migration_view){.find = find, .partner = partner};
}

int migration_shared_bind(const struct migration_binding *b)
{
	uint64_t before;
	bool changed;
	int rc;

	lock_get(&shared->lock);
	before = migration_changes(shared->table);
	rc = b->ended ? migration_restore(shared->table, b)
		      : migration_bind(shared->table, b, migration_now());
	changed = migration_changes(shared->table) != before;
	lock_release(&shared->lock);
	if (changed)
		counter_inc(migration_counters.bound);
	return rc;
}

int migration_shared_end(struct slice id, enum migration_source source)
{
	uint64_t before;
	bool changed;
	int rc;

	lock_get(&shared->lock);
	before = migration_changes(shared->table);
	rc = migration_end(shared->table, id, source, migration_now());
	changed = migration_changes(shared->table) != before;
	lock_release(&shared->lock);
	if (changed)
		counter_inc(migration_counters.ended);
	return rc;
}

unsigned migration_shared_expire(void)
{
	unsigned n;

	lock_get(&shared->lock);
	n = migration_expire(shared->table, migration_now());
	lock_release(&shared->lock);
	return n;
}

static struct slice keep(char **room, struct slice s)
{
	struct slice kept = slice_make(*room, s.len);

	if (s.len)
		memcpy(*room, s.p, s.len);
	*room += s.len;
	return kept;
}

bool migration_shared_at(unsigned n, struct migration_binding *copy, char room[MIGRATION_COPY_ROOM])
{
	const struct migration_binding *b;

	lock_get(&shared->lock);
	b = migration_at(shared->table, n);
	if (b) {
		*copy = *b;
		copy->id = keep(&room, b->id);
		for (unsigned i = 0; i < b->n; i++) {
			struct migration_pair *p = &copy->pair[i];

			p->inside.user = keep(&room, p->inside.user);
			p->inside.host = keep(&room, p->inside.host);
			p->wire.user = keep(&room, p->wire.user);
			p->wire.host = keep(&room, p->wire.host);
		}
	}
	lock_release(&shared->lock);
	return b != NULL;
}

unsigned migration_shared_count(void)
{
	unsigned n;

	lock_get(&shared->lock);
	n = migration_table_count(shared->table);
	lock_release(&shared->lock);
	return n;
}

bool migration_ready(void)
{
	return !migration_params.feed.len || __atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE);
}

void migration_set_ready(void)
{
	__atomic_store_n(&shared->ready, 1, __ATOMIC_RELEASE);
}
