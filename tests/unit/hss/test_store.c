/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store, on each engine (base.h), and requests served whole on it. */
#include "unit/hss/store_fixture.h"

#include <sys/stat.h>

#include "hss/counters.h"
#include "hss/cx/redirect.h"

static char *dump(struct store *from, const char *impi)
{
	struct subscription *s = subscription_new();
	char *text = NULL;
	size_t size;
	int64_t id;
	FILE *f = open_memstream(&text, &size);

	ck_assert_int_eq(store_begin(from, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, slice_str(impi), &id), 0);
	ck_assert_int_eq(store_load(tx, id, s), 0);
	store_rollback(tx);
	provision_write(s, true, f);
	fclose(f);
	subscription_free(s);
	return text;
}

START_TEST(what_is_put_is_loaded)
{
	struct stat st;
	char *before, *after;
	struct store *again;

	begin();
	ck_assert_int_eq(import(two), 0);
	before = dump(store, "one@h");
	ck_assert_ptr_nonnull(strstr(before, "sqn=000000000020"));
	ck_assert_ptr_nonnull(strstr(before, "ecf2=\"aaa://f\""));
	ck_assert_ptr_nonnull(strstr(before, "mandatory=1,2 optional=3"));
	ck_assert_ptr_nonnull(strstr(before, "visited h.net v.net"));
	ck_assert_ptr_nonnull(strstr(before, "set=1 profile=0 for=tab@h"));
	ck_assert_int_eq(import("subscription\nprivate d@h ha1=939e7578ed9e3c518a452acee763bce9 "
				"realm=r\nend"),
			 0);
	after = dump(store, "d@h");
	ck_assert_ptr_nonnull(strstr(after, " ha1=939e7578ed9e3c518a452acee763bce9 realm=r\n"));
	free(after);
	again = open_store(); /* another process */
	after = dump(again, "one@h");
	ck_assert_str_eq(before, after);
	store_close(again);
	if (!base_server()) {
		ck_assert_int_eq(stat(base.path, &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0600);
	}
	free(before);
	free(after);
	end();
}
END_TEST

START_TEST(what_nobody_asks_for_is_not_loaded)
{
	int64_t id;

	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("one@h"), &id), 0);
	for (unsigned int parts = 0; parts <= STORE_ALL; parts++) {
		ck_assert_int_eq(store_load_parts(tx, id, parts, sub), 0);
		ck_assert_uint_eq(sub->n_impi, 2);
		ck_assert_uint_eq(sub->n_impu, 2);
		ck_assert_str_eq(sub->charging.ecf[1], "aaa://f");
		ck_assert_uint_eq(sub->n_ifc, parts & STORE_IFCS ? 1 : 0);
		ck_assert_uint_eq(sub->n_visited, parts & STORE_VISITED ? 2 : 0);
		ck_assert_uint_eq(sub->capabilities.n_mandatory,
				  parts & STORE_CAPABILITIES ? 2 : 0);
	}
	ck_assert_int_eq(store_load_parts(tx, id + 2, 0, sub), STORE_ENOTFOUND);
	ck_assert_uint_eq(sub->n_impi, 0);
	store_rollback(tx);
	end();
}
END_TEST

static size_t restorations(int64_t id)
{
	size_t n = 0;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	ck_assert_int_eq(store_load_restorations(tx, sub), 0);
	store_rollback(tx);
	for (struct restoration *r = sub->restorations; r; r = r->next)
		n += r->len == 3 && memcmp(r->octets, "\0ab", 3) == 0;
	return n;
}

/* Two private identities registered in one set, each with restoration information. */
static int64_t two_registered(void)
{
	static const char *const impis[] = {"one@h", "tab@h"};
	int64_t id;

	ck_assert_int_eq(import("subscription\nprivate one@h " KEYS "\nprivate tab@h " KEYS
				"\npublic sip:a@h set=1\npublic sip:b@h\nend"),
			 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("one@h"), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	sub->impu[0].registered = sub->impu[1].registered = 3;
	ck_assert_int_eq(store_save_state(tx, sub), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    store_put_restoration(tx, id, slice_str(impis[i]), "set:1", SLICE_LIT("\0ab")),
		    0);
		ck_assert_int_eq(store_put_restoration(tx, id, slice_str(impis[i]), "sip:b@h",
						       SLICE_LIT("\0ab")),
				 0);
	}
	ck_assert_int_eq(store_commit(tx), 0);
	return id;
}

static void keep_state(int put)
{
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(put ? store_put(tx, sub) : store_save_state(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

START_TEST(restoration_information_lives_as_long_as_its_registration)
{
	int64_t id;

	begin();
	id = two_registered();
	ck_assert_uint_eq(restorations(id), 4);
	sub->impu[0].registered = 2; /* one@h leaves the set */
	keep_state(0);
	ck_assert_uint_eq(restorations(id), 3);
	ck_assert_ptr_null(restoration_find(sub, &sub->impu[0], SLICE_LIT("one@h")));
	keep_state(1); /* a change by an operator keeps what is true still */
	ck_assert_uint_eq(restorations(id), 3);
	sub->n_impu = 1; /* and takes away what was of an identity */
	keep_state(1);
	ck_assert_uint_eq(restorations(id), 1);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_put_restoration(tx, id, SLICE_LIT("tab@h"), "set:1", SLICE_NULL), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(restorations(id), 0);
	end();
}
END_TEST

/* Whose the user is, "" nobody's. */
static const char *whose(const char *identity)
{
	static char host[IDENTITY_SIZE];
	int err;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	err = store_redirect_of(tx, slice_str(identity), host);
	store_rollback(tx);
	ck_assert(err == 0 || err == STORE_ENOTFOUND);
	return err ? "" : host;
}

static void belongs(const char *identity, const char *host)
{
	char key[IDENTITY_SIZE];

	ck_assert_int_eq(redirect_key(slice_str(identity), key), 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_put_redirect(tx, key, host), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

START_TEST(users_of_other_bases_are_found_by_identity_and_domain)
{
	struct cx_request req = {.impi = SLICE_LIT("one@h")};
	struct cx_served served;
	struct service svc = {.store = store};
	char key[IDENTITY_SIZE];

	begin();
	svc.store = store;
	ck_assert_int_eq(import(two), 0);
	belongs("sip:X@B.net:5060;user=phone", "hss2.h");
	belongs("tel:+1-234", "hss3.h");
	belongs("*@B.net", "hss4.h");
	belongs("one@h", "hss5.h");
	ck_assert_str_eq(whose("sip:X@b.net"), "hss2.h");
	ck_assert_str_eq(whose("sip:y@b.net"), "hss4.h");
	ck_assert_str_eq(whose("y@B.NET"), "hss4.h");
	ck_assert_str_eq(whose("tel:+1234"), "hss3.h");
	ck_assert_str_eq(whose("tel:+12345"), "");
	ck_assert_str_eq(whose("sip:y@c.net"), "");
	belongs("*@b.net", NULL);
	ck_assert_str_eq(whose("sip:y@b.net"), "");
	ck_assert_int_eq(redirect_key(SLICE_LIT("a*b@h"), key), -1);
	ck_assert_int_eq(redirect_key(SLICE_LIT("mailto:a@h"), key), -1);
	ck_assert_int_eq(redirect_key(SLICE_LIT(""), key), -1);
	/* our own are ours, whatever stands there */
	strcpy(req.impu[0], "sip:a@h");
	req.n_impu = 1;
	req.authorization_type = -1;
	service_answer(&svc, CX_LIR, &req, &served);
	ck_assert_uint_ne(served.ans.result.code, RESULT_REDIRECT.code);
	served_free(&served);
	req.impi = SLICE_LIT("x@b.net");
	strcpy(req.impu[0], "sip:X@b.net");
	service_answer(&svc, CX_UAR, &req, &served);
	ck_assert_uint_eq(served.ans.result.code, RESULT_REDIRECT.code);
	ck_assert_str_eq(served.ans.redirect, "hss2.h");
	served_free(&served);
	end();
}
END_TEST

START_TEST(identities_are_unique_and_failure_leaves_nothing)
{
	struct store_totals t;

	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(import("subscription\nprivate new@h " KEYS "\npublic sip:a@h\nend"),
			 STORE_EEXIST);
	ck_assert_int_eq(import("subscription\nprivate one@h " KEYS "\nend"), STORE_EEXIST);
	store_begin(store, false, &tx);
	ck_assert_int_eq(store_totals(tx, &t), 0);
	store_rollback(tx);
	ck_assert_uint_eq(t.subscriptions, 2);
	ck_assert_uint_eq(t.impis, 3);
	ck_assert_uint_eq(t.impus, 3);
	end();
}
END_TEST

START_TEST(removed_is_gone)
{
	int64_t ids[4], id;

	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_list(tx, 0, ids, 4), 2);
	ck_assert_int_eq(store_list(tx, ids[0], &id, 1), 1);
	ck_assert_int_eq(id, ids[1]);
	ck_assert_int_eq(store_remove(tx, ids[0]), 0);
	ck_assert_int_eq(store_find_impu(tx, SLICE_LIT("sip:a@h"), &id), STORE_ENOTFOUND);
	ck_assert_int_eq(store_load(tx, ids[0], sub), STORE_ENOTFOUND);
	store_rollback(tx);
	store_begin(store, false, &tx);
	ck_assert_int_eq(store_find_impu(tx, SLICE_LIT("sip:a@h"), &id), 0); /* rolled back */
	store_rollback(tx);
	end();
}
END_TEST

START_TEST(a_store_that_cannot_be_used_says_why)
{
	struct store *s = NULL;
	char why[256] = "";
	FILE *f;

	ck_assert_int_eq(store_open("mysql:x", &s, why, sizeof(why)), STORE_EURL);
	ck_assert_ptr_nonnull(strstr(why, "sqlite:/path/file"));
	ck_assert_int_eq(store_open("sqlite:/nonexistent/db", &s, why, sizeof(why)), STORE_EIO);
	ck_assert_ptr_nonnull(strstr(why, "make its folder"));
	if (base_server())
		return;
	begin();
	store_close(store);
	f = fopen(base.path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no data base", f);
	fclose(f);
	ck_assert_int_lt(store_open(base.url, &s, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, "not a database"));
	unlink(base.path);
	store = open_store();
	end();
}
END_TEST

START_TEST(registration_outlives_the_process)
{
	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:c@h", 0), 15003);
	ck_assert_uint_eq(serve(CX_MAR, "two@h", "sip:c@h", 0), 2001);
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", SAT_REGISTRATION), 2001);
	store_close(store);
	store = open_store();
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:c@h", 0), 2001);
	ck_assert_str_eq(ans.server_name, "sip:s");
	ck_assert_uint_eq(serve(CX_SAR, "two@h", "sip:c@h", SAT_USER_DEREGISTRATION), 2001);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:c@h", 0), 15003);
	end();
}
END_TEST

/* The number is in the store before the vector is anywhere. */
START_TEST(sequence_numbers_are_never_handed_out_twice)
{
	struct aka_key key = {.algorithm = AKA_MILENAGE};
	struct aka_answer a;
	uint64_t last = 0;

	begin();
	ck_assert_int_eq(import(two), 0);
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	for (int i = 0; i < 5; i++) {
		struct store *other =
		    i % 2 ? open_store() : NULL; /* two HSS processes take turns */
		struct store *mine = store;

		store = other ? other : mine;
		ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
		store = mine;
		store_close(other);
		ck_assert_int_eq(aka_autn_check(&key, ans.vector[0].rand, ans.vector[0].autn, &a),
				 0);
		ck_assert_uint_gt(a.sqn, last);
		ck_assert_uint_gt(a.sqn, 0x20);
		last = a.sqn;
	}
	end();
}
END_TEST

#define TUAK_K                                                                                     \
	"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0" /* TS 35.233 6.4 */
#define TUAK_TOPC "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"

START_TEST(a_card_of_tuak_is_kept_and_served)
{
	struct aka_answer a;
	struct aka_key key;
	int64_t id;

	begin();
	ck_assert_int_eq(
	    import("subscription\nprivate t@h algorithm=tuak res=128 keccak=2 k=" TUAK_K
		   " topc=" TUAK_TOPC "\nprivate m@h " KEYS "\npublic sip:t@h\nend"),
	    0);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_impi(tx, SLICE_LIT("t@h"), &id), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	store_rollback(tx);
	key = sub->impi[0].key;
	ck_assert_int_eq(key.algorithm, AKA_TUAK);
	ck_assert_uint_eq(key.tuak.k_len, 32);
	ck_assert_uint_eq(key.tuak.k[31], 0xe0);
	ck_assert_uint_eq(key.tuak.topc[31], 0x24);
	ck_assert_uint_eq(key.tuak.iterations, 2);
	ck_assert_int_eq(sub->impi[1].key.algorithm, AKA_MILENAGE);
	ck_assert_uint_eq(serve(CX_MAR, "t@h", "sip:t@h", 0), 2001);
	ck_assert_uint_eq(ans.vector[0].xres_len, 16);
	ck_assert_int_eq(aka_autn_check(&key, ans.vector[0].rand, ans.vector[0].autn, &a), 0);
	ck_assert_mem_eq(a.res, ans.vector[0].xres, 16);
	ck_assert_uint_eq(serve(CX_MAR, "m@h", "sip:t@h", 0), 2001);
	ck_assert_uint_eq(ans.vector[0].xres_len, 8);
	end();
}
END_TEST

START_TEST(who_is_known_and_who_matches)
{
	uint64_t unknown = counter_get(COUNT_user_unknown);

	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_uint_eq(serve(CX_UAR, "nobody@h", "sip:a@h", 0), 15001);
	ck_assert_uint_eq(serve(CX_UAR, "one@h", "sip:nobody@h", 0), 15001);
	ck_assert_uint_eq(serve(CX_UAR, "one@h", "sip:c@h", 0),
			  15002); /* of another subscription */
	ck_assert_uint_eq(serve(CX_UAR, "one@h", "sip:b@h", 0), 15002); /* of his tablet only */
	ck_assert_uint_eq(serve(CX_UAR, "two@h", "sip:c@h", 0), 12001);
	ck_assert_uint_eq(counter_get(COUNT_user_unknown) - unknown, 2);
	end();
}
END_TEST

/* A full disk or a locked file: no vector, UNABLE_TO_COMPLY, and it is counted. */
START_TEST(a_failing_store_gives_no_vectors)
{
	uint64_t errors = counter_get(COUNT_store_errors);
	struct transaction *held;
	int64_t id;
	struct store *other;

	begin();
	ck_assert_int_eq(import(two), 0);
	other = open_store();
	ck_assert_int_eq(store_begin(other, true, &held),
			 0); /* somebody holds it and does not let go */
	ck_assert_int_eq(store_find_impi(held, SLICE_LIT("one@h"), &id), 0);
	ck_assert_int_eq(store_load(held, id, sub), 0);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 5012);
	ck_assert_uint_eq(ans.n_vectors, 0);
	ck_assert_uint_eq(counter_get(COUNT_store_errors) - errors, 1);
	ck_assert_uint_eq(serve(CX_LIR, "", "sip:c@h", 0), 15003); /* reading goes on */
	store_rollback(held);
	store_close(other);
	ck_assert_uint_eq(serve(CX_MAR, "one@h", "sip:a@h", 0), 2001);
	end();
}
END_TEST

static void count_by_hand(struct store_totals *t)
{
	int64_t ids[16];
	int n;

	memset(t, 0, sizeof(*t));
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	n = store_list(tx, 0, ids, 16);
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(store_load(tx, ids[i], sub), 0);
		t->subscriptions++;
		t->impis += sub->n_impi;
		t->impus += sub->n_impu;
		for (size_t j = 0; j < sub->n_impu; j++) {
			t->registered += sub->impu[j].registered != 0;
			t->unregistered += sub->impu[j].unregistered;
		}
	}
	store_rollback(tx);
}

/* Totals are kept as they change, and must agree with what is there whatever happens. */
START_TEST(totals_are_what_is_there)
{
	struct store_totals is, should;

	begin();
	ck_assert_int_eq(import(two), 0);
	for (int i = 0; i < 400; i++) {
		static const char *const impus[] = {"sip:a@h", "sip:b@h", "sip:c@h"};
		uint32_t what = (uint32_t)(i * 2654435761u >> 16);
		const char *impu = impus[what % 3];

		if (what % 7 == 6) { /* provisioned anew */
			int64_t id;

			ck_assert_int_eq(store_begin(store, true, &tx), 0);
			ck_assert_int_eq(store_find_impu(tx, slice_str(impu), &id), 0);
			ck_assert_int_eq(store_load(tx, id, sub), 0);
			ck_assert_int_eq(store_put(tx, sub), 0);
			if (what % 2)
				store_rollback(tx);
			else
				store_commit(tx);
		} else if (what % 7 == 5) {
			serve(CX_SAR, "", impu, SAT_UNREGISTERED_USER);
		} else {
			serve(CX_SAR, what % 3 == 2 ? "two@h" : "tab@h", impu,
			      what % 2 ? SAT_REGISTRATION : SAT_USER_DEREGISTRATION);
		}
		count_by_hand(&should);
		store_begin(store, false, &tx);
		ck_assert_int_eq(store_totals(tx, &is), 0);
		store_rollback(tx);
		ck_assert_mem_eq(&is, &should, sizeof(is));
	}
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_remove(tx, 1), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	count_by_hand(&should);
	store_begin(store, false, &tx);
	ck_assert_int_eq(store_totals(tx, &is), 0);
	store_rollback(tx);
	ck_assert_mem_eq(&is, &should, sizeof(is));
	end();
}
END_TEST

static int64_t id_of(const char *impu)
{
	int64_t id = 0;

	ck_assert_int_eq(store_find_impu(tx, slice_str(impu), &id), 0);
	return id;
}

static void subscribe(const char *host, const char *impu, uint32_t reference, int64_t expiry)
{
	struct sh_subscription s = {.reference = reference, .expiry = expiry};

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	s.sub = id_of(impu);
	strcpy(s.host, host);
	strcpy(s.realm, "h");
	strcpy(s.user, impu);
	ck_assert_int_eq(store_subscribe(tx, &s), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

static size_t subscriptions(void)
{
	static struct sh_subscription of[16];
	int n;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	n = store_subscriptions(tx, 0, 0, of, 16);
	store_rollback(tx);
	ck_assert_int_ge(n, 0);
	return (size_t)n;
}

/* Whose data may have changed at that time; they are then looked at. */
static int due(int64_t time)
{
	int64_t subs[4];
	int n;

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	n = store_due(tx, time, subs, 4);
	for (int i = 0; i < n; i++)
		store_settle(tx, subs[i]);
	ck_assert_int_eq(store_commit(tx), 0);
	return n;
}

/* Whoever changes them, and in whichever process. */
START_TEST(changes_are_seen_of_those_who_have_subscribers)
{
	struct store *mine, *other;
	struct repository r = {.service = "x", .data = (char *)"<S/>", .len = 4};

	begin();
	ck_assert_int_eq(import(two), 0);
	serve(CX_SAR, "two@h", "sip:c@h", SAT_REGISTRATION);
	ck_assert_int_eq(due(0), 0); /* nobody wants to know */
	subscribe("as.h", "sip:c@h", SH_USER_STATE, 0);
	ck_assert_int_eq(due(0), 0);
	serve(CX_SAR, "two@h", "sip:c@h", SAT_USER_DEREGISTRATION);
	ck_assert_int_eq(due(0), 1);
	ck_assert_int_eq(due(0), 0);
	serve(CX_SAR, "one@h", "sip:a@h", SAT_REGISTRATION); /* another */
	ck_assert_int_eq(due(0), 0);
	mine = store;
	store = other = open_store();
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, id_of("sip:c@h"), sub), 0);
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_put_repository(tx, sub->id, "sip:c@h", &r), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	store = mine;
	store_close(other);
	ck_assert_int_eq(due(0), 1);
	/* what an application server switches */
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, id_of("sip:c@h"), sub), 0);
	sub->impu[0].inactive = true;
	strcpy(sub->impu[0].masked, "x");
	ck_assert_int_eq(store_save_switches(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_int_eq(due(0), 1);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, sub->id, sub), 0);
	ck_assert_int_eq(store_save_switches(tx, sub), 0); /* as it is */
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_int_eq(sub->impu[0].inactive, true);
	ck_assert_str_eq(sub->impu[0].masked, "x");
	ck_assert_int_eq(due(0), 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_remove(tx, sub->id), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_int_eq(due(0), 1);
	end();
}
END_TEST

START_TEST(subscriptions_end_with_their_time_their_grant_or_their_host)
{
	struct sh_subscription s;
	struct sh_counts counts;

	begin();
	ck_assert_int_eq(import(two), 0);
	subscribe("as.h", "sip:c@h", SH_USER_STATE, 100);
	subscribe("as.h", "sip:c@h", SH_USER_STATE, 200); /* renewed: one, until later */
	subscribe("as.h", "sip:c@h", SH_SCSCF_NAME, 0);
	subscribe("other.h", "sip:c@h", SH_SCSCF_NAME, 0);
	ck_assert_uint_eq(subscriptions(), 3);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_count_subscriptions(tx, id_of("sip:c@h"), "as.h", &counts), 0);
	ck_assert_uint_eq(counts.of_as, 2);
	ck_assert_uint_eq(counts.of_user, 3);
	ck_assert_uint_eq(counts.all, 3);
	ck_assert_int_eq(store_expire(tx, 199), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(subscriptions(), 3);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_expire(tx, 200), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(subscriptions(), 2);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_allow(tx, "as.h", SH_SCSCF_NAME, SH_PULL | SH_SUBSCRIBE), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(subscriptions(), 2);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_allow(tx, "as.h", SH_SCSCF_NAME, SH_PULL), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(subscriptions(), 1);
	/* what is not acknowledged is due again when its time has come, or the host */
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_subscriptions(tx, 0, 0, &s, 1), 1);
	s.retry_at = 500;
	ck_assert_int_eq(store_save_subscription(tx, &s), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_int_eq(due(499), 0);
	ck_assert_int_eq(due(500), 1);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_retry_at(tx, "other.h", 300), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_int_eq(due(300), 1);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_end_subscriptions(tx, "other.h", "sip:c@h"), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert_uint_eq(subscriptions(), 0);
	end();
}
END_TEST

/* Data go with the identity that they are kept with; those of an alias set with its last one. */
START_TEST(data_go_with_their_identity)
{
	struct repository r = {.service = "x", .data = (char *)"<S/>", .len = 4}, got;
	uint64_t n;
	int64_t id;

	begin();
	ck_assert_int_eq(import(two), 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	id = id_of("sip:a@h");
	ck_assert_int_eq(store_put_repository(tx, id, "sip:a@h", &r), 0);
	ck_assert_int_eq(store_put_repository(tx, id, "sip:b@h", &r), 0);
	ck_assert_int_eq(store_load(tx, id, sub), 0);
	sub->n_impu = 1; /* b goes */
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_repository(tx, id, "sip:a@h", SLICE_LIT("x"), &got), 0);
	ck_assert_int_eq(store_count_repositories(tx, id, "sip:a@h", &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(store_count_repositories(tx, id, "sip:c@h", &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(got.len, 4);
	repository_free(&got);
	ck_assert_int_eq(store_repository(tx, id, "sip:b@h", SLICE_LIT("x"), &got),
			 STORE_ENOTFOUND);
	ck_assert_int_eq(store_remove(tx, id), 0);
	ck_assert_int_eq(store_repository(tx, id, "sip:a@h", SLICE_LIT("x"), &got),
			 STORE_ENOTFOUND);
	ck_assert_int_eq(store_commit(tx), 0);
	end();
}
END_TEST

UNIT_MAIN("hss store", what_is_put_is_loaded, what_nobody_asks_for_is_not_loaded,
	  users_of_other_bases_are_found_by_identity_and_domain,
	  restoration_information_lives_as_long_as_its_registration,
	  identities_are_unique_and_failure_leaves_nothing, removed_is_gone,
	  a_store_that_cannot_be_used_says_why, registration_outlives_the_process,
	  sequence_numbers_are_never_handed_out_twice, a_card_of_tuak_is_kept_and_served,
	  who_is_known_and_who_matches, a_failing_store_gives_no_vectors, totals_are_what_is_there,
	  changes_are_seen_of_those_who_have_subscribers,
	  subscriptions_end_with_their_time_their_grant_or_their_host, data_go_with_their_identity)
