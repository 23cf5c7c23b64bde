/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/change.h"

#include "hss/cx/profile_xml.h"
#include "hss/provision/provision.h"
#include "hss/subscription/registration.h"

/* What is not fit to be stored; why has it. */
static int check(const struct subscription *sub, char *why, size_t size)
{
	return provision_complete(sub, why, size) || profile_check(sub, why, size)
		   ? PROVISION_REFUSED
		   : 0;
}

/* End a transaction as its outcome is. */
static int end(struct transaction *tx, const char *name, int err, char *why, size_t size)
{
	err = store_end(tx, err);
	if (err && err != PROVISION_REFUSED)
		snprintf(why, size, "%s: %s", name, store_strerror(err));
	return err;
}

static int begin(struct store *store, bool write, const char *name, char *why, size_t size,
		 struct transaction **tx)
{
	int err = store_begin(store, write, tx);

	if (err)
		snprintf(why, size, "%s: %s", name, store_strerror(err));
	return err;
}

static int find(struct transaction *tx, const char *impi, struct subscription *sub)
{
	int64_t id;
	int err = store_find_impi(tx, slice_str(impi), &id);

	return err ? err : store_load(tx, id, sub);
}

static int keep_errand(const struct cx_errand *errand, void *tx)
{
	return store_put_errand(tx, errand);
}

int provision_tell(struct transaction *tx, const struct subscription *before,
		   const struct subscription *after)
{
	int err = cx_errands(before, after, keep_errand, tx);

	return err == -1 ? STORE_EIO : err;
}

/* Let edit() change sub, check it, store it, and leave word for its S-CSCF. */
static int change(struct transaction *tx, const struct subscription *before, provision_edit_h edit,
		  void *arg, struct subscription *sub, char *why, size_t size)
{
	int err = edit(sub, arg, why, size) ? PROVISION_REFUSED : check(sub, why, size);

	if (err == 0)
		err = store_put(tx, sub);
	return err ? err : provision_tell(tx, before, sub);
}

int provision_change(struct store *store, const char *impi, provision_edit_h edit, void *arg,
		     struct subscription *sub, char *why, size_t size)
{
	struct subscription *before = subscription_new();
	struct transaction *tx;
	int err = before ? begin(store, true, impi, why, size, &tx) : STORE_EIO;

	if (!before)
		snprintf(why, size, "no memory");
	if (err) {
		subscription_free(before);
		return err;
	}
	err = find(tx, impi, sub);
	if (err == 0)
		err = store_load(tx, sub->id, before);
	if (err == 0)
		err = change(tx, before, edit, arg, sub, why, size);
	subscription_free(before);
	return end(tx, impi, err, why, size);
}

int provision_add(struct store *store, struct subscription *sub, char *why, size_t size)
{
	int err = check(sub, why, size);
	struct transaction *tx;
	const char *name = sub->n_impi ? sub->impi[0].name : "";

	if (err == 0)
		err = begin(store, true, name, why, size, &tx);
	if (err)
		return err;
	return end(tx, name, store_put(tx, sub), why, size);
}

int provision_load(struct store *store, const char *impi, struct subscription *sub, char *why,
		   size_t size)
{
	struct transaction *tx;
	int err = begin(store, false, impi, why, size, &tx);

	if (err)
		return err;
	err = find(tx, impi, sub);
	store_rollback(tx);
	if (err)
		snprintf(why, size, "%s: %s", impi, store_strerror(err));
	return err;
}

static bool registered(const struct subscription *sub)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (impu_registered(&sub->impu[i]))
			return true;
	return false;
}

int provision_remove(struct store *store, const char *impi, bool force, char *why, size_t size)
{
	struct subscription *sub = subscription_new();
	struct transaction *tx;
	int err = sub ? begin(store, true, impi, why, size, &tx) : STORE_EIO;

	if (!sub)
		snprintf(why, size, "no memory");
	if (err) {
		subscription_free(sub);
		return err;
	}
	err = find(tx, impi, sub);
	/* one whose keys are spoilt can be taken away; nobody is told, since nothing else is read */
	if (err == STORE_ESEAL && force)
		err = store_find_impi(tx, slice_str(impi), &sub->id);
	if (err == 0 && !force && registered(sub)) {
		snprintf(why, size, "%s is registered; deregister it first, or force it", impi);
		err = PROVISION_REFUSED;
	}
	if (err == 0)
		err = store_remove(tx, sub->id);
	if (err == 0)
		err = provision_tell(tx, sub, NULL);
	subscription_free(sub);
	return end(tx, impi, err, why, size);
}

int provision_piece(struct store *store, int64_t *after, size_t max, provision_each_h each,
		    void *arg)
{
	struct subscription *sub = subscription_new();
	int64_t ids[PROVISION_PIECE];
	struct transaction *tx;
	int n = STORE_EIO, err = sub ? store_begin(store, false, &tx) : STORE_EIO;

	if (err == 0) {
		n = store_list(tx, *after, ids, max < PROVISION_PIECE ? max : PROVISION_PIECE);
		err = n < 0 ? n : 0;
		for (int i = 0; i < n && err == 0; i++) {
			err = store_load(tx, ids[i], sub);
			if (err == 0)
				each(sub, arg);
			*after = ids[i];
		}
		store_rollback(tx);
	}
	subscription_free(sub);
	return err ? err : n;
}
