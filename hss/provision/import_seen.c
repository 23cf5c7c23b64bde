/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/import_seen.h"

#include <stdio.h>
#include <stdlib.h>

int seen_begin(struct seen *s)
{
	return keyed_hash_key_random(&s->key);
}

/* 0 marks a free place. */
static uint64_t hash_of(const struct seen *s, const char *name, uint64_t kind)
{
	uint64_t hash = keyed_hash(&s->key, slice_str(name)) ^ kind;

	return hash ? hash : 1;
}

/* Where it stands, or would. */
static size_t place(const struct seen *s, uint64_t hash)
{
	size_t at = hash & (s->size - 1);

	while (s->slot[at] && s->slot[at] != hash)
		at = (at + 1) & (s->size - 1);
	return at;
}

static int seen_put(struct seen *s, uint64_t hash)
{
	size_t at = place(s, hash);

	if (s->slot[at])
		return 1;
	s->slot[at] = hash;
	s->n++;
	return 0;
}

static int seen_grow(struct seen *s)
{
	struct seen bigger = {.key = s->key, .size = s->size ? s->size * 2 : 1024};

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -1;
	for (size_t i = 0; i < s->size; i++)
		if (s->slot[i])
			seen_put(&bigger, s->slot[i]);
	free(s->slot);
	*s = bigger;
	return 0;
}

int seen_add(struct seen *s, const char *name, uint64_t kind)
{
	if (s->n * 2 >= s->size && seen_grow(s))
		return -1;
	return seen_put(s, hash_of(s, name, kind));
}

bool seen_has(const struct seen *s, const char *name, uint64_t kind)
{
	return s->n && s->slot[place(s, hash_of(s, name, kind))];
}

void seen_free(struct seen *s)
{
	free(s->slot);
	s->slot = NULL;
	s->size = s->n = 0;
}

const struct ifc *seen_set_criteria(void *list, uint32_t set, size_t *n)
{
	struct seen_set **sets = list;

	for (const struct seen_set *s = *sets; s; s = s->next)
		if (s->set == set) {
			*n = s->n;
			return s->criteria;
		}
	return NULL;
}

int seen_set_add(struct seen_set **list, uint32_t set, const struct subscription *criteria,
		 char *why, size_t size)
{
	struct seen_set *s;
	size_t n;

	if (seen_set_criteria(list, set, &n)) {
		snprintf(why, size, "the shared set %u stands in the file twice", set);
		return -1;
	}
	s = malloc(sizeof(*s) + criteria->n_ifc * sizeof(s->criteria[0]));
	if (!s) {
		snprintf(why, size, "no memory");
		return -1;
	}
	s->set = set;
	s->n = criteria->n_ifc;
	memcpy(s->criteria, criteria->ifc, s->n * sizeof(s->criteria[0]));
	s->next = *list;
	*list = s;
	return 0;
}

void seen_sets_free(struct seen_set **list)
{
	while (*list) {
		struct seen_set *s = *list;

		*list = s->next;
		free(s);
	}
}
