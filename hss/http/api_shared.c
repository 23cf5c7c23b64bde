/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared sets of filter criteria. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hss/http/api.h"
#include "hss/http/json.h"
#include "hss/provision/edit.h"
#include "hss/provision/shared.h"

enum { SETS_PAGE = 200 };

static void put_row(uint32_t set, uint32_t criteria, void *arg)
{
	json_array_append_new(arg,
			      json_pack("{s:i, s:i}", "set", (int)set, "criteria", (int)criteria));
}

static int list(struct store *store, int64_t after, json_t *rows)
{
	struct transaction *tx;
	int err = store_begin(store, false, &tx);

	if (err)
		return err;
	err = store_shared_sets(tx, after, SETS_PAGE, put_row, rows);
	store_rollback(tx);
	return err;
}

void api_sets(struct api_call *call)
{
	const char *after = query_get(&call->query, "after");
	json_t *rows = json_array(), *next = NULL;
	uint64_t begin = 0;
	int n;

	if (after && slice_u64(slice_str(after), SHARED_SET_MAX, &begin)) {
		json_decref(rows);
		answer_problem(call, 400, "after is a number from an answer",
			       "take the page that 'next' of the answer before names");
		return;
	}
	n = rows ? list(call->daemon->svc->store, after ? (int64_t)begin : -1, rows) : STORE_EIO;
	if (n < 0) {
		json_decref(rows);
		answer_refused(call, n, store_strerror(n));
		return;
	}
	if (n == SETS_PAGE)
		next = json_sprintf("/api/v1/shared-ifcs?after=%d",
				    (int)json_integer_value(json_object_get(
					json_array_get(rows, SETS_PAGE - 1), "set")));
	answer_json(call, 200, json_pack("{s:o, s:o?}", "sets", rows, "next", next));
}

/* The number of the set in the path, and room for what is in it. Returns 0, or -1 after an answer. */
static int begin(struct api_call *call, uint32_t *set)
{
	uint64_t n;

	if (slice_u64(slice_str(call->path.seg[3]), SHARED_SET_MAX, &n)) {
		answer_problem(call, 422, "a shared set has a number, up to 2147483647",
			       "mend the path and ask again");
		return -1;
	}
	*set = (uint32_t)n;
	call->sub = subscription_new();
	if (!call->sub)
		answer_refused(call, STORE_EIO, "no memory");
	return call->sub ? 0 : -1;
}

void api_set(struct api_call *call)
{
	char why[API_WHY_SIZE];
	uint32_t set;
	int err;

	if (begin(call, &set))
		return;
	err = provision_load_set(call->daemon->svc->store, set, call->sub, why, sizeof(why));
	if (err)
		answer_refused(call, err, why);
	else
		answer_json(call, 200, json_of_set(set, call->sub));
}

static void change(struct api_call *call, provision_edit_h edit)
{
	char why[API_WHY_SIZE];
	uint32_t set;
	int err;

	if (begin(call, &set))
		return;
	err = provision_change_set(call->daemon->svc->store, set, edit, call, call->sub, why,
				   sizeof(why));
	if (err) {
		answer_refused(call, err, why);
		return;
	}
	service_changed(call->daemon->svc);
	answer_json(call, 200, json_of_set(set, call->sub));
}

static int edit_criterion(struct subscription *criteria, void *arg, char *why, size_t size)
{
	struct api_call *call = arg;
	char word[IDENTITY_SIZE + 16];
	const struct json_about about = {.name = word};
	uint64_t priority;

	if (slice_u64(slice_str(call->path.seg[4]), INT32_MAX, &priority)) {
		snprintf(why, size, "the path of a criterion ends in its priority, a number");
		return -1;
	}
	if (strcmp(call->route->method, "DELETE") == 0)
		return provision_remove_ifc(criteria, 0, priority, why, size);
	snprintf(word, sizeof(word), "priority=%s", call->path.seg[4]);
	return json_apply(criteria, JSON_KIND_SET_IFC, call->body, &about, why, size);
}

void api_set_ifc(struct api_call *call)
{
	change(call, edit_criterion);
}

static int empty(struct subscription *criteria, void *arg, char *why, size_t size)
{
	(void)arg;
	return provision_empty_set(criteria, why, size);
}

void api_set_remove(struct api_call *call)
{
	change(call, empty);
}
