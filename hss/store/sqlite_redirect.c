/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which subscriber base has which user: the table of the subscription locator. */
#include "hss/store/sqlite.h"

int sqlite_redirect(struct store *store, const char *key, char host[IDENTITY_SIZE])
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_REDIRECT);
	int rc, err;

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, key);
	rc = sqlite3_step(st);
	err = rc == SQLITE_DONE ? STORE_ENOTFOUND : sqlite_error_of(rc);
	if (err == 0)
		err = sqlite_column_text(st, 0, host, IDENTITY_SIZE);
	sqlite3_reset(st);
	return err;
}

int sqlite_put_redirect(struct store *store, const char *key, const char *host)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), host ? S_PUT_REDIRECT : S_DEL_REDIRECT);

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, key);
	if (host)
		sqlite_bind(st, 2, host);
	return sqlite_run(st);
}

int sqlite_redirects(struct store *store, store_redirect_h each, void *arg)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_REDIRECTS);
	char key[IDENTITY_SIZE], host[IDENTITY_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		err = rc == SQLITE_ROW ? sqlite_column_text(st, 0, key, sizeof(key)) |
					     sqlite_column_text(st, 1, host, sizeof(host))
				       : sqlite_error_of(rc);
		if (err == 0)
			each(key, host, arg);
	}
	sqlite3_reset(st);
	return err;
}
