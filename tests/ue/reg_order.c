/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/reg_order.h"

#include <stdlib.h>
#include <string.h>

#include "reginfo/parser.h"

void reg_order_free(struct reg_order *o)
{
	while (o->n)
		free(o->kept[--o->n].body);
}

static bool is_kept(const struct reg_order *o, uint32_t version)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->kept[i].version == version)
			return true;
	return false;
}

static void keep(struct reg_order *o, uint32_t version, struct slice body)
{
	unsigned at = o->n;
	char *copy;

	if (o->n == REG_ORDER_MAX || !(copy = malloc(body.len + 1))) {
		/* Too late for what is missing. */
		reg_order_free(o);
		return;
	}
	memcpy(copy, body.p, body.len);
	for (; at && o->kept[at - 1].version > version; at--)
		o->kept[at] = o->kept[at - 1];
	o->kept[at].version = version;
	o->kept[at].body = copy;
	o->kept[at].len = body.len;
	o->n++;
}

/* What was kept and comes after version, once more. */
static int repeat(struct reg_order *o, uint32_t version)
{
	int err = 0;

	for (unsigned i = 0; i < o->n && !err; i++) {
		enum reginfo_verdict ignored;
		struct reginfo_doc doc;

		if (o->kept[i].version <= version)
			continue;
		err = reginfo_parse(slice_make(o->kept[i].body, o->kept[i].len), &doc);
		if (!err)
			err = reginfo_table_merge(o->table, &o->watch, &doc, &ignored);
		reginfo_free(&doc);
	}
	return err;
}

int reg_order_take(struct reg_order *o, const struct reginfo_doc *doc, struct slice body,
		   enum reginfo_verdict *verdict)
{
	struct reginfo_watch before = o->watch;
	uint32_t version = doc->version;
	bool gap = !doc->full && (!before.seen || version > before.version + 1),
	     late =
		 o->n && version < before.version && version >= o->missing && !is_kept(o, version);
	int err;

	if (late)
		o->watch = (struct reginfo_watch){.seen = version > 0, .version = version - 1};
	err = reginfo_table_merge(o->table, &o->watch, doc, verdict);
	if (!err && *verdict != REGINFO_DISCARD) {
		if (!o->n && gap)
			o->missing = before.seen ? before.version + 1 : 0;
		if (doc->full && !late)
			reg_order_free(o);
		else if (gap || o->n)
			keep(o, version, body);
	}
	if (err && late)
		o->watch = before;
	return late && !err ? repeat(o, version) : err;
}
