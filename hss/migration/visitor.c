/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/migration/visitor.h"

enum { VISITOR_SET = 1 };

/* The criteria of one profile, their own and the numbers of shared sets. */
static void copy_profile(const struct subscription *from, uint32_t profile,
			 struct subscription *out)
{
	for (size_t i = 0; i < from->n_ifc; i++)
		if (from->ifc[i].profile == profile)
			out->ifc[out->n_ifc++] = from->ifc[i];
	for (size_t i = 0; i < from->n_shared; i++)
		if (from->shared[i].profile == profile)
			out->shared[out->n_shared++] = from->shared[i];
}

static void copy_template(const struct subscription *t, struct subscription *out)
{
	out->has_capabilities = t->has_capabilities;
	out->capabilities = t->capabilities;
	out->has_charging = t->has_charging;
	out->charging = t->charging;
	out->n_visited = t->n_visited;
	memcpy(out->visited, t->visited, t->n_visited * sizeof(t->visited[0]));
	if (t->n_impu)
		copy_profile(t, t->impu[0].profile, out);
}

void visitor_make(const struct binding *b, const struct subscription *template,
		  struct subscription *out)
{
	struct impi *impi = &out->impi[0];

	memset(impi, 0, sizeof(*impi));
	strcpy(impi->name, b->own.impi);
	out->n_impi = 1;
	for (size_t i = 0; i < b->own.n_impu; i++) {
		struct impu *impu = &out->impu[i];

		memset(impu, 0, sizeof(*impu));
		strcpy(impu->uri, b->own.impu[i]);
		impu->set = VISITOR_SET;
		impu->profile = template && template->n_impu ? template->impu[0].profile : 0;
		impu->impis = 1;
	}
	out->n_impu = b->own.n_impu;
	if (template)
		copy_template(template, out);
}
