/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders that go wrong: refused, late, lost. Nothing is left at any gateway, and the call is told. */
#include <string.h>

#include "unit/ims_alg_control/scene.h"

static struct alg_media media;

static void call_up(uint64_t call)
{
	struct done d = {0};

	msrp_offer(&media);
	apply(call, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	media = d.media;
	msrp_answer(&media);
	apply(call, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	media = d.media;
}

static void nothing_is_left(void)
{
	run(3000);
	for (unsigned i = 0; i < GATEWAYS; i++)
		ck_assert_uint_eq(fake_contexts(i), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
}

/* The second termination cannot be had: the first is given back. */
START_TEST(a_refusal_leaves_nothing)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	fakes[0].code = 449; /* a realm that it does not have */
	fakes[0].code_tid = "ip/access";
	msrp_offer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	ck_assert_uint_eq(d.result.h248_code, 449);
	ck_assert_str_eq(d.result.text, "as the test wants it");
	ck_assert_uint_eq(fakes[0].adds, 1);
	ck_assert_uint_eq(view(0).errors, 1);
	ck_assert_uint_eq(view(0).last_error, 449);
	nothing_is_left();
	scene_close();
}
END_TEST

START_TEST(a_full_gateway_is_left_for_the_next)
{
	static const unsigned codes[] = {412, 432, 434, 502, 503, 510, 511, 526};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct done d = {0};

		scene_prepare();
		scene_open(2);
		fakes[0].code = codes[i];
		fakes[1].code = codes[i];
		fakes[1].code_tid = "ip/access"; /* out of ports at the second step */
		msrp_offer(&media);
		apply(1, &media, &d);
		run(200);
		ck_assert_uint_eq(d.n, 1);
		ck_assert_int_eq(d.result.code, MGC_NO_RESOURCES);
		ck_assert_uint_eq(d.result.h248_code, codes[i]);
		fakes[1].code = 0;
		apply(1, &media, &d);
		run(200);
		ck_assert_int_eq(d.result.code, MGC_OK);
		ck_assert_str_eq(d.result.gateway, "agw1");
		release(1, NULL);
		nothing_is_left();
		scene_close();
	}
}
END_TEST

/* Which networks a gateway is in need not stand in the settings. */
START_TEST(a_gateway_without_the_realm_is_left_for_the_next)
{
	static const char *const side[] = {"ip/access", "ip/core"};

	for (size_t i = 0; i < 2; i++) {
		struct done d = {0};

		scene_prepare();
		scene_open(3);
		for (unsigned g = 0; g < 3; g++) {
			fakes[g].code = 449;
			fakes[g].code_kind = H248_ADD;
			fakes[g].code_tid = side[i];
		}
		msrp_offer(&media);
		apply(1, &media, &d);
		run(300);
		ck_assert_uint_eq(d.n, 1);
		ck_assert_int_eq(d.result.code, MGC_REFUSED);
		ck_assert_uint_eq(d.result.h248_code, 449);
		for (unsigned g = 0; g < 3; g++)
			ck_assert_uint_gt(view(g).errors, 0);
		fakes[2].code = 0;
		for (uint64_t call = 1; call <= 9; call++) {
			apply(call, &media, &d);
			run(300);
			ck_assert_int_eq(d.result.code, MGC_OK);
			ck_assert_str_eq(d.result.gateway, "agw2");
		}
		ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 0);
		for (uint64_t call = 1; call <= 9; call++)
			release(call, NULL);
		nothing_is_left();
		scene_close();
	}
}
END_TEST

/* RFC 3264 8: a change that is refused leaves all as it was. */
START_TEST(a_refused_change_is_taken_back)
{
	struct done d = {0};
	struct alg_media changed;

	scene_prepare();
	scene_open(1);
	call_up(1);
	changed = media;
	changed.first = ALG_CORE;
	changed.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	changed.stream[0].end[ALG_ACCESS].mode = SDP_DIR_INACTIVE;
	fakes[0].code = 473;
	fakes[0].code_tid = "ip/access";
	apply(1, &changed, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	fakes[0].code = 0;
	run(100);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=SR"));
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].control, "MO=SR"));
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	apply(1, &changed, &d); /* it goes on */
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=IN"));
	scene_close();
}
END_TEST

/* When not even that works, the call is over, and its owner knows. */
START_TEST(what_cannot_be_taken_back_is_subtracted)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(7);
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	media.stream[0].end[ALG_ACCESS].mode = SDP_DIR_INACTIVE;
	fakes[0].code = 500;
	fakes[0].code_kind = H248_MODIFY;
	fakes[0].code_skip = 1; /* the core's Modify works, nothing after it */
	apply(7, &media, &d);
	run(200);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].last.call, 7);
	nothing_is_left();
	scene_close();
}
END_TEST

/* 411: the gateway knows nothing of the context any more. */
START_TEST(a_context_that_is_gone_is_told)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(7);
	fake_only(0)->id = 0;
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	apply(7, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_CONTEXT_LOST);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 1);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

static void hold_both(struct alg_media *m)
{
	m->stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	m->stream[0].end[ALG_ACCESS].mode = SDP_DIR_INACTIVE;
}

/* 411, 430, 435 of what is there all the same: its audit shows it, and the change is asked for again. */
START_TEST(a_context_that_is_denied_is_looked_for)
{
	static const unsigned codes[] = {411, 430, 435};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct done d = {0};

		scene_prepare();
		scene_open(1);
		call_up(7);
		fakes[0].code = codes[i];
		fakes[0].code_kind = H248_MODIFY;
		fakes[0].code_times = 1;
		hold_both(&media);
		apply(7, &media, &d);
		run(100);
		ck_assert_uint_eq(fakes[0].looks, 1);
		ck_assert_int_eq(d.result.code, MGC_OK);
		ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=IN"));
		ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].control, "MO=IN"));
		ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
		release(7, NULL);
		nothing_is_left();
		scene_close();
	}
}
END_TEST

/* A gateway that goes on denying what it shows does not do the change: that is refused, and the call goes on. */
START_TEST(a_context_that_is_denied_again_is_not_lost)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(7);
	fakes[0].code = 411;
	fakes[0].code_kind = H248_MODIFY;
	fakes[0].code_times = 2;
	hold_both(&media);
	apply(7, &media, &d);
	run(100);
	ck_assert_uint_eq(fakes[0].looks, 1);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	ck_assert_uint_eq(d.result.h248_code, 411);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=SR"));
	apply(7, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	release(7, NULL);
	nothing_is_left();
	scene_close();
}
END_TEST

/* One of its terminations has really gone: what is left is subtracted, and the call is told. */
START_TEST(half_a_context_is_lost)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(7);
	fake_only(0)->n--;
	hold_both(&media);
	apply(7, &media, &d);
	run(100);
	ck_assert_uint_eq(fakes[0].looks, 1);
	ck_assert_int_eq(d.result.code, MGC_CONTEXT_LOST);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 1);
	nothing_is_left();
	scene_close();
}
END_TEST

/* A termination that is to go and has gone already: the reply to that was lost. */
START_TEST(what_was_subtracted_before_is_no_loss)
{
	static const struct alg_media nothing;
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(7);
	fakes[0].code = 411;
	fakes[0].code_kind = H248_SUBTRACT;
	fakes[0].code_times = 1;
	fake_only(0)->termination[0] = fake_only(0)->termination[--fake_only(0)->n];
	apply(7, &nothing, &d);
	run(100);
	ck_assert_uint_eq(fakes[0].looks, 1);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	nothing_is_left();
	scene_close();
}
END_TEST

/* A gateway that has its reasons for silence: after step_ms another one is asked. What the first
 * makes of the Add when it wakes is taken away. */
START_TEST(a_silent_gateway_is_left_for_the_next)
{
	struct done d = {0};

	scene_prepare();
	config.t_max_ms = 20000; /* it does not count as lost */
	scene_open(2);
	fakes[0].late = fakes[1].late = true;
	msrp_offer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_uint_eq(fakes[0].n_held + fakes[1].n_held, 1);
	fake_answer(fakes[0].n_held ? 1 : 0); /* the other one is well */
	run(1200);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), 1);
	ck_assert_uint_eq(fake_contexts(1), 1);
	fake_answer(strcmp(d.result.gateway, "agw0") == 0 ? 1 : 0);
	run(200);
	ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 1);
	release(1, NULL);
	nothing_is_left();
	scene_close();
}
END_TEST

/* With no other gateway the order ends in time, and the late context is taken away, too. */
START_TEST(an_answer_that_comes_too_late)
{
	struct done d = {0};

	scene_prepare();
	config.t_max_ms = 20000;
	scene_open(1);
	fakes[0].late = true;
	msrp_offer(&media);
	apply(1, &media, &d);
	run(3400);
	ck_assert_uint_eq(d.n, 0);
	run(200);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.result.code, MGC_TIMED_OUT);
	ck_assert_uint_eq(fake_contexts(0), 1);
	fake_answer(0);
	nothing_is_left();
	scene_close();
}
END_TEST

/* A change of a call that stands: the order ends in time, the change is taken back when its reply
 * has come, and nothing else of the call passes before that. */
START_TEST(a_change_that_comes_too_late_is_taken_back)
{
	struct done d = {0}, next = {0};

	scene_prepare();
	config.t_max_ms = 20000;
	scene_open(1);
	call_up(1);
	fakes[0].late = true;
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	apply(1, &media, &d);
	run(3600);
	ck_assert_int_eq(d.result.code, MGC_TIMED_OUT);
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_RECVONLY;
	apply(1, &media, &next);
	run(1000);
	ck_assert_uint_eq(next.n, 0);
	fake_answer(0);
	run(200);
	ck_assert_int_eq(next.result.code, MGC_OK);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=RC"));
	ck_assert_uint_eq(fakes[0].modifies, 2 + 3); /* there, back, and there */
	scene_close();
}
END_TEST

START_TEST(a_subtract_that_is_not_answered)
{
	struct done d = {0};

	scene_prepare();
	config.t_max_ms = 20000;
	scene_open(1);
	call_up(1);
	fakes[0].late = true;
	release(1, &d);
	run(3600);
	ck_assert_int_eq(d.result.code, MGC_TIMED_OUT);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	fake_answer(0);
	nothing_is_left();
	scene_close();
}
END_TEST

/* An Add without the address that was to be chosen is no use. */
START_TEST(a_reply_that_lacks_the_address)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	fakes[0].no_port = true;
	msrp_offer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	nothing_is_left();
	scene_close();
}
END_TEST

/* Whoever calls himself by the gateway's address would have it send to itself for ever. */
START_TEST(a_phone_that_is_the_gateway_gets_nothing)
{
	struct netaddr gateway, elsewhere;
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	call_up(1);
	gateway = media.stream[0].given[ALG_ACCESS].local;
	elsewhere = media.stream[0].end[ALG_ACCESS].remote;
	gateway.port += 2; /* another call's, perhaps */
	media.stream[0].end[ALG_ACCESS].remote = gateway;
	apply(1, &media, &d);
	run(200);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	ck_assert_str_eq(d.result.text, "the phone's address is the gateway's");
	/* The call is as it was. */
	ck_assert_uint_eq(fake_contexts(0), 1);
	media.stream[0].end[ALG_ACCESS].remote = elsewhere;
	d = (struct done){0};
	apply(1, &media, &d);
	run(200);
	ck_assert_int_eq(d.result.code, MGC_OK);
	/* Of a new call nothing stays. */
	msrp_offer(&media);
	media.stream[0].end[ALG_ACCESS].remote = gateway;
	d = (struct done){0};
	apply(2, &media, &d);
	run(200);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	run(3000);
	ck_assert_uint_eq(fake_contexts(0), 1);
	release(1, NULL);
	nothing_is_left();
	scene_close();
}
END_TEST

/* The gateway is killed while a call is being made: it goes to the other one. */
START_TEST(a_gateway_that_dies_in_the_middle)
{
	struct done d = {0};
	unsigned dead;

	scene_prepare();
	scene_open(2);
	fakes[0].late = fakes[1].late = true;
	msrp_offer(&media);
	apply(1, &media, &d);
	run(100);
	dead = fakes[0].n_held ? 0 : 1;
	fakes[1 - dead].late = false;
	fake_die(dead);
	run(1500);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fake_contexts(1 - dead), 1);
	scene_close();
}
END_TEST

/* A hundred calls, each with something wrong somewhere: nothing is left. */
START_TEST(random_failures_leave_nothing)
{
	enum { CALLS = 300 };
	static struct done d[CALLS], e[CALLS];
	static const unsigned codes[] = {0, 0, 0, 0, 410, 449, 473, 500, 510, 412};
	unsigned ok = 0;

	memset(d, 0, sizeof(d));
	memset(e, 0, sizeof(e));
	scene_prepare();
	scene_open(2);
	net.loss = 30;
	net.twice = 30;
	msrp_offer(&media);
	for (int i = 0; i < CALLS; i++) {
		struct alg_media changed = media;

		for (int g = 0; g < 2; g++) {
			fakes[g].code = codes[network_random(&net, 10)];
			fakes[g].code_skip = network_random(&net, 3);
			fakes[g].code_kind = network_random(&net, 2) ? 0 : H248_MODIFY;
		}
		media.merged = network_random(&net, 2);
		apply((uint64_t)i + 1, &media, &d[i]);
		run(network_random(&net, 40));
		changed.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
		if (network_random(&net, 2))
			apply((uint64_t)i + 1, &changed, &d[i]);
		run(network_random(&net, 40));
		release((uint64_t)i + 1, &e[i]);
	}
	fakes[0].code = fakes[1].code = 0;
	net.loss = 0;
	run(30000);
	for (int i = 0; i < CALLS; i++) {
		ck_assert_uint_ge(d[i].n, 1);
		ck_assert_uint_eq(e[i].n, 1);
		ok += d[i].result.code == MGC_OK;
	}
	ck_assert_uint_gt(ok, CALLS / 10);
	ck_assert_uint_lt(ok, CALLS);
	nothing_is_left();
	for (unsigned i = 0; i < 2; i++)
		ck_assert_uint_eq(view(i).contexts, 0);
	scene_close();
}
END_TEST

UNIT_MAIN("faults of the gateways", a_refusal_leaves_nothing, a_full_gateway_is_left_for_the_next,
	  a_gateway_without_the_realm_is_left_for_the_next, a_refused_change_is_taken_back,
	  what_cannot_be_taken_back_is_subtracted, a_context_that_is_gone_is_told,
	  a_context_that_is_denied_is_looked_for, a_context_that_is_denied_again_is_not_lost,
	  half_a_context_is_lost, what_was_subtracted_before_is_no_loss,
	  a_silent_gateway_is_left_for_the_next, an_answer_that_comes_too_late,
	  a_change_that_comes_too_late_is_taken_back, a_subtract_that_is_not_answered,
	  a_reply_that_lacks_the_address, a_phone_that_is_the_gateway_gets_nothing,
	  a_gateway_that_dies_in_the_middle, random_failures_leave_nothing)
