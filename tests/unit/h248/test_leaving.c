/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gateways leave, are watched, are lost and come back: clauses 7.2.8, 11.4, 11.5. */
#include <stdio.h>

#include "unit/h248/associated.h"

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

/* SCTP and TCP say so when a connection breaks: nobody waits for T-MAX. */
START_TEST(a_broken_connection_is_a_failure_at_once)
{
	struct h248_addr gateway = network_addr(MGCS);

	prepare();
	open_associated();
	net.node[0].down = true;
	ask(mg, "t");
	h248_entity_link_lost(mg->e, &list[0], net.now);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_REGISTERING);
	net.node[0].down = false;
	run(1000);
	ck_assert_int_eq(h248_mg_state(mg->e), H248_ACTIVE);
	ck_assert_int_eq(all[0].last_method, H248_DISCONNECTED);
	ck_assert_uint_eq(mg->outcomes[H248_REPLIED], 1); /* asked again on the new connection */

	net.node[MGCS].down = true;
	ask(&all[0], "t");
	h248_entity_link_lost(all[0].e, &gateway, net.now);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
	ck_assert_uint_eq(all[0].outcomes[H248_TIMED_OUT], 1);
	close_all();
}
END_TEST

/* Two more hosts, 4 and 5, that a test speaks for by itself. */
static void two_more(void)
{
	for (unsigned i = 4; i < 6; i++) {
		net.node[i] = net.node[1];
		net.node[i].addr = network_addr(i);
		net.node[i].heard = 0;
	}
	net.nodes = 6;
}

static struct h248_peer *peer_named(struct entity *x, const char *name)
{
	struct h248_peer *peer = NULL;

	while ((peer = h248_peer_next(x->e, peer)) &&
	       !slice_eq(h248_peer_mid(peer)->name, slice_str(name)))
		;
	return peer;
}

static void say(unsigned from, const char *services)
{
	struct h248_addr to = network_addr(0);
	static unsigned id = 100;
	char text[512];
	int n = snprintf(text, sizeof(text), "!/2 <x.example.net> T=%u{C=-{SC=ROOT{SV{%s}}}}", ++id,
			 services);

	network_send(&net, from, &to, text, (size_t)n);
	run(50);
}

/* Replies go back to where the request came from, new requests to the ServiceChangeAddress. */
START_TEST(requests_go_to_the_service_change_address)
{
	char memory[512];
	struct h248_arena arena;
	struct h248_action *actions;
	struct h248_peer *peer;

	prepare();
	open_associated();
	two_more();
	say(4, "MT=RS,RE=\"901\",V=2,AD=[10.0.0.6]:2944");
	ck_assert_uint_eq(net.node[4].heard, 1);
	peer = peer_named(&all[0], "x.example.net");
	ck_assert_ptr_nonnull(peer);
	ck_assert_int_eq(h248_peer_state(peer), H248_ACTIVE);
	h248_arena_init(&arena, memory, sizeof(memory));
	ck_assert_int_eq(h248_decode_actions(SLICE_LIT("C=1{MF=t}"), &arena, &actions, NULL),
			 H248_OK);
	ck_assert_int_eq(h248_request(peer, actions, NULL, NULL, net.now, NULL), H248_OK);
	run(20);
	ck_assert_uint_eq(net.node[4].heard, 1);
	ck_assert_uint_eq(net.node[5].heard, 1);
	ck_assert_int_eq(h248_request_text(peer, "Context=1{Modify", NULL, NULL, net.now),
			 H248_E_SYNTAX);
	ck_assert_int_eq(h248_request_text(peer, "Context=1{Modify=t}", NULL, NULL, net.now),
			 H248_OK);
	run(20);
	ck_assert_uint_eq(net.node[5].heard, 2);
	net.nodes = 4;
	close_all();
}
END_TEST

/* Clause 7.2.8: both are mandatory, whoever it comes from. */
START_TEST(a_service_change_needs_method_and_reason)
{
	static const char *const lacking[] = {"V=2", "MT=RS,V=2", "RE=\"901\",V=2"};

	prepare();
	open_associated();
	two_more();
	for (size_t i = 0; i < 3; i++) {
		say(4, lacking[i]);
		ck_assert_msg(strstr(net.last[0], "472") != NULL, "%s: %s", lacking[i],
			      net.last[0]);
		ck_assert_ptr_null(peer_named(&all[0], "x.example.net"));
	}
	say(4, "MT=RS,RE=\"901\",V=2");
	ck_assert_int_eq(h248_peer_state(peer_named(&all[0], "x.example.net")), H248_ACTIVE);
	say(4, "MT=FO"); /* nor does it take away what is there */
	ck_assert_ptr_nonnull(strstr(net.last[0], "472"));
	ck_assert_int_eq(h248_peer_state(peer_named(&all[0], "x.example.net")), H248_ACTIVE);
	net.nodes = 4;
	close_all();
}
END_TEST

/* Clause 11.4: a gateway that hands over to its standby (908) is gone; its standby takes over. */
START_TEST(a_gateway_fails_over_to_its_standby)
{
	prepare();
	open_associated();
	two_more();
	say(4, "MT=RS,RE=\"901\",V=2");
	say(4, "MT=FL,RE=\"908 MG Impending Failure\"");
	ck_assert_int_eq(h248_peer_state(peer_named(&all[0], "x.example.net")), H248_IDLE);
	say(5, "MT=FL,RE=\"919 Warm Failover\",V=2");
	ck_assert_int_eq(h248_peer_state(peer_named(&all[0], "x.example.net")), H248_ACTIVE);
	ck_assert(h248_addr_equal(h248_peer_address(peer_named(&all[0], "x.example.net")),
				  &net.node[5].addr));
	net.nodes = 4;
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

/* It is counted from its last word, not from the audit; but that one has half of it in any case. */
START_TEST(a_silent_gateway_is_given_up_before_the_audit_is)
{
	static const struct {
		uint32_t silence;
		int64_t alive, lost; /* after it fell silent, up to 10 s after its last word */
	} rows[] = {{20000, 9500, 20600}, {12000, 5500, 16600}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		prepare();
		base[0].audit_ms = 10000;
		base[0].silence_ms = rows[i].silence;
		open_associated();
		run(60000);
		ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
		net.node[MGCS].down = true;
		run(rows[i].alive);
		ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
		run(rows[i].lost - rows[i].alive);
		ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
		ck_assert_uint_eq(h248_entity_counters(all[0].e)->lost, 1);
		close_all();
	}
}
END_TEST

static void open_watched(void)
{
	prepare();
	base[0].audit_ms = 10000;
	base[0].silence_ms = 20000;
	open_associated();
	run(1000);
}

/* A gateway that was killed: its host says that nobody listens there any more. Who lives answers the audit,
 * whatever is said of him. */
START_TEST(a_gateway_whose_host_refuses_is_asked_at_once)
{
	struct h248_addr gateway = network_addr(MGCS), other = network_addr(MGCS + 1);
	unsigned before;

	open_watched();
	before = net.node[MGCS].heard;
	h248_entity_refused(all[0].e, &other, net.now);
	run(100);
	ck_assert_uint_eq(net.node[MGCS].heard, before);
	for (int i = 0; i < 5; i++)
		h248_entity_refused(all[0].e, &gateway, net.now);
	run(6000);
	ck_assert_uint_eq(net.node[MGCS].heard, before + 1);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);

	/* One word of its host is not enough. */
	net.node[MGCS].down = true;
	h248_entity_refused(all[0].e, &gateway, net.now);
	run(5500);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
	h248_entity_refused(all[0].e, &gateway, net.now);
	run(10);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
	ck_assert_uint_eq(h248_entity_counters(all[0].e)->lost, 1);
	close_all();

	open_watched();
	net.node[MGCS].down = true;
	h248_entity_refused(all[0].e, &gateway, net.now);
	run(50);
	h248_entity_refused(all[0].e, &gateway, net.now);
	run(4800);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_ACTIVE);
	run(300);
	ck_assert_int_eq(h248_peer_state(peer_of(&all[0])), H248_LOST);
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

UNIT_MAIN("h248 leaving", forced_and_graceful_leaving, a_broken_connection_is_a_failure_at_once,
	  requests_go_to_the_service_change_address, a_service_change_needs_method_and_reason,
	  a_gateway_fails_over_to_its_standby, an_empty_audit_watches_the_gateway,
	  a_silent_gateway_is_given_up_before_the_audit_is,
	  a_gateway_whose_host_refuses_is_asked_at_once,
	  inactivity_is_armed_notified_and_ends_in_disconnected, a_restarted_gateway_starts_afresh)
