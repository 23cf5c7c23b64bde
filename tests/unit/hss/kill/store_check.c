/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/hss/kill/store_check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "unit/hss/diameter/peer.h"

/* Each of these finds nothing. */
static const struct {
	const char *what, *sql;
} wrong[] = {
    {"a subscription without a private or public identity",
     "SELECT id FROM subscription WHERE id NOT IN (SELECT sub FROM impi)"
     " OR id NOT IN (SELECT sub FROM impu)"},
    {"rows of a subscription that is not there",
     "SELECT sub FROM impi WHERE sub NOT IN (SELECT id FROM subscription)"
     " UNION SELECT sub FROM impu WHERE sub NOT IN (SELECT id FROM subscription)"
     " UNION SELECT sub FROM ifc WHERE sub NOT IN (SELECT id FROM subscription)"},
    {"half of an import", /* one number stands in all names and criteria of a subscription */
     "SELECT a.sub FROM impu a JOIN impu b USING(sub) WHERE a.display<>b.display UNION"
     " SELECT u.sub FROM impu u JOIN ifc f USING(sub) WHERE u.display<>f.priority UNION"
     " SELECT u.sub FROM impu u WHERE u.display<>'' AND (SELECT count(*) FROM ifc f WHERE"
     " f.sub=u.sub)<>1"},
    {"half of an implicit set that is registered", /* nine digits of each say so */
     "SELECT id FROM subscription s WHERE (SELECT count(DISTINCT substr(s.state, 9*pos+1, 4))"
     " FROM impu WHERE sub=s.id)>1"},
    {"state that is not of the identities that are there",
     "SELECT id FROM subscription s WHERE"
     " length(state)<>9*(SELECT count(*) FROM impu WHERE sub=s.id)"
     " OR length(sqn)<>12*(SELECT count(*) FROM impi WHERE sub=s.id) OR registered<>"
     "(SELECT count(*) FROM impu WHERE sub=s.id AND substr(s.state, 9*pos+1, 4)<>'0000')"},
    {"registered without an S-CSCF",
     "SELECT id FROM subscription WHERE scscf='' AND replace(state, '0', '')<>''"},
    {"totals that are not what is there",
     "SELECT 1 FROM totals WHERE subscriptions<>(SELECT count(*) FROM subscription)"
     " OR impis<>(SELECT count(*) FROM impi) OR impus<>(SELECT count(*) FROM impu)"
     " OR registered<>(SELECT sum(registered) FROM subscription)"},
};

static void find_nothing(sqlite3 *db, const char *what, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	CHECK_MSG(rc == SQLITE_DONE, "%s: %s", what,
		  rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : sqlite3_errmsg(db));
	sqlite3_finalize(st);
}

long store_check(const char *path)
{
	sqlite3_stmt *st = NULL;
	long n = 0;
	sqlite3 *db;

	if (!CHECK(sqlite3_open(path, &db) == SQLITE_OK))
		return 0;
	if (CHECK(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) == SQLITE_OK) &&
	    CHECK(sqlite3_step(st) == SQLITE_ROW))
		CHECK_MSG(strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0, "%s",
			  (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		find_nothing(db, wrong[i].what, wrong[i].sql);
	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM subscription", -1, &st, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}
