/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floods of REGISTERs that nobody answers a challenge for: bounded, and registered and honest
 * phones are served. */
#include "unit/unit.h"
#include "unit/ims_flow/world.h"
#include "modules/ims_flow/core/flow_pending.h"

#include <stdio.h>

static struct phone alice, stranger;
static char name[32];

static void set_up(uint32_t max_sets)
{
	world_new(max_sets);
	alice = (struct phone){.impi = "alice", .addr = "10", .uc = 6100, .us = 6101};
	stranger = (struct phone){.impi = "alice", .addr = "66"};
}

/* Another REGISTER of the stranger, from ports of its own, challenged and never answered. */
static void flood(unsigned i)
{
	stranger.uc = (uint16_t)(10000 + 2 * i);
	stranger.us = (uint16_t)(10001 + 2 * i);
	stranger.plain_port = (uint16_t)(20000 + i);
	challenge(&stranger, false);
	now += 5;
}

START_TEST(challenges_in_one_name_are_bounded)
{
	uint64_t newest;

	set_up(256);
	register_it(&alice, false, 600);
	for (unsigned i = 0; i < 200; i++)
		flood(i);
	newest = stranger.id;
	ck_assert_uint_eq(flow_table_count(world), 1 + FLOW_PENDING_MAX);
	ck_assert_uint_eq(kernel_sa_sets(), 1 + FLOW_PENDING_MAX);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	/* In the middle of it the phone itself registers anew. */
	alice.uc = 6200;
	alice.us = 6201;
	challenge(&alice, false);
	for (unsigned i = 300; i < 300 + FLOW_PENDING_MAX - 1; i++)
		flood(i);
	ck_assert_ptr_null(flow_by_id(world, newest));
	accept_it(&alice, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6201, SA_PAIR_US), alice.spi_ps);
}
END_TEST

START_TEST(challenges_in_many_names_leave_room_for_the_next)
{
	struct phone bob = {.impi = "bob", .addr = "20", .uc = 6300, .us = 6301};

	set_up(100);
	register_it(&alice, false, 600);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "victim%u", i);
		stranger.impi = name;
		flood(i);
		ck_assert_uint_le(kernel_sa_sets(), 100);
	}
	ck_assert_uint_eq(flow_table_count(world), 100);
	ck_assert_int_eq(flow_by_id(world, alice.id)->state, FLOW_ACTIVE);
	challenge(&bob, false);
	for (unsigned i = 500; i < 560; i++) {
		snprintf(name, sizeof(name), "victim%u", i);
		flood(i);
	}
	accept_it(&bob, 600);
	ck_assert_int_eq(flow_by_id(world, bob.id)->state, FLOW_ACTIVE);
	pass(241000);
	ck_assert_uint_eq(flow_table_count(world), 2);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
}
END_TEST

START_TEST(an_spi_in_use_takes_no_registration_away)
{
	struct flow_attempt a;
	struct flow_set *f;
	uint64_t pending;

	set_up(8);
	f = register_it(&alice, false, 600);
	/* Who has read the SPIs from the wire asks for them in the same name, from the same
	 * address. */
	stranger.addr = alice.addr;
	stranger.uc = 7000;
	stranger.us = 7001;
	a = attempt_of(&stranger, false);
	a.sa.spi_uc = f->sa[0].spi_uc;
	a.sa.spi_us = f->sa[0].spi_us;
	flow_pending_remove_same_spi(world, &a, &fx);
	carry_out();
	ck_assert_int_eq(flow_by_id(world, alice.id)->state, FLOW_ACTIVE);
	/* An earlier attempt is in nobody's way. */
	f = challenge(&stranger, false);
	pending = f->id;
	a.sa.spi_uc = f->sa[0].spi_uc;
	flow_pending_remove_same_spi(world, &a, &fx);
	carry_out();
	ck_assert_ptr_null(flow_by_id(world, pending));
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

START_TEST(one_port_uc_belongs_to_one_identity)
{
	struct phone mallory = {.impi = "mallory", .addr = "10", .uc = 6100, .us = 7001};
	struct flow_attempt a;
	struct flow_set *f;
	unsigned slot;

	set_up(16);
	register_it(&alice, false, 600);
	/* With SAs of its own between these ports it would speak as alice. */
	a = attempt_of(&mallory, false);
	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &f, &slot), FLOW_LIFE_TAKEN);
	carry_out();
	ck_assert_uint_eq(kernel_sa_sets(), 1);
	/* Nor beside a challenge for alice: who asks last has it. */
	mallory.uc = 6200;
	challenge(&mallory, false);
	alice.uc = 6200;
	challenge(&alice, true);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	ck_assert_ptr_null(flow_by_id(world, mallory.id));
	mallory.uc = 6200;
	challenge(&mallory, false);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	ck_assert_int_eq(flow_by_id(world, alice.id)->state, FLOW_ACTIVE);
	/* The same identity may: a phone that was restarted. */
	alice.uc = 6100;
	alice.us = 6103;
	challenge(&alice, false);
}
END_TEST

START_TEST(an_address_that_another_phone_has_now_is_not_the_first_ones)
{
	struct phone bob = {.impi = "bob", .addr = "10", .uc = 6300, .us = 6101};
	uint64_t first;

	set_up(16);
	register_it(&alice, false, 600);
	first = alice.id;
	challenge(&bob, false);
	ck_assert_int_eq(flow_by_id(world, first)->state, FLOW_ACTIVE);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	accept_it(&bob, 600);
	ck_assert_ptr_null(flow_by_id(world, first));
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), bob.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

/* What flow_register() would be told of this phone's next REGISTER. */
static int may_begin(struct phone *p, unsigned per_impi)
{
	struct flow_attempt a = attempt_of(p, false);

	return flow_may_begin(world, &a, per_impi);
}

START_TEST(a_subscriber_has_so_many_sets_and_may_replace_one_of_them)
{
	char instance[4][16];
	struct phone p = alice;

	set_up(64);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(instance[i], sizeof(instance[i]), "urn:uuid:%u", i);
		p = (struct phone){.impi = "alice",
				   .instance = instance[i],
				   .reg_id = 1,
				   .addr = "10",
				   .uc = (uint16_t)(7000 + 2 * i),
				   .us = (uint16_t)(7001 + 2 * i)};
		ck_assert_int_eq(may_begin(&p, 4), FLOW_LIFE_OK);
		register_it(&p, false, 600);
	}
	p.instance = "urn:uuid:other";
	ck_assert_int_eq(may_begin(&p, 4), FLOW_LIFE_MANY);
	ck_assert_int_eq(may_begin(&p, 5), FLOW_LIFE_OK);
	/* A challenge of his that nobody has answered makes no place. */
	p.uc = 7100;
	p.us = 7101;
	challenge(&p, false);
	ck_assert_int_eq(may_begin(&p, 4), FLOW_LIFE_MANY);
	p.instance = instance[2];
	ck_assert_int_eq(may_begin(&p, 4), FLOW_LIFE_OK);
	p.impi = "bob";
	ck_assert_int_eq(may_begin(&p, 4), FLOW_LIFE_OK);
}
END_TEST

START_TEST(a_full_table_says_so_before_the_home_network_is_asked)
{
	struct phone p = {.impi = "carol", .addr = "30", .uc = 1, .us = 2};

	set_up(2);
	register_it(&alice, false, 600);
	ck_assert_int_eq(may_begin(&p, 16), FLOW_LIFE_OK);
	p.impi = "bob";
	challenge(&p, false);
	/* Its place can be had. */
	p.impi = "carol";
	ck_assert_int_eq(may_begin(&p, 16), FLOW_LIFE_OK);
	p.impi = "bob";
	accept_it(&p, 600);
	p.impi = "carol";
	ck_assert_int_eq(may_begin(&p, 16), FLOW_LIFE_FULL);
}
END_TEST

/* A phone that has lost its state offers the SPIs that it had. */
static struct flow_attempt with_spis_of(struct phone *p, const struct sa_set *sa)
{
	struct flow_attempt a = attempt_of(p, false);

	a.sa.spi_uc = sa->spi_uc;
	a.sa.spi_us = sa->spi_us;
	return a;
}

START_TEST(own_spis_offered_again_wait_until_their_phone_is_heard)
{
	struct flow_set *old, *f;
	struct flow_attempt a;
	unsigned slot;

	set_up(64);
	old = register_it(&alice, false, 600);
	a = with_spis_of(&alice, &old->sa[0]);
	ck_assert_uint_eq(flow_spis_in_use(world, &a), SA_BIT_UC | SA_BIT_US);
	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &f, &slot), FLOW_LIFE_OK);
	ck_assert_uint_eq(f->sa[slot].missing, SA_BIT_UC | SA_BIT_US);
	/* The registered set has the policies, and all its SAs. */
	ck_assert_uint_eq(old->sa[0].missing, 0);
	ck_assert_uint_eq(old->sa[0].owns, SA_PAIR_UC | SA_PAIR_US);
	fx.n = 0;

	flow_take_spis(world, f, slot, now, &fx);
	ck_assert_int_eq(fx.fx[0].kind, FX_SA_REST);
	ck_assert_uint_eq(fx.fx[0].sa.missing, SA_BIT_UC | SA_BIT_US);
	ck_assert_uint_eq(f->sa[slot].missing, 0);
	ck_assert_uint_eq(f->sa[slot].owns, SA_PAIR_UC | SA_PAIR_US);
	ck_assert_uint_eq(old->sa[0].missing, SA_BIT_UC | SA_BIT_US);
	fx.n = 0;
	flow_take_spis(world, f, slot, now, &fx);
	ck_assert_uint_eq(fx.n, 0);
}
END_TEST

START_TEST(spis_of_another_subscriber_or_address_are_not_ones_own)
{
	struct phone bob = {.impi = "bob", .addr = "10", .uc = 6300, .us = 6301};
	struct flow_attempt a;
	struct flow_set *old;

	set_up(64);
	old = register_it(&alice, false, 600);
	a = with_spis_of(&bob, &old->sa[0]);
	ck_assert_uint_eq(flow_spis_in_use(world, &a), 0);
	alice.addr = "20";
	a = with_spis_of(&alice, &old->sa[0]);
	ck_assert_uint_eq(flow_spis_in_use(world, &a), 0);
}
END_TEST

UNIT_MAIN("flow pending", one_port_uc_belongs_to_one_identity,
	  an_address_that_another_phone_has_now_is_not_the_first_ones,
	  challenges_in_one_name_are_bounded,
	  a_subscriber_has_so_many_sets_and_may_replace_one_of_them,
	  a_full_table_says_so_before_the_home_network_is_asked,
	  own_spis_offered_again_wait_until_their_phone_is_heard,
	  spis_of_another_subscriber_or_address_are_not_ones_own,
	  challenges_in_many_names_leave_room_for_the_next,
	  an_spi_in_use_takes_no_registration_away)
