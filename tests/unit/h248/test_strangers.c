/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is not allowed, or not known, gets next to nothing. */
#include <stdio.h>

#include "unit/h248/associated.h"

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

UNIT_MAIN("h248 strangers", strangers_get_nothing_or_their_code,
	  strangers_take_no_place_and_are_not_amplified,
	  an_error_or_a_reply_of_a_stranger_is_not_answered)
