/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/migration.h"

#include "hss/store/tables.h"

enum { AUDIT_TEXT = 64 };

static int read_names(struct db_statement *st, int i, struct names *out)
{
	struct slice text = db_slice(st, i);

	/* a tombstone has none */
	memset(out, 0, sizeof(*out));
	return !text.p ? STORE_EIO : text.len == 0 || names_read(text, out) == 0 ? 0 : STORE_EIO;
}

/* The row that a statement has. */
static int read_row(struct db_statement *st, struct binding *b)
{
	struct binding_asker *a = &b->asker;

	memset(b, 0, sizeof(*b));
	b->side = db_int(st, 1) == BINDING_HERE ? BINDING_HERE : BINDING_AWAY;
	b->expires = db_int(st, 7);
	b->changed = db_int(st, 8);
	b->state = db_int(st, 9) == BINDING_LIVE     ? BINDING_LIVE
		   : db_int(st, 9) == BINDING_ENDING ? BINDING_ENDING
						     : BINDING_OVER;
	a->first = db_int(st, 14);
	a->last = db_int(st, 15);
	a->mars = db_int(st, 16);
	a->resyncs = db_int(st, 17);
	return db_text(st, 0, b->id, sizeof(b->id)) |
	       db_text(st, 2, b->partner, sizeof(b->partner)) | read_names(st, 3, &b->own) |
	       read_names(st, 4, &b->pair) | db_text(st, 5, b->host, sizeof(b->host)) |
	       db_text(st, 6, b->realm, sizeof(b->realm)) |
	       db_text(st, 10, b->reason, sizeof(b->reason)) |
	       db_text(st, 11, a->host, sizeof(a->host)) |
	       db_text(st, 12, a->realm, sizeof(a->realm)) |
	       db_text(st, 13, a->server, sizeof(a->server));
}

/* The one row of a statement whose values are bound. */
static int read_one(struct db_statement *st, struct binding *out)
{
	int err = one_row(st);

	if (err == 0)
		err = read_row(st, out);
	db_end(st);
	return err;
}

static int read_all(struct db_statement *st, struct binding *out, size_t max)
{
	int n = 0, err = 0, rc;

	while (err == 0 && (size_t)n < max && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? read_row(st, &out[n]) : rc;
		n += err == 0;
	}
	db_end(st);
	return err ? err : n;
}

int store_migration(struct transaction *tx, const char *id, struct binding *out)
{
	struct db_statement *st = use(tx, S_MIGRATION);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, id);
	return read_one(st, out);
}

int store_migration_here(struct transaction *tx, struct slice impi, struct binding *out)
{
	struct db_statement *st = use(tx, S_MIGRATION_HERE);

	if (!st)
		return STORE_EIO;
	db_bind_slice(st, 1, impi);
	return read_one(st, out);
}

int store_migration_away(struct transaction *tx, const char *partner, struct slice impi,
			 struct binding *out)
{
	struct db_statement *st = use(tx, S_MIGRATION_AWAY);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, partner);
	db_bind_slice(st, 2, impi);
	return read_one(st, out);
}

int store_migrations(struct transaction *tx, const struct migration_list *list, struct binding *out,
		     size_t max)
{
	struct db_statement *st = use(tx, S_MIGRATIONS);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, list->after);
	db_bind_int(st, 2, (int64_t)max);
	db_bind_int(st, 3, list->over ? BINDING_OVER + 1 : BINDING_OVER);
	db_bind_text(st, 4, list->partner ? list->partner : "");
	return read_all(st, out, max);
}

int store_migrations_due(struct transaction *tx, int64_t now, struct binding *out, size_t max)
{
	struct db_statement *st = use(tx, S_MIGRATIONS_DUE);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, now);
	db_bind_int(st, 2, (int64_t)max);
	return read_all(st, out, max);
}

int store_put_migration(struct transaction *tx, const struct binding *b)
{
	struct db_statement *st = use(tx, S_PUT_MIGRATION);
	char own[NAMES_TEXT] = "", pair[NAMES_TEXT] = "";

	if (!st)
		return STORE_EIO;
	if (b->own.n_impu)
		names_write(&b->own, own);
	if (b->pair.n_impu)
		names_write(&b->pair, pair);
	db_bind_text(st, 1, b->id);
	db_bind_int(st, 2, b->side);
	db_bind_text(st, 3, b->partner);
	db_bind_text(st, 4, own);
	db_bind_text(st, 5, pair);
	db_bind_text(st, 6, b->host);
	db_bind_text(st, 7, b->realm);
	db_bind_int(st, 8, b->expires);
	db_bind_int(st, 9, b->changed);
	db_bind_int(st, 10, b->state);
	db_bind_text(st, 11, b->reason);
	db_bind_text(st, 12, b->own.impi);
	db_bind_text(st, 13, b->pair.impi);
	return db_run(st);
}

int store_end_migration(struct transaction *tx, const struct binding *b)
{
	struct db_statement *st = use(tx, S_END_MIGRATION);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, b->id);
	db_bind_int(st, 2, b->state);
	db_bind_text(st, 3, b->reason);
	db_bind_int(st, 4, b->changed);
	return db_run(st);
}

int store_asked_migration(struct transaction *tx, const char *id, const struct binding_asker *a)
{
	struct db_statement *st = use(tx, S_ASKED_MIGRATION);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, id);
	db_bind_text(st, 2, a->host);
	db_bind_text(st, 3, a->realm);
	db_bind_text(st, 4, a->server);
	db_bind_int(st, 5, a->last);
	db_bind_int(st, 6, a->mars);
	db_bind_int(st, 7, a->resyncs);
	return db_run(st);
}

int store_forget_migrations(struct transaction *tx, int64_t before)
{
	int err = run_number(tx, S_FORGET_MIGRATIONS, before);

	return err ? err : run_number(tx, S_TRIM_MIGRATION_AUDIT, before);
}

int store_audit_migration(struct transaction *tx, const struct migration_audit *line)
{
	struct db_statement *st = use(tx, S_AUDIT_MIGRATION);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, line->at);
	db_bind_text(st, 2, line->event);
	db_bind_text(st, 3, line->id);
	db_bind_text(st, 4, line->partner);
	db_bind_text(st, 5, line->actor ? line->actor : "");
	db_bind_text(st, 6, line->detail ? line->detail : "");
	return db_run(st);
}

static int lend_line(struct db_statement *st, store_audit_h each, void *arg)
{
	char text[5][AUDIT_TEXT];
	int err = 0;

	for (int i = 0; i < 5; i++)
		err |= db_text(st, 2 + i, text[i], AUDIT_TEXT);
	if (err == 0)
		each(&(struct migration_audit){.n = db_int(st, 0),
					       .at = db_int(st, 1),
					       .event = text[0],
					       .id = text[1],
					       .partner = text[2],
					       .actor = text[3],
					       .detail = text[4]},
		     arg);
	return err;
}

int store_migration_audit(struct transaction *tx, int64_t after, size_t max, store_audit_h each,
			  void *arg)
{
	struct db_statement *st = use(tx, S_MIGRATION_AUDIT);
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, after);
	db_bind_int(st, 2, (int64_t)max);
	while (err == 0 && (rc = db_step(st)) != 0)
		err = rc == DB_ROW ? lend_line(st, each, arg) : rc;
	db_end(st);
	return err;
}
