/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The master keys of an open store, and which of them its rows need. */
#include "hss/store/sqlite.h"

#include <stdlib.h>

const struct seal_key *sqlite_sealing_key(const struct sqlite_store *s)
{
	return s->master ? &s->master->ring.key[0] : NULL;
}

const char *sqlite_seal_id(const struct sqlite_store *s)
{
	return s->master ? sqlite_sealing_key(s)->id : "";
}

int sqlite_seals(struct store *store, store_seal_h each, void *arg)
{
	struct sqlite_store *s = sqlite_self(store);
	sqlite3_stmt *st = sqlite_use(s, S_SEALS);
	char id[SEAL_ID_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		err = rc == SQLITE_ROW ? sqlite_column_text(st, 0, id, sizeof(id))
				       : sqlite_error_of(rc);
		if (err == 0)
			each(id, (uint64_t)sqlite3_column_int64(st, 1),
			     strcmp(id, sqlite_seal_id(s)) == 0, arg);
	}
	sqlite3_reset(st);
	return err;
}

/* What a ring lacks. */
struct lack {
	const struct seal_ring *ring; /* NULL: there is none */
	char id[SEAL_ID_SIZE];
	uint64_t impis;
};

static void look_for(const char *id, uint64_t impis, bool current, void *arg)
{
	struct lack *l = arg;

	(void)current;
	if (id[0] == '\0' || impis == 0 || (l->ring && seal_ring_find(l->ring, id)))
		return;
	strcpy(l->id, id);
	l->impis = impis;
}

/* Does the ring open all that is there? Returns 0, STORE_ESEAL with why, or another error. */
static int check_ring(struct store *store, const struct seal_ring *ring, const char *path,
		      char *why, size_t size)
{
	struct lack l = {.ring = ring};
	int err = sqlite_seals(store, look_for, &l);

	if (err || l.id[0] == '\0')
		return err;
	if (ring)
		snprintf(why, size,
			 "%llu private identities are sealed under master key %s, which %s lacks: "
			 "add its line there",
			 (unsigned long long)l.impis, l.id, path);
	else
		snprintf(
		    why, size,
		    "%llu private identities are sealed under master key %s: set master_key to "
		    "the file that has it",
		    (unsigned long long)l.impis, l.id);
	return STORE_ESEAL;
}

int sqlite_seal_open(struct store *store, const char *where, char *why, size_t size)
{
	struct sqlite_store *s = sqlite_self(store);
	int err;

	if (where[0]) {
		s->master = malloc(sizeof(*s->master));
		if (!s->master || master_key_open(where, s->master, why, size))
			return STORE_ESEAL;
		/* what is overwritten is not to be read in the file any more */
		err = sqlite_error_of(
		    sqlite3_exec(s->db, "PRAGMA secure_delete=ON", NULL, NULL, NULL));
		if (err)
			return err;
	}
	return check_ring(store, s->master ? &s->master->ring : NULL,
			  s->master ? s->master->path : "", why, size);
}

void sqlite_seal_close(struct sqlite_store *s)
{
	if (s->master)
		master_key_close(s->master);
	free(s->master);
	s->master = NULL;
}

int sqlite_reload_keys(struct store *store, char *why, size_t size)
{
	struct sqlite_store *s = sqlite_self(store);
	struct seal_ring ring = {.n = 0};
	struct stat read;
	int err;

	if (!s->master) {
		snprintf(why, size, "master_key is not set");
		return STORE_ESEAL;
	}
	err = master_key_read(s->master, &ring, &read, why, size)
		  ? STORE_ESEAL
		  : check_ring(store, &ring, s->master->path, why, size);
	if (err == 0) {
		s->master->ring = ring;
		s->master->read = read;
	} else if (err != STORE_ESEAL) {
		snprintf(why, size, "%s", store_strerror(err));
	}
	seal_ring_wipe(&ring);
	return err;
}

int sqlite_scrub(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);
	int err;

	pthread_mutex_lock(&s->lock);
	err = sqlite_error_of(sqlite3_exec(s->db, "VACUUM", NULL, NULL, NULL));
	if (err == 0)
		err = sqlite_error_of(
		    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
	pthread_mutex_unlock(&s->lock);
	return err;
}
