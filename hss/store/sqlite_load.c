/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions out of the tables. */
#include "hss/store/sqlite.h"

int sqlite_column_text(sqlite3_stmt *st, int i, char *out, size_t size)
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

static int load_sub(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	struct charging *c = &sub->charging;

	(void)s;
	sub->has_capabilities = sqlite3_column_int(st, 3);
	sub->has_charging = sqlite3_column_int(st, 5);
	sub->reassigning = sqlite3_column_int(st, 10);
	return sqlite_column_text(st, 0, sub->scscf, IDENTITY_SIZE) |
	       sqlite_column_text(st, 1, sub->scscf_host, IDENTITY_SIZE) |
	       sqlite_column_text(st, 2, sub->scscf_realm, IDENTITY_SIZE) |
	       sqlite_column_text(st, 4, sub->capabilities.server, IDENTITY_SIZE) |
	       sqlite_column_text(st, 6, c->ecf[0], IDENTITY_SIZE) |
	       sqlite_column_text(st, 7, c->ecf[1], IDENTITY_SIZE) |
	       sqlite_column_text(st, 8, c->ccf[0], IDENTITY_SIZE) |
	       sqlite_column_text(st, 9, c->ccf[1], IDENTITY_SIZE);
}

static int load_impi(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	struct impi *p = &sub->impi[sub->n_impi];
	int err;

	if (sub->n_impi == SUB_IMPIS_MAX)
		return STORE_EIO;
	p->sqn = (uint64_t)sqlite3_column_int64(st, 5);
	if (sqlite_column_text(st, 0, p->name, sizeof(p->name)) ||
	    sqlite_column_text(st, 6, p->msisdn, sizeof(p->msisdn)) ||
	    sqlite_column_text(st, 7, p->imsi, sizeof(p->imsi)) ||
	    sqlite_column_text(st, 8, p->realm, sizeof(p->realm)) ||
	    column_octets(st, 4, p->amf, 2))
		return STORE_EIO;
	err = sqlite_load_keys(s, st, 1, 9, p);
	if (err)
		return err;
	sub->n_impi++;
	return 0;
}

static int load_impu(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	struct impu *u = &sub->impu[sub->n_impu];

	(void)s;
	if (sub->n_impu == SUB_IMPUS_MAX)
		return STORE_EIO;
	u->set = (uint32_t)sqlite3_column_int(st, 2);
	u->profile = (uint32_t)sqlite3_column_int(st, 3);
	u->barred = sqlite3_column_int(st, 4);
	u->alias = (uint32_t)sqlite3_column_int(st, 9);
	u->impis = (uint16_t)sqlite3_column_int(st, 5);
	u->registered = (uint16_t)sqlite3_column_int(st, 6);
	u->pending = (uint16_t)sqlite3_column_int(st, 7);
	u->unregistered = sqlite3_column_int(st, 8);
	if (sqlite_column_text(st, 0, u->uri, sizeof(u->uri)) ||
	    sqlite_column_text(st, 1, u->display, sizeof(u->display)))
		return STORE_EIO;
	sub->n_impu++;
	return 0;
}

static int load_ifc(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	struct ifc *f = &sub->ifc[sub->n_ifc];

	(void)s;
	if (sub->n_ifc == SUB_IFCS_MAX)
		return STORE_EIO;
	f->profile = (uint32_t)sqlite3_column_int(st, 0);
	f->priority = (uint32_t)sqlite3_column_int64(st, 1);
	f->terminate = sqlite3_column_int(st, 5);
	f->include_request = sqlite3_column_int(st, 6);
	f->include_response = sqlite3_column_int(st, 7);
	f->part = (enum ifc_part)sqlite3_column_int(st, 8);
	if (sqlite_column_text(st, 2, f->as, sizeof(f->as)) ||
	    sqlite_column_text(st, 3, f->trigger, sizeof(f->trigger)) ||
	    sqlite_column_text(st, 4, f->service_info, sizeof(f->service_info)))
		return STORE_EIO;
	sub->n_ifc++;
	return 0;
}

static int load_capability(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	struct capabilities *c = &sub->capabilities;
	bool mandatory = sqlite3_column_int(st, 0);
	size_t *n = mandatory ? &c->n_mandatory : &c->n_optional;

	(void)s;
	if (*n == SUB_CAPS_MAX)
		return STORE_EIO;
	(mandatory ? c->mandatory : c->optional)[(*n)++] = (uint32_t)sqlite3_column_int64(st, 1);
	return 0;
}

static int load_visited(struct sqlite_store *s, sqlite3_stmt *st, struct subscription *sub)
{
	(void)s;
	if (sub->n_visited == SUB_VISITED_MAX ||
	    sqlite_column_text(st, 0, sub->visited[sub->n_visited], IDENTITY_SIZE))
		return STORE_EIO;
	sub->n_visited++;
	return 0;
}

static int load_rows(struct sqlite_store *s, enum statement which, int64_t id,
		     struct subscription *sub,
		     int (*row)(struct sqlite_store *, sqlite3_stmt *, struct subscription *),
		     size_t *rows)
{
	sqlite3_stmt *st = sqlite_use(s, which);
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, id);
	*rows = 0;
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		(*rows)++;
		err = rc == SQLITE_ROW ? row(s, st, sub) : sqlite_error_of(rc);
	}
	sqlite3_reset(st);
	return err;
}

int sqlite_load(struct store *store, int64_t id, struct subscription *sub)
{
	static const struct {
		enum statement which;
		int (*row)(struct sqlite_store *, sqlite3_stmt *, struct subscription *);
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
		err = load_rows(sqlite_self(store), parts[i].which, id, sub, parts[i].row, &rows);
		if (err == 0 && i == 0 && rows == 0)
			err = STORE_ENOTFOUND;
	}
	if (err)
		subscription_clear(sub);
	else
		sub->id = id;
	return err;
}
