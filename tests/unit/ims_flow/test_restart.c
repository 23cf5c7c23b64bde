/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a restart of the process or of the machine makes of the table. */
#include "unit/unit.h"
#include "unit/ims_flow/world.h"

#include <stdlib.h>

static struct phone alice, bob;

static void set_up(void)
{
	world_new(64);
	alice = (struct phone){.impi = "alice", .addr = "10", .uc = 6100, .us = 6101};
	bob = (struct phone){.impi = "bob", .addr = "10", .uc = 6200, .us = 6201};
}

START_TEST(a_restart_finds_everything_and_gives_up_torn_records)
{
	struct netaddr ue = {.family = 4, .ip = {10, 1, 0, 10}},
		       us = {.family = 4, .ip = {10, 1, 0, 1}};
	uint32_t torn;
	int slot;

	set_up();
	register_it(&alice, false, 600);
	register_it(&bob, false, 600);
	flow_change(flow_by_id(world, bob.id));
	ck_assert_int_eq(world_restart(&torn), FLOW_TABLE_FOUND);
	ck_assert_uint_eq(torn, 1);
	ck_assert_uint_eq(flow_table_count(world), 1);
	ck_assert_str_eq(flow_by_id(world, alice.id)->impi, "alice");
	ck_assert_uint_eq(flow_by_received(world, &ue, 6100, &us, PORT_PS, 17, &slot)->id,
			  alice.id);
	ck_assert_ptr_null(flow_by_id(world, bob.id));
	ck_assert_uint_eq(flow_by_impi(world, SLICE_LIT("alice"), NULL)->id, alice.id);
	ck_assert_ptr_null(flow_by_impi(world, SLICE_LIT("bob"), NULL));
}
END_TEST

START_TEST(a_restart_of_the_process_leaves_times_alone_whatever_the_wall_clock_says)
{
	int64_t expires;
	uint32_t torn;

	set_up();
	expires = register_it(&alice, false, 600)->expires_ms;
	clock_now.now_ms = now += 5000;
	clock_now.wall_ms += 86400000;
	ck_assert_int_eq(world_restart(&torn), FLOW_TABLE_FOUND);
	ck_assert_int_eq(flow_by_id(world, alice.id)->expires_ms, expires);
}
END_TEST

/* The machine starts anew: its clock begins at 3 s, the wall clock has moved on by passed. */
static void start_machine_anew(int64_t passed)
{
	int64_t wall = 86400000, counts = passed > 0 ? passed : 0, left;
	struct flow_set *f;
	uint32_t torn;

	set_up();
	f = register_it(&alice, false, 600);
	flow_hold(world, f, now + 50000, &timers, now, &fx);
	left = f->expires_ms - now;
	clock_now.now_ms = now;
	clock_now.wall_ms = wall;
	flow_table_note_time(world, &clock_now);
	clock_now = (struct kept_clock){.boot = "second", .now_ms = 3000, .wall_ms = wall + passed};
	ck_assert_int_eq(world_restart(&torn), FLOW_TABLE_FOUND);
	f = flow_by_id(world, alice.id);
	ck_assert_int_eq(f->expires_ms, 3000 + left - counts);
	ck_assert_int_eq(f->held_ms, 3000 + 50000 - counts);
	ck_assert_int_eq(f->sa[0].ends_ms, 3000 + left + 30000 - counts);
	ck_assert_int_eq(f->closes_ms, 0);
}

START_TEST(a_restart_of_the_machine_moves_times_to_its_new_clock)
{
	start_machine_anew(10000);
	start_machine_anew(0);
}
END_TEST

START_TEST(a_wall_clock_that_was_set_back_over_a_restart_of_the_machine_ends_nothing)
{
	start_machine_anew(-86000000);
}
END_TEST

START_TEST(other_files_are_formatted_not_believed)
{
	uint32_t torn;
	struct flow_table *t;
	size_t n = flow_table_bytes(8);
	unsigned char *m = malloc(n);

	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < n; i++)
			m[i] = (unsigned char)(round == 0 ? 0xff : round == 1 ? 0x5a : i * 31);
		ck_assert_int_eq(flow_table_attach(m, n, 8, &(struct keyed_hash_key){{1, 7}},
						   &clock_now, &t, &torn),
				 FLOW_TABLE_NEW);
		ck_assert_uint_eq(flow_table_count(t), 0);
		ck_assert_ptr_nonnull(flow_table_new(t, 77));
	}
	ck_assert_int_eq(
	    flow_table_attach(m, n - 1, 8, &(struct keyed_hash_key){{1, 7}}, &clock_now, &t, &torn),
	    FLOW_TABLE_TOO_SMALL);
	ck_assert_int_eq(
	    flow_table_attach(m, n, 0, &(struct keyed_hash_key){{1, 7}}, &clock_now, &t, &torn),
	    FLOW_TABLE_TOO_SMALL);
	free(m);
}
END_TEST

UNIT_MAIN("flow restart", a_restart_finds_everything_and_gives_up_torn_records,
	  a_restart_of_the_process_leaves_times_alone_whatever_the_wall_clock_says,
	  a_restart_of_the_machine_moves_times_to_its_new_clock,
	  a_wall_clock_that_was_set_back_over_a_restart_of_the_machine_ends_nothing,
	  other_files_are_formatted_not_believed)
