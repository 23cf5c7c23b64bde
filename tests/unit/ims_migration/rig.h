/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two borders, one at each system, and what stands between them: for the tests of the swap. */
#ifndef MIGRATION_RIG_H
#define MIGRATION_RIG_H

#include <stdlib.h>

#include "modules/ims_migration/core/swap.h"
#include "unit/unit.h"

enum { RIG_NOW = 1000, RIG_ROOM = 512 * 1024 };

struct rig_border {
	struct migration_table *table;
	struct migration_policy policy;
	struct migration_view view;
};

struct rig_text {
	char text[RIG_ROOM];
	size_t len;
};

static const struct migration_memory rig_memory = {malloc, free};

static inline bool rig_find(void *arg, const struct migration_query *q, struct migration_hit *hit)
{
	return migration_find(arg, q, RIG_NOW, hit);
}

static inline void rig_border_init(struct rig_border *b)
{
	const struct keyed_hash_key key = {{1, 2}};

	memset(b, 0, sizeof(*b));
	b->table = migration_table_new(&rig_memory, &key, 100, 60);
	ck_assert_ptr_nonnull(b->table);
	b->view = (struct migration_view){.find = rig_find, .arg = b->table};
	b->policy.hide = true;
}

static inline void rig_border_free(struct rig_border *b)
{
	migration_table_free(b->table);
}

/* names: inside, wire, inside, wire, .., NULL */
static inline int rig_bind(struct rig_border *b, const char *id, const char *const *names)
{
	struct migration_binding m = {.id = slice_str(id), .expires = RIG_NOW + 3600};

	for (; *names; names += 2) {
		ck_assert_int_eq(migration_name_parse(slice_str(names[0]), &m.pair[m.n].inside), 0);
		if (*names[1])
			ck_assert_int_eq(
			    migration_name_parse(slice_str(names[1]), &m.pair[m.n].wire), 0);
		m.n++;
	}
	return migration_bind(b->table, &m, RIG_NOW);
}

/* The message as it is behind the border, or why not. */
static inline enum migration_verdict rig_swap(const struct rig_border *b,
					      enum migration_direction d, struct slice in,
					      struct rig_text *out)
{
	static struct migration_edits e;
	struct migration_result r;

	migration_swap(&b->view, &b->policy, d, in, &e, &r);
	out->len = 0;
	if (r.verdict == MIGRATION_OK)
		ck_assert_int_eq(
		    migration_edits_apply(&e, in, out->text, sizeof(out->text), &out->len), 0);
	return r.verdict;
}

static inline struct slice rig_slice(const struct rig_text *t)
{
	return slice_make(t->text, t->len);
}

static inline bool rig_has(struct slice text, const char *word)
{
	return text.len && memmem(text.p, text.len, word, strlen(word));
}

#endif
