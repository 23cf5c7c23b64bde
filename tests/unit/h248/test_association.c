/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gateways register, are redirected, handed over, and fail over: clauses 7.2.8 and 11. */
#include <stdio.h>

#include "unit/h248/associated.h"

START_TEST(a_gateway_registers_and_version_and_profile_are_agreed)
{
	prepare();
	base[0].version_max = 2;
	base[0].profile = "threegpp_iq";
	base[0].profile_version = 1;
	open_associated();
	ck_assert_str_eq(mg->log, "waiting registering active");
	ck_assert_str_eq(all[0].log, "active");
	ck_assert_int_eq(all[0].last_method, H248_RESTART);
	ck_assert_uint_eq(all[0].last_reason, 901);
	ck_assert_uint_eq(h248_peer_version(peer_of(mg)), 2);
	ck_assert_uint_eq(h248_peer_version(peer_of(&all[0])), 2);
	ck_assert(h248_mid_equal(h248_peer_mid(peer_of(&all[0])), &mids[MGCS]));
	ck_assert(h248_mid_equal(h248_peer_mid(peer_of(mg)), &mids[0]));
	ck_assert_ptr_nonnull(strstr(net.last[0], "Profile = threegpp_iq/1"));
	ck_assert_ptr_nonnull(strstr(net.last[0], "T")); /* time stamp */
	ck_assert_int_eq(ask(&all[0], "t"), H248_OK);
	ck_assert_int_eq(ask(mg, "t"), H248_OK);
	run(100);
	ck_assert_uint_eq(mg->requests, 1);
	ck_assert_uint_eq(all[0].requests, 1);
	ck_assert_uint_eq(all[0].outcomes[H248_REPLIED] + mg->outcomes[H248_REPLIED], 2);
	ck_assert_ptr_nonnull(strstr(net.last[0], "MEGACO/2"));
	close_all();
}
END_TEST

START_TEST(other_profiles_and_too_old_versions_are_refused)
{
	prepare();
	base[0].profile = "other";
	base[0].profile_version = 1;
	base[1].version_min = 3;
	base[MGCS].version_max = 2;
	open_all();
	run(200);
	ck_assert_uint_eq(h248_entity_counters(all[0].e)->refused, 1); /* 461 */
	ck_assert_uint_ge(h248_entity_counters(all[1].e)->refused, 1); /* 406 */
	ck_assert_str_eq(all[2].log, "active");
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	close_all();
}
END_TEST

START_TEST(the_restart_waits_a_random_time_that_activity_ends)
{
	prepare();
	base[MGCS].mwd_ms = 600000;
	open_all();
	ck_assert_int_gt(h248_entity_timeout(mg->e, net.now), 0);
	run(100);
	ck_assert_uint_eq(net.node[MGCS].sent, 0);
	h248_mg_activity(mg->e, net.now);
	run(100);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	close_all();
}
END_TEST

START_TEST(a_redirect_is_followed_before_the_list)
{
	prepare();
	all[0].redirect = &mids[2];
	open_associated();
	ck_assert_str_eq(all[2].log, "active");
	ck_assert_uint_eq(net.node[1].heard, 0);
	ck_assert_ptr_null(peer_of(&all[0]));
	close_all();
}
END_TEST

START_TEST(redirects_in_a_circle_end)
{
	prepare();
	all[0].redirect = &mids[1];
	all[1].redirect = &mids[0];
	open_all();
	run(500);
	ck_assert_str_eq(all[2].log, "active");
	ck_assert_uint_le(net.node[0].heard, 8);
	close_all();
}
END_TEST

START_TEST(silent_and_refusing_controllers_are_passed_over)
{
	prepare();
	all[1].refuse = 502;
	open_all();
	net.node[0].down = true;
	run(24000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_REGISTERING);
	run(2000); /* T-MAX at the first */
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_uint_eq(h248_entity_counters(all[1].e)->refused, 1);
	ck_assert_str_eq(all[2].log, "active");
	close_all();
}
END_TEST

START_TEST(when_all_fail_it_waits_and_begins_again_at_the_primary)
{
	prepare();
	for (unsigned i = 0; i < MGCS; i++)
		all[i].refuse = 502;
	open_all();
	run(500);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_WAITING);
	all[0].refuse = 0;
	run(1500);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_str_eq(all[0].log, "active");
	close_all();
}
END_TEST

START_TEST(a_lost_controller_is_met_again_with_disconnected)
{
	prepare();
	open_associated();
	net.node[0].down = true;
	ck_assert_int_eq(ask(mg, "t"), H248_OK);
	run(25500); /* T-MAX */
	ck_assert_int_eq(h248_mg_state(mg->e), H248_REGISTERING);
	ck_assert_uint_eq(mg->outcomes[H248_TIMED_OUT], 1);
	net.node[0].down = false;
	run(5000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_int_eq(all[0].last_method, H248_DISCONNECTED);
	ck_assert_uint_eq(all[0].last_reason, 900);
	ck_assert_str_eq(mg->log, "waiting registering active registering active");
	ck_assert_uint_eq(net.node[1].heard, 0);
	close_all();
}
END_TEST

START_TEST(a_dead_controller_is_left_for_the_next_with_failover)
{
	prepare();
	open_associated();
	net.node[0].down = true;
	ask(mg, "t");
	run(25500 + 25500);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_str_eq(all[1].log, "active");
	ck_assert_int_eq(all[1].last_method, H248_FAILOVER);
	ck_assert_uint_eq(all[1].last_reason, 909);
	ck_assert(h248_mid_equal(h248_peer_mid(peer_of(mg)), &mids[1]));
	ck_assert_int_eq(ask(&all[1], "t"), H248_OK);
	run(50);
	ck_assert_uint_eq(mg->requests, 1);
	close_all();
}
END_TEST

START_TEST(a_hand_off_keeps_running_jobs_and_moves_what_waits)
{
	prepare();
	open_associated();
	ck_assert_int_eq(ask(&all[0], "hold"), H248_OK);
	run(50);
	ck_assert_ptr_nonnull(mg->held);
	net.node[0].down = true; /* what the gateway asks now is not heard there any more */
	ask(mg, "t");
	run(20);
	net.node[0].down = false;
	ck_assert_int_eq(h248_mgc_handoff(peer_of(&all[0]), &mids[2], net.now), H248_OK);
	run(400);
	ck_assert_str_eq(all[2].log, "active");
	ck_assert_int_eq(all[2].last_method, H248_HANDOFF);
	ck_assert_uint_eq(all[2].last_reason, 903);
	ck_assert(h248_mid_equal(h248_peer_mid(peer_of(mg)), &mids[2]));
	/* the old one gets the reply of what it asked */
	{
		struct h248_action *actions = NULL;
		struct h248_arena *arena = h248_job_arena(mg->held);

		h248_new_command(arena, h248_new_action(arena, &actions, 1), H248_MODIFY,
				 SLICE_LIT("hold"));
		h248_job_reply(mg->held, actions, net.now);
	}
	run(300);
	ck_assert_uint_eq(all[0].outcomes[H248_REPLIED], 1);
	/* the new one got the request that had no answer */
	ck_assert_uint_eq(all[2].requests + all[0].requests, 1);
	ck_assert_uint_eq(mg->outcomes[H248_REPLIED], 1);
	/* and the old one has nothing to say any more */
	ask(&all[0], "t");
	run(50);
	ck_assert_ptr_nonnull(strstr(net.last[MGCS], "504"));
	run(60000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	close_all();
}
END_TEST

START_TEST(commands_before_the_reply_get_505)
{
	static const char text[] = "MEGACO/1 [10.0.0.1]:2944 Transaction=5{Context=1{Modify=t}}";
	struct h248_addr to = network_addr(MGCS);

	prepare();
	net.delay_min = net.delay_max = 100;
	open_all(); /* the ServiceChange is under way */
	network_send(&net, 0, &to, text, strlen(text));
	run(150);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_REGISTERING);
	ck_assert_ptr_nonnull(strstr(net.last[MGCS], "Error = 505"));
	ck_assert_uint_eq(mg->requests, 0);
	close_all();
}
END_TEST

/* The controller restarts and has forgotten everybody; the gateway has not noticed. */
static void forget(unsigned i)
{
	h248_entity_free(all[i].e);
	ck_assert_int_eq(h248_entity_new(&base[i], &all[i].e), H248_OK);
}

START_TEST(a_restarted_controller_calls_its_gateways)
{
	struct h248_addr gateway = network_addr(MGCS), other = network_addr(1);

	prepare();
	open_associated();
	forget(0);
	ck_assert_int_eq(h248_mgc_reclaim(all[0].e, &mids[MGCS], &gateway, &mids[0], net.now),
			 H248_OK);
	run(200);
	ck_assert_int_eq(all[0].last_method, H248_HANDOFF);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_int_eq(ask(&all[0], "ip/core/1"), H248_OK);
	run(200);
	ck_assert_uint_eq(all[0].outcomes[H248_REPLIED], 1);
	ck_assert_int_eq(h248_mgc_reclaim(all[0].e, &mids[MGCS], &gateway, &mids[0], net.now),
			 H248_E_STATE);
	ck_assert_int_eq(h248_mgc_reclaim(mg->e, &mids[0], &gateway, &mids[0], net.now),
			 H248_E_ARGUMENT);
	/* One that is not associated with us refuses, and is no peer to work with. */
	ck_assert_int_eq(h248_mgc_reclaim(all[0].e, &mids[1], &other, &mids[0], net.now), H248_OK);
	run(200);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
	close_all();
}
END_TEST

/* Its next it/ito is answered with 505: it registers anew. */
START_TEST(a_gateway_that_is_unknown_registers_anew)
{
	prepare();
	open_associated();
	h248_mg_set_inactivity(mg->e, 1000, 5, net.now);
	forget(0);
	run(2000);
	ck_assert_int_eq(all[0].last_method, H248_DISCONNECTED);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
	close_all();
}
END_TEST

START_TEST(associations_live_with_loss_and_disorder)
{
	prepare();
	net.loss = 150;
	net.twice = 150;
	net.delay_max = 200;
	base[0].audit_ms = 3000;
	open_all();
	run(5000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	for (int i = 0; i < 300; i++) {
		ask(&all[0], "t");
		ask(mg, "t");
		run(200);
	}
	run(30000);
	ck_assert_uint_eq(mg->requests, all[0].outcomes[H248_REPLIED]);
	ck_assert_uint_eq(all[0].requests, mg->outcomes[H248_REPLIED]);
	ck_assert_uint_eq(mg->requests, 300);
	ck_assert_str_eq(all[0].log, "active");
	close_all();
}
END_TEST

UNIT_MAIN("h248 associations", a_gateway_registers_and_version_and_profile_are_agreed,
	  other_profiles_and_too_old_versions_are_refused,
	  the_restart_waits_a_random_time_that_activity_ends,
	  a_redirect_is_followed_before_the_list, redirects_in_a_circle_end,
	  silent_and_refusing_controllers_are_passed_over,
	  when_all_fail_it_waits_and_begins_again_at_the_primary,
	  a_lost_controller_is_met_again_with_disconnected,
	  a_dead_controller_is_left_for_the_next_with_failover,
	  a_hand_off_keeps_running_jobs_and_moves_what_waits, commands_before_the_reply_get_505,
	  a_restarted_controller_calls_its_gateways, a_gateway_that_is_unknown_registers_anew,
	  associations_live_with_loss_and_disorder)
