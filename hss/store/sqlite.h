/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the SQLite store share. */
#ifndef HSS_STORE_SQLITE_H
#define HSS_STORE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "hss/store/master_key.h"
#include "hss/store/store.h"
#include "hss/subscription/subscription.h"

enum statement {
	S_BEGIN_READ,
	S_BEGIN_WRITE,
	S_COMMIT,
	S_ROLLBACK,
	S_FIND_IMPI,
	S_FIND_IMPU,
	S_FIND_MSISDN,
	S_LOAD_SUB,
	S_LOAD_IMPI,
	S_LOAD_IMPU,
	S_LOAD_IFC,
	S_LOAD_CAPABILITY,
	S_LOAD_VISITED,
	S_SAVE_SCSCF,
	S_SAVE_IMPU,
	S_SAVE_SQN,
	S_LOAD_RESTORATIONS,
	S_PUT_RESTORATION,
	S_DEL_RESTORATION,
	S_DEL_RESTORATIONS,
	S_KEEP_RESTORATIONS,
	S_PUT_ERRAND,
	S_DUE_ERRAND,
	S_RETRY_ERRAND,
	S_END_ERRAND,
	S_REDIRECT,
	S_PUT_REDIRECT,
	S_DEL_REDIRECT,
	S_REDIRECTS,
	S_SEALS,
	S_SEAL_PIECE,
	S_RESEAL,
	S_PUT_SUB,
	S_PUT_IMPI,
	S_PUT_IMPU,
	S_PUT_IFC,
	S_PUT_CAPABILITY,
	S_PUT_VISITED,
	S_DEL_SUB,
	S_DEL_IMPI,
	S_DEL_IMPU,
	S_DEL_IFC,
	S_DEL_CAPABILITY,
	S_DEL_VISITED,
	S_DEL_REPOSITORY,
	S_KEEP_REPOSITORY,
	S_LIST,
	S_TOTALS,
	S_ALLOWED,
	S_ALLOW,
	S_FORBID,
	S_PERMISSIONS,
	S_REPOSITORY,
	S_REPOSITORIES,
	S_PUT_REPOSITORY,
	S_REMOVE_REPOSITORY,
	S_SUBSCRIBE,
	S_UNSUBSCRIBE,
	S_COUNT_OF_SUB,
	S_COUNT_ALL,
	S_SUBSCRIPTIONS,
	S_SUBSCRIPTIONS_OF,
	S_DUE,
	S_SETTLE,
	S_EXPIRE,
	S_END_SUBSCRIPTION,
	S_END_SUBSCRIPTIONS,
	S_SAVE_SUBSCRIPTION,
	S_RETRY_AT,
	S_COUNT
};

struct sqlite_store {
	struct store store;
	sqlite3 *db;
	pthread_mutex_t lock;	   /* held from begin to commit or rollback */
	struct master_key *master; /* NULL: keys are not sealed; under the lock */
	sqlite3_stmt *stmt[S_COUNT];
};

static inline struct sqlite_store *sqlite_self(struct store *store)
{
	return (struct sqlite_store *)store;
}

/* The statement ready for new values; NULL if it cannot be prepared. sqlite_run() or
 * sqlite3_reset() ends its use. */
sqlite3_stmt *sqlite_use(struct sqlite_store *s, enum statement which);
/* Run a statement that gives no rows; NULL is STORE_EIO. Returns 0 or an error of the store. */
int sqlite_run(sqlite3_stmt *st);
/* An error of the store for what SQLite returned; 0 for OK, DONE and ROW. */
int sqlite_error_of(int rc);
/* Bind text that lives until the statement has run. */
void sqlite_bind(sqlite3_stmt *st, int i, const char *text);

/* Bring an open database to the newest schema, however many processes start at once. Returns 0, or
 * an error of the store; then db must be closed, which leaves the file as it was. */
int sqlite_schema(sqlite3 *db);
enum { SQLITE_SCHEMA_VERSION = 9 };

/* Members of struct store_ops that are in files of their own. */
int sqlite_load(struct store *store, int64_t id, struct subscription *sub);
int sqlite_save_state(struct store *store, const struct subscription *sub);
int sqlite_save_sqn(struct store *store, const struct subscription *sub);
int sqlite_load_restorations(struct store *store, struct subscription *sub);
int sqlite_put_restoration(struct store *store, int64_t sub, struct slice impi, const char *owner,
			   struct slice octets);
int sqlite_put_errand(struct store *store, const struct cx_errand *e);
int sqlite_due_errand(struct store *store, int64_t now, struct cx_errand *out);
int sqlite_retry_errand(struct store *store, int64_t id, int64_t at);
int sqlite_end_errand(struct store *store, int64_t id);
int sqlite_redirect(struct store *store, const char *key, char host[IDENTITY_SIZE]);
int sqlite_put_redirect(struct store *store, const char *key, const char *host);
int sqlite_redirects(struct store *store, store_redirect_h each, void *arg);
int sqlite_put(struct store *store, struct subscription *sub);
int sqlite_remove(struct store *store, int64_t id);
int sqlite_allowed(struct store *store, struct slice as, unsigned int allowed[SH_REFERENCES]);
int sqlite_allow(struct store *store, const char *as, uint32_t reference, unsigned int operations);
int sqlite_permissions(struct store *store, store_permission_h each, void *arg);
int sqlite_repository(struct store *store, int64_t sub, const char *owner, struct slice service,
		      struct repository *out);
int sqlite_repositories(struct store *store, int64_t sub, const char *owner,
			store_repository_h each, void *arg);
int sqlite_put_repository(struct store *store, int64_t sub, const char *owner,
			  const struct repository *r);
int sqlite_remove_repository(struct store *store, int64_t sub, const char *owner,
			     const char *service);
int sqlite_subscribe(struct store *store, const struct sh_subscription *s);
int sqlite_unsubscribe(struct store *store, const struct sh_subscription *s);
int sqlite_count_subscriptions(struct store *store, int64_t sub, uint64_t *of_user, uint64_t *all);
int sqlite_subscriptions(struct store *store, int64_t sub, int64_t after,
			 struct sh_subscription *out, size_t max);
int sqlite_due(struct store *store, int64_t now, int64_t *subs, size_t max);
int sqlite_settle(struct store *store, int64_t sub);
int sqlite_expire(struct store *store, int64_t now);
int sqlite_end_subscription(struct store *store, int64_t id);
int sqlite_end_subscriptions(struct store *store, const char *host, const char *user);
int sqlite_retry_at(struct store *store, const char *host, int64_t time);
int sqlite_save_subscription(struct store *store, const struct sh_subscription *s);

/* Read the master keys and see that they open all that is there. Returns 0, or an error with why or sqlite's
 * text. / Wipe them. / The one that seals, or NULL. / Its id, or "". */
int sqlite_seal_open(struct store *store, const char *where, char *why, size_t size);
void sqlite_seal_close(struct sqlite_store *s);
const struct seal_key *sqlite_sealing_key(const struct sqlite_store *s);
const char *sqlite_seal_id(const struct sqlite_store *s);
/* The keys of p, whose name is there, out of the columns k, opc and ha1 from i on, and seal. Returns 0,
 * STORE_ESEAL, or STORE_EIO. */
int sqlite_load_keys(struct sqlite_store *s, sqlite3_stmt *st, int i, int seal, struct impi *p);
/* Bind k, opc, ha1 and seal, in this order at these indices. Returns 0 or STORE_EIO. */
int sqlite_bind_keys(struct sqlite_store *s, sqlite3_stmt *st, const int at[4],
		     const struct impi *p);
int sqlite_seals(struct store *store, store_seal_h each, void *arg);
int sqlite_reload_keys(struct store *store, char *why, size_t size);
int sqlite_reseal(struct store *store, struct store_reseal *at);
int sqlite_scrub(struct store *store);

/* Text of a column that fits; 0 or STORE_EIO. */
int sqlite_column_text(sqlite3_stmt *st, int i, char *out, size_t size);

#endif
