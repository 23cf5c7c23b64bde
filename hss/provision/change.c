/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/change.h"

#include "hss/cx/profile_xml.h"
#include "hss/provision/bearer.h"
#include "hss/provision/provision.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/registration.h"

/* What is not fit to be stored; why has it. */
static int check(const struct subscription *sub, char *why, size_t size)
{
	return provision_complete(sub, why, size) || profile_check(sub, why, size)
		   ? PROVISION_REFUSED
		   : 0;
}

/* A tag that is switched off must be one that something is bound to. */
static int check_masked(const struct subscription *sub, const struct subscription *before,
			char *why, size_t size)
{
	for (size_t i = 0; i < sub->n_impu; i++) {
		struct slice tag = dsai_unbound(sub, (int)i);
		int was = subscription_impu(before, slice_str(sub->impu[i].uri));

		if (!tag.len ||
		    (was >= 0 && strcmp(before->impu[was].masked, sub->impu[i].masked) == 0))
			continue;
		snprintf(why, size, "no ifc of the profile of %s has dsai=%.*s", sub->impu[i].uri,
			 (int)tag.len, tag.p);
		return PROVISION_REFUSED;
	}
	return 0;
}

/* A change in its transaction, which may be begun again. */
struct changing {
	const char *impi;
	struct subscription *sub, *before;
	provision_edit_h edit;
	void *arg;
	bool force;
	char *why;
	size_t size;
};

/* Carry it out; what the store says of it is told. */
static int transact(struct store *store, int (*body)(struct transaction *, void *),
		    struct changing *c)
{
	int err = store_transact(store, true, body, c);

	if (err && err != PROVISION_REFUSED)
		snprintf(c->why, c->size, "%s: %s", c->impi, store_strerror(err));
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
		   struct subscription *after)
{
	int err = cx_errands(before, after, keep_errand, tx);

	if (err)
		return err == -1 ? STORE_EIO : err;
	return provision_bearers_left(tx, before, after);
}

/* Let edit() change sub, check it, store it, and leave word for its S-CSCF. */
static int change(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	int err = find(tx, c->impi, c->sub);

	if (err == 0)
		err = store_load(tx, c->sub->id, c->before);
	if (err == 0)
		err = c->edit(c->sub, c->arg, c->why, c->size) ? PROVISION_REFUSED
							       : check(c->sub, c->why, c->size);
	if (err == 0)
		err = check_masked(c->sub, c->before, c->why, c->size);
	if (err == 0)
		err = store_put(tx, c->sub);
	return err ? err : provision_tell(tx, c->before, c->sub);
}

int provision_change(struct store *store, const char *impi, provision_edit_h edit, void *arg,
		     struct subscription *sub, char *why, size_t size)
{
	struct changing c = {.impi = impi,
			     .sub = sub,
			     .before = subscription_new(),
			     .edit = edit,
			     .arg = arg,
			     .why = why,
			     .size = size};
	int err = STORE_EIO;

	if (c.before)
		err = transact(store, change, &c);
	else
		snprintf(why, size, "no memory");
	subscription_free(c.before);
	return err;
}

static int add(struct transaction *tx, void *arg)
{
	struct changing *c = arg;

	c->sub->id = 0;
	return store_put(tx, c->sub);
}

int provision_add(struct store *store, struct subscription *sub, char *why, size_t size)
{
	struct changing c = {
	    .impi = sub->n_impi ? sub->impi[0].name : "", .sub = sub, .why = why, .size = size};
	int err = check(sub, why, size);

	return err ? err : transact(store, add, &c);
}

int provision_load(struct store *store, const char *impi, struct subscription *sub, char *why,
		   size_t size)
{
	struct transaction *tx;
	int err = store_begin(store, false, &tx);

	if (err == 0) {
		err = find(tx, impi, sub);
		store_rollback(tx);
	}
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

static int remove_in(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	int err = find(tx, c->impi, c->sub);

	/* one whose keys are spoilt can be taken away; nobody is told, since nothing else is read */
	if (err == STORE_ESEAL && c->force)
		err = store_find_impi(tx, slice_str(c->impi), &c->sub->id);
	if (err == 0 && !c->force && registered(c->sub)) {
		snprintf(c->why, c->size, "%s is registered; deregister it first, or force it",
			 c->impi);
		err = PROVISION_REFUSED;
	}
	if (err == 0)
		err = store_remove(tx, c->sub->id);
	return err ? err : provision_tell(tx, c->sub, NULL);
}

int provision_remove(struct store *store, const char *impi, bool force, char *why, size_t size)
{
	struct changing c = {
	    .impi = impi, .sub = subscription_new(), .force = force, .why = why, .size = size};
	int err = STORE_EIO;

	if (c.sub)
		err = transact(store, remove_in, &c);
	else
		snprintf(why, size, "no memory");
	subscription_free(c.sub);
	return err;
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
