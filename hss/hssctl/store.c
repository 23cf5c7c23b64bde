/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about many subscriptions, and those that read only. */
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/beside.h"
#include "hss/provision/change.h"
#include "hss/provision/provision.h"
#include "hss/subscription/registration.h"

/* What is written of a piece. */
struct written {
	void (*each)(const struct subscription *, FILE *);
	FILE *out;
};

static void write_one(const struct subscription *sub, void *arg)
{
	struct written *w = arg;

	w->each(sub, w->out);
}

/*
 * Write out what each() says of the next piece of subscriptions. The transaction is over before
 * anything is written: whoever reads it may stall for as long as he likes, and the log of the store
 * does not grow meanwhile. Returns their number, or an error.
 */
static int for_piece(struct store *store, int64_t *after,
		     void (*each)(const struct subscription *, FILE *))
{
	char *text = NULL;
	size_t len = 0;
	struct written w = {each, open_memstream(&text, &len)};
	int n = w.out ? provision_piece(store, after, PROVISION_PIECE, write_one, &w) : STORE_EIO;

	if (w.out && fclose(w.out) == 0 && n > 0)
		fwrite(text, 1, len, stdout);
	if (text)
		explicit_bzero(text, len);
	free(text);
	return n;
}

/* Call each() for every subscription, piece by piece. */
static int for_each(struct hssctl *c, void (*each)(const struct subscription *, FILE *))
{
	int64_t after = 0;
	int n;

	if (store_needed(c))
		return 1;
	do
		n = for_piece(c->store, &after, each);
	while (n > 0);
	if (n == 0 && fflush(stdout))
		return complain("the output cannot be written");
	return n < 0 ? complain("%s", store_strerror(n)) : 0;
}

static void list_one(const struct subscription *sub, FILE *out)
{
	for (size_t i = 0; i < sub->n_impi; i++) {
		size_t registered = 0, all = 0;

		for (size_t j = 0; j < sub->n_impu; j++) {
			all += (sub->impu[j].impis >> i) & 1;
			registered += (sub->impu[j].registered >> i) & 1;
		}
		fprintf(out, "%s %zu/%zu registered %s\n", sub->impi[i].name, registered, all,
			sub->scscf[0] ? sub->scscf : "-");
	}
}

int cmd_subscriber_list(struct hssctl *c)
{
	return for_each(c, list_one);
}

static int load(struct hssctl *c, const char *impi, struct subscription **out)
{
	char why[512] = "no memory";

	*out = subscription_new();
	if (*out && store_needed(c) == 0 &&
	    provision_load(c->store, impi, *out, why, sizeof(why)) == 0)
		return 0;
	subscription_free(*out);
	return c->store ? complain("%s", why) : 1;
}

int cmd_subscriber_show(struct hssctl *c)
{
	struct subscription *sub;

	if (load(c, c->arg[0], &sub))
		return 1;
	provision_write(sub, false, stdout);
	printf("# S-CSCF %s\n", sub->scscf[0] ? sub->scscf : "none");
	for (size_t i = 0; i < sub->n_impu; i++) {
		const struct impu *u = &sub->impu[i];

		printf("# %s %s", u->uri, impu_state(u));
		for (size_t j = 0; j < sub->n_impi; j++)
			if (u->registered & 1u << j)
				printf(" %s", sub->impi[j].name);
		putchar('\n');
	}
	subscription_free(sub);
	return 0;
}

int cmd_subscriber_remove(struct hssctl *c)
{
	bool force = c->n_arg > 1 && strcmp(c->arg[1], "force") == 0;
	char why[512];

	if (store_needed(c))
		return 1;
	if (provision_remove(c->store, c->arg[0], force, why, sizeof(why)))
		return complain("%s", why);
	return 0;
}

static void export_one(const struct subscription *sub, FILE *out)
{
	provision_write(sub, true, out);
}

/* What to write in a transaction, which is over before anything is written out. */
typedef int (*write_h)(struct transaction *tx, int64_t *after, FILE *out);

/* Returns what write() says: more than 0, there may be more. */
static int write_piece(struct store *store, write_h write, int64_t *after)
{
	struct transaction *tx;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int n = f ? store_begin(store, false, &tx) : STORE_EIO;

	if (n == 0) {
		n = write(tx, after, f);
		store_rollback(tx);
	}
	if (f && fclose(f) == 0 && n >= 0)
		fwrite(text, 1, len, stdout);
	free(text);
	return n;
}

static int write_network(struct transaction *tx, int64_t *after, FILE *out)
{
	(void)after;
	return beside_write_network(tx, out);
}

/* What application servers have with the next users. */
static int write_sh(struct transaction *tx, int64_t *after, FILE *out)
{
	int64_t subs[32];
	int n = store_sh_subs(tx, *after, subs, sizeof(subs) / sizeof(subs[0])), err = 0;

	for (int i = 0; i < n && err == 0; i++) {
		err = beside_write_of(tx, subs[i], out);
		if (err == STORE_ENOTFOUND)
			err = 0; /* he is gone, and nobody was told yet */
		*after = subs[i];
	}
	return err ? err : n;
}

static int write_one_sh(struct transaction *tx, int64_t *sub, FILE *out)
{
	return beside_write_of(tx, *sub, out);
}

static int write_beside(struct hssctl *c)
{
	int64_t after = 0;
	int n = write_piece(c->store, write_network, &after);

	if (n == 0)
		do
			n = write_piece(c->store, write_sh, &after);
		while (n > 0);
	if (n == 0 && fflush(stdout))
		return complain("the output cannot be written");
	return n < 0 ? complain("%s", store_strerror(n)) : 0;
}

/* Does a profile before this one use the same shared set? */
static bool used_before(const struct subscription *sub, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (sub->shared[k].set == sub->shared[i].set)
			return true;
	return false;
}

int cmd_export(struct hssctl *c)
{
	struct subscription *sub;
	int n, status = 0;

	if (c->n_arg == 0)
		return store_needed(c) || write_shared_sets(c) || for_each(c, export_one) ||
		       write_beside(c);
	if (load(c, c->arg[0], &sub))
		return 1;
	for (size_t i = 0; i < sub->n_shared && status == 0; i++)
		if (!used_before(sub, i))
			status = write_shared_set(c, sub->shared[i].set);
	provision_write(sub, true, stdout);
	n = write_piece(c->store, write_one_sh, &sub->id);
	if (n < 0)
		status = complain("%s", store_strerror(n));
	subscription_free(sub);
	return status;
}
