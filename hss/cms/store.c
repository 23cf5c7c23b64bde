/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/store.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/log.h"

enum { SCHEMA = 2, BUSY_MS = 2000 };

struct cms_store {
	sqlite3 *db;
	pthread_mutex_t lock;
	bool failed; /* in the transaction that runs */
};

/* One row of grants is one migration as one side sees it; grant.h explains the columns. bound has each
 * identity of those that live, taken each that was given away, for as long as its grant is kept. */
static const char schema[] =
    "CREATE TABLE users(mc_id TEXT PRIMARY KEY, names TEXT NOT NULL, services TEXT NOT NULL,"
    " outbound INTEGER NOT NULL);"
    "CREATE TABLE agreements(mc_id TEXT NOT NULL, partner TEXT NOT NULL,"
    " PRIMARY KEY(mc_id, partner));"
    "CREATE TABLE admitted(partner TEXT NOT NULL, mc_id TEXT NOT NULL,"
    " PRIMARY KEY(partner, mc_id));"
    "CREATE TABLE barred(mc_id TEXT NOT NULL, partner TEXT NOT NULL, PRIMARY KEY(mc_id, partner));"
    "CREATE TABLE grants(id TEXT PRIMARY KEY, side INTEGER NOT NULL, partner TEXT NOT NULL,"
    " mc_id TEXT NOT NULL, ue TEXT NOT NULL, services TEXT NOT NULL, chosen TEXT NOT NULL,"
    " request_key TEXT NOT NULL, hash BLOB NOT NULL, message TEXT NOT NULL, remote TEXT NOT NULL,"
    " own TEXT NOT NULL, pair TEXT NOT NULL, pair_impi TEXT NOT NULL, inbound TEXT NOT NULL,"
    " database TEXT NOT NULL, connection TEXT NOT NULL, document BLOB,"
    " state INTEGER NOT NULL, reason TEXT NOT NULL, told INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, next_try INTEGER NOT NULL,"
    " issued INTEGER NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " seq INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX grants_message ON grants(side, partner, message);"
    "CREATE UNIQUE INDEX grants_live_user ON grants(side, partner, mc_id) WHERE state < 2;"
    "CREATE UNIQUE INDEX grants_live_pair ON grants(partner, pair_impi) WHERE side = 1 AND state < "
    "2;"
    "CREATE INDEX grants_user ON grants(mc_id, side, created);"
    "CREATE INDEX grants_partner ON grants(side, partner, created);"
    "CREATE INDEX grants_seq ON grants(seq);"
    "CREATE INDEX grants_expiry ON grants(expires) WHERE state < 2;"
    "CREATE INDEX grants_over ON grants(changed) WHERE state > 1;"
    "CREATE INDEX grants_untold ON grants(next_try) WHERE told = 0;"
    "CREATE TABLE taken(name TEXT PRIMARY KEY, grant_id TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX taken_grant ON taken(grant_id);"
    "CREATE TABLE bound(name TEXT NOT NULL, grant_id TEXT NOT NULL,"
    " PRIMARY KEY(name, grant_id)) WITHOUT ROWID;"
    "CREATE INDEX bound_grant ON bound(grant_id);"
    "CREATE TABLE cancelled(partner TEXT NOT NULL, message TEXT NOT NULL, until INTEGER NOT NULL,"
    " PRIMARY KEY(partner, message));"
    "CREATE TABLE pool(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, names TEXT NOT NULL UNIQUE,"
    " used INTEGER NOT NULL);"
    "CREATE INDEX pool_free ON pool(kind, id) WHERE used = 0;"
    "CREATE TABLE sequence(seq INTEGER NOT NULL);"
    "INSERT INTO sequence VALUES(0);"
    "CREATE TABLE audit(n INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL,"
    " grant_id TEXT NOT NULL, partner TEXT NOT NULL, actor TEXT NOT NULL, detail TEXT NOT NULL,"
    " hash BLOB NOT NULL);";

/* From version 1 on: whether the HSS knows the state of a grant, and when it is told again. */
static const char version_2[] =
    "ALTER TABLE grants ADD COLUMN fed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE grants ADD COLUMN feed_tries INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE grants ADD COLUMN feed_next INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX grants_unfed ON grants(feed_next) WHERE fed = 0;"
    "UPDATE grants SET fed = 1 WHERE state > 1;";

static int fail(struct cms_store *s, const char *what)
{
	log_line(LOG_ERR, "store: %s: %s", what, sqlite3_errmsg(s->db));
	s->failed = true;
	return -1;
}

static int make_schema(struct cms_store *s)
{
	int64_t version;

	if (store_begin_work(s))
		return -1;
	version = store_number(s, -1, "PRAGMA user_version", "");
	if (version == SCHEMA)
		return store_end_work(s, true);
	if (version < 0 || version > SCHEMA) {
		log_line(LOG_ERR, "store: it was made by another version of ims-cms");
		s->failed = true;
	} else if ((version == 0 && sqlite3_exec(s->db, schema, NULL, NULL, NULL)) ||
		   sqlite3_exec(s->db, version_2, NULL, NULL, NULL) ||
		   sqlite3_exec(s->db, "PRAGMA user_version = 2", NULL, NULL, NULL)) {
		fail(s, "schema");
	}
	return store_end_work(s, true);
}

int cms_store_open(const char *path, struct cms_store **out, char *why, size_t size)
{
	struct cms_store *s = calloc(1, sizeof(*s));
	const mode_t mask = umask(0077);
	int err;

	if (!s) {
		umask(mask);
		snprintf(why, size, "no memory");
		return -1;
	}
	pthread_mutex_init(&s->lock, NULL);
	err = sqlite3_open_v2(
	    path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (err == SQLITE_OK) {
		sqlite3_busy_timeout(s->db, BUSY_MS);
		err = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL,
				   NULL, NULL);
	}
	if (err == SQLITE_OK)
		err = make_schema(s);
	umask(mask);
	if (err) {
		snprintf(why, size, "store %s: %s", path,
			 s->db ? sqlite3_errmsg(s->db) : "no memory");
		cms_store_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void cms_store_close(struct cms_store *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int store_begin_work(struct cms_store *s)
{
	pthread_mutex_lock(&s->lock);
	s->failed = false;
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	fail(s, "begin");
	pthread_mutex_unlock(&s->lock);
	return -1;
}

int store_end_work(struct cms_store *s, bool keep)
{
	bool kept = false;

	if (keep && !s->failed) {
		kept = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
		if (!kept)
			fail(s, "commit");
	}
	if (!kept)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	pthread_mutex_unlock(&s->lock);
	return kept ? 0 : -1;
}

static int bind(sqlite3_stmt *q, const char *types, va_list ap)
{
	int err = SQLITE_OK;

	for (int i = 0; types[i] && err == SQLITE_OK; i++) {
		if (types[i] == 's') {
			err = sqlite3_bind_text(q, i + 1, va_arg(ap, const char *), -1,
						SQLITE_TRANSIENT);
		} else if (types[i] == 'i') {
			err = sqlite3_bind_int64(q, i + 1, va_arg(ap, int64_t));
		} else {
			const void *p = va_arg(ap, const void *);

			err =
			    sqlite3_bind_blob64(q, i + 1, p, va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
	}
	return err;
}

static sqlite3_stmt *prepare(struct cms_store *s, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) || bind(q, types, ap)) {
		fail(s, sql);
		sqlite3_finalize(q);
		return NULL;
	}
	return q;
}

sqlite3_stmt *store_query(struct cms_store *s, const char *sql, const char *types, ...)
{
	sqlite3_stmt *q;
	va_list ap;

	va_start(ap, types);
	q = prepare(s, sql, types, ap);
	va_end(ap);
	return q;
}

bool store_row(struct cms_store *s, sqlite3_stmt *q)
{
	int rc = q ? sqlite3_step(q) : SQLITE_DONE;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail(s, sqlite3_sql(q));
	return rc == SQLITE_ROW;
}

int store_run(struct cms_store *s, const char *sql, const char *types, ...)
{
	sqlite3_stmt *q;
	va_list ap;

	va_start(ap, types);
	q = prepare(s, sql, types, ap);
	va_end(ap);
	if (!q)
		return -1;
	store_row(s, q);
	sqlite3_finalize(q);
	return s->failed ? -1 : sqlite3_changes(s->db);
}

int64_t store_number(struct cms_store *s, int64_t none, const char *sql, const char *types, ...)
{
	int64_t n = none;
	sqlite3_stmt *q;
	va_list ap;

	va_start(ap, types);
	q = prepare(s, sql, types, ap);
	va_end(ap);
	if (store_row(s, q))
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

void store_text(sqlite3_stmt *q, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	snprintf(out, size, "%s", text ? text : "");
}
