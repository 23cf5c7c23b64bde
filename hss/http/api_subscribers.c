/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions as a whole: the list, one, a new one, and the end of one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/slice.h"
#include "hss/http/api.h"
#include "hss/http/json.h"
#include "hss/provision/change.h"
#include "hss/subscription/wildcard.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 200 };

static void put_summary(const struct subscription *sub, void *arg)
{
	json_array_append_new(arg, json_summary(sub));
}

/* The page behind the cursor after. Returns its rows, or NULL with err. */
static json_t *page(struct store *store, int64_t *after, size_t limit, int *n)
{
	json_t *rows = json_array();

	*n = rows ? provision_piece(store, after, limit, put_summary, rows) : STORE_EIO;
	if (*n >= 0)
		return rows;
	json_decref(rows);
	return NULL;
}

static uint64_t total(struct store *store)
{
	struct store_totals t;

	return store_totals_now(store, &t) ? 0 : t.subscriptions;
}

/* The subscription that any kind of identity belongs to, or that has the wildcard which it matches. */
static int find(struct transaction *tx, const char *identity, int64_t *id)
{
	char canonical[IDENTITY_SIZE], found[IDENTITY_SIZE];
	int err = store_find_impi(tx, slice_str(identity), id);

	if (err == STORE_ENOTFOUND && identity_stored(slice_str(identity), canonical) == 0)
		err = store_find_public(tx, canonical, found, id);
	if (err == STORE_ENOTFOUND)
		err = store_find_msisdn(tx, slice_str(identity), id);
	return err;
}

static int load_found(struct store *store, const char *identity, struct subscription *sub)
{
	struct transaction *tx;
	int64_t id;
	int err = store_begin(store, false, &tx);

	if (err)
		return err;
	err = find(tx, identity, &id);
	if (err == 0)
		err = store_load(tx, id, sub);
	store_rollback(tx);
	return err;
}

/* ?identity=: a list of one or none. */
static void list_one(struct api_call *call, const char *identity)
{
	struct subscription *sub = subscription_new();
	json_t *rows = json_array();
	int err = sub && rows ? load_found(call->daemon->svc->store, identity, sub) : STORE_EIO;

	if (err == 0)
		json_array_append_new(rows, json_summary(sub));
	subscription_free(sub);
	if (err && err != STORE_ENOTFOUND) {
		json_decref(rows);
		answer_refused(call, err, store_strerror(err));
		return;
	}
	answer_json(call, 200,
		    json_pack("{s:o, s:I, s:n}", "subscribers", rows, "total",
			      (json_int_t)total(call->daemon->svc->store), "next"));
}

void api_list(struct api_call *call)
{
	const char *after_arg = query_get(&call->query, "after");
	const char *limit_arg = query_get(&call->query, "limit");
	const char *identity = query_get(&call->query, "identity");
	uint64_t begin = 0, limit = LIMIT_DEFAULT;
	struct store *store = call->daemon->svc->store;
	json_t *rows, *next = NULL;
	int64_t after;
	int n;

	if ((after_arg && slice_u64(slice_str(after_arg), INT64_MAX, &begin)) ||
	    (limit_arg && (slice_u64(slice_str(limit_arg), LIMIT_MAX, &limit) || limit == 0))) {
		answer_problem(call, 400,
			       "limit is a number from 1 to 200, after one from an answer",
			       "take the page that 'next' of the answer before names");
		return;
	}
	if (identity) {
		list_one(call, identity);
		return;
	}
	after = (int64_t)begin;
	rows = page(store, &after, (size_t)limit, &n);
	if (!rows) {
		answer_refused(call, n, store_strerror(n));
		return;
	}
	if ((uint64_t)n == limit)
		next = json_sprintf("/api/v1/subscribers?after=%" PRId64 "&limit=%d", after,
				    (int)limit);
	answer_json(call, 200,
		    json_pack("{s:o, s:I, s:o?}", "subscribers", rows, "total",
			      (json_int_t)total(store), "next", next));
}

void api_add(struct api_call *call)
{
	char why[API_WHY_SIZE] = "no memory";
	int err = STORE_EIO;

	call->sub = subscription_new();
	if (call->sub && json_subscription(call->sub, call->body, why, sizeof(why)))
		err = PROVISION_REFUSED;
	else if (call->sub)
		err = provision_add(call->daemon->svc->store, call->sub, why, sizeof(why));
	if (err) {
		answer_refused(call, err, why);
		return;
	}
	service_changed(call->daemon->svc);
	strcpy(call->answer.location, "/api/v1/subscribers/");
	put_encoded(call->sub->impi[0].name, call->answer.location + strlen(call->answer.location),
		    sizeof(call->answer.location) - strlen(call->answer.location));
	answer_json(call, 201, json_of_subscription(call->sub));
}

void api_get(struct api_call *call)
{
	char why[API_WHY_SIZE] = "no memory";
	int err = STORE_EIO;

	call->sub = subscription_new();
	if (call->sub)
		err = provision_load(call->daemon->svc->store, call->path.seg[3], call->sub, why,
				     sizeof(why));
	if (err)
		answer_refused(call, err, why);
	else
		answer_subscription(call);
}

/* Before anything is sent: what the S-CSCF does then changes the subscription, too. */
static bool may_remove(struct api_call *call)
{
	char why[API_WHY_SIZE] = "no memory";
	struct subscription *sub;
	int err = STORE_EIO;

	if (!call->conditional)
		return true;
	sub = subscription_new();
	if (sub)
		err = provision_load(call->daemon->svc->store, call->path.seg[3], sub, why,
				     sizeof(why));
	if (err)
		answer_refused(call, err, why);
	else if (!api_is_meant(call, sub))
		answer_unmet(call);
	subscription_free(sub);
	return !call->answer.status;
}

void api_remove(struct api_call *call)
{
	const char *force = query_get(&call->query, "force");

	if (force && strcmp(force, "true") != 0 && strcmp(force, "false") != 0) {
		answer_problem(call, 400, "force is true or false", "mend it and ask again");
		return;
	}
	if (!may_remove(call))
		return;
	call->force = force && strcmp(force, "true") == 0;
	strcpy(call->impi, call->path.seg[3]);
	call->follow = FOLLOW_WITHDRAW;
}
