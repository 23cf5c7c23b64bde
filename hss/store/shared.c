/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of filter criteria that service profiles share, and who uses them. */
#include "hss/store/tables.h"

#include <stdlib.h>

/* Room for n more criteria behind those that are there. Returns 0 or STORE_EIO. */
static int more_room(struct subscription *sub, size_t n)
{
	struct ifc *more = realloc(sub->borrowed, (sub->n_borrowed + n) * sizeof(*sub->borrowed));

	if (!more)
		return STORE_EIO;
	sub->borrowed = more;
	return 0;
}

static int borrow(struct subscription *sub, uint32_t profile, const struct ifc *criteria, size_t n)
{
	int err = n ? more_room(sub, n) : STORE_ENOSET;

	for (size_t i = 0; i < n && err == 0; i++) {
		sub->borrowed[sub->n_borrowed] = criteria[i];
		sub->borrowed[sub->n_borrowed++].profile = profile;
	}
	return err;
}

/* What is in a set, out of its table, behind what was borrowed before. */
static int fetch(struct transaction *tx, const struct shared_use *u, struct subscription *sub)
{
	struct db_statement *st = use(tx, S_SHARED_IFCS);
	int rc, err = 0;
	size_t n = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, u->set);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc != DB_ROW ? rc : n == SUB_IFCS_MAX ? STORE_EIO : more_room(sub, 1);
		if (err == 0)
			err = load_criterion(st, &sub->borrowed[sub->n_borrowed]);
		if (err == 0)
			sub->borrowed[sub->n_borrowed++].profile = u->profile;
		n++;
	}
	db_end(st);
	return err ? err : n ? 0 : STORE_ENOSET;
}

/* all: one that is not there is an error; else it is empty. */
static int resolve(struct transaction *tx, struct subscription *sub,
		   const struct shared_known *known, bool all)
{
	int err = 0;

	subscription_drop_borrowed(sub);
	for (size_t i = 0; i < sub->n_shared && err == 0; i++) {
		size_t n = 0;
		const struct ifc *criteria =
		    known ? known->criteria(known->arg, sub->shared[i].set, &n) : NULL;

		err = criteria ? borrow(sub, sub->shared[i].profile, criteria, n)
			       : fetch(tx, &sub->shared[i], sub);
		if (err == STORE_ENOSET && !all)
			err = 0;
	}
	return err;
}

int store_resolve_shared(struct transaction *tx, struct subscription *sub,
			 const struct shared_known *known)
{
	return resolve(tx, sub, known, true);
}

int load_shared(struct transaction *tx, int64_t id, struct subscription *sub)
{
	struct db_statement *st = use(tx, S_LOAD_SHARED);
	int rc, err = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, id);
	sub->n_shared = 0;
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc != DB_ROW ? rc : sub->n_shared == SUB_SHARED_MAX ? STORE_EIO : 0;
		if (err == 0)
			sub->shared[sub->n_shared++] =
			    (struct shared_use){(uint32_t)db_int(st, 0), (uint32_t)db_int(st, 1)};
	}
	db_end(st);
	/* one that another process has just taken away: nobody is refused for it */
	return err ? err : resolve(tx, sub, NULL, false);
}

int put_shared(struct transaction *tx, const struct subscription *sub)
{
	int err = 0;

	for (size_t i = 0; i < sub->n_shared && err == 0; i++) {
		struct db_statement *st = use(tx, S_PUT_SHARED);

		if (!st)
			return STORE_EIO;
		db_bind_int(st, 1, sub->id);
		db_bind_int(st, 2, sub->shared[i].profile);
		db_bind_int(st, 3, sub->shared[i].set);
		err = db_run(st);
	}
	return err;
}

int store_shared_set(struct transaction *tx, uint32_t set, struct subscription *out)
{
	struct db_statement *st = use(tx, S_SHARED_IFCS);
	int rc, err = 0;

	subscription_clear(out);
	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, set);
	while (err == 0 && (rc = db_step(st)) != 0) {
		err = rc != DB_ROW		   ? rc
		      : out->n_ifc == SUB_IFCS_MAX ? STORE_EIO
						   : load_criterion(st, &out->ifc[out->n_ifc]);
		out->n_ifc += err == 0;
	}
	db_end(st);
	return err ? err : out->n_ifc ? 0 : STORE_ENOTFOUND;
}

int store_put_shared_set(struct transaction *tx, uint32_t set, const struct subscription *criteria)
{
	int64_t user;
	int err = 0;

	if (criteria->n_ifc == 0)
		err = store_shared_users(tx, set, 0, &user, 1);
	if (err)
		return err > 0 ? STORE_EINUSE : err;
	err = run_number(tx, S_DEL_SHARED_SET, set);
	for (size_t i = 0; i < criteria->n_ifc && err == 0; i++) {
		struct db_statement *st = use(tx, S_PUT_SHARED_IFC);

		if (!st)
			return STORE_EIO;
		db_bind_int(st, 1, set);
		bind_criterion(st, 2, &criteria->ifc[i]);
		err = db_run(st);
	}
	return err;
}

int store_shared_sets(struct transaction *tx, int64_t after, size_t max, store_set_h each,
		      void *arg)
{
	struct db_statement *st = use(tx, S_SHARED_SETS);
	int rc, n = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, after);
	db_bind_int(st, 2, (int64_t)max);
	while ((rc = db_step(st)) == DB_ROW) {
		each((uint32_t)db_int(st, 0), (uint32_t)db_int(st, 1), arg);
		n++;
	}
	db_end(st);
	return rc ? rc : n;
}

int store_shared_users(struct transaction *tx, uint32_t set, int64_t after, int64_t *ids,
		       size_t max)
{
	struct db_statement *st = use(tx, S_SHARED_USERS);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, set);
	db_bind_int(st, 2, after);
	db_bind_int(st, 3, (int64_t)max);
	return read_numbers(st, ids, max);
}
