/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions that a store keeps in memory: they are what its tables have, whoever changes those. */
#include "unit/hss/store_fixture.h"

#include <pthread.h>
#include <sys/stat.h>

#include "aka/sqn.h"
#include "hss/store/image.h"

enum { MEMORY = 8 << 20 };

static struct store *other; /* another process */

static void begin_both(void)
{
	begin();
	other = open_store();
	ck_assert_int_eq(store_remember(store, MEMORY), 0);
}

static void end_both(void)
{
	store_close(other);
	end();
}

static uint64_t in_memory(void)
{
	struct memory_figures figures;

	ck_assert(store_in_memory(store, &figures));
	return figures.subscriptions;
}

static void remember_all(void)
{
	int64_t after = 0;
	int n;

	while ((n = store_remember_more(store, &after, 3)) > 0)
		;
	ck_assert_int_eq(n, 0);
}

static char *text_of(const struct subscription *s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	provision_write(s, true, f);
	fclose(f);
	return text;
}

static void compare_with_tables(const char *impi)
{
	struct subscription *recalled = subscription_new();
	char *a, *b;
	int64_t id;

	ck_assert_int_eq(store_recall(store, slice_str(impi), NULL, STORE_ALL, recalled), 0);
	ck_assert_uint_ne(recalled->stamp, 0);
	ck_assert_int_eq(store_begin(other, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
	ck_assert_int_eq(recalled->id, id);
	a = text_of(recalled);
	b = text_of(sub);
	ck_assert_str_eq(a, b);
	ck_assert_str_eq(recalled->scscf, sub->scscf);
	ck_assert_str_eq(recalled->scscf_host, sub->scscf_host);
	for (size_t i = 0; i < sub->n_impu; i++) {
		ck_assert_uint_eq(recalled->impu[i].registered, sub->impu[i].registered);
		ck_assert_uint_eq(recalled->impu[i].pending, sub->impu[i].pending);
	}
	free(a);
	free(b);
	subscription_free(recalled);
}

START_TEST(what_is_recalled_is_what_the_tables_have)
{
	begin_both();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(import("subscription\nprivate d@h ha1=939e7578ed9e3c518a452acee763bce9 "
				"realm=r\npublic sip:d@h\nend"),
			 0);
	ck_assert_int_eq(store_recall(store, SLICE_LIT("one@h"), NULL, STORE_ALL, sub),
			 STORE_ENOTFOUND);
	remember_all();
	ck_assert_uint_eq(in_memory(), 3);
	compare_with_tables("one@h");
	compare_with_tables("two@h");
	compare_with_tables("d@h");
	ck_assert_int_eq(store_recall(store, SLICE_NULL, "sip:c@h", 0, sub), 0);
	ck_assert_str_eq(sub->impi[0].name, "two@h");
	/* what is served changes both */
	ck_assert_uint_eq(serve(CX_MAR, "two@h", "sip:c@h", 0), 2001);
	compare_with_tables("two@h");
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", 1), 2001);
	compare_with_tables("two@h");
	ck_assert_uint_eq(serve(CX_UAR, "two@h", "sip:c@h", 0), 12002);
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", 5), 2001);
	compare_with_tables("two@h");
	ck_assert_uint_eq(in_memory(), 3);
	end_both();
}
END_TEST

/* import(), in the other process. */
static void import_there(const char *text)
{
	struct store *mine = store;

	store = other;
	ck_assert_int_eq(import(text), 0);
	store = mine;
}

static void remove_there(const char *impi)
{
	int64_t id;

	ck_assert_int_eq(store_begin(other, true, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_remove(tx, id), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

START_TEST(what_another_process_changes_counts_from_the_next_request_on)
{
	begin_both();
	ck_assert_int_eq(import(two), 0);
	remember_all();
	ck_assert_uint_eq(serve(CX_UAR, "two@h", "sip:c@h", 0), 12001);
	remove_there("two@h");
	ck_assert_uint_eq(serve(CX_UAR, "two@h", "sip:c@h", 0), 15001);
	import_there("subscription\nprivate new@h " KEYS "\npublic sip:c@h\nend");
	ck_assert_uint_eq(serve(CX_UAR, "two@h", "sip:c@h", 0), 15001);
	ck_assert_uint_eq(serve(CX_UAR, "new@h", "sip:c@h", 0), 12001);
	ck_assert_uint_eq(serve(CX_UAR, "one@h", "sip:c@h", 0), 15002);
	/* what is changed here goes at once, too */
	remember_all();
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("new@h"), &(int64_t){0}), 0);
	store_rollback(tx);
	ck_assert_uint_eq(in_memory(), 2);
	end_both();
}
END_TEST

/* A transaction with what was recalled, or STORE_EAGAIN. */
static int join_recalled(void)
{
	ck_assert_int_eq(store_join(store, &tx), 0);
	return store_hold(tx, sub) ? 0 : store_leave(tx, STORE_EAGAIN, NULL);
}

/* Another process between what was recalled and what is made of it. */
START_TEST(what_is_decided_over_what_was_is_not_kept)
{
	begin_both();
	ck_assert_int_eq(import(two), 0);
	remember_all();
	ck_assert_int_eq(store_recall(store, SLICE_LIT("two@h"), NULL, STORE_ALL, sub), 0);
	ck_assert_int_eq(store_note_numbers(store, sub), 0);
	/* that changed it, as any request would */
	ck_assert_int_eq(store_note_numbers(store, sub), STORE_EAGAIN);
	ck_assert_int_eq(join_recalled(), STORE_EAGAIN);
	ck_assert_int_eq(store_recall(store, SLICE_LIT("two@h"), NULL, STORE_ALL, sub), 0);
	remove_there("one@h");
	ck_assert_int_eq(store_note_numbers(store, sub), STORE_EAGAIN);
	ck_assert_int_eq(join_recalled(), STORE_EAGAIN);
	end_both();
}
END_TEST

START_TEST(what_is_rolled_back_did_not_happen)
{
	begin_both();
	ck_assert_int_eq(import(two), 0);
	remember_all();
	ck_assert_int_eq(store_recall(store, SLICE_LIT("two@h"), NULL, STORE_ALL, sub), 0);
	ck_assert_int_eq(join_recalled(), 0);
	strcpy(sub->scscf, "sip:x");
	ck_assert_int_eq(store_save_state(tx, sub), 0);
	/* while it is held nobody is answered from memory */
	ck_assert_int_eq(store_recall(store, SLICE_LIT("two@h"), NULL, 0, sub), STORE_ENOTFOUND);
	store_rollback(tx);
	compare_with_tables("two@h");
	end_both();
}
END_TEST

static uint64_t sqn_of(const struct aka_vector *v)
{
	struct aka_key key = {.algorithm = AKA_MILENAGE};
	struct aka_answer a;

	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	ck_assert_int_eq(aka_autn_check(&key, v->rand, v->autn, &a), 0);
	return a.sqn;
}

static uint64_t mar(void)
{
	struct service svc = {
	    .store = store,
	    .policy = {.vectors_max = 1, .ind = SQN_WHOLE, .sqn_step = sqn_step(SQN_WHOLE)}};
	struct cx_request req = {.impi = SLICE_LIT("two@h"),
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				 .items = 1};
	struct cx_served served;
	uint64_t sqn;

	strcpy(req.impu[0], "sip:c@h");
	service_answer(&svc, CX_MAR, &req, &served);
	ck_assert_uint_eq(served.ans.result.code, 2001);
	sqn = sqn_of(&served.ans.vector[0]);
	served_free(&served);
	return sqn;
}

static uint64_t kept(void)
{
	int64_t id;

	ck_assert_int_eq(store_begin(other, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("two@h"), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
	return sub->impi[0].sqn;
}

START_TEST(numbers_are_set_aside_before_they_leave)
{
	uint64_t last, first, writes = 0, before = 0;

	begin_both();
	ck_assert_int_eq(import(two), 0);
	remember_all();
	first = last = mar();
	for (int i = 0; i < 100; i++) {
		uint64_t sqn = mar();

		ck_assert_uint_eq(sqn_seq(sqn), sqn_seq(last) + 1);
		ck_assert_uint_eq(sqn_ind(sqn), (sqn_ind(last) + 1) % SQN_IND_COUNT);
		last = sqn;
		ck_assert_uint_ge(kept(), sqn);
		writes += kept() != before;
		before = kept();
	}
	ck_assert_uint_le(writes, 5);
	/* after a crash the rest is passed over, and IND goes on */
	store_close(store);
	store = open_store();
	ck_assert_int_eq(store_remember(store, MEMORY), 0);
	before = kept();
	last = mar();
	ck_assert_uint_gt(last, before);
	ck_assert_uint_eq((sqn_seq(last) - sqn_seq(first)) % SQN_IND_COUNT,
			  (sqn_ind(last) - sqn_ind(first)) % SQN_IND_COUNT);
	end_both();
}
END_TEST

enum { THREADS = 4, MARS = 200 };

static void *ask(void *arg)
{
	uint64_t *numbers = arg;

	for (int i = 0; i < MARS; i++)
		numbers[i] = mar();
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* At once, and while another process commits. */
START_TEST(no_number_is_handed_out_twice)
{
	static uint64_t numbers[THREADS * MARS];
	pthread_t threads[THREADS];
	char text[128];

	begin_both();
	ck_assert_int_eq(import(two), 0);
	remember_all();
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, ask, &numbers[i * MARS]);
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate x%d@h " KEYS "\npublic sip:x%d@h\nend", i, i);
		ck_assert_int_eq(store_begin(other, true, &tx), 0);
		ck_assert_int_eq(
		    provision_parse(slice_str(text), put_one, NULL, text, sizeof(text)), 0);
		ck_assert_int_eq(store_commit(tx), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++) /* in the order in which one asked */
		for (int j = 1; j < MARS; j++)
			ck_assert_uint_gt(numbers[i * MARS + j], numbers[i * MARS + j - 1]);
	qsort(numbers, THREADS * MARS, sizeof(numbers[0]), compare);
	for (int i = 1; i < THREADS * MARS; i++)
		ck_assert_uint_ne(numbers[i], numbers[i - 1]);
	ck_assert_uint_ge(kept(), numbers[THREADS * MARS - 1]);
	end_both();
}
END_TEST

START_TEST(memory_has_a_bound_and_whoever_is_not_in_it_is_served)
{
	enum { USERS = 400, ROOM = 50000 };
	struct memory_figures figures;
	char text[160], impi[32], impu[32];

	begin();
	other = open_store();
	ck_assert_int_eq(store_remember(store, ROOM), 0);
	for (int i = 0; i < USERS; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate x%d@h " KEYS "\npublic sip:x%d@h\nend", i, i);
		ck_assert_int_eq(import(text), 0);
	}
	remember_all();
	store_in_memory(store, &figures);
	ck_assert_uint_lt(figures.subscriptions, USERS);
	ck_assert_uint_gt(figures.subscriptions, USERS / 10);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < USERS; i++) {
			snprintf(impi, sizeof(impi), "x%d@h", i);
			snprintf(impu, sizeof(impu), "sip:x%d@h", i);
			ck_assert_uint_eq(serve(CX_UAR, impi, impu, 0), round ? 12002 : 12001);
			ck_assert_uint_eq(serve(CX_MAR, impi, impu, 0), 2001);
			store_in_memory(store, &figures);
			ck_assert_uint_le(figures.octets, ROOM);
		}
	end_both();
}
END_TEST

/* Keys are in memory as they are in the store. */
START_TEST(keys_are_sealed_in_memory_too)
{
	static uint8_t image[IMAGE_PROFILE_MAX];
	struct slice names[IMAGE_NAMES_MAX];
	char keys[96], why[256];
	size_t n;
	FILE *f;

	begin();
	snprintf(keys, sizeof(keys), "%s/keys", base.dir);
	f = fopen(keys, "w");
	ck_assert_ptr_nonnull(f);
	fputs("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", f);
	ck_assert_int_eq(fchmod(fileno(f), 0600), 0);
	fclose(f);
	store_close(store);
	ck_assert_int_eq(store_open_sealed(base.url, keys, &store, why, sizeof(why)), 0);
	ck_assert_int_eq(store_remember(store, MEMORY), 0);
	ck_assert_int_eq(import(two), 0);
	remember_all();
	ck_assert_uint_ne(mar(), 0);
	ck_assert_int_eq(store_recall(store, SLICE_LIT("two@h"), NULL, STORE_ALL, sub), 0);
	ck_assert_uint_eq(sub->impi[0].key.milenage.k[0], 0x46);
	n = image_of_profile(store, sub, image, sizeof(image), names);
	ck_assert_uint_gt(n, 0);
	ck_assert_ptr_null(memmem(image, n, sub->impi[0].key.milenage.k, 16));
	unlink(keys);
	end();
}
END_TEST

UNIT_MAIN("hss memory", what_is_recalled_is_what_the_tables_have,
	  what_another_process_changes_counts_from_the_next_request_on,
	  what_is_decided_over_what_was_is_not_kept, what_is_rolled_back_did_not_happen,
	  numbers_are_set_aside_before_they_leave, no_number_is_handed_out_twice,
	  memory_has_a_bound_and_whoever_is_not_in_it_is_served, keys_are_sealed_in_memory_too)
