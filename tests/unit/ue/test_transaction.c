/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machines of RFC 3261 17, clause by clause, with a driven clock. */
#include "ue/transaction.h"
#include "unit/unit.h"

static const struct tx_timers rfc = {500, 4000, 5000};

static struct tx_fsm start(enum tx_kind kind, bool reliable, unsigned wanted)
{
	struct tx_fsm t;

	ck_assert_uint_eq(tx_start(&t, kind, reliable, &rfc, 1000), wanted);
	return t;
}

/* When the retransmissions happen until it ends, relative to the start. */
static void retransmits(struct tx_fsm *t, const unsigned *at, unsigned n, unsigned end,
			unsigned todo)
{
	for (unsigned i = 0; i < n; i++) {
		ck_assert_uint_eq(tx_next(t), 1000 + at[i]);
		ck_assert_uint_eq(tx_tick(t, tx_next(t) - 1), 0);
		ck_assert_uint_eq(tx_tick(t, tx_next(t)), TX_SEND);
	}
	ck_assert_uint_eq(tx_next(t), 1000 + end);
	ck_assert_uint_eq(tx_tick(t, 1000 + end), todo);
	ck_assert_int_eq(t->state, TX_TERMINATED);
}

START_TEST(invite_client_doubles_timer_a_and_gives_up_with_timer_b)
{
	static const unsigned at[] = {500, 1500, 3500, 7500, 15500, 31500};
	struct tx_fsm t = start(TX_INVITE_CLIENT, false, TX_SEND);

	retransmits(&t, at, 6, 32000, TX_TIMEOUT | TX_FREE);
}
END_TEST

START_TEST(client_caps_timer_e_at_t2_and_gives_up_with_timer_f)
{
	static const unsigned at[] = {500,   1500,  3500,  7500,  11500,
				      15500, 19500, 23500, 27500, 31500};
	struct tx_fsm t = start(TX_CLIENT, false, TX_SEND);

	retransmits(&t, at, 10, 32000, TX_TIMEOUT | TX_FREE);
}
END_TEST

START_TEST(nothing_is_repeated_over_tcp)
{
	struct tx_fsm t = start(TX_CLIENT, true, TX_SEND);

	retransmits(&t, NULL, 0, 32000, TX_TIMEOUT | TX_FREE);
	t = start(TX_INVITE_CLIENT, true, TX_SEND);
	retransmits(&t, NULL, 0, 32000, TX_TIMEOUT | TX_FREE);
}
END_TEST

START_TEST(a_provisional_response_stops_invite_but_not_others)
{
	struct tx_fsm t = start(TX_INVITE_CLIENT, false, TX_SEND);

	ck_assert_uint_eq(tx_response(&t, 180, 1100), TX_PASS);
	ck_assert_int_eq(t.state, TX_PROCEEDING);
	ck_assert_uint_eq(tx_next(&t), TX_NEVER);
	t = start(TX_CLIENT, false, TX_SEND);
	ck_assert_uint_eq(tx_response(&t, 100, 1100), TX_PASS);
	ck_assert_uint_eq(tx_tick(&t, 1500), TX_SEND);
	ck_assert_uint_eq(tx_next(&t), 1500 + 4000); /* 17.1.2.2: T2 in Proceeding */
}
END_TEST

START_TEST(a_2xx_to_invite_is_passed_every_time)
{
	struct tx_fsm t = start(TX_INVITE_CLIENT, false, TX_SEND);

	ck_assert_uint_eq(tx_response(&t, 200, 2000), TX_PASS);
	ck_assert_int_eq(t.state, TX_ACCEPTED);
	ck_assert_uint_eq(tx_response(&t, 200, 2500), TX_PASS);
	ck_assert_uint_eq(tx_response(&t, 486, 2500), 0);
	ck_assert_uint_eq(tx_tick(&t, 2000 + 32000), TX_FREE);
}
END_TEST

START_TEST(a_refused_invite_is_acknowledged_every_time)
{
	struct tx_fsm t = start(TX_INVITE_CLIENT, false, TX_SEND);

	ck_assert_uint_eq(tx_response(&t, 486, 2000), TX_PASS | TX_ACK);
	ck_assert_uint_eq(tx_response(&t, 486, 2500), TX_ACK);
	ck_assert_uint_eq(tx_response(&t, 200, 2500), 0);
	ck_assert_uint_eq(tx_tick(&t, 2000 + 32000), TX_FREE); /* timer D */
	t = start(TX_INVITE_CLIENT, true, TX_SEND);
	ck_assert_uint_eq(tx_response(&t, 486, 2000), TX_PASS | TX_ACK | TX_FREE);
}
END_TEST

START_TEST(client_absorbs_repeated_answers_for_timer_k)
{
	struct tx_fsm t = start(TX_CLIENT, false, TX_SEND);

	ck_assert_uint_eq(tx_response(&t, 200, 2000), TX_PASS);
	ck_assert_uint_eq(tx_response(&t, 200, 2100), 0);
	ck_assert_uint_eq(tx_tick(&t, 7000), TX_FREE);
	t = start(TX_CLIENT, true, TX_SEND);
	ck_assert_uint_eq(tx_response(&t, 200, 2000), TX_PASS | TX_FREE);
}
END_TEST

START_TEST(server_repeats_its_answer_when_asked_again)
{
	struct tx_fsm t = start(TX_SERVER, false, TX_PASS);

	ck_assert_uint_eq(tx_request_again(&t, 1100), 0);
	ck_assert_uint_eq(tx_reply(&t, 200, 1200), TX_SEND);
	ck_assert_uint_eq(tx_request_again(&t, 1300), TX_SEND);
	ck_assert_uint_eq(tx_reply(&t, 200, 1400), 0);	       /* only one final response */
	ck_assert_uint_eq(tx_tick(&t, 1200 + 32000), TX_FREE); /* timer J */
	t = start(TX_SERVER, true, TX_PASS);
	ck_assert_uint_eq(tx_reply(&t, 200, 1200), TX_SEND | TX_FREE);
}
END_TEST

START_TEST(invite_server_repeats_a_refusal_until_its_ack)
{
	struct tx_fsm t = start(TX_INVITE_SERVER, false, TX_PASS);

	ck_assert_uint_eq(tx_reply(&t, 180, 1000), TX_SEND);
	ck_assert_uint_eq(tx_request_again(&t, 1001), TX_SEND);
	ck_assert_uint_eq(tx_reply(&t, 486, 1000), TX_SEND);
	ck_assert_uint_eq(tx_tick(&t, 1500), TX_SEND); /* timer G */
	ck_assert_uint_eq(tx_next(&t), 2500);
	ck_assert_uint_eq(tx_ack(&t, 2000), 0);
	ck_assert_int_eq(t.state, TX_CONFIRMED);
	ck_assert_uint_eq(tx_tick(&t, 2500), 0);
	ck_assert_uint_eq(tx_tick(&t, 7000), TX_FREE); /* timer I */
}
END_TEST

START_TEST(invite_server_repeats_a_2xx_until_its_ack_even_over_tcp)
{
	struct tx_fsm t = start(TX_INVITE_SERVER, true, TX_PASS);

	ck_assert_uint_eq(tx_reply(&t, 200, 1000), TX_SEND);
	ck_assert_uint_eq(tx_tick(&t, 1500), TX_SEND);
	ck_assert_uint_eq(tx_ack(&t, 1600), TX_PASS);
	ck_assert_uint_eq(tx_ack(&t, 1700), 0);
	ck_assert_uint_eq(tx_next(&t), 1000 + 32000);
	ck_assert_uint_eq(tx_tick(&t, 33000), TX_FREE);
	t = start(TX_INVITE_SERVER, false, TX_PASS);
	tx_reply(&t, 200, 1000);
	ck_assert_uint_eq(tx_tick(&t, 33000), TX_FREE | TX_TIMEOUT); /* no ACK ever */
}
END_TEST

START_TEST(a_broken_connection_ends_it)
{
	struct tx_fsm t = start(TX_CLIENT, true, TX_SEND);

	ck_assert_uint_eq(tx_transport_error(&t), TX_TIMEOUT | TX_FREE);
	ck_assert_int_eq(t.state, TX_TERMINATED);
	ck_assert_uint_eq(tx_response(&t, 200, 1), 0);
}
END_TEST

UNIT_MAIN("ims-ue: transactions", invite_client_doubles_timer_a_and_gives_up_with_timer_b,
	  client_caps_timer_e_at_t2_and_gives_up_with_timer_f, nothing_is_repeated_over_tcp,
	  a_provisional_response_stops_invite_but_not_others, a_2xx_to_invite_is_passed_every_time,
	  a_refused_invite_is_acknowledged_every_time, client_absorbs_repeated_answers_for_timer_k,
	  server_repeats_its_answer_when_asked_again, invite_server_repeats_a_refusal_until_its_ack,
	  invite_server_repeats_a_2xx_until_its_ack_even_over_tcp, a_broken_connection_ends_it)
