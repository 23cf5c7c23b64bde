/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The embedded store. One connection, one transaction at a time in this process (a mutex), SQLite's
 * own locks against other processes. WAL with synchronous=NORMAL: a crash of the process loses
 * nothing; a power cut may lose the last moments, and a sequence number that went back heals by
 * AUTS (TS 33.102 6.3.5).
 */
#include "hss/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SCHEMA_VERSION = 1,
	BUSY_MS = 2000 /* a CSCF gives up after about five seconds */
};

static const char schema[] =
    "CREATE TABLE subscription(id INTEGER PRIMARY KEY, scscf TEXT NOT NULL, scscf_host TEXT NOT "
    "NULL,"
    " scscf_realm TEXT NOT NULL, has_capabilities INT NOT NULL, capability_server TEXT NOT NULL,"
    " has_charging INT NOT NULL, ecf TEXT NOT NULL, ecf2 TEXT NOT NULL, ccf TEXT NOT NULL, ccf2 "
    "TEXT NOT NULL);"
    "CREATE TABLE impi(name TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, k BLOB NOT NULL,"
    " opc BLOB NOT NULL, amf BLOB NOT NULL, sqn INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impi_sub ON impi(sub, pos);"
    "CREATE TABLE impu(uri TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, display TEXT NOT "
    "NULL,"
    " implicit_set INT NOT NULL, profile INT NOT NULL, barred INT NOT NULL, impis INT NOT NULL,"
    " registered INT NOT NULL, pending INT NOT NULL, unregistered INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impu_sub ON impu(sub, pos);"
    "CREATE TABLE ifc(sub INT NOT NULL, pos INT NOT NULL, profile INT NOT NULL, priority INT NOT "
    "NULL,"
    " server TEXT NOT NULL, trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT "
    "NOT NULL,"
    " include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;"
    "CREATE TABLE capability(sub INT NOT NULL, mandatory INT NOT NULL, pos INT NOT NULL, value INT "
    "NOT NULL,"
    " PRIMARY KEY(sub, mandatory, pos)) WITHOUT ROWID;"
    "CREATE TABLE visited(sub INT NOT NULL, pos INT NOT NULL, network TEXT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;";

static const char *const sql[S_COUNT] = {
    [S_BEGIN_READ] = "BEGIN",
    [S_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_ROLLBACK] = "ROLLBACK",
    [S_FIND_IMPI] = "SELECT sub FROM impi WHERE name=?",
    [S_FIND_IMPU] = "SELECT sub FROM impu WHERE uri=?",
    [S_LOAD_SUB] =
	"SELECT scscf, scscf_host, scscf_realm, has_capabilities, capability_server, has_charging,"
	" ecf, ecf2, ccf, ccf2 FROM subscription WHERE id=?",
    [S_LOAD_IMPI] = "SELECT name, k, opc, amf, sqn FROM impi WHERE sub=? ORDER BY pos",
    [S_LOAD_IMPU] =
	"SELECT uri, display, implicit_set, profile, barred, impis, registered, pending,"
	" unregistered FROM impu WHERE sub=? ORDER BY pos",
    [S_LOAD_IFC] =
	"SELECT profile, priority, server, trigger_text, service_info, terminate, include_request,"
	" include_response, part FROM ifc WHERE sub=? ORDER BY pos",
    [S_LOAD_CAPABILITY] =
	"SELECT mandatory, value FROM capability WHERE sub=? ORDER BY mandatory, pos",
    [S_LOAD_VISITED] = "SELECT network FROM visited WHERE sub=? ORDER BY pos",
    [S_SAVE_SCSCF] = "UPDATE subscription SET scscf=?2, scscf_host=?3, scscf_realm=?4 WHERE id=?1",
    [S_SAVE_IMPU] = "UPDATE impu SET registered=?2, pending=?3, unregistered=?4 WHERE uri=?1",
    [S_SAVE_SQN] = "UPDATE impi SET sqn=?2 WHERE name=?1",
    [S_PUT_SUB] =
	"INSERT OR REPLACE INTO subscription(id, scscf, scscf_host, scscf_realm, has_capabilities,"
	" capability_server, has_charging, ecf, ecf2, ccf, ccf2)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_IMPI] =
	"INSERT INTO impi(sub, pos, name, k, opc, amf, sqn) VALUES(?1,?2,?3,?4,?5,?6,?7)",
    [S_PUT_IMPU] =
	"INSERT INTO impu(sub, pos, uri, display, implicit_set, profile, barred, impis, registered,"
	" pending, unregistered) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_IFC] =
	"INSERT INTO ifc(sub, pos, profile, priority, server, trigger_text, service_info, "
	"terminate,"
	" include_request, include_response, part) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_CAPABILITY] = "INSERT INTO capability(sub, mandatory, pos, value) VALUES(?1,?2,?3,?4)",
    [S_PUT_VISITED] = "INSERT INTO visited(sub, pos, network) VALUES(?1,?2,?3)",
    [S_DEL_SUB] = "DELETE FROM subscription WHERE id=?",
    [S_DEL_IMPI] = "DELETE FROM impi WHERE sub=?",
    [S_DEL_IMPU] = "DELETE FROM impu WHERE sub=?",
    [S_DEL_IFC] = "DELETE FROM ifc WHERE sub=?",
    [S_DEL_CAPABILITY] = "DELETE FROM capability WHERE sub=?",
    [S_DEL_VISITED] = "DELETE FROM visited WHERE sub=?",
    [S_LIST] = "SELECT id FROM subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_TOTALS] = "SELECT (SELECT count(*) FROM subscription), (SELECT count(*) FROM impi),"
		 " (SELECT count(*) FROM impu), (SELECT count(*) FROM impu WHERE registered<>0),"
		 " (SELECT count(*) FROM impu WHERE unregistered<>0)",
};

sqlite3_stmt *sqlite_use(struct sqlite_store *s, enum statement which)
{
	if (!s->stmt[which] && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
						  &s->stmt[which], NULL) != SQLITE_OK)
		return NULL;
	return s->stmt[which];
}

int sqlite_run(sqlite3_stmt *st)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	if (st) {
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	switch (rc) {
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_BUSY:
		return STORE_EBUSY;
	case SQLITE_CONSTRAINT:
		return STORE_EEXIST;
	}
	return STORE_EIO;
}

void sqlite_bind(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);

	for (size_t i = 0; i < S_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const char *sqlite_error(struct store *store)
{
	return sqlite3_errmsg(sqlite_self(store)->db);
}

static int sqlite_begin(struct store *store, bool write)
{
	struct sqlite_store *s = sqlite_self(store);
	int err;

	pthread_mutex_lock(&s->lock);
	err = sqlite_run(sqlite_use(s, write ? S_BEGIN_WRITE : S_BEGIN_READ));
	if (err)
		pthread_mutex_unlock(&s->lock);
	return err;
}

static void sqlite_rollback(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);

	sqlite_run(sqlite_use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
}

static int sqlite_commit(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);
	int err = sqlite_run(sqlite_use(s, S_COMMIT));

	if (err)
		sqlite_run(sqlite_use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int find(struct sqlite_store *s, enum statement which, struct slice key, int64_t *id)
{
	sqlite3_stmt *st = sqlite_use(s, which);
	int rc;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_text(st, 1, key.p ? key.p : "", (int)key.len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? STORE_ENOTFOUND : STORE_EIO;
}

static int sqlite_find_impi(struct store *store, struct slice impi, int64_t *id)
{
	return find(sqlite_self(store), S_FIND_IMPI, impi, id);
}

static int sqlite_find_impu(struct store *store, struct slice impu, int64_t *id)
{
	return find(sqlite_self(store), S_FIND_IMPU, impu, id);
}

static int sqlite_list(struct store *store, int64_t after, int64_t *ids, size_t max)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_LIST);
	int n = 0, rc = SQLITE_DONE;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while ((size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		ids[n++] = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? n : STORE_EIO;
}

static int sqlite_totals(struct store *store, struct store_totals *out)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_TOTALS);
	int rc;

	if (!st)
		return STORE_EIO;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		out->subscriptions = (uint64_t)sqlite3_column_int64(st, 0);
		out->impis = (uint64_t)sqlite3_column_int64(st, 1);
		out->impus = (uint64_t)sqlite3_column_int64(st, 2);
		out->registered = (uint64_t)sqlite3_column_int64(st, 3);
		out->unregistered = (uint64_t)sqlite3_column_int64(st, 4);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : STORE_EIO;
}

static const struct store_ops sqlite_ops = {
    .close = sqlite_close,
    .error = sqlite_error,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .find_impi = sqlite_find_impi,
    .find_impu = sqlite_find_impu,
    .load = sqlite_load,
    .save_state = sqlite_save_state,
    .save_sqn = sqlite_save_sqn,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .list = sqlite_list,
    .totals = sqlite_totals,
};

static int exec(sqlite3 *db, const char *text)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : STORE_EIO;
}

static int schema_version(sqlite3 *db, int *version)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK)
		return STORE_EIO;
	rc = sqlite3_step(st);
	*version = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : STORE_EIO;
}

/* Make the tables once, however many processes start at the same time. */
static int prepare_schema(sqlite3 *db)
{
	char pragma[64];
	int version, err;

	if (exec(db, "PRAGMA journal_mode=WAL") || exec(db, "PRAGMA synchronous=NORMAL") ||
	    exec(db, "BEGIN IMMEDIATE"))
		return STORE_EIO;
	err = schema_version(db, &version);
	if (err == 0 && version > SCHEMA_VERSION)
		err = STORE_EVERSION;
	if (err == 0 && version < SCHEMA_VERSION) {
		snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", SCHEMA_VERSION);
		err = exec(db, schema);
		if (err == 0)
			err = exec(db, pragma);
	}
	if (err == 0)
		return exec(db, "COMMIT");
	exec(db, "ROLLBACK");
	return err;
}

int store_sqlite_open(const char *path, struct store **out, char *why, size_t size)
{
	struct sqlite_store *s;
	int fd, err;

	/* the file holds keys: make it readable by its owner only before SQLite would make it
	 * otherwise */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, size, "cannot open the store %s: %s; make its folder, or set store",
			 path, strerror(errno));
		return STORE_EIO;
	}
	close(fd);
	s = calloc(1, sizeof(*s));
	if (!s) {
		snprintf(why, size, "no memory");
		return STORE_EIO;
	}
	s->store.ops = &sqlite_ops;
	pthread_mutex_init(&s->lock, NULL);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL)) {
		err = STORE_EIO;
	} else {
		sqlite3_busy_timeout(s->db, BUSY_MS);
		err = prepare_schema(s->db);
	}
	if (err) {
		snprintf(why, size, "cannot use the store %s: %s", path,
			 err == STORE_EVERSION ? store_strerror(err) : sqlite3_errmsg(s->db));
		sqlite_close(&s->store);
		return err;
	}
	*out = &s->store;
	return 0;
}
