/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store whose keys are sealed: migration, rotation, and what must not be found or served. */
#include "base.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hss/counters.h"
#include "hss/cx/service.h"
#include "hss/provision/change.h"
#include "hss/provision/provision.h"

#define K   "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OPC "cd63cb71954a9f4e48a5994e37a02baf"
#define TUAK_K                                                                                     \
	"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0" /* TS 35.233 6.4 */
#define TUAK_TOPC "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"
#define HA1	  "939e7578ed9e3c518a452acee763bce9"
#define KEY_A	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_B	  "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define ID_A	  "e75bada2f27219e2"

enum { USERS = 200 }; /* more than one transaction seals */

static struct base base;
static char dir[32], keys[64], why[512];
static struct store *store;
static struct transaction *tx;

static void write_keys(const char *text, mode_t mode)
{
	char path[80];
	FILE *f;

	/* a new file takes its place, as an editor or mv does it */
	snprintf(path, sizeof(path), "%s.new", keys);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
	ck_assert_int_eq(rename(path, keys), 0);
}

static void close_store(void)
{
	store_close(store);
	store = NULL;
}

static int open_with(const char *master_key)
{
	why[0] = '\0';
	return store_open_sealed(base.url, master_key, &store, why, sizeof(why));
}

static void reopen(const char *master_key)
{
	close_store();
	ck_assert_msg(open_with(master_key) == 0, "%s", why);
}

static void refuses(const char *master_key, const char *says)
{
	close_store();
	ck_assert_int_eq(open_with(master_key), STORE_ESEAL);
	ck_assert_msg(strstr(why, says) != NULL, "'%s' does not say '%s'", why, says);
	ck_assert_ptr_null(strchr(why, '\n'));
}

static void begin(void)
{
	strcpy(dir, "/tmp/hss-seal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	base_make(&base);
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	write_keys(KEY_A, 0600);
}

static void end(void)
{
	close_store();
	base_remove(&base);
	unlink(keys);
	ck_assert_int_eq(rmdir(dir), 0);
}

static int put_one(struct subscription *s, void *arg, char *text, size_t size)
{
	(void)arg;
	(void)text;
	(void)size;
	return store_put(tx, s);
}

static void import(const char *text)
{
	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	ck_assert_int_eq(provision_parse(slice_str(text), put_one, NULL, why, sizeof(why)), 0);
	ck_assert_int_eq(store_commit(tx), 0);
}

static void put_users(void)
{
	char text[256];

	for (int i = 0; i < USERS; i++) {
		snprintf(text, sizeof(text),
			 "subscription\nprivate u%03d@h k=" K " opc=" OPC
			 "\npublic sip:u%03d@h\nend",
			 i, i);
		import(text);
	}
	import("subscription\nprivate lab@h ha1=" HA1 " realm=h\npublic sip:lab@h\nend");
}

static void count_as(const char *id, uint64_t impis, bool current, void *arg)
{
	uint64_t *n = arg; /* not sealed, under the present key, under others */

	n[id[0] == '\0' ? 0 : current ? 1 : 2] += impis;
}

static void seals_are(uint64_t plain, uint64_t current, uint64_t others)
{
	uint64_t n[3] = {0};

	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_seals(tx, count_as, n), 0);
	store_rollback(tx);
	ck_assert_uint_eq(n[0], plain);
	ck_assert_uint_eq(n[1], current);
	ck_assert_uint_eq(n[2], others);
}

/* One transaction of a rotation. */
static int reseal(struct store_reseal *at)
{
	int n;

	ck_assert_int_eq(store_begin(store, true, &tx), 0);
	n = store_reseal(tx, at);
	ck_assert_int_eq(store_commit(tx), 0);
	return n;
}

static struct store_reseal reseal_all(void)
{
	struct store_reseal at = {.sealed = 0};
	int n;

	do
		n = reseal(&at);
	while (n > 0);
	ck_assert_int_eq(n, 0);
	return at;
}

/* What an export of a user says. */
static int exported(const char *impi, const char *says)
{
	struct subscription *sub = subscription_new();
	int err = provision_load(store, impi, sub, why, sizeof(why));
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (err == 0)
		provision_write(sub, true, f);
	fclose(f);
	if (err == 0)
		ck_assert_msg(strstr(text, says) != NULL, "%s", text);
	free(text);
	subscription_free(sub);
	return err;
}

static void all_is_there(void)
{
	ck_assert_int_eq(exported("u000@h", "k=" K " opc=" OPC), 0);
	ck_assert_int_eq(exported("u199@h", "k=" K " opc=" OPC), 0);
	ck_assert_int_eq(exported("lab@h", "ha1=" HA1), 0);
}

static bool in_file(const char *path, const void *what, size_t n)
{
	FILE *f = fopen(path, "r");
	char *text;
	size_t len;
	bool found;

	if (!f)
		return false;
	fseek(f, 0, SEEK_END);
	len = (size_t)ftell(f);
	rewind(f);
	text = malloc(len + 1);
	ck_assert_uint_eq(fread(text, 1, len, f), len);
	fclose(f);
	found = len && memmem(text, len, what, n) != NULL;
	free(text);
	return found;
}

/* Is a key to be read in the database or its log? */
static bool any_key_in_files(void)
{
	char wal[96];
	uint8_t k[16], opc[16];
	bool found = false;

	if (base_server()) /* its files are not ours to read */
		return false;
	slice_hex(SLICE_LIT(K), k, 16);
	slice_hex(SLICE_LIT(OPC), opc, 16);
	snprintf(wal, sizeof(wal), "%s-wal", base.path);
	for (int i = 0; i < 2; i++) {
		const char *path = i ? wal : base.path;

		found = found || in_file(path, k, 16) || in_file(path, opc, 16) ||
			in_file(path, HA1, 32);
	}
	return found;
}

START_TEST(what_is_put_is_sealed_and_loaded_and_in_no_file)
{
	begin();
	reopen(keys);
	put_users();
	seals_are(0, USERS + 1, 0);
	ck_assert(!any_key_in_files());
	all_is_there();
	reopen(keys);
	ck_assert(!any_key_in_files());
	all_is_there();
	end();
}
END_TEST

START_TEST(a_store_in_clear_is_sealed_and_scrubbed_when_a_key_comes)
{
	struct store *other = NULL;
	struct store_reseal at;

	begin();
	reopen("");
	/* another process keeps the log of the store alive */
	ck_assert_int_eq(store_open(base.url, &other, why, sizeof(why)), 0);
	put_users();
	seals_are(USERS + 1, 0, 0);
	reopen(keys);
	seals_are(USERS + 1, 0, 0);
	all_is_there();
	at = reseal_all();
	ck_assert_uint_eq(at.sealed, USERS + 1);
	ck_assert_uint_eq(at.broken, 0);
	seals_are(0, USERS + 1, 0);
	ck_assert(base_server() ||
		  any_key_in_files()); /* in the log; and the search finds what is there */
	ck_assert_int_eq(store_scrub(store), 0);
	ck_assert(!any_key_in_files());
	all_is_there();
	store_close(other);
	reopen(keys);
	ck_assert(!any_key_in_files());
	end();
}
END_TEST

START_TEST(a_rotation_that_was_interrupted_goes_on)
{
	struct store_reseal at = {.sealed = 0};
	uint64_t done;

	begin();
	reopen(keys);
	put_users();
	write_keys(KEY_B KEY_A, 0600);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_reload_keys(tx, why, sizeof(why)), 0);
	store_rollback(tx);
	seals_are(0, 0, USERS + 1);
	ck_assert_int_gt(reseal(&at), 0);
	done = at.sealed;
	ck_assert_uint_gt(done, 0);
	ck_assert_uint_lt(done, USERS);
	seals_are(0, done, USERS + 1 - done);
	all_is_there(); /* some under one, some under the other */
	reopen(keys);	/* another process after the end of this one */
	seals_are(0, done, USERS + 1 - done);
	at = reseal_all();
	ck_assert_uint_eq(at.sealed, USERS + 1 - done);
	seals_are(0, USERS + 1, 0);
	write_keys(KEY_B, 0600); /* the old one can go now */
	reopen(keys);
	all_is_there();
	end();
}
END_TEST

START_TEST(a_key_that_rows_need_is_missed_in_one_line)
{
	begin();
	reopen(keys);
	put_users();
	refuses("", "201 private identities are sealed under master key " ID_A
		    ": set master_key to the file that has it");
	write_keys(KEY_B, 0600);
	refuses(keys, "master key " ID_A ", which ");
	refuses(keys, "/keys lacks: add its line there");
	write_keys(KEY_A, 0600);
	reopen(keys);
	/* nor is it let go of while the store is open */
	write_keys(KEY_B, 0600);
	ck_assert_int_eq(store_begin(store, false, &tx), 0);
	ck_assert_int_eq(store_reload_keys(tx, why, sizeof(why)), STORE_ESEAL);
	ck_assert_ptr_nonnull(strstr(why, "lacks: add its line there"));
	store_rollback(tx);
	all_is_there();
	end();
}
END_TEST

START_TEST(a_file_of_keys_is_for_its_owner_alone)
{
	char where[80];

	begin();
	write_keys(KEY_A, 0640);
	refuses(keys, "can be used by others than its owner: chmod 600 it");
	write_keys(KEY_A, 0602);
	refuses(keys, "can be used by others than its owner");
	refuses(dir, "is no file");
	refuses("/nonexistent/key", "No such file");
	write_keys("secret" KEY_A, 0600);
	refuses(keys, "line 1: a key is 64 hex digits");
	/* a credential is read through an access list, which looks like the group's right */
	write_keys(KEY_A, 0440);
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	reopen("credential:keys");
	put_users();
	seals_are(0, USERS + 1, 0);
	write_keys(KEY_A, 0444);
	refuses("credential:keys", "can be used by others");
	ck_assert_int_eq(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	snprintf(where, sizeof(where), "credential:keys");
	refuses(where, "/run/credentials/ims-hss.service/keys: No such file");
	end();
}
END_TEST

START_TEST(rows_under_a_key_that_came_later_are_opened)
{
	struct store *mine;

	begin();
	reopen(keys);
	put_users();
	mine = store;
	store = NULL;
	write_keys(KEY_B KEY_A, 0600); /* hssctl seals under it before ims-hss is told */
	reopen(keys);
	import("subscription\nprivate new@h k=" K " opc=" OPC "\npublic sip:new@h\nend");
	close_store();
	store = mine;
	ck_assert_int_eq(exported("new@h", "k=" K " opc=" OPC), 0);
	end();
}
END_TEST

/* ---- what somebody changed in the file ---- */

static void sql(const char *text)
{
	sqlite3 *raw;

	if (base_server()) {
		base_sql(text);
		return;
	}
	ck_assert_int_eq(sqlite3_open(base.path, &raw), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(raw, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
}

static struct cx_answer ans;

static uint32_t mar(const char *impi, const char *impu)
{
	struct service svc = {.store = store, .policy = {.vectors_max = 1}};
	struct cx_request req = {.impi = slice_str(impi),
				 .n_impu = 1,
				 .scscf = SLICE_LIT("sip:s"),
				 .origin_host = SLICE_LIT("s.h"),
				 .origin_realm = SLICE_LIT("h"),
				 .authorization_type = -1,
				 .scheme = SLICE_LIT("Unknown"),
				 .items = 1};
	struct cx_served served;

	strcpy(req.impu[0], impu);
	service_answer(&svc, CX_MAR, &req, &served);
	ans = served.ans;
	served_free(&served);
	return ans.result.code + (ans.result.experimental ? 10000 : 0);
}

static void spoilt(const char *text, const char *impi, const char *impu)
{
	uint64_t broken = counter_get(COUNT_seals_broken);

	sql(text);
	ck_assert_uint_eq(mar(impi, impu), 5012);
	ck_assert_uint_eq(ans.n_vectors, 0);
	ck_assert_ptr_null(ans.digest);
	ck_assert_uint_eq(counter_get(COUNT_seals_broken) - broken, 1);
	ck_assert_int_eq(exported(impi, ""), STORE_ESEAL);
}

START_TEST(keys_that_were_changed_are_an_error_of_that_user_and_give_no_vector)
{
	struct store_reseal at;

	begin();
	reopen(keys);
	put_users();
	ck_assert_uint_eq(mar("u000@h", "sip:u000@h"), 2001);
	ck_assert_uint_eq(mar("lab@h", "sip:lab@h"), 2001);
	spoilt("UPDATE impi SET k=x'" K "' WHERE name='u000@h'", "u000@h", "sip:u000@h");
	spoilt("UPDATE impi SET opc=k WHERE name='u001@h'", "u001@h", "sip:u001@h");
	spoilt("UPDATE impi SET k=(SELECT k FROM impi WHERE name='u003@h') WHERE name='u002@h'",
	       "u002@h", "sip:u002@h");
	spoilt("UPDATE impi SET seal='0000000000000000' WHERE name='u004@h'", "u004@h",
	       "sip:u004@h");
	spoilt("UPDATE impi SET ha1='' WHERE name='lab@h'", "lab@h", "sip:lab@h");
	ck_assert_uint_eq(mar("u003@h", "sip:u003@h"), 2001); /* nobody else minds */
	/* what cannot be opened stays as it is, and the rest goes on */
	at = reseal_all();
	ck_assert_uint_eq(at.broken, 5);
	ck_assert_uint_eq(at.sealed, 0);
	/* he can be removed, by force alone, and added anew */
	ck_assert_int_ne(provision_remove(store, "u000@h", false, why, sizeof(why)), 0);
	ck_assert_int_eq(provision_remove(store, "u000@h", true, why, sizeof(why)), 0);
	import("subscription\nprivate u000@h k=" K " opc=" OPC "\npublic sip:u000@h\nend");
	ck_assert_uint_eq(mar("u000@h", "sip:u000@h"), 2001);
	end();
}
END_TEST

/* A card of TUAK has longer keys; what it is of stands beside them, and is worth nothing without them. */
START_TEST(a_card_of_tuak_is_sealed_and_rotated)
{
	struct store_reseal at;
	uint8_t k[32], topc[32];

	begin();
	reopen("");
	import("subscription\nprivate t@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
	       "\npublic sip:t@h\nend");
	ck_assert_int_eq(exported("t@h", "k=" TUAK_K " topc=" TUAK_TOPC " algorithm=tuak"), 0);
	reopen(keys);
	at = reseal_all();
	ck_assert_uint_eq(at.sealed, 1);
	import("subscription\nprivate u@h algorithm=tuak k=" TUAK_K " topc=" TUAK_TOPC
	       "\npublic sip:u@h\nend");
	ck_assert_int_eq(exported("t@h", "k=" TUAK_K " topc=" TUAK_TOPC " algorithm=tuak"), 0);
	ck_assert_int_eq(exported("u@h", "k=" TUAK_K " topc=" TUAK_TOPC " algorithm=tuak"), 0);
	slice_hex(SLICE_LIT(TUAK_K), k, 32);
	slice_hex(SLICE_LIT(TUAK_TOPC), topc, 32);
	if (!base_server()) { /* its files are not ours to read */
		ck_assert_int_eq(store_scrub(store), 0);
		ck_assert(!in_file(base.path, k, 32) && !in_file(base.path, topc, 32));
	}
	ck_assert_uint_eq(mar("t@h", "sip:t@h"), 2001);
	spoilt("UPDATE impi SET algorithm=0 WHERE name='t@h'", "t@h", "sip:t@h");
	spoilt("UPDATE impi SET opc=k WHERE name='u@h'", "u@h", "sip:u@h");
	end();
}
END_TEST

START_TEST(counts_follow_every_change)
{
	begin();
	reopen("");
	put_users();
	reopen(keys);
	import("subscription\nprivate new@h k=" K " opc=" OPC "\npublic sip:new@h\nend");
	seals_are(USERS + 1, 1, 0);
	ck_assert_int_eq(provision_remove(store, "u000@h", false, why, sizeof(why)), 0);
	ck_assert_int_eq(provision_remove(store, "new@h", false, why, sizeof(why)), 0);
	seals_are(USERS, 0, 0);
	ck_assert_uint_eq(mar("u001@h", "sip:u001@h"), 2001); /* not yet sealed, and served */
	seals_are(USERS, 0, 0);
	end();
}
END_TEST

UNIT_MAIN("hss sealed store", what_is_put_is_sealed_and_loaded_and_in_no_file,
	  a_store_in_clear_is_sealed_and_scrubbed_when_a_key_comes,
	  a_rotation_that_was_interrupted_goes_on, a_key_that_rows_need_is_missed_in_one_line,
	  a_file_of_keys_is_for_its_owner_alone, rows_under_a_key_that_came_later_are_opened,
	  keys_that_were_changed_are_an_error_of_that_user_and_give_no_vector,
	  a_card_of_tuak_is_sealed_and_rotated, counts_follow_every_change)
