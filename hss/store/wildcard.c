/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wildcarded identities, by their host and what stands in front of the pattern. */
#include "hss/subscription/wildcard.h"
#include "hss/store/tables.h"

int store_put_wildcard(struct transaction *tx, int64_t sub, const char *uri)
{
	struct db_statement *st = use(tx, S_COUNT_WILDCARDS);
	char host[IDENTITY_SIZE], prefix[IDENTITY_SIZE];
	int err;

	if (!st)
		return STORE_EIO;
	wildcard_key(uri, host, prefix);
	db_bind_text(st, 1, host);
	db_bind_text(st, 2, prefix);
	err = one_row(st);
	if (err == 0 && db_int(st, 0) >= WILDCARDS_ALIKE_MAX)
		err = STORE_EWILDCARDS;
	db_end(st);
	if (err)
		return err;
	st = use(tx, S_PUT_WILDCARD);
	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, uri);
	db_bind_text(st, 3, host);
	db_bind_text(st, 4, prefix);
	return db_run(st);
}

static int find_wildcard(struct transaction *tx, const char *identity, char found[IDENTITY_SIZE],
			 int64_t *id)
{
	struct db_statement *st = use(tx, S_FIND_WILDCARD);
	char host[IDENTITY_SIZE];
	int rc, err = STORE_ENOTFOUND;

	if (!st)
		return STORE_EIO;
	wildcard_host(identity, host);
	db_bind_text(st, 1, host);
	db_bind_text(st, 2, identity);
	while (err == STORE_ENOTFOUND && (rc = db_step(st)) != 0) {
		if (rc != DB_ROW || db_text(st, 0, found, IDENTITY_SIZE)) {
			err = rc == DB_ROW ? STORE_EIO : rc;
		} else if (wildcard_matches(found, identity)) {
			*id = db_int(st, 1);
			err = 0;
		}
	}
	db_end(st);
	return err;
}

int store_find_public(struct transaction *tx, const char *identity, char found[IDENTITY_SIZE],
		      int64_t *id)
{
	int err = store_find_impu(tx, slice_str(identity), id);

	if (err == 0)
		strcpy(found, identity);
	return err == STORE_ENOTFOUND && identity[0] ? find_wildcard(tx, identity, found, id) : err;
}
