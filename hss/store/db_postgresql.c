/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PostgreSQL, for several ims-hss on one base. A writing transaction sees what is committed (READ COMMITTED) and locks
 * the row of the subscription that it loads, so that two of one subscription follow each other; one that only reads
 * sees one moment. No call waits longer than PG_ANSWER_MS for the server, but those about tables.
 */
#include "hss/store/db_postgresql.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hss/store/schema.h"
#include "hss/store/store.h"

enum { SCHEMA_LOCK = 0x485353 };

static struct postgresql *self(struct db *db)
{
	return (struct postgresql *)db;
}

/* ---- results ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the connection has something to give. Returns whether it has. */
static bool wait_readable(struct postgresql *db, int64_t until)
{
	struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};
	int64_t left = until ? until - now_ms() : -1;
	int rc;

	if (until && left <= 0)
		return false;
	rc = poll(&fd, 1, (int)left);
	return rc > 0 || (rc < 0 && errno == EINTR);
}

/* All that a request gave, ms at most (0: without end): the last result, or NULL with db->broken set. */
static PGresult *wait_for(struct postgresql *db, int ms)
{
	int64_t until = ms ? now_ms() + ms : 0;
	PGresult *last = NULL, *next;

	for (;;) {
		while (PQisBusy(db->conn)) {
			if (!wait_readable(db, until)) {
				snprintf(db->error, sizeof(db->error),
					 "the server did not answer for %d ms", ms);
				db->broken = true;
				PQclear(last);
				return NULL;
			}
			if (!PQconsumeInput(db->conn))
				break; /* the next result says so */
		}
		next = PQgetResult(db->conn);
		if (!next)
			break;
		/* of several commands the first that fails counts */
		if (last && PQresultStatus(last) == PGRES_FATAL_ERROR) {
			PQclear(next);
			continue;
		}
		PQclear(last);
		last = next;
	}
	if (PQstatus(db->conn) != CONNECTION_OK)
		db->broken = true;
	return last;
}

/* Its first line. */
static void keep_error(struct postgresql *db, const char *text)
{
	snprintf(db->error, sizeof(db->error), "%.*s", (int)strcspn(text, "\n"), text);
}

static int error_of(struct postgresql *db, const PGresult *result)
{
	static const struct {
		const char *state; /* the beginning of an SQLSTATE */
		int err;
	} errors[] = {
	    {"23505", STORE_EEXIST}, /* unique_violation */
	    {"40001", STORE_EAGAIN}, /* serialization_failure */
	    {"40P01", STORE_EAGAIN}, /* deadlock_detected */
	    {"55P03", STORE_EBUSY},  /* lock_not_available */
	    {"57014", STORE_EBUSY},  /* query_canceled */
	    {"25006",
	     STORE_EAWAY}, /* read_only_sql_transaction: a server that is not the first any more */
	    {"25P03", STORE_EAWAY}, /* idle_in_transaction_session_timeout */
	    {"57P", STORE_EAWAY},   /* the server stops, or starts */
	    {"08", STORE_EAWAY},    /* connection exceptions */
	};
	const char *state;

	if (result && (PQresultStatus(result) == PGRES_COMMAND_OK ||
		       PQresultStatus(result) == PGRES_TUPLES_OK))
		return 0;
	if (result)
		keep_error(db, PQresultErrorMessage(result));
	state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	for (size_t i = 0; state && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strncmp(state, errors[i].state, strlen(errors[i].state)) == 0) {
			db->broken |= errors[i].err == STORE_EAWAY;
			return errors[i].err;
		}
	return !result || db->broken ? STORE_EAWAY : STORE_EIO;
}

int pg_answer(struct postgresql *db, int sent, int ms, PGresult **result)
{
	*result = NULL;
	if (!sent) {
		keep_error(db, PQerrorMessage(db->conn));
		db->broken = true;
		return STORE_EAWAY;
	}
	*result = wait_for(db, ms);
	return error_of(db, *result);
}

/* Commands without values and rows. */
static int run(struct postgresql *db, const char *sql, int ms)
{
	PGresult *result;
	int err;

	if (db->broken)
		return STORE_EAWAY;
	err = pg_answer(db, PQsendQuery(db->conn, sql), ms, &result);
	PQclear(result);
	return err;
}

/* ---- connection ---- */

static void close_db(struct db *db)
{
	struct postgresql *p = self(db);

	for (int w = 0; w < 2; w++)
		for (int i = 0; i < S_COUNT; i++)
			PQclear(p->statement[w][i].result);
	PQfinish(p->conn);
	free(p);
}

/* Row locks of somebody whose machine is gone end with his transaction. */
static const char session[] = "SET lock_timeout=2000; SET statement_timeout=4000;"
			      " SET idle_in_transaction_session_timeout=10000;"
			      " SET client_min_messages=warning";

static int connect_db(struct postgresql *p, const char *where)
{
	if (pg_check(where, p->error, sizeof(p->error)))
		return STORE_EURL;
	p->conn = pg_connect(where);
	if (PQstatus(p->conn) != CONNECTION_OK) {
		keep_error(p, p->conn ? PQerrorMessage(p->conn) : "no memory");
		return STORE_EAWAY;
	}
	return run(p, session, PG_ANSWER_MS);
}

static int open_db(const char *where, struct db **out, char *why, size_t size)
{
	struct postgresql *p = calloc(1, sizeof(*p));
	char place[256];
	int err;

	if (!p) {
		snprintf(why, size, "no memory");
		return STORE_EIO;
	}
	p->base.engine = &db_postgresql;
	err = connect_db(p, where);
	if (err) {
		pg_name(where, place, sizeof(place));
		snprintf(why, size, "cannot use the store %s: %s", place, p->error);
		close_db(&p->base);
		return err;
	}
	*out = &p->base;
	return 0;
}

static const char *error(struct db *db)
{
	return self(db)->error;
}

/* What the server closed while nobody used it says so here. */
static bool alive(struct db *db)
{
	struct postgresql *p = self(db);
	struct pollfd fd = {.fd = PQsocket(p->conn), .events = POLLIN};

	if (!p->broken && poll(&fd, 1, 0) > 0)
		p->broken = !PQconsumeInput(p->conn) || PQstatus(p->conn) != CONNECTION_OK;
	return !p->broken;
}

/* ---- transactions ---- */

static int begin(struct db *db, bool write)
{
	self(db)->writing = write;
	return run(self(db),
		   write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
			 : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		   PG_ANSWER_MS);
}

static void rollback(struct db *db)
{
	if (run(self(db), "ROLLBACK", PG_ANSWER_MS))
		self(db)->broken = true;
}

static int commit(struct db *db)
{
	int err = run(self(db), "COMMIT", PG_ANSWER_MS);

	/* what failed before, and somebody did not notice, is rolled back in silence */
	if (err == 0 && PQtransactionStatus(self(db)->conn) != PQTRANS_IDLE)
		self(db)->broken = true;
	if (err && !self(db)->broken)
		rollback(db);
	return err;
}

/* ---- tables ---- */

static int begin_schema(struct db *db, int *version)
{
	char sql[128];
	PGresult *result;
	int err = begin(db, true);

	snprintf(sql, sizeof(sql),
		 "SET LOCAL lock_timeout=0; SET LOCAL statement_timeout=0;"
		 " SELECT pg_advisory_xact_lock(%d)",
		 SCHEMA_LOCK);
	if (err == 0)
		err = run(self(db), sql, 0);
	if (err == 0)
		err = run(self(db),
			  "CREATE TABLE IF NOT EXISTS schema_version(one INT PRIMARY KEY,"
			  " version INT NOT NULL)",
			  PG_ANSWER_MS);
	if (err == 0) {
		err = pg_answer(self(db),
				PQsendQuery(self(db)->conn, "SELECT version FROM schema_version"),
				PG_ANSWER_MS, &result);
		*version = err == 0 && PQntuples(result) ? atoi(PQgetvalue(result, 0, 0)) : 0;
		PQclear(result);
	}
	if (err)
		rollback(db);
	return err;
}

static int execute(struct db *db, const char *sql)
{
	return sql[0] ? run(self(db), sql, 0) : 0;
}

static int set_version(struct db *db, int version)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "INSERT INTO schema_version VALUES(1, %d)"
		 " ON CONFLICT(one) DO UPDATE SET version=excluded.version",
		 version);
	return run(self(db), sql, PG_ANSWER_MS);
}

static int wipe(struct db *db)
{
	(void)db; /* what is overwritten stays until scrub(), and in the server's log */
	return 0;
}

static int scrub(struct db *db)
{
	int err = run(self(db), "SET lock_timeout=0; SET statement_timeout=0", PG_ANSWER_MS);

	if (err == 0)
		err = run(self(db), "VACUUM FULL impi", 0);
	return err ? err : run(self(db), session, PG_ANSWER_MS);
}

/* ---- other processes ---- */

static int listen_db(struct db *db)
{
	return run(self(db), "LISTEN ims_hss", PG_ANSWER_MS);
}

static int descriptor(struct db *db)
{
	return PQsocket(self(db)->conn);
}

static int heard(struct db *db)
{
	struct postgresql *p = self(db);
	PGnotify *n;
	int some = 0;

	if (!PQconsumeInput(p->conn) || PQstatus(p->conn) != CONNECTION_OK)
		p->broken = true;
	while (!p->broken && (n = PQnotifies(p->conn))) {
		PQfreemem(n);
		some = 1;
	}
	return p->broken ? STORE_EAWAY : some;
}

const struct db_engine db_postgresql = {
    .scheme = "postgresql:",
    .form = "postgresql://hss@db.home1.net/hss",
    .connections = 8,
    .remote = true,
    .name = pg_name,
    .check = pg_check,
    .open = open_db,
    .close = close_db,
    .error = error,
    .alive = alive,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .use = pg_use,
    .bind_int = pg_bind_int,
    .bind_text = pg_bind_text,
    .bind_octets = pg_bind_octets,
    .step = pg_step,
    .column_int = pg_column_int,
    .column_text = pg_column,
    .column_octets = pg_column,
    .end = pg_end,
    .steps = schema_postgresql,
    .begin_schema = begin_schema,
    .execute = execute,
    .set_version = set_version,
    .wipe = wipe,
    .scrub = scrub,
    .listen = listen_db,
    .descriptor = descriptor,
    .heard = heard,
};
