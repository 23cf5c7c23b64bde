/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection to an SQL database, and statements prepared on it: what the store needs of an engine, and nothing of
 * subscribers. A connection is one thread's at a time. Functions that fail return errors of the store (enum
 * store_err). Each engine is one struct db_engine in a file of its own, db_NAME.c.
 */
#ifndef HSS_STORE_DB_H
#define HSS_STORE_DB_H

#include "base/slice.h"
#include "hss/store/statements.h"

struct db;	     /* a connection; engines have their own struct behind this name */
struct db_statement; /* a prepared statement */

enum { DB_ROW = 1 }; /* of step(), beside 0 and errors */

/* Names a commit: as long as it is the newest, everything is as it was. */
struct db_mark {
	uint64_t word[6];
};

struct db_engine {
	const char *scheme; /* what its URLs begin with, with the colon */
	const char *form;   /* what they look like, for a message */
	size_t connections; /* that a process has at most */
	/* A server, which may go and come, and which several ims-hss use: the members that say so are there. */
	bool remote;
	/* what may be told of the place: without a password. Into out, cut to size. */
	void (*name)(const char *where, char *out, size_t size);
	/* Server: is it the name of one? Returns 0, or an error with a sentence in why. Nothing is connected to. */
	int (*check)(const char *where, char *why, size_t size);
	/* Connect to what stands behind the scheme. Returns 0, or an error with a sentence in why. */
	int (*open)(const char *where, struct db **out, char *why, size_t size);
	void (*close)(struct db *db);
	/* The engine's last words. Valid until the next call. */
	const char *(*error)(struct db *db);
	/* Server: does the connection work still, as far as is known? */
	bool (*alive)(struct db *db);

	int (*begin)(struct db *db, bool write);
	/* A commit that fails has rolled back. */
	int (*commit)(struct db *db);
	void (*rollback)(struct db *db);

	/*
	 * Engines that can tell without a transaction whether anything was committed since; else NULL. Begin to: returns false
	 * if that cannot be told of this database. / The newest commit, for any thread; false before that. / In a transaction, whose picture is taken
	 * then: a number that changes whenever others than this connection have committed. / Is one commit the next after
	 * the other?
	 */
	bool (*watch)(struct db *db);
	bool (*newest)(const struct db *db, struct db_mark *out);
	int (*others)(struct db *db, int64_t *n);
	bool (*is_next)(const struct db_mark *before, const struct db_mark *after);

	/* How many rows were ever changed on this connection. / Did the transaction leave rows in the tables of what others
	 * are to be told? NULL: that is not known. */
	int64_t (*changes)(struct db *db);
	bool (*left_work)(struct db *db);

	/* The statement ready for new values, or NULL. */
	struct db_statement *(*use)(struct db *db, enum statement which);
	/* Values, numbered from 1. What is bound is not copied: it must live until the statement has run. */
	void (*bind_int)(struct db_statement *st, int i, int64_t value);
	void (*bind_text)(struct db_statement *st, int i, struct slice text);
	void (*bind_octets)(struct db_statement *st, int i, struct slice octets);
	/* Run to the next row: DB_ROW, 0 at the end, or an error. */
	int (*step)(struct db_statement *st);
	/* Columns of the row, numbered from 0; texts end with a NUL. Valid until the next step or end. */
	int64_t (*column_int)(struct db_statement *st, int i);
	struct slice (*column_text)(struct db_statement *st, int i);
	struct slice (*column_octets)(struct db_statement *st, int i);
	/* No more rows are wanted. */
	void (*end)(struct db_statement *st);

	/*
	 * The tables: the steps that lead from an empty database to the newest version, SCHEMA_VERSION texts of SQL.
	 * A step that was released never changes.
	 */
	const char *const *steps;
	/* Begin a transaction that no other process has at the same time, and say how many steps there were. / Several
	 * statements at once. / Say how many there are now. The transaction is ended with commit or rollback. */
	int (*begin_schema)(struct db *db, int *version);
	int (*execute)(struct db *db, const char *sql);
	int (*set_version)(struct db *db, int version);

	/* What is overwritten or deleted from now on is not to be read in the files any more. */
	int (*wipe)(struct db *db);
	/* Write everything anew, outside a transaction, so that nothing is left of what was overwritten before. */
	int (*scrub)(struct db *db);

	/* Server: have it said on this connection when another process leaves work in the tables. / What poll() is to
	 * wait on. / Read what was said. Returns whether anything was, or an error; then the connection is over. */
	int (*listen)(struct db *db);
	int (*descriptor)(struct db *db);
	int (*heard)(struct db *db);
};

enum { SCHEMA_VERSION = 18 };

/* First member of each engine's own struct. */
struct db {
	const struct db_engine *engine;
};

struct db_statement {
	const struct db_engine *engine;
};

extern const struct db_engine db_sqlite, db_postgresql;

/* Bring a new connection's database to the newest schema, however many processes start at once. Returns 0, or an
 * error with a sentence in why; then nothing is changed. */
int db_schema(struct db *db, char *why, size_t size);

static inline struct db_statement *db_use(struct db *db, enum statement which)
{
	return db->engine->use(db, which);
}

static inline void db_bind_int(struct db_statement *st, int i, int64_t value)
{
	st->engine->bind_int(st, i, value);
}

static inline void db_bind_slice(struct db_statement *st, int i, struct slice text)
{
	st->engine->bind_text(st, i, text);
}

static inline void db_bind_text(struct db_statement *st, int i, const char *text)
{
	st->engine->bind_text(st, i, slice_str(text));
}

static inline void db_bind_octets(struct db_statement *st, int i, const void *p, size_t n)
{
	st->engine->bind_octets(st, i, slice_make(p, n));
}

static inline int db_step(struct db_statement *st)
{
	return st->engine->step(st);
}

static inline void db_end(struct db_statement *st)
{
	st->engine->end(st);
}

/* Run a statement that gives no rows. Returns 0 or an error. */
static inline int db_run(struct db_statement *st)
{
	int rc = db_step(st);

	db_end(st);
	return rc < 0 ? rc : 0;
}

static inline int64_t db_int(struct db_statement *st, int i)
{
	return st->engine->column_int(st, i);
}

static inline struct slice db_slice(struct db_statement *st, int i)
{
	return st->engine->column_text(st, i);
}

static inline struct slice db_octets(struct db_statement *st, int i)
{
	return st->engine->column_octets(st, i);
}

/* Text of a column that fits. Returns 0 or STORE_EIO. */
int db_text(struct db_statement *st, int i, char *out, size_t size);

#endif
