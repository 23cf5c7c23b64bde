/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the network is told: deregistration, the profile, the end of a subscription. */
#include <stdio.h>
#include <stdlib.h>

#include "hss/cx/withdraw.h"
#include "hss/http/api.h"

static int copy_member(const json_t *body, const char *name, char *out, size_t size)
{
	const json_t *v = json_object_get(body, name);

	if (!v)
		return 0;
	return json_is_string(v) ? slice_copy(slice_str(json_string_value(v)), out, size) : -1;
}

static int copy_identities(struct api_call *call, const json_t *list)
{
	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > SUB_IMPUS_MAX)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name || slice_copy(slice_str(name), call->impus[i], IDENTITY_SIZE))
			return -1;
		call->n_impus++;
	}
	return 0;
}

static bool known_members(const json_t *body)
{
	static const char *const known[] = {"public", "reason", "info", "force"};
	size_t n = 0;

	for (int i = 0; i < 4; i++)
		n += json_object_get(body, known[i]) != NULL;
	return n == json_object_size(body);
}

void api_deregister(struct api_call *call)
{
	const json_t *force = json_object_get(call->body, "force");
	char reason[32] = "permanent-termination";

	if ((call->body && !json_is_object(call->body)) || !known_members(call->body) ||
	    copy_member(call->body, "info", call->info, sizeof(call->info)) ||
	    copy_member(call->body, "reason", reason, sizeof(reason)) ||
	    copy_identities(call, json_object_get(call->body, "public")) ||
	    (force && !json_is_boolean(force)) ||
	    deregistration_reason_parse(slice_str(reason), &call->reason)) {
		answer_problem(call, 422,
			       "the body may have: public (array of identities), reason "
			       "(" DEREGISTRATION_REASONS "), info (string), force (true or false)",
			       "mend it and ask again");
		return;
	}
	call->force = json_is_true(force);
	strcpy(call->impi, call->path.seg[3]);
	call->follow = FOLLOW_DEREGISTER;
}

void api_push(struct api_call *call)
{
	strcpy(call->impi, call->path.seg[3]);
	call->follow = FOLLOW_PUSH;
}

void api_follow(struct api_call *call, push_done_h done, void *arg)
{
	struct slice impus[SUB_IMPUS_MAX];
	const struct push_order order = {.impi = slice_str(call->impi),
					 .impus = impus,
					 .n_impus = call->n_impus,
					 .reason = call->reason,
					 .info = call->info,
					 .force = call->force,
					 .seconds = call->daemon->answer_seconds,
					 .out = &call->steps,
					 .done = done,
					 .arg = arg};

	if (call->follow == FOLLOW_END) {
		api_migration_follow(call, done, arg);
		return;
	}
	for (size_t i = 0; i < call->n_impus; i++)
		impus[i] = slice_str(call->impus[i]);
	if (call->follow == FOLLOW_DEREGISTER)
		push_deregister(call->daemon->svc, &order);
	else if (call->follow == FOLLOW_WITHDRAW)
		push_withdraw(call->daemon->svc, &order);
	else
		push_profiles(call->daemon->svc, &order);
}

/* The lines of what was sent as an array. */
static json_t *steps(const struct api_call *call)
{
	struct slice rest = slice_make(call->steps.p, call->steps.len);
	json_t *list = json_array();

	while (rest.len) {
		struct slice line = slice_cut(&rest, '\n');

		json_array_append_new(list, json_stringn(line.p, line.len));
	}
	return list;
}

/* What an error of an order means to the caller. */
static void failed(struct api_call *call, const char *error)
{
	if (strstr(error, "not found"))
		answer_problem(call, 404, error,
			       "see GET /api/v1/subscribers for those that exist");
	else if (strstr(error, "is not registered") || strstr(error, "is no public identity"))
		answer_problem(call, 409, error, "only what is registered can be named");
	else if (strstr(error, store_strerror(STORE_EAWAY)) ||
		 strstr(error, store_strerror(STORE_EBUSY)))
		answer_refused(call, STORE_EAWAY, error);
	else
		answer_problem(call, 502, error,
			       "see that the S-CSCF is connected and ask again; force drops a "
			       "registration without it");
}

void api_followed(struct api_call *call, const char *error)
{
	if (call->follow == FOLLOW_END)
		api_migration_followed(call, error);
	else if (error)
		failed(call, error);
	else
		answer_json(call, 200, json_pack("{s:o}", "steps", steps(call)));
}
