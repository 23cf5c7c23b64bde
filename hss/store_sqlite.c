/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The embedded store. One connection, one transaction at a time in this process (a mutex), SQLite's
 * own locks against other processes. WAL with synchronous=NORMAL: a crash of the process loses
 * nothing; a power cut may lose the last moments, and a sequence number that went back heals by
 * AUTS (TS 33.102 6.3.5).
 */
#include "hss/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1, BUSY_MS = 2000 /* a CSCF gives up after about five seconds */ };

static const char schema[] =
    "CREATE TABLE subscription(id INTEGER PRIMARY KEY, scscf TEXT NOT NULL, scscf_host TEXT NOT "
    "NULL,"
    " scscf_realm TEXT NOT NULL, has_capabilities INT NOT NULL, capability_server TEXT NOT NULL,"
    " has_charging INT NOT NULL, ecf TEXT NOT NULL, ecf2 TEXT NOT NULL, ccf TEXT NOT NULL, ccf2 "
    "TEXT NOT NULL);"
    "CREATE TABLE impi(name TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, k BLOB NOT NULL,"
    " opc BLOB NOT NULL, amf BLOB NOT NULL, sqn INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impi_sub ON impi(sub, pos);"
    "CREATE TABLE impu(uri TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, display TEXT NOT "
    "NULL,"
    " implicit_set INT NOT NULL, profile INT NOT NULL, barred INT NOT NULL, impis INT NOT NULL,"
    " registered INT NOT NULL, pending INT NOT NULL, unregistered INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impu_sub ON impu(sub, pos);"
    "CREATE TABLE ifc(sub INT NOT NULL, pos INT NOT NULL, profile INT NOT NULL, priority INT NOT "
    "NULL,"
    " server TEXT NOT NULL, trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT "
    "NOT NULL,"
    " include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;"
    "CREATE TABLE capability(sub INT NOT NULL, mandatory INT NOT NULL, pos INT NOT NULL, value INT "
    "NOT NULL,"
    " PRIMARY KEY(sub, mandatory, pos)) WITHOUT ROWID;"
    "CREATE TABLE visited(sub INT NOT NULL, pos INT NOT NULL, network TEXT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;";

enum statement {
	S_BEGIN_READ,
	S_BEGIN_WRITE,
	S_COMMIT,
	S_ROLLBACK,
	S_FIND_IMPI,
	S_FIND_IMPU,
	S_LOAD_SUB,
	S_LOAD_IMPI,
	S_LOAD_IMPU,
	S_LOAD_IFC,
	S_LOAD_CAPABILITY,
	S_LOAD_VISITED,
	S_SAVE_SCSCF,
	S_SAVE_IMPU,
	S_SAVE_SQN,
	S_PUT_SUB,
	S_PUT_IMPI,
	S_PUT_IMPU,
	S_PUT_IFC,
	S_PUT_CAPABILITY,
	S_PUT_VISITED,
	S_DEL_SUB,
	S_DEL_IMPI,
	S_DEL_IMPU,
	S_DEL_IFC,
	S_DEL_CAPABILITY,
	S_DEL_VISITED,
	S_LIST,
	S_TOTALS,
	S_COUNT
};

static const char *const sql[S_COUNT] = {
    [S_BEGIN_READ] = "BEGIN",
    [S_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_ROLLBACK] = "ROLLBACK",
    [S_FIND_IMPI] = "SELECT sub FROM impi WHERE name=?",
    [S_FIND_IMPU] = "SELECT sub FROM impu WHERE uri=?",
    [S_LOAD_SUB] =
	"SELECT scscf, scscf_host, scscf_realm, has_capabilities, capability_server, has_charging,"
	" ecf, ecf2, ccf, ccf2 FROM subscription WHERE id=?",
    [S_LOAD_IMPI] = "SELECT name, k, opc, amf, sqn FROM impi WHERE sub=? ORDER BY pos",
    [S_LOAD_IMPU] =
	"SELECT uri, display, implicit_set, profile, barred, impis, registered, pending,"
	" unregistered FROM impu WHERE sub=? ORDER BY pos",
    [S_LOAD_IFC] =
	"SELECT profile, priority, server, trigger_text, service_info, terminate, include_request,"
	" include_response, part FROM ifc WHERE sub=? ORDER BY pos",
    [S_LOAD_CAPABILITY] =
	"SELECT mandatory, value FROM capability WHERE sub=? ORDER BY mandatory, pos",
    [S_LOAD_VISITED] = "SELECT network FROM visited WHERE sub=? ORDER BY pos",
    [S_SAVE_SCSCF] = "UPDATE subscription SET scscf=?2, scscf_host=?3, scscf_realm=?4 WHERE id=?1",
    [S_SAVE_IMPU] = "UPDATE impu SET registered=?2, pending=?3, unregistered=?4 WHERE uri=?1",
    [S_SAVE_SQN] = "UPDATE impi SET sqn=?2 WHERE name=?1",
    [S_PUT_SUB] =
	"INSERT OR REPLACE INTO subscription(id, scscf, scscf_host, scscf_realm, has_capabilities,"
	" capability_server, has_charging, ecf, ecf2, ccf, ccf2)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_IMPI] =
	"INSERT INTO impi(sub, pos, name, k, opc, amf, sqn) VALUES(?1,?2,?3,?4,?5,?6,?7)",
    [S_PUT_IMPU] =
	"INSERT INTO impu(sub, pos, uri, display, implicit_set, profile, barred, impis, registered,"
	" pending, unregistered) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_IFC] =
	"INSERT INTO ifc(sub, pos, profile, priority, server, trigger_text, service_info, "
	"terminate,"
	" include_request, include_response, part) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_CAPABILITY] = "INSERT INTO capability(sub, mandatory, pos, value) VALUES(?1,?2,?3,?4)",
    [S_PUT_VISITED] = "INSERT INTO visited(sub, pos, network) VALUES(?1,?2,?3)",
    [S_DEL_SUB] = "DELETE FROM subscription WHERE id=?",
    [S_DEL_IMPI] = "DELETE FROM impi WHERE sub=?",
    [S_DEL_IMPU] = "DELETE FROM impu WHERE sub=?",
    [S_DEL_IFC] = "DELETE FROM ifc WHERE sub=?",
    [S_DEL_CAPABILITY] = "DELETE FROM capability WHERE sub=?",
    [S_DEL_VISITED] = "DELETE FROM visited WHERE sub=?",
    [S_LIST] = "SELECT id FROM subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_TOTALS] = "SELECT (SELECT count(*) FROM subscription), (SELECT count(*) FROM impi),"
		 " (SELECT count(*) FROM impu), (SELECT count(*) FROM impu WHERE registered<>0),"
		 " (SELECT count(*) FROM impu WHERE unregistered<>0)",
};

struct sqlite_store {
	struct store store;
	sqlite3 *db;
	pthread_mutex_t lock; /* held from begin to commit or rollback */
	sqlite3_stmt *stmt[S_COUNT];
};

static struct sqlite_store *self(struct store *store)
{
	return (struct sqlite_store *)store;
}

/* The statement ready for new values; NULL if it cannot be prepared. Reset by its next use or by
 * done(). */
static sqlite3_stmt *use(struct sqlite_store *s, enum statement which)
{
	if (!s->stmt[which] && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
						  &s->stmt[which], NULL) != SQLITE_OK)
		return NULL;
	return s->stmt[which];
}

/* Run a statement that gives no rows. */
static int run(sqlite3_stmt *st)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	if (st) {
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	switch (rc) {
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_BUSY:
		return STORE_EBUSY;
	case SQLITE_CONSTRAINT:
		return STORE_EEXIST;
	}
	return STORE_EIO;
}

static void bind_text(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static int column_text(sqlite3_stmt *st, int i, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, i);

	return text && slice_copy(slice_str(text), out, size) == 0 ? 0 : STORE_EIO;
}

static int column_octets(sqlite3_stmt *st, int i, uint8_t *out, size_t n)
{
	const void *blob = sqlite3_column_blob(st, i);

	if (!blob || (size_t)sqlite3_column_bytes(st, i) != n)
		return STORE_EIO;
	memcpy(out, blob, n);
	return 0;
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *s = self(store);

	for (size_t i = 0; i < S_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const char *sqlite_error(struct store *store)
{
	return sqlite3_errmsg(self(store)->db);
}

static int sqlite_begin(struct store *store, bool write)
{
	struct sqlite_store *s = self(store);
	int err;

	pthread_mutex_lock(&s->lock);
	err = run(use(s, write ? S_BEGIN_WRITE : S_BEGIN_READ));
	if (err)
		pthread_mutex_unlock(&s->lock);
	return err;
}

static void sqlite_rollback(struct store *store)
{
	struct sqlite_store *s = self(store);

	run(use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
}

static int sqlite_commit(struct store *store)
{
	struct sqlite_store *s = self(store);
	int err = run(use(s, S_COMMIT));

	if (err)
		run(use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int find(struct sqlite_store *s, enum statement which, struct slice key, int64_t *id)
{
	sqlite3_stmt *st = use(s, which);
	int rc;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_text(st, 1, key.p ? key.p : "", (int)key.len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? STORE_ENOTFOUND : STORE_EIO;
}

static int sqlite_find_impi(struct store *store, struct slice impi, int64_t *id)
{
	return find(self(store), S_FIND_IMPI, impi, id);
}

static int sqlite_find_impu(struct store *store, struct slice impu, int64_t *id)
{
	return find(self(store), S_FIND_IMPU, impu, id);
}

static int load_sub(sqlite3_stmt *st, struct subscription *sub)
{
	struct charging *c = &sub->charging;

	sub->has_capabilities = sqlite3_column_int(st, 3);
	sub->has_charging = sqlite3_column_int(st, 5);
	return column_text(st, 0, sub->scscf, IDENTITY_SIZE) |
	       column_text(st, 1, sub->scscf_host, IDENTITY_SIZE) |
	       column_text(st, 2, sub->scscf_realm, IDENTITY_SIZE) |
	       column_text(st, 4, sub->capabilities.server, IDENTITY_SIZE) |
	       column_text(st, 6, c->ecf[0], IDENTITY_SIZE) |
	       column_text(st, 7, c->ecf[1], IDENTITY_SIZE) |
	       column_text(st, 8, c->ccf[0], IDENTITY_SIZE) |
	       column_text(st, 9, c->ccf[1], IDENTITY_SIZE);
}

static int load_impi(sqlite3_stmt *st, struct subscription *sub)
{
	struct impi *p = &sub->impi[sub->n_impi];

	if (sub->n_impi == SUB_IMPIS_MAX)
		return STORE_EIO;
	p->sqn = (uint64_t)sqlite3_column_int64(st, 4);
	if (column_text(st, 0, p->name, sizeof(p->name)) || column_octets(st, 1, p->key.k, 16) ||
	    column_octets(st, 2, p->key.opc, 16) || column_octets(st, 3, p->amf, 2))
		return STORE_EIO;
	sub->n_impi++;
	return 0;
}

static int load_impu(sqlite3_stmt *st, struct subscription *sub)
{
	struct impu *u = &sub->impu[sub->n_impu];

	if (sub->n_impu == SUB_IMPUS_MAX)
		return STORE_EIO;
	u->set = (uint32_t)sqlite3_column_int(st, 2);
	u->profile = (uint32_t)sqlite3_column_int(st, 3);
	u->barred = sqlite3_column_int(st, 4);
	u->impis = (uint16_t)sqlite3_column_int(st, 5);
	u->registered = (uint16_t)sqlite3_column_int(st, 6);
	u->pending = (uint16_t)sqlite3_column_int(st, 7);
	u->unregistered = sqlite3_column_int(st, 8);
	if (column_text(st, 0, u->uri, sizeof(u->uri)) ||
	    column_text(st, 1, u->display, sizeof(u->display)))
		return STORE_EIO;
	sub->n_impu++;
	return 0;
}

static int load_ifc(sqlite3_stmt *st, struct subscription *sub)
{
	struct ifc *f = &sub->ifc[sub->n_ifc];

	if (sub->n_ifc == SUB_IFCS_MAX)
		return STORE_EIO;
	f->profile = (uint32_t)sqlite3_column_int(st, 0);
	f->priority = (uint32_t)sqlite3_column_int64(st, 1);
	f->terminate = sqlite3_column_int(st, 5);
	f->include_request = sqlite3_column_int(st, 6);
	f->include_response = sqlite3_column_int(st, 7);
	f->part = (enum ifc_part)sqlite3_column_int(st, 8);
	if (column_text(st, 2, f->as, sizeof(f->as)) ||
	    column_text(st, 3, f->trigger, sizeof(f->trigger)) ||
	    column_text(st, 4, f->service_info, sizeof(f->service_info)))
		return STORE_EIO;
	sub->n_ifc++;
	return 0;
}

static int load_capability(sqlite3_stmt *st, struct subscription *sub)
{
	struct capabilities *c = &sub->capabilities;
	bool mandatory = sqlite3_column_int(st, 0);
	size_t *n = mandatory ? &c->n_mandatory : &c->n_optional;

	if (*n == SUB_CAPS_MAX)
		return STORE_EIO;
	(mandatory ? c->mandatory : c->optional)[(*n)++] = (uint32_t)sqlite3_column_int64(st, 1);
	return 0;
}

static int load_visited(sqlite3_stmt *st, struct subscription *sub)
{
	if (sub->n_visited == SUB_VISITED_MAX ||
	    column_text(st, 0, sub->visited[sub->n_visited], IDENTITY_SIZE))
		return STORE_EIO;
	sub->n_visited++;
	return 0;
}

static int load_rows(struct sqlite_store *s, enum statement which, int64_t id,
		     struct subscription *sub, int (*row)(sqlite3_stmt *, struct subscription *),
		     size_t *rows)
{
	sqlite3_stmt *st = use(s, which);
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, id);
	*rows = 0;
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		(*rows)++;
		err = rc == SQLITE_ROW ? row(st, sub) : STORE_EIO;
	}
	sqlite3_reset(st);
	return err;
}

static int sqlite_load(struct store *store, int64_t id, struct subscription *sub)
{
	static const struct {
		enum statement which;
		int (*row)(sqlite3_stmt *, struct subscription *);
	} parts[] = {{S_LOAD_SUB, load_sub},
		     {S_LOAD_IMPI, load_impi},
		     {S_LOAD_IMPU, load_impu},
		     {S_LOAD_IFC, load_ifc},
		     {S_LOAD_CAPABILITY, load_capability},
		     {S_LOAD_VISITED, load_visited}};
	size_t rows;
	int err = 0;

	subscription_clear(sub);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == 0; i++) {
		err = load_rows(self(store), parts[i].which, id, sub, parts[i].row, &rows);
		if (err == 0 && i == 0 && rows == 0)
			err = STORE_ENOTFOUND;
	}
	if (err)
		subscription_clear(sub);
	else
		sub->id = id;
	return err;
}

static int sqlite_save_state(struct store *store, const struct subscription *sub)
{
	struct sqlite_store *s = self(store);
	sqlite3_stmt *st = use(s, S_SAVE_SCSCF);
	int err;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub->id);
	bind_text(st, 2, sub->scscf);
	bind_text(st, 3, sub->scscf_host);
	bind_text(st, 4, sub->scscf_realm);
	err = run(st);
	for (size_t i = 0; i < sub->n_impu && err == 0; i++) {
		st = use(s, S_SAVE_IMPU);
		if (!st)
			return STORE_EIO;
		bind_text(st, 1, sub->impu[i].uri);
		sqlite3_bind_int(st, 2, sub->impu[i].registered);
		sqlite3_bind_int(st, 3, sub->impu[i].pending);
		sqlite3_bind_int(st, 4, sub->impu[i].unregistered);
		err = run(st);
	}
	return err;
}

static int sqlite_save_sqn(struct store *store, const struct subscription *sub)
{
	int err = 0;

	for (size_t i = 0; i < sub->n_impi && err == 0; i++) {
		sqlite3_stmt *st = use(self(store), S_SAVE_SQN);

		if (!st)
			return STORE_EIO;
		bind_text(st, 1, sub->impi[i].name);
		sqlite3_bind_int64(st, 2, (int64_t)sub->impi[i].sqn);
		err = run(st);
	}
	return err;
}

static int delete_rows(struct sqlite_store *s, int64_t id)
{
	int err = 0;

	for (int which = S_DEL_SUB; which <= S_DEL_VISITED && err == 0; which++) {
		sqlite3_stmt *st = use(s, (enum statement)which);

		if (!st)
			return STORE_EIO;
		sqlite3_bind_int64(st, 1, id);
		err = run(st);
	}
	return err;
}

static int put_sub(struct sqlite_store *s, struct subscription *sub)
{
	const struct charging *c = &sub->charging;
	sqlite3_stmt *st = use(s, S_PUT_SUB);
	int err;

	if (!st)
		return STORE_EIO;
	if (sub->id)
		sqlite3_bind_int64(st, 1, sub->id);
	else
		sqlite3_bind_null(st, 1);
	bind_text(st, 2, sub->scscf);
	bind_text(st, 3, sub->scscf_host);
	bind_text(st, 4, sub->scscf_realm);
	sqlite3_bind_int(st, 5, sub->has_capabilities);
	bind_text(st, 6, sub->capabilities.server);
	sqlite3_bind_int(st, 7, sub->has_charging);
	bind_text(st, 8, c->ecf[0]);
	bind_text(st, 9, c->ecf[1]);
	bind_text(st, 10, c->ccf[0]);
	bind_text(st, 11, c->ccf[1]);
	err = run(st);
	if (err == 0 && sub->id == 0)
		sub->id = sqlite3_last_insert_rowid(s->db);
	return err;
}

static int put_impi(sqlite3_stmt *st, const struct subscription *sub, size_t i)
{
	const struct impi *p = &sub->impi[i];

	bind_text(st, 3, p->name);
	sqlite3_bind_blob(st, 4, p->key.k, 16, SQLITE_STATIC);
	sqlite3_bind_blob(st, 5, p->key.opc, 16, SQLITE_STATIC);
	sqlite3_bind_blob(st, 6, p->amf, 2, SQLITE_STATIC);
	sqlite3_bind_int64(st, 7, (int64_t)p->sqn);
	return run(st);
}

static int put_impu(sqlite3_stmt *st, const struct subscription *sub, size_t i)
{
	const struct impu *u = &sub->impu[i];

	bind_text(st, 3, u->uri);
	bind_text(st, 4, u->display);
	sqlite3_bind_int64(st, 5, u->set);
	sqlite3_bind_int64(st, 6, u->profile);
	sqlite3_bind_int(st, 7, u->barred);
	sqlite3_bind_int(st, 8, u->impis);
	sqlite3_bind_int(st, 9, u->registered);
	sqlite3_bind_int(st, 10, u->pending);
	sqlite3_bind_int(st, 11, u->unregistered);
	return run(st);
}

static int put_ifc(sqlite3_stmt *st, const struct subscription *sub, size_t i)
{
	const struct ifc *f = &sub->ifc[i];

	sqlite3_bind_int64(st, 3, f->profile);
	sqlite3_bind_int64(st, 4, f->priority);
	bind_text(st, 5, f->as);
	bind_text(st, 6, f->trigger);
	bind_text(st, 7, f->service_info);
	sqlite3_bind_int(st, 8, f->terminate);
	sqlite3_bind_int(st, 9, f->include_request);
	sqlite3_bind_int(st, 10, f->include_response);
	sqlite3_bind_int(st, 11, f->part);
	return run(st);
}

static int put_visited(sqlite3_stmt *st, const struct subscription *sub, size_t i)
{
	bind_text(st, 3, sub->visited[i]);
	return run(st);
}

static int put_rows(struct sqlite_store *s, enum statement which, const struct subscription *sub,
		    size_t n, int (*row)(sqlite3_stmt *, const struct subscription *, size_t))
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		sqlite3_stmt *st = use(s, which);

		if (!st)
			return STORE_EIO;
		sqlite3_bind_int64(st, 1, sub->id);
		sqlite3_bind_int64(st, 2, (int64_t)i);
		err = row(st, sub, i);
	}
	return err;
}

static int put_capabilities(struct sqlite_store *s, int64_t id, bool mandatory,
			    const uint32_t *values, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		sqlite3_stmt *st = use(s, S_PUT_CAPABILITY);

		if (!st)
			return STORE_EIO;
		sqlite3_bind_int64(st, 1, id);
		sqlite3_bind_int(st, 2, mandatory);
		sqlite3_bind_int64(st, 3, (int64_t)i);
		sqlite3_bind_int64(st, 4, values[i]);
		err = run(st);
	}
	return err;
}

static int sqlite_put(struct store *store, struct subscription *sub)
{
	struct sqlite_store *s = self(store);
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
	return err;
}

static int sqlite_remove(struct store *store, int64_t id)
{
	return delete_rows(self(store), id);
}

static int sqlite_list(struct store *store, int64_t after, int64_t *ids, size_t max)
{
	sqlite3_stmt *st = use(self(store), S_LIST);
	int n = 0, rc = SQLITE_DONE;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while ((size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		ids[n++] = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? n : STORE_EIO;
}

static int sqlite_totals(struct store *store, struct store_totals *out)
{
	sqlite3_stmt *st = use(self(store), S_TOTALS);
	int rc;

	if (!st)
		return STORE_EIO;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		out->subscriptions = (uint64_t)sqlite3_column_int64(st, 0);
		out->impis = (uint64_t)sqlite3_column_int64(st, 1);
		out->impus = (uint64_t)sqlite3_column_int64(st, 2);
		out->registered = (uint64_t)sqlite3_column_int64(st, 3);
		out->unregistered = (uint64_t)sqlite3_column_int64(st, 4);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW ? 0 : STORE_EIO;
}

static const struct store_ops sqlite_ops = {
    .close = sqlite_close,
    .error = sqlite_error,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .find_impi = sqlite_find_impi,
    .find_impu = sqlite_find_impu,
    .load = sqlite_load,
    .save_state = sqlite_save_state,
    .save_sqn = sqlite_save_sqn,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .list = sqlite_list,
    .totals = sqlite_totals,
};

static int exec(sqlite3 *db, const char *text)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : STORE_EIO;
}

static int schema_version(sqlite3 *db, int *version)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK)
		return STORE_EIO;
	rc = sqlite3_step(st);
	*version = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : STORE_EIO;
}

/* Make the tables once, however many processes start at the same time. */
static int prepare_schema(sqlite3 *db)
{
	char pragma[64];
	int version, err;

	if (exec(db, "PRAGMA journal_mode=WAL") || exec(db, "PRAGMA synchronous=NORMAL") ||
	    exec(db, "BEGIN IMMEDIATE"))
		return STORE_EIO;
	err = schema_version(db, &version);
	if (err == 0 && version > SCHEMA_VERSION)
		err = STORE_EVERSION;
	if (err == 0 && version < SCHEMA_VERSION) {
		snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", SCHEMA_VERSION);
		err = exec(db, schema);
		if (err == 0)
			err = exec(db, pragma);
	}
	if (err == 0)
		return exec(db, "COMMIT");
	exec(db, "ROLLBACK");
	return err;
}

int store_sqlite_open(const char *path, struct store **out, char *why, size_t size)
{
	struct sqlite_store *s;
	int fd, err;

	/* the file holds keys: make it readable by its owner only before SQLite would make it
	 * otherwise */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, size, "cannot open the store %s: %s; make its folder, or set store",
			 path, strerror(errno));
		return STORE_EIO;
	}
	close(fd);
	s = calloc(1, sizeof(*s));
	if (!s) {
		snprintf(why, size, "no memory");
		return STORE_EIO;
	}
	s->store.ops = &sqlite_ops;
	pthread_mutex_init(&s->lock, NULL);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL)) {
		err = STORE_EIO;
	} else {
		sqlite3_busy_timeout(s->db, BUSY_MS);
		err = prepare_schema(s->db);
	}
	if (err) {
		snprintf(why, size, "cannot use the store %s: %s", path,
			 err == STORE_EVERSION ? store_strerror(err) : sqlite3_errmsg(s->db));
		sqlite_close(&s->store);
		return err;
	}
	*out = &s->store;
	return 0;
}
