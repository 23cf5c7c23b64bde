/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that share a commit: nobody is answered before it, and each is as if he were alone. */
#include "unit/hss/store_fixture.h"

#include <pthread.h>
#include <unistd.h>

#include "aka/sqn.h"
#include "hss/counters.h"

enum { MEMORY = 8 << 20, USERS = 8, PATIENCE_MS = 20000 };

static struct store *other; /* another process */
static _Atomic unsigned int under_way;

static unsigned int count_under_way(void)
{
	return under_way;
}

static void begin_group(void)
{
	int64_t after = 0;
	char text[128];

	begin();
	for (int i = 0; i < USERS; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate u%d@h " KEYS "\npublic sip:u%d@h\nend", i, i);
		ck_assert_int_eq(import(text), 0);
	}
	other = open_store();
	ck_assert_int_eq(store_remember(store, MEMORY), 0);
	while (store_remember_more(store, &after, USERS) > 0)
		;
	ck_assert_int_eq(store_group_start(store, count_under_way), 0);
}

static void end_group(void)
{
	store_close(other);
	end();
}

/* A request of user n that can wait. */
struct asked {
	struct service svc;
	struct cx_request req;
	struct cx_served served;
	_Atomic bool answered;
};

static void done(void *arg)
{
	((struct asked *)arg)->answered = true;
}

static struct asked *ask(enum cx_command cmd, int n)
{
	struct asked *a = calloc(1, sizeof(*a));
	static char impi[USERS][16];

	snprintf(impi[n], sizeof(impi[n]), "u%d@h", n);
	a->svc = (struct service){
	    .store = store,
	    .policy = {.vectors_max = 1, .ind = SQN_WHOLE, .sqn_step = sqn_step(SQN_WHOLE)}};
	a->req = (struct cx_request){.impi = slice_str(impi[n]),
				     .n_impu = 1,
				     .scscf = SLICE_LIT("sip:s"),
				     .origin_host = SLICE_LIT("s.h"),
				     .origin_realm = SLICE_LIT("h"),
				     .authorization_type = -1,
				     .assignment_type = 1,
				     .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				     .items = 1};
	snprintf(a->req.impu[0], IDENTITY_SIZE, "sip:u%d@h", n);
	if (service_answer_soon(&a->svc, cmd, &a->req, &a->served, done, a))
		a->answered = true;
	return a;
}

static void wait_for(struct asked *a)
{
	for (int ms = 0; !a->answered && ms < PATIENCE_MS; ms++)
		usleep(1000);
	ck_assert(a->answered);
}

/* Returns the sequence number of its vector, 0 without one. */
static uint64_t end_of(struct asked *a, uint32_t code)
{
	struct aka_key key = {.algorithm = AKA_MILENAGE};
	struct aka_answer card = {.sqn = 0};

	wait_for(a);
	ck_assert_uint_eq(a->served.ans.result.code, code);
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	if (a->served.ans.n_vectors)
		ck_assert_int_eq(aka_autn_check(&key, a->served.ans.vector[0].rand,
						a->served.ans.vector[0].autn, &card),
				 0);
	served_free(&a->served);
	free(a);
	return card.sqn;
}

/* What the tables have of user n, as another process sees it. */
static void load_there(int n)
{
	char impi[16];
	int64_t id;

	snprintf(impi, sizeof(impi), "u%d@h", n);
	ck_assert_int_eq(store_begin(other, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
}

static bool is_pending_there(int n)
{
	load_there(n);
	return sub->impu[0].pending;
}

START_TEST(who_is_alone_does_not_wait)
{
	struct asked *a;

	begin_group();
	under_way = 1;
	a = ask(CX_MAR, 0);
	ck_assert(a->answered);
	ck_assert(is_pending_there(0));
	end_of(a, 2001);
	end_group();
}
END_TEST

START_TEST(several_share_a_commit_and_are_answered_after_it)
{
	uint64_t commits = counter_get(COUNT_commits), shared = counter_get(COUNT_commits_shared);
	struct asked *a[3];

	begin_group();
	under_way = 3;
	for (int i = 0; i < 3; i++)
		a[i] = ask(CX_MAR, i);
	for (int i = 0; i < 3; i++)
		ck_assert(!a[i]->answered || is_pending_there(i));
	for (int i = 0; i < 3; i++) {
		wait_for(a[i]);
		ck_assert(is_pending_there(i));
		ck_assert_uint_ge(sub->impi[0].sqn, end_of(a[i], 2001));
	}
	/* on a machine that stood still for a while the first may have been committed alone */
	commits = counter_get(COUNT_commits) - commits;
	shared = counter_get(COUNT_commits_shared) - shared;
	ck_assert_uint_eq(commits + shared, 3);
	end_group();
}
END_TEST

START_TEST(nobody_waits_for_those_that_do_not_come)
{
	struct asked *a;

	begin_group();
	under_way = 9;
	a = ask(CX_MAR, 0);
	wait_for(a); /* the thread sees to it */
	ck_assert(is_pending_there(0));
	end_of(a, 2001);
	end_group();
}
END_TEST

START_TEST(who_begins_for_himself_finds_it_committed)
{
	struct asked *a;
	int64_t id;

	begin_group();
	under_way = 9;
	a = ask(CX_MAR, 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("u0@h"), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	ck_assert_uint_eq(sub->impu[0].pending, 1);
	store_rollback(tx);
	ck_assert(is_pending_there(0));
	end_of(a, 2001);
	end_group();
}
END_TEST

START_TEST(requests_of_one_user_follow_each_other)
{
	struct asked *a, *b, *c;
	uint64_t first, second;

	begin_group();
	under_way = 9;
	a = ask(CX_MAR, 0);
	b = ask(CX_MAR, 0);
	c = ask(CX_SAR, 0);
	first = end_of(a, 2001);
	second = end_of(b, 2001);
	end_of(c, 2001);
	ck_assert_uint_gt(second, first);
	load_there(0);
	ck_assert_uint_eq(sub->impu[0].registered, 1);
	ck_assert_uint_eq(sub->impu[0].pending, 0);
	ck_assert_uint_ge(sub->impi[0].sqn, second);
	end_group();
}
END_TEST

/* A member that fails after it has written something / before. */
static int break_off(struct transaction *t, void *arg)
{
	if (arg)
		ck_assert_int_eq(store_look_again(t, 1), 0);
	return STORE_EIO;
}

START_TEST(a_commit_that_fails_gives_no_vector_and_changes_nothing)
{
	struct asked *a;
	uint64_t sqn;

	begin_group();
	under_way = 1;
	sqn = end_of(ask(CX_MAR, 0), 2001);
	load_there(0);
	for (int i = 0; i < 50; i++) { /* until it is still open when the other one comes */
		uint32_t code;

		under_way = 9;
		a = ask(CX_SAR, 0);
		ck_assert_int_eq(store_transact_joined(store, break_off, sub, NULL), STORE_EIO);
		wait_for(a);
		code = a->served.ans.result.code;
		load_there(0);
		ck_assert_uint_eq(sub->impu[0].registered, code == 2001);
		end_of(a, code);
		if (code != 2001) {
			ck_assert_uint_eq(code, 5012);
			break;
		}
		under_way = 1;
		end_of(ask(CX_SAR, 0), 2001);
		a = ask(CX_MAR, 1 + i % (USERS - 1));
		end_of(a, 2001);
	}
	/* memory is as the tables are, and numbers go on */
	under_way = 1;
	ck_assert_uint_gt(end_of(ask(CX_MAR, 0), 2001), sqn);
	end_of(ask(CX_SAR, 0), 2001);
	load_there(0);
	ck_assert_uint_eq(sub->impu[0].registered, 1);
	end_group();
}
END_TEST

START_TEST(who_fails_before_he_writes_fails_alone)
{
	struct asked *a;

	begin_group();
	under_way = 9;
	a = ask(CX_MAR, 0);
	ck_assert_int_eq(store_transact_joined(store, break_off, NULL, NULL), STORE_EIO);
	end_of(a, 2001);
	ck_assert(is_pending_there(0));
	end_group();
}
END_TEST

START_TEST(what_is_open_is_committed_at_the_end)
{
	struct asked *a;

	begin_group();
	under_way = 9;
	a = ask(CX_MAR, 0);
	store_group_stop(store);
	ck_assert(a->answered);
	ck_assert(is_pending_there(0));
	end_of(a, 2001);
	a = ask(CX_MAR, 1); /* nobody would see to it any more */
	ck_assert(a->answered);
	end_of(a, 2001);
	end_group();
}
END_TEST

enum { THREADS = 4, ROUNDS = 60 };
static uint64_t numbers[THREADS][ROUNDS];

/* All users of all threads, and each number after its answer is in the tables. */
static void *play(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct asked *mar = ask(CX_MAR, me % 2), *sar;

		numbers[me][i] = end_of(mar, 2001);
		if (i % 3)
			continue;
		sar = ask(CX_SAR, me % 2);
		end_of(sar, 2001);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Two threads for each of two users, and another process that writes. */
START_TEST(no_number_is_handed_out_twice)
{
	pthread_t threads[THREADS];
	uint64_t all[2 * ROUNDS];
	char text[128];

	begin_group();
	under_way = THREADS;
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, play, (void *)i);
	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate x%d@h " KEYS "\npublic sip:x%d@h\nend", i, i);
		ck_assert_int_eq(store_begin(other, true, &tx), 0);
		ck_assert_int_eq(
		    provision_parse(slice_str(text), put_one, NULL, text, sizeof(text)), 0);
		ck_assert_int_eq(store_commit(tx), 0);
		usleep(2000);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int user = 0; user < 2; user++) {
		memcpy(all, numbers[user], sizeof(numbers[user]));
		memcpy(all + ROUNDS, numbers[user + 2], sizeof(numbers[user]));
		qsort(all, 2 * ROUNDS, sizeof(all[0]), compare);
		for (int i = 1; i < 2 * ROUNDS; i++)
			ck_assert_uint_ne(all[i], all[i - 1]);
		load_there(user);
		ck_assert_uint_ge(sub->impi[0].sqn, all[2 * ROUNDS - 1]);
	}
	end_group();
}
END_TEST

UNIT_MAIN("hss group", who_is_alone_does_not_wait, several_share_a_commit_and_are_answered_after_it,
	  nobody_waits_for_those_that_do_not_come, who_begins_for_himself_finds_it_committed,
	  requests_of_one_user_follow_each_other,
	  a_commit_that_fails_gives_no_vector_and_changes_nothing,
	  who_fails_before_he_writes_fails_alone, what_is_open_is_committed_at_the_end,
	  no_number_is_handed_out_twice)
