/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An empty base for a test of the store: an SQLite file; with HSS_TEST_BASE in the environment (what stands behind
 * "postgresql:"), that base of PostgreSQL, emptied. So the same tests run on both.
 */
#ifndef TESTS_HSS_BASE_H
#define TESTS_HSS_BASE_H

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/unit.h"

struct base {
	char url[512];
	char dir[64], path[80]; /* of the file, or "" */
};

static inline const char *base_server(void)
{
	return getenv("HSS_TEST_BASE");
}

/* Octets are written x'0123' for SQLite. */
static inline void base_translate(const char *sql, char *out)
{
	while (*sql) {
		if (strncmp(sql, "=x'", 3) == 0) {
			out = stpcpy(out, "='\\x");
			sql += 3;
		} else {
			*out++ = *sql++;
		}
	}
	*out = '\0';
}

/* Statements of SQL, past the store. */
static inline void base_sql(const char *text)
{
	PGconn *conn = PQconnectdb(base_server());
	char *sql = malloc(2 * strlen(text) + 1);
	PGresult *r;

	base_translate(text, sql);
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	PQclear(PQexec(conn, "SET client_min_messages=warning"));
	r = PQexec(conn, sql);
	ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s", PQerrorMessage(conn));
	PQclear(r);
	PQfinish(conn);
	free(sql);
}

/* The one value that a query gives. The caller frees it. */
static inline char *base_ask(const char *sql)
{
	PGconn *conn = PQconnectdb(base_server());
	PGresult *r;
	char *value;

	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	r = PQexec(conn, sql);
	ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
	value = strdup(PQgetvalue(r, 0, 0));
	PQclear(r);
	PQfinish(conn);
	return value;
}

static inline void base_make(struct base *b)
{
	memset(b, 0, sizeof(*b));
	if (!base_server()) {
		strcpy(b->dir, "/tmp/hss-base-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(b->dir));
		snprintf(b->path, sizeof(b->path), "%s/db", b->dir);
		snprintf(b->url, sizeof(b->url), "sqlite:%s", b->path);
		return;
	}
	snprintf(b->url, sizeof(b->url), "postgresql:%s", base_server());
	base_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

static inline void base_remove(struct base *b)
{
	if (!b->path[0])
		return;
	unlink(b->path);
	rmdir(b->dir);
}

#endif
