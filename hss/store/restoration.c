/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restoration information in its table. */
#include "hss/store/tables.h"
#include "hss/subscription/restoration.h"

/* The row as a record at the end of a list. */
static int load_row(struct db_statement *st, struct restoration **end)
{
	struct slice octets = db_octets(st, 2);
	struct restoration *r;

	if (octets.len > RESTORATION_MAX)
		return STORE_EIO;
	r = restoration_new(octets.p, octets.len);
	if (!r)
		return STORE_EIO;
	*end = r;
	return db_text(st, 0, r->impi, sizeof(r->impi)) |
	       db_text(st, 1, r->owner, sizeof(r->owner));
}

int store_load_restorations(struct transaction *tx, struct subscription *sub)
{
	struct db_statement *st = use(tx, S_LOAD_RESTORATIONS);
	struct restoration **end = &sub->restorations;
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub->id);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? load_row(st, end) : rc;
		if (err == 0)
			end = &(*end)->next;
	}
	db_end(st);
	return err;
}

int store_put_restoration(struct transaction *tx, int64_t sub, struct slice impi, const char *owner,
			  struct slice octets)
{
	struct db_statement *st = use(tx, octets.len ? S_PUT_RESTORATION : S_DEL_RESTORATION);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_slice(st, 2, impi);
	db_bind_text(st, 3, owner);
	if (octets.len)
		db_bind_octets(st, 4, octets.p, octets.len);
	return db_run(st);
}
