/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl that change or show one subscription. */
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/provision.h"
#include "hss/subscription/registration.h"

static int apply(struct subscription *sub, const struct words *w)
{
	char why[PROVISION_WHY_SIZE];

	if (provision_line(sub, w, why, sizeof(why)) || provision_complete(sub, why, sizeof(why)))
		return complain("%s", why);
	return 0;
}

/* One line of the provisioning format whose first word is given and whose rest are the arguments.
 */
static int apply_arguments(struct hssctl *c, struct subscription *sub, const char *first, int from)
{
	struct words w;

	return line_from_arguments(c, first, NULL, from, &w) || apply(sub, &w);
}

/* The words of the key file behind "private IMPI", all lines of it. */
static int key_words(const struct file *file, const char *impi, struct words *all)
{
	struct words *line = calloc(1, sizeof(*line));
	struct slice rest = file->text;
	size_t used = 0;
	int status = line ? 0 : complain("no memory");

	all->w[all->n++] = SLICE_LIT("private");
	all->w[all->n++] = slice_str(impi);
	while (status == 0 && rest.p) {
		if (words_split(slice_cut(&rest, '\n'), line))
			status = complain("the key file is malformed");
		for (size_t i = 0; status == 0 && i < line->n; i++) {
			if (all->n == WORDS_MAX || used + line->w[i].len > sizeof(all->text)) {
				status = complain("the key file has too many words");
				break;
			}
			memcpy(all->text + used, line->w[i].p, line->w[i].len);
			all->w[all->n++] = slice_make(all->text + used, line->w[i].len);
			used += line->w[i].len;
		}
	}
	if (line)
		explicit_bzero(line, sizeof(*line));
	free(line);
	return status;
}

/* Apply the key file that was read before. */
static int apply_key_file(struct hssctl *c, struct subscription *sub)
{
	struct words *all = calloc(1, sizeof(*all));
	int status = all ? key_words(&c->key_file, c->arg[0], all) : complain("no memory");

	if (status == 0)
		status = apply(sub, all);
	if (all)
		explicit_bzero(all, sizeof(*all));
	free(all);
	return status;
}

/* Read the key file, then run the command: stdin may take its time, and nobody waits for it. */
static int with_key_file(struct hssctl *c, int (*command)(struct hssctl *))
{
	int status;

	if (file_open(c->arg[1], &c->key_file))
		return 1;
	status = command(c);
	file_close(&c->key_file);
	return status;
}

/* IMPI KEYFILE [IMPU]... : without sets each identity registers alone, so the first lot shares set
 * 1 */
static int fill_new(struct hssctl *c, struct subscription *sub)
{
	int status;

	if (subscription_impi(sub, slice_str(c->arg[0])) >= 0)
		return complain("%s exists; change its key with: hssctl key set", c->arg[0]);
	status = apply_key_file(c, sub);
	for (size_t i = 0; i < sub->n_impu && status == 0; i++)
		sub->impu[i].impis |= (uint16_t)(1u << (sub->n_impi - 1));
	for (int i = 2; i < c->n_arg && status == 0; i++) {
		struct words w = {.n = 3};

		w.w[0] = SLICE_LIT("public");
		w.w[1] = slice_str(c->arg[i]);
		w.w[2] = SLICE_LIT("set=1");
		status = apply(sub, &w);
	}
	return status;
}

static int add_new(struct hssctl *c)
{
	struct subscription *sub = subscription_new();
	int err, status = 1;

	if (sub && store_needed(c) == 0) {
		status = fill_new(c, sub);
		if (status == 0) {
			err = store_begin(c->store, true);
			if (err == 0) {
				err = store_put(c->store, sub);
				if (err)
					store_rollback(c->store);
				else
					err = store_commit(c->store);
			}
			if (err)
				status = complain("%s: %s", c->arg[0], store_strerror(err));
		}
	}
	subscription_free(sub);
	return status;
}

static const char *with; /* the private identity whose subscription gets another one */

static int add_with(struct hssctl *c)
{
	return change_subscription(c, with, fill_new);
}

int cmd_subscriber_add(struct hssctl *c)
{
	for (int i = 0; i < c->n_arg; i++) {
		if (strncmp(c->arg[i], "--with=", 7) != 0)
			continue;
		with = c->arg[i] + 7;
		memmove(&c->arg[i], &c->arg[i + 1], (size_t)(c->n_arg - i - 1) * sizeof(c->arg[0]));
		if (--c->n_arg < 2)
			return complain("it needs: IMPI KEYFILE --with=IMPI");
		return with_key_file(c, add_with);
	}
	return with_key_file(c, add_new);
}

static int change_key(struct hssctl *c, struct subscription *sub)
{
	return apply_key_file(c, sub);
}

static int set_key(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], change_key);
}

int cmd_key(struct hssctl *c)
{
	return with_key_file(c, set_key);
}

static int set_impu(struct hssctl *c, struct subscription *sub)
{
	return apply_arguments(c, sub, "public", 1);
}

int cmd_impu_set(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_impu);
}

static int remove_impu(struct hssctl *c, struct subscription *sub)
{
	char uri[IDENTITY_SIZE];
	int i = identity_canonical(slice_str(c->arg[1]), uri)
		    ? -1
		    : subscription_impu(sub, slice_str(uri));

	if (i < 0)
		return complain("%s is no public identity of this subscription", c->arg[1]);
	if (impu_registered(&sub->impu[i]))
		return complain("%s is registered; first: hssctl deregister %s %s", uri, c->arg[0],
				uri);
	memmove(&sub->impu[i], &sub->impu[i + 1],
		(sub->n_impu - (size_t)i - 1) * sizeof(sub->impu[0]));
	sub->n_impu--;
	return 0;
}

int cmd_impu_remove(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], remove_impu);
}

static int bar(struct hssctl *c, struct subscription *sub, const char *word)
{
	char uri[IDENTITY_SIZE];
	struct words w = {.n = 3};

	if (identity_canonical(slice_str(c->arg[1]), uri) ||
	    subscription_impu(sub, slice_str(uri)) < 0)
		return complain("%s is no public identity of this subscription", c->arg[1]);
	w.w[0] = SLICE_LIT("public");
	w.w[1] = slice_str(uri);
	w.w[2] = slice_str(word);
	return apply(sub, &w);
}

static int bar_on(struct hssctl *c, struct subscription *sub)
{
	return bar(c, sub, "barred");
}

static int bar_off(struct hssctl *c, struct subscription *sub)
{
	return bar(c, sub, "unbarred");
}

int cmd_bar(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], bar_on);
}

int cmd_unbar(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], bar_off);
}

static int set_ifc(struct hssctl *c, struct subscription *sub)
{
	return apply_arguments(c, sub, "ifc", 1);
}

int cmd_ifc_set(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_ifc);
}

static int remove_ifc(struct hssctl *c, struct subscription *sub)
{
	uint64_t priority = 0, profile = 0;
	bool have_priority = false;

	for (int i = 1; i < c->n_arg; i++) {
		struct slice v;

		if (word_option(slice_str(c->arg[i]), "priority", &v) &&
		    slice_u64(v, INT32_MAX, &priority) == 0)
			have_priority = true;
		else if (!word_option(slice_str(c->arg[i]), "profile", &v) ||
			 slice_u64(v, SUB_NUMBER_MAX, &profile))
			return complain("'%s' is neither priority=N nor profile=N", c->arg[i]);
	}
	for (size_t i = 0; have_priority && i < sub->n_ifc; i++) {
		if (sub->ifc[i].priority != priority || sub->ifc[i].profile != profile)
			continue;
		memmove(&sub->ifc[i], &sub->ifc[i + 1], (sub->n_ifc - i - 1) * sizeof(sub->ifc[0]));
		sub->n_ifc--;
		return 0;
	}
	return complain("there is no such ifc");
}

int cmd_ifc_remove(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], remove_ifc);
}

static int set_capabilities(struct hssctl *c, struct subscription *sub)
{
	return apply_arguments(c, sub, "capabilities", 1);
}

int cmd_capabilities(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_capabilities);
}

static int set_charging(struct hssctl *c, struct subscription *sub)
{
	return apply_arguments(c, sub, "charging", 1);
}

int cmd_charging(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_charging);
}

static int set_visited(struct hssctl *c, struct subscription *sub)
{
	return apply_arguments(c, sub, "visited", 1);
}

int cmd_visited(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_visited);
}
