/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is registered over a flow set: several implicit sets, each with its own list. */
#include "unit/unit.h"
#include "modules/ims_flow/core/flow_identities.h"
#include "unit/ims_flow/world.h"

static struct phone alice;

static void set_up(void)
{
	world_new(64);
	alice = (struct phone){.impi = "alice", .addr = "10", .uc = 6100, .us = 6101};
}

static void check_identities(const struct flow_set *f, const char *want)
{
	char text[FLOW_IMPUS_MAX];

	flow_identities_text(f, text);
	ck_assert_str_eq(text, want);
}

START_TEST(implicit_sets_share_a_flow_set_until_the_last_has_left)
{
	struct flow_attempt a;
	struct flow_set *f;

	set_up();
	register_it(&alice, false, 600);
	alice.aor = "sip:c@h";
	alice.impus = "sip:c@h\nsip:b@h";
	f = register_it(&alice, true, 600);
	check_identities(f, "sip:a@h\nsip:b@h\nsip:c@h");
	ck_assert_str_eq(f->aors, "sip:a@h\nsip:c@h");
	f = register_it(&alice, true, 600);
	ck_assert_str_eq(f->aors, "sip:a@h\nsip:c@h");

	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_ACTIVE);
	ck_assert_str_eq(f->aors, "sip:a@h");
	alice.aor = NULL;
	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	ck_assert_str_eq(last_notice.reason, "deregistered");
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
}
END_TEST

START_TEST(the_list_of_the_last_200_replaces_that_of_the_same_address_of_record)
{
	struct flow_set *f;

	set_up();
	alice.impus = "sip:a@h\nsip:b@h\nsip:gone@h";
	register_it(&alice, false, 600);
	alice.aor = "sip:c@h";
	alice.impus = "sip:c@h\nsip:b@h";
	f = register_it(&alice, true, 600);
	check_identities(f, "sip:a@h\nsip:b@h\nsip:gone@h\nsip:c@h");
	/* The HSS has taken two away, and made another one the default. */
	alice.aor = "sip:a@H";
	alice.impus = "sip:new@h\nsip:a@h";
	f = register_it(&alice, true, 600);
	check_identities(f, "sip:new@h\nsip:a@h\nsip:c@h\nsip:b@h");
	ck_assert_str_eq(f->aors, "sip:a@h\nsip:c@h");
}
END_TEST

START_TEST(identities_leave_with_the_address_of_record_that_brought_them)
{
	struct flow_attempt a;
	struct flow_set *f;

	set_up();
	register_it(&alice, false, 600);
	alice.aor = "sip:c@h";
	alice.impus = "sip:c@h\nsip:b@h";
	f = register_it(&alice, true, 600);
	alice.aor = "sip:a@h";
	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_str_eq(f->impus, "sip:c@h\nsip:b@h");
}
END_TEST

UNIT_MAIN("flow identities", implicit_sets_share_a_flow_set_until_the_last_has_left,
	  the_list_of_the_last_200_replaces_that_of_the_same_address_of_record,
	  identities_leave_with_the_address_of_record_that_brought_them)
