/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which subscriber base has which user: the table of the subscription locator. */
#include "hss/store/tables.h"

int store_redirect(struct transaction *tx, const char *key, char host[IDENTITY_SIZE])
{
	struct db_statement *st = use(tx, S_REDIRECT);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, key);
	err = one_row(st);
	if (err == 0)
		err = db_text(st, 0, host, IDENTITY_SIZE);
	db_end(st);
	return err;
}

int store_put_redirect(struct transaction *tx, const char *key, const char *host)
{
	struct db_statement *st = use(tx, host ? S_PUT_REDIRECT : S_DEL_REDIRECT);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, key);
	if (host)
		db_bind_text(st, 2, host);
	return db_run(st);
}

int store_redirects(struct transaction *tx, store_redirect_h each, void *arg)
{
	struct db_statement *st = use(tx, S_REDIRECTS);
	char key[IDENTITY_SIZE], host[IDENTITY_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW
			  ? db_text(st, 0, key, sizeof(key)) | db_text(st, 1, host, sizeof(host))
			  : rc;
		if (err == 0)
			each(key, host, arg);
	}
	db_end(st);
	return err;
}
