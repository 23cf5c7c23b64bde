/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the store share: transactions, and what several of them do with columns. */
#ifndef HSS_STORE_TABLES_H
#define HSS_STORE_TABLES_H

#include <pthread.h>

#include "hss/store/db.h"
#include "hss/store/image.h"
#include "hss/store/master_key.h"
#include "hss/store/memory.h"
#include "hss/store/store.h"
#include "hss/subscription/subscription.h"

/* A place for a connection (db NULL: there is none now), and the transaction on it if it is taken. */
struct transaction {
	struct store *store;
	struct db *db;
	bool taken;

	/* of a store with memory, recall.c: */
	bool write;
	struct db_mark mark;   /* the newest commit when it began, or before */
	int64_t held, changed; /* subscriptions; 0: none. Of the latter: */
	uint8_t state[IMAGE_STATE_MAX];
	size_t state_len;

	/* shared, group.c: */
	bool joined;		/* by who has it now */
	int64_t changes_before; /* of the engine, when he came */
};

struct group;

enum store_state {
	STORE_UP,
	STORE_LOST, /* the last connection was lost just now */
	STORE_AWAY, /* and none can be made */
};

struct store {
	const struct db_engine *engine;
	char *where;
	int64_t process;      /* names this one among those that use the store */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t given_back;
	enum store_state state;
	struct transaction *transaction;
	size_t n, wanted; /* connections: places for them, how many are asked for */

	pthread_t keeper; /* of a server's connections */
	bool kept;
	_Atomic bool stop;
	int wake_fd;
	struct db *listener; /* the keeper's */
	void (*_Atomic heard)(void *arg);
	void *heard_arg;

	struct memory *memory; /* or NULL */
	struct group *group;   /* whoever has the one connection; or NULL */

	pthread_mutex_t keys_lock; /* of what follows */
	struct master_key *master; /* NULL: keys are not sealed */
};

/* A connection that works, taken for a transaction. Returns 0, STORE_EBUSY or STORE_EAWAY. / It is over. */
int pool_take(struct store *store, struct transaction **out);
void pool_give_back(struct transaction *tx);
/* Keep the connections of a server: 0 or an errno value. / End that, and all connections. */
int pool_start(struct store *store);
void pool_stop(struct store *store);

/* The statement of a transaction, ready for new values; NULL if it cannot be prepared. */
static inline struct db_statement *use(struct transaction *tx, enum statement which)
{
	return db_use(tx->db, which);
}

/* Wait a little before a transaction is begun again, so that two that crossed do not cross again. */
void store_pause_between(int tries);

/* Memory in step: a transaction has begun / has ended. / The latter in two steps: what is held of a member, with the
 * state that it has from now on, or none / all that was committed. */
int recall_begin(struct transaction *tx, bool write);
void recall_end(struct transaction *tx, bool committed);
void recall_release(struct store *store, int64_t held, int64_t changed, struct slice state);
void recall_move(struct transaction *tx);
/* What is in memory, for reading; in a writing transaction it is held. Returns 0 or STORE_ENOTFOUND: ask the tables. */
int recall_find(struct transaction *tx, enum memory_name kind, struct slice name, int64_t *id);
int recall_load(struct transaction *tx, int64_t id, unsigned int parts, struct subscription *sub);
/* It was loaded whole. / Its state is written. / It is written anew or gone / all may be. */
void recall_put(struct transaction *tx, const struct subscription *sub);
void recall_state(struct transaction *tx, const struct subscription *sub);
void recall_forget(struct transaction *tx, int64_t id);
void recall_forget_all(struct transaction *tx);

/* Run to the row that a statement has. Returns 0, STORE_ENOTFOUND, or an error. */
static inline int one_row(struct db_statement *st)
{
	int rc = db_step(st);

	return rc == DB_ROW ? 0 : rc == 0 ? STORE_ENOTFOUND : rc;
}

/* Run a statement without rows whose one value is a number. Returns 0 or an error. */
int run_number(struct transaction *tx, enum statement which, int64_t number);
/* Numbers that stand in the first column of each row, at most max; ends the statement. Returns how many, or an
 * error. */
int read_numbers(struct db_statement *st, int64_t *out, size_t max);
/* The same of a statement that takes a number from which to begin, and how many there may be. */
int list_numbers(struct transaction *tx, enum statement which, int64_t from, int64_t *out,
		 size_t max);

/* Read the master keys and see that they open all that is there, in a transaction. Returns 0, or an error with
 * why. / Wipe them. */
int seal_keys_open(struct transaction *tx, const char *where, char *why, size_t size);
void seal_keys_close(struct store *store);
/* Copy the key that seals. Returns whether there is one. / Its id, or "". Both are the present ones. */
bool seal_keys_current(struct store *store, struct seal_key *out);
void seal_keys_current_id(struct store *store, char out[SEAL_ID_SIZE]);
/* Copy the key of this id, of those that were read. Returns whether there is one. / The same; one that is new to us may
 * stand in the file by now. */
bool seal_keys_have(struct store *store, const char *id, struct seal_key *out);
bool seal_keys_find(struct transaction *tx, const char *id, struct seal_key *out);

/* A filter criterion out of the columns profile, priority, server, trigger_text, service_info, terminate,
 * include_request, include_response, part and dsai, from 0 on. Returns 0 or STORE_EIO. / Bind all but the profile, from at
 * on. */
int load_criterion(struct db_statement *st, struct ifc *f);
void bind_criterion(struct db_statement *st, int at, const struct ifc *f);
/* The shared sets of criteria that a subscription uses, with what is in them / kept. Returns 0 or an error. */
int load_shared(struct transaction *tx, int64_t id, struct subscription *sub);
int put_shared(struct transaction *tx, const struct subscription *sub);

/* Where a wildcarded identity that is put is found by those that match it. Returns 0 or an error. */
int store_put_wildcard(struct transaction *tx, int64_t sub, const char *uri);

/* The keys of p, whose name is there, out of the columns k, opc, ha1, algorithm, res and keccak from i on, and seal.
 * Returns 0, STORE_ESEAL, or STORE_EIO. */
int load_keys(struct transaction *tx, struct db_statement *st, int i, int seal, struct impi *p);

/* The same as they are bound: they must live until the statement has run. Holds secrets. */
struct sealed_keys {
	char id[SEAL_ID_SIZE];
	uint8_t k[AKA_K_MAX + SEAL_OVERHEAD], opc[AKA_OP_MAX + SEAL_OVERHEAD];
	uint8_t ha1[SEAL_PLAIN_MAX + SEAL_OVERHEAD];
};
/* The columns of p's keys, sealed into room where keys are sealed, else in p itself. Returns 0 or STORE_EIO. */
struct key_columns {
	int64_t algorithm, res, keccak;
	struct slice k, opc, ha1;
};
int seal_columns(struct store *store, const struct impi *p, struct sealed_keys *room,
		 struct key_columns *out);
/* Bind k, opc, ha1 and seal, in this order at these indices. Returns 0 or STORE_EIO. */
int bind_keys(struct transaction *tx, struct db_statement *st, const int at[4],
	      const struct impi *p, struct sealed_keys *room);
/* The keys of p, whose name is there, out of columns that seal_columns() made. Returns 0, STORE_ESEAL (also where the
 * master key of this id is not among those that were read) or STORE_EIO. */
int open_keys_in_memory(struct store *store, const char *seal, const struct key_columns *c,
			struct impi *p);

#endif
