/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "ue/ue.h"

struct ue_system *ue_system_new(struct slice name)
{
	struct ue_system *s = ue_alloc(sizeof(*s));

	s->name = ue_dup(name);
	return s;
}

void ue_system_clear(struct ue_system *s)
{
	char **all[] = {&s->impi, &s->domain, &s->realm, &s->pcscf, &s->id};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		free(*all[i]);
		*all[i] = NULL;
	}
	while (s->impus)
		free(s->impu[--s->impus]);
}

void ue_system_end(struct ue_system *s)
{
	ue_system_clear(s);
	if (s->token)
		explicit_bzero(s->token, strlen(s->token));
	free(s->token);
	free(s->name);
}

void ue_system_free(struct ue_system *s)
{
	if (s)
		ue_system_end(s);
	free(s);
}
