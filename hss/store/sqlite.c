/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The embedded store. One connection, one transaction at a time in this process (a mutex), SQLite's
 * own locks against other processes. WAL with synchronous=NORMAL: a crash of the process loses
 * nothing; a power cut may lose the last moments, and a sequence number that went back heals by
 * AUTS (TS 33.102 6.3.5).
 */
#include "hss/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 2000 }; /* a CSCF gives up after about five seconds */

static const char *const sql[S_COUNT] = {
    [S_BEGIN_READ] = "BEGIN",
    [S_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [S_COMMIT] = "COMMIT",
    [S_ROLLBACK] = "ROLLBACK",
    [S_FIND_IMPI] = "SELECT sub FROM impi WHERE name=?",
    [S_FIND_IMPU] = "SELECT sub FROM impu WHERE uri=?",
    [S_LOAD_SUB] =
	"SELECT scscf, scscf_host, scscf_realm, has_capabilities, capability_server, has_charging,"
	" ecf, ecf2, ccf, ccf2, reassigning FROM subscription WHERE id=?",
    [S_FIND_MSISDN] = "SELECT sub FROM impi WHERE msisdn=? AND msisdn<>'' ORDER BY name LIMIT 1",
    [S_LOAD_IMPI] =
	"SELECT name, k, opc, ha1, amf, sqn, msisdn, imsi, realm, seal FROM impi WHERE sub=? "
	"ORDER BY pos",
    [S_LOAD_IMPU] =
	"SELECT uri, display, implicit_set, profile, barred, impis, registered, pending,"
	" unregistered, alias FROM impu WHERE sub=? ORDER BY pos",
    [S_LOAD_IFC] =
	"SELECT profile, priority, server, trigger_text, service_info, terminate, include_request,"
	" include_response, part FROM ifc WHERE sub=? ORDER BY pos",
    [S_LOAD_CAPABILITY] =
	"SELECT mandatory, value FROM capability WHERE sub=? ORDER BY mandatory, pos",
    [S_LOAD_VISITED] = "SELECT network FROM visited WHERE sub=? ORDER BY pos",
    /* rows that would stay as they are are not written: each costs a page of the log */
    [S_SAVE_SCSCF] =
	"UPDATE subscription SET scscf=?2, scscf_host=?3, scscf_realm=?4, reassigning=?5"
	" WHERE id=?1 AND (scscf<>?2 OR scscf_host<>?3 OR scscf_realm<>?4 OR"
	" reassigning<>?5)",
    [S_SAVE_IMPU] = "UPDATE impu SET registered=?2, pending=?3, unregistered=?4"
		    " WHERE uri=?1 AND (registered<>?2 OR pending<>?3 OR unregistered<>?4)",
    [S_SAVE_SQN] = "UPDATE impi SET sqn=?2 WHERE name=?1 AND sqn<>?2",
    [S_LOAD_RESTORATIONS] = "SELECT impi, owner, data FROM restoration WHERE sub=?1 ORDER BY impi",
    [S_PUT_RESTORATION] =
	"INSERT OR REPLACE INTO restoration(sub, impi, owner, data) VALUES(?1,?2,?3,?4)",
    [S_DEL_RESTORATION] = "DELETE FROM restoration WHERE sub=?1 AND impi=?2 AND owner=?3",
    [S_DEL_RESTORATIONS] = "DELETE FROM restoration WHERE sub=?1",
    /* after a change of the subscription, that of registrations which it still has */
    [S_KEEP_RESTORATIONS] =
	"DELETE FROM restoration WHERE sub=?1 AND NOT EXISTS(SELECT 1 FROM impu JOIN impi "
	"USING(sub)"
	" WHERE sub=?1 AND impi.name=restoration.impi AND (impu.registered & (1 << impi.pos))<>0"
	" AND (restoration.owner=impu.uri OR restoration.owner='set:'||impu.implicit_set))",
    [S_PUT_ERRAND] =
	"INSERT OR REPLACE INTO cx_errand(kind, impi, host, realm, impus, retry_at, tries)"
	" VALUES(?1,?2,?3,?4,?5,0,0)",
    [S_DUE_ERRAND] = "SELECT id, kind, impi, host, realm, impus, tries FROM cx_errand"
		     " WHERE retry_at<=?1 ORDER BY retry_at, id LIMIT 1",
    [S_RETRY_ERRAND] = "UPDATE cx_errand SET retry_at=?2, tries=tries+1 WHERE id=?1",
    [S_END_ERRAND] = "DELETE FROM cx_errand WHERE id=?1",
    [S_REDIRECT] = "SELECT host FROM slf WHERE identity=?1",
    [S_PUT_REDIRECT] = "INSERT OR REPLACE INTO slf(identity, host) VALUES(?1,?2)",
    [S_DEL_REDIRECT] = "DELETE FROM slf WHERE identity=?1",
    [S_REDIRECTS] = "SELECT identity, host FROM slf ORDER BY identity",
    [S_SEALS] = "SELECT key, impis FROM seal ORDER BY key",
    [S_SEAL_PIECE] =
	"SELECT name, k, opc, ha1, seal FROM impi WHERE name>?1 ORDER BY name LIMIT ?2",
    [S_RESEAL] = "UPDATE impi SET k=?2, opc=?3, ha1=?4, seal=?5 WHERE name=?1",
    [S_PUT_SUB] =
	"INSERT OR REPLACE INTO subscription(id, scscf, scscf_host, scscf_realm, has_capabilities,"
	" capability_server, has_charging, ecf, ecf2, ccf, ccf2, reassigning)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [S_PUT_IMPI] = "INSERT INTO impi(sub, pos, name, k, opc, amf, sqn, msisdn, imsi, ha1, realm,"
		   " seal) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [S_PUT_IMPU] =
	"INSERT INTO impu(sub, pos, uri, display, implicit_set, profile, barred, impis, registered,"
	" pending, unregistered, alias) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [S_PUT_IFC] =
	"INSERT INTO ifc(sub, pos, profile, priority, server, trigger_text, service_info, "
	"terminate,"
	" include_request, include_response, part) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [S_PUT_CAPABILITY] = "INSERT INTO capability(sub, mandatory, pos, value) VALUES(?1,?2,?3,?4)",
    [S_PUT_VISITED] = "INSERT INTO visited(sub, pos, network) VALUES(?1,?2,?3)",
    [S_DEL_SUB] = "DELETE FROM subscription WHERE id=?",
    [S_DEL_IMPI] = "DELETE FROM impi WHERE sub=?",
    [S_DEL_IMPU] = "DELETE FROM impu WHERE sub=?",
    [S_DEL_IFC] = "DELETE FROM ifc WHERE sub=?",
    [S_DEL_CAPABILITY] = "DELETE FROM capability WHERE sub=?",
    [S_DEL_VISITED] = "DELETE FROM visited WHERE sub=?",
    [S_DEL_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?",
    /* what an identity owned goes with it */
    [S_KEEP_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?1 AND owner NOT IN"
			  " (SELECT uri FROM impu WHERE sub=?1 UNION ALL"
			  " SELECT 'alias:'||alias FROM impu WHERE sub=?1)",
    [S_LIST] = "SELECT id FROM subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_TOTALS] =
	"SELECT subscriptions, impis, impus, registered, unregistered FROM totals WHERE one=1",
    [S_ALLOWED] = "SELECT reference, operations FROM sh_permission WHERE host=?",
    [S_ALLOW] =
	"INSERT OR REPLACE INTO sh_permission(host, reference, operations) VALUES(?1,?2,?3)",
    [S_FORBID] = "DELETE FROM sh_permission WHERE host=?1 AND reference=?2",
    [S_PERMISSIONS] =
	"SELECT host, reference, operations FROM sh_permission ORDER BY host, reference",
    [S_REPOSITORY] = "SELECT service, sequence, data FROM sh_repository"
		     " WHERE sub=?1 AND owner=?2 AND service=?3",
    [S_REPOSITORIES] = "SELECT service, sequence, data FROM sh_repository"
		       " WHERE sub=?1 AND owner=?2 ORDER BY service",
    [S_PUT_REPOSITORY] = "INSERT OR REPLACE INTO sh_repository(sub, owner, service, sequence, data)"
			 " VALUES(?1,?2,?3,?4,?5)",
    /* who subscribes again keeps what was told him: nothing between is lost */
    [S_SUBSCRIBE] =
	"INSERT INTO sh_subscription(host, user, impi, reference, sets, service, server, sub, "
	"realm,"
	" expiry, one_time, sent, retry_at, tries)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,0,0)"
	" ON CONFLICT(host, user, impi, reference, sets, service, server) DO UPDATE SET sub=?8,"
	" realm=?9, expiry=?10, one_time=?11",
    [S_UNSUBSCRIBE] = "DELETE FROM sh_subscription WHERE host=?1 AND user=?2 AND impi=?3"
		      " AND reference=?4 AND sets=?5 AND service=?6 AND server=?7",
    [S_COUNT_OF_SUB] = "SELECT count(*) FROM sh_subscription WHERE sub=?1",
    [S_COUNT_ALL] = "SELECT count(*) FROM sh_subscription",
    [S_SUBSCRIPTIONS] = "SELECT id, sub, host, realm, user, impi, reference, sets, service, "
			"server, expiry, one_time,"
			" sent, retry_at, tries"
			" FROM sh_subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_SUBSCRIPTIONS_OF] = "SELECT id, sub, host, realm, user, impi, reference, sets, service, "
			   "server, expiry, one_time,"
			   " sent, retry_at, tries"
			   " FROM sh_subscription WHERE id>?1 AND sub=?3 ORDER BY id LIMIT ?2",
    [S_DUE] = "SELECT sub FROM sh_dirty UNION"
	      " SELECT sub FROM sh_subscription WHERE retry_at<>0 AND retry_at<=?1 LIMIT ?2",
    [S_SETTLE] = "DELETE FROM sh_dirty WHERE sub=?1",
    [S_EXPIRE] = "DELETE FROM sh_subscription WHERE expiry<>0 AND expiry<=?1",
    [S_END_SUBSCRIPTION] = "DELETE FROM sh_subscription WHERE id=?1",
    [S_END_SUBSCRIPTIONS] = "DELETE FROM sh_subscription WHERE host=?1 AND user=?2",
    [S_SAVE_SUBSCRIPTION] = "UPDATE sh_subscription SET sent=?2, retry_at=?3, tries=?4,"
			    " sub=?5 WHERE id=?1",
    [S_RETRY_AT] = "UPDATE sh_subscription SET retry_at=?2 WHERE host=?1 AND retry_at<>0",
    [S_REMOVE_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?1 AND owner=?2 AND service=?3",
};

sqlite3_stmt *sqlite_use(struct sqlite_store *s, enum statement which)
{
	if (!s->stmt[which] && sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
						  &s->stmt[which], NULL) != SQLITE_OK)
		return NULL;
	return s->stmt[which];
}

int sqlite_error_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_EBUSY;
	case SQLITE_CONSTRAINT:
		return STORE_EEXIST;
	}
	return STORE_EIO;
}

int sqlite_run(sqlite3_stmt *st)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	if (st) {
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	return sqlite_error_of(rc);
}

void sqlite_bind(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);

	for (size_t i = 0; i < S_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	sqlite_seal_close(s);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const char *sqlite_error(struct store *store)
{
	return sqlite3_errmsg(sqlite_self(store)->db);
}

static int sqlite_begin(struct store *store, bool write)
{
	struct sqlite_store *s = sqlite_self(store);
	int err;

	pthread_mutex_lock(&s->lock);
	err = sqlite_run(sqlite_use(s, write ? S_BEGIN_WRITE : S_BEGIN_READ));
	if (err)
		pthread_mutex_unlock(&s->lock);
	return err;
}

static void sqlite_rollback(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);

	sqlite_run(sqlite_use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
}

static int sqlite_commit(struct store *store)
{
	struct sqlite_store *s = sqlite_self(store);
	int err = sqlite_run(sqlite_use(s, S_COMMIT));

	if (err)
		sqlite_run(sqlite_use(s, S_ROLLBACK));
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int find(struct sqlite_store *s, enum statement which, struct slice key, int64_t *id)
{
	sqlite3_stmt *st = sqlite_use(s, which);
	int rc;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_text(st, 1, key.p ? key.p : "", (int)key.len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? STORE_ENOTFOUND : sqlite_error_of(rc);
}

static int sqlite_find_impi(struct store *store, struct slice impi, int64_t *id)
{
	return find(sqlite_self(store), S_FIND_IMPI, impi, id);
}

static int sqlite_find_impu(struct store *store, struct slice impu, int64_t *id)
{
	return find(sqlite_self(store), S_FIND_IMPU, impu, id);
}

static int sqlite_find_msisdn(struct store *store, struct slice msisdn, int64_t *id)
{
	return find(sqlite_self(store), S_FIND_MSISDN, msisdn, id);
}

static int sqlite_list(struct store *store, int64_t after, int64_t *ids, size_t max)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_LIST);
	int n = 0, rc = SQLITE_DONE;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while ((size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		ids[n++] = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return sqlite_error_of(rc) ? sqlite_error_of(rc) : n;
}

static int sqlite_totals(struct store *store, struct store_totals *out)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_TOTALS);
	int rc;

	if (!st)
		return STORE_EIO;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		out->subscriptions = (uint64_t)sqlite3_column_int64(st, 0);
		out->impis = (uint64_t)sqlite3_column_int64(st, 1);
		out->impus = (uint64_t)sqlite3_column_int64(st, 2);
		out->registered = (uint64_t)sqlite3_column_int64(st, 3);
		out->unregistered = (uint64_t)sqlite3_column_int64(st, 4);
	}
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? STORE_EIO : sqlite_error_of(rc);
}

static const struct store_ops sqlite_ops = {
    .close = sqlite_close,
    .error = sqlite_error,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .find_impi = sqlite_find_impi,
    .find_impu = sqlite_find_impu,
    .load = sqlite_load,
    .save_state = sqlite_save_state,
    .save_sqn = sqlite_save_sqn,
    .load_restorations = sqlite_load_restorations,
    .put_restoration = sqlite_put_restoration,
    .put_errand = sqlite_put_errand,
    .due_errand = sqlite_due_errand,
    .retry_errand = sqlite_retry_errand,
    .end_errand = sqlite_end_errand,
    .redirect = sqlite_redirect,
    .put_redirect = sqlite_put_redirect,
    .redirects = sqlite_redirects,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .list = sqlite_list,
    .totals = sqlite_totals,
    .find_msisdn = sqlite_find_msisdn,
    .seals = sqlite_seals,
    .reload_keys = sqlite_reload_keys,
    .reseal = sqlite_reseal,
    .scrub = sqlite_scrub,
    .allowed = sqlite_allowed,
    .allow = sqlite_allow,
    .permissions = sqlite_permissions,
    .repository = sqlite_repository,
    .repositories = sqlite_repositories,
    .put_repository = sqlite_put_repository,
    .remove_repository = sqlite_remove_repository,
    .subscribe = sqlite_subscribe,
    .unsubscribe = sqlite_unsubscribe,
    .count_subscriptions = sqlite_count_subscriptions,
    .subscriptions = sqlite_subscriptions,
    .due = sqlite_due,
    .settle = sqlite_settle,
    .expire = sqlite_expire,
    .end_subscription = sqlite_end_subscription,
    .end_subscriptions = sqlite_end_subscriptions,
    .save_subscription = sqlite_save_subscription,
    .retry_at = sqlite_retry_at,
};

int store_sqlite_open(const char *path, const char *master_key, struct store **out, char *why,
		      size_t size)
{
	char reason[512] = "";
	struct sqlite_store *s;
	int fd, err;

	/* the file holds keys: make it readable by its owner only before SQLite would make it
	 * otherwise */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, size, "cannot open the store %s: %s; make its folder, or set store",
			 path, strerror(errno));
		return STORE_EIO;
	}
	close(fd);
	s = calloc(1, sizeof(*s));
	if (!s) {
		snprintf(why, size, "no memory");
		return STORE_EIO;
	}
	s->store.ops = &sqlite_ops;
	pthread_mutex_init(&s->lock, NULL);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL)) {
		err = STORE_EIO;
	} else {
		sqlite3_busy_timeout(s->db, BUSY_MS);
		err = sqlite_schema(s->db);
		if (err == 0)
			err = sqlite_seal_open(&s->store, master_key, reason, sizeof(reason));
	}
	if (err) {
		snprintf(why, size, "cannot use the store %s: %s", path,
			 reason[0]	    ? reason
			 : err == STORE_EIO ? sqlite3_errmsg(s->db)
					    : store_strerror(err));
		sqlite_close(&s->store);
		return err;
	}
	*out = &s->store;
	return 0;
}
