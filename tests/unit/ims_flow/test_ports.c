/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phones behind one address that take each other's ports as soon as they are released: long random
 * histories, and after each step the table and the kernel must agree, and no registration may be
 * gone that its owner has not ended.
 */
#include "unit/unit.h"
#include "unit/ims_flow/world.h"
#include "modules/ims_flow/core/flow_pending.h"

#define PHONES	  4
#define HISTORIES 40
#define STEPS	  500

static struct phone phones[PHONES];
static bool registered[PHONES];
static int64_t expires[PHONES];

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % n;
}

static struct flow_set *set_of(unsigned i)
{
	return phones[i].id ? flow_by_id(world, phones[i].id) : NULL;
}

/* What claims a pair most: in use before new before old before temporary, the younger first; where
 * the flow set has ended after temporary for port_uc, before it for port_us. */
static int strength(const struct flow_set *f, const struct sa_set *sa, uint8_t pair)
{
	return f->state == FLOW_CLOSING ? (pair == SA_PAIR_UC ? 0 : 2)
	       : sa->state == SA_IN_USE ? 5
	       : sa->state == SA_NEW	? 4
	       : sa->state == SA_OLD	? 3
					: 1;
}

static void check_pair(uint16_t port, uint8_t pair)
{
	const struct flow_set *whose = NULL;
	const struct sa_set *best = NULL;
	unsigned owners = 0;

	for (uint32_t n = 0; n < flow_table_max(world); n++) {
		const struct flow_set *f = flow_at(world, n);

		for (int i = 0; f && i < FLOW_SA_SETS; i++) {
			const struct sa_set *sa = &f->sa[i];

			if (sa->state == SA_FREE ||
			    (pair == SA_PAIR_UC ? sa->port_uc : sa->port_us) != port)
				continue;
			owners += (sa->owns & pair) != 0;
			if (!best || strength(f, sa, pair) > strength(whose, best, pair) ||
			    (strength(f, sa, pair) == strength(whose, best, pair) &&
			     sa->made_ms > best->made_ms)) {
				best = sa;
				whose = f;
			}
		}
	}
	ck_assert_uint_le(owners, 1);
	if (!best) {
		ck_assert_uint_eq(kernel_pair_owner("10", port, pair), 0);
		return;
	}
	ck_assert_uint_ne(kernel_pair_owner("10", port, pair), 0);
	for (uint32_t n = 0; n < flow_table_max(world); n++) {
		const struct flow_set *f = flow_at(world, n);

		for (int i = 0; f && i < FLOW_SA_SETS; i++)
			if (f->sa[i].state != SA_FREE &&
			    f->sa[i].spi_ps == kernel_pair_owner("10", port, pair)) {
				ck_assert_int_eq(strength(f, &f->sa[i], pair),
						 strength(whose, best, pair));
				ck_assert_int_eq(f->sa[i].made_ms, best->made_ms);
				ck_assert(f->sa[i].owns & pair);
				return;
			}
	}
	ck_abort_msg("the policy of port %u names nobody", port);
}

static void check_all(void)
{
	unsigned sets = 0;

	for (uint32_t n = 0; n < flow_table_max(world); n++) {
		const struct flow_set *f = flow_at(world, n);

		for (int i = 0; f && i < FLOW_SA_SETS; i++)
			sets += f->sa[i].state != SA_FREE;
	}
	ck_assert_uint_eq(kernel_sa_sets(), sets);
	for (uint16_t port = 6100; port < 6106; port++) {
		check_pair(port, SA_PAIR_UC);
		check_pair(port, SA_PAIR_US);
	}
	for (unsigned i = 0; i < PHONES; i++) {
		struct flow_set *f = set_of(i);
		int slot;

		if (!registered[i] || now >= expires[i])
			continue;
		ck_assert_msg(f != NULL, "phone %u is registered, and its set has vanished", i);
		ck_assert_int_eq(f->state, FLOW_ACTIVE);
		slot = flow_sending_slot(f);
		ck_assert_int_ge(slot, 0);
		ck_assert_ptr_nonnull(flow_by_received(world, &f->ue, f->sa[slot].port_uc,
						       &f->local, PORT_PS, 17, &slot));
	}
}

/* Whether no other registered phone has the ports of this one. */
static bool ports_are_free(unsigned me)
{
	struct flow_attempt a = attempt_of(&phones[me], false);

	return !flow_port_taken(world, &a);
}

/* Another port pair, released a moment ago, perhaps; now and then one that others have. */
static void take_ports(unsigned me)
{
	do {
		unsigned p = pick(3) * 2;

		phones[me].uc = (uint16_t)(6100 + p);
		phones[me].us = (uint16_t)(6101 + p);
	} while (!ports_are_free(me) && pick(4));
}

/* Another one has them: the challenge comes to nothing, and to no harm. */
static void be_turned_away(unsigned me, bool over)
{
	struct flow_attempt a = attempt_of(&phones[me], over);
	struct flow_set *f;
	unsigned slot;

	ck_assert_int_eq(flow_challenge(world, &a, &timers, now, &fx, &f, &slot), FLOW_LIFE_TAKEN);
	carry_out();
}

static void deregister(unsigned i)
{
	struct flow_attempt a;

	challenge(&phones[i], true);
	phones[i].spi_ps = phones[i].temp_spi;
	a = attempt_of(&phones[i], true);
	flow_deregister(world, &a, &timers, now, &fx);
	carry_out();
	registered[i] = false;
}

static void refuse(unsigned i)
{
	struct phone other = phones[i];
	struct flow_attempt a;

	challenge(&other, registered[i]);
	other.spi_ps = other.temp_spi;
	a = attempt_of(&other, true);
	flow_refuse(world, &a, &timers, now, &fx);
	carry_out();
}

static void step(void)
{
	unsigned i = pick(PHONES);

	switch (pick(8)) {
	case 0:
	case 1: /* initial, or a phone that was restarted */
		take_ports(i);
		if (!ports_are_free(i)) {
			be_turned_away(i, false);
			break;
		}
		register_it(&phones[i], false, 60);
		registered[i] = true;
		expires[i] = now + 60000;
		break;
	case 2: /* re-authentication */
		if (!registered[i] || !set_of(i))
			break;
		if (pick(2))
			take_ports(i);
		if (!ports_are_free(i)) {
			be_turned_away(i, true);
			break;
		}
		register_it(&phones[i], true, 60);
		expires[i] = now + 60000;
		break;
	case 3:
		if (registered[i] && set_of(i) && ports_are_free(i))
			deregister(i);
		break;
	case 4:
		if ((!registered[i] || set_of(i)) && ports_are_free(i))
			refuse(i);
		break;
	case 5: /* dropped by command */
		if (!registered[i] || !set_of(i))
			break;
		flow_drop(world, set_of(i), "dropped", &timers, now, &fx);
		carry_out();
		registered[i] = false;
		break;
	case 6:
		if (registered[i] && set_of(i))
			use(&phones[i], phones[i].spi_ps);
		break;
	default:
		pass(pick(3) ? pick(3000) : pick(40000));
		break;
	}
}

static void history(uint64_t number)
{
	static const char *const impis[PHONES] = {"alice", "bob", "carol", "dave"};

	seed = number;
	world_new(128);
	for (unsigned i = 0; i < PHONES; i++) {
		phones[i] = (struct phone){.impi = impis[i], .addr = "10", .uc = 6100, .us = 6101};
		registered[i] = false;
	}
	for (unsigned n = 0; n < STEPS; n++) {
		step();
		check_all();
		for (unsigned i = 0; i < PHONES; i++)
			if (registered[i] && now >= expires[i])
				registered[i] = false;
	}
	pass(400000);
	ck_assert_uint_eq(flow_table_count(world), 0);
	ck_assert_uint_eq(kernel_sa_sets(), 0);
	ck_assert_uint_eq(kernel_pairs(), 0);
}

START_TEST(ports_pass_from_phone_to_phone)
{
	for (uint64_t number = 1; number <= HISTORIES; number++)
		history(number);
}
END_TEST

UNIT_MAIN("flow ports", ports_pass_from_phone_to_phone)
