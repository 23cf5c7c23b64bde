/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/edits.h"

#include <stdlib.h>

void migration_edits_clear(struct migration_edits *e)
{
	e->full = false;
	e->n = 0;
	e->used = 0;
}

void migration_edits_add(struct migration_edits *e, size_t at, size_t len, struct slice with)
{
	if (e->full || e->n == MIGRATION_EDITS_MAX || with.len > sizeof(e->text) - e->used) {
		e->full = true;
		return;
	}
	if (with.len)
		memcpy(e->text + e->used, with.p, with.len);
	e->edit[e->n++] = (struct migration_edit){.at = (uint32_t)at,
						  .len = (uint32_t)len,
						  .with = slice_make(e->text + e->used, with.len)};
	e->used += with.len;
}

static int by_place(const void *a, const void *b)
{
	const struct migration_edit *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

int migration_edits_sort(struct migration_edits *e)
{
	if (e->full)
		return -1;
	qsort(e->edit, e->n, sizeof(e->edit[0]), by_place);
	for (unsigned i = 1; i < e->n; i++)
		if (e->edit[i - 1].at + e->edit[i - 1].len > e->edit[i].at ||
		    e->edit[i - 1].at == e->edit[i].at)
			return -1;
	return 0;
}

long migration_edits_growth(const struct migration_edits *e, unsigned first, size_t at, size_t len)
{
	long growth = 0;

	for (unsigned i = first; i < e->n; i++)
		if (e->edit[i].at >= at && e->edit[i].at < at + len)
			growth += (long)e->edit[i].with.len - (long)e->edit[i].len;
	return growth;
}

int migration_edits_apply(const struct migration_edits *e, struct slice text, char *out,
			  size_t size, size_t *len)
{
	size_t from = 0, n = 0;

	for (unsigned i = 0; i <= e->n; i++) {
		size_t to = i < e->n ? e->edit[i].at : text.len;
		struct slice with = i < e->n ? e->edit[i].with : SLICE_NULL;

		if (to < from || to > text.len || to - from > size - n ||
		    with.len > size - n - (to - from))
			return -1;
		if (to > from)
			memcpy(out + n, text.p + from, to - from);
		n += to - from;
		if (with.len)
			memcpy(out + n, with.p, with.len);
		n += with.len;
		from = to + (i < e->n ? e->edit[i].len : 0);
	}
	*len = n;
	return 0;
}
