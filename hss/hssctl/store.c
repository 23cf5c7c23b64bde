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

/* Call each() for every subscription inside one reading transaction. */
static int for_each(struct hssctl *c, void (*each)(const struct subscription *, void *), void *arg)
{
	struct subscription *sub = subscription_new();
	int64_t ids[256], after = 0;
	int n, err;

	if (!sub || store_needed(c)) {
		subscription_free(sub);
		return 1;
	}
	err = store_begin(c->store, false);
	if (err) {
		subscription_free(sub);
		return complain("%s", store_strerror(err));
	}
	while (err == 0 && (n = store_list(c->store, after, ids, 256)) != 0) {
		err = n < 0 ? n : 0;
		for (int i = 0; i < n && err == 0; i++) {
			err = store_load(c->store, ids[i], sub);
			if (err == 0)
				each(sub, arg);
			after = ids[i];
		}
	}
	store_rollback(c->store);
	subscription_free(sub);
	return err ? complain("%s", store_strerror(err)) : 0;
}

static void list_one(const struct subscription *sub, void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sub->n_impi; i++) {
		size_t registered = 0, all = 0;

		for (size_t j = 0; j < sub->n_impu; j++) {
			all += (sub->impu[j].impis >> i) & 1;
			registered += (sub->impu[j].registered >> i) & 1;
		}
		printf("%s %zu/%zu registered %s\n", sub->impi[i].name, registered, all,
		       sub->scscf[0] ? sub->scscf : "-");
	}
}

int cmd_subscriber_list(struct hssctl *c)
{
	return for_each(c, list_one, NULL);
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

struct import {
	struct store *store;
	bool replace;
	unsigned int count;
};

/* What registration there was goes on for the identities that remain. */
static void keep_state(struct subscription *sub, const struct subscription *old)
{
	sub->id = old->id;
	memcpy(sub->scscf, old->scscf, sizeof(sub->scscf));
	memcpy(sub->scscf_host, old->scscf_host, sizeof(sub->scscf_host));
	memcpy(sub->scscf_realm, old->scscf_realm, sizeof(sub->scscf_realm));
	for (size_t i = 0; i < sub->n_impu; i++) {
		int j = subscription_impu(old, slice_str(sub->impu[i].uri));

		if (j < 0)
			continue;
		sub->impu[i].unregistered = old->impu[j].unregistered;
		for (size_t p = 0; p < sub->n_impi; p++) {
			int q = subscription_impi(old, slice_str(sub->impi[p].name));

			if (q >= 0 && (old->impu[j].registered & 1u << q))
				sub->impu[i].registered |= (uint16_t)(1u << p);
		}
	}
	for (size_t p = 0; p < sub->n_impi; p++) {
		int q = subscription_impi(old, slice_str(sub->impi[p].name));

		if (q >= 0 && sub->impi[p].sqn < old->impi[q].sqn)
			sub->impi[p].sqn = old->impi[q].sqn; /* never hand out a number twice */
	}
	if (!subscription_needs_scscf(sub))
		scscf_clear(sub);
}

static int import_one(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct import *im = arg;
	struct subscription *old;
	int64_t id;
	int err = store_find_impi(im->store, slice_str(sub->impi[0].name), &id);

	if (err == 0 && im->replace) {
		old = subscription_new();
		err = old ? store_load(im->store, id, old) : STORE_EIO;
		if (err == 0)
			keep_state(sub, old);
		subscription_free(old);
	} else if (err == 0) {
		snprintf(why, size, "%s exists; add the word replace to change it",
			 sub->impi[0].name);
		return -1;
	} else if (err == STORE_ENOTFOUND) {
		err = 0;
	}
	if (err == 0)
		err = store_put(im->store, sub);
	if (err)
		snprintf(why, size, "%s: %s", sub->impi[0].name, store_strerror(err));
	else
		im->count++;
	return err ? -1 : 0;
}

int cmd_import(struct hssctl *c)
{
	struct import im = {.replace = c->n_arg > 1 && strcmp(c->arg[1], "replace") == 0};
	char why[512];
	size_t len;
	char *text;
	int err;

	if (store_needed(c))
		return 1;
	text = read_file(c->arg[0], &len);
	if (!text)
		return 1;
	im.store = c->store;
	err = store_begin(c->store, true);
	if (err) {
		free(text);
		return complain("%s", store_strerror(err));
	}
	err = provision_parse(slice_make(text, len), import_one, &im, why, sizeof(why));
	explicit_bzero(text, len);
	free(text);
	if (err) {
		store_rollback(c->store);
		return complain("%s: %s; nothing was imported", c->arg[0], why);
	}
	err = store_commit(c->store);
	if (err)
		return complain("%s; nothing was imported", store_strerror(err));
	printf("%u subscriptions imported\n", im.count);
	return 0;
}

static void export_one(const struct subscription *sub, void *arg)
{
	provision_write(sub, true, arg);
}

int cmd_export(struct hssctl *c)
{
	struct subscription *sub;

	if (c->n_arg == 0)
		return for_each(c, export_one, stdout);
	if (load(c, c->arg[0], &sub))
		return 1;
	provision_write(sub, true, stdout);
	subscription_free(sub);
	return 0;
}
