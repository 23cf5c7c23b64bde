/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the PostgreSQL engine share. */
#ifndef HSS_STORE_DB_POSTGRESQL_H
#define HSS_STORE_DB_POSTGRESQL_H

#include <libpq-fe.h>

#include "hss/store/db.h"

struct postgresql;

enum { PG_VALUES_MAX = 20 };

/* A statement in the form for reading transactions or in the one for writing ones, which locks rows. */
struct pg_statement {
	struct db_statement base;
	struct postgresql *db;
	enum statement which;
	bool write;
	bool prepared;
	bool unfit; /* a text that the database cannot hold was bound */
	int n;	    /* values bound */
	Oid type[PG_VALUES_MAX];
	const char *value[PG_VALUES_MAX];
	int length[PG_VALUES_MAX];
	uint64_t number[PG_VALUES_MAX]; /* big-endian: what value points to for integers */
	PGresult *result;
	int row;
};

struct postgresql {
	struct db base;
	PGconn *conn;
	bool broken;  /* nothing more goes over it */
	bool writing; /* the transaction is */
	char error[512];
	struct pg_statement statement[2][S_COUNT];
};

/* What may be told of a place: no password, nor anything else that is secret. / Is it one? / Connect to it, with our
 * own values where the place has none; for PQfinish(), as PQconnectdbParams() has it. */
void pg_name(const char *where, char *out, size_t size);
int pg_check(const char *where, char *why, size_t size);
PGconn *pg_connect(const char *where);

/*
 * Wait for all that a request gave (sent: what PQsend...() returned), ms at most (0: without end). The last result, for
 * PQclear(), in *result; NULL where there is none. Returns 0, or the error of the store that it is, kept for error().
 */
int pg_answer(struct postgresql *db, int sent, int ms, PGresult **result);
enum { PG_ANSWER_MS = 4500 }; /* for a statement; a lock is waited for STORE_BUSY_MS */

/* Members of db_postgresql that are about statements. */
struct db_statement *pg_use(struct db *db, enum statement which);
void pg_bind_int(struct db_statement *st, int i, int64_t value);
void pg_bind_text(struct db_statement *st, int i, struct slice text);
void pg_bind_octets(struct db_statement *st, int i, struct slice octets);
int pg_step(struct db_statement *st);
int64_t pg_column_int(struct db_statement *st, int i);
struct slice pg_column(struct db_statement *st, int i);
void pg_end(struct db_statement *st);

#endif
