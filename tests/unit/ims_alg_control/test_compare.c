/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a gateway has and nobody was told of is found: by following what is not sure, and every so often without a cause. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/ims_alg_control/scene.h"

static struct alg_media media;

static void calls(unsigned from, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct done d = {0};

		msrp_offer(&media);
		apply(from + i, &media, &d);
		run(60);
		ck_assert_int_eq(d.result.code, MGC_OK);
	}
}

static void open_without_regular(void)
{
	scene_prepare();
	config.compare_s = 0;
	scene_open(1);
}

/* The gateway gets a context that no Add of ours has made. */
static struct fake_context *orphan(void)
{
	struct fake_context *c = &fakes[0].context[CONTEXTS - 1];

	*c = (struct fake_context){.id = 900, .n = 1};
	strcpy(c->termination[0].id, "ip/core900");
	return c;
}

/* In the gateway's place, to the request that was sent last. */
static void answer_last(const char *what)
{
	const char *at = strstr(net.last[0], "Transaction = ");
	struct h248_addr from = network_addr(1);
	char text[256];
	int n;

	ck_assert_ptr_nonnull(at);
	at += strcspn(at, "0123456789");
	n = snprintf(text, sizeof(text), "MEGACO/3 <agw0.example.net>\nReply=%u{%s}",
		     (unsigned)strtoul(at, NULL, 10), what);
	mgc_receive(mgc, 0, &from, slice_make(text, (size_t)n), net.now);
}

/* The request that is sent next arrives, and its reply does not. It is sent again, and that is lost. */
static void reply_is_lost(void)
{
	unsigned sent;

	run(2);
	net.loss = 1000;
	run(20);
	for (sent = net.node[0].sent; net.node[0].sent == sent;)
		run(10);
	ck_assert_int_eq(view(0).state, MGC_UP);
}

/* A gateway that has carried out the Add, and has no room for its repetition. */
static void an_error_answers_the_repetition(const char *error)
{
	struct done d = {0};

	open_without_regular();
	msrp_offer(&media);
	apply(1, &media, &d);
	reply_is_lost();
	net.loss = 0;
	answer_last(error);
	run(100);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_ne(d.result.code, MGC_OK);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	ck_assert_uint_eq(fake_contexts(0), 1);
	run(6500);
	ck_assert_uint_eq(fake_contexts(0), 0);
	ck_assert_uint_eq(view(0).orphans, 1);
	scene_close();
}

START_TEST(an_error_to_a_repetition_is_followed)
{
	an_error_answers_the_repetition("Error=411{\"\"}");
	an_error_answers_the_repetition("Error=501{\"\"}");
	an_error_answers_the_repetition("Error=510{\"\"}");
	an_error_answers_the_repetition("Context=${Error=435{\"\"}}");
}
END_TEST

/* So it may be with a change: the gateway has it, and is told what holds. */
START_TEST(a_change_whose_repetition_is_refused_is_taken_back)
{
	struct done d = {0};

	open_without_regular();
	calls(1, 1);
	msrp_answer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	media = d.media;
	media.merged = true;
	media.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
	media.stream[0].end[ALG_ACCESS].mode = SDP_DIR_INACTIVE;
	d = (struct done){0};
	apply(1, &media, &d);
	reply_is_lost();
	net.loss = 0;
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=IN"));
	answer_last("Error=510{\"\"}");
	run(200);
	ck_assert_int_eq(d.result.code, MGC_NO_RESOURCES);
	ck_assert_ptr_nonnull(strstr(fake_side(0, "core")->stream[0].control, "MO=SR"));
	ck_assert_ptr_nonnull(strstr(fake_side(0, "access")->stream[0].control, "MO=SR"));
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	scene_close();
}
END_TEST

START_TEST(a_reply_that_cannot_be_read_is_followed)
{
	struct done d = {0};

	open_without_regular();
	msrp_offer(&media);
	apply(1, &media, &d);
	run(2);
	net.loss = 1000;
	run(20);
	net.loss = 0;
	ck_assert_uint_eq(fake_contexts(0), 1);
	answer_last("Context=7{Add=");
	answer_last("Context=7{Add=}");
	run(8000);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(mgc_contexts(mgc), d.result.code == MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), d.result.code == MGC_OK);
	scene_close();
}
END_TEST

/* An audit, too. */
START_TEST(an_audit_that_cannot_be_read_is_asked_again)
{
	open_without_regular();
	calls(1, 2);
	orphan();
	net.loss = 1000;
	ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
	answer_last("Context=7{AuditValue=}");
	net.loss = 0;
	run(4000);
	run(2000);
	ck_assert_uint_eq(fake_contexts(0), 2);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	scene_close();
}
END_TEST

/* Without any cause: who is nobody's goes, who has lost his context is told, and all others are as they were. */
START_TEST(contexts_are_compared_every_so_often)
{
	scene_prepare();
	config.compare_s = 20;
	scene_open(1);
	calls(1, 4);
	run(21000);
	ck_assert_uint_ge(view(0).comparisons, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	orphan();
	fakes[0].context[1].id = 0;
	run(21000);
	ck_assert_uint_eq(fake_contexts(0), 3);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(view(0).contexts_lost, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].last.call, 2);
	ck_assert_uint_eq(mgc_contexts(mgc), 3);
	/* no more often than was said */
	run(200000);
	ck_assert_uint_le(view(0).comparisons, 17);
	ck_assert_uint_ge(view(0).comparisons, 11);
	scene_close();
}
END_TEST

START_TEST(without_an_interval_nothing_is_compared)
{
	open_without_regular();
	calls(1, 1);
	run(8000); /* what came behind its restart is looked for once */
	ck_assert_uint_eq(view(0).comparisons, 1);
	orphan();
	run(100000);
	ck_assert_uint_eq(view(0).comparisons, 1);
	ck_assert_uint_eq(fake_contexts(0), 2);
	scene_close();
}
END_TEST

/* Who was away is compared when he is back, and then every so often. */
START_TEST(a_gateway_that_was_away_is_compared_again)
{
	uint64_t before;

	scene_prepare();
	config.compare_s = 20;
	config.grace_ms = 100000;
	scene_open(1);
	calls(1, 2);
	net.node[1].down = true;
	run(50000);
	ck_assert_int_eq(view(0).state, MGC_RESTARTING);
	net.node[1].down = false;
	run(8000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	before = view(0).comparisons;
	orphan();
	run(21000);
	ck_assert_uint_gt(view(0).comparisons, before);
	ck_assert_uint_eq(fake_contexts(0), 2);
	scene_close();
}
END_TEST

/* An Add that takes its time, with one comparison after another beside it, is nobody's orphan. */
START_TEST(an_add_that_takes_long_is_not_hit)
{
	struct done d = {0}, e = {0};

	scene_prepare();
	config.t_max_ms = 20000;
	config.order_ms = 20000;
	config.compare_s = 1;
	scene_open(1);
	fakes[0].late = true;
	msrp_offer(&media);
	media.merged = true;
	apply(1, &media, &d);
	run(100);
	fakes[0].late = false;
	orphan();
	/* Adds that come later do not make it wait for ever */
	for (uint64_t i = 2; i < 12; i++) {
		apply(i, &media, &e);
		run(1000);
		ck_assert_int_eq(e.result.code, MGC_OK);
	}
	ck_assert_uint_eq(d.n, 0);
	ck_assert_uint_eq(view(0).orphans, 0); /* any of both may be that of the Add */
	fake_answer(0);
	run(3000);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(fake_contexts(0), 11);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	scene_close();
}
END_TEST

/* Calls come and go while it is compared every second, over a line that loses and doubles: nobody loses a context. */
START_TEST(comparisons_hit_no_call)
{
	enum { CALLS = 400 };
	static struct done d[CALLS];
	unsigned ok = 0;

	memset(d, 0, sizeof(d));
	scene_prepare();
	config.compare_s = 1;
	scene_open(1);
	net.delay_max = 120;
	net.loss = net.twice = 20;
	msrp_offer(&media);
	for (uint64_t i = 0; i < CALLS; i++) {
		struct alg_media changed = media;

		apply(i + 1, &media, &d[i]);
		changed.stream[0].end[ALG_CORE].mode = SDP_DIR_INACTIVE;
		if (i >= 10)
			apply(i - 9, &changed, &d[i - 10]);
		if (i >= 20)
			release(i - 19, NULL);
		run(60);
	}
	net.loss = net.twice = 0;
	run(10000);
	for (unsigned i = 0; i < CALLS; i++)
		ok += d[i].result.code == MGC_OK;
	ck_assert_uint_gt(view(0).comparisons, 15);
	ck_assert_uint_eq(ok, CALLS);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_uint_eq(fake_contexts(0), mgc_contexts(mgc));
	ck_assert_uint_eq(mgc_contexts(mgc), 20);
	scene_close();
}
END_TEST

/* In a call's context: what is not the call's. */
START_TEST(a_termination_that_is_nobodys)
{
	struct fake_context *c;

	open_without_regular();
	calls(1, 1);
	c = fake_only(0);
	strcpy(c->termination[c->n++].id, "ip/access77");
	ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
	run(100);
	ck_assert_uint_eq(c->n, 2);
	ck_assert_ptr_null(strstr(c->termination[0].id, "77"));
	ck_assert_ptr_null(strstr(c->termination[1].id, "77"));
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 1);
	/* A wildcard is no name: the call's own would go with it. */
	strcpy(c->termination[c->n++].id, "ip/*");
	ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
	run(7000);
	ck_assert_uint_eq(c->n, 3);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(mgc_contexts(mgc), 1);
	scene_close();
}
END_TEST

/* One that was to leave gracefully, and restarts: what it had is gone. */
START_TEST(a_restart_of_one_that_leaves)
{
	open_without_regular();
	calls(1, 3);
	ck_assert_int_eq(h248_mg_leave(fakes[0].entity, H248_GRACEFUL, 60, net.now), H248_OK);
	run(100);
	ck_assert_int_eq(view(0).state, MGC_DRAINING);
	fake_die(0);
	fake_live(0);
	run(500);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 3);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

UNIT_MAIN("what is compared with the gateways", an_error_to_a_repetition_is_followed,
	  a_change_whose_repetition_is_refused_is_taken_back,
	  a_reply_that_cannot_be_read_is_followed, an_audit_that_cannot_be_read_is_asked_again,
	  contexts_are_compared_every_so_often, without_an_interval_nothing_is_compared,
	  a_gateway_that_was_away_is_compared_again, an_add_that_takes_long_is_not_hit,
	  comparisons_hit_no_call, a_termination_that_is_nobodys, a_restart_of_one_that_leaves)
