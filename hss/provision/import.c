/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/import.h"

#include <stdlib.h>

#include "hss/cx/profile_xml.h"
#include "hss/provision/beside.h"
#include "hss/provision/change.h"
#include "hss/provision/import_seen.h"
#include "hss/provision/provision.h"
#include "hss/provision/shared.h"
#include "hss/subscription/registration.h"

struct import {
	struct store *store;
	bool replace;
	unsigned int mode;
	bool open; /* a transaction is: */
	struct transaction *tx;
	struct seen seen;
	struct seen_set *sets;
	struct subscription *old;
	uint64_t skip, count, written;
	unsigned int line; /* the first of the next text */
	char *kept;	   /* of a stream: what is no whole block yet */
	size_t n_kept;
};

static int check_twice(struct import *im, const struct subscription *sub, char *why, size_t size)
{
	const char *twice = NULL;
	int rc = 0;

	for (size_t i = 0; i < sub->n_impi && rc == 0; i++) {
		rc = seen_add(&im->seen, sub->impi[i].name, SEEN_PRIVATE);
		twice = sub->impi[i].name;
	}
	for (size_t i = 0; i < sub->n_impu && rc == 0; i++) {
		rc = seen_add(&im->seen, sub->impu[i].uri, SEEN_PUBLIC);
		twice = sub->impu[i].uri;
	}
	/* several may have one MSISDN */
	for (size_t i = 0; i < sub->n_impi && rc == 0; i++)
		if (sub->impi[i].msisdn[0] &&
		    seen_add(&im->seen, sub->impi[i].msisdn, SEEN_NUMBER) < 0)
			rc = -1;
	if (rc)
		snprintf(why, size, rc < 0 ? "no memory" : "%s stands in the file twice", twice);
	return rc ? -1 : 0;
}

/* Bit p is what bit q was. */
static void move_bit(uint16_t *to, size_t p, uint16_t from, int q)
{
	if (from & 1u << q)
		*to |= (uint16_t)(1u << p);
}

/* What registration there was goes on for the identities that remain; what application servers have switched stays so. */
static void keep_state(struct subscription *sub, const struct subscription *old)
{
	sub->id = old->id;
	memcpy(sub->scscf, old->scscf, sizeof(sub->scscf));
	memcpy(sub->scscf_host, old->scscf_host, sizeof(sub->scscf_host));
	memcpy(sub->scscf_realm, old->scscf_realm, sizeof(sub->scscf_realm));
	sub->scscf_features = old->scscf_features;
	for (size_t i = 0; i < sub->n_impu; i++) {
		int j = subscription_impu(old, slice_str(sub->impu[i].uri));

		if (j < 0)
			continue;
		strcpy(sub->impu[i].masked, old->impu[j].masked);
		sub->impu[i].inactive = sub->impu[i].service && old->impu[j].inactive;
		sub->impu[i].unregistered = old->impu[j].unregistered;
		for (size_t p = 0; p < sub->n_impi; p++) {
			int q = subscription_impi(old, slice_str(sub->impi[p].name));

			if (q < 0)
				continue;
			move_bit(&sub->impu[i].registered, p, old->impu[j].registered, q);
			move_bit(&sub->impu[i].by_address, p, old->impu[j].by_address, q);
			move_bit(&sub->impu[i].address_asked, p, old->impu[j].address_asked, q);
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
		found = store_find_impi(im->tx, slice_str(sub->impi[i].name), &id);
		if (note_old(im, sub->impi[i].name, found, id, old, why, size))
			return -1;
	}
	for (size_t i = 0; i < sub->n_impu; i++) {
		found = store_find_impu(im->tx, slice_str(sub->impu[i].uri), &id);
		if (note_old(im, sub->impu[i].uri, found, id, old, why, size))
			return -1;
	}
	return 0;
}

static int put(struct import *im, struct subscription *sub, int64_t old, char *why, size_t size)
{
	int err = old ? store_load(im->tx, old, im->old) : 0;

	if (err == 0 && old)
		keep_state(sub, im->old);
	if (err == 0)
		err = store_put(im->tx, sub);
	if (err == 0 && old)
		err = provision_tell(im->tx, im->old, sub);
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
	if (keep && (im->mode & IMPORT_WRITE))
		err = store_commit(im->tx);
	else
		store_rollback(im->tx);
	if (err == 0 && keep)
		im->written = im->count;
	return err;
}

static int check_one(struct import *im, struct subscription *sub, char *why, size_t size)
{
	const struct shared_known known = {seen_set_criteria, &im->sets};
	int err = store_resolve_shared(im->tx, sub, &known);

	if (err) {
		snprintf(why, size, "%s: %s", sub->impi[0].name, store_strerror(err));
		return -1;
	}
	return check_twice(im, sub, why, size) || profile_check(sub, why, size) ? -1 : 0;
}

/* Check and put one inside the transaction. */
static int take(struct import *im, struct subscription *sub, char *why, size_t size)
{
	int64_t old;

	if ((im->mode & IMPORT_CHECK) && check_one(im, sub, why, size))
		return -1;
	if (find_old(im, sub, &old, why, size))
		return -1;
	return im->mode & IMPORT_WRITE ? put(im, sub, old, why, size) : 0;
}

/* A transaction is open afterwards. Returns 0, or -1 with why. */
static int open_piece(struct import *im, char *why, size_t size)
{
	int err = 0;

	if (!im->open) {
		err = store_begin(im->store, im->mode & IMPORT_WRITE, &im->tx);
		im->open = err == 0;
	}
	if (err)
		snprintf(why, size, "%s", store_strerror(err));
	return err ? -1 : 0;
}

static int one(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct import *im = arg;
	int err = im->count % PROVISION_PIECE ? 0 : end_piece(im, true);

	if (im->count < im->skip) {
		im->written = ++im->count;
		return 0;
	}
	if (err) {
		snprintf(why, size, "%s", store_strerror(err));
		return -1;
	}
	if (open_piece(im, why, size) || take(im, sub, why, size))
		return -1;
	im->count++;
	return 0;
}

/* May this set be put? One that is the same is nothing new. */
static int check_set(struct import *im, uint32_t set, const struct subscription *criteria)
{
	int err = store_shared_set(im->tx, set, im->old);

	if (err == 0 && !im->replace && !provision_same_set(im->old, criteria))
		return STORE_EEXIST;
	return err == STORE_ENOTFOUND ? 0 : err;
}

/* A shared set; it is in no count, and none is passed over. */
static int one_set(uint32_t set, struct subscription *criteria, void *arg, char *why, size_t size)
{
	struct import *im = arg;
	int err = 0;

	if (open_piece(im, why, size) ||
	    ((im->mode & IMPORT_CHECK) && seen_set_add(&im->sets, set, criteria, why, size)))
		return -1;
	if (im->mode & IMPORT_CHECK)
		err = check_set(im, set, criteria);
	if (err == 0 && (im->mode & IMPORT_WRITE))
		err = provision_put_set(im->tx, set, criteria, im->replace, im->old);
	if (err == STORE_EEXIST)
		snprintf(why, size,
			 "there is another shared set %u; add the word replace to change it", set);
	else if (err)
		snprintf(why, size, "shared set %u: %s", set, store_strerror(err));
	return err ? -1 : 0;
}

/* Was the name in the file before? It is not written yet while all of it is checked. */
static bool stands_in_file(const struct import *im, const struct beside *b)
{
	if (b->kind == BESIDE_SH_DATA)
		return seen_has(&im->seen, b->identity, SEEN_PUBLIC);
	return seen_has(&im->seen, b->notify.user,
			sh_user_is_number(&b->notify) ? SEEN_NUMBER : SEEN_PUBLIC);
}

static int put_beside(struct import *im, const struct beside *b, char *why, size_t size)
{
	int err = im->mode & IMPORT_WRITE ? beside_put(im->tx, b, im->replace)
					  : beside_check(im->tx, b, im->replace);

	if (err == STORE_ENOTFOUND && !(im->mode & IMPORT_WRITE) && stands_in_file(im, b))
		err = 0;
	if (err == STORE_EEXIST)
		snprintf(why, size, "there is another one; add the word replace to change it");
	else if (err == STORE_ENOTFOUND)
		snprintf(why, size, "nobody has %s",
			 b->kind == BESIDE_SH_DATA ? b->identity : b->notify.user);
	else if (err)
		snprintf(why, size, "%s", store_strerror(err));
	return err ? -1 : 0;
}

/* What stands beside subscriptions; it is in no count, and none is passed over. */
static int one_beside(const struct words *head, struct slice data, void *arg, char *why,
		      size_t size)
{
	struct import *im = arg;
	struct beside *b = malloc(sizeof(*b));
	int err = -1;

	if (!b)
		snprintf(why, size, "no memory");
	else if (open_piece(im, why, size) == 0 && beside_read(head, data, b, why, size) == 0) {
		err = put_beside(im, b, why, size);
		beside_free(b);
	}
	free(b);
	return err;
}

struct import *import_new(struct store *store, bool replace, uint64_t skip)
{
	struct import *im = calloc(1, sizeof(*im));

	if (!im)
		return NULL;
	*im = (struct import){.store = store, .replace = replace, .skip = skip, .line = 1};
	im->old = subscription_new();
	if (im->old && seen_begin(&im->seen) == 0)
		return im;
	import_free(im);
	return NULL;
}

/* What is kept has keys in it. */
static void drop_kept(struct import *im)
{
	if (im->kept)
		explicit_bzero(im->kept, im->n_kept);
	free(im->kept);
	im->kept = NULL;
	im->n_kept = 0;
}

void import_free(struct import *im)
{
	if (!im)
		return;
	drop_kept(im);
	seen_sets_free(&im->sets);
	seen_free(&im->seen);
	subscription_free(im->old);
	free(im);
}

void import_begin(struct import *im, unsigned int mode)
{
	im->mode = mode;
	im->count = im->written = 0;
	im->line = 1;
}

uint64_t import_count(const struct import *im)
{
	return im->count;
}

uint64_t import_written(const struct import *im)
{
	return im->written;
}

int import_text(struct import *im, struct slice text, char *why, size_t size)
{
	static const struct provision_handlers handlers = {one, one_set, one_beside};
	int err = provision_parse_from(text, im->line, &handlers, im, why, size);

	if (err) {
		end_piece(im, false);
		return -1;
	}
	err = end_piece(im, true);
	if (err)
		snprintf(why, size, "%s", store_strerror(err));
	for (const char *p = text.p; p && (p = memchr(p, '\n', (size_t)(text.p + text.len - p)));
	     p++)
		im->line++;
	return err ? -1 : 0;
}

/* The length of what ends behind the last line "end", or 0. */
static size_t whole_blocks(struct slice s)
{
	size_t at = s.len;

	while (at) {
		const char *nl = memrchr(s.p, '\n', at);
		const char *before = nl ? memrchr(s.p, '\n', (size_t)(nl - s.p)) : NULL;
		const char *begin = before ? before + 1 : s.p;
		struct slice line;

		if (!nl)
			return 0;
		line = slice_make(begin, (size_t)(nl - begin));
		if (slice_eq(slice_trim(slice_cut(&line, '#')), SLICE_LIT("end")))
			return (size_t)(nl - s.p) + 1;
		at = (size_t)(nl - s.p);
	}
	return 0;
}

/* What is kept becomes what is kept and text behind it; nothing of it is left elsewhere. */
static int keep(struct import *im, struct slice text)
{
	char *all = malloc(im->n_kept + text.len + 1);

	if (!all)
		return -1;
	if (im->n_kept)
		memcpy(all, im->kept, im->n_kept);
	if (text.len)
		memcpy(all + im->n_kept, text.p, text.len);
	text.len += im->n_kept;
	drop_kept(im);
	im->kept = all;
	im->n_kept = text.len;
	return 0;
}

int import_stream(struct import *im, struct slice text, bool last, char *why, size_t size)
{
	size_t whole;
	int err;

	if (keep(im, text)) {
		snprintf(why, size, "no memory");
		return -1;
	}
	if (!last && im->n_kept < IMPORT_CHUNK)
		return 0;
	whole = last ? im->n_kept : whole_blocks(slice_make(im->kept, im->n_kept));
	if (whole == 0 && !last) {
		if (im->n_kept < IMPORT_BLOCK_MAX)
			return 0;
		snprintf(why, size, "line %u: a block of more than %d octets", im->line,
			 IMPORT_BLOCK_MAX);
		return -1;
	}
	err = import_text(im, slice_make(im->kept, whole), why, size);
	memmove(im->kept, im->kept + whole, im->n_kept - whole);
	explicit_bzero(im->kept + im->n_kept - whole, whole);
	im->n_kept -= whole;
	return err;
}
