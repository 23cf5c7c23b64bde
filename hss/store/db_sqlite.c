/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQLite, the embedded engine. One connection, so that its cache of pages stays good from transaction to transaction;
 * SQLite's own locks against other processes. WAL with synchronous=NORMAL: a crash of the process loses nothing; a
 * power cut may lose the last moments, and a sequence number that went back heals by AUTS (TS 33.102 6.3.5).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hss/store/db.h"
#include "hss/store/schema.h"
#include "hss/store/store.h"

enum own { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, OTHERS, OWN };

struct statement_of_sqlite {
	struct db_statement base;
	sqlite3_stmt *st;
};

struct sqlite {
	struct db base;
	sqlite3 *db;
	struct statement_of_sqlite statement[S_COUNT];
	sqlite3_stmt *own[OWN];
	/* the header of the WAL index, shared by all processes: SQLite's mapping of it (www.sqlite.org/walformat.html 2.1) */
	const volatile uint64_t *header;
	bool left_work; /* in this transaction */
};

static struct sqlite *self(struct db *db)
{
	return (struct sqlite *)db;
}

static sqlite3_stmt *stmt(struct db_statement *st)
{
	return ((struct statement_of_sqlite *)st)->st;
}

static int error_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_EBUSY;
	case SQLITE_CONSTRAINT:
		return STORE_EEXIST;
	}
	return STORE_EIO;
}

static int execute(struct db *db, const char *sql)
{
	return error_of(sqlite3_exec(self(db)->db, sql, NULL, NULL, NULL));
}

/* ---- connection ---- */

static void name(const char *where, char *out, size_t size)
{
	snprintf(out, size, "%s", where);
}

static void close_db(struct db *db)
{
	struct sqlite *s = self(db);

	for (size_t i = 0; i < S_COUNT; i++)
		sqlite3_finalize(s->statement[i].st);
	for (size_t i = 0; i < OWN; i++)
		sqlite3_finalize(s->own[i]);
	sqlite3_close(s->db);
	free(s);
}

/* SQLite counts what it allocates, under a lock of all threads, for figures that nobody reads. */
static void count_nothing(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Each row that is changed, by triggers too. */
static void on_row(void *arg, int what, const char *base, const char *table, sqlite3_int64 row)
{
	struct sqlite *s = arg;

	(void)base;
	(void)row;
	s->left_work |= what == SQLITE_INSERT &&
			(strcmp(table, "sh_dirty") == 0 || strcmp(table, "cx_errand") == 0);
}

static int open_db(const char *path, struct db **out, char *why, size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite *s;
	int fd, err = 0;

	pthread_once(&once, count_nothing);
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
	s->base.engine = &db_sqlite;
	/* a connection is one thread's at a time: no mutex in each call */
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
		err = STORE_EIO;
	else
		sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	if (err == 0)
		err = execute(&s->base, "PRAGMA journal_mode=WAL");
	if (err == 0)
		err = execute(&s->base, "PRAGMA synchronous=NORMAL");
	if (err == 0) /* kB: what is asked for often in a base of some 100,000 */
		err = execute(&s->base, "PRAGMA cache_size=-65536");
	/* pages: what changes again meanwhile is written to the file once, and synced more seldom */
	if (err == 0)
		err = execute(&s->base, "PRAGMA wal_autocheckpoint=4000");
	if (err) {
		snprintf(why, size, "cannot use the store %s: %s", path, sqlite3_errmsg(s->db));
		close_db(&s->base);
		return err;
	}
	sqlite3_update_hook(s->db, on_row, s);
	*out = &s->base;
	return 0;
}

static const char *error(struct db *db)
{
	return sqlite3_errmsg(self(db)->db);
}

/* ---- transactions ---- */

/* *row gets the number that it may give. */
static int read_own(struct db *db, enum own which, int64_t *row)
{
	static const char *const sql[OWN] = {[BEGIN_READ] = "BEGIN",
					     [BEGIN_WRITE] = "BEGIN IMMEDIATE",
					     [COMMIT] = "COMMIT",
					     [ROLLBACK] = "ROLLBACK",
					     [OTHERS] = "PRAGMA data_version"};
	struct sqlite *s = self(db);
	int rc = SQLITE_OK;

	if (!s->own[which])
		rc = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
					&s->own[which], NULL);
	if (rc != SQLITE_OK)
		return STORE_EIO;
	rc = sqlite3_step(s->own[which]);
	if (rc == SQLITE_ROW)
		*row = sqlite3_column_int64(s->own[which], 0);
	sqlite3_reset(s->own[which]);
	return error_of(rc);
}

static int run_own(struct db *db, enum own which)
{
	int64_t none;

	return read_own(db, which, &none);
}

static int begin(struct db *db, bool write)
{
	self(db)->left_work = false;
	return run_own(db, write ? BEGIN_WRITE : BEGIN_READ);
}

static void rollback(struct db *db)
{
	run_own(db, ROLLBACK);
}

static int commit(struct db *db)
{
	int err = run_own(db, COMMIT);

	if (err)
		rollback(db);
	return err;
}

/* ---- commits ---- */

/* Reads something, as SQLite maps the WAL index then. Without a WAL there is no header. */
static bool watch(struct db *db)
{
	enum { REGION = 32768 };
	struct sqlite *s = self(db);
	sqlite3_file *file = NULL;
	volatile void *region = NULL;

	if (execute(db, "SELECT count(*) FROM sqlite_schema") == 0 &&
	    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
	    file && file->pMethods && file->pMethods->iVersion >= 2 && file->pMethods->xShmMap &&
	    file->pMethods->xShmMap(file, 0, REGION, 0, &region) == SQLITE_OK)
		s->header = region;
	return s->header != NULL;
}

/*
 * Who commits writes the header last, before his COMMIT returns. One that is being written is neither the one before nor
 * the one after, and so nobody's mark.
 */
static bool newest(const struct db *db, struct db_mark *out)
{
	const struct sqlite *s = (const struct sqlite *)db;

	if (!s->header)
		return false;
	for (size_t i = 0; i < sizeof(out->word) / sizeof(out->word[0]); i++)
		out->word[i] = s->header[i];
	atomic_thread_fence(memory_order_acquire);
	return true;
}

static int others(struct db *db, int64_t *n)
{
	return read_own(db, OTHERS, n);
}

/* iChange, which counts the commits, stands at octet 8 in the byte order of the machine. */
static uint32_t count_of(const struct db_mark *mark)
{
	uint32_t n;

	memcpy(&n, (const char *)mark + 8, sizeof(n));
	return n;
}

static bool is_next(const struct db_mark *before, const struct db_mark *after)
{
	return count_of(after) == count_of(before) + 1;
}

static int64_t changes(struct db *db)
{
	return sqlite3_total_changes64(self(db)->db);
}

static bool left_work(struct db *db)
{
	return self(db)->left_work;
}

/* ---- statements ---- */

static struct db_statement *use(struct db *db, enum statement which)
{
	struct sqlite *s = self(db);
	struct statement_of_sqlite *st = &s->statement[which];

	if (!st->st && sqlite3_prepare_v3(s->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
					  &st->st, NULL) != SQLITE_OK)
		return NULL;
	st->base.engine = &db_sqlite;
	return &st->base;
}

static void bind_int(struct db_statement *st, int i, int64_t value)
{
	sqlite3_bind_int64(stmt(st), i, value);
}

static void bind_text(struct db_statement *st, int i, struct slice text)
{
	sqlite3_bind_text(stmt(st), i, text.p ? text.p : "", (int)text.len, SQLITE_STATIC);
}

static void bind_octets(struct db_statement *st, int i, struct slice octets)
{
	sqlite3_bind_blob(stmt(st), i, octets.p ? octets.p : "", (int)octets.len, SQLITE_STATIC);
}

static int step(struct db_statement *st)
{
	int rc = sqlite3_step(stmt(st));

	return rc == SQLITE_ROW ? DB_ROW : error_of(rc);
}

static int64_t column_int(struct db_statement *st, int i)
{
	return sqlite3_column_int64(stmt(st), i);
}

static struct slice column_text(struct db_statement *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt(st), i);

	return text ? slice_make(text, (size_t)sqlite3_column_bytes(stmt(st), i)) : SLICE_NULL;
}

static struct slice column_octets(struct db_statement *st, int i)
{
	const void *p = sqlite3_column_blob(stmt(st), i);

	/* what is empty has no address */
	return slice_make(p ? p : "", (size_t)sqlite3_column_bytes(stmt(st), i));
}

static void end(struct db_statement *st)
{
	sqlite3_reset(stmt(st));
}

/* ---- tables ---- */

static int begin_schema(struct db *db, int *version)
{
	sqlite3_stmt *st;
	int rc, err = begin(db, true);

	if (err)
		return err;
	rc = sqlite3_prepare_v2(self(db)->db, "PRAGMA user_version", -1, &st, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		*version = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
		sqlite3_finalize(st);
	}
	err = rc == SQLITE_DONE ? STORE_EIO : error_of(rc);
	if (err)
		rollback(db);
	return err;
}

static int set_version(struct db *db, int version)
{
	char pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", version);
	return execute(db, pragma);
}

static int wipe(struct db *db)
{
	return execute(db, "PRAGMA secure_delete=ON");
}

static int scrub(struct db *db)
{
	int err = execute(db, "VACUUM");

	return err ? err
		   : error_of(sqlite3_wal_checkpoint_v2(self(db)->db, NULL,
							SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
}

const struct db_engine db_sqlite = {
    .scheme = "sqlite:",
    .form = "sqlite:/path/file",
    .connections = 1,
    .name = name,
    .open = open_db,
    .close = close_db,
    .error = error,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .watch = watch,
    .newest = newest,
    .others = others,
    .is_next = is_next,
    .changes = changes,
    .left_work = left_work,
    .use = use,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_octets = bind_octets,
    .step = step,
    .column_int = column_int,
    .column_text = column_text,
    .column_octets = column_octets,
    .end = end,
    .steps = schema_sqlite,
    .begin_schema = begin_schema,
    .execute = execute,
    .set_version = set_version,
    .wipe = wipe,
    .scrub = scrub,
};
