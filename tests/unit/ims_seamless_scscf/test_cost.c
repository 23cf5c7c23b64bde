/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What things cost, counted in steps: strangers must not be able to make them dear. */
#include <stdio.h>

#include "unit/ims_seamless_scscf/fixture.h"

#include "modules/ims_seamless_scscf/core/listing.h"
#include "modules/ims_seamless_scscf/core/lookup.h"
#include "modules/ims_seamless_scscf/core/notify_order.h"

#define MANY	    40000
#define TABLE_SIZE  65536u
#define FNV_PRIME   16777619u
#define ID_TEXT_MAX 24

static struct scscf_model *large_model(void)
{
	static const struct scscf_store heap = {.alloc = malloc, .release = free};
	struct scscf_model *m = malloc(sizeof(*m));

	ck_assert_int_eq(scscf_model_init(m, heap, &fixture_key, TABLE_SIZE, 1000), 0);
	return m;
}

/* What stands in for the inverse of a multiplication modulo 2^16. */
static uint32_t inverse(uint32_t odd)
{
	uint32_t x = odd;

	for (int i = 0; i < 5; i++)
		x *= 2 - odd * x;
	return x;
}

/* Two characters that give the FNV-1a hash h of a text the low 16 bits want; false: none do. */
static bool last_two(uint32_t h, uint32_t want, char out[2])
{
	uint32_t before = want * inverse(FNV_PRIME);

	for (uint32_t c2 = 'a'; c2 <= 'z'; c2++) {
		uint32_t c1 = (((before ^ c2) * inverse(FNV_PRIME)) ^ h) & 0xffff;

		if (c1 >= '0' && c1 <= 'z') {
			out[0] = (char)c1;
			out[1] = (char)c2;
			return true;
		}
	}
	return false;
}

/* The nth text of a stranger who knows the table's size and takes it for an FNV hash. */
static struct slice chosen(unsigned *n, char buf[ID_TEXT_MAX])
{
	for (;; ++*n) {
		int len = snprintf(buf, ID_TEXT_MAX - 2, "evil-%u-", *n);
		struct slice text = slice_make(buf, (size_t)len);

		if (!last_two(slice_hash(text), 0x1234, buf + len))
			continue;
		++*n;
		text.len += 2;
		ck_assert_uint_eq(slice_hash(text) & 0xffff, 0x1234);
		return text;
	}
}

static struct slice ordinary(unsigned *n, char buf[ID_TEXT_MAX])
{
	int len = snprintf(buf, ID_TEXT_MAX, "call-%u@ue", ++*n);

	return slice_make(buf, (size_t)len);
}

/* Steps to open and to find again MANY sessions with such Call-IDs. */
static uint64_t cost_of_sessions(struct slice (*next)(unsigned *, char *))
{
	struct scscf_model *m = large_model();
	char buf[ID_TEXT_MAX];
	enum scscf_session_side from;
	struct scscf_session *s;
	uint64_t steps;
	unsigned n = 0;

	for (int i = 0; i < MANY; i++) {
		struct scscf_session_info info = {.call_id = next(&n, buf), .from_tag = S("a")};

		ck_assert_int_eq(scscf_session_open(m, &info, 1000, &s), 0);
	}
	n = 0;
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_nonnull(scscf_session_find(m, next(&n, buf), S("a"), S("b"), &from));
	steps = m->counters.chain_steps;
	fixture_done(m);
	return steps;
}

START_TEST(chosen_call_ids_cost_no_more_than_ordinary_ones)
{
	uint64_t usual = cost_of_sessions(ordinary), evil = cost_of_sessions(chosen);

	ck_assert_msg(evil < usual + usual / 10, "%llu steps instead of %llu",
		      (unsigned long long)evil, (unsigned long long)usual);
	/* Of 40,000 in 65,536 chains each find looks at less than two. */
	ck_assert_uint_lt(usual, 2 * 2 * MANY);
}
END_TEST

START_TEST(one_call_id_with_many_tags_is_no_long_chain)
{
	struct scscf_model *m = large_model();
	char buf[ID_TEXT_MAX];
	struct scscf_session *s;
	unsigned n = 0;

	for (int i = 0; i < MANY; i++) {
		struct scscf_session_info info = {.call_id = S("one"),
						  .from_tag = ordinary(&n, buf)};

		ck_assert_int_eq(scscf_session_open(m, &info, 1000, &s), 0);
	}
	ck_assert_uint_lt(m->counters.chain_steps, 2 * MANY);
	/* Nor are Call-IDs that equal their tags. */
	m->counters.chain_steps = 0;
	for (int i = 0; i < MANY; i++) {
		struct scscf_session_info info = {.call_id = ordinary(&n, buf)};

		info.from_tag = info.call_id;
		ck_assert_int_eq(scscf_session_open(m, &info, 1000, &s), 0);
	}
	ck_assert_uint_lt(m->counters.chain_steps, 3 * MANY);
	fixture_done(m);
}
END_TEST

/* Register n users behind one address; returns the steps of the last REGISTER. */
static uint64_t cost_of_last_register(unsigned n)
{
	struct scscf_model *m = large_model();
	struct sip_contact_list list;
	struct scscf_register_request rq;
	static struct scscf_register_plan plan;
	struct scscf_register_refusal no;
	struct scscf_effects e;
	char impi[32], impu[48], contact[64];
	uint64_t before = 0;

	scscf_effects_init(&e);
	for (unsigned i = 0; i < n; i++) {
		snprintf(impi, sizeof(impi), "user%u@home1.net", i);
		snprintf(impu, sizeof(impu), "sip:user%u@home1.net", i);
		snprintf(contact, sizeof(contact), "<sip:192.0.2.1:%u>", 1024 + i);
		before = m->counters.chain_steps;
		fixture_request(slice_str(contact), SLICE_NULL, &list, &rq);
		rq.impi = slice_str(impi);
		rq.impu = slice_str(impu);
		ck_assert_int_eq(scscf_register_plan(m, &rq, &fixture_policy, &plan, &no), 0);
		ck_assert_int_eq(fixture_commit(m, &plan, &rq, 1000, &e), 0);
		scscf_effects_free(&e);
	}
	before = m->counters.chain_steps - before;
	fixture_done(m);
	return before;
}

START_TEST(a_register_costs_the_same_behind_an_address_that_thousands_share)
{
	uint64_t few = cost_of_last_register(1), many = cost_of_last_register(20000);

	/* Chains of identities differ by chance, not with the number of phones. */
	ck_assert_msg(many <= few + 40, "%llu steps instead of %llu", (unsigned long long)many,
		      (unsigned long long)few);
}
END_TEST

START_TEST(chosen_identities_cost_no_more_than_ordinary_ones)
{
	struct scscf_model *m = large_model();
	char buf[ID_TEXT_MAX];
	unsigned n = 0;

	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_null(scscf_model_subscriber(m, chosen(&n, buf)));
	for (int i = 0; i < 2000; i++) {
		struct slice impi = chosen(&n, buf), impus[] = {impi};

		fixture_bind(m, fixture_set(m, impi, impus, 1), OLD, PATH1, SLICE_NULL, 0);
	}
	ck_assert_uint_lt(m->counters.chain_steps, 20 * 2000);
	fixture_done(m);
}
END_TEST

struct seen {
	size_t n;
	uint64_t last;
};

static void count(const struct scscf_connection *c, void *arg)
{
	struct seen *s = arg;

	s->n++;
	s->last = c->id;
}

START_TEST(lists_come_in_pages_that_cost_what_they_hold)
{
	struct scscf_model *m = fixture_model();
	struct seen seen = {0};
	char impi[32];
	uint32_t at = 0;
	int pages = 0;

	for (int i = 0; i < 1000; i++) {
		struct slice impus[1];

		snprintf(impi, sizeof(impi), "user%d@home1.net", i);
		impus[0] = slice_str(impi);
		fixture_bind(m, fixture_set(m, impus[0], impus, 1), OLD, PATH1, SLICE_NULL, 0);
	}
	do {
		size_t before = seen.n;

		at = scscf_list_connections(m, at, 100, count, &seen);
		ck_assert_uint_le(seen.n - before, 100 + 3 * 1000 / m->hash_size);
		pages++;
	} while (at);
	ck_assert_uint_eq(seen.n, 1000);
	ck_assert_int_ge(pages, 9);
	ck_assert_int_le(pages, 11);
	ck_assert_uint_eq(scscf_list_connections(m, 1000000, 100, count, &seen), 0);
	fixture_done(m);
}
END_TEST

START_TEST(a_connection_is_found_by_its_id_without_a_search)
{
	struct scscf_model *m = large_model();
	struct slice impus[] = {IMPU1};

	fixture_bind(m, fixture_set(m, IMPI1, impus, 1), OLD, PATH1, SLICE_NULL, 0);
	ck_assert_ptr_eq(scscf_model_connection_by_id(m, fixture_at(m, IMPI1, OLD)->id),
			 fixture_at(m, IMPI1, OLD));
	ck_assert_ptr_null(scscf_model_connection_by_id(m, 4711));
	fixture_done(m);
}
END_TEST

/* 6,000 subscriptions: every one has its own place, whatever its Call-ID. */
START_TEST(subscriptions_do_not_share_places)
{
	struct scscf_store heap = {.alloc = malloc, .release = free};
	struct scscf_notify_order o;
	char buf[ID_TEXT_MAX];
	unsigned n = 0;

	ck_assert_int_eq(scscf_notify_order_init(&o, &heap, &fixture_key, 8192), 0);
	for (int i = 0; i < 6000; i++)
		scscf_notify_order_answered(&o, chosen(&n, buf), S("t"), (uint32_t)i + 10);
	n = 0;
	for (int i = 0; i < 6000; i++) {
		struct slice call = chosen(&n, buf);

		ck_assert(scscf_notify_order_clear(&o, call, S("t"), (uint32_t)i + 10, 2));
		ck_assert(!scscf_notify_order_clear(&o, call, S("t"), (uint32_t)i + 11, 2));
	}
	ck_assert_uint_eq(o.n, 6000);
	ck_assert_uint_lt(o.steps, 3 * 18000);
	scscf_notify_order_free(&o);
	ck_assert_uint_eq(heap.used, 0);
}
END_TEST

UNIT_MAIN("cost", chosen_call_ids_cost_no_more_than_ordinary_ones,
	  one_call_id_with_many_tags_is_no_long_chain,
	  a_register_costs_the_same_behind_an_address_that_thousands_share,
	  chosen_identities_cost_no_more_than_ordinary_ones,
	  lists_come_in_pages_that_cost_what_they_hold,
	  a_connection_is_found_by_its_id_without_a_search, subscriptions_do_not_share_places)
