/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a restart of either side: calls are kept, orphans are subtracted, losses are told. */
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

struct saved {
	size_t n;
	struct {
		size_t size;
		char bytes[32768];
	} record[32];
};
static struct saved saved;

static void save_one(uint64_t call, void *arg)
{
	struct saved *s = arg;
	size_t n = mgc_context_save(mgc, call, s->record[s->n].bytes, sizeof(s->record[0].bytes));

	if (!n)
		return;
	ck_assert_uint_le(n, sizeof(s->record[0].bytes));
	s->record[s->n++].size = n;
}

static void save_all(void)
{
	saved.n = 0;
	mgc_each_call(mgc, save_one, &saved);
}

/* The P-CSCF restarts and knows nothing: what it had made is nobody's. The gateway, which has not
 * noticed anything, is told to register anew. */
START_TEST(a_controller_without_memory_clears_up)
{
	scene_prepare();
	scene_open(2);
	calls(1, 12);
	ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 12);
	controller_restart();
	ck_assert_int_eq(view(0).state, MGC_DOWN);
	mgc_start(mgc, net.now);
	run(500);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(view(i).state, MGC_UP);
		ck_assert_uint_eq(fake_contexts(i), 0);
	}
	ck_assert_uint_eq(view(0).orphans + view(1).orphans, 12);
	scene_close();
}
END_TEST

/* Without being called the gateway finds out by itself, from it/ito and the 505 to it. */
START_TEST(a_gateway_finds_out_by_itself)
{
	scene_prepare();
	scene_open(1);
	calls(1, 2);
	controller_restart();
	run(8000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(fake_contexts(0), 0);
	scene_close();
}
END_TEST

/* It has its records: the calls go on, and can be changed and released. */
START_TEST(calls_outlive_a_restart_of_the_controller)
{
	struct done d = {0};
	uint64_t call;

	scene_prepare();
	scene_open(2);
	calls(1, 12);
	save_all();
	ck_assert_uint_eq(saved.n, 12);
	calls(100, 3); /* not in the records any more */
	controller_restart();
	for (size_t i = 0; i < saved.n; i++) {
		ck_assert_int_eq(
		    mgc_context_load(mgc, saved.record[i].bytes, saved.record[i].size, &call), 0);
		ck_assert_uint_le(call, 12);
	}
	mgc_start(mgc, net.now);
	run(500);
	ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 12);
	ck_assert_uint_eq(view(0).orphans + view(1).orphans, 3);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	msrp_offer(&media);
	msrp_answer(&media);
	apply(5, &media, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert(d.media.stream[0].given[ALG_ACCESS].has_fingerprint);
	for (uint64_t i = 1; i <= 12; i++)
		release(i, NULL);
	run(200);
	ck_assert_uint_eq(fake_contexts(0) + fake_contexts(1), 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* Over SCTP a gateway is not called; the calls wait until it has found out. */
START_TEST(calls_wait_for_a_gateway_that_comes_by_itself)
{
	uint64_t call;

	scene_prepare();
	controller_kind = H248_SCTP;
	scene_open(1);
	calls(1, 4);
	save_all();
	controller_restart();
	for (size_t i = 0; i < saved.n; i++)
		ck_assert_int_eq(
		    mgc_context_load(mgc, saved.record[i].bytes, saved.record[i].size, &call), 0);
	mgc_start(mgc, net.now);
	run(4000);
	ck_assert_int_eq(view(0).state, MGC_DOWN);
	run(4000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_uint_eq(fake_contexts(0), 4);
	scene_close();
}
END_TEST

/* Both were killed: the calls of the records are lost, and told. */
START_TEST(both_restart)
{
	uint64_t call;

	scene_prepare();
	scene_open(1);
	calls(1, 4);
	save_all();
	controller_restart();
	fake_die(0);
	for (size_t i = 0; i < saved.n; i++)
		ck_assert_int_eq(
		    mgc_context_load(mgc, saved.record[i].bytes, saved.record[i].size, &call), 0);
	mgc_start(mgc, net.now);
	fake_live(0);
	run(500);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 4);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* And when the gateway never comes back they are told in five seconds. */
START_TEST(the_gateway_of_the_records_never_comes)
{
	uint64_t call;

	scene_prepare();
	scene_open(1);
	calls(1, 4);
	save_all();
	controller_restart();
	fake_die(0);
	for (size_t i = 0; i < saved.n; i++)
		ck_assert_int_eq(
		    mgc_context_load(mgc, saved.record[i].bytes, saved.record[i].size, &call), 0);
	mgc_start(mgc, net.now);
	run(5000);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 4);
	scene_close();
}
END_TEST

START_TEST(a_record_that_is_not_ours_is_refused)
{
	uint64_t call;
	char other[sizeof(saved.record[0].bytes)];
	size_t size;

	scene_prepare();
	scene_open(1);
	calls(1, 1);
	save_all();
	ck_assert_uint_eq(saved.n, 1);
	size = saved.record[0].size;
	memcpy(other, saved.record[0].bytes, size);
	ck_assert_int_eq(mgc_context_load(mgc, other, size, &call), -1); /* it is there */
	ck_assert_uint_eq(mgc_context_save(mgc, 1, NULL, 0), size);
	ck_assert_uint_eq(mgc_context_save(mgc, 2, NULL, 0), 0);
	controller_restart();
	for (size_t n = 0; n < size; n++) /* any part of it */
		ck_assert_int_eq(mgc_context_load(mgc, other, n, &call), -1);
	other[0] ^= 1;
	ck_assert_int_eq(mgc_context_load(mgc, other, size, &call), -1);
	other[0] ^= 1;
	memset(other + 16, 'x', MGC_GATEWAY_NAME_MAX); /* a gateway without an end */
	ck_assert_int_eq(mgc_context_load(mgc, other, size, &call), -1);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* The gateway lost some of them on its own. */
START_TEST(what_the_gateway_lost_is_told)
{
	struct fake_context *c;

	scene_prepare();
	config.grace_ms = 20000;
	scene_open(1);
	calls(1, 5);
	c = &fakes[0].context[2];
	ck_assert_uint_ne(c->id, 0);
	c->id = 0;
	fakes[0].context[3].n--; /* and half of another one */
	net.node[1].down = true;
	run(4000);
	ck_assert_int_eq(view(0).state, MGC_RESTARTING);
	net.node[1].down = false;
	run(8000);
	ck_assert_int_eq(view(0).state, MGC_UP);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 2);
	ck_assert_uint_eq(view(0).contexts_lost, 2);
	ck_assert_uint_eq(mgc_contexts(mgc), 3);
	ck_assert_uint_eq(fake_contexts(0), 3);
	scene_close();
}
END_TEST

/* A context that is being made while the audit runs is nobody's orphan. */
START_TEST(an_audit_does_not_hit_new_calls)
{
	static struct done d[20];

	memset(d, 0, sizeof(d));
	scene_prepare();
	net.delay_max = 40;
	scene_open(1);
	msrp_offer(&media);
	for (unsigned i = 0; i < 20; i++) {
		apply(i + 1, &media, &d[i]);
		run(3);
		ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
		run(7);
	}
	run(8000);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(d[i].result.code, MGC_OK);
	ck_assert_uint_eq(fake_contexts(0), 20);
	ck_assert_uint_eq(view(0).orphans, 0);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	scene_close();
}
END_TEST

/* What a refused Subtract has left there is found, if not at once. */
START_TEST(an_audit_that_is_refused_is_asked_again)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	calls(1, 3);
	fakes[0].code = 540;
	release(2, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_REFUSED);
	fakes[0].code_kind = H248_AUDIT_VALUE;
	run(5400);
	ck_assert_uint_eq(fake_contexts(0), 3);
	fakes[0].code = 0;
	run(5500);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(fake_contexts(0), 2);
	ck_assert_uint_eq(mgc_contexts(mgc), 2);
	scene_close();
}
END_TEST

/* That it does not know the context is believed of a Subtract only if the context is not shown. */
START_TEST(a_subtract_that_is_denied_is_looked_at)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	calls(1, 3);
	fakes[0].code = 411;
	fakes[0].code_kind = H248_SUBTRACT;
	fakes[0].code_times = 1;
	release(2, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].looks, 1);
	ck_assert_uint_eq(fake_contexts(0), 3);
	run(6000);
	ck_assert_uint_eq(fake_contexts(0), 2);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	/* one that has gone: nothing more is done */
	fakes[0].context[0].id = 0;
	release(1, &d);
	run(6000);
	ck_assert_int_eq(d.result.code, MGC_OK);
	ck_assert_uint_eq(fakes[0].looks, 1);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(mgc_contexts(mgc), 1);
	scene_close();
}
END_TEST

/* Calls come and go, 100 a second, and an audit runs. The Subtract of one call is refused. */
static void a_subtract_is_refused_beside_an_audit(unsigned refused)
{
	enum { AUDITED = 40, CALLS = 700, HELD = 4 };
	static struct done d[CALLS];
	struct done e = {0};

	memset(d, 0, sizeof(d));
	scene_prepare();
	scene_open(1);
	net.delay_max = 250;
	msrp_offer(&media);
	for (unsigned i = 0; i < CALLS; i++) {
		if (i == AUDITED)
			ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
		if (i == refused) {
			fakes[0].code = 430;
			fakes[0].code_kind = H248_SUBTRACT;
			fakes[0].code_times = 1;
		}
		apply(1 + i, &media, &d[i]);
		if (i >= HELD)
			release(1 + i - HELD, &e);
		run(10);
	}
	run(12000);
	ck_assert_uint_eq(fakes[0].code, 0);
	ck_assert_uint_eq(mgc_contexts(mgc), HELD);
	ck_assert_uint_eq(fake_contexts(0), HELD);
	ck_assert_uint_eq(view(0).orphans, 1);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	scene_close();
}

/* Each round sees contexts that nobody has been told of yet, so that another follows, up to a number of them. What is left there
 * behind the last is found all the same. */
START_TEST(what_is_left_behind_the_last_round_is_found)
{
	for (unsigned refused = 420; refused < 540; refused += 3)
		a_subtract_is_refused_beside_an_audit(refused);
}
END_TEST

/* One reply that it has nothing does not end all its calls; two do. */
START_TEST(that_there_is_nothing_is_said_twice)
{
	scene_prepare();
	scene_open(1);
	calls(1, 3);
	fakes[0].code = 411;
	fakes[0].code_kind = H248_AUDIT_VALUE;
	fakes[0].code_times = 1;
	ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
	run(6000);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 0);
	ck_assert_uint_eq(mgc_contexts(mgc), 3);
	fakes[0].code = 411;
	fakes[0].code_times = 2;
	ck_assert_int_eq(mgc_gateway_audit(mgc, SLICE_LIT("agw0"), net.now), 0);
	run(6000);
	ck_assert_uint_eq(heard[MGC_EV_CONTEXT_LOST].n, 3);
	ck_assert_uint_eq(mgc_contexts(mgc), 0);
	scene_close();
}
END_TEST

/* That it does not know a termination says nothing of the context. */
START_TEST(what_a_gateway_denies_is_looked_for)
{
	struct done d = {0};

	scene_prepare();
	scene_open(1);
	calls(1, 3);
	fakes[0].code = 430;
	release(2, &d);
	run(100);
	ck_assert_int_eq(d.result.code, MGC_OK);
	fakes[0].code = 0;
	run(6000);
	ck_assert_uint_eq(fake_contexts(0), 2);
	ck_assert_uint_eq(view(0).orphans, 1);
	scene_close();
}
END_TEST

/* Who removes the record when he orders the end finds it there no more afterwards. */
START_TEST(what_is_to_be_released_is_not_saved)
{
	static char record[32768];
	struct done d = {0}, e = {0};

	scene_prepare();
	scene_open(1);
	calls(1, 1);
	ck_assert_uint_gt(mgc_context_save(mgc, 1, record, sizeof(record)), 0);
	fakes[0].late = true;
	msrp_answer(&media);
	apply(1, &media, &d);
	run(100);
	ck_assert_uint_gt(mgc_context_save(mgc, 1, record, sizeof(record)), 0);
	release(1, &e);
	ck_assert_uint_eq(mgc_context_save(mgc, 1, record, sizeof(record)), 0);
	fakes[0].late = false;
	fake_answer(0);
	run(500);
	ck_assert_uint_eq(e.n, 1);
	ck_assert_uint_eq(mgc_context_save(mgc, 1, record, sizeof(record)), 0);
	scene_close();
}
END_TEST

UNIT_MAIN("audits of the controller", what_is_left_behind_the_last_round_is_found,
	  that_there_is_nothing_is_said_twice, a_controller_without_memory_clears_up,
	  a_gateway_finds_out_by_itself, calls_outlive_a_restart_of_the_controller,
	  calls_wait_for_a_gateway_that_comes_by_itself, both_restart,
	  the_gateway_of_the_records_never_comes, a_record_that_is_not_ours_is_refused,
	  what_the_gateway_lost_is_told, an_audit_does_not_hit_new_calls,
	  an_audit_that_is_refused_is_asked_again, what_a_gateway_denies_is_looked_for,
	  a_subtract_that_is_denied_is_looked_at, what_is_to_be_released_is_not_saved)
