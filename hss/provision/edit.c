/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/edit.h"

#include <stdio.h>

#include "hss/subscription/wildcard.h"

int provision_private(struct subscription *sub, const struct words *words, char *why, size_t size)
{
	size_t before = sub->n_impi;

	if (provision_line(sub, words, why, size))
		return -1;
	if (sub->n_impi > before)
		for (size_t i = 0; i < sub->n_impu; i++)
			sub->impu[i].impis |= (uint16_t)(1u << before);
	return 0;
}

int provision_public(const struct subscription *sub, struct slice uri, char *why, size_t size)
{
	char canonical[IDENTITY_SIZE];
	int i = identity_stored(uri, canonical) ? -1 : subscription_impu(sub, slice_str(canonical));

	if (i < 0)
		snprintf(why, size, "%.*s is no public identity of this subscription",
			 (int)(uri.len < 100 ? uri.len : 100), uri.p ? uri.p : "");
	return i;
}

int provision_remove_public(struct subscription *sub, struct slice uri, char *why, size_t size)
{
	int i = provision_public(sub, uri, why, size);

	if (i < 0)
		return -1;
	if (sub->impu[i].registered) {
		snprintf(why, size, "%s is registered; deregister it first", sub->impu[i].uri);
		return -1;
	}
	memmove(&sub->impu[i], &sub->impu[i + 1],
		(sub->n_impu - (size_t)i - 1) * sizeof(sub->impu[0]));
	sub->n_impu--;
	return 0;
}

int provision_bar(struct subscription *sub, struct slice uri, bool barred, char *why, size_t size)
{
	int i = provision_public(sub, uri, why, size);

	if (i >= 0)
		sub->impu[i].barred = barred;
	return i < 0 ? -1 : 0;
}

int provision_remove_ifc(struct subscription *sub, uint64_t profile, uint64_t priority, char *why,
			 size_t size)
{
	for (size_t i = 0; i < sub->n_ifc; i++) {
		if (sub->ifc[i].priority != priority || sub->ifc[i].profile != profile)
			continue;
		memmove(&sub->ifc[i], &sub->ifc[i + 1], (sub->n_ifc - i - 1) * sizeof(sub->ifc[0]));
		sub->n_ifc--;
		return 0;
	}
	snprintf(why, size, "there is no such ifc");
	return -1;
}
