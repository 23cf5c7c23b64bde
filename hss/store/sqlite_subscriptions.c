/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions of application servers, and whose data may have changed for them. */
#include "hss/store/sqlite.h"

static void bind_key(sqlite3_stmt *st, const struct sh_subscription *s)
{
	sqlite_bind(st, 1, s->host);
	sqlite_bind(st, 2, s->user);
	sqlite_bind(st, 3, s->impi);
	sqlite3_bind_int64(st, 4, s->reference);
	sqlite3_bind_int64(st, 5, s->sets);
	sqlite_bind(st, 6, s->service);
	sqlite_bind(st, 7, s->server);
}

int sqlite_subscribe(struct store *store, const struct sh_subscription *s)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_SUBSCRIBE);

	if (!st)
		return STORE_EIO;
	bind_key(st, s);
	sqlite3_bind_int64(st, 8, s->sub);
	sqlite_bind(st, 9, s->realm);
	sqlite3_bind_int64(st, 10, s->expiry);
	sqlite3_bind_int(st, 11, s->one_time);
	sqlite_bind(st, 12, s->sent);
	return sqlite_run(st);
}

int sqlite_unsubscribe(struct store *store, const struct sh_subscription *s)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_UNSUBSCRIBE);

	if (!st)
		return STORE_EIO;
	bind_key(st, s);
	return sqlite_run(st);
}

static int count(struct sqlite_store *s, enum statement which, int64_t sub, uint64_t *out)
{
	sqlite3_stmt *st = sqlite_use(s, which);
	int rc;

	if (!st)
		return STORE_EIO;
	if (sub)
		sqlite3_bind_int64(st, 1, sub);
	rc = sqlite3_step(st);
	*out = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return sqlite_error_of(rc);
}

int sqlite_count_subscriptions(struct store *store, int64_t sub, uint64_t *of_user, uint64_t *all)
{
	int err = count(sqlite_self(store), S_COUNT_OF_SUB, sub, of_user);

	return err ? err : count(sqlite_self(store), S_COUNT_ALL, 0, all);
}

static int load(sqlite3_stmt *st, struct sh_subscription *s)
{
	memset(s, 0, sizeof(*s));
	s->id = sqlite3_column_int64(st, 0);
	s->sub = sqlite3_column_int64(st, 1);
	s->reference = (uint32_t)sqlite3_column_int64(st, 6);
	s->sets = (unsigned int)sqlite3_column_int64(st, 7);
	s->expiry = sqlite3_column_int64(st, 10);
	s->one_time = sqlite3_column_int(st, 11);
	s->retry_at = sqlite3_column_int64(st, 13);
	s->tries = (uint32_t)sqlite3_column_int64(st, 14);
	return sqlite_column_text(st, 2, s->host, sizeof(s->host)) |
	       sqlite_column_text(st, 3, s->realm, sizeof(s->realm)) |
	       sqlite_column_text(st, 4, s->user, sizeof(s->user)) |
	       sqlite_column_text(st, 5, s->impi, sizeof(s->impi)) |
	       sqlite_column_text(st, 8, s->service, sizeof(s->service)) |
	       sqlite_column_text(st, 9, s->server, sizeof(s->server)) |
	       sqlite_column_text(st, 12, s->sent, sizeof(s->sent));
}

int sqlite_subscriptions(struct store *store, int64_t sub, int64_t after,
			 struct sh_subscription *out, size_t max)
{
	sqlite3_stmt *st =
	    sqlite_use(sqlite_self(store), sub ? S_SUBSCRIPTIONS_OF : S_SUBSCRIPTIONS);
	int n = 0, rc = SQLITE_DONE;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, after);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	if (sub)
		sqlite3_bind_int64(st, 3, sub);
	while ((size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		if (load(st, &out[n++])) {
			sqlite3_reset(st);
			return STORE_EIO;
		}
	sqlite3_reset(st);
	return sqlite_error_of(rc) ? sqlite_error_of(rc) : n;
}

int sqlite_due(struct store *store, int64_t now, int64_t *subs, size_t max)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_DUE);
	int n = 0, rc = SQLITE_DONE;

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, now);
	sqlite3_bind_int64(st, 2, (int64_t)max);
	while ((size_t)n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		subs[n++] = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return sqlite_error_of(rc) ? sqlite_error_of(rc) : n;
}

static int run_number(struct store *store, enum statement which, int64_t number)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), which);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, number);
	return sqlite_run(st);
}

int sqlite_settle(struct store *store, int64_t sub)
{
	return run_number(store, S_SETTLE, sub);
}

int sqlite_expire(struct store *store, int64_t now)
{
	return run_number(store, S_EXPIRE, now);
}

int sqlite_end_subscription(struct store *store, int64_t id)
{
	return run_number(store, S_END_SUBSCRIPTION, id);
}

int sqlite_end_subscriptions(struct store *store, const char *host, const char *user)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_END_SUBSCRIPTIONS);

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, host);
	sqlite_bind(st, 2, user);
	return sqlite_run(st);
}

int sqlite_save_subscription(struct store *store, const struct sh_subscription *s)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_SAVE_SUBSCRIPTION);

	if (!st)
		return STORE_EIO;
	sqlite3_bind_int64(st, 1, s->id);
	sqlite_bind(st, 2, s->sent);
	sqlite3_bind_int64(st, 3, s->retry_at);
	sqlite3_bind_int64(st, 4, s->tries);
	sqlite3_bind_int64(st, 5, s->sub);
	return sqlite_run(st);
}

int sqlite_retry_at(struct store *store, const char *host, int64_t time)
{
	sqlite3_stmt *st = sqlite_use(sqlite_self(store), S_RETRY_AT);

	if (!st)
		return STORE_EIO;
	sqlite_bind(st, 1, host);
	sqlite3_bind_int64(st, 2, time);
	return sqlite_run(st);
}
