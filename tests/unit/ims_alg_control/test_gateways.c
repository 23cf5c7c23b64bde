/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many gateways: which one a call gets, and what becomes of calls when one goes. */
#include <string.h>

#include "unit/ims_alg_control/scene.h"

static struct alg_media media;

static void calls(unsigned from, unsigned n, enum mgc_code expected)
{
	for (unsigned i = 0; i < n; i++) {
		struct done d = {0};

		msrp_offer(&media);
		apply(from + i, &media, &d);
		run(60);
		ck_assert_int_eq(d.result.code, expected);
	}
}

START_TEST(calls_spread_by_weight)
{
	scene_prepare();
	scene_open(2);
	calls(1, 60, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 60);
	ck_assert_uint_ge(fake_contexts(0), 15);
	ck_assert_uint_ge(fake_contexts(1), 15);
	scene_close();
}
END_TEST

/* weight=0: only when nobody else is there. */
START_TEST(a_spare_gateway_waits)
{
	struct mgc_gateway_config spare = {.name = "spare", .mid = "<agw1.example.net>"};
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	spare.address = network_addr(2).at;
	ck_assert_int_eq(mgc_gateway_add(mgc, &spare), 1);
	ck_assert_int_eq(mgc_gateway_add(mgc, &spare), -1);
	calls(1, 10, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), 10);
	fake_die(0);
	msrp_offer(&media);
	run(5000);
	apply(99, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_NO_GATEWAY); /* the spare one never registered */
	ck_assert_str_eq(d.result.text, "no gateway for these realms");
	scene_close();
}
END_TEST

START_TEST(a_call_goes_where_its_realms_are)
{
	struct mgc_gateway_config g = {.name = "wifi",
				       .mid = "<agw1.example.net>",
				       .weight = 1,
				       .realms = 2,
				       .realm = {"wifi.ims", "core.ims"}};
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	g.address = network_addr(2).at;
	ck_assert_int_eq(mgc_gateway_add(mgc, &g), 1);
	calls(1, 5, MGC_OK);
	msrp_offer(&media);
	strcpy(media.realm[ALG_ACCESS], "wifi.ims"); /* agw0 takes any, agw1 is not up */
	apply(50, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_str_eq(d.result.gateway, "agw0");
	scene_close();
}
END_TEST

/* kill -9: t_max_ms and grace_ms later every call of it has been told, and new ones go elsewhere. */
START_TEST(a_gateway_that_dies_is_noticed_in_time)
{
	scene_prepare();
	scene_open(2);
	calls(1, 20, MGC_OK);
	run(100);
	memset(heard, 0, sizeof(heard));
	unsigned on_it = fake_contexts(0);

	ck_assert_uint_gt(on_it, 0);
	fake_die(0);
	run(1000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	run(1600);
	ck_assert_uint_eq(heard[MGC_EV_GATEWAY_DOWN].n, 1);
	ck_assert_str_eq(heard[MGC_EV_GATEWAY_DOWN].last.gateway, "agw0");
	run(500);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, on_it);
	ck_assert_int_eq(view(0).state, MGC_DOWN);
	ck_assert_uint_eq(mgc_contexts(mgc), 20 - on_it);
	calls(100, 10, MGC_OK);
	ck_assert_uint_eq(fake_contexts(1), 20 - on_it + 10);
	scene_close();
}
END_TEST

/* It comes back at once: its calls are told at once. */
START_TEST(a_gateway_that_restarts_has_lost_its_calls)
{
	scene_prepare();
	scene_open(1);
	calls(1, 5, MGC_OK);
	fake_die(0);
	fake_live(0);
	run(200);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 5);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	calls(10, 5, MGC_OK);
	/* A request of before was late, and the new process has carried it out. */
	fakes[0].context[20] = fakes[0].context[0];
	fakes[0].context[20].id = 4711;
	ck_assert_uint_eq(fake_contexts(0), 6);
	run(6000);
	ck_assert_uint_eq(fake_contexts(0), 5);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(mgc_contexts(mgc), 5);
	scene_close();
}
END_TEST

/* The network between us breaks for a while: no call is lost. */
START_TEST(calls_outlive_a_short_silence)
{
	struct done d = {0};

	scene_prepare();
	config.grace_ms = 4000;
	scene_open(1);
	calls(1, 5, MGC_OK);
	net.node[1].down = true;
	run(4000);
	ck_assert_int_eq(view(0).state, MGC_RESTARTING);
	apply(100, &media, &d);
	run(10);
	ck_assert_int_eq(d.result.code, MGC_NO_GATEWAY);
	net.node[1].down = false;
	run(6000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_uint_eq(fake_contexts(0), 5);
	ck_assert_uint_eq(mgc_contexts(mgc), 5);
	scene_close();
}
END_TEST

/* A change that was out when the network broke is taken back when the gateway is there again. */
START_TEST(a_change_in_a_silence_is_taken_back)
{
	struct done d = {0};

	scene_prepare();
	config.grace_ms = 4000;
	scene_open(1);
	calls(1, 1, MGC_OK);
	msrp_offer(&media);
	media.stream[0].end[ALG_ACCESS].mode = SDP_DIR_INACTIVE;
	net.node[1].down = true;
	run(3000);
	apply(1, &media, &d);
	run(1500);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_ne(d.result.code, MGC_OK);
	net.node[1].down = false;
	run(6000);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].control, "MO=SR"));
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	scene_close();
}
END_TEST

START_TEST(a_gateway_that_drains_keeps_its_calls)
{
	scene_prepare();
	scene_open(2);
	calls(1, 20, MGC_OK);
	unsigned before = fake_contexts(0);

	ck_assert_int_eq(mgc_gateway_drain(mgc, SLICE_LIT("agw0"), true, net.now), 0);
	ck_assert_int_eq(mgc_gateway_drain(mgc, SLICE_LIT("agw9"), true, net.now), -1);
	ck_assert_int_eq(view(0).state, MGC_DRAINING);
	calls(100, 10, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), before);
	ck_assert_int_eq(mgc_gateway_drain(mgc, SLICE_LIT("agw0"), false, net.now), 0);
	ck_assert_int_eq(view(0).state, MGC_UP);
	/* By itself, with ServiceChange Graceful; then it leaves, and what is left is told. */
	ck_assert_int_eq(h248_mg_leave(fakes[0].entity, H248_GRACEFUL, 0, net.now), H248_OK);
	run(100);
	ck_assert_int_eq(view(0).state, MGC_DRAINING);
	calls(200, 10, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), before);
	ck_assert_int_eq(h248_mg_leave(fakes[0].entity, H248_FORCED, 0, net.now), H248_OK);
	run(100);
	ck_assert_int_eq(view(0).state, MGC_DOWN);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, before);
	scene_close();
}
END_TEST

/* H.248.11: while it says that it is overloaded it gets fewer calls, and more of them later. */
START_TEST(an_overloaded_gateway_is_spared)
{
	unsigned full;

	scene_prepare();
	scene_open(2);
	ck_assert_ptr_nonnull(strstr(fakes[0].root, "ocp/mg_overload"));
	ck_assert_ptr_nonnull(strstr(fakes[0].root, "it/ito"));
	for (int i = 0; i < 8; i++) {
		fake_notify(0, 0, "ROOT", 2000000000, "ocp/mg_overload");
		run(900);
	}
	ck_assert_uint_eq(fakes[0].notify_code, 0);
	ck_assert_int_eq(view(0).state, MGC_OVERLOADED);
	ck_assert_uint_lt(view(0).pace, 30);
	ck_assert_uint_eq(view(0).overloads, 8);
	for (unsigned i = 0; i < 40; i++) {
		struct done d = {0};

		msrp_offer(&media);
		apply(i + 1, &media, &d);
		run(60);
		ck_assert_uint_eq(d.n, 1);
	}
	full = fake_contexts(0);
	ck_assert_uint_lt(full, 12);
	ck_assert_uint_ge(fake_contexts(1), 28);
	run(25000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(view(0).pace, 100);
	scene_close();
}
END_TEST

/* Alone and overloaded: most calls are refused at once, emergency calls never. */
START_TEST(emergency_calls_pass_an_overloaded_gateway)
{
	unsigned refused = 0;

	scene_prepare();
	scene_open(1);
	for (int i = 0; i < 12; i++) {
		fake_notify(0, 0, "ROOT", 2000000000, "ocp/mg_overload");
		run(900);
	}
	msrp_offer(&media);
	for (unsigned i = 0; i < 20; i++) {
		struct done d = {0};

		media.emergency = i % 2;
		apply(i + 1, &media, &d);
		run(60);
		ck_assert_uint_eq(d.n, 1);
		refused += d.result.code == MGC_NO_GATEWAY;
		if (media.emergency)
			ck_assert_int_eq(d.result.code, MGC_OK);
		else if (d.result.code)
			ck_assert_str_eq(d.result.text, "the gateways are overloaded");
	}
	ck_assert_uint_ge(refused, 6);
	scene_close();
}
END_TEST

START_TEST(a_gateway_without_overload_events_is_still_watched)
{
	scene_prepare();
	fakes[0].code = 512;
	fakes[0].code_skip = 0;
	scene_open(1);
	ck_assert_uint_eq(fakes[0].root_events, 2);
	ck_assert_ptr_nonnull(strstr(fakes[0].root, "it/ito"));
	ck_assert_ptr_null(strstr(fakes[0].root, "mg_overload"));
	scene_close();
}
END_TEST

/* Who is not configured is not heard, whatever it says it is. */
START_TEST(strangers_get_no_word)
{
	struct h248_addr stranger = network_addr(9), here = network_addr(0);
	const char *say = "MEGACO/3 <agw0.example.net>\nTransaction=9{Context=-{ServiceChange=ROOT{"
			  "Services{Method=Restart,Reason=\"901 Cold Boot\",Version=3}}}}";
	unsigned sent;

	scene_prepare();
	scene_open(1);
	calls(1, 3, MGC_OK);
	sent = net.node[0].sent;
	mgc_receive(mgc, 0, &stranger, slice_str(say), net.now);
	mgc_receive(mgc, 0, &here, SLICE_LIT("MEGACO/3 <nobody>\nTransaction=9{}"), net.now);
	ck_assert_uint_eq(net.node[0].sent, sent);
	run(100);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_int_eq(view(0).state, MGC_UP);
	scene_close();
}
END_TEST

/* ---- what gateways tell ---- */

static void tell(const char *event)
{
	struct fake_termination *t = fake_side(0, "access");

	fake_notify(0, fake_only(0)->id, t->id, t->request, event);
	ck_assert_uint_eq(fakes[0].notify_code, 0);
}

START_TEST(events_reach_the_owner)
{
	static const struct {
		const char *event;
		enum mgc_event_type type;
		const char *text;
	} rows[] = {
	    {"tlsbsc/BNCChange{Stream=1,Type=EstFail}", MGC_EV_TLS_FAILED, ""},
	    {"tcpbcc/BNCChange{Stream=1,Type=EstFail}", MGC_EV_CONNECT_FAILED, ""},
	    {"tcpbcc/BNCChange{Stream=1,Type=Rel}", MGC_EV_CONNECTION_END, ""},
	    {"g/cause{Stream=1,Generalcause=NR}", MGC_EV_CONNECTION_END, ""},
	    {"g/cause{Stream=1,Generalcause=FT,Failurecause=\"connection lost\"}",
	     MGC_EV_CONNECTION_LOST, "connection lost"},
	    {"g/cause{Stream=1,Generalcause=FP,Failurecause=\"TLS fingerprint mismatch\"}",
	     MGC_EV_TLS_FAILED, "TLS fingerprint mismatch"},
	    {"adid/ipstop{Stream=1}", MGC_EV_MEDIA_STOPPED, "no packets"},
	};

	scene_prepare();
	scene_open(1);
	calls(42, 1, MGC_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned before = heard[rows[i].type].n;

		tell(rows[i].event);
		ck_assert_msg(heard[rows[i].type].n == before + 1, "%s", rows[i].event);
		ck_assert_uint_eq(heard[rows[i].type].last.call, 42);
		ck_assert_int_eq(heard[rows[i].type].last.side, ALG_ACCESS);
		ck_assert_uint_eq(heard[rows[i].type].last.stream, 1);
		ck_assert_str_eq(heard[rows[i].type].text, rows[i].text);
	}
	tell("hangterm/thb"); /* answered, and nobody's affair */
	scene_close();
}
END_TEST

/* hangterm: who asks about a call that we do not know is told so, and lets go of it. */
START_TEST(a_hanging_termination_is_disowned)
{
	scene_prepare();
	scene_open(1);
	calls(1, 1, MGC_OK);
	fake_notify(0, 4711, "ip/core/4711", 5, "hangterm/thb");
	ck_assert_uint_eq(fakes[0].notify_code, 411);
	fake_notify(0, fake_only(0)->id, "ip/core/4711", 5, "hangterm/thb");
	ck_assert_uint_eq(fakes[0].notify_code, 435);
	scene_close();
}
END_TEST

/* ServiceChange Forced of terminations: their calls have no media any more. */
START_TEST(terminations_out_of_service)
{
	scene_prepare();
	scene_open(1);
	calls(1, 3, MGC_OK);
	ck_assert_int_eq(h248_mg_service_change(fakes[0].entity, H248_CONTEXT_ALL,
						SLICE_LIT("ip/access/*"), H248_FORCED, 906, 0, NULL,
						NULL, net.now),
			 H248_OK);
	run(100);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 3);
	ck_assert_uint_eq(fake_contexts(0), 0);
	scene_close();
}
END_TEST

UNIT_MAIN("gateways of the controller", calls_spread_by_weight, a_spare_gateway_waits,
	  a_call_goes_where_its_realms_are, a_gateway_that_dies_is_noticed_in_time,
	  a_gateway_that_restarts_has_lost_its_calls, calls_outlive_a_short_silence,
	  a_change_in_a_silence_is_taken_back, a_gateway_that_drains_keeps_its_calls,
	  an_overloaded_gateway_is_spared, emergency_calls_pass_an_overloaded_gateway,
	  a_gateway_without_overload_events_is_still_watched, strangers_get_no_word,
	  events_reach_the_owner, a_hanging_termination_is_disowned, terminations_out_of_service)
