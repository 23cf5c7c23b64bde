/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SQLite file of ims-cms: users, agreements, migrations, the pool, the audit trail. What is committed is on the disk
 * (synchronous=FULL). One transaction at a time; safe from every thread.
 */
#ifndef HSS_CMS_STORE_H
#define HSS_CMS_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cms_store;

/* Open or make it, mode 0600. Returns 0, or -1 with why. */
int cms_store_open(const char *path, struct cms_store **out, char *why, size_t size);
void cms_store_close(struct cms_store *s);

/* A transaction that may write; others wait. Returns 0, or -1: the file cannot be written. */
int store_begin_work(struct cms_store *s);
/* End it: keep what was done if keep is true and nothing failed. Returns 0 if it was kept, else -1. */
int store_end_work(struct cms_store *s, bool keep);

/*
 * A statement with its values, each letter of types one: s text (NULL allowed), i int64_t, b octets and their size_t.
 * NULL when it fails, which also makes store_end_work() fail. sqlite3_finalize() when done.
 */
sqlite3_stmt *store_query(struct cms_store *s, const char *sql, const char *types, ...);
/* The next row is there. */
bool store_row(struct cms_store *s, sqlite3_stmt *q);
/* Run one that has no rows. Returns how many rows it changed, or -1. */
int store_run(struct cms_store *s, const char *sql, const char *types, ...);
/* The first value of the first row; none when there is no row. */
int64_t store_number(struct cms_store *s, int64_t none, const char *sql, const char *types, ...);
/* A text column into out, cut to fit; NULL is "". */
void store_text(sqlite3_stmt *q, int column, char *out, size_t size);

/*
 * A line of the audit trail, in the transaction that does what it says. grant, partner and detail may be NULL; no name of a
 * user in any. Each line has the hash of the one before it.
 */
void audit_add(struct cms_store *s, int64_t now, const char *event, const char *grant,
	       const char *partner, const char *actor, const char *detail);
/* Go through the whole trail. Returns the number of lines, or -1 and *wrong is the first that does not follow from the one
 * before it. */
int64_t audit_verify(struct cms_store *s, int64_t *wrong);

#endif
