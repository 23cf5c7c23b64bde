/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model_fixture.h"

START_TEST(a_registration_makes_a_connection_and_one_subscription)
{
	struct pcscf_todo todo;
	struct pcscf_counts n;

	pcscf_start();
	ck_assert_int_eq(register_over(1, ALICE, WLAN), 0);
	ck_assert_int_eq(register_over(1, ALICE, WLAN), 0);
	ck_assert_int_eq(register_over(2, ALICE, LTE), 0);
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.connections, 2);
	ck_assert_uint_eq(n.subscriptions, 1);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	ck_assert_str_eq(todo.subscribe.identity, ALICE);
	ck_assert_str_eq(todo.subscribe.next_hop, "sip:10.0.0.4:5060");
	ck_assert_uint_eq(todo.subscribe.expires, 600000);
	ck_assert_str_eq(todo.subscribe.remote_tag, "");
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(an_inactive_connection_is_held_for_linger_and_grace_then_dropped)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 30));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	ck_assert(pcscf_asked(PCSCF_TODO_HOLD, &todo));
	ck_assert_uint_eq(todo.set_id, 1);
	ck_assert_int_eq(todo.until_ms, fixture_now + 35000);
	pcscf_pass(34000);
	pcscf_nothing_asked();
	pcscf_pass(1500);
	ck_assert(pcscf_next_todo(fixture_model, &todo));
	while (todo.kind != PCSCF_TODO_DROP)
		ck_assert(pcscf_next_todo(fixture_model, &todo));
	ck_assert_uint_eq(todo.set_id, 1);
	ck_assert_str_eq(todo.cause, PCSCF_CAUSE_LINGER_OVER);
	ck_assert_str_eq(todo.identity, ALICE);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_GONE);
	pcscf_stop();
}
END_TEST

START_TEST(the_end_of_lingering_drops_at_once)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	notify(&s,
	       row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 3000));
	notify(&s, row(&r, 2, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_TERMINATED, 0));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_pass(3000);
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	ck_assert_str_eq(todo.cause, PCSCF_CAUSE_TERMINATED);
	pcscf_stop();
}
END_TEST

START_TEST(a_contact_that_ends_without_linger_takes_its_set_along)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct pcscf_counts n;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_over(2, ALICE, LTE);
	notify_active(&s, ALICE, WLAN);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	ck_assert_int_eq(state_of(2), PCSCF_CONN_ACTIVE);
	pcscf_pass(3000);
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	ck_assert_uint_eq(todo.set_id, 1);
	pcscf_nothing_asked();
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.connections, 1);
	ck_assert_uint_eq(n.subscriptions, 1);
	pcscf_stop();
}
END_TEST

START_TEST(the_network_ends_a_registration_without_naming_contacts)
{
	struct reginfo_registration gone = {SLICE_LIT(ALICE), SLICE_LIT("a"),
					    REGINFO_REG_TERMINATED, NULL, 0};
	struct reginfo_doc doc = {
	    .version = 1, .full = true, .registrations = &gone, .registrations_n = 1};
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct pcscf_counts n;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_over(2, ALICE, LTE);
	notify_active(&s, ALICE, WLAN);
	pcscf_pass(6000);
	while (pcscf_next_todo(fixture_model, &todo))
		answer(&todo.subscribe, 200);
	notify(&s, &doc);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	ck_assert_int_eq(state_of(2), PCSCF_CONN_DRAINING);
	pcscf_pass(3000);
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.connections, 0);
	ck_assert_uint_eq(n.subscriptions, 0);
	pcscf_stop();
}
END_TEST

START_TEST(a_full_document_from_before_the_registration_ends_nothing)
{
	struct pcscf_subscribe s, again;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_over(2, ALICE, LTE);
	notify_active(&s, ALICE, WLAN); /* does not know LTE yet */
	ck_assert_int_eq(state_of(2), PCSCF_CONN_ACTIVE);
	pcscf_pass(6000);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo)); /* full state is asked for */
	again = todo.subscribe;
	ck_assert_str_eq(again.call_id, s.call_id);
	ck_assert_str_eq(again.remote_tag, "srv");
	answer(&again, 200);
	row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_ACTIVE, REGINFO_CONN_NONE, 0);
	r.doc.full = true;
	notify(&s, &r.doc); /* still not there: it is gone */
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	ck_assert_int_eq(state_of(2), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(a_connection_lives_while_one_identity_is_bound)
{
	struct pcscf_subscribe s, s2;
	struct pcscf_counts n;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_and_subscribe(1, ALICE2, WLAN, &s2);
	notify_active(&s, ALICE, WLAN);
	notify_active(&s2, ALICE2, WLAN);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 30));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	notify(&s2,
	       row(&r, 1, ALICE2, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE, 20));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.inactive, 1);
	/* Registered again over the same SAs: active, and nothing is dropped later. */
	register_over(1, ALICE, WLAN);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	pcscf_pass(60000);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	pcscf_stop();
}
END_TEST

START_TEST(an_identity_that_leaves_a_shared_connection_is_no_longer_watched)
{
	struct pcscf_subscribe s, s2;
	struct pcscf_todo todo;
	struct pcscf_counts n;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	register_and_subscribe(1, ALICE2, WLAN, &s2);
	notify_active(&s, ALICE, WLAN);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	/* The document may be late: it is asked again before the identity is let go. */
	pcscf_pass(41000);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	ck_assert_uint_gt(todo.subscribe.expires, 0);
	answer(&todo.subscribe, 200);
	row(&r, 2, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0)->full = true;
	notify(&s, &r.doc);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	pcscf_count(fixture_model, &n);
	ck_assert_uint_eq(n.subscriptions, 1);
	ck_assert(pcscf_asked(PCSCF_TODO_SUBSCRIBE, &todo));
	ck_assert_uint_eq(todo.subscribe.expires, 0);
	ck_assert_str_eq(todo.subscribe.call_id, s.call_id);
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(flow_events_end_and_rename_connections)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	ck_assert_int_eq(pcscf_set_replaced(fixture_model, 1, 7, fixture_now), 0);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_GONE);
	ck_assert_int_eq(state_of(7), PCSCF_CONN_ACTIVE);
	ck_assert_int_eq(pcscf_set_replaced(fixture_model, 1, 7, fixture_now), PCSCF_E_UNKNOWN);
	ck_assert_int_eq(pcscf_set_gone(fixture_model, 7, fixture_now), 0);
	ck_assert_int_eq(pcscf_set_gone(fixture_model, 7, fixture_now), PCSCF_E_UNKNOWN);
	/* Nobody is left: the subscription ends, the set is not dropped again. */
	ck_assert(pcscf_next_todo(fixture_model, &todo));
	ck_assert_int_eq(todo.kind, PCSCF_TODO_SUBSCRIBE);
	ck_assert_uint_eq(todo.subscribe.expires, 0);
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(a_linger_too_long_to_believe_is_cut)
{
	struct pcscf_subscribe s;
	struct pcscf_todo todo;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &s);
	notify_active(&s, ALICE, WLAN);
	notify(&s, row(&r, 1, ALICE, WLAN, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_INACTIVE,
		       4294967295u));
	ck_assert(pcscf_asked(PCSCF_TODO_HOLD, &todo));
	ck_assert_int_eq(todo.until_ms, fixture_now + 3600 * 1000 + 5000);
	pcscf_stop();
}
END_TEST

START_TEST(bad_values_and_lack_of_memory_change_nothing)
{
	char long_uri[300];
	struct pcscf_counts n;
	size_t blocks;

	pcscf_start();
	memset(long_uri, 'a', sizeof(long_uri));
	long_uri[299] = '\0';
	ck_assert_int_eq(register_over(0, ALICE, WLAN), PCSCF_E_VALUE);
	ck_assert_int_eq(register_over(1, "", WLAN), PCSCF_E_VALUE);
	ck_assert_int_eq(register_over(1, long_uri, WLAN), PCSCF_E_VALUE);
	ck_assert_int_eq(register_over(1, ALICE, long_uri), PCSCF_E_VALUE);
	blocks = fixture_blocks;
	for (long i = 0; i < 3; i++) {
		fixture_fail_after = i;
		ck_assert_int_eq(register_over(1, ALICE, WLAN), PCSCF_E_NOMEM);
		fixture_fail_after = -1;
		pcscf_count(fixture_model, &n);
		ck_assert_uint_eq(n.connections + n.subscriptions, 0);
		ck_assert_uint_eq(fixture_blocks, blocks);
	}
	pcscf_nothing_asked();
	pcscf_stop();
}
END_TEST

START_TEST(identities_over_one_connection_are_bounded)
{
	char identity[64];

	pcscf_start();
	for (int i = 0; i < PCSCF_BINDINGS_MAX; i++) {
		snprintf(identity, sizeof(identity), "sip:u%d@h", i);
		ck_assert_int_eq(register_over(1, identity, WLAN), 0);
	}
	ck_assert_int_eq(register_over(1, "sip:more@h", WLAN), PCSCF_E_LIMIT);
	ck_assert_int_eq(register_over(1, "sip:u3@h", WLAN), 0);
	pcscf_stop();
}
END_TEST

START_TEST(a_set_found_held_lingers_on_and_ends)
{
	struct pcscf_todo todo;

	pcscf_start();
	register_over(1, ALICE, WLAN);
	ck_assert_int_eq(pcscf_found_held(fixture_model, 1, fixture_now + 9000, fixture_now), 0);
	ck_assert_int_eq(pcscf_found_held(fixture_model, 2, fixture_now, fixture_now),
			 PCSCF_E_UNKNOWN);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	ck_assert(pcscf_asked(PCSCF_TODO_HOLD, &todo));
	ck_assert_int_eq(todo.until_ms, fixture_now + 9000);
	pcscf_pass(10000);
	ck_assert(pcscf_asked(PCSCF_TODO_DROP, &todo));
	pcscf_stop();
}
END_TEST

/* A document about the same contact of two identities, with the REGISTERs that they came by. */
struct two_rows {
	struct reginfo_contact contact[2];
	struct reginfo_registration registration[2];
	struct reginfo_doc doc;
};

static struct reginfo_doc *both(struct two_rows *r, uint32_t version, uint32_t cseq,
				enum reginfo_connection connection)
{
	static const char *const identities[] = {ALICE, ALICE2};

	for (int i = 0; i < 2; i++) {
		r->contact[i] =
		    (struct reginfo_contact){.id = SLICE_LIT("1"),
					     .uri = SLICE_LIT(WLAN),
					     .state = REGINFO_CONTACT_TERMINATED,
					     .event = REGINFO_EV_UNREGISTERED,
					     .connection = connection,
					     .linger = connection == REGINFO_CONN_INACTIVE ? 30 : 0,
					     .callid = SLICE_LIT("reg"),
					     .has_cseq = true,
					     .cseq = cseq + (uint32_t)i};
		r->registration[i] =
		    (struct reginfo_registration){slice_str(identities[i]), SLICE_LIT("a"),
						  REGINFO_REG_ACTIVE, &r->contact[i], 1};
	}
	r->doc = (struct reginfo_doc){
	    .version = version, .registrations = r->registration, .registrations_n = 2};
	return &r->doc;
}

/* Two identities over set 1, both told by their own subscriptions that it lingers. */
static void two_identities_linger(struct pcscf_subscribe *alice, struct pcscf_subscribe *alice2)
{
	struct two_rows r;

	register_and_subscribe(1, ALICE, WLAN, alice);
	register_and_subscribe(1, ALICE2, WLAN, alice2);
	notify_active(alice, ALICE, WLAN);
	notify_active(alice2, ALICE2, WLAN);
	notify(alice, both(&r, 1, 7, REGINFO_CONN_INACTIVE));
	notify(alice2, both(&r, 1, 7, REGINFO_CONN_INACTIVE));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
}

START_TEST(the_end_of_a_connection_that_one_subscription_tells_holds_for_all_its_identities)
{
	struct pcscf_subscribe alice, alice2;
	struct two_rows r;

	pcscf_start();
	two_identities_linger(&alice, &alice2);
	notify(&alice, both(&r, 2, 7, REGINFO_CONN_TERMINATED));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_pass(3000);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_GONE);
	pcscf_stop();
}
END_TEST

START_TEST(a_document_from_before_the_end_of_a_connection_does_not_let_it_linger_again)
{
	struct pcscf_subscribe alice, alice2;
	struct two_rows r;

	pcscf_start();
	two_identities_linger(&alice, &alice2);
	notify(&alice, both(&r, 2, 7, REGINFO_CONN_TERMINATED));
	/* Written before, but they waited behind one that was lost. */
	notify(&alice2, both(&r, 2, 5, REGINFO_CONN_TERMINATED));
	notify(&alice2, both(&r, 3, 7, REGINFO_CONN_INACTIVE));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_pass(3000);
	ck_assert_int_eq(state_of(1), PCSCF_CONN_GONE);
	pcscf_stop();
}
END_TEST

START_TEST(a_linger_that_is_told_only_after_the_end_of_its_connection_does_not_begin)
{
	struct pcscf_subscribe alice, alice2;
	struct two_rows r;

	pcscf_start();
	register_and_subscribe(1, ALICE, WLAN, &alice);
	register_and_subscribe(1, ALICE2, WLAN, &alice2);
	notify_active(&alice, ALICE, WLAN);
	notify_active(&alice2, ALICE2, WLAN);
	notify(&alice, both(&r, 1, 7, REGINFO_CONN_TERMINATED));
	notify(&alice2, both(&r, 1, 7, REGINFO_CONN_INACTIVE));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(a_connection_that_was_over_lingers_again_by_a_newer_register)
{
	struct pcscf_subscribe alice, alice2;
	struct two_rows r;

	pcscf_start();
	two_identities_linger(&alice, &alice2);
	notify(&alice, both(&r, 2, 7, REGINFO_CONN_TERMINATED));
	notify(&alice2, both(&r, 2, 9, REGINFO_CONN_INACTIVE));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	/* The first subscription's late document ends nothing of the newer REGISTER. */
	notify(&alice, both(&r, 3, 7, REGINFO_CONN_TERMINATED));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_INACTIVE);
	notify(&alice, both(&r, 4, 9, REGINFO_CONN_TERMINATED));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

START_TEST(contacts_that_differ_behind_a_semicolon_of_the_user_part_are_two)
{
	static const char wlan[] = "sip:7042;phone-context=home1.net@10.1.0.10:5070;user=phone",
			  lte[] = "sip:7042;phone-context=home1.net@10.2.0.10:5070;user=phone",
			  without[] = "sip:7042;phone-context=home1.net@10.1.0.10:5070";
	struct pcscf_subscribe s;
	struct one_row r;

	pcscf_start();
	register_and_subscribe(1, ALICE, wlan, &s);
	notify_active(&s, ALICE, wlan);
	notify(&s, row(&r, 1, ALICE, lte, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_ACTIVE);
	notify(&s, row(&r, 2, ALICE, without, REGINFO_CONTACT_TERMINATED, REGINFO_CONN_NONE, 0));
	ck_assert_int_eq(state_of(1), PCSCF_CONN_DRAINING);
	pcscf_stop();
}
END_TEST

UNIT_MAIN("P-CSCF connections", a_registration_makes_a_connection_and_one_subscription,
	  an_inactive_connection_is_held_for_linger_and_grace_then_dropped,
	  the_end_of_lingering_drops_at_once,
	  the_end_of_a_connection_that_one_subscription_tells_holds_for_all_its_identities,
	  a_document_from_before_the_end_of_a_connection_does_not_let_it_linger_again,
	  a_linger_that_is_told_only_after_the_end_of_its_connection_does_not_begin,
	  a_connection_that_was_over_lingers_again_by_a_newer_register,
	  a_contact_that_ends_without_linger_takes_its_set_along,
	  the_network_ends_a_registration_without_naming_contacts,
	  a_full_document_from_before_the_registration_ends_nothing,
	  a_connection_lives_while_one_identity_is_bound,
	  an_identity_that_leaves_a_shared_connection_is_no_longer_watched,
	  flow_events_end_and_rename_connections, a_linger_too_long_to_believe_is_cut,
	  bad_values_and_lack_of_memory_change_nothing, identities_over_one_connection_are_bounded,
	  a_set_found_held_lingers_on_and_ends,
	  contacts_that_differ_behind_a_semicolon_of_the_user_part_are_two)
