/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restoration information in its table. */
#include "hss/store/sqlite.h"
#include "hss/subscription/restoration.h"

/* The row as a record at the end of a list. */
static int load_row(sqlite3_stmt *st, struct restoration **end)
{
	int len = sqlite3_column_bytes(st, 2);
	struct restoration *r;

	if (len < 0 || len > RESTORATION_MAX)
		return STORE_EIO;
	r = restoration_new(sqlite3_column_blob(st, 2), (size_t)len);
	if (!r)
		return STORE_EIO;
	*end = r;
	return sqlite_column_text(st, 0, r->impi, sizeof(r->impi)) |
	       sqlite_column_text(st, 1, r->owner, sizeof(r->owner));
}

int sqlite_load_restorations(struct store *store, struct subscription *sub)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_LOAD_RESTORATIONS);
	struct restoration **end = &sub->restorations;
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub->id);
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		err = rc == SQLITE_ROW ? load_row(st, end) : sqlite_error_of(rc);
		if (err == 0)
			end = &(*end)->next;
	}
	sqlite3_reset(st);
	return err;
}

int sqlite_put_restoration(struct store *store, int64_t sub, struct slice impi, const char *owner,
			   struct slice octets)
{
	sqlite3_stmt *st =
	    sqlite_use(sqlite_self(store), octets.len ? S_PUT_RESTORATION : S_DEL_RESTORATION);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub);
	sqlite3_bind_text(st, 2, impi.p, (int)impi.len, SQLITE_STATIC);
	sqlite_bind(st, 3, owner);
	if (octets.len)
		sqlite3_bind_blob(st, 4, octets.p, (int)octets.len, SQLITE_STATIC);
	return sqlite_run(st);
}
