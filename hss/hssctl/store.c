/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about many subscriptions, and those that read only. */
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/provision.h"
#include "hss/subscription/registration.h"

static const char *state_of(const struct impu *u)
{
	return u->registered	 ? "registered"
	       : u->unregistered ? "unregistered"
	       : u->pending	 ? "authentication-pending"
				 : "not-registered";
}

enum { PIECE = 256 }; /* subscriptions of one transaction */

/*
 * Write out what each() says of the next piece of subscriptions. The transaction is over before
 * anything is written: whoever reads it may stall for as long as he likes, and the log of the store
 * does not grow meanwhile. Returns their number, or an error.
 */
static int for_piece(struct store *store, struct subscription *sub, int64_t *after,
		     void (*each)(const struct subscription *, FILE *))
{
	int64_t ids[PIECE];
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int n = STORE_EIO, err = out ? store_begin(store, false) : STORE_EIO;

	if (err == 0) {
		n = store_list(store, *after, ids, PIECE);
		err = n < 0 ? n : 0;
		for (int i = 0; i < n && err == 0; i++) {
			err = store_load(store, ids[i], sub);
			if (err == 0)
				each(sub, out);
			*after = ids[i];
		}
		store_rollback(store);
	}
	if (out && fclose(out) == 0 && err == 0)
		fwrite(text, 1, len, stdout);
	if (text)
		explicit_bzero(text, len);
	free(text);
	return err ? err : n;
}

/* Call each() for every subscription, piece by piece. */
static int for_each(struct hssctl *c, void (*each)(const struct subscription *, FILE *))
{
	struct subscription *sub = subscription_new();
	int64_t after = 0;
	int n = STORE_EIO;

	if (!sub || store_needed(c)) {
		subscription_free(sub);
		return 1;
	}
	do
		n = for_piece(c->store, sub, &after, each);
	while (n > 0);
	subscription_free(sub);
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
	struct subscription *sub = subscription_new();
	int64_t id;
	int err;

	if (!sub || store_needed(c)) {
		subscription_free(sub);
		return 1;
	}
	err = store_begin(c->store, false);
	if (err == 0) {
		err = store_find_impi(c->store, slice_str(impi), &id);
		if (err == 0)
			err = store_load(c->store, id, sub);
		store_rollback(c->store);
	}
	if (err) {
		subscription_free(sub);
		return complain("%s: %s", impi, store_strerror(err));
	}
	*out = sub;
	return 0;
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

		printf("# %s %s", u->uri, state_of(u));
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
	struct subscription *sub;
	bool registered = false;
	int err;

	if (load(c, c->arg[0], &sub))
		return 1;
	for (size_t i = 0; i < sub->n_impu; i++)
		registered |= impu_registered(&sub->impu[i]);
	if (registered && !force) {
		subscription_free(sub);
		return complain(
		    "%s is registered; first: hssctl deregister %s (or add the word force)",
		    c->arg[0], c->arg[0]);
	}
	err = store_begin(c->store, true);
	if (err == 0) {
		err = store_remove(c->store, sub->id);
		if (err)
			store_rollback(c->store);
		else
			err = store_commit(c->store);
	}
	subscription_free(sub);
	return err ? complain("%s: %s", c->arg[0], store_strerror(err)) : 0;
}

static void export_one(const struct subscription *sub, FILE *out)
{
	provision_write(sub, true, out);
}

int cmd_export(struct hssctl *c)
{
	struct subscription *sub;

	if (c->n_arg == 0)
		return for_each(c, export_one);
	if (load(c, c->arg[0], &sub))
		return 1;
	provision_write(sub, true, stdout);
	subscription_free(sub);
	return 0;
}
