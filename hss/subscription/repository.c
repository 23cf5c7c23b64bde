/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/repository.h"

#include <stdio.h>
#include <stdlib.h>

#include "hss/subscription/registration.h"

void repository_free(struct repository *r)
{
	free(r->data);
	memset(r, 0, sizeof(*r));
}

void repository_owner(const struct subscription *sub, int impu, char out[REPOSITORY_OWNER_SIZE])
{
	const struct impu *u = &sub->impu[impu];

	if (u->alias)
		snprintf(out, REPOSITORY_OWNER_SIZE, "alias:%u", u->alias);
	else
		snprintf(out, REPOSITORY_OWNER_SIZE, "%s", u->uri);
}

uint64_t alias_set(const struct subscription *sub, int impu)
{
	uint64_t set = IMPU_BIT(impu);

	for (size_t i = 0; sub->impu[impu].alias && i < sub->n_impu; i++)
		if (sub->impu[i].alias == sub->impu[impu].alias)
			set |= IMPU_BIT(i);
	return set;
}
