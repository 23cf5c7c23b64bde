/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines about shared sets of filter criteria: who uses them, and what is in them. */
#include "hss/provision/edit.h"
#include "hss/provision/line.h"

/* The index of a use, or n_shared. */
static size_t find_use(const struct subscription *sub, uint64_t profile, uint64_t set)
{
	size_t i = 0;

	while (i < sub->n_shared &&
	       (sub->shared[i].profile != profile || sub->shared[i].set != set))
		i++;
	return i;
}

int line_shared(struct subscription *sub, const struct words *w, const struct why *why)
{
	struct shared_use u = {0, 0};
	bool set_given = false;
	struct slice v;
	int err = 0;

	for (size_t i = 1; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "set", &v)) {
			err = line_number(v, "set", SHARED_SET_MAX, &u.set, why);
			set_given = true;
		} else if (word_option(w->w[i], "profile", &v)) {
			err = line_number(v, "profile", SUB_NUMBER_MAX, &u.profile, why);
		} else {
			err = line_unknown(w->w[i], "shared", why);
		}
	}
	if (err)
		return -1;
	if (!set_given)
		return line_fail(why, "a shared line needs set=");
	if (find_use(sub, u.profile, u.set) < sub->n_shared)
		return 0;
	if (sub->n_shared == SUB_SHARED_MAX)
		return line_fail(why, "a subscription uses at most %d shared sets", SUB_SHARED_MAX);
	sub->shared[sub->n_shared++] = u;
	return 0;
}

int provision_unshare(struct subscription *sub, uint64_t profile, uint64_t set, char *why,
		      size_t size)
{
	size_t i = find_use(sub, profile, set);

	if (i == sub->n_shared) {
		snprintf(why, size, "the profile does not use this shared set");
		return -1;
	}
	memmove(&sub->shared[i], &sub->shared[i + 1],
		(sub->n_shared - i - 1) * sizeof(sub->shared[0]));
	sub->n_shared--;
	return 0;
}

int provision_empty_set(struct subscription *criteria, char *why, size_t size)
{
	if (criteria->n_ifc == 0) {
		snprintf(why, size, "there is no such shared set");
		return -1;
	}
	criteria->n_ifc = 0;
	return 0;
}

int provision_set_line(struct subscription *criteria, const struct words *w, char *text,
		       size_t size)
{
	const struct why why = {text, size};
	struct slice v;

	if (w->n && !slice_eq(w->w[0], SLICE_LIT("ifc")))
		return line_fail(&why, "a shared set has ifc lines only");
	for (size_t i = 1; i < w->n; i++)
		if (word_option(w->w[i], "profile", &v))
			return line_fail(&why, "the ifcs of a shared set have no profile=");
	return provision_line(criteria, w, text, size);
}
