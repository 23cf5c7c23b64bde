/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_order.h"
#include "modules/ims_seamless_scscf/core/notify_queue.h"
#include "unit/unit.h"

#define S(text) SLICE_LIT(text)

static const struct keyed_hash_key key = {{1, 2}};
static struct scscf_store heap = {.alloc = malloc, .release = free};

START_TEST(what_was_numbered_must_be_answered)
{
	struct scscf_notify_order o;

	ck_assert_int_eq(scscf_notify_order_init(&o, &heap, &key, 64), 0);
	scscf_notify_order_answered(&o, S("call"), S("tag"), 5);
	ck_assert(scscf_notify_order_clear(&o, S("call"), S("tag"), 5, 9));
	ck_assert(!scscf_notify_order_clear(&o, S("call"), S("tag"), 6, 9));
	scscf_notify_order_answered(&o, S("call"), S("tag"), 6);
	ck_assert(scscf_notify_order_clear(&o, S("call"), S("tag"), 6, 9));
	/* The answer to an older one takes nothing back. */
	scscf_notify_order_answered(&o, S("call"), S("tag"), 5);
	ck_assert(scscf_notify_order_clear(&o, S("call"), S("tag"), 6, 9));
	scscf_notify_order_free(&o);
	ck_assert_uint_eq(heap.used, 0);
}
END_TEST

START_TEST(of_the_unknown_only_the_first_document_is_waited_for)
{
	struct scscf_notify_order o;

	ck_assert_int_eq(scscf_notify_order_init(&o, &heap, &key, 64), 0);
	ck_assert(!scscf_notify_order_clear(&o, S("call"), S("tag"), 2, 1));
	ck_assert(!scscf_notify_order_clear(&o, S("call"), S("tag"), 3, 2));
	ck_assert(scscf_notify_order_clear(&o, S("call"), S("tag"), 4, 3));
	/* Another dialog of the same watcher. */
	scscf_notify_order_answered(&o, S("call"), S("tag"), 3);
	ck_assert(!scscf_notify_order_clear(&o, S("call"), S("gat"), 3, 2));
	scscf_notify_order_free(&o);
}
END_TEST

START_TEST(what_is_pushed_out_is_as_if_unknown)
{
	struct scscf_notify_order o;

	ck_assert_int_eq(scscf_notify_order_init(&o, &heap, &key, 1), 0);
	scscf_notify_order_answered(&o, S("one"), S("t"), 900);
	scscf_notify_order_answered(&o, S("two"), S("t"), 3);
	ck_assert(scscf_notify_order_clear(&o, S("two"), S("t"), 3, 2));
	ck_assert(!scscf_notify_order_clear(&o, S("two"), S("t"), 4, 3));
	ck_assert(scscf_notify_order_clear(&o, S("one"), S("t"), 900, 400));
	scscf_notify_order_free(&o);
}
END_TEST

START_TEST(a_subscription_that_is_over_is_forgotten)
{
	struct scscf_notify_order o;

	ck_assert_int_eq(scscf_notify_order_init(&o, &heap, &key, 64), 0);
	scscf_notify_order_answered(&o, S("call"), S("tag"), 5);
	scscf_notify_order_forget(&o, S("call"), S("tag"));
	scscf_notify_order_forget(&o, S("call"), S("tag"));
	ck_assert(o.n == 0 && !o.newest && !o.oldest);
	ck_assert(!scscf_notify_order_clear(&o, S("call"), S("tag"), 5, 2));
	scscf_notify_order_free(&o);
	ck_assert_uint_eq(heap.used, 0);
}
END_TEST

START_TEST(who_does_not_answer_holds_up_himself_only)
{
	struct scscf_notify_turn dead[3] = {0}, alive = {0};
	struct scscf_notify_queue q;

	ck_assert_int_eq(scscf_notify_queue_init(&q, &heap, &key, 16), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(scscf_notify_queue_join(&q, &dead[i], S("dead"), S("t")), 0);
	ck_assert_int_eq(scscf_notify_queue_join(&q, &alive, S("alive"), S("t")), 0);
	ck_assert(scscf_notify_queue_is_first(&alive) && scscf_notify_queue_is_first(&dead[0]) &&
		  !scscf_notify_queue_is_first(&dead[1]));
	/* One that goes from the middle makes nobody first. */
	scscf_notify_queue_leave(&q, &dead[1]);
	ck_assert(!scscf_notify_queue_is_first(&dead[2]));
	scscf_notify_queue_leave(&q, &dead[0]);
	ck_assert(scscf_notify_queue_is_first(&dead[2]));
	scscf_notify_queue_leave(&q, &dead[2]);
	scscf_notify_queue_leave(&q, &dead[2]);
	scscf_notify_queue_leave(&q, &alive);
	ck_assert_uint_eq(q.dialogs, 0);
	scscf_notify_queue_free(&q);
	ck_assert_uint_eq(heap.used, 0);
}
END_TEST

START_TEST(thousands_that_wait_for_a_dead_watcher_cost_no_search)
{
	static struct scscf_notify_turn t[4000];
	struct scscf_notify_queue q;

	ck_assert_int_eq(scscf_notify_queue_init(&q, &heap, &key, 16), 0);
	for (int i = 0; i < 4000; i++)
		ck_assert_int_eq(scscf_notify_queue_join(&q, &t[i], S("dead"), S("t")), 0);
	for (int i = 0; i < 4000; i++) {
		ck_assert(scscf_notify_queue_is_first(&t[i]));
		scscf_notify_queue_leave(&q, &t[i]);
	}
	ck_assert_uint_le(q.steps, 4001);
	scscf_notify_queue_free(&q);
	ck_assert_uint_eq(heap.used, 0);
}
END_TEST

UNIT_MAIN("notify_order", a_subscription_that_is_over_is_forgotten,
	  who_does_not_answer_holds_up_himself_only,
	  thousands_that_wait_for_a_dead_watcher_cost_no_search, what_was_numbered_must_be_answered,
	  of_the_unknown_only_the_first_document_is_waited_for, what_is_pushed_out_is_as_if_unknown)
