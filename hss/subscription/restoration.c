/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/restoration.h"

#include <stdio.h>
#include <stdlib.h>

struct restoration *restoration_new(const void *octets, size_t len)
{
	struct restoration *r = calloc(1, sizeof(*r) + len);

	if (r && len)
		memcpy(r->octets, octets, len);
	if (r)
		r->len = len;
	return r;
}

void restorations_free(struct restoration *list)
{
	while (list) {
		struct restoration *next = list->next;

		free(list);
		list = next;
	}
}

void restoration_owner(const struct impu *impu, char out[RESTORATION_OWNER_SIZE])
{
	if (impu->set)
		snprintf(out, RESTORATION_OWNER_SIZE, "set:%u", impu->set);
	else
		snprintf(out, RESTORATION_OWNER_SIZE, "%s", impu->uri);
}

struct restoration *restoration_find(const struct subscription *sub, const struct impu *impu,
				     struct slice impi)
{
	char owner[RESTORATION_OWNER_SIZE];

	restoration_owner(impu, owner);
	for (struct restoration *r = sub->restorations; r; r = r->next)
		if (strcmp(r->owner, owner) == 0 &&
		    (impi.len == 0 || slice_eq(slice_str(r->impi), impi)))
			return r;
	return NULL;
}
