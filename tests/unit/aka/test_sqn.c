/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/unit.h"
#include "aka/sqn.h"

START_TEST(each_vector_takes_the_next_seq_and_ind)
{
	uint64_t sqn = sqn_make(7, 30), next;

	ck_assert_int_eq(sqn_he_next(sqn, &next), 0);
	ck_assert_uint_eq(next, sqn_make(8, 31));
	ck_assert_int_eq(sqn_he_next(next, &next), 0);
	ck_assert_uint_eq(next, sqn_make(9, 0));
	ck_assert_int_eq(sqn_he_next(SQN_MAX, &next), AKA_EWRAP);
	ck_assert_uint_eq(next, sqn_make(9, 0));
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
		ck_assert_int_eq(sqn_he_next(next, &next), 0);
		ck_assert_int_eq(sqn_ms_accept(&ms, next), 0);
	}
}
END_TEST

UNIT_MAIN("sqn", each_vector_takes_the_next_seq_and_ind, a_number_is_accepted_once,
	  another_ind_may_come_late, a_leap_over_delta_is_refused,
	  resync_keeps_a_good_counter_and_replaces_a_bad_one,
	  after_resync_the_next_number_is_accepted)
