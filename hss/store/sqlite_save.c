/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions into the tables. */
#include "hss/store/sqlite.h"

int sqlite_save_state(struct store *store, const struct subscription *sub)
{
	struct sqlite_store *s = sqlite_self(store);
	sqlite3_stmt *st = sqlite_use(s, S_SAVE_SCSCF);
	int err;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub->id);
	sqlite_bind(st, 2, sub->scscf);
	sqlite_bind(st, 3, sub->scscf_host);
	sqlite_bind(st, 4, sub->scscf_realm);
	sqlite3_bind_int(st, 5, sub->reassigning);
	err = sqlite_run(st);
	for (size_t i = 0; i < sub->n_impu && err == 0; i++) {
		st = sqlite_use(s, S_SAVE_IMPU);
		if (!st)
			return STORE_EIO;
		sqlite_bind(st, 1, sub->impu[i].uri);
		sqlite3_bind_int(st, 2, sub->impu[i].registered);
		sqlite3_bind_int(st, 3, sub->impu[i].pending);
		sqlite3_bind_int(st, 4, sub->impu[i].unregistered);
		err = sqlite_run(st);
	}
	return err;
}

int sqlite_save_sqn(struct store *store, const struct subscription *sub)
{
	int err = 0;

	for (size_t i = 0; i < sub->n_impi && err == 0; i++) {
		sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_SAVE_SQN);

		if (!st)
			return STORE_EIO;
		sqlite_bind(st, 1, sub->impi[i].name);
		sqlite3_bind_int64(st, 2, (int64_t)sub->impi[i].sqn);
		err = sqlite_run(st);
	}
	return err;
}

/* A statement whose one value is the id of a subscription. */
static int run_for(struct sqlite_store *s, enum statement which, int64_t id)
{
	sqlite3_stmt *st = sqlite_use(s, which);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, id);
	return sqlite_run(st);
}

static int delete_rows(struct sqlite_store *s, int64_t id)
{
	int err = 0;

	for (int which = S_DEL_SUB; which <= S_DEL_VISITED && err == 0; which++)
		err = run_for(s, (enum statement)which, id);
	return err;
}

static int put_sub(struct sqlite_store *s, struct subscription *sub)
{
	const struct charging *c = &sub->charging;
	sqlite3_stmt *st = sqlite_use(s, S_PUT_SUB);
	int err;

	if (!st)
		return STORE_EIO;
	if (sub->id)
		sqlite3_bind_int64(st, 1, sub->id);
	else
		sqlite3_bind_null(st, 1);
	sqlite_bind(st, 2, sub->scscf);
	sqlite_bind(st, 3, sub->scscf_host);
	sqlite_bind(st, 4, sub->scscf_realm);
	sqlite3_bind_int(st, 5, sub->has_capabilities);
	sqlite_bind(st, 6, sub->capabilities.server);
	sqlite3_bind_int(st, 7, sub->has_charging);
	sqlite_bind(st, 8, c->ecf[0]);
	sqlite_bind(st, 9, c->ecf[1]);
	sqlite_bind(st, 10, c->ccf[0]);
	sqlite_bind(st, 11, c->ccf[1]);
	sqlite3_bind_int(st, 12, sub->reassigning);
	err = sqlite_run(st);
	if (err == 0 && sub->id == 0)
		sub->id = sqlite3_last_insert_rowid(s->db);
	return err;
}

static int put_impi(struct sqlite_store *s, sqlite3_stmt *st, const struct subscription *sub,
		    size_t i)
{
	static const int keys[4] = {4, 5, 10, 12};
	const struct impi *p = &sub->impi[i];

	sqlite_bind(st, 3, p->name);
	sqlite3_bind_blob(st, 6, p->amf, 2, SQLITE_STATIC);
	sqlite3_bind_int64(st, 7, (int64_t)p->sqn);
	sqlite_bind(st, 8, p->msisdn);
	sqlite_bind(st, 9, p->imsi);
	sqlite_bind(st, 11, p->realm);
	if (sqlite_bind_keys(s, st, keys, p))
		return STORE_EIO;
	return sqlite_run(st);
}

static int put_impu(struct sqlite_store *s, sqlite3_stmt *st, const struct subscription *sub,
		    size_t i)
{
	const struct impu *u = &sub->impu[i];

	(void)s;
	sqlite_bind(st, 3, u->uri);
	sqlite_bind(st, 4, u->display);
	sqlite3_bind_int64(st, 5, u->set);
	sqlite3_bind_int64(st, 6, u->profile);
	sqlite3_bind_int(st, 7, u->barred);
	sqlite3_bind_int(st, 8, u->impis);
	sqlite3_bind_int(st, 9, u->registered);
	sqlite3_bind_int(st, 10, u->pending);
	sqlite3_bind_int(st, 11, u->unregistered);
	sqlite3_bind_int64(st, 12, u->alias);
	return sqlite_run(st);
}

static int put_ifc(struct sqlite_store *s, sqlite3_stmt *st, const struct subscription *sub,
		   size_t i)
{
	const struct ifc *f = &sub->ifc[i];

	(void)s;
	sqlite3_bind_int64(st, 3, f->profile);
	sqlite3_bind_int64(st, 4, f->priority);
	sqlite_bind(st, 5, f->as);
	sqlite_bind(st, 6, f->trigger);
	sqlite_bind(st, 7, f->service_info);
	sqlite3_bind_int(st, 8, f->terminate);
	sqlite3_bind_int(st, 9, f->include_request);
	sqlite3_bind_int(st, 10, f->include_response);
	sqlite3_bind_int(st, 11, f->part);
	return sqlite_run(st);
}

static int put_visited(struct sqlite_store *s, sqlite3_stmt *st, const struct subscription *sub,
		       size_t i)
{
	(void)s;
	sqlite_bind(st, 3, sub->visited[i]);
	return sqlite_run(st);
}

static int
put_rows(struct sqlite_store *s, enum statement which, const struct subscription *sub, size_t n,
	 int (*row)(struct sqlite_store *, sqlite3_stmt *, const struct subscription *, size_t))
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		sqlite3_stmt *st = sqlite_use(s, which);

		if (!st)
			return STORE_EIO;
		sqlite3_bind_int64(st, 1, sub->id);
		sqlite3_bind_int64(st, 2, (int64_t)i);
		err = row(s, st, sub, i);
	}
	return err;
}

static int put_capabilities(struct sqlite_store *s, int64_t id, bool mandatory,
			    const uint32_t *values, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		sqlite3_stmt *st = sqlite_use(s, S_PUT_CAPABILITY);

		if (!st)
			return STORE_EIO;
		sqlite3_bind_int64(st, 1, id);
		sqlite3_bind_int(st, 2, mandatory);
		sqlite3_bind_int64(st, 3, (int64_t)i);
		sqlite3_bind_int64(st, 4, values[i]);
		err = sqlite_run(st);
	}
	return err;
}

int sqlite_put(struct store *store, struct subscription *sub)
{
	struct sqlite_store *s = sqlite_self(store);
	const struct capabilities *c = &sub->capabilities;
	int err = sub->id ? delete_rows(s, sub->id) : 0;

	if (err == 0)
		err = put_sub(s, sub);
	if (err == 0)
		err = put_rows(s, S_PUT_IMPI, sub, sub->n_impi, put_impi);
	if (err == 0)
		err = put_rows(s, S_PUT_IMPU, sub, sub->n_impu, put_impu);
	if (err == 0)
		err = put_rows(s, S_PUT_IFC, sub, sub->n_ifc, put_ifc);
	if (err == 0)
		err = put_rows(s, S_PUT_VISITED, sub, sub->n_visited, put_visited);
	if (err == 0)
		err = put_capabilities(s, sub->id, true, c->mandatory, c->n_mandatory);
	if (err == 0)
		err = put_capabilities(s, sub->id, false, c->optional, c->n_optional);
	if (err == 0)
		err = run_for(s, S_KEEP_REPOSITORY, sub->id);
	if (err == 0)
		err = run_for(s, S_KEEP_RESTORATIONS, sub->id);
	return err;
}

int sqlite_remove(struct store *store, int64_t id)
{
	int err = delete_rows(sqlite_self(store), id);

	if (err == 0)
		err = run_for(sqlite_self(store), S_DEL_RESTORATIONS, id);
	return err ? err : run_for(sqlite_self(store), S_DEL_REPOSITORY, id);
}
