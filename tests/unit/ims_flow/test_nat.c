/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones behind a NAT: their address is inside, and they say it themselves. */
#include "unit/unit.h"
#include "unit/ims_flow/world.h"

static struct phone alice, bob;
static const struct netaddr nat = {.family = 4, .ip = {10, 1, 0, 77}};
static const struct netaddr other_nat = {.family = 4, .ip = {10, 1, 0, 78}};
static const struct netaddr inside = {.family = 4, .ip = {10, 1, 0, 10}};

static void set_up(void)
{
	world_new(64);
	alice = (struct phone){.impi = "alice", .addr = "10", .nat = "77", .uc = 6100, .us = 6101};
	bob = (struct phone){.impi = "bob", .addr = "10", .nat = "77", .uc = 6200, .us = 6201};
}

static int try_challenge(struct phone *p)
{
	struct flow_attempt a = attempt_of(p, false);
	struct flow_set *f;
	unsigned slot;
	int rc = flow_challenge(world, &a, &timers, now, &fx, &f, &slot);

	if (rc == FLOW_LIFE_OK) /* it was only asked for */
		flow_unchallenge(world, f, slot, &fx);
	fx.n = 0;
	return rc;
}

START_TEST(the_nats_port_is_learned_from_what_comes)
{
	set_up();
	challenge(&alice, false);
	ck_assert_uint_eq(kernel_encap_port("10", alice.temp_spi), 4500);
	ck_assert(flow_mapped(world, &inside, 6100, alice.temp_spi, &nat, 31234, &fx));
	carry_out();
	ck_assert_uint_eq(kernel_encap_port("10", alice.temp_spi), 31234);
	accept_it(&alice, 600);
	/* Again the same: nothing to tell the kernel. */
	ck_assert(flow_mapped(world, &inside, 6100, alice.spi_ps, &nat, 31234, &fx));
	ck_assert_uint_eq(fx.n, 0);
	ck_assert(flow_mapped(world, &inside, 6100, alice.spi_ps, &nat, 31235, &fx));
	carry_out();
	ck_assert_uint_eq(kernel_encap_port("10", alice.spi_ps), 31235);
}
END_TEST

START_TEST(another_nat_changes_nothing)
{
	set_up();
	register_it(&alice, false, 600);
	ck_assert(!flow_mapped(world, &inside, 6100, alice.spi_ps, &other_nat, 31234, &fx));
	ck_assert(!flow_mapped(world, &inside, 6100, alice.spi_ps + 1000, &nat, 31234, &fx));
	ck_assert(!flow_mapped(world, &inside, 6999, alice.spi_ps, &nat, 31234, &fx));
	ck_assert_uint_eq(fx.n, 0);
	ck_assert_uint_eq(kernel_encap_port("10", alice.spi_ps), 4500);
}
END_TEST

START_TEST(two_behind_one_nat_and_one_address_inside)
{
	set_up();
	register_it(&alice, false, 600);
	register_it(&bob, false, 600);
	ck_assert_uint_eq(kernel_sa_sets(), 2);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	ck_assert_uint_eq(kernel_pair_owner("10", 6201, SA_PAIR_US), bob.spi_ps);
}
END_TEST

START_TEST(nobody_claims_the_address_and_port_of_another)
{
	struct phone direct = {.impi = "carol", .addr = "20", .uc = 6300, .us = 6301};

	set_up();
	register_it(&alice, false, 600);
	bob.uc = alice.uc;
	ck_assert_int_eq(try_challenge(&bob), FLOW_LIFE_TAKEN);
	bob.uc = 6200;
	bob.us = alice.us;
	ck_assert_int_eq(try_challenge(&bob), FLOW_LIFE_TAKEN);
	/* From another NAT, too, where the same addresses are used again. */
	bob.nat = "78";
	ck_assert_int_eq(try_challenge(&bob), FLOW_LIFE_TAKEN);
	bob.us = 6201;
	ck_assert_int_eq(try_challenge(&bob), FLOW_LIFE_OK);
	/* Nor that of a phone whose address the network vouches for. */
	register_it(&direct, false, 600);
	bob.addr = "20";
	bob.uc = direct.uc;
	ck_assert_int_eq(try_challenge(&bob), FLOW_LIFE_TAKEN);
	/* The phone itself after it lost its state. */
	ck_assert_int_eq(try_challenge(&alice), FLOW_LIFE_OK);
}
END_TEST

START_TEST(the_network_vouches_for_an_address_that_is_not_inside)
{
	struct phone direct = {.impi = "carol", .addr = "10", .uc = 6100, .us = 6101};

	set_up();
	register_it(&alice, false, 600);
	challenge(&direct, false);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), alice.spi_ps);
	accept_it(&direct, 600);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), direct.spi_ps);
	ck_assert_uint_eq(kernel_pair_owner("10", 6100, SA_PAIR_UC), direct.spi_ps);
	ck_assert(!flow_alive(flow_by_id(world, alice.id)));
	pass(33000);
	ck_assert_uint_eq(kernel_pair_owner("10", 6101, SA_PAIR_US), direct.spi_ps);
	ck_assert_uint_eq(kernel_sa_sets(), 1);
}
END_TEST

UNIT_MAIN("flow nat", the_nats_port_is_learned_from_what_comes, another_nat_changes_nothing,
	  two_behind_one_nat_and_one_address_inside, nobody_claims_the_address_and_port_of_another,
	  the_network_vouches_for_an_address_that_is_not_inside)
