/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Third-party REGISTERs on their way: one at a time, the newest counts, nobody holds up another, all ends. */
#include "modules/ims_seamless_scscf/core/third_party_orders.h"
#include "unit/unit.h"

#define S(text) SLICE_LIT(text)
#define AS1	S("sip:as1")
#define AS2	S("sip:as2")
#define U1	S("sip:u1")
#define U2	S("sip:u2")

static struct scscf_store store;

static struct scscf_orders *fresh(struct scscf_orders_policy policy)
{
	static struct scscf_orders o;
	static const struct keyed_hash_key key = {{1, 2}};

	store = (struct scscf_store){.alloc = malloc, .release = free};
	ck_assert_int_eq(scscf_orders_init(&o, &store, &key, &policy), 0);
	return &o;
}

static const struct scscf_orders_policy usual = {.orders_max = 10,
						 .under_way_max = 2,
						 .servers_max = 3,
						 .tries_max = 1,
						 .pause_ms = 5000,
						 .pause_max_ms = 32000,
						 .wait_ms = 60000};

static void done(struct scscf_orders *o)
{
	scscf_orders_free(o);
	ck_assert_uint_eq(store.used, 0);
}

static struct scscf_order_job *job(struct scscf_orders *o, uint32_t cseq)
{
	struct scscf_order_job *j = scscf_order_job_new(o, 8);

	ck_assert_ptr_nonnull(j);
	j->cseq = cseq;
	return j;
}

/* Returns the cseq of what was replaced, 0: nothing. */
static uint32_t put(struct scscf_orders *o, struct slice as, struct slice to, uint32_t cseq,
		    uint64_t now)
{
	struct scscf_order_job *replaced;
	uint32_t was;

	ck_assert_int_eq(scscf_orders_put(o, as, to, job(o, cseq), now, &replaced), 0);
	was = replaced ? replaced->cseq : 0;
	scscf_order_job_free(o, replaced);
	return was;
}

static struct scscf_order *sent(struct scscf_orders *o, uint32_t cseq, uint64_t now)
{
	struct scscf_order *order = scscf_orders_next(o, now);

	ck_assert_ptr_nonnull(order);
	ck_assert_uint_eq(order->job->cseq, cseq);
	ck_assert_ptr_eq(scscf_orders_find(o, order->id), order);
	return order;
}

static enum scscf_order_event answer(struct scscf_orders *o, struct scscf_order *order, int status,
				     uint32_t retry_after, uint64_t now)
{
	const struct scscf_order_answer a = {.status = status, .retry_after_s = retry_after};
	uint64_t id = order->id;
	enum scscf_order_event event = scscf_orders_answered(o, order, &a, now);

	ck_assert_ptr_null(scscf_orders_find(o, id));
	return event;
}

START_TEST(table_is_sound)
{
	ck_assert_pstr_eq(state_table_fault(&scscf_order_table, SCSCF_ORDER_ACTIONS), NULL);
}
END_TEST

/* In the order in which they were asked for, across servers. */
START_TEST(order)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order *a, *b, *c;

	put(o, AS1, U1, 1, 0);
	put(o, AS2, U1, 2, 0);
	put(o, AS1, U2, 3, 0);
	a = sent(o, 1, 0);
	b = sent(o, 2, 0);
	c = sent(o, 3, 0);
	ck_assert_ptr_null(scscf_orders_next(o, 0));
	ck_assert_int_eq(answer(o, a, 200, 0, 10), SCSCF_ORDER_EV_TAKEN);
	ck_assert_int_eq(answer(o, b, 403, 0, 10), SCSCF_ORDER_EV_REFUSED);
	ck_assert_int_eq(answer(o, c, 302, 0, 10), SCSCF_ORDER_EV_REFUSED);
	scscf_orders_end(o, a, 10);
	scscf_orders_end(o, b, 10);
	scscf_orders_end(o, c, 10);
	ck_assert_uint_eq(o->n, 0);
	done(o);
}
END_TEST

/* A refresh and a de-registration within one answer: the server hears of the last one last. */
START_TEST(newest_counts)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order *a;

	put(o, AS1, U1, 1, 0);
	ck_assert_uint_eq(put(o, AS1, U1, 2, 0), 1);
	a = sent(o, 2, 0);
	ck_assert_uint_eq(put(o, AS1, U1, 3, 0), 0);
	ck_assert_uint_eq(put(o, AS1, U1, 4, 0), 3);
	ck_assert_ptr_null(scscf_orders_next(o, 0));
	/* It is not tried again for what is old. */
	ck_assert_int_eq(answer(o, a, 503, 0, 100), SCSCF_ORDER_EV_FAILED);
	scscf_orders_end(o, a, 100);
	ck_assert_ptr_null(scscf_orders_next(o, 100));
	a = sent(o, 4, 5100);
	ck_assert_int_eq(answer(o, a, 200, 0, 5200), SCSCF_ORDER_EV_TAKEN);
	scscf_orders_end(o, a, 5200);
	ck_assert_uint_eq(o->n, 0);
	done(o);
}
END_TEST

/* One that does not answer holds up itself only. */
START_TEST(dead_server)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order *a, *b;

	put(o, AS1, U1, 1, 0);
	put(o, AS1, U2, 2, 0);
	put(o, AS1, S("sip:u3"), 3, 0);
	put(o, AS2, U1, 4, 0);
	a = sent(o, 1, 0);
	b = sent(o, 2, 0);
	/* Its window is full. */
	sent(o, 4, 0);
	ck_assert_int_eq(answer(o, a, 0, 0, 10000), SCSCF_ORDER_EV_AGAIN);
	ck_assert_int_eq(answer(o, b, 0, 0, 10000), SCSCF_ORDER_EV_AGAIN);
	put(o, AS2, U2, 5, 10000);
	sent(o, 5, 10000);
	/* It is left alone, then those that failed come first. */
	ck_assert_ptr_null(scscf_orders_next(o, 14999));
	b = sent(o, 2, 15000);
	ck_assert_int_eq(answer(o, b, 0, 0, 25000), SCSCF_ORDER_EV_FAILED);
	scscf_orders_end(o, b, 25000);
	/* What could not be sent in time is over, too. */
	ck_assert_ptr_null(scscf_orders_late(o, 59999));
	a = scscf_orders_late(o, 60000);
	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(a->job->cseq, 1);
	scscf_orders_end(o, a, 60000);
	a = scscf_orders_late(o, 60000);
	ck_assert_uint_eq(a->job->cseq, 3);
	scscf_orders_end(o, a, 60000);
	ck_assert_ptr_null(scscf_orders_late(o, 60000));
	ck_assert_uint_eq(o->n, 2);
	done(o);
}
END_TEST

START_TEST(retry_after)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order *a;

	put(o, AS1, U1, 1, 0);
	a = sent(o, 1, 0);
	ck_assert_int_eq(answer(o, a, 503, 9, 1000), SCSCF_ORDER_EV_AGAIN);
	ck_assert_ptr_null(scscf_orders_next(o, 9999));
	a = sent(o, 1, 10000);
	ck_assert_int_eq(answer(o, a, 503, 9, 10000), SCSCF_ORDER_EV_FAILED);
	scscf_orders_end(o, a, 10000);
	/* For too long: it is a failure, and others wait for no longer than the bound. */
	put(o, AS2, U1, 2, 10000);
	a = sent(o, 2, 10000);
	ck_assert_int_eq(answer(o, a, 503, 4000000, 10000), SCSCF_ORDER_EV_FAILED);
	scscf_orders_end(o, a, 10000);
	put(o, AS2, U1, 3, 10000);
	ck_assert_ptr_null(scscf_orders_next(o, 41999));
	sent(o, 3, 42000);
	done(o);
}
END_TEST

/* What it wants, once. */
START_TEST(too_brief)
{
	struct scscf_orders *o = fresh(usual);
	const struct scscf_order_answer brief = {.status = 423, .min_expires_s = 900},
					nothing = {.status = 423};
	struct scscf_order *a;

	put(o, AS1, U1, 1, 0);
	a = sent(o, 1, 0);
	ck_assert_int_eq(scscf_orders_answered(o, a, &brief, 0), SCSCF_ORDER_EV_AGAIN);
	a = sent(o, 1, 0);
	ck_assert_uint_eq(a->job->least_s, 900);
	ck_assert_int_eq(scscf_orders_answered(o, a, &brief, 0), SCSCF_ORDER_EV_REFUSED);
	scscf_orders_end(o, a, 0);
	put(o, AS1, U1, 2, 0);
	a = sent(o, 2, 0);
	ck_assert_int_eq(scscf_orders_answered(o, a, &nothing, 0), SCSCF_ORDER_EV_REFUSED);
	scscf_orders_end(o, a, 0);
	done(o);
}
END_TEST

START_TEST(bounds)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order_job *j = job(o, 1), *replaced;
	char to[24];

	for (int i = 0; i < 10; i++) {
		snprintf(to, sizeof(to), "sip:u%d", i);
		put(o, AS1, slice_str(to), 1, 0);
	}
	ck_assert_int_eq(scscf_orders_put(o, AS1, S("sip:u10"), j, 0, &replaced), -1);
	/* What is newer needs no place. */
	ck_assert_uint_eq(put(o, AS1, S("sip:u9"), 2, 0), 1);
	scscf_order_job_free(o, j);
	done(o);
}
END_TEST

START_TEST(servers_and_memory)
{
	struct scscf_orders *o = fresh(usual);
	struct scscf_order_job *j, *replaced;
	struct scscf_order *a;
	size_t before;

	put(o, AS1, U1, 1, 0);
	put(o, AS2, U1, 1, 0);
	put(o, S("sip:as3"), U1, 1, 0);
	j = job(o, 1);
	ck_assert_int_eq(scscf_orders_put(o, S("sip:as4"), U1, j, 0, &replaced), -1);
	before = store.used;
	store.limit = before + 20;
	ck_assert_int_eq(scscf_orders_put(o, AS1, U2, j, 0, &replaced), -1);
	ck_assert_uint_eq(store.used, before);
	ck_assert_ptr_null(scscf_order_job_new(o, 100));
	scscf_order_job_free(o, j);
	store.limit = 0;
	/* A server of which nothing is asked any more makes room. */
	a = sent(o, 1, 0);
	ck_assert_int_eq(answer(o, a, 200, 0, 0), SCSCF_ORDER_EV_TAKEN);
	j = job(o, 1);
	ck_assert_int_eq(scscf_orders_put(o, S("sip:as4"), U1, j, 0, &replaced), -1);
	scscf_orders_end(o, a, 0);
	ck_assert_int_eq(scscf_orders_put(o, S("sip:as4"), U1, j, 0, &replaced), 0);
	ck_assert_uint_eq(o->servers_n, 3);
	done(o);
}
END_TEST

/* No more than the slots are under way, and each id is another. */
START_TEST(slots)
{
	struct scscf_orders_policy p = usual;
	struct scscf_orders *o;
	struct scscf_order *a = NULL, *first = NULL;
	char to[24];

	p.orders_max = 2 * SCSCF_ORDERS_SLOTS;
	p.under_way_max = p.orders_max;
	o = fresh(p);
	for (int i = 0; i < SCSCF_ORDERS_SLOTS + 1; i++) {
		snprintf(to, sizeof(to), "sip:u%d", i);
		put(o, AS1, slice_str(to), 1, 0);
	}
	for (int i = 0; i < SCSCF_ORDERS_SLOTS; i++) {
		a = scscf_orders_next(o, 0);
		ck_assert_ptr_nonnull(a);
		first = first ? first : a;
	}
	ck_assert_ptr_null(scscf_orders_next(o, 0));
	ck_assert_int_eq(answer(o, first, 200, 0, 0), SCSCF_ORDER_EV_TAKEN);
	scscf_orders_end(o, first, 0);
	ck_assert_ptr_nonnull(scscf_orders_next(o, 0));
	done(o);
}
END_TEST

UNIT_MAIN("third-party orders", table_is_sound, order, newest_counts, dead_server, retry_after,
	  too_brief, bounds, servers_and_memory, slots)
