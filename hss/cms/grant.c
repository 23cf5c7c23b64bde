/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both sides do with a grant. */
#include "hss/cms/grant.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_S = 86400, ASKED_MAX_S = 120, RETRY_FIRST_S = 1, RETRY_MAX_S = 3600, FEED_MAX_S = 32 };

const char *cms_result_word(enum cms_result r)
{
	static const char *const words[] = {
	    [CMS_OK] = "done",
	    [CMS_SAME] = "same",
	    [CMS_FORBIDDEN] = "not-authorised",
	    [CMS_NO_PARTNER] = "no-partner",
	    [CMS_NOT_YOURS] = "not-yours",
	    [CMS_CONFLICT] = "conflict",
	    [CMS_REUSED] = "reused",
	    [CMS_GONE] = "gone",
	    [CMS_UNKNOWN] = "unknown",
	    [CMS_LATE] = "late",
	    [CMS_QUOTA] = "quota",
	    [CMS_NO_IDENTITY] = "no-identity",
	    [CMS_BROKEN] = "store",
	};

	return words[r];
}

static void read_names(sqlite3_stmt *q, int column, struct names *out)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	if (!text || names_read(slice_str(text), out))
		memset(out, 0, sizeof(*out));
}

/* The row that q stands on. */
static void read_row(sqlite3_stmt *q, struct grant *g)
{
	memset(g, 0, sizeof(*g));
	store_text(q, 0, g->id, sizeof(g->id));
	g->side = (enum side)sqlite3_column_int(q, 1);
	store_text(q, 2, g->partner, sizeof(g->partner));
	store_text(q, 3, g->mc_id, sizeof(g->mc_id));
	store_text(q, 4, g->ue, sizeof(g->ue));
	store_text(q, 5, g->services, sizeof(g->services));
	store_text(q, 6, g->chosen, sizeof(g->chosen));
	store_text(q, 7, g->message, sizeof(g->message));
	store_text(q, 8, g->remote, sizeof(g->remote));
	read_names(q, 9, &g->own);
	read_names(q, 10, &g->pair);
	read_names(q, 11, &g->inbound);
	store_text(q, 12, g->database, sizeof(g->database));
	store_text(q, 13, g->connection, sizeof(g->connection));
	g->state = (enum grant_state)sqlite3_column_int(q, 14);
	store_text(q, 15, g->reason, sizeof(g->reason));
	g->told = sqlite3_column_int(q, 16);
	g->created = sqlite3_column_int64(q, 17);
	g->expires = sqlite3_column_int64(q, 18);
	g->changed = sqlite3_column_int64(q, 19);
	g->seq = sqlite3_column_int64(q, 20);
	g->fed = sqlite3_column_int(q, 22);
}

enum cms_result grant_load(struct cms_store *s, sqlite3_stmt *q, struct grant *out)
{
	if (!q)
		return CMS_BROKEN;
	if (!store_row(s, q))
		return CMS_UNKNOWN;
	read_row(q, out);
	return CMS_OK;
}

bool grant_hash_is(sqlite3_stmt *q, const uint8_t hash[HASH_LEN])
{
	return sqlite3_column_bytes(q, 21) == HASH_LEN &&
	       memcmp(sqlite3_column_blob(q, 21), hash, HASH_LEN) == 0;
}

static int64_t next_seq(struct cms_store *s)
{
	store_run(s, "UPDATE sequence SET seq = seq + 1", "");
	return store_number(s, 0, "SELECT seq FROM sequence", "");
}

void names_bind(struct cms_store *s, const char *grant, const struct names *names)
{
	if (!names->n_impu)
		return;
	store_run(s, "INSERT OR IGNORE INTO bound VALUES(?, ?)", "ss", names->impi, grant);
	for (size_t i = 0; i < names->n_impu; i++)
		store_run(s, "INSERT OR IGNORE INTO bound VALUES(?, ?)", "ss", names->impu[i],
			  grant);
}

bool names_take(struct cms_store *s, const char *grant, const struct names *names)
{
	static const char sql[] = "INSERT OR IGNORE INTO taken VALUES(?, ?)";
	bool ok = store_run(s, sql, "ss", names->impi, grant) == 1;

	for (size_t i = 0; i < names->n_impu; i++)
		ok = store_run(s, sql, "ss", names->impu[i], grant) == 1 && ok;
	return ok;
}

void grant_insert(struct cms_store *s, const struct grant *g, const char *key,
		  const uint8_t hash[HASH_LEN])
{
	char own[NAMES_TEXT] = "", pair[NAMES_TEXT], inbound[NAMES_TEXT] = "";

	if (g->own.n_impu)
		names_write(&g->own, own);
	if (g->inbound.n_impu)
		names_write(&g->inbound, inbound);
	names_write(&g->pair, pair);
	store_run(s,
		  "INSERT INTO grants(id, side, partner, mc_id, ue, services, chosen, request_key, "
		  "hash, message, remote, own, pair, pair_impi, inbound, database, connection, "
		  "state, reason, told, tries, next_try, created, expires, changed, seq) "
		  "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 1, 0, 0, ?, ?, "
		  "?, ?)",
		  "sissssssbssssssssiiiii", g->id, (int64_t)g->side, g->partner, g->mc_id, g->ue,
		  g->services, g->chosen, key, (const void *)hash, (size_t)HASH_LEN, g->message,
		  g->remote, own, pair, g->pair.impi, inbound, g->database, g->connection,
		  (int64_t)g->state, g->created, g->expires, g->changed, next_seq(s));
	names_bind(s, g->id, &g->own);
	names_bind(s, g->id, &g->pair);
	names_bind(s, g->id, &g->inbound);
}

void grant_set_state(struct cms_store *s, const char *id, enum grant_state state,
		     const char *reason, bool told, int64_t now)
{
	store_run(s,
		  "UPDATE grants SET state = ?, reason = ?, told = ?, tries = 0, next_try = ?, "
		  "changed = ?, seq = ?, fed = 0, feed_tries = 0, feed_next = 0 WHERE id = ?",
		  "isiiiis", (int64_t)state, reason, (int64_t)told, now, now, next_seq(s), id);
	if (state >= GRANT_WITHDRAWN)
		store_run(s, "DELETE FROM bound WHERE grant_id = ?", "s", id);
}

/* From the pool, whose order says nothing: any free row, drawn. */
static enum cms_result from_pool(struct cms_store *s, const char *kind, struct names *out)
{
	const size_t wanted = out->n_impu;
	sqlite3_stmt *q = store_query(
	    s, "SELECT id, names FROM pool WHERE kind = ? AND used = 0 ORDER BY random() LIMIT 1",
	    "s", kind);
	bool found = store_row(s, q);
	int64_t id = found ? sqlite3_column_int64(q, 0) : 0;

	if (found)
		read_names(q, 1, out);
	sqlite3_finalize(q);
	if (!found || out->n_impu < wanted)
		return CMS_NO_IDENTITY;
	out->n_impu = wanted;
	store_run(s, "UPDATE pool SET used = 1 WHERE id = ?", "i", id);
	return CMS_OK;
}

enum cms_result names_allocate(struct cms *cms, const char *kind, const char *domain,
			       const char *grant, struct names *out)
{
	if (cms->cfg->pool) {
		if (from_pool(cms->store, kind, out))
			return CMS_NO_IDENTITY;
	} else if (names_draw(out, domain)) {
		return CMS_NO_IDENTITY;
	}
	return names_take(cms->store, grant, out) ? CMS_OK : CMS_NO_IDENTITY;
}

bool is_barred(struct cms_store *s, const char *mc_id, const char *partner)
{
	return store_number(s, 0,
			    "SELECT count(*) FROM barred WHERE (mc_id = ? OR mc_id = '*') AND "
			    "(partner = ? OR partner = '*')",
			    "ss", mc_id, partner) != 0;
}

enum cms_result grant_get(struct cms *cms, enum side side, const char *partner, const char *id,
			  const char *message, struct grant *out)
{
	enum cms_result r;
	sqlite3_stmt *q;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	q = store_query(
	    cms->store,
	    "SELECT " GRANT_COLUMNS " FROM grants WHERE side = ?1 AND (?2 IS NULL OR "
	    "partner = ?2) AND (?3 IS NULL OR id = ?3) AND (?4 IS NULL OR message = ?4)",
	    "isss", (int64_t)side, partner, id, message);
	r = grant_load(cms->store, q, out);
	sqlite3_finalize(q);
	return store_end_work(cms->store, true) ? CMS_BROKEN : r;
}

void *grant_document(struct cms *cms, const char *id, size_t *len)
{
	sqlite3_stmt *q;
	void *copy = NULL;

	*len = 0;
	if (store_begin_work(cms->store))
		return NULL;
	q = store_query(cms->store, "SELECT document FROM grants WHERE id = ?", "s", id);
	if (store_row(cms->store, q) && sqlite3_column_bytes(q, 0) > 0) {
		*len = (size_t)sqlite3_column_bytes(q, 0);
		copy = malloc(*len);
		if (copy)
			memcpy(copy, sqlite3_column_blob(q, 0), *len);
	}
	sqlite3_finalize(q);
	store_end_work(cms->store, true);
	return copy;
}

/* ids of grants in a set that is being changed, some at a time. */
enum { SOME = 64 };
struct some {
	char id[SOME][ID_SIZE], partner[SOME][SYSTEM_SIZE];
	size_t n;
};

static void read_some(struct cms_store *s, sqlite3_stmt *q, struct some *out)
{
	out->n = 0;
	while (out->n < SOME && store_row(s, q)) {
		store_text(q, 0, out->id[out->n], ID_SIZE);
		store_text(q, 1, out->partner[out->n++], SYSTEM_SIZE);
	}
	sqlite3_finalize(q);
}

int grants_withdraw(struct cms *cms, const struct selection *which, const char *actor,
		    const char *reason, bool told, bool bar, int64_t now)
{
	struct cms_store *s = cms->store;
	struct some some;
	int n = 0;

	if (store_begin_work(s))
		return -1;
	do {
		read_some(s,
			  store_query(s,
				      "SELECT id, partner FROM grants WHERE state < 2 AND (?1 IS "
				      "NULL OR id = ?1) AND (?2 IS NULL OR mc_id = ?2) AND (?3 IS "
				      "NULL OR partner = ?3) AND (?4 OR side = ?5) AND (?6 IS NULL "
				      "OR remote = ?6) LIMIT 64",
				      "sssiis", which->id, which->mc_id, which->partner,
				      (int64_t)which->both, (int64_t)which->side, which->remote),
			  &some);
		for (size_t i = 0; i < some.n; i++) {
			grant_set_state(s, some.id[i], GRANT_WITHDRAWN, reason, told, now);
			audit_add(s, now, "withdraw", some.id[i], some.partner[i], actor, reason);
		}
		n += (int)some.n;
	} while (some.n == SOME);
	if (bar) {
		store_run(s, "INSERT OR IGNORE INTO barred VALUES(?, ?)", "ss",
			  which->mc_id ? which->mc_id : "*", which->partner ? which->partner : "*");
		audit_add(s, now, "bar", NULL, which->partner, actor,
			  which->mc_id ? "user" : "all");
	}
	return store_end_work(s, true) ? -1 : n;
}

bool grants_know(struct cms *cms, const char *partner, const char *remote)
{
	bool known;

	if (store_begin_work(cms->store))
		return false;
	/* what the partner has ended needs no telling */
	store_run(cms->store,
		  "UPDATE grants SET told = 1 WHERE side = 0 AND state > 1 AND partner = ? AND "
		  "remote = ?",
		  "ss", partner, remote);
	known = store_number(
		    cms->store, 0,
		    "SELECT count(*) FROM grants WHERE side = 0 AND partner = ? AND remote = ?",
		    "ss", partner, remote) != 0;
	store_end_work(cms->store, true);
	return known;
}

/* Some whose time is over, or that were asked for and never answered. */
static size_t expire_some(struct cms_store *s, int64_t now)
{
	struct some some;

	read_some(s,
		  store_query(s,
			      "SELECT id, partner FROM grants WHERE state < 2 AND expires <= ? "
			      "LIMIT 64",
			      "i", now),
		  &some);
	for (size_t i = 0; i < some.n; i++) {
		/* the other side has the same clock time, or an earlier one */
		grant_set_state(s, some.id[i], GRANT_EXPIRED, "expired", true, now);
		audit_add(s, now, "expire", some.id[i], some.partner[i], "timer", NULL);
	}
	return some.n;
}

static size_t give_up_some(struct cms_store *s, int64_t before, int64_t now)
{
	struct some some;

	read_some(s,
		  store_query(s,
			      "SELECT id, partner FROM grants WHERE side = 0 AND state = 0 AND "
			      "created <= ? LIMIT 64",
			      "i", before),
		  &some);
	for (size_t i = 0; i < some.n; i++) {
		grant_set_state(s, some.id[i], GRANT_WITHDRAWN, "not-answered", false, now);
		audit_add(s, now, "give-up", some.id[i], some.partner[i], "timer", NULL);
	}
	return some.n;
}

int grants_expire(struct cms *cms, int64_t now)
{
	struct cms_store *s = cms->store;
	const int64_t old = now - (int64_t)cms->cfg->keep_days * DAY_S;
	size_t n;

	if (store_begin_work(s))
		return -1;
	n = expire_some(s, now) + give_up_some(s, now - ASKED_MAX_S, now);
	store_run(s, "DELETE FROM cancelled WHERE until <= ?", "i", now);
	store_run(s,
		  "DELETE FROM taken WHERE grant_id IN (SELECT id FROM grants WHERE state > 1 AND "
		  "told = 1 AND changed <= ?)",
		  "i", old);
	if (store_run(s, "DELETE FROM grants WHERE state > 1 AND told = 1 AND changed <= ?", "i",
		      old) > 0)
		audit_add(s, now, "erase", NULL, NULL, "timer", NULL);
	return store_end_work(s, true) ? -1 : (int)n;
}

int primary_recover(struct cms *cms, int64_t now)
{
	size_t n = 0, some;

	if (store_begin_work(cms->store))
		return -1;
	do {
		some = give_up_some(cms->store, INT64_MAX, now);
		n += some;
	} while (some == SOME);
	return store_end_work(cms->store, true) ? -1 : (int)n;
}

static int load_all(struct cms_store *s, sqlite3_stmt *q, struct grant *out, size_t n)
{
	size_t i = 0;

	while (i < n && grant_load(s, q, &out[i]) == CMS_OK)
		i++;
	sqlite3_finalize(q);
	return store_end_work(s, true) ? -1 : (int)i;
}

int grants_untold(struct cms *cms, int64_t now, struct grant *out, size_t n)
{
	if (store_begin_work(cms->store))
		return -1;
	return load_all(cms->store,
			store_query(cms->store,
				    "SELECT " GRANT_COLUMNS " FROM grants WHERE told = 0 AND "
				    "next_try <= ? ORDER BY next_try LIMIT ?",
				    "ii", now, (int64_t)n),
			out, n);
}

void grant_told(struct cms *cms, const char *id, bool told, int64_t now)
{
	if (store_begin_work(cms->store))
		return;
	if (told)
		store_run(cms->store, "UPDATE grants SET told = 1 WHERE id = ?", "s", id);
	else
		store_run(cms->store,
			  "UPDATE grants SET tries = tries + 1, next_try = ?1 + min(?2, ?3 << "
			  "min(tries, 20)) WHERE id = ?4",
			  "iiis", now, (int64_t)RETRY_MAX_S, (int64_t)RETRY_FIRST_S, id);
	store_end_work(cms->store, true);
}

int grants_unfed(struct cms *cms, int64_t now, struct grant *out, size_t n)
{
	if (store_begin_work(cms->store))
		return -1;
	return load_all(cms->store,
			store_query(cms->store,
				    "SELECT " GRANT_COLUMNS
				    " FROM grants WHERE fed = 0 AND state > 0 "
				    "AND feed_next <= ? ORDER BY feed_next, seq LIMIT ?",
				    "ii", now, (int64_t)n),
			out, n);
}

void grant_fed(struct cms *cms, const char *id, int64_t seq, bool fed, int64_t now)
{
	if (store_begin_work(cms->store))
		return;
	if (fed)
		store_run(cms->store, "UPDATE grants SET fed = 1 WHERE id = ? AND seq = ?", "si",
			  id, seq);
	else
		store_run(cms->store,
			  "UPDATE grants SET feed_tries = feed_tries + 1, feed_next = ?1 + min(?2, "
			  "1 << min(feed_tries, 20)) WHERE id = ?3 AND seq = ?4",
			  "iisi", now, (int64_t)FEED_MAX_S, id, seq);
	store_end_work(cms->store, true);
}

int grants_feed_again(struct cms *cms)
{
	int n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_run(cms->store,
		      "UPDATE grants SET fed = 0, feed_tries = 0, feed_next = 0 WHERE state = 1",
		      "");
	return store_end_work(cms->store, true) ? -1 : n;
}

int64_t grants_unfed_count(struct cms *cms)
{
	int64_t n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_number(cms->store, -1, "SELECT count(*) FROM grants WHERE fed = 0 AND state > 0",
			 "");
	return store_end_work(cms->store, true) ? -1 : n;
}

enum cms_result grant_by_id(struct cms *cms, const char *id, struct grant *out)
{
	sqlite3_stmt *q;
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	q = store_query(cms->store, "SELECT " GRANT_COLUMNS " FROM grants WHERE id = ?", "s", id);
	r = grant_load(cms->store, q, out);
	sqlite3_finalize(q);
	return store_end_work(cms->store, true) ? CMS_BROKEN : r;
}

enum cms_result grant_by_remote(struct cms *cms, const char *partner, const char *remote,
				struct grant *out)
{
	sqlite3_stmt *q;
	enum cms_result r;

	if (store_begin_work(cms->store))
		return CMS_BROKEN;
	q = store_query(cms->store,
			"SELECT " GRANT_COLUMNS
			" FROM grants WHERE side = 0 AND partner = ? AND remote = ?",
			"ss", partner, remote);
	r = grant_load(cms->store, q, out);
	sqlite3_finalize(q);
	return store_end_work(cms->store, true) ? CMS_BROKEN : r;
}

int bindings_find(struct cms *cms, const char *identity, struct grant *out, size_t n)
{
	if (store_begin_work(cms->store))
		return -1;
	return load_all(
	    cms->store,
	    store_query(cms->store,
			"SELECT " GRANT_COLUMNS " FROM grants WHERE id IN (SELECT "
			"grant_id FROM bound WHERE name = ?) AND state = 1 ORDER BY seq",
			"s", identity),
	    out, n);
}

int grants_of_user(struct cms *cms, const char *mc_id, struct grant *out, size_t n)
{
	if (store_begin_work(cms->store))
		return -1;
	return load_all(cms->store,
			store_query(cms->store,
				    "SELECT " GRANT_COLUMNS
				    " FROM grants WHERE side = 0 AND mc_id = "
				    "? AND state = 1 ORDER BY seq LIMIT ?",
				    "si", mc_id, (int64_t)n),
			out, n);
}

int grants_after(struct cms *cms, int64_t seq, struct grant *out, size_t n)
{
	if (store_begin_work(cms->store))
		return -1;
	return load_all(cms->store,
			store_query(cms->store,
				    "SELECT " GRANT_COLUMNS
				    " FROM grants WHERE seq > ? ORDER BY seq LIMIT ?",
				    "ii", seq, (int64_t)n),
			out, n);
}

int64_t grants_live(struct cms *cms, enum side side)
{
	int64_t n;

	if (store_begin_work(cms->store))
		return -1;
	n = store_number(cms->store, -1, "SELECT count(*) FROM grants WHERE state = 1 AND side = ?",
			 "i", (int64_t)side);
	return store_end_work(cms->store, true) ? -1 : n;
}
