/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errands to S-CSCFs in their table; the public identities of one stand in one text, a line each. */
#include "hss/store/tables.h"

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

int store_put_errand(struct transaction *tx, const struct cx_errand *e)
{
	struct db_statement *st = use(tx, S_PUT_ERRAND);
	char *impus = st ? lines_of(e) : NULL;
	int err;

	if (!impus)
		return STORE_EIO;
	db_bind_int(st, 1, e->kind);
	db_bind_text(st, 2, e->impi);
	db_bind_text(st, 3, e->host);
	db_bind_text(st, 4, e->realm);
	db_bind_text(st, 5, impus);
	err = db_run(st);
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

static int load_errand(struct db_statement *st, struct cx_errand *e)
{
	struct slice impus = db_slice(st, 5);

	e->id = db_int(st, 0);
	e->kind = (enum cx_errand_kind)(int)db_int(st, 1);
	e->tries = (uint32_t)db_int(st, 6);
	return db_text(st, 2, e->impi, sizeof(e->impi)) | db_text(st, 3, e->host, sizeof(e->host)) |
	       db_text(st, 4, e->realm, sizeof(e->realm)) |
	       (impus.p ? take_lines(impus, e) : STORE_EIO);
}

int store_due_errand(struct transaction *tx, int64_t now, struct cx_errand *out)
{
	struct db_statement *st = use(tx, S_DUE_ERRAND);
	int err;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, now);
	err = one_row(st);
	if (err == 0)
		err = load_errand(st, out);
	db_end(st);
	return err;
}

int store_retry_errand(struct transaction *tx, int64_t id, int64_t at)
{
	struct db_statement *st = use(tx, S_RETRY_ERRAND);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, at);
	return db_run(st);
}

int store_end_errand(struct transaction *tx, int64_t id)
{
	return run_number(tx, S_END_ERRAND, id);
}
