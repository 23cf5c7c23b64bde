/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose an identity is, the list of subscriptions, and how many there are of everything. */
#include "hss/cx/redirect.h"
#include "hss/store/tables.h"

static int find(struct transaction *tx, enum statement which, struct slice key, int64_t *id)
{
	struct db_statement *st = use(tx, which);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_slice(st, 1, key);
	err = one_row(st);
	if (err == 0)
		*id = db_int(st, 0);
	db_end(st);
	return err;
}

int store_find_impi(struct transaction *tx, struct slice impi, int64_t *id)
{
	return recall_find(tx, MEMORY_IMPI, impi, id) ? find(tx, S_FIND_IMPI, impi, id) : 0;
}

int store_find_impu(struct transaction *tx, struct slice impu, int64_t *id)
{
	return recall_find(tx, MEMORY_IMPU, impu, id) ? find(tx, S_FIND_IMPU, impu, id) : 0;
}

int store_find_msisdn(struct transaction *tx, struct slice msisdn, int64_t *id)
{
	return find(tx, S_FIND_MSISDN, msisdn, id);
}

int store_redirect_of(struct transaction *tx, struct slice identity, char host[IDENTITY_SIZE])
{
	char key[IDENTITY_SIZE], domain[IDENTITY_SIZE];
	int err;

	if (redirect_key(identity, key))
		return STORE_ENOTFOUND;
	err = store_redirect(tx, key, host);
	if (err != STORE_ENOTFOUND || redirect_domain(key, domain))
		return err;
	return store_redirect(tx, domain, host);
}

int store_list(struct transaction *tx, int64_t after, int64_t *ids, size_t max)
{
	return list_numbers(tx, S_LIST, after, ids, max);
}

int store_totals(struct transaction *tx, struct store_totals *out)
{
	struct db_statement *st = use(tx, S_TOTALS);
	int err;

	if (!st)
		return STORE_EIO;
	err = one_row(st);
	if (err == 0) {
		out->subscriptions = (uint64_t)db_int(st, 0);
		out->impis = (uint64_t)db_int(st, 1);
		out->impus = (uint64_t)db_int(st, 2);
		out->registered = (uint64_t)db_int(st, 3);
		out->unregistered = (uint64_t)db_int(st, 4);
	}
	db_end(st);
	return err == STORE_ENOTFOUND ? STORE_EIO : err;
}

int store_totals_now(struct store *store, struct store_totals *out)
{
	struct transaction *tx;
	int err = store_begin(store, false, &tx);

	if (err)
		return err;
	err = store_totals(tx, out);
	store_rollback(tx);
	return err;
}

/* ---- what several files do with statements ---- */

int db_text(struct db_statement *st, int i, char *out, size_t size)
{
	struct slice text = db_slice(st, i);

	/* what ends early with a NUL is what it is up to there */
	return text.p && slice_copy(slice_str(text.p), out, size) == 0 ? 0 : STORE_EIO;
}

int run_number(struct transaction *tx, enum statement which, int64_t number)
{
	struct db_statement *st = use(tx, which);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, number);
	return db_run(st);
}

int read_numbers(struct db_statement *st, int64_t *out, size_t max)
{
	int n = 0, rc = 0;

	while ((size_t)n < max && (rc = db_step(st)) == DB_ROW)
		out[n++] = db_int(st, 0);
	db_end(st);
	return rc < 0 ? rc : n;
}

int list_numbers(struct transaction *tx, enum statement which, int64_t from, int64_t *out,
		 size_t max)
{
	struct db_statement *st = use(tx, which);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, from);
	db_bind_int(st, 2, (int64_t)max);
	return read_numbers(st, out, max);
}
