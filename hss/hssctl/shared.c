/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about shared sets of filter criteria. */
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/edit.h"
#include "hss/provision/shared.h"

static int set_of(struct hssctl *c, uint32_t *set)
{
	uint64_t n;

	if (slice_u64(slice_str(c->arg[0]), SHARED_SET_MAX, &n))
		return complain("a shared set has a number, up to %d", SHARED_SET_MAX);
	*set = (uint32_t)n;
	return 0;
}

static int change_set(struct hssctl *c, provision_edit_h edit)
{
	struct subscription *criteria = subscription_new();
	char why[512] = "no memory";
	uint32_t set;
	int status = criteria ? set_of(c, &set) || store_needed(c) : complain("%s", why);

	if (status == 0 && provision_change_set(c->store, set, edit, c, criteria, why, sizeof(why)))
		status = complain("%s", why);
	subscription_free(criteria);
	return status;
}

static int put_criterion(struct subscription *criteria, void *arg, char *why, size_t size)
{
	struct hssctl *c = arg;
	struct words w;

	return line_from_arguments(c, "ifc", 1, &w, why, size) ||
		       provision_set_line(criteria, &w, why, size)
		   ? -1
		   : 0;
}

int cmd_shared_set(struct hssctl *c)
{
	return change_set(c, put_criterion);
}

/* All of the set, or one criterion. */
static int remove_criterion(struct subscription *criteria, void *arg, char *why, size_t size)
{
	struct hssctl *c = arg;
	uint64_t priority;
	struct slice v;

	if (c->n_arg > 1 && (!word_option(slice_str(c->arg[1]), "priority", &v) ||
			     slice_u64(v, INT32_MAX, &priority))) {
		snprintf(why, size, "'%s' is not priority=N", c->arg[1]);
		return -1;
	}
	if (c->n_arg > 1)
		return provision_remove_ifc(criteria, 0, priority, why, size);
	return provision_empty_set(criteria, why, size);
}

int cmd_shared_remove(struct hssctl *c)
{
	return change_set(c, remove_criterion);
}

/* The numbers of a piece of the sets. */
struct numbers {
	uint32_t set[64];
	int n;
};

static void note(uint32_t set, uint32_t criteria, void *arg)
{
	struct numbers *numbers = arg;

	(void)criteria;
	numbers->set[numbers->n++] = set;
}

static int next_numbers(struct store *store, int64_t after, struct numbers *out)
{
	struct transaction *tx;
	int err = store_begin(store, false, &tx);

	out->n = 0;
	if (err)
		return err;
	err = store_shared_sets(tx, after, sizeof(out->set) / sizeof(out->set[0]), note, out);
	store_rollback(tx);
	return err;
}

int write_shared_set(struct hssctl *c, uint32_t set)
{
	struct subscription *criteria = subscription_new();
	char why[512] = "no memory";
	int err = -1;

	if (criteria)
		err = provision_load_set(c->store, set, criteria, why, sizeof(why));
	if (err == 0)
		provision_write_set(set, criteria, stdout);
	subscription_free(criteria);
	return err ? complain("%s", why) : 0;
}

int write_shared_sets(struct hssctl *c)
{
	struct numbers numbers;
	int64_t after = -1;
	int n, status = 0;

	do {
		n = next_numbers(c->store, after, &numbers);
		for (int i = 0; i < numbers.n && status == 0; i++) {
			status = write_shared_set(c, numbers.set[i]);
			after = numbers.set[i];
		}
	} while (n > 0 && status == 0);
	return n < 0 ? complain("%s", store_strerror(n)) : status;
}

int cmd_shared_list(struct hssctl *c)
{
	uint32_t set;

	if (c->n_arg)
		return set_of(c, &set) || store_needed(c) || write_shared_set(c, set);
	return store_needed(c) || write_shared_sets(c);
}
