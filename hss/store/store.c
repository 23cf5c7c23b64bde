/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store: its connections, which transactions take and give back. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hss/store/tables.h"

static const struct db_engine *const engines[] = {&db_sqlite};

enum { N_ENGINES = sizeof(engines) / sizeof(engines[0]) };

const char *store_strerror(int err)
{
	switch (err) {
	case STORE_OK:
		return "no error";
	case STORE_ENOTFOUND:
		return "not found";
	case STORE_EEXIST:
		return "an identity belongs to another subscription already";
	case STORE_EBUSY:
		return "another process holds the store";
	case STORE_EIO:
		return "the store failed";
	case STORE_EURL:
		return "no such kind of store";
	case STORE_EVERSION:
		return "the store was made by a newer version";
	case STORE_EWILDCARDS:
		return "there are 64 wildcards already with this host and this beginning";
	case STORE_ESEAL:
		return "a key cannot be opened: it was changed, or its master key is not there";
	}
	return "unknown error";
}

/* ---- opening ---- */

/* The engine of a URL, and the place behind its scheme; NULL without one, with why. */
static const struct db_engine *engine_of(const char *url, const char **where, char *why,
					 size_t size)
{
	for (int i = 0; i < N_ENGINES; i++) {
		size_t n = strlen(engines[i]->scheme);

		if (strncmp(url, engines[i]->scheme, n) == 0 && url[n]) {
			*where = url + n;
			return engines[i];
		}
	}
	snprintf(why, size, "store '%s' is not of the form %s", url, engines[0]->form);
	return NULL;
}

static struct store *store_new(const struct db_engine *engine)
{
	struct store *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->engine = engine;
	s->transaction = calloc(engine->connections, sizeof(*s->transaction));
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->keys_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->given_back, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

/* The first connection: the tables and the keys. */
static int look_at(struct store *s, const char *master_key, char *why, size_t size)
{
	struct transaction *tx = &s->transaction[0];
	int err = db_schema(tx->db, why, size);

	if (err)
		return err;
	err = master_key[0] ? s->engine->wipe(tx->db) : 0;
	if (err == 0)
		err = store_begin(s, false, &tx);
	if (err) {
		snprintf(why, size, "%s", store_strerror(err));
		return err;
	}
	err = seal_keys_open(tx, master_key, why, size);
	store_rollback(tx);
	return err;
}

int store_open(const char *url, struct store **out, char *why, size_t size)
{
	return store_open_sealed(url, "", out, why, size);
}

int store_open_sealed(const char *url, const char *master_key, struct store **out, char *why,
		      size_t size)
{
	const char *where = NULL;
	const struct db_engine *engine = engine_of(url, &where, why, size);
	char reason[512] = "", name[256];
	struct store *s;
	int err;

	if (!engine)
		return STORE_EURL;
	s = store_new(engine);
	if (!s || !s->transaction) {
		snprintf(why, size, "no memory");
		store_close(s);
		return STORE_EIO;
	}
	err = engine->open(where, &s->transaction[0].db, why, size);
	if (err == 0) {
		s->transaction[0].store = s;
		s->n = 1;
		err = look_at(s, master_key, reason, sizeof(reason));
		engine->name(where, name, sizeof(name));
		if (err)
			snprintf(why, size, "cannot use the store %s: %s", name, reason);
	}
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->n; i++)
		store->engine->close(store->transaction[i].db);
	seal_keys_close(store);
	pthread_cond_destroy(&store->given_back);
	pthread_mutex_destroy(&store->keys_lock);
	pthread_mutex_destroy(&store->lock);
	free(store->transaction);
	free(store);
}

/* ---- transactions ---- */

static struct transaction *find_free(struct store *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->transaction[i].taken)
			return &s->transaction[i];
	return NULL;
}

/* A connection, or NULL when all were taken for STORE_BUSY_MS. */
static struct transaction *take(struct store *s)
{
	struct transaction *tx;
	struct timespec until;
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	tx = find_free(s);
	if (!tx) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += STORE_BUSY_MS / 1000;
	}
	while (!tx && rc != ETIMEDOUT) {
		rc = pthread_cond_timedwait(&s->given_back, &s->lock, &until);
		tx = find_free(s);
	}
	if (tx)
		tx->taken = true;
	pthread_mutex_unlock(&s->lock);
	return tx;
}

static void give_back(struct transaction *tx)
{
	struct store *s = tx->store;

	pthread_mutex_lock(&s->lock);
	tx->taken = false;
	pthread_cond_signal(&s->given_back);
	pthread_mutex_unlock(&s->lock);
}

int store_begin(struct store *store, bool write, struct transaction **out)
{
	struct transaction *tx = take(store);
	int err = tx ? store->engine->begin(tx->db, write) : STORE_EBUSY;

	if (err && tx)
		give_back(tx);
	if (err == 0)
		*out = tx;
	return err;
}

int store_commit(struct transaction *tx)
{
	int err = tx->store->engine->commit(tx->db);

	give_back(tx);
	return err;
}

void store_rollback(struct transaction *tx)
{
	tx->store->engine->rollback(tx->db);
	give_back(tx);
}

int store_end(struct transaction *tx, int err)
{
	if (err == 0)
		return store_commit(tx);
	store_rollback(tx);
	return err;
}

const char *store_error(struct transaction *tx)
{
	return tx->store->engine->error(tx->db);
}

int store_scrub(struct store *store)
{
	struct transaction *tx = take(store);
	int err = tx ? store->engine->scrub(tx->db) : STORE_EBUSY;

	if (tx)
		give_back(tx);
	return err;
}
