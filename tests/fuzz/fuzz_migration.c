/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strangers write at the border between systems of partners: whole messages and parts of them, lines of ims-cms, names,
 * partners. The first octet chooses. What crosses the wire and comes back is the same when it goes again, and no identity of the
 * inside is left that the last look would not find.
 */
#include <stdlib.h>

#include "modules/ims_migration/core/feed.h"
#include "modules/ims_migration/core/partner.h"
#include "modules/ims_migration/core/swap.h"

enum { ROOM = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct migration_table *table;
static struct migration_edits edits;
static struct migration_result r;
static char texts[3][ROOM], room[ROOM];

static bool find(void *arg, const struct migration_query *q, struct migration_hit *hit)
{
	return migration_find(arg, q, 1, hit);
}

static void bound(const char *id, const char *const *names)
{
	struct migration_binding b = {.id = slice_str(id), .expires = 2};

	for (; *names; names += 2, b.n++)
		if (migration_name_parse(slice_str(names[0]), &b.pair[b.n].inside) ||
		    (*names[1] && migration_name_parse(slice_str(names[1]), &b.pair[b.n].wire)))
			abort();
	if (migration_bind(table, &b, 1))
		abort();
}

static void begin(void)
{
	static const struct migration_memory memory = {malloc, free};
	static const char *const
	    alice[] = {"a_p@h.net",    "m1@o.net", "sip:alice@h.net", "sip:m2@o.net", "tel:+4930",
		       "sip:m3@o.net", NULL},
	    *const bob[] = {"bob@h.net", "m4@o.net", "sip:bob@h.net", "tel:+88", NULL},
	    *const carol[] = {"sip:c@h.net", "", NULL};
	const struct keyed_hash_key key = {{1, 2}};

	table = migration_table_new(&memory, &key, 10, 60);
	if (!table)
		abort();
	bound("1", alice);
	bound("2", bob);
	bound("3", carol);
}

/* How the text is on the other side; false: it is refused. */
static bool swap(bool whole, const struct migration_policy *policy, enum migration_direction d,
		 struct slice in, char *out, struct slice *made)
{
	const struct migration_view view = {find, table, 0};
	size_t len;

	if (whole)
		migration_swap(&view, policy, d, in, &edits, &r);
	else
		migration_swap_part(&view, policy, d, in, &edits, &r);
	if (r.verdict != MIGRATION_OK || migration_edits_apply(&edits, in, out, ROOM, &len))
		return false;
	*made = slice_make(out, len);
	return true;
}

static void cross(bool whole, bool hide, enum migration_direction first, struct slice text)
{
	const struct migration_policy policy = {.hide = hide,
						.wire_domains = {1, {SLICE_LIT("o.net")}}};
	const struct migration_view view = {find, table, 0};
	struct slice one, two, three;
	size_t len;

	if (!swap(whole, &policy, first, text, texts[0], &one))
		return;
	if (first == MIGRATION_OUT && migration_left(&view, one, room))
		return;
	/* Without hide a name of the other side may have stood there from the beginning. */
	if (!hide)
		return;
	/* A name of the wire that somebody inside writes is not told from one that came from there. */
	if (first == MIGRATION_OUT && r.others)
		return;
	/* The other side may refuse what is no SIP; it never takes it for something else. */
	if (swap(whole, &policy, !first, one, texts[1], &two) &&
	    swap(whole, &policy, first, two, texts[2], &three) && !slice_eq(one, three))
		abort();
	(void)migration_empty_answer(&view, &policy, first, text, "No", &edits, texts[0], ROOM,
				     &len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct migration_partners partners;
	struct slice text = slice_make((const char *)data + 1, size - 1);
	struct migration_name name;
	struct migration_fed fed;

	if (!table)
		begin();
	if (size < 2 || size > ROOM / 16)
		return 0;
	if (data[0] < 8) {
		cross(data[0] & 1, data[0] & 2, data[0] & 4 ? MIGRATION_IN : MIGRATION_OUT, text);
		return 0;
	}
	partners.n = 0;
	(void)migration_partner_add(&partners, text);
	(void)migration_name_parse(text, &name);
	if (migration_feed_line(text, &fed) == 0 && fed.binding.n > MIGRATION_NAMES_MAX)
		abort();
	return 0;
}
