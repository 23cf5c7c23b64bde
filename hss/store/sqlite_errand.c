/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errands to S-CSCFs in their table; the public identities of one stand in one text, a line each. */
#include "hss/store/sqlite.h"

#include <stdlib.h>

static char *lines_of(const struct cx_errand *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < e->n_impus; i++)
		fprintf(f, "%s%s", i ? "\n" : "", e->impus[i]);
	if (f && fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

int sqlite_put_errand(struct store *store, const struct cx_errand *e)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_PUT_ERRAND);
	char *impus = st ? lines_of(e) : NULL;
	int err;

	if (!impus)
		return STORE_EIO;
	sqlite3_bind_int(st, 1, e->kind);
	sqlite_bind(st, 2, e->impi);
	sqlite_bind(st, 3, e->host);
	sqlite_bind(st, 4, e->realm);
	sqlite_bind(st, 5, impus);
	err = sqlite_run(st);
	free(impus);
	return err;
}

static int take_lines(struct slice text, struct cx_errand *e)
{
	e->n_impus = 0;
	while (text.p && text.len) {
		if (e->n_impus == SUB_IMPUS_MAX ||
		    slice_copy(slice_cut(&text, '\n'), e->impus[e->n_impus], IDENTITY_SIZE))
			return STORE_EIO;
		e->n_impus++;
	}
	return 0;
}

static int load_errand(sqlite3_stmt *st, struct cx_errand *e)
{
	const char *impus = (const char *)sqlite3_column_text(st, 5);

	e->id = sqlite3_column_int64(st, 0);
	e->kind = (enum cx_errand_kind)sqlite3_column_int(st, 1);
	e->tries = (uint32_t)sqlite3_column_int64(st, 6);
	return sqlite_column_text(st, 2, e->impi, sizeof(e->impi)) |
	       sqlite_column_text(st, 3, e->host, sizeof(e->host)) |
	       sqlite_column_text(st, 4, e->realm, sizeof(e->realm)) |
	       (impus ? take_lines(slice_str(impus), e) : STORE_EIO);
}

int sqlite_due_errand(struct store *store, int64_t now, struct cx_errand *out)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_DUE_ERRAND);
	int rc, err;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, now);
	rc = sqlite3_step(st);
	err = rc == SQLITE_DONE ? STORE_ENOTFOUND : sqlite_error_of(rc);
	if (err == 0)
		err = load_errand(st, out);
	sqlite3_reset(st);
	return err;
}

int sqlite_retry_errand(struct store *store, int64_t id, int64_t at)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_RETRY_ERRAND);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, at);
	return sqlite_run(st);
}

int sqlite_end_errand(struct store *store, int64_t id)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_END_ERRAND);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, id);
	return sqlite_run(st);
}
