/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store opened, and transactions on it. */
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "hss/counters.h"
#include "hss/store/group.h"
#include "hss/store/tables.h"

static const struct db_engine *const engines[] = {&db_sqlite, &db_postgresql};

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
	case STORE_EAWAY:
		return "the server of the store cannot be reached";
	case STORE_EAGAIN:
		return "the change crossed another one; try again";
	case STORE_ENOSET:
		return "a shared set of filter criteria that it uses is not there";
	case STORE_EINUSE:
		return "subscriptions use this shared set";
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
	/* what stands behind the scheme may be secret */
	snprintf(why, size, "store '%.*s' is neither of the form %s nor %s",
		 (int)strcspn(url, ":") + (strchr(url, ':') != NULL), url, engines[0]->form,
		 engines[1]->form);
	return NULL;
}

int store_check_url(const char *url, char *why, size_t size)
{
	const char *where;
	const struct db_engine *engine = engine_of(url, &where, why, size);

	if (!engine)
		return STORE_EURL;
	return engine->check ? engine->check(where, why, size) : 0;
}

bool store_is_shared(const struct store *store)
{
	return store->engine->remote;
}

static struct store *store_new(const struct db_engine *engine, const char *where)
{
	struct store *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return NULL;
	s->engine = engine;
	s->where = strdup(where);
	s->wake_fd = -1;
	s->wanted = 1;
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
	s = store_new(engine, where);
	if (!s || !s->transaction || !s->where ||
	    getrandom(&s->process, sizeof(s->process), 0) < 0) {
		snprintf(why, size, "no memory");
		store_close(s);
		return STORE_EIO;
	}
	err = engine->open(where, &s->transaction[0].db, why, size);
	if (err == 0) {
		s->transaction[0].store = s;
		s->n = engine->connections;
		err = look_at(s, master_key, reason, sizeof(reason));
		engine->name(where, name, sizeof(name));
		if (err)
			snprintf(why, size, "cannot use the store %s: %s", name, reason);
	}
	if (err == 0 && engine->remote && pool_start(s)) {
		snprintf(why, size, "no thread for the store");
		err = STORE_EIO;
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
	store_group_stop(store);
	pool_stop(store);
	group_free(store);
	seal_keys_close(store);
	memory_free(store->memory);
	pthread_cond_destroy(&store->given_back);
	pthread_mutex_destroy(&store->keys_lock);
	pthread_mutex_destroy(&store->lock);
	if (store->where)
		explicit_bzero(store->where, strlen(store->where));
	free(store->where);
	free(store->transaction);
	free(store);
}

/* ---- transactions ---- */

/* A connection on which nothing is open. */
static int take(struct store *store, struct transaction **out)
{
	int err;

	while ((err = pool_take(store, out)) == 0 && group_is_open(*out))
		group_commit(*out);
	return err;
}

int store_begin(struct store *store, bool write, struct transaction **out)
{
	struct transaction *tx;
	int err;

	/* what is found to be lost as it begins is left to the keeper, and another one tried */
	do {
		err = take(store, &tx);
		if (err)
			return err;
		err = store->engine->begin(tx->db, write);
		if (err == 0 && (err = recall_begin(tx, write)) != 0)
			store->engine->rollback(tx->db);
		if (err)
			pool_give_back(tx);
	} while (err == STORE_EAWAY);
	if (err == 0)
		*out = tx;
	return err;
}

int store_commit(struct transaction *tx)
{
	int err = tx->store->engine->commit(tx->db);

	recall_end(tx, err == 0);
	pool_give_back(tx);
	return err;
}

void store_rollback(struct transaction *tx)
{
	tx->store->engine->rollback(tx->db);
	recall_end(tx, false);
	pool_give_back(tx);
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

void store_pause_between(int tries)
{
	struct timespec t = {.tv_nsec = (2 + random() % 8) * 1000000L << tries};

	nanosleep(&t, NULL);
}

int store_transact(struct store *store, bool write, int (*body)(struct transaction *tx, void *arg),
		   void *arg)
{
	for (int tries = 0;; tries++) {
		struct transaction *tx;
		bool again;
		int err = store_begin(store, write, &tx);

		if (err)
			return err;
		err = body(tx, arg);
		if (err == STORE_NO_CHANGE) {
			store_rollback(tx);
			return 0;
		}
		again = err == STORE_EAWAY; /* nothing was committed */
		err = store_end(tx, err);
		if (!(again || err == STORE_EAGAIN) || tries == 3)
			return err;
		counter_add(COUNT_store_repeated, 1);
		store_pause_between(tries);
	}
}

int store_scrub(struct store *store)
{
	struct transaction *tx;
	int err = take(store, &tx);

	if (err)
		return err;
	err = store->engine->scrub(tx->db);
	pool_give_back(tx);
	return err;
}
