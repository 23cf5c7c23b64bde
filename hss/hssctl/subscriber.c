/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl that change one subscription. */
#include <stdlib.h>

#include "hss/hssctl/hssctl.h"
#include "hss/provision/change.h"
#include "hss/provision/edit.h"

/* One line of the provisioning format whose first word is given and whose rest are the arguments.
 */
static int apply_arguments(struct hssctl *c, struct subscription *sub, const char *first, int from,
			   char *why, size_t size)
{
	struct words w;

	return line_from_arguments(c, first, from, &w, why, size) ||
		       provision_line(sub, &w, why, size)
		   ? -1
		   : 0;
}

/* The words of the key file behind "private IMPI", all lines of it. */
static int key_words(const struct file *file, const char *impi, struct words *all, char *why,
		     size_t size)
{
	struct words *line = calloc(1, sizeof(*line));
	struct slice rest = file->text;
	const char *wrong = line ? NULL : "no memory";
	size_t used = 0;

	all->w[all->n++] = SLICE_LIT("private");
	all->w[all->n++] = slice_str(impi);
	while (!wrong && rest.p) {
		if (words_split(slice_cut(&rest, '\n'), line))
			wrong = "the key file is malformed";
		for (size_t i = 0; !wrong && i < line->n; i++) {
			if (all->n == WORDS_MAX || used + line->w[i].len > sizeof(all->text)) {
				wrong = "the key file has too many words";
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
	if (wrong)
		snprintf(why, size, "%s", wrong);
	return wrong ? -1 : 0;
}

/* Apply the key file that was read before. */
static int apply_key_file(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	struct words *all = calloc(1, sizeof(*all));
	int err = -1;

	if (!all)
		snprintf(why, size, "no memory");
	else if (key_words(&c->key_file, c->arg[0], all, why, size) == 0)
		err = provision_private(sub, all, why, size);
	if (all)
		explicit_bzero(all, sizeof(*all));
	free(all);
	return err;
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
static int fill_new(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	int err;

	if (subscription_impi(sub, slice_str(c->arg[0])) >= 0) {
		snprintf(why, size, "%s exists; change its key with: hssctl key set", c->arg[0]);
		return -1;
	}
	err = apply_key_file(c, sub, why, size);
	for (int i = 2; i < c->n_arg && err == 0; i++) {
		struct words w = {.n = 3};

		w.w[0] = SLICE_LIT("public");
		w.w[1] = slice_str(c->arg[i]);
		w.w[2] = SLICE_LIT("set=1");
		err = provision_line(sub, &w, why, size);
	}
	return err;
}

static int add_new(struct hssctl *c)
{
	struct subscription *sub = subscription_new();
	char why[512] = "no memory";
	int status = sub ? store_needed(c) : complain("%s", why);

	if (status == 0 &&
	    (fill_new(c, sub, why, sizeof(why)) || provision_add(c->store, sub, why, sizeof(why))))
		status = complain("%s", why);
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

static int set_key(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], apply_key_file);
}

int cmd_key(struct hssctl *c)
{
	return with_key_file(c, set_key);
}

static int set_impu(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "public", 1, why, size);
}

int cmd_impu_set(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_impu);
}

static int remove_impu(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return provision_remove_public(sub, slice_str(c->arg[1]), why, size);
}

int cmd_impu_remove(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], remove_impu);
}

static int bar_on(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return provision_bar(sub, slice_str(c->arg[1]), true, why, size);
}

static int bar_off(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return provision_bar(sub, slice_str(c->arg[1]), false, why, size);
}

int cmd_bar(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], bar_on);
}

int cmd_unbar(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], bar_off);
}

static int set_ifc(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "ifc", 1, why, size);
}

int cmd_ifc_set(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_ifc);
}

static int share(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "shared", 1, why, size);
}

int cmd_ifc_share(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], share);
}

/* The numbers of two options; those that are not given stay as they are. Returns 0, or -1 with why. */
static int two_numbers(struct hssctl *c, const char *first, uint64_t *one, const char *second,
		       uint64_t *two, char *why, size_t size)
{
	for (int i = 1; i < c->n_arg; i++) {
		struct slice word = slice_str(c->arg[i]), v;

		if ((word_option(word, first, &v) && !slice_u64(v, INT32_MAX, one)) ||
		    (word_option(word, second, &v) && !slice_u64(v, SUB_NUMBER_MAX, two)))
			continue;
		snprintf(why, size, "'%s' is neither %s=N nor %s=N", c->arg[i], first, second);
		return -1;
	}
	return 0;
}

static int unshare(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	uint64_t set = UINT64_MAX, profile = 0;

	if (two_numbers(c, "set", &set, "profile", &profile, why, size))
		return -1;
	return provision_unshare(sub, profile, set, why, size);
}

int cmd_ifc_unshare(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], unshare);
}

static int remove_ifc(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	uint64_t priority = UINT64_MAX, profile = 0;

	if (two_numbers(c, "priority", &priority, "profile", &profile, why, size))
		return -1;
	return provision_remove_ifc(sub, profile, priority, why, size);
}

int cmd_ifc_remove(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], remove_ifc);
}

static int set_capabilities(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "capabilities", 1, why, size);
}

int cmd_capabilities(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_capabilities);
}

static int set_charging(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "charging", 1, why, size);
}

int cmd_charging(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_charging);
}

static int set_visited(struct hssctl *c, struct subscription *sub, char *why, size_t size)
{
	return apply_arguments(c, sub, "visited", 1, why, size);
}

int cmd_visited(struct hssctl *c)
{
	return change_subscription(c, c->arg[0], set_visited);
}
