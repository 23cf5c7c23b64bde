/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store that any earlier version made is opened, keeps all that is in it, and becomes what a new one is. With
 * HSS_TEST_BASE, on that base of PostgreSQL.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>

#include "aka/sqn.h"
#include "hss/cx/service.h"
#include "hss/provision/provision.h"
#include "hss/store/db.h"
#include "hss/store/store.h"
#include "hss/subscription/restoration.h"
#include "unit/hss/base.h"
#include "unit/hss/migration_postgresql.h"
#include "unit/hss/migration_sqlite.h"

static const char *const versions[] = {
    VERSION_1 "PRAGMA user_version=1;",	  VERSION_2 "PRAGMA user_version=2;",
    VERSION_3 "PRAGMA user_version=3;",	  VERSION_4 "PRAGMA user_version=4;",
    VERSION_5 "PRAGMA user_version=5;",	  VERSION_6 "PRAGMA user_version=6;",
    VERSION_7 "PRAGMA user_version=7;",	  VERSION_8 "PRAGMA user_version=8;",
    VERSION_9 "PRAGMA user_version=9;",	  VERSION_10 "PRAGMA user_version=10;",
    VERSION_11 "PRAGMA user_version=11;", VERSION_12 "PRAGMA user_version=12;",
    VERSION_13 "PRAGMA user_version=13;", VERSION_14 "PRAGMA user_version=14;",
    VERSION_15 "PRAGMA user_version=15;", VERSION_16 "PRAGMA user_version=16;",
    VERSION_17 "PRAGMA user_version=17;",
};
enum { PG_FIRST = 9 };
static const char *const pg_versions[] = {
    PG_VERSION_9 "INSERT INTO schema_version VALUES(1, 9);",
    PG_VERSION_10 "INSERT INTO schema_version VALUES(1, 10);",
    PG_VERSION_11 "INSERT INTO schema_version VALUES(1, 11);",
    PG_VERSION_12 "INSERT INTO schema_version VALUES(1, 12);",
    PG_VERSION_13 "INSERT INTO schema_version VALUES(1, 13);",
    PG_VERSION_14 "INSERT INTO schema_version VALUES(1, 14);",
    PG_VERSION_15 "INSERT INTO schema_version VALUES(1, 15);",
    PG_VERSION_16 "INSERT INTO schema_version VALUES(1, 16);",
    PG_VERSION_17 "INSERT INTO schema_version VALUES(1, 17);",
};

/* The first version that this kind of store has had, and what each but the present one has made. */
static int first_version(void)
{
	return base_server() ? PG_FIRST : 1;
}

static const char *made_by(int version)
{
	return base_server() ? pg_versions[version - PG_FIRST] : versions[version - 1];
}

static struct base base;

static void begin(void)
{
	base_make(&base);
}

static void end(void)
{
	base_remove(&base);
}

static void make_old(const char *text)
{
	sqlite3 *db;

	if (base_server()) {
		base_sql(text);
		return;
	}
	ck_assert_int_eq(sqlite3_open(base.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct transaction *tx;

static struct store *open_store(void)
{
	struct store *s = NULL;
	char why[256] = "";

	ck_assert_msg(store_open(base.url, &s, why, sizeof(why)) == 0, "%s", why);
	return s;
}

static char *schema_of_file(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	sqlite3_stmt *st;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(base.path, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
			       -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		fprintf(f, "%s %s %s\n", sqlite3_column_text(st, 0), sqlite3_column_text(st, 1),
			sqlite3_column_type(st, 2) == SQLITE_NULL ? (const unsigned char *)""
								  : sqlite3_column_text(st, 2));
	sqlite3_finalize(st);
	sqlite3_close(db);
	fclose(f);
	return text;
}

/* All objects of the schema with their text, in one order. */
static char *schema(void)
{
	return base_server()
		   ? base_ask(
			 "SELECT string_agg(t, E'\\n' ORDER BY t) FROM ("
			 "SELECT format('%s %s %s %s %s %s', table_name, ordinal_position, "
			 "column_name,"
			 " data_type, is_nullable, column_default) FROM information_schema.columns"
			 " WHERE table_schema='public'"
			 " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname='public'"
			 " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT "
			 "tgisinternal"
			 " UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc"
			 " WHERE pronamespace='public'::regnamespace) AS all_of(t)")
		   : schema_of_file();
}

/* Of version 3 and later. */
static void check_sh(struct store *store)
{
	unsigned int allowed[SH_REFERENCES];
	struct repository r;
	int64_t id = 0;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_find_msisdn(tx, SLICE_LIT("12345"), &id), 0);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(store_allowed(tx, SLICE_LIT("as.h"), allowed), 0);
	ck_assert_uint_eq(allowed[0], SH_PULL | SH_UPDATE);
	ck_assert_int_eq(store_repository(tx, 1, "sip:a@h", SLICE_LIT("x"), &r), 0);
	ck_assert_uint_eq(r.sequence, 4);
	ck_assert_str_eq(r.data, "<S/>");
	repository_free(&r);
	store_rollback(tx);
}

/* Of version 4 and later. */
static void check_notifications(struct store *store)
{
	struct sh_subscription *s = calloc(1, sizeof(*s));

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_subscriptions(tx, 1, 0, s, 1), 1);
	ck_assert_int_eq(s->id, 7);
	ck_assert_str_eq(s->service, "x");
	store_rollback(tx);
	free(s);
}

/* Of version 5 and later. */
static void check_digest(struct store *store)
{
	struct subscription *sub = subscription_new();

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_load(tx, 2, sub), 0);
	store_rollback(tx);
	ck_assert(impi_by_digest(&sub->impi[0]));
	ck_assert_str_eq(sub->impi[0].realm, "h");
	subscription_free(sub);
}

/* Of version 6 and later. */
static void check_restoration(struct store *store)
{
	struct subscription *sub = subscription_new();

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_int_eq(store_load_restorations(tx, sub), 0);
	store_rollback(tx);
	ck_assert_ptr_nonnull(restoration_find(sub, &sub->impu[0], SLICE_LIT("one@h")));
	subscription_free(sub);
}

/* Of version 7 and later. */
static void check_errand(struct store *store)
{
	struct cx_errand *e = calloc(1, sizeof(*e));

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_due_errand(tx, 0, e), 0);
	store_rollback(tx);
	ck_assert_int_eq(e->id, 5);
	ck_assert_str_eq(e->impus[0], "sip:a@h");
	free(e);
}

/* Of version 8 and later. */
static void check_redirect(struct store *store)
{
	char host[IDENTITY_SIZE];

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_redirect_of(tx, SLICE_LIT("x@other.h"), host), 0);
	store_rollback(tx);
	ck_assert_str_eq(host, "hss2.h");
}

static void count_seal(const char *id, uint64_t impis, bool current, void *arg)
{
	ck_assert_str_eq(id, "");
	ck_assert(current);
	*(uint64_t *)arg += impis;
}

/* Of all: nothing is sealed yet, and that is counted. */
static void check_seals(struct store *store)
{
	uint64_t n = 0;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_seals(tx, count_seal, &n), 0);
	store_rollback(tx);
	ck_assert_uint_eq(n, 2);
}

/* Of all: wildcards are there, and found. */
static void check_wildcards(struct store *store)
{
	struct subscription *sub = subscription_new();
	char found[IDENTITY_SIZE];
	int64_t id;

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	strcpy(sub->impi[0].name, "w@h");
	memset(&sub->impi[0].key, 0, sizeof(sub->impi[0]) - offsetof(struct impi, key));
	memset(&sub->impu[0], 0, sizeof(sub->impu[0]));
	strcpy(sub->impu[0].uri, "sip:w!.*!@h");
	sub->impu[0].impis = 1;
	sub->n_impi = sub->n_impu = 1;
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_find_public(tx, "sip:w7@h", found, &id), 0);
	ck_assert_str_eq(found, "sip:w!.*!@h");
	ck_assert_int_eq(id, sub->id);
	store_rollback(tx);
	subscription_free(sub);
}

/* Of all: shared sets are there, and can be used. */
static void check_shared(struct store *store)
{
	struct subscription *sub = subscription_new();
	struct ifc f = {.priority = 7};

	strcpy(f.as, "sip:shared.h");
	sub->ifc[sub->n_ifc++] = f;
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_put_shared_set(tx, 3, sub), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_uint_eq(sub->n_shared, 0);
	sub->shared[sub->n_shared++] = (struct shared_use){.profile = 2, .set = 3};
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_uint_eq(sub->n_borrowed, 1);
	ck_assert_str_eq(sub->borrowed[0].as, "sip:shared.h");
	store_rollback(tx);
	subscription_free(sub);
}

/* Of version 11 and later. */
static void check_shared_set(struct store *store)
{
	struct subscription *sub = subscription_new();

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_shared_set(tx, 9, sub), 0);
	store_rollback(tx);
	ck_assert_uint_eq(sub->n_ifc, 1);
	ck_assert_str_eq(sub->ifc[0].as, "sip:nine.h");
	subscription_free(sub);
}

/* What was there is not switched, and can be. */
static void check_switches(struct store *store)
{
	struct subscription *sub = subscription_new();

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_str_eq(sub->ifc[0].dsai, "");
	ck_assert_str_eq(sub->impu[0].masked, "");
	ck_assert_int_eq(sub->impu[0].inactive, false);
	strcpy(sub->ifc[0].dsai, "x");
	sub->impu[0].profile = sub->ifc[0].profile;
	strcpy(sub->impu[0].masked, "x");
	sub->impu[0].inactive = true;
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	store_rollback(tx);
	ck_assert_str_eq(sub->ifc[0].dsai, "x");
	ck_assert_str_eq(sub->impu[0].masked, "x");
	ck_assert_int_eq(sub->impu[0].inactive, true);
	subscription_free(sub);
}

/* Of all: whoever is there has Milenage, and a card of TUAK can take its place. */
static void check_algorithms(struct store *store)
{
	struct subscription *sub = subscription_new();
	uint8_t octets[32] = {7};
	struct slice value = slice_make((const char *)octets, sizeof(octets));
	struct aka_key key = {.algorithm = AKA_TUAK, .res_len = 16, .tuak = {.iterations = 3}};

	ck_assert_int_eq(aka_key_fill(&key, value, value), 0);
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_int_eq(sub->impi[0].key.algorithm, AKA_MILENAGE);
	ck_assert_uint_eq(aka_key_k(&sub->impi[0].key).len, 16);
	sub->impi[0].key = key;
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	store_rollback(tx);
	ck_assert_int_eq(sub->impi[0].key.algorithm, AKA_TUAK);
	ck_assert_uint_eq(sub->impi[0].key.res_len, 16);
	ck_assert_uint_eq(sub->impi[0].key.tuak.iterations, 3);
	ck_assert_uint_eq(aka_key_k(&sub->impi[0].key).len, 32);
	subscription_free(sub);
}

static void ask(struct store *store, enum cx_command command, struct cx_served *served)
{
	struct service svc = {.store = store, .policy = {.vectors_max = 1, .ind = SQN_WHOLE}};
	struct cx_request req = {.impi = SLICE_LIT("one@h"),
				 .impu = {"sip:b@h"},
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s.h"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .visited = SLICE_LIT("h.net"),
				 .authorization_type = -1,
				 .assignment_type = 2, /* re-registration */
				 .scheme = SLICE_LIT("Digest-AKAv1-MD5"),
				 .items = 1};

	service_answer(&svc, command, &req, served);
}

/* Of all: who is registered is found, authenticated with the next number, and registered again. */
static void check_served(struct store *store)
{
	struct aka_key key = {.algorithm = AKA_MILENAGE};
	struct aka_answer card;
	struct cx_served served;

	ask(store, CX_UAR, &served);
	ck_assert_uint_eq(served.ans.result.code, 2002);
	served_free(&served);
	ask(store, CX_LIR, &served);
	ck_assert_uint_eq(served.ans.result.code, 2001);
	ck_assert_str_eq(served.ans.server_name, "sip:s.h");
	served_free(&served);
	ask(store, CX_MAR, &served);
	ck_assert_uint_eq(served.ans.result.code, 2001);
	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	ck_assert_int_eq(
	    aka_autn_check(&key, served.ans.vector[0].rand, served.ans.vector[0].autn, &card), 0);
	ck_assert_uint_eq(sqn_seq(card.sqn), sqn_seq(0x20) + 1);
	served_free(&served);
	ask(store, CX_SAR, &served);
	ck_assert_uint_eq(served.ans.result.code, 2001);
	served_free(&served);
}

static void check_content(struct store *store)
{
	struct subscription *sub = subscription_new();
	struct store_totals t;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_load(tx, 1, sub), 0);
	ck_assert_int_eq(store_totals(tx, &t), 0);
	store_rollback(tx);
	provision_write(sub, true, f);
	fclose(f);
	ck_assert_str_eq(sub->scscf, "sip:s.h");
	ck_assert_uint_eq(sub->impu[0].registered, 1);
	ck_assert_ptr_nonnull(strstr(text, "private one@h k=465b5ce8b199b49faa5f0a2ee238a6bc"));
	ck_assert_ptr_nonnull(strstr(text, "sqn=000000000020"));
	ck_assert_ptr_nonnull(
	    strstr(text, "public sip:a@h set=1 profile=2 barred display=\"X y\""));
	ck_assert_ptr_nonnull(strstr(text, "mandatory=1 optional=3"));
	ck_assert_ptr_nonnull(strstr(text, "visited h.net"));
	ck_assert_ptr_nonnull(strstr(text, "all method:INVITE"));
	ck_assert_uint_eq(t.subscriptions, 2);
	ck_assert_uint_eq(t.impis, 2);
	ck_assert_uint_eq(t.impus, 3);
	ck_assert_uint_eq(t.registered, 2);
	ck_assert_uint_eq(t.unregistered, 1);
	subscription_free(sub);
	free(text);
}

enum { MANY_IMPIS = 12, MANY_IMPUS = 3 };

/* A subscription of version 13 with more identities than a digit has bits; rows are there in another order. */
static void add_many(FILE *f)
{
	const char *quote = base_server() ? "'\\x" : "x'";

	fprintf(f, "INSERT INTO subscription(id, scscf, scscf_host, scscf_realm, has_capabilities,"
		   " capability_server, has_charging, ecf, ecf2, ccf, ccf2, reassigning)"
		   " VALUES(77,'sip:s','s.h','h',0,'',0,'','','','',0);");
	for (int i = MANY_IMPIS - 1; i >= 0; i--)
		fprintf(f,
			"INSERT INTO impi(name, sub, pos, k, opc, amf, sqn, msisdn, imsi, ha1, "
			"realm, seal)"
			" VALUES('m%d@h',77,%d,%s465b5ce8b199b49faa5f0a2ee238a6bc',"
			"%scd63cb71954a9f4e48a5994e37a02baf',%s8000',%lld,'','',%s','','');",
			i, i, quote, quote, quote, 281474976710655LL - 32 * i,
			base_server() ? quote : "'");
	for (int i = MANY_IMPUS - 1; i >= 0; i--)
		fprintf(
		    f,
		    "INSERT INTO impu(uri, sub, pos, display, implicit_set, profile, barred, impis,"
		    " registered, pending, unregistered, alias)"
		    " VALUES('sip:m%d@h',77,%d,'',0,0,0,4095,%d,%d,%d,0);",
		    i, i, i == 1 ? 1 << 5 | 1 << 9 | 1 << 11 : i == 2, i == 0 ? 0xa5f : 0, i == 0);
}

static bool has_restoration(struct store *store, const char *impi, int impu)
{
	struct subscription *sub = subscription_new();
	bool has;

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_load(tx, 77, sub), 0);
	ck_assert_int_eq(store_load_restorations(tx, sub), 0);
	store_rollback(tx);
	has = restoration_find(sub, &sub->impu[impu], slice_str(impi)) != NULL;
	subscription_free(sub);
	return has;
}

START_TEST(every_identity_keeps_its_own_number_and_registrations)
{
	struct subscription *sub = subscription_new();
	struct store *store;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	begin();
	fputs(made_by(13), f);
	add_many(f);
	fclose(f);
	make_old(text);
	free(text);
	store = open_store();
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, 77, sub), 0);
	ck_assert_uint_eq(sub->n_impi, MANY_IMPIS);
	for (uint64_t i = 0; i < MANY_IMPIS; i++)
		ck_assert_uint_eq(sub->impi[i].sqn, SQN_MAX - 32 * i);
	ck_assert_uint_eq(sub->impu[0].registered, 0);
	ck_assert_uint_eq(sub->impu[0].pending, 0xa5f);
	ck_assert_int_eq(sub->impu[0].unregistered, true);
	ck_assert_uint_eq(sub->impu[1].registered, 1 << 5 | 1 << 9 | 1 << 11);
	ck_assert_uint_eq(sub->impu[1].pending, 0);
	ck_assert_uint_eq(sub->impu[2].registered, 1);
	ck_assert_int_eq(sub->impu[2].unregistered, false);
	/* what was left for a registration goes with just that */
	ck_assert_int_eq(
	    store_put_restoration(tx, 77, SLICE_LIT("m5@h"), "sip:m1@h", SLICE_LIT("five")), 0);
	ck_assert_int_eq(
	    store_put_restoration(tx, 77, SLICE_LIT("m9@h"), "sip:m1@h", SLICE_LIT("nine")), 0);
	ck_assert_int_eq(
	    store_put_restoration(tx, 77, SLICE_LIT("m0@h"), "sip:m2@h", SLICE_LIT("none")), 0);
	ck_assert_int_eq(store_put(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert(has_restoration(store, "m5@h", 1) && has_restoration(store, "m9@h", 1) &&
		  has_restoration(store, "m0@h", 2));
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, 77, sub), 0);
	sub->impu[1].registered &= (uint16_t) ~(1 << 5);
	ck_assert_int_eq(store_save_state(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert(!has_restoration(store, "m5@h", 1) && has_restoration(store, "m9@h", 1) &&
		  has_restoration(store, "m0@h", 2));
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(store_load(tx, 77, sub), 0);
	sub->impu[1].registered = 1 << 11;
	sub->impu[2].registered = 0;
	ck_assert_int_eq(store_save_state(tx, sub), 0);
	ck_assert_int_eq(store_commit(tx), 0);
	ck_assert(!has_restoration(store, "m9@h", 1) && !has_restoration(store, "m0@h", 2));
	store_close(store);
	subscription_free(sub);
	end();
}
END_TEST

START_TEST(there_is_a_sample_of_every_older_version)
{
	ck_assert_uint_eq(sizeof(versions) / sizeof(versions[0]), SCHEMA_VERSION - 1);
	ck_assert_uint_eq(sizeof(pg_versions) / sizeof(pg_versions[0]), SCHEMA_VERSION - PG_FIRST);
}
END_TEST

START_TEST(a_store_of_every_older_version_is_brought_up_with_all_that_is_in_it)
{
	for (int v = first_version(); v < SCHEMA_VERSION; v++) {
		char *migrated, *fresh;
		struct store *store;

		begin();
		make_old(made_by(v));
		store = open_store();
		check_content(store);
		store_close(store);
		store = open_store(); /* and a second time there is nothing left to do */
		check_content(store);
		if (v >= 3)
			check_sh(store);
		if (v >= 4)
			check_notifications(store);
		if (v >= 5)
			check_digest(store);
		if (v >= 6)
			check_restoration(store);
		if (v >= 7)
			check_errand(store);
		if (v >= 8)
			check_redirect(store);
		if (v >= 11)
			check_shared_set(store);
		check_algorithms(store);
		check_switches(store);
		check_seals(store);
		check_wildcards(store);
		check_shared(store);
		check_served(store);
		store_close(store);
		migrated = schema();
		end();
		begin();
		store_close(open_store());
		fresh = schema();
		ck_assert_str_eq(migrated, fresh);
		free(migrated);
		free(fresh);
		end();
	}
}
END_TEST

/* As several ims-hss and hssctl do that are started at once. */
START_TEST(who_opens_it_at_the_same_time_waits)
{
	enum { PROCESSES = 4 };
	struct store *store;
	int status;

	begin();
	make_old(made_by(first_version()));
	for (int i = 0; i < PROCESSES; i++) {
		char why[256];

		if (fork() == 0)
			_exit(store_open(base.url, &store, why, sizeof(why)) != 0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	store = open_store();
	check_content(store);
	store_close(store);
	end();
}
END_TEST

START_TEST(a_migration_that_fails_leaves_the_old_store)
{
	struct store *s = NULL;
	char why[256] = "", *before, *after;

	begin();
	make_old(made_by(first_version()));
	make_old(base_server() ? "CREATE TABLE wildcard(x INT)"
			       : "CREATE TABLE totals(x)"); /* in the way */
	before = schema();
	ck_assert_int_eq(store_open(base.url, &s, why, sizeof(why)), STORE_EIO);
	ck_assert_ptr_nonnull(strstr(why, base_server() ? "wildcard" : "totals"));
	after = schema();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}
END_TEST

START_TEST(a_store_of_a_newer_version_is_not_touched)
{
	struct store *s = NULL;
	char why[256] = "", *before, *after;

	begin();
	make_old(base_server() ? "CREATE TABLE schema_version(one INT PRIMARY KEY, version INT NOT "
				 "NULL); INSERT INTO schema_version VALUES(1, 1000)"
			       : "CREATE TABLE future(x); PRAGMA user_version=1000");
	before = schema();
	ck_assert_int_eq(store_open(base.url, &s, why, sizeof(why)), STORE_EVERSION);
	ck_assert_ptr_nonnull(strstr(why, "newer version"));
	after = schema();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}
END_TEST

START_TEST(who_was_given_an_address_goes_with_it)
{
	struct subscription *sub = subscription_new();
	struct store *store;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	begin();
	fputs(made_by(17), f);
	fputs("UPDATE impi SET imsi='001010000000001', giba=1 WHERE name='one@h';"
	      "UPDATE impi SET imsi='001010000000002', giba=1 WHERE name='two@h';"
	      "INSERT INTO bearer VALUES('001010000000001','10.45.0.2','10.45.0.2',9,1);"
	      "INSERT INTO bearer VALUES('001010000000002','10.45.0.3','10.45.0.3',9,0);",
	      f);
	fclose(f);
	make_old(text);
	free(text);
	store = open_store();
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	for (int64_t id = 1; id <= 2; id++) {
		ck_assert_int_eq(store_load(tx, id, sub), 0);
		for (size_t i = 0; i < sub->n_impu; i++) {
			ck_assert_uint_eq(sub->impu[i].by_address, id == 1);
			ck_assert_uint_eq(sub->impu[i].address_asked, id == 1);
			ck_assert_uint_eq(sub->impu[i].registered, id == 1);
		}
	}
	store_rollback(tx);
	store_close(store);
	subscription_free(sub);
	end();
}
END_TEST

UNIT_MAIN("hss migration", who_was_given_an_address_goes_with_it,
	  there_is_a_sample_of_every_older_version,
	  a_store_of_every_older_version_is_brought_up_with_all_that_is_in_it,
	  every_identity_keeps_its_own_number_and_registrations,
	  who_opens_it_at_the_same_time_waits, a_migration_that_fails_leaves_the_old_store,
	  a_store_of_a_newer_version_is_not_touched)
