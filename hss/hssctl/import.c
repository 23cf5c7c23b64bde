/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hssctl import: a file of any size, read twice. The first time all of it is checked, against the
 * store and itself; only then is anything written, in pieces, so that ims-hss serves meanwhile.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keyed_hash.h"
#include "hss/cx/profile_xml.h"
#include "hss/hssctl/hssctl.h"
#include "hss/provision/provision.h"
#include "hss/subscription/registration.h"

enum { PIECE = 256 }; /* subscriptions of one transaction */

/* Which names the file has had, by their hashes. */
struct seen {
	struct keyed_hash_key key;
	uint64_t *slot; /* 0: free */
	size_t size, n;
};

struct import {
	struct store *store;
	bool replace, write;
	bool open; /* a transaction is */
	struct seen seen;
	struct subscription *old;
	unsigned long count, written;
};

static int seen_put(struct seen *s, uint64_t hash)
{
	size_t at = hash & (s->size - 1);

	while (s->slot[at] && s->slot[at] != hash)
		at = (at + 1) & (s->size - 1);
	if (s->slot[at])
		return 1;
	s->slot[at] = hash;
	s->n++;
	return 0;
}

static int seen_grow(struct seen *s)
{
	struct seen bigger = {.key = s->key, .size = s->size ? s->size * 2 : 1024};

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -1;
	for (size_t i = 0; i < s->size; i++)
		if (s->slot[i])
			seen_put(&bigger, s->slot[i]);
	free(s->slot);
	*s = bigger;
	return 0;
}

/* Note a name of its kind. Returns 0, 1 if it was there before, -1 without memory. */
static int seen_add(struct seen *s, const char *name, uint64_t kind)
{
	uint64_t hash = keyed_hash(&s->key, slice_str(name)) ^ kind;

	if (s->n * 2 >= s->size && seen_grow(s))
		return -1;
	return seen_put(s, hash ? hash : 1);
}

static int check_twice(struct import *im, const struct subscription *sub, char *why, size_t size)
{
	const char *twice = NULL;
	int rc = 0;

	for (size_t i = 0; i < sub->n_impi && rc == 0; i++) {
		rc = seen_add(&im->seen, sub->impi[i].name, 0);
		twice = sub->impi[i].name;
	}
	for (size_t i = 0; i < sub->n_impu && rc == 0; i++) {
		rc = seen_add(&im->seen, sub->impu[i].uri, UINT64_C(1) << 63);
		twice = sub->impu[i].uri;
	}
	if (rc)
		snprintf(why, size, rc < 0 ? "no memory" : "%s stands in the file twice", twice);
	return rc ? -1 : 0;
}

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

/* One name that the store has: it must be of the one subscription that is replaced. */
static int note_old(struct import *im, const char *name, int found, int64_t id, int64_t *old,
		    char *why, size_t size)
{
	if (found == STORE_ENOTFOUND)
		return 0;
	if (found)
		snprintf(why, size, "%s: %s", name, store_strerror(found));
	else if (!im->replace)
		snprintf(why, size, "%s exists; add the word replace to change it", name);
	else if (*old && *old != id)
		snprintf(why, size, "%s is in another subscription than the names before it", name);
	else {
		*old = id;
		return 0;
	}
	return -1;
}

/* The stored subscription that has any of the names, or 0. */
static int find_old(struct import *im, const struct subscription *sub, int64_t *old, char *why,
		    size_t size)
{
	int64_t id = 0;
	int found;

	*old = 0;
	for (size_t i = 0; i < sub->n_impi; i++) {
		found = store_find_impi(im->store, slice_str(sub->impi[i].name), &id);
		if (note_old(im, sub->impi[i].name, found, id, old, why, size))
			return -1;
	}
	for (size_t i = 0; i < sub->n_impu; i++) {
		found = store_find_impu(im->store, slice_str(sub->impu[i].uri), &id);
		if (note_old(im, sub->impu[i].uri, found, id, old, why, size))
			return -1;
	}
	return 0;
}

static int put(struct import *im, struct subscription *sub, int64_t old, char *why, size_t size)
{
	int err = old ? store_load(im->store, old, im->old) : 0;

	if (err == 0 && old)
		keep_state(sub, im->old);
	if (err == 0)
		err = store_put(im->store, sub);
	if (err)
		snprintf(why, size, "%s: %s", sub->impi[0].name, store_strerror(err));
	return err ? -1 : 0;
}

/* End the transaction that is open, if one is. */
static int end_piece(struct import *im, bool keep)
{
	int err = 0;

	if (!im->open)
		return 0;
	im->open = false;
	if (keep && im->write)
		err = store_commit(im->store);
	else
		store_rollback(im->store);
	if (err == 0 && keep)
		im->written = im->count;
	return err;
}

static int one(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct import *im = arg;
	int64_t old;
	int err = im->count % PIECE ? 0 : end_piece(im, true);

	if (err == 0 && !im->open) {
		err = store_begin(im->store, im->write);
		im->open = err == 0;
	}
	if (err) {
		snprintf(why, size, "%s", store_strerror(err));
		return -1;
	}
	if (!im->write && (check_twice(im, sub, why, size) || profile_check(sub, why, size)))
		return -1;
	if (find_old(im, sub, &old, why, size) || (im->write && put(im, sub, old, why, size)))
		return -1;
	im->count++;
	return 0;
}

/* Go through the file once. Returns 0, or -1 with why. */
static int pass(struct import *im, struct slice text, bool write, char *why, size_t size)
{
	int err;

	im->write = write;
	im->count = im->written = 0;
	err = provision_parse(text, one, im, why, size);
	if (err) {
		end_piece(im, false);
		return -1;
	}
	err = end_piece(im, true);
	if (err)
		snprintf(why, size, "%s", store_strerror(err));
	return err ? -1 : 0;
}

static int import_text(struct hssctl *c, struct slice text, bool replace)
{
	struct import im = {.store = c->store, .replace = replace, .old = subscription_new()};
	char why[512] = "no memory";
	int status = 0;

	if (!im.old || keyed_hash_key_random(&im.seen.key))
		status = complain("%s; nothing was imported", why);
	else if (pass(&im, text, false, why, sizeof(why)))
		status = complain("%s: %s; nothing was imported", c->arg[0], why);
	else if (pass(&im, text, true, why, sizeof(why)))
		status = complain("%s: %s; the first %lu subscriptions are imported, import the "
				  "file again with the word replace",
				  c->arg[0], why, im.written);
	else
		printf("%lu subscriptions imported\n", im.count);
	free(im.seen.slot);
	subscription_free(im.old);
	return status;
}

int cmd_import(struct hssctl *c)
{
	bool replace = c->n_arg > 1 && strcmp(c->arg[1], "replace") == 0;
	struct file file;
	int status;

	if (store_needed(c) || file_open(c->arg[0], &file))
		return 1;
	status = import_text(c, file.text, replace);
	file_close(&file);
	return status;
}
