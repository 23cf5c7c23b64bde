/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One gateway and up to three controllers over a network in memory: clauses 7.2.8 and 11. */
#include <stdio.h>

#include "unit/h248/link.h"
#include "unit/unit.h"

#define MGCS 3 /* nodes 0 .. 2; the gateway is node 3 */

struct entity {
	unsigned number;
	struct h248_entity *e;
	unsigned requests, states;
	char log[2048]; /* names of the states, in order */
	unsigned refuse;
	const struct h248_mid *redirect;
	enum h248_method last_method;
	uint16_t last_reason;
	unsigned outcomes[4];
	struct h248_job *held;
};

static struct network net;
static struct entity all[MGCS + 1], *mg = &all[MGCS];
static struct h248_entity_config base[MGCS + 1];

static void on_send(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	network_send(&net, ((struct entity *)user)->number, to, bytes, len);
}

static uint32_t on_random(void *user)
{
	(void)user;
	return network_random(&net, 1u << 31);
}

static void on_state(void *user, struct h248_peer *peer, enum h248_state from, enum h248_state to,
		     const char *why, int64_t now)
{
	struct entity *x = user;
	size_t n = strlen(x->log);

	(void)peer;
	(void)from;
	(void)why;
	(void)now;
	snprintf(x->log + n, sizeof(x->log) - n, "%s%s", n ? " " : "", h248_state_name(to));
}

static void on_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now)
{
	struct entity *x = user;
	const struct h248_action *a = h248_job_request(job)->actions;
	struct h248_action *actions = NULL;

	(void)peer;
	x->requests++;
	if (slice_eq(a->commands->tid.id, SLICE_LIT("hold"))) {
		ck_assert_int_eq(h248_job_hold(job), H248_OK);
		x->held = job;
		return;
	}
	h248_new_command(h248_job_arena(job),
			 h248_new_action(h248_job_arena(job), &actions, a->context),
			 a->commands->kind, a->commands->tid.id);
	h248_job_reply(job, actions, now);
}

static unsigned on_registration(void *user, struct h248_peer *peer,
				const struct h248_services *request, struct h248_services *reply)
{
	struct entity *x = user;

	(void)peer;
	x->last_method = request->method;
	x->last_reason = request->reason;
	if (x->redirect)
		reply->mgc_to_try = *x->redirect;
	return x->refuse;
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now)
{
	h248_entity_receive(((struct entity *)user)->e, from, text, now);
}

static int64_t on_timeout(void *user, int64_t now)
{
	return h248_entity_timeout(((struct entity *)user)->e, now);
}

static void on_tick(void *user, int64_t now)
{
	h248_entity_tick(((struct entity *)user)->e, now);
}

static const struct h248_mid mids[MGCS + 1] = {
    {H248_MID_IPV4, {"10.0.0.1", 8}, 2944},
    {H248_MID_IPV4, {"10.0.0.2", 8}, 2944},
    {H248_MID_IPV4, {"10.0.0.3", 8}, 2944},
    {H248_MID_DOMAIN, {"mg.example.net", 14}, 0},
};
static struct h248_addr list[MGCS];

/* Defaults; a test changes base[] and then calls open_all(). */
static void prepare(void)
{
	memset(all, 0, sizeof(all));
	memset(base, 0, sizeof(base));
	network_init(&net, 7);
	for (unsigned i = 0; i <= MGCS; i++) {
		all[i].number = i;
		base[i].role = i < MGCS ? H248_ROLE_MGC : H248_ROLE_MG;
		base[i].mid = mids[i];
		base[i].user = &all[i];
		base[i].send = on_send;
		base[i].random = on_random;
		base[i].state = on_state;
		base[i].request = on_request;
		base[i].registration = on_registration;
		if (i < MGCS)
			list[i] = network_addr(i);
	}
	base[MGCS].mgcs = list;
	base[MGCS].mgc_count = MGCS;
	base[MGCS].profile = "threegpp_iq";
	base[MGCS].profile_version = 2;
}

static void open_all(void)
{
	for (unsigned i = 0; i <= MGCS; i++) {
		ck_assert_int_eq(h248_entity_new(&base[i], &all[i].e), H248_OK);
		net.node[i] = (struct link_node){network_addr(i), &all[i], on_receive, on_timeout,
						 on_tick,	  false,   0,	       0};
	}
	net.nodes = MGCS + 1;
	ck_assert_int_eq(h248_entity_start(mg->e, net.now), H248_OK);
}

static void close_all(void)
{
	for (unsigned i = 0; i <= MGCS; i++)
		h248_entity_free(all[i].e);
	network_free(&net);
}

static void run(int64_t ms)
{
	network_run(&net, net.now + ms);
}

static void open_associated(void)
{
	open_all();
	run(100);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
}

static struct h248_peer *peer_of(struct entity *x)
{
	return h248_peer_next(x->e, NULL);
}

static void on_done(void *user, enum h248_outcome outcome, const struct h248_transaction *reply)
{
	(void)reply;
	((struct entity *)user)->outcomes[outcome]++;
}

static int ask(struct entity *x, const char *tid)
{
	char memory[1024];
	struct h248_arena arena;
	struct h248_action *actions = NULL;

	h248_arena_init(&arena, memory, sizeof(memory));
	h248_new_command(&arena, h248_new_action(&arena, &actions, 1), H248_MODIFY, slice_str(tid));
	return h248_request(peer_of(x), actions, on_done, x, net.now, NULL);
}

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

START_TEST(forced_and_graceful_leaving)
{
	prepare();
	open_associated();
	ck_assert_int_eq(h248_mg_leave(mg->e, H248_GRACEFUL, 10, net.now), H248_OK);
	run(50);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_LEAVING);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LEAVING);
	ck_assert_int_eq(ask(&all[0], "t"), H248_OK); /* what runs may go on */
	ck_assert_int_eq(h248_mg_stay(mg->e, net.now), H248_OK);
	run(50);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	h248_mg_leave(mg->e, H248_GRACEFUL, 10, net.now);
	run(9900);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_LEAVING);
	run(200);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_IDLE);
	ck_assert_int_eq(h248_entity_start(mg->e, net.now), H248_OK);
	run(50);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_int_eq(h248_mg_leave(mg->e, H248_FORCED, 0, net.now), H248_OK);
	run(50);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_IDLE);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_IDLE);
	ck_assert_int_eq(ask(&all[0], "t"), H248_E_STATE);
	close_all();
}
END_TEST

START_TEST(an_empty_audit_watches_the_gateway)
{
	prepare();
	base[0].audit_ms = 10000;
	open_associated();
	run(60000);
	ck_assert_uint_ge(net.node[MGCS].heard, 6);
	ck_assert_uint_eq(mg->requests, 0); /* the library answers it */
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
	net.node[MGCS].down = true;
	run(10000 + 25500);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
	ck_assert_uint_eq(h248_entity_counters(all[0].e)->lost, 1);
	close_all();
}
END_TEST

START_TEST(inactivity_is_armed_notified_and_ends_in_disconnected)
{
	prepare();
	base[0].inactivity_ms = 20000;
	open_associated();
	ck_assert_uint_eq(mg->requests, 1); /* Modify=ROOT{Events{it/ito}} */
	ck_assert_ptr_nonnull(strstr(net.last[0], "mit = 2000"));
	h248_mg_set_inactivity(mg->e, 20000, 2147483646u, net.now);
	run(20500);
	ck_assert_ptr_nonnull(strstr(net.last[MGCS], "it/ito"));
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_uint_eq(all[0].requests, 0); /* the library answers it */
	net.node[0].down = true;
	run(20000 + 25500);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_REGISTERING);
	close_all();
}
END_TEST

START_TEST(a_restarted_gateway_starts_afresh)
{
	struct h248_entity *old;

	prepare();
	open_associated();
	ask(mg, "t");
	run(50);
	old = mg->e;
	ck_assert_int_eq(h248_entity_new(&base[MGCS], &mg->e), H248_OK);
	ck_assert_int_eq(h248_entity_start(mg->e, net.now), H248_OK);
	h248_entity_free(old);
	run(100);
	ck_assert_str_eq(all[0].log, "active lost active");
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	close_all();
}
END_TEST

START_TEST(strangers_get_nothing_or_their_code)
{
	static const char text[] = "MEGACO/1 [10.0.0.9]:2944 Transaction=5{Context=1{Modify=t}}";
	struct h248_addr to = network_addr(MGCS), to_mgc = network_addr(0);

	prepare();
	open_associated();
	net.node[4] = net.node[1]; /* a fifth host, on nobody's list */
	net.node[4].addr = network_addr(4);
	net.nodes = 5;
	for (int i = 0; i < 3; i++) {
		network_send(&net, 4, &to, text, strlen(text));
		network_send(&net, 4, &to_mgc, text, strlen(text));
		network_send(&net, 4, &to, "garbage", 7);
	}
	net.node[4].heard = 0;
	run(100);
	ck_assert_uint_eq(h248_entity_counters(mg->e)->strangers, 6);
	ck_assert_uint_eq(mg->requests + all[0].requests, 0);
	ck_assert_uint_eq(net.node[4].heard,
			  3); /* 505 from the controller, nothing from the gateway */
	net.nodes = 4;
	close_all();
}
END_TEST

/* What a stranger sends makes no work that grows: one short answer a message, no place in the
 * table.
 */
START_TEST(strangers_take_no_place_and_are_not_amplified)
{
	static const char many[] = "MEGACO/1 [10.0.0.9] ";
	struct h248_addr to = network_addr(0);
	char text[4096];
	size_t n = 0;

	prepare();
	base[0].max_peers = 2;
	all[0].refuse = 402;
	all[1].refuse = all[2].refuse = 402;
	open_all();
	net.node[4] = net.node[1];
	net.node[4].addr = network_addr(4);
	net.nodes = 5;
	for (unsigned i = 0; i < 50; i++) {
		n = (size_t)snprintf(
		    text, sizeof(text),
		    "!/3 <x%u.example.net> T=%u{C=-{SC=ROOT{SV{MT=RS,RE=\"901\"}}}}", i, i + 1);
		network_send(&net, 4, &to, text, n);
	}
	run(100);
	ck_assert_uint_ge(h248_entity_counters(all[0].e)->refused, 50);
	ck_assert_ptr_null(peer_of(&all[0]));
	all[0].refuse = 0;
	run(700000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);

	n = (size_t)snprintf(text, sizeof(text), "%s", many);
	for (unsigned i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "T=%u{C=1{MF=t}}", i + 1);
	net.node[4].heard = 0;
	network_send(&net, 4, &to, text, n);
	run(100);
	ck_assert_uint_eq(net.node[4].heard, 1);
	ck_assert_uint_le(strlen(net.last[0]), 1024);
	ck_assert_uint_eq(all[0].requests, 0);
	net.nodes = 4;
	close_all();
}
END_TEST

/* Two gateways that know nothing of each other: one forged message must not keep them talking for
 * ever. */
START_TEST(an_error_or_a_reply_of_a_stranger_is_not_answered)
{
	static const char *const unasked[] = {
	    "MEGACO/3 [10.0.0.9]:2944 Error = 504 { \"Command received from unauthorized entity\" "
	    "}",
	    "!/3 [10.0.0.9]:2944 ER=402{}",
	    "MEGACO/3 [10.0.0.9]:2944 Reply = 5 { Context = 1 { Modify = t } }",
	    "MEGACO/3 [10.0.0.9]:2944 Pending = 5 { }",
	    "MEGACO/3 [10.0.0.9]:2944",
	};
	static const char request[] = "MEGACO/3 [10.0.0.9]:2944 T=5{C=1{MF=t}}";
	struct h248_addr to = network_addr(MGCS);

	prepare();
	base[MGCS].stranger_code = 504;
	open_associated();
	net.node[4] = net.node[1];
	net.node[4].addr = network_addr(4);
	net.node[4].user = &all[1];
	net.nodes = 5;
	net.node[4].heard = 0;
	for (size_t i = 0; i < sizeof(unasked) / sizeof(unasked[0]); i++)
		network_send(&net, 4, &to, unasked[i], strlen(unasked[i]));
	run(100);
	ck_assert_uint_eq(net.node[4].heard, 0);
	network_send(&net, 4, &to, request, strlen(request));
	run(100);
	ck_assert_uint_eq(net.node[4].heard, 1);
	ck_assert_ptr_nonnull(strstr(net.last[MGCS], "504"));
	ck_assert_uint_eq(h248_entity_counters(mg->e)->strangers, 6);
	net.nodes = 4;
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
	  forced_and_graceful_leaving, an_empty_audit_watches_the_gateway,
	  inactivity_is_armed_notified_and_ends_in_disconnected, a_restarted_gateway_starts_afresh,
	  strangers_get_nothing_or_their_code, strangers_take_no_place_and_are_not_amplified,
	  an_error_or_a_reply_of_a_stranger_is_not_answered,
	  associations_live_with_loss_and_disorder)
