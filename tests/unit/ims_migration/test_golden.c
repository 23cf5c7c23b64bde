/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden messages: out of the primary's border each is what stands on the wire, behind the partner's what stands there, and
 * back it is the same again, octet by octet.
 */
#include "golden.h"

struct both {
	struct rig_border home, partner;
};

static struct rig_text at_home, on_wire, at_partner, made;

static void same(const char *name, const char *step, const struct rig_text *want)
{
	size_t i = 0;

	while (i < want->len && i < made.len && want->text[i] == made.text[i])
		i++;
	ck_assert_msg(made.len == want->len && i == want->len,
		      "%s, %s: differs at %zu:\nwanted %.*s\nmade   %.*s", name, step, i,
		      (int)(want->len - i > 120 ? 120 : want->len - i), want->text + i,
		      (int)(made.len - i > 120 ? 120 : made.len - i), made.text + i);
}

static void crosses(const char *name, struct slice template, void *arg)
{
	const struct both *b = arg;
	static char room[RIG_ROOM];

	golden_write(template, GOLDEN_HOME, &at_home);
	golden_write(template, GOLDEN_WIRE, &on_wire);
	golden_write(template, GOLDEN_PARTNER, &at_partner);

	const struct {
		const struct rig_border *border;
		enum migration_direction direction;
		const struct rig_text *from, *to;
		const char *step;
	} steps[] = {{&b->home, MIGRATION_OUT, &at_home, &on_wire, "out of the primary"},
		     {&b->partner, MIGRATION_IN, &on_wire, &at_partner, "into the partner"},
		     {&b->partner, MIGRATION_OUT, &at_partner, &on_wire, "out of the partner"},
		     {&b->home, MIGRATION_IN, &on_wire, &at_home, "into the primary"}};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum migration_verdict v =
		    rig_swap(steps[i].border, steps[i].direction, rig_slice(steps[i].from), &made);

		ck_assert_msg(v == MIGRATION_OK, "%s, %s: %s", name, steps[i].step,
			      migration_verdict_name(v));
		same(name, steps[i].step, steps[i].to);
		if (steps[i].direction == MIGRATION_OUT)
			ck_assert_msg(
			    !migration_left(&steps[i].border->view, rig_slice(&made), room),
			    "%s, %s: a name is left", name, steps[i].step);
	}
}

START_TEST(golden_messages_cross_and_come_back)
{
	struct both b;

	golden_borders(&b.home, &b.partner);
	ck_assert_uint_ge(golden_each(crosses, &b), 40);
	rig_border_free(&b.home);
	rig_border_free(&b.partner);
}
END_TEST

UNIT_MAIN("ims_migration: golden messages", golden_messages_cross_and_come_back)
