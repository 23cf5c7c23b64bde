/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of access bearers (GIBA), by IMSI. */
#include "hss/store/tables.h"

int store_giba_user(struct transaction *tx, const char *imsi, char impi[IDENTITY_SIZE], int64_t *id)
{
	struct db_statement *st = use(tx, S_GIBA_USER);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, imsi);
	err = one_row(st);
	if (err == 0)
		err = db_text(st, 0, impi, IDENTITY_SIZE);
	if (err == 0)
		*id = db_int(st, 1);
	db_end(st);
	return err;
}

static int load_bearer(struct db_statement *st, struct bearer *out)
{
	char text[BEARER_TEXT_SIZE];

	if (db_text(st, 0, out->imsi, sizeof(out->imsi)) || db_text(st, 1, text, sizeof(text)) ||
	    bearer_parse(slice_str(text), out))
		return STORE_EIO;
	out->until = db_int(st, 2);
	out->used = (int)db_int(st, 3);
	return 0;
}

/* The one row of a statement whose values are bound. */
static int one_bearer(struct db_statement *st, struct bearer *out)
{
	int err = one_row(st);

	if (err == 0)
		err = load_bearer(st, out);
	db_end(st);
	return err;
}

int store_bearer(struct transaction *tx, const char *imsi, struct bearer *out)
{
	struct db_statement *st = use(tx, S_BEARER);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, imsi);
	return one_bearer(st, out);
}

int store_bearer_at(struct transaction *tx, const char *network, struct bearer *out)
{
	struct db_statement *st = use(tx, S_BEARER_AT);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, network);
	return one_bearer(st, out);
}

int store_dead_bearer(struct transaction *tx, int64_t now, struct bearer *out)
{
	struct db_statement *st = use(tx, S_DEAD_BEARER);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, now);
	return one_bearer(st, out);
}

int store_end_bearer(struct transaction *tx, const char *imsi)
{
	struct db_statement *st = use(tx, S_END_BEARER);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, imsi);
	return db_run(st);
}

int store_put_bearer(struct transaction *tx, const struct bearer *b)
{
	char text[BEARER_TEXT_SIZE], network[BEARER_TEXT_SIZE];
	int err = store_end_bearer(tx, b->imsi);
	struct db_statement *st = err ? NULL : use(tx, S_PUT_BEARER);

	if (!st)
		return err ? err : STORE_EIO;
	db_bind_text(st, 1, b->imsi);
	db_bind_text(st, 2, bearer_network(b, network));
	db_bind_text(st, 3, bearer_text(b, text));
	db_bind_int(st, 4, b->until);
	db_bind_int(st, 5, b->used);
	return db_run(st);
}

int store_use_bearer(struct transaction *tx, const char *imsi)
{
	struct db_statement *st = use(tx, S_USE_BEARER);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, imsi);
	return db_run(st);
}

int store_bearers(struct transaction *tx, const char *after, int64_t now, size_t max,
		  store_bearer_h each, void *arg)
{
	struct db_statement *st = use(tx, S_BEARERS);
	struct bearer b;
	int rc, err = 0, n = 0;

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, after);
	db_bind_int(st, 2, now);
	db_bind_int(st, 3, (int64_t)max);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? load_bearer(st, &b) : rc;
		if (err == 0)
			each(&b, arg);
		n++;
	}
	db_end(st);
	return err ? err : n;
}
