/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh in the tables: permissions and repository data. */
#include <stdlib.h>

#include "hss/store/sqlite.h"

int sqlite_allowed(struct store *store, struct slice as, unsigned int allowed[SH_REFERENCES])
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_ALLOWED);
	int rc;

	memset(allowed, 0, SH_REFERENCES * sizeof(allowed[0]));
	if (!st)
		return STORE_EIO;
	sqlite3_bind_text(st, 1, as.p ? as.p : "", (int)as.len, SQLITE_STATIC);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		int64_t reference = sqlite3_column_int64(st, 0);

		if (reference >= 0 && reference < SH_REFERENCES)
			allowed[reference] = (unsigned int)sqlite3_column_int(st, 1);
	}
	sqlite3_reset(st);
	return sqlite_error_of(rc);
}

int sqlite_allow(struct store *store, const char *as, uint32_t reference, unsigned int operations)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), operations ? S_ALLOW : S_FORBID);

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, as);
	sqlite3_bind_int64(st, 2, reference);
	if (operations)
		sqlite3_bind_int(st, 3, (int)operations);
	return sqlite_run(st);
}

int sqlite_permissions(struct store *store, store_permission_h each, void *arg)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_PERMISSIONS);
	char as[IDENTITY_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		err = rc == SQLITE_ROW ? sqlite_column_text(st, 0, as, sizeof(as))
				       : sqlite_error_of(rc);
		if (err == 0)
			each(as, (uint32_t)sqlite3_column_int64(st, 1),
			     (unsigned int)sqlite3_column_int(st, 2), arg);
	}
	sqlite3_reset(st);
	return err;
}

static int load_repository(sqlite3_stmt *st, struct repository *out)
{
	const void *data = sqlite3_column_blob(st, 2);

	memset(out, 0, sizeof(*out));
	if (!data || sqlite_column_text(st, 0, out->service, sizeof(out->service)))
		return STORE_EIO;
	out->sequence = (uint32_t)sqlite3_column_int64(st, 1);
	out->len = (size_t)sqlite3_column_bytes(st, 2);
	out->data = malloc(out->len + 1);
	if (!out->data)
		return STORE_EIO;
	memcpy(out->data, data, out->len);
	out->data[out->len] = '\0';
	return 0;
}

int sqlite_repository(struct store *store, int64_t sub, const char *owner, struct slice service,
		      struct repository *out)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_REPOSITORY);
	int rc, err;

	memset(out, 0, sizeof(*out));
	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub);
	sqlite_bind(st, 2, owner);
	sqlite3_bind_text(st, 3, service.p ? service.p : "", (int)service.len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	err = rc == SQLITE_DONE	 ? STORE_ENOTFOUND
	      : rc == SQLITE_ROW ? load_repository(st, out)
				 : sqlite_error_of(rc);
	sqlite3_reset(st);
	return err;
}

int sqlite_repositories(struct store *store, int64_t sub, const char *owner,
			store_repository_h each, void *arg)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_REPOSITORIES);
	struct repository r;
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub);
	sqlite_bind(st, 2, owner);
	while (err == 0 && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		err = rc == SQLITE_ROW ? load_repository(st, &r) : sqlite_error_of(rc);
		if (err == 0) {
			each(&r, arg);
			repository_free(&r);
		}
	}
	sqlite3_reset(st);
	return err;
}

int sqlite_put_repository(struct store *store, int64_t sub, const char *owner,
			  const struct repository *r)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_PUT_REPOSITORY);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub);
	sqlite_bind(st, 2, owner);
	sqlite_bind(st, 3, r->service);
	sqlite3_bind_int64(st, 4, r->sequence);
	sqlite3_bind_blob(st, 5, r->data, (int)r->len, SQLITE_STATIC);
	return sqlite_run(st);
}

int sqlite_remove_repository(struct store *store, int64_t sub, const char *owner,
			     const char *service)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_REMOVE_REPOSITORY);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, sub);
	sqlite_bind(st, 2, owner);
	sqlite_bind(st, 3, service);
	return sqlite_run(st);
}
