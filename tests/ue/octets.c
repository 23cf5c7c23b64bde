/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/octets.h"

#include <stdlib.h>
#include <string.h>

#include "ue/text.h"

static void make_room(struct octets *o)
{
	size_t room = o->room ? 2 * o->room : 16;
	struct octet_range *grown;

	if (o->n < o->room)
		return;
	grown = ue_alloc(room * sizeof(*grown));
	if (o->n)
		memcpy(grown, o->range, o->n * sizeof(*grown));
	free(o->range);
	o->range = grown;
	o->room = room;
}

int octets_add(struct octets *o, uint64_t from, uint64_t len)
{
	struct octet_range add = {from, from + len};
	uint64_t repeated = 0;
	size_t first = 0, last;

	if (len == 0)
		return 0;
	if (add.to < from)
		return -1;
	/* Mostly the new piece continues the highest one. */
	if (o->n && from > o->range[o->n - 1].from)
		first = o->n - 1;
	while (first < o->n && o->range[first].to < from)
		first++;
	for (last = first; last < o->n && o->range[last].from <= add.to; last++) {
		struct octet_range *r = &o->range[last];
		uint64_t low = r->from > from ? r->from : from;
		uint64_t high = r->to < from + len ? r->to : from + len;

		repeated += high > low ? high - low : 0;
		if (r->from < add.from)
			add.from = r->from;
		if (r->to > add.to)
			add.to = r->to;
	}
	if (first == last && o->n == OCTETS_RANGES_MAX)
		return -1;
	if (first == last) {
		make_room(o);
		memmove(o->range + first + 1, o->range + first, (o->n - first) * sizeof(*o->range));
		o->n++;
	} else {
		memmove(o->range + first + 1, o->range + last, (o->n - last) * sizeof(*o->range));
		o->n -= last - first - 1;
	}
	o->range[first] = add;
	o->repeated += repeated;
	return 0;
}

uint64_t octets_have(const struct octets *o)
{
	uint64_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += o->range[i].to - o->range[i].from;
	return n;
}

uint64_t octets_end(const struct octets *o)
{
	return o->n ? o->range[o->n - 1].to : 0;
}

int octets_missing(const struct octets *o, uint64_t end, struct octet_range *out)
{
	uint64_t at = 0;

	for (size_t i = 0; i < o->n && o->range[i].from <= at; i++)
		at = o->range[i].to;
	if (at >= end)
		return -1;
	out->from = at;
	out->to = end;
	for (size_t i = 0; i < o->n; i++)
		if (o->range[i].from > at) {
			if (o->range[i].from < end)
				out->to = o->range[i].from;
			break;
		}
	return 0;
}

void octets_free(struct octets *o)
{
	free(o->range);
	*o = (struct octets){0};
}
