/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sh in the tables: permissions and repository data. */
#include <stdlib.h>

#include "hss/store/tables.h"

int store_allowed(struct transaction *tx, struct slice as, unsigned int allowed[SH_REFERENCES])
{
	struct db_statement *st = use(tx, S_ALLOWED);
	int rc;

	memset(allowed, 0, SH_REFERENCES * sizeof(allowed[0]));
	if (!st)
		return STORE_EIO;
	db_bind_slice(st, 1, as);
	while ((rc = db_step(st)) == DB_ROW) {
		int64_t reference = db_int(st, 0);

		if (reference >= 0 && reference < SH_REFERENCES)
			allowed[reference] = (unsigned int)(int)db_int(st, 1);
	}
	db_end(st);
	return rc;
}

int store_allow(struct transaction *tx, const char *as, uint32_t reference, unsigned int operations)
{
	struct db_statement *st = use(tx, operations ? S_ALLOW : S_FORBID);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, as);
	db_bind_int(st, 2, reference);
	if (operations)
		db_bind_int(st, 3, (int)operations);
	return db_run(st);
}

int store_permissions(struct transaction *tx, store_permission_h each, void *arg)
{
	struct db_statement *st = use(tx, S_PERMISSIONS);
	char as[IDENTITY_SIZE];
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? db_text(st, 0, as, sizeof(as)) : rc;
		if (err == 0)
			each(as, (uint32_t)db_int(st, 1), (unsigned int)(int)db_int(st, 2), arg);
	}
	db_end(st);
	return err;
}

static int load_repository(struct db_statement *st, struct repository *out)
{
	struct slice data = db_octets(st, 2);

	memset(out, 0, sizeof(*out));
	if (db_text(st, 0, out->service, sizeof(out->service)))
		return STORE_EIO;
	out->sequence = (uint32_t)db_int(st, 1);
	out->len = data.len;
	out->data = malloc(out->len + 1);
	if (!out->data)
		return STORE_EIO;
	memcpy(out->data, data.p, out->len);
	out->data[out->len] = '\0';
	return 0;
}

int store_repository(struct transaction *tx, int64_t sub, const char *owner, struct slice service,
		     struct repository *out)
{
	struct db_statement *st = use(tx, S_REPOSITORY);
	int err;

	memset(out, 0, sizeof(*out));
	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, owner);
	db_bind_slice(st, 3, service);
	err = one_row(st);
	if (err == 0)
		err = load_repository(st, out);
	db_end(st);
	return err;
}

int store_repositories(struct transaction *tx, int64_t sub, const char *owner,
		       store_repository_h each, void *arg)
{
	struct db_statement *st = use(tx, S_REPOSITORIES);
	struct repository r;
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, owner);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc == DB_ROW ? load_repository(st, &r) : rc;
		if (err == 0) {
			each(&r, arg);
			repository_free(&r);
		}
	}
	db_end(st);
	return err;
}

int store_count_repositories(struct transaction *tx, int64_t sub, const char *owner, uint64_t *n)
{
	struct db_statement *st = use(tx, S_COUNT_REPOSITORIES);
	int rc;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, owner);
	rc = db_step(st);
	*n = rc == DB_ROW ? (uint64_t)db_int(st, 0) : 0;
	db_end(st);
	return rc < 0 ? rc : 0;
}

int store_put_repository(struct transaction *tx, int64_t sub, const char *owner,
			 const struct repository *r)
{
	struct db_statement *st = use(tx, S_PUT_REPOSITORY);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, owner);
	db_bind_text(st, 3, r->service);
	db_bind_int(st, 4, r->sequence);
	db_bind_octets(st, 5, r->data, r->len);
	return db_run(st);
}

int store_remove_repository(struct transaction *tx, int64_t sub, const char *owner,
			    const char *service)
{
	struct db_statement *st = use(tx, S_REMOVE_REPOSITORY);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, sub);
	db_bind_text(st, 2, owner);
	db_bind_text(st, 3, service);
	return db_run(st);
}
