/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions of application servers, and whose data may have changed for them. */
#include "hss/store/tables.h"

static void bind_key(struct db_statement *st, const struct sh_subscription *s)
{
	db_bind_text(st, 1, s->host);
	db_bind_text(st, 2, s->user);
	db_bind_text(st, 3, s->impi);
	db_bind_int(st, 4, s->reference);
	db_bind_int(st, 5, s->sets);
	db_bind_text(st, 6, s->service);
	db_bind_text(st, 7, s->server);
}

int store_subscribe(struct transaction *tx, const struct sh_subscription *s)
{
	struct db_statement *st = use(tx, S_SUBSCRIBE);

	if (!st)
		return STORE_EIO;
	bind_key(st, s);
	db_bind_int(st, 8, s->sub);
	db_bind_text(st, 9, s->realm);
	db_bind_int(st, 10, s->expiry);
	db_bind_int(st, 11, s->one_time);
	db_bind_text(st, 12, s->sent);
	return db_run(st);
}

int store_unsubscribe(struct transaction *tx, const struct sh_subscription *s)
{
	struct db_statement *st = use(tx, S_UNSUBSCRIBE);

	if (!st)
		return STORE_EIO;
	bind_key(st, s);
	return db_run(st);
}

static int count(struct transaction *tx, enum statement which, int64_t sub, const char *host,
		 uint64_t *out)
{
	struct db_statement *st = use(tx, which);
	int rc;

	if (!st)
		return STORE_EIO;
	if (sub)
		db_bind_int(st, 1, sub);
	if (host)
		db_bind_text(st, 2, host);
	rc = db_step(st);
	*out = rc == DB_ROW ? (uint64_t)db_int(st, 0) : 0;
	db_end(st);
	return rc < 0 ? rc : 0;
}

int store_count_subscriptions(struct transaction *tx, int64_t sub, const char *host,
			      struct sh_counts *out)
{
	int err = count(tx, S_COUNT_OF_HOST, sub, host, &out->of_as);

	if (err == 0)
		err = count(tx, S_COUNT_OF_SUB, sub, NULL, &out->of_user);
	return err ? err : count(tx, S_COUNT_ALL, 0, NULL, &out->all);
}

static int load(struct db_statement *st, struct sh_subscription *s)
{
	memset(s, 0, sizeof(*s));
	s->id = db_int(st, 0);
	s->sub = db_int(st, 1);
	s->reference = (uint32_t)db_int(st, 6);
	s->sets = (unsigned int)db_int(st, 7);
	s->expiry = db_int(st, 10);
	s->one_time = (int)db_int(st, 11);
	s->retry_at = db_int(st, 13);
	s->tries = (uint32_t)db_int(st, 14);
	return db_text(st, 2, s->host, sizeof(s->host)) |
	       db_text(st, 3, s->realm, sizeof(s->realm)) |
	       db_text(st, 4, s->user, sizeof(s->user)) | db_text(st, 5, s->impi, sizeof(s->impi)) |
	       db_text(st, 8, s->service, sizeof(s->service)) |
	       db_text(st, 9, s->server, sizeof(s->server)) |
	       db_text(st, 12, s->sent, sizeof(s->sent));
}

int store_subscriptions(struct transaction *tx, int64_t sub, int64_t after,
			struct sh_subscription *out, size_t max)
{
	struct db_statement *st = use(tx, sub ? S_SUBSCRIPTIONS_OF : S_SUBSCRIPTIONS);
	int n = 0, rc = 0;

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, after);
	db_bind_int(st, 2, (int64_t)max);
	if (sub)
		db_bind_int(st, 3, sub);
	while ((size_t)n < max && (rc = db_step(st)) == DB_ROW)
		if (load(st, &out[n++])) {
			db_end(st);
			return STORE_EIO;
		}
	db_end(st);
	return rc < 0 ? rc : n;
}

int store_due(struct transaction *tx, int64_t now, int64_t *subs, size_t max)
{
	return list_numbers(tx, S_DUE, now, subs, max);
}

int store_settle(struct transaction *tx, int64_t sub)
{
	return run_number(tx, S_SETTLE, sub);
}

int store_look_again(struct transaction *tx, int64_t sub)
{
	return run_number(tx, S_LOOK_AGAIN, sub);
}

int store_sh_subs(struct transaction *tx, int64_t after, int64_t *subs, size_t max)
{
	return list_numbers(tx, S_SH_SUBS, after, subs, max);
}

int store_expire(struct transaction *tx, int64_t now)
{
	return run_number(tx, S_EXPIRE, now);
}

int store_end_subscription(struct transaction *tx, int64_t id)
{
	return run_number(tx, S_END_SUBSCRIPTION, id);
}

int store_end_subscriptions(struct transaction *tx, const char *host, const char *user)
{
	struct db_statement *st = use(tx, S_END_SUBSCRIPTIONS);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, host);
	db_bind_text(st, 2, user);
	return db_run(st);
}

int store_save_subscription(struct transaction *tx, const struct sh_subscription *s)
{
	struct db_statement *st = use(tx, S_SAVE_SUBSCRIPTION);

	if (!st)
		return STORE_EIO;
	db_bind_int(st, 1, s->id);
	db_bind_text(st, 2, s->sent);
	db_bind_int(st, 3, s->retry_at);
	db_bind_int(st, 4, s->tries);
	db_bind_int(st, 5, s->sub);
	return db_run(st);
}

int store_retry_at(struct transaction *tx, const char *host, int64_t time)
{
	struct db_statement *st = use(tx, S_RETRY_AT);

	if (!st)
		return STORE_EIO;
	db_bind_text(st, 1, host);
	db_bind_int(st, 2, time);
	return db_run(st);
}
