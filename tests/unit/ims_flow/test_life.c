/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "unit/ims_flow/world.h"

static struct phone alice, bob;

static void set_up(void)
{
	world_new(64);
	alice = (struct phone){.impi = "alice", .addr = "10", .uc = 6100, .us = 6101};
	bob = (struct phone){.impi = "bob", .addr = "10", .uc = 6200, .us = 6201};
}

static unsigned count_state(const struct flow_set *f, enum sa_state s)
{
	unsigned n = 0;

	for (int i = 0; i < FLOW_SA_SETS; i++)
		n += f->sa[i].state == s;
	return n;
}

START_TEST(an_initial_registration_is_in_use_at_once)
{
	struct flow_set *f;

	set_up();
	f = challenge(&alice, false);
	ck_assert_int_eq(f->state, FLOW_PENDING);
	ck_assert_uint_eq(count_state(f, SA_TEMPORARY), 1);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.temp_spi);
	f = accept_it(&alice, 600);
	ck_assert_int_eq(f->state, FLOW_ACTIVE);
	ck_assert_uint_eq(count_state(f, SA_IN_USE), 1);
	ck_assert_int_eq(f->sa[0].ends_ms, now + 630000);
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_ACTIVATED);
	ck_assert_str_eq(last_notice.set.impus, "sip:a@h\nsip:b@h");
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	ck_assert_uint_eq(kernel_pairs(), 2);
}
END_TEST

START_TEST(an_unanswered_challenge_lapses)
{
	set_up();
	challenge(&alice, false);
	pass(239000);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	pass(2000);
	ck_assert_uint_eq(kernel_sa_sets(), 0);
	ck_assert_uint_eq(kernel_pairs(), 0);
	ck_assert_uint_eq(flow_table_count(world), 0);
}
END_TEST

START_TEST(another_port_us_waits_for_its_first_use)
{
	struct flow_set *f;
	uint32_t first;

	set_up();
	register_it(&alice, false, 600);
	first = alice.spi_ps;
	alice.uc = 6102;
	alice.us = 6103;
	f = register_it(&alice, true, 600);
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_REFRESHED);
	ck_assert_uint_eq(count_state(f, SA_NEW), 1);
	ck_assert_uint_eq(f->sa[flow_sending_slot(f)].spi_ps, first);
	use(&alice, alice.spi_ps);
	ck_assert_uint_eq(f->sa[flow_sending_slot(f)].spi_ps, alice.spi_ps);
	ck_assert_uint_eq(count_state(f, SA_OLD), 1);
	pass(31000);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	pass(2000);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	ck_assert_uint_eq(kernel_pairs(), 2);
}
END_TEST

START_TEST(a_new_set_that_is_never_used_is_taken_into_use_after_64_t1)
{
	struct flow_set *f;

	set_up();
	register_it(&alice, false, 600);
	alice.uc = 6102;
	alice.us = 6103;
	f = register_it(&alice, true, 600);
	pass(31000);
	ck_assert_uint_eq(count_state(f, SA_NEW), 1);
	pass(2000);
	ck_assert_uint_eq(f->sa[flow_sending_slot(f)].spi_ps, alice.spi_ps);
	ck_assert_int_lt(f->seen_ms, now - 30000);
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(the_same_port_us_is_taken_into_use_with_the_200)
{
	struct flow_set *f;
	uint32_t first;

	set_up();
	register_it(&alice, false, 600);
	first = alice.spi_ps;
	alice.uc = 6102;
	f = challenge(&alice, true);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), first);
	accept_it(&alice, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(count_state(f, SA_IN_USE), 1);
	ck_assert_uint_eq(count_state(f, SA_OLD), 1);
	ck_assert_uint_eq(kernel_pairs(), 3);
	pass(33000);
	ck_assert_uint_eq(kernel_pairs(), 2);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
}
END_TEST

START_TEST(a_refused_challenge_leaves_the_registration_alone)
{
	struct flow_attempt a;
	struct flow_set *f;
	uint32_t first;

	set_up();
	register_it(&alice, false, 600);
	first = alice.spi_ps;
	alice.uc = 6102;
	alice.us = 6103;
	f = challenge(&alice, true);
	alice.spi_ps = alice.temp_spi;
	a = attempt_of(&alice, true);
	flow_refuse(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_ACTIVE);
	ck_assert_uint_eq(f->sa[flow_sending_slot(f)].spi_ps, first);
	/* The 403 itself still travels over the refused set. */
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), first);
}
END_TEST

START_TEST(a_refused_initial_registration_ends_soon)
{
	struct flow_attempt a;

	set_up();
	challenge(&alice, false);
	alice.spi_ps = alice.temp_spi;
	a = attempt_of(&alice, true);
	flow_refuse(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_DEAD);
	ck_assert_str_eq(last_notice.reason, "failed");
	ck_assert_int_eq(flow_by_id(world, alice.id)->state, FLOW_CLOSING);
	pass(33000);
	ck_assert_uint_eq(flow_table_count(world), 0);
	ck_assert_uint_eq(kernel_sa_sets(), 0);
}
END_TEST

START_TEST(a_second_challenge_over_the_temporary_set_travels_over_it)
{
	struct flow_set *f;
	uint32_t first;

	set_up();
	challenge(&alice, false);
	first = alice.spi_ps = alice.temp_spi;
	alice.uc = 6102;
	f = challenge(&alice, true);
	ck_assert_uint_eq(count_state(f, SA_OLD), 1);
	ck_assert_uint_eq(count_state(f, SA_TEMPORARY), 1);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), first);
	accept_it(&alice, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(never_more_than_old_new_and_temporary)
{
	struct flow_set *f = NULL;

	set_up();
	register_it(&alice, false, 600);
	for (int i = 0; i < 1000; i++) {
		alice.uc = (uint16_t)(alice.uc + 2);
		if (i % 3)
			alice.us = (uint16_t)(alice.us + 2);
		f = challenge(&alice, true);
		ck_assert_uint_le(kernel_sa_sets(), 3);
		if (i % 7 == 0)
			challenge(&alice, true);
		f = accept_it(&alice, 600);
		ck_assert_uint_le(kernel_sa_sets(), 2);
		if (i % 2)
			use(&alice, alice.spi_ps);
		if (i % 5 == 0)
			pass(4000);
	}
	ck_assert_uint_eq(flow_table_count(world), 1);
	pass(70000);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	flow_end(world, f, "deregistered", &timers, now, &fx);
	carry_out();
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets(), 0);
	ck_assert_uint_eq(kernel_pairs(), 0);
}
END_TEST

START_TEST(an_initial_registration_replaces_the_same_phone_only)
{
	uint64_t first;

	set_up();
	register_it(&alice, false, 600);
	register_it(&bob, false, 600);
	first = alice.id;
	alice.uc = 7100;
	alice.us = 7101;
	register_it(&alice, false, 600);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert_uint_ne(alice.id, first);
	ck_assert_ptr_nonnull(flow_by_id(world, bob.id));
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	ck_assert_uint_eq(kernel_pairs(), 4);
}
END_TEST

START_TEST(the_same_ports_after_a_reboot_work_and_only_after_the_200)
{
	uint32_t first;

	set_up();
	register_it(&alice, false, 600);
	first = alice.spi_ps;
	challenge(&alice, false);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), first);
	accept_it(&alice, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(a_stranger_with_the_victims_ports_takes_nothing)
{
	struct phone mallory = {.impi = "mallory", .addr = "10", .uc = 6106, .us = 6101};
	struct netaddr ue = {.family = 4, .ip = {10, 1, 0, 10}},
		       us = {.family = 4, .ip = {10, 1, 0, 1}};
	int slot;

	set_up();
	register_it(&alice, false, 600);
	challenge(&mallory, false);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(kernel_pair_owner("10", 6100, SA_PAIR_UC), alice.spi_ps);
	ck_assert_uint_eq(flow_by_received(world, &ue, 6100, &us, PORT_PS, 17, &slot)->id,
			  alice.id);
	ck_assert_uint_eq(flow_by_server(world, &ue, 6101, &us)->id, alice.id);
	pass(241000);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(reg_ids_of_one_instance_stand_side_by_side)
{
	struct phone reg[3];
	uint64_t second;

	set_up();
	for (unsigned i = 0; i < 3; i++) {
		reg[i] = alice;
		reg[i].instance = "urn:uuid:1";
		reg[i].reg_id = i + 1;
		reg[i].uc = (uint16_t)(6100 + 10 * i);
		reg[i].us = (uint16_t)(6101 + 10 * i);
		register_it(&reg[i], false, 600);
	}
	ck_assert_uint_eq(flow_table_count(world), 3);
	second = reg[1].id;
	reg[1].addr = "20";
	register_it(&reg[1], false, 600);
	ck_assert_uint_eq(flow_table_count(world), 3);
	ck_assert_ptr_null(flow_by_id(world, second));
	ck_assert_uint_eq(kernel_sa_sets(), 3);
}
END_TEST

START_TEST(a_hold_outlives_replacement_and_expiry)
{
	uint64_t first;
	struct flow_set *f;

	set_up();
	f = register_it(&alice, false, 60);
	first = alice.id;
	flow_hold(world, f, now + 200000, &timers, now, &fx);
	carry_out();
	alice.uc = 7100;
	alice.us = 7101;
	register_it(&alice, false, 600);
	ck_assert_ptr_nonnull(flow_by_id(world, first));
	ck_assert_int_eq(flow_by_id(world, first)->state, FLOW_HELD);
	ck_assert(flow_alive(flow_by_id(world, first)));
	pass(199000);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	pass(2000);
	ck_assert(!flow_alive(flow_by_id(world, first)));
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_DEAD);
	pass(33000);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(a_registration_beside_others_ends_none_and_holds_only_with_its_200)
{
	uint64_t first;
	int64_t end;

	set_up();
	end = register_it(&alice, false, 600)->expires_ms;
	first = alice.id;
	alice.uc = 7100;
	alice.us = 7101;
	alice.beside = true;
	challenge(&alice, false);
	ck_assert_int_eq(flow_by_id(world, first)->held_ms, 0);
	accept_it(&alice, 900);
	ck_assert_int_eq(flow_by_id(world, first)->state, FLOW_HELD);
	ck_assert_int_eq(flow_by_id(world, first)->held_ms, end);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	/* What somebody held for a shorter time has an end of its own. */
	first = alice.id;
	flow_hold(world, flow_by_id(world, first), now + 9000, &timers, now, &fx);
	alice.uc = 7200;
	alice.us = 7201;
	register_it(&alice, false, 900);
	ck_assert_int_eq(flow_by_id(world, first)->held_ms, now + 9000);
}
END_TEST

START_TEST(release_and_drop_end_a_hold)
{
	struct flow_set *f;

	set_up();
	f = register_it(&alice, false, 600);
	flow_hold(world, f, now + 200000, &timers, now, &fx);
	flow_end(world, f, "deregistered", &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_HELD);
	flow_hold(world, f, 0, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	f = register_it(&bob, false, 600);
	flow_hold(world, f, now + 200000, &timers, now, &fx);
	flow_drop(world, f, "dropped", &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	ck_assert_str_eq(last_notice.reason, "dropped");
}
END_TEST

START_TEST(a_held_set_knows_that_its_registration_has_ended)
{
	struct flow_attempt a;
	struct flow_set *f;

	set_up();
	f = register_it(&alice, false, 600);
	flow_hold(world, f, now + 20000, &timers, now, &fx);
	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_HELD);
	ck_assert_int_eq(f->expires_ms, now);
	pass(19000);
	ck_assert_int_eq(f->state, FLOW_HELD);
	/* Whoever would hold it as long as it is registered lets it go. */
	flow_hold(world, f, f->expires_ms, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
}
END_TEST

START_TEST(the_200_to_a_deregistration_travels_over_its_own_set)
{
	struct flow_attempt a;
	struct flow_set *f;

	set_up();
	register_it(&alice, false, 600);
	alice.uc = 6102;
	f = challenge(&alice, true);
	alice.spi_ps = alice.temp_spi;
	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	ck_assert_str_eq(last_notice.reason, "deregistered");
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.temp_spi);
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
}
END_TEST

START_TEST(a_registration_expires_with_its_sas)
{
	set_up();
	register_it(&alice, false, 60);
	pass(89000);
	ck_assert(flow_alive(flow_by_id(world, alice.id)));
	pass(2000);
	ck_assert_str_eq(last_notice.reason, "expired");
	pass(33000);
	ck_assert_uint_eq(flow_table_count(world), 0);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
}
END_TEST

START_TEST(a_silent_flow_dies_if_keepalive_was_agreed)
{
	struct flow_set *f;

	set_up();
	f = register_it(&alice, false, 6000);
	f->keepalive_s = 100;
	pass(120000);
	use(&alice, alice.spi_ps);
	pass(129000);
	ck_assert(flow_alive(f));
	pass(2000);
	ck_assert(!flow_alive(f));
	ck_assert_str_eq(last_notice.reason, "silent");
}
END_TEST

START_TEST(plain_flows_are_found_by_their_own_ports)
{
	struct phone p = {.impi = "plain", .addr = "30", .plain_port = 40000};
	struct netaddr ue = {.family = 4, .ip = {10, 1, 0, 30}},
		       us = {.family = 4, .ip = {10, 1, 0, 1}};
	int slot = 5;

	set_up();
	register_it(&p, false, 600);
	ck_assert_uint_eq(flow_by_received(world, &ue, 40000, &us, 5060, 17, &slot)->id, p.id);
	ck_assert_int_eq(slot, -1);
	ck_assert_ptr_null(flow_by_received(world, &ue, 40000, &us, 5060, 6, &slot));
	ck_assert_ptr_null(flow_by_received(world, &ue, 40000, &us, PORT_PS, 17, &slot));
	ck_assert_uint_eq(flow_by_server(world, &ue, 40000, NULL)->id, p.id);
	ck_assert_uint_eq(kernel_sa_sets(), 0);
}
END_TEST

START_TEST(a_full_table_refuses_and_keeps_what_it_has)
{
	struct flow_attempt a;
	struct flow_set *f;
	unsigned slot;

	set_up();
	world_new(2);
	register_it(&alice, false, 600);
	register_it(&bob, false, 600);
	a = attempt_of(&(struct phone){.impi = "carol", .addr = "40", .uc = 1, .us = 2}, false);
	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &f, &slot), FLOW_LIFE_FULL);
	carry_out();
	ck_assert_uint_eq(kernel_sa_sets(), 2);
}
END_TEST

START_TEST(a_200_that_a_deregistration_has_overtaken_changes_nothing)
{
	struct flow_grant g = {.expires_s = 600, .impus = SLICE_LIT("sip:a@h")};
	struct flow_attempt refresh, end;
	struct flow_set *f, *out;

	set_up();
	f = register_it(&alice, false, 600);
	refresh = attempt_of(&alice, true);
	end = attempt_of(&alice, true);
	flow_deregister(world, &end, &timers, now, &fx);
	carry_out();
	ck_assert_int_eq(flow_accept(world, &refresh, &g, &timers, now, &fx, &out), FLOW_LIFE_LATE);
	ck_assert_uint_eq(fx.n + fx.n_notices, 0);
	ck_assert_int_eq(f->state, FLOW_CLOSING);
	pass(33000);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
}
END_TEST

START_TEST(a_set_that_the_network_ended_is_registered_again_by_a_200_that_follows)
{
	struct flow_set *f;
	uint64_t id;

	/* The S-CSCF's NOTIFY of the end crosses a REGISTER that it takes afterwards. */
	set_up();
	f = register_it(&alice, false, 600);
	id = alice.id;
	flow_drop(world, f, "dropped", &timers, now, &fx);
	carry_out();
	f = accept_it(&alice, 600);
	ck_assert_uint_eq(f->id, id);
	ck_assert_int_eq(f->state, FLOW_ACTIVE);
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_ACTIVATED);
	ck_assert_str_eq(f->impus, "sip:a@h\nsip:b@h");
	pass(500000);
	ck_assert(flow_alive(flow_by_id(world, id)));
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	ck_assert_uint_eq(kernel_pairs(), 2);
}
END_TEST

START_TEST(an_emergency_registration_and_an_ordinary_one_end_each_other_not)
{
	struct phone sos;
	uint64_t first;

	set_up();
	register_it(&alice, false, 600);
	first = alice.id;
	sos = alice;
	sos.uc = 7100;
	sos.us = 7101;
	sos.emergency = true;
	register_it(&sos, false, 600);
	ck_assert(flow_alive(flow_by_id(world, first)));
	alice.uc = 8100;
	alice.us = 8101;
	register_it(&alice, false, 600);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert(flow_alive(flow_by_id(world, sos.id)));
}
END_TEST

START_TEST(spis_that_are_set_up_already_are_not_set_up_again)
{
	struct flow_attempt a;
	struct flow_set *f, *out;
	unsigned slot;

	set_up();
	f = challenge(&alice, false);
	alice.spi_ps = alice.temp_spi;
	a = attempt_of(&alice, true);
	a.sa.spi_uc = f->sa[0].spi_uc;
	a.sa.spi_us = f->sa[0].spi_us;
	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &out, &slot), FLOW_LIFE_SPI);
	ck_assert_uint_eq(fx.n, 0);
	ck_assert_int_eq(f->state, FLOW_PENDING);
	ck_assert_uint_eq(count_state(f, SA_TEMPORARY), 1);
}
END_TEST

START_TEST(a_phone_registers_again_over_a_set_that_the_network_has_ended)
{
	struct flow_set *ended, *f;
	uint64_t first;
	uint32_t first_spi;

	set_up();
	ended = register_it(&alice, false, 600);
	first = alice.id;
	first_spi = alice.spi_ps;
	flow_drop(world, ended, "dropped", &timers, now, &fx);
	carry_out();
	alice.uc = 6102;
	f = challenge(&alice, true);
	ck_assert_uint_ne(f->id, first);
	ck_assert_int_eq(f->state, FLOW_PENDING);
	/* The 401 still travels over the set of its REGISTER. */
	ck_assert_uint_eq(kernel_pair_owner("10", 6100, SA_PAIR_UC), first_spi);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), first_spi);
	f = accept_it(&alice, 600);
	ck_assert_int_eq(f->state, FLOW_ACTIVE);
	ck_assert_int_eq(last_notice.kind, FLOW_NOTICE_ACTIVATED);
	ck_assert_int_eq(flow_by_id(world, first)->state, FLOW_CLOSING);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	pass(33000);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert_ptr_nonnull(flow_by_id(world, alice.id));
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	ck_assert_uint_eq(kernel_pairs(), 2);
}
END_TEST

START_TEST(a_plain_phone_registers_again_right_after_its_flow_was_ended)
{
	struct phone p = {.impi = "plain", .addr = "10", .plain_port = 5070};
	struct netaddr ue = {.family = 4, .ip = {10, 1, 0, 10}},
		       us = {.family = 4, .ip = {10, 1, 0, 1}};
	struct flow_set *f;
	uint64_t first;
	int slot;

	set_up();
	f = register_it(&p, false, 600);
	first = p.id;
	flow_drop(world, f, "dropped", &timers, now, &fx);
	carry_out();
	f = register_it(&p, false, 600);
	ck_assert_uint_ne(f->id, first);
	ck_assert_uint_eq(flow_by_received(world, &ue, 5070, &us, 5060, 17, &slot)->id, p.id);
	ck_assert_uint_eq(flow_by_server(world, &ue, 5070, &us)->id, p.id);
	pass(33000);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert_uint_eq(flow_by_server(world, &ue, 5070, &us)->id, p.id);
}
END_TEST

START_TEST(ports_that_were_just_released_are_the_new_owners_at_once)
{
	struct flow_attempt a;

	set_up();
	register_it(&alice, false, 600);
	challenge(&alice, true);
	alice.spi_ps = alice.temp_spi;
	a = attempt_of(&alice, true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	bob.uc = alice.uc;
	bob.us = alice.us;
	/* Already its first protected packets, a TCP handshake, say, are answered over its own SAs.
	 */
	challenge(&bob, false);
	ck_assert_uint_eq(kernel_pair_owner("10", 6100, SA_PAIR_UC), bob.temp_spi);
	accept_it(&bob, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), bob.spi_ps);
	pass(33000);
	ck_assert_uint_eq(kernel_pair_owner("10", 6100, SA_PAIR_UC), bob.spi_ps);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), bob.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(a_phone_may_leave_any_number_behind)
{
	struct flow_set *f = NULL;

	world_new(256);
	for (int i = 0; i < 200; i++) {
		alice = (struct phone){.impi = "alice",
				       .addr = "10",
				       .uc = (uint16_t)(6100 + 2 * i),
				       .us = (uint16_t)(6101 + 2 * i)};
		f = register_it(&alice, false, 600);
		flow_hold(world, f, now + 600000, &timers, now, &fx);
		carry_out();
	}
	ck_assert_uint_eq(kernel_sa_sets(), 200);
	pass(700000);
	ck_assert_uint_eq(kernel_sa_sets() + kernel_pairs(), 0);
	ck_assert_uint_eq(flow_table_count(world), 0);
}
END_TEST

UNIT_MAIN("flow life", a_phone_registers_again_over_a_set_that_the_network_has_ended,
	  a_plain_phone_registers_again_right_after_its_flow_was_ended,
	  ports_that_were_just_released_are_the_new_owners_at_once,
	  a_registration_beside_others_ends_none_and_holds_only_with_its_200,
	  a_phone_may_leave_any_number_behind, spis_that_are_set_up_already_are_not_set_up_again,
	  a_200_that_a_deregistration_has_overtaken_changes_nothing,
	  a_set_that_the_network_ended_is_registered_again_by_a_200_that_follows,
	  an_emergency_registration_and_an_ordinary_one_end_each_other_not,
	  an_initial_registration_is_in_use_at_once, an_unanswered_challenge_lapses,
	  another_port_us_waits_for_its_first_use,
	  a_new_set_that_is_never_used_is_taken_into_use_after_64_t1,
	  the_same_port_us_is_taken_into_use_with_the_200,
	  a_refused_challenge_leaves_the_registration_alone,
	  a_refused_initial_registration_ends_soon,
	  a_second_challenge_over_the_temporary_set_travels_over_it,
	  never_more_than_old_new_and_temporary,
	  an_initial_registration_replaces_the_same_phone_only,
	  the_same_ports_after_a_reboot_work_and_only_after_the_200,
	  a_stranger_with_the_victims_ports_takes_nothing,
	  reg_ids_of_one_instance_stand_side_by_side, a_hold_outlives_replacement_and_expiry,
	  release_and_drop_end_a_hold, the_200_to_a_deregistration_travels_over_its_own_set,
	  a_held_set_knows_that_its_registration_has_ended, a_registration_expires_with_its_sas,
	  a_silent_flow_dies_if_keepalive_was_agreed, plain_flows_are_found_by_their_own_ports,
	  a_full_table_refuses_and_keeps_what_it_has)
