/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/model.h"

void effects_init(struct effects *e)
{
	memset(e, 0, sizeof(*e));
	e->last = &e->first;
}

void effects_free(struct effects *e)
{
	arena_free(&e->arena);
	effects_init(e);
}

struct effect *effects_add(struct effects *e, enum effect_kind kind)
{
	struct effect *f = arena_alloc(&e->arena, sizeof(*f));

	if (!f)
		return NULL;
	f->kind = kind;
	*e->last = f;
	e->last = &f->next;
	return f;
}
