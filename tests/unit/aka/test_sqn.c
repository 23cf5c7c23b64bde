/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "aka/sqn.h"

START_TEST(each_vector_takes_the_next_seq_and_ind)
{
	uint64_t sqn = sqn_make(7, 30), next;

	ck_assert_int_eq(sqn_he_next(sqn, SQN_WHOLE, &next), 0);
	ck_assert_uint_eq(next, sqn_make(8, 31));
	ck_assert_int_eq(sqn_he_next(next, SQN_WHOLE, &next), 0);
	ck_assert_uint_eq(next, sqn_make(9, 0));
	ck_assert_int_eq(sqn_he_next(SQN_MAX, SQN_WHOLE, &next), AKA_EWRAP);
	ck_assert_uint_eq(next, sqn_make(9, 0));
}
END_TEST

START_TEST(a_range_of_ind_is_kept_to)
{
	static const struct sqn_range ranges[] = {{4, 6}, {0, 0}, {31, 31}, {16, 31}};

	for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++)
		for (unsigned int ind = 0; ind < SQN_IND_COUNT; ind++) {
			uint64_t sqn = sqn_make(9, ind), seen = 0;

			for (uint64_t n = 1; n <= SQN_IND_COUNT; n++) {
				ck_assert_int_eq(sqn_he_next(sqn, ranges[r], &sqn), 0);
				ck_assert_uint_eq(sqn_seq(sqn), 9 + n);
				ck_assert(sqn_ind(sqn) >= ranges[r].first &&
					  sqn_ind(sqn) <= ranges[r].last);
				seen |= UINT64_C(1) << sqn_ind(sqn);
			}
			ck_assert_int_eq(__builtin_popcountll(seen),
					 (int)(ranges[r].last - ranges[r].first + 1));
		}
}
END_TEST

/* What was set aside and lost leaves no IND out. */
START_TEST(after_a_step_the_next_ind_follows)
{
	for (unsigned int first = 0; first < SQN_IND_COUNT; first++)
		for (unsigned int last = first; last < SQN_IND_COUNT; last++) {
			struct sqn_range range = {first, last};
			uint64_t sqn = sqn_make(9, first), next, after;
			unsigned int step = sqn_step(range);

			ck_assert_uint_gt(step, SQN_IND_COUNT);
			ck_assert_int_eq(sqn_he_next(sqn, range, &next), 0);
			after = sqn_he_after(sqn, range, step);
			ck_assert_uint_eq(sqn_seq(after), 9 + step);
			ck_assert_uint_eq(sqn_ind(after), sqn_ind(next));
		}
	ck_assert_uint_eq(sqn_seq(sqn_he_after(SQN_MAX, SQN_WHOLE, 33)), sqn_seq(SQN_MAX));
}
END_TEST

/*
 * Two AuCs, each with a counter of its own, and one card that is attached to EPS or registered in IMS
 * in no order. Returns how many of n had to resynchronise.
 */
static int resynchronisations(struct sqn_range eps, struct sqn_range ims, int n)
{
	const struct sqn_range range[] = {eps, ims};
	uint64_t counter[2] = {0, 0}, random = 1;
	struct sqn_ms card = {{0}, 0};
	int count = 0;

	for (int i = 0; i < n; i++) {
		unsigned int who;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		who = (unsigned int)(random >> 63);
		ck_assert_int_eq(sqn_he_next(counter[who], range[who], &counter[who]), 0);
		if (sqn_ms_accept(&card, counter[who]) == 0)
			continue;
		count++;
		counter[who] = sqn_he_resync(counter[who], sqn_ms_highest(&card));
		ck_assert_int_eq(sqn_he_next(counter[who], range[who], &counter[who]), 0);
		ck_assert_int_eq(sqn_ms_accept(&card, counter[who]), 0);
	}
	return count;
}

START_TEST(two_aucs_share_a_card_by_ranges_of_ind)
{
	struct sqn_range low = {0, 15}, high = {16, 31}, one = {0, 0}, rest = {1, 31};

	ck_assert_int_gt(resynchronisations(SQN_WHOLE, SQN_WHOLE, 500), 100);
	ck_assert_int_eq(resynchronisations(low, high, 500), 0);
	ck_assert_int_eq(resynchronisations(one, rest, 500), 0); /* one that does not step IND */
}
END_TEST

START_TEST(a_number_is_accepted_once)
{
	struct sqn_ms ms = {{0}, 0};

	ck_assert_int_eq(sqn_ms_accept(&ms, 0), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(5, 3)), 0);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(5, 3)), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(4, 3)), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(6, 3)), 0);
	ck_assert_uint_eq(sqn_ms_highest(&ms), sqn_make(6, 3));
}
END_TEST

START_TEST(another_ind_may_come_late)
{
	struct sqn_ms ms = {{0}, 0};

	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(100, 4)), 0);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(98, 2)), 0);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(98, 2)), AKA_ESYNC);
	ck_assert_uint_eq(sqn_ms_highest(&ms), sqn_make(100, 4));
	ms.age_limit = 10;
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(90, 7)), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(91, 7)), 0);
}
END_TEST

START_TEST(a_leap_over_delta_is_refused)
{
	struct sqn_ms ms = {{0}, 0};

	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(SQN_DELTA + 1, 0)), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(SQN_DELTA, 0)), 0);
	ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(2 * SQN_DELTA + 1, 1)), AKA_ESYNC);
	ck_assert_int_eq(sqn_ms_accept(&ms, SQN_MAX + 1), AKA_ESYNC);
	ck_assert_uint_eq(sqn_ms_highest(&ms), sqn_make(SQN_DELTA, 0));
}
END_TEST

START_TEST(resync_keeps_a_good_counter_and_replaces_a_bad_one)
{
	/* the card is ahead: its number counts */
	ck_assert_uint_eq(sqn_he_resync(sqn_make(5, 0), sqn_make(9, 1)), sqn_make(9, 1));
	/* the HSS is ahead already (a lost answer): keep */
	ck_assert_uint_eq(sqn_he_resync(sqn_make(12, 0), sqn_make(9, 1)), sqn_make(12, 0));
	ck_assert_uint_eq(sqn_he_resync(sqn_make(9, 1), sqn_make(9, 1)), sqn_make(9, 1));
	/* the HSS is so far ahead that the card believes nothing: go back */
	ck_assert_uint_eq(sqn_he_resync(sqn_make(SQN_DELTA + 9, 0), sqn_make(9, 1)),
			  sqn_make(9, 1));
	ck_assert_uint_eq(sqn_he_resync(SQN_MAX, sqn_make(9, 1)), sqn_make(9, 1));
}
END_TEST

START_TEST(after_resync_the_next_number_is_accepted)
{
	const uint64_t he[] = {0, 32, sqn_make(1000, 5), sqn_make(SQN_DELTA * 3, 9)};

	for (size_t i = 0; i < sizeof(he) / sizeof(he[0]); i++) {
		struct sqn_ms ms = {{0}, 0};
		uint64_t next;

		ck_assert_int_eq(sqn_ms_accept(&ms, sqn_make(1000, 5)), 0);
		next = sqn_he_resync(he[i], sqn_ms_highest(&ms));
		ck_assert_int_eq(sqn_he_next(next, SQN_WHOLE, &next), 0);
		ck_assert_int_eq(sqn_ms_accept(&ms, next), 0);
	}
}
END_TEST

UNIT_MAIN("sqn", each_vector_takes_the_next_seq_and_ind, a_range_of_ind_is_kept_to,
	  after_a_step_the_next_ind_follows, two_aucs_share_a_card_by_ranges_of_ind,
	  a_number_is_accepted_once, another_ind_may_come_late, a_leap_over_delta_is_refused,
	  resync_keeps_a_good_counter_and_replaces_a_bad_one,
	  after_resync_the_next_number_is_accepted)
