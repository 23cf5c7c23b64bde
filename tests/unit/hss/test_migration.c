/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that any earlier version made is opened, keeps all that is in it, and becomes what a new one is. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "hss/provision/provision.h"
#include "hss/store/db.h"
#include "hss/store/store.h"
#include "hss/subscription/restoration.h"
#include "unit/unit.h"

/*
 * What earlier versions wrote, frozen: schema and rows together, taken from their files with the
 * sqlite3 shell's .dump. A new schema version adds the one before it here.
 */
#define VERSION_1                                                                                  \
	"CREATE TABLE subscription(id INTEGER PRIMARY KEY, scscf TEXT NOT NULL, scscf_host TEXT "  \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" scscf_realm TEXT NOT NULL, has_capabilities INT NOT NULL, capability_server TEXT NOT "   \
	"NULL,"                                                                                    \
	" has_charging INT NOT NULL, ecf TEXT NOT NULL, ecf2 TEXT NOT NULL, ccf TEXT NOT NULL, "   \
	"ccf2 "                                                                                    \
	"TEXT NOT NULL);"                                                                          \
	"CREATE TABLE impi(name TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, k BLOB NOT " \
	"NULL,"                                                                                    \
	" opc BLOB NOT NULL, amf BLOB NOT NULL, sqn INT NOT NULL) WITHOUT ROWID;"                  \
	"CREATE INDEX impi_sub ON impi(sub, pos);"                                                 \
	"CREATE TABLE impu(uri TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, display "     \
	"TEXT NOT "                                                                                \
	"NULL,"                                                                                    \
	" implicit_set INT NOT NULL, profile INT NOT NULL, barred INT NOT NULL, impis INT NOT "    \
	"NULL,"                                                                                    \
	" registered INT NOT NULL, pending INT NOT NULL, unregistered INT NOT NULL) WITHOUT "      \
	"ROWID;"                                                                                   \
	"CREATE INDEX impu_sub ON impu(sub, pos);"                                                 \
	"CREATE TABLE ifc(sub INT NOT NULL, pos INT NOT NULL, profile INT NOT NULL, priority INT " \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" server TEXT NOT NULL, trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, "          \
	"terminate INT "                                                                           \
	"NOT NULL,"                                                                                \
	" include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"         \
	" PRIMARY KEY(sub, pos)) WITHOUT ROWID;"                                                   \
	"CREATE TABLE capability(sub INT NOT NULL, mandatory INT NOT NULL, pos INT NOT NULL, "     \
	"value INT "                                                                               \
	"NOT NULL,"                                                                                \
	" PRIMARY KEY(sub, mandatory, pos)) WITHOUT ROWID;"                                        \
	"CREATE TABLE visited(sub INT NOT NULL, pos INT NOT NULL, network TEXT NOT NULL,"          \
	" PRIMARY KEY(sub, pos)) WITHOUT ROWID;"                                                   \
	"INSERT INTO subscription "                                                                \
	"VALUES(1,'sip:s.h','s.h','h',1,'sip:s',1,'aaa://e','aaa://f','aaa://c','');"              \
	"INSERT INTO subscription VALUES(2,'','','',0,'',0,'','','','');"                          \
	"INSERT INTO impi VALUES('one@h',1,0,x'465b5ce8b199b49faa5f0a2ee238a6bc',"                 \
	"x'cd63cb71954a9f4e48a5994e37a02baf',x'8000',32);"                                         \
	"INSERT INTO impi VALUES('two@h',2,0,x'465b5ce8b199b49faa5f0a2ee238a6bc',"                 \
	"x'cd63cb71954a9f4e48a5994e37a02baf',x'9000',0);"                                          \
	"INSERT INTO impu VALUES('sip:a@h',1,0,'X y',1,2,1,1,1,0,0);"                              \
	"INSERT INTO impu VALUES('sip:b@h',1,1,'',1,0,0,1,1,0,0);"                                 \
	"INSERT INTO impu VALUES('sip:c@h',2,0,'',0,0,0,1,0,0,1);"                                 \
	"INSERT INTO ifc VALUES(1,0,2,4,'sip:as','all method:INVITE','',0,0,0,1);"                 \
	"INSERT INTO capability VALUES(1,1,0,1);INSERT INTO capability VALUES(1,0,0,3);"           \
	"INSERT INTO visited VALUES(1,0,'h.net');"
#define VERSION_2                                                                                  \
	VERSION_1                                                                                  \
	"CREATE TABLE totals(one INTEGER PRIMARY KEY, subscriptions INT NOT NULL, impis INT NOT "  \
	"NULL,"                                                                                    \
	" impus INT NOT NULL, registered INT NOT NULL, unregistered INT NOT NULL);"                \
	"INSERT INTO totals SELECT 1, (SELECT count(*) FROM subscription), (SELECT count(*) FROM " \
	"impi),"                                                                                   \
	" (SELECT count(*) FROM impu), (SELECT count(*) FROM impu WHERE registered<>0),"           \
	" (SELECT count(*) FROM impu WHERE unregistered<>0);"                                      \
	"CREATE TRIGGER subscription_added AFTER INSERT ON subscription BEGIN"                     \
	" UPDATE totals SET subscriptions=subscriptions+1; END;"                                   \
	"CREATE TRIGGER subscription_gone AFTER DELETE ON subscription BEGIN"                      \
	" UPDATE totals SET subscriptions=subscriptions-1; END;"                                   \
	"CREATE TRIGGER impi_added AFTER INSERT ON impi BEGIN UPDATE totals SET impis=impis+1; "   \
	"END;"                                                                                     \
	"CREATE TRIGGER impi_gone AFTER DELETE ON impi BEGIN UPDATE totals SET impis=impis-1; "    \
	"END;"                                                                                     \
	"CREATE TRIGGER impu_added AFTER INSERT ON impu BEGIN UPDATE totals SET impus=impus+1,"    \
	" registered=registered+(new.registered<>0), "                                             \
	"unregistered=unregistered+(new.unregistered<>0);"                                         \
	" END;"                                                                                    \
	"CREATE TRIGGER impu_gone AFTER DELETE ON impu BEGIN UPDATE totals SET impus=impus-1,"     \
	" registered=registered-(old.registered<>0), "                                             \
	"unregistered=unregistered-(old.unregistered<>0);"                                         \
	" END;"                                                                                    \
	"CREATE TRIGGER impu_changed AFTER UPDATE OF registered, unregistered ON impu"             \
	" WHEN (old.registered<>0)<>(new.registered<>0) OR "                                       \
	"(old.unregistered<>0)<>(new.unregistered<>0)"                                             \
	" BEGIN UPDATE totals SET registered=registered+(new.registered<>0)-(old.registered<>0),"  \
	" unregistered=unregistered+(new.unregistered<>0)-(old.unregistered<>0); END;"
#define VERSION_3                                                                                  \
	VERSION_2                                                                                  \
	"ALTER TABLE impi ADD COLUMN msisdn TEXT NOT NULL DEFAULT '';"                             \
	"ALTER TABLE impi ADD COLUMN imsi TEXT NOT NULL DEFAULT '';"                               \
	"CREATE INDEX impi_msisdn ON impi(msisdn) WHERE msisdn<>'';"                               \
	"ALTER TABLE impu ADD COLUMN alias INT NOT NULL DEFAULT 0;"                                \
	"CREATE TABLE sh_permission(host TEXT NOT NULL, reference INT NOT NULL, operations INT "   \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" PRIMARY KEY(host, reference)) WITHOUT ROWID;"                                            \
	"CREATE TABLE sh_repository(sub INT NOT NULL, owner TEXT NOT NULL, service TEXT NOT NULL," \
	" sequence INT NOT NULL, data BLOB NOT NULL, PRIMARY KEY(sub, owner, service)) WITHOUT "   \
	"ROWID;"                                                                                   \
	"UPDATE impi SET msisdn='12345' WHERE name='one@h';"                                       \
	"INSERT INTO sh_permission VALUES('as.h',0,3);"                                            \
	"INSERT INTO sh_repository VALUES(1,'sip:a@h','x',4,x'3c532f3e');"
#define VERSION_4                                                                                  \
	VERSION_3                                                                                  \
	"CREATE TABLE sh_subscription(id INTEGER PRIMARY KEY AUTOINCREMENT, sub INT NOT NULL,"     \
	" host TEXT NOT NULL, realm TEXT NOT NULL, user TEXT NOT NULL, impi TEXT NOT NULL,"        \
	" reference INT NOT NULL, sets INT NOT NULL, service TEXT NOT NULL, server TEXT NOT NULL," \
	" expiry INT NOT NULL, one_time INT NOT NULL, sent TEXT NOT NULL,"                         \
	" retry_at INT NOT NULL, tries INT NOT NULL,"                                              \
	" UNIQUE(host, user, impi, reference, sets, service, server));"                            \
	"CREATE INDEX sh_subscription_sub ON sh_subscription(sub);"                                \
	"CREATE INDEX sh_subscription_retry ON sh_subscription(retry_at) WHERE retry_at<>0;"       \
	"CREATE INDEX sh_subscription_expiry ON sh_subscription(expiry) WHERE expiry<>0;"          \
	"CREATE TABLE sh_dirty(sub INTEGER PRIMARY KEY);"                                          \
	"CREATE TRIGGER sh_subscription_put AFTER INSERT ON subscription"                          \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"                               \
	"CREATE TRIGGER sh_subscription_gone AFTER DELETE ON subscription"                         \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.id); END;"                               \
	"CREATE TRIGGER sh_scscf AFTER UPDATE OF scscf ON subscription"                            \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"                               \
	"CREATE TRIGGER sh_state AFTER UPDATE OF registered, unregistered ON impu"                 \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"                              \
	"CREATE TRIGGER sh_data_put AFTER INSERT ON sh_repository"                                 \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"                              \
	"CREATE TRIGGER sh_data_gone AFTER DELETE ON sh_repository"                                \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.sub); END;"                              \
	"CREATE TRIGGER sh_forbidden AFTER DELETE ON sh_permission BEGIN"                          \
	" DELETE FROM sh_subscription WHERE host=old.host AND reference=old.reference; END;"       \
	"CREATE TRIGGER sh_allowed AFTER INSERT ON sh_permission WHEN (new.operations & 4)=0 "     \
	"BEGIN"                                                                                    \
	" DELETE FROM sh_subscription WHERE host=new.host AND reference=new.reference; END;"       \
	"INSERT INTO sh_subscription VALUES(7,1,'as.h','h','sip:a@h','',0,0,'x','',0,0,'-',0,0);"
#define VERSION_5                                                                                  \
	VERSION_4                                                                                  \
	"ALTER TABLE impi ADD COLUMN ha1 TEXT NOT NULL DEFAULT '';"                                \
	"ALTER TABLE impi ADD COLUMN realm TEXT NOT NULL DEFAULT '';"                              \
	"UPDATE impi SET ha1='939e7578ed9e3c518a452acee763bce9', realm='h' WHERE name='two@h';"
#define VERSION_6                                                                                  \
	VERSION_5                                                                                  \
	"ALTER TABLE subscription ADD COLUMN reassigning INT NOT NULL DEFAULT 0;"                  \
	"CREATE TABLE restoration(sub INT NOT NULL, impi TEXT NOT NULL, owner TEXT NOT NULL,"      \
	" data BLOB NOT NULL, PRIMARY KEY(sub, impi, owner)) WITHOUT ROWID;"                       \
	"CREATE TRIGGER restoration_over AFTER UPDATE OF registered ON impu"                       \
	" WHEN (old.registered & ~new.registered)<>0 BEGIN"                                        \
	" DELETE FROM restoration WHERE sub=new.sub"                                               \
	" AND (owner=new.uri OR owner='set:'||new.implicit_set)"                                   \
	" AND (new.registered & (1 << (SELECT pos FROM impi WHERE name=restoration.impi)))=0; "    \
	"END;"                                                                                     \
	"INSERT INTO restoration VALUES(1,'one@h','set:1',x'01');"
#define VERSION_7                                                                                  \
	VERSION_6                                                                                  \
	"CREATE TABLE cx_errand(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INT NOT NULL,"          \
	" impi TEXT NOT NULL, host TEXT NOT NULL, realm TEXT NOT NULL, impus TEXT NOT NULL,"       \
	" retry_at INT NOT NULL, tries INT NOT NULL);"                                             \
	"CREATE INDEX cx_errand_due ON cx_errand(retry_at, id);"                                   \
	"CREATE UNIQUE INDEX cx_errand_ppr ON cx_errand(impi) WHERE kind=0;"                       \
	"INSERT INTO cx_errand VALUES(5,1,'one@h','s.h','h','sip:a@h',0,0);"
#define VERSION_8                                                                                  \
	VERSION_7                                                                                  \
	"CREATE TABLE slf(identity TEXT PRIMARY KEY, host TEXT NOT NULL) WITHOUT ROWID;"           \
	"INSERT INTO slf VALUES('*@other.h','hss2.h');"
#define VERSION_9                                                                                  \
	VERSION_8                                                                                  \
	"ALTER TABLE impi ADD COLUMN seal TEXT NOT NULL DEFAULT '';"                               \
	"CREATE TABLE seal(key TEXT PRIMARY KEY, impis INT NOT NULL) WITHOUT ROWID;"               \
	"INSERT INTO seal SELECT '', impis FROM totals;"                                           \
	"CREATE TRIGGER seal_added AFTER INSERT ON impi BEGIN INSERT INTO seal VALUES(new.seal, "  \
	"1)"                                                                                       \
	" ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;"                                      \
	"CREATE TRIGGER seal_gone AFTER DELETE ON impi BEGIN"                                      \
	" UPDATE seal SET impis=impis-1 WHERE key=old.seal; END;"                                  \
	"CREATE TRIGGER seal_changed AFTER UPDATE OF seal ON impi WHEN old.seal<>new.seal BEGIN"   \
	" UPDATE seal SET impis=impis-1 WHERE key=old.seal;"                                       \
	" INSERT INTO seal VALUES(new.seal, 1) ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;"

#define VERSION_10                                                                                 \
	VERSION_9                                                                                  \
	";ALTER TABLE impu ADD COLUMN service INT NOT NULL DEFAULT 0;"                             \
	"CREATE TABLE wildcard(uri TEXT PRIMARY KEY, sub INT NOT NULL, host TEXT NOT NULL,"        \
	" prefix TEXT NOT NULL) WITHOUT ROWID;"                                                    \
	"CREATE INDEX wildcard_front ON wildcard(host, prefix);"                                   \
	"CREATE INDEX wildcard_sub ON wildcard(sub);"                                              \
	"ALTER TABLE subscription ADD COLUMN replaced_host TEXT NOT NULL DEFAULT '';"              \
	"ALTER TABLE subscription ADD COLUMN replaced_realm TEXT NOT NULL DEFAULT '';"
#define VERSION_11                                                                                 \
	VERSION_10                                                                                 \
	";"                                                                                        \
	"ALTER TABLE subscription ADD COLUMN shared INT NOT NULL DEFAULT 0;"                       \
	"ALTER TABLE subscription ADD COLUMN scscf_features INT NOT NULL DEFAULT 0;"               \
	"CREATE TABLE shared_ifc(set_id INT NOT NULL, priority INT NOT NULL, server TEXT NOT "     \
	"NULL,"                                                                                    \
	" trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT NOT NULL,"         \
	" include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"         \
	" PRIMARY KEY(set_id, priority)) WITHOUT ROWID;"                                           \
	"CREATE TABLE shared_use(sub INT NOT NULL, profile INT NOT NULL, set_id INT NOT NULL,"     \
	" PRIMARY KEY(sub, profile, set_id)) WITHOUT ROWID;"                                       \
	"CREATE INDEX shared_use_set ON shared_use(set_id, sub);"                                  \
	"CREATE TRIGGER sh_shared_put AFTER INSERT ON shared_ifc BEGIN"                            \
	" INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13" \
	" AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=new.set_id AND u.sub=s.sub); END;"  \
	"CREATE TRIGGER sh_shared_gone AFTER DELETE ON shared_ifc BEGIN"                           \
	" INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13" \
	" AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=old.set_id AND u.sub=s.sub); END;"  \
	"INSERT INTO shared_ifc VALUES(9,1,'sip:nine.h','','',0,0,0,0);"
static const char *const versions[] = {
    VERSION_1 "PRAGMA user_version=1;",	  VERSION_2 "PRAGMA user_version=2;",
    VERSION_3 "PRAGMA user_version=3;",	  VERSION_4 "PRAGMA user_version=4;",
    VERSION_5 "PRAGMA user_version=5;",	  VERSION_6 "PRAGMA user_version=6;",
    VERSION_7 "PRAGMA user_version=7;",	  VERSION_8 "PRAGMA user_version=8;",
    VERSION_9 "PRAGMA user_version=9;",	  VERSION_10 "PRAGMA user_version=10;",
    VERSION_11 "PRAGMA user_version=11;",
};

static char dir[] = "/tmp/hss-store-XXXXXX";
static char path[80], url[96];

static void begin(void)
{
	strcpy(dir, "/tmp/hss-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
}

static void end(void)
{
	unlink(path);
	rmdir(dir);
}

static void make_old(const char *text)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct transaction *tx;

static struct store *open_store(void)
{
	struct store *s = NULL;
	char why[256] = "";

	ck_assert_msg(store_open(url, &s, why, sizeof(why)) == 0, "%s", why);
	return s;
}

/* All objects of the schema with their text, in one order. */
static char *schema_of_file(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	sqlite3_stmt *st;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
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

START_TEST(there_is_a_sample_of_every_older_version)
{
	ck_assert_uint_eq(sizeof(versions) / sizeof(versions[0]), SCHEMA_VERSION - 1);
}
END_TEST

START_TEST(a_store_of_every_older_version_is_brought_up_with_all_that_is_in_it)
{
	for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
		char *migrated, *fresh;
		struct store *store;

		begin();
		make_old(versions[v]);
		store = open_store();
		check_content(store);
		store_close(store);
		store = open_store(); /* and a second time there is nothing left to do */
		check_content(store);
		if (v >= 2)
			check_sh(store);
		if (v >= 3)
			check_notifications(store);
		if (v >= 4)
			check_digest(store);
		if (v >= 5)
			check_restoration(store);
		if (v >= 6)
			check_errand(store);
		if (v >= 7)
			check_redirect(store);
		if (v >= 10)
			check_shared_set(store);
		check_algorithms(store);
		check_seals(store);
		check_wildcards(store);
		check_shared(store);
		store_close(store);
		migrated = schema_of_file();
		unlink(path);
		store_close(open_store());
		fresh = schema_of_file();
		ck_assert_str_eq(migrated, fresh);
		free(migrated);
		free(fresh);
		end();
	}
}
END_TEST

START_TEST(a_migration_that_fails_leaves_the_old_store)
{
	struct store *s = NULL;
	char why[256] = "", *before, *after;

	begin();
	make_old(versions[0]);
	make_old("CREATE TABLE totals(x)"); /* in the way */
	before = schema_of_file();
	ck_assert_int_eq(store_open(url, &s, why, sizeof(why)), STORE_EIO);
	ck_assert_ptr_nonnull(strstr(why, "totals"));
	after = schema_of_file();
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
	make_old("CREATE TABLE future(x); PRAGMA user_version=1000");
	before = schema_of_file();
	ck_assert_int_eq(store_open(url, &s, why, sizeof(why)), STORE_EVERSION);
	ck_assert_ptr_nonnull(strstr(why, "newer version"));
	after = schema_of_file();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}
END_TEST

UNIT_MAIN("hss migration", there_is_a_sample_of_every_older_version,
	  a_store_of_every_older_version_is_brought_up_with_all_that_is_in_it,
	  a_migration_that_fails_leaves_the_old_store, a_store_of_a_newer_version_is_not_touched)
