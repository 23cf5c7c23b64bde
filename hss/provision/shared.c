/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/shared.h"

#include "hss/cx/spread.h"

static bool same_ifc(const struct ifc *a, const struct ifc *b)
{
	return a->priority == b->priority && a->terminate == b->terminate &&
	       a->include_request == b->include_request &&
	       a->include_response == b->include_response && a->part == b->part &&
	       strcmp(a->as, b->as) == 0 && strcmp(a->dsai, b->dsai) == 0 &&
	       strcmp(a->trigger, b->trigger) == 0 && strcmp(a->service_info, b->service_info) == 0;
}

/* In whichever order: a priority stands once in a set. */
bool provision_same_set(const struct subscription *a, const struct subscription *b)
{
	size_t found = 0;

	for (size_t i = 0; i < a->n_ifc; i++)
		for (size_t k = 0; k < b->n_ifc; k++)
			found += same_ifc(&a->ifc[i], &b->ifc[k]);
	return a->n_ifc == b->n_ifc && found == a->n_ifc;
}

/* One that is not there is empty. */
static int load(struct transaction *tx, uint32_t set, struct subscription *out)
{
	int err = store_shared_set(tx, set, out);

	return err == STORE_ENOTFOUND ? 0 : err;
}

/* Keep what differs, and leave word for those who use it. */
static int keep(struct transaction *tx, uint32_t set, const struct subscription *before,
		const struct subscription *after)
{
	int64_t user;
	int err;

	if (provision_same_set(before, after))
		return 0;
	err = store_put_shared_set(tx, set, after);
	if (err == 0)
		err = store_shared_users(tx, set, 0, &user, 1);
	return err > 0 ? spread_begin(tx, set) : err;
}

int provision_put_set(struct transaction *tx, uint32_t set, const struct subscription *criteria,
		      bool replace, struct subscription *before)
{
	int err = load(tx, set, before);

	if (err == 0 && before->n_ifc && !replace && !provision_same_set(before, criteria))
		return STORE_EEXIST;
	return err ? err : keep(tx, set, before, criteria);
}

/* A change in its transaction, which may be begun again. */
struct changing {
	uint32_t set;
	provision_edit_h edit;
	void *arg;
	struct subscription *before, *after;
	char *why;
	size_t size;
};

static int change(struct transaction *tx, void *arg)
{
	struct changing *c = arg;
	int err = load(tx, c->set, c->before);

	if (err == 0)
		err = load(tx, c->set, c->after);
	if (err == 0 && c->edit(c->after, c->arg, c->why, c->size))
		err = PROVISION_REFUSED;
	if (err == 0)
		err = keep(tx, c->set, c->before, c->after);
	if (err == STORE_EINUSE) {
		snprintf(c->why, c->size,
			 "subscriptions use the shared set %u; take it from them first", c->set);
		err = PROVISION_REFUSED;
	}
	return err;
}

int provision_change_set(struct store *store, uint32_t set, provision_edit_h edit, void *arg,
			 struct subscription *criteria, char *why, size_t size)
{
	struct changing c = {.set = set,
			     .edit = edit,
			     .arg = arg,
			     .before = subscription_new(),
			     .after = criteria,
			     .why = why,
			     .size = size};
	int err = STORE_EIO;

	if (c.before)
		err = store_transact(store, true, change, &c);
	if (err && err != PROVISION_REFUSED)
		snprintf(why, size, "shared set %u: %s", set,
			 c.before ? store_strerror(err) : "no memory");
	subscription_free(c.before);
	return err;
}

int provision_load_set(struct store *store, uint32_t set, struct subscription *criteria, char *why,
		       size_t size)
{
	struct transaction *tx;
	int err = store_begin(store, false, &tx);

	if (err == 0) {
		err = store_shared_set(tx, set, criteria);
		store_rollback(tx);
	}
	if (err)
		snprintf(why, size, "shared set %u: %s", set, store_strerror(err));
	return err;
}
