/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The master keys of an open store, and which of them its rows need. */
#include "hss/store/tables.h"

#include <stdlib.h>

/* Copy what find() finds in the ring. */
static bool copy(struct store *s, const char *id, struct seal_key *out)
{
	const struct seal_key *key = NULL;

	pthread_mutex_lock(&s->keys_lock);
	if (s->master)
		key = id ? seal_ring_find(&s->master->ring, id) : &s->master->ring.key[0];
	if (key)
		*out = *key;
	pthread_mutex_unlock(&s->keys_lock);
	return key != NULL;
}

bool seal_keys_current(struct store *store, struct seal_key *out)
{
	return copy(store, NULL, out);
}

void seal_keys_current_id(struct store *store, char out[SEAL_ID_SIZE])
{
	struct seal_key key = {.id = ""};

	copy(store, NULL, &key);
	strcpy(out, key.id);
	explicit_bzero(&key, sizeof(key));
}

static bool changed(struct store *s)
{
	bool is;

	pthread_mutex_lock(&s->keys_lock);
	is = s->master && master_key_changed(s->master);
	pthread_mutex_unlock(&s->keys_lock);
	return is;
}

bool seal_keys_have(struct store *store, const char *id, struct seal_key *out)
{
	return copy(store, id, out);
}

bool seal_keys_find(struct transaction *tx, const char *id, struct seal_key *out)
{
	char why[512];

	return copy(tx->store, id, out) ||
	       (changed(tx->store) && store_reload_keys(tx, why, sizeof(why)) == 0 &&
		copy(tx->store, id, out));
}

int store_seals(struct transaction *tx, store_seal_h each, void *arg)
{
	struct db_statement *st = use(tx, S_SEALS);
	char id[SEAL_ID_SIZE], current[SEAL_ID_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	seal_keys_current_id(tx->store, current);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? db_text(st, 0, id, sizeof(id)) : rc;
		if (err == 0)
			each(id, (uint64_t)db_int(st, 1), strcmp(id, current) == 0, arg);
	}
	db_end(st);
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
static int check_ring(struct transaction *tx, const struct seal_ring *ring, const char *path,
		      char *why, size_t size)
{
	struct lack l = {.ring = ring};
	int err = store_seals(tx, look_for, &l);

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

int seal_keys_open(struct transaction *tx, const char *where, char *why, size_t size)
{
	struct store *s = tx->store;
	int err;

	if (where[0]) {
		s->master = malloc(sizeof(*s->master));
		if (!s->master || master_key_open(where, s->master, why, size))
			return STORE_ESEAL;
	}
	err = check_ring(tx, s->master ? &s->master->ring : NULL, s->master ? s->master->path : "",
			 why, size);
	if (err && err != STORE_ESEAL)
		snprintf(why, size, "%s", err == STORE_EIO ? store_error(tx) : store_strerror(err));
	return err;
}

void seal_keys_close(struct store *store)
{
	if (store->master)
		master_key_close(store->master);
	free(store->master);
	store->master = NULL;
}

int store_reload_keys(struct transaction *tx, char *why, size_t size)
{
	struct store *s = tx->store;
	struct seal_ring ring = {.n = 0};
	struct stat read;
	int err;

	if (!s->master) {
		snprintf(why, size, "master_key is not set");
		return STORE_ESEAL;
	}
	err = master_key_read(s->master, &ring, &read, why, size)
		  ? STORE_ESEAL
		  : check_ring(tx, &ring, s->master->path, why, size);
	if (err == 0) {
		pthread_mutex_lock(&s->keys_lock);
		s->master->ring = ring;
		s->master->read = read;
		pthread_mutex_unlock(&s->keys_lock);
	} else if (err != STORE_ESEAL) {
		snprintf(why, size, "%s", store_strerror(err));
	}
	seal_ring_wipe(&ring);
	return err;
}
