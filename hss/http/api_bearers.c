/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of access bearers (GIBA), as what knows of the bearers tells them. */
#include <stdio.h>
#include <time.h>

#include "hss/http/api.h"
#include "hss/provision/bearer.h"

enum { BEARERS_PAGE = 200 };

static json_t *of_bearer(const struct bearer *b)
{
	int64_t left = b->until - (int64_t)time(NULL);
	char text[BEARER_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:I, s:b}", "imsi", b->imsi, "address", bearer_text(b, text),
			 "seconds", (json_int_t)(left > 0 ? left : 0), "used", b->used);
}

static void put_row(const struct bearer *b, void *arg)
{
	json_array_append_new(arg, of_bearer(b));
}

void api_bearers(struct api_call *call)
{
	const char *after = query_get(&call->query, "after");
	json_t *rows = json_array(), *next = NULL;
	char imsi[MSISDN_SIZE] = "";
	int n;

	if (after && bearer_imsi(slice_str(after), imsi)) {
		json_decref(rows);
		answer_problem(call, 400, "after is an IMSI from an answer",
			       "take the page that 'next' of the answer before names");
		return;
	}
	n = rows ? provision_bearers(call->daemon->svc->store, imsi, (int64_t)time(NULL),
				     BEARERS_PAGE, put_row, rows)
		 : STORE_EIO;
	if (n < 0) {
		json_decref(rows);
		answer_refused(call, n, store_strerror(n));
		return;
	}
	if (n == BEARERS_PAGE)
		next = json_sprintf("/api/v1/bearers?after=%s",
				    json_string_value(json_object_get(
					json_array_get(rows, BEARERS_PAGE - 1), "imsi")));
	answer_json(call, 200, json_pack("{s:o, s:o?}", "bearers", rows, "next", next));
}

/* What the body says. Returns 0, or -1 after an answer. */
static int read_body(struct api_call *call, const char **address, uint64_t *seconds)
{
	const json_t *a = json_object_get(call->body, "address");
	const json_t *s = json_object_get(call->body, "seconds");

	if (json_is_string(a) && (!s || (json_is_integer(s) && json_integer_value(s) >= 0)) &&
	    json_object_size(call->body) == (s ? 2 : 1)) {
		*address = json_string_value(a);
		*seconds = s ? (uint64_t)json_integer_value(s) : BEARER_SECONDS;
		return 0;
	}
	answer_problem(call, 422,
		       "the body has address (a string), and may have seconds (a number)",
		       "mend it and ask again");
	return -1;
}

static void set(struct api_call *call)
{
	struct service *svc = call->daemon->svc;
	char why[API_WHY_SIZE];
	const char *address;
	uint64_t seconds;
	struct bearer b;
	int err;

	if (!svc->policy.giba) {
		answer_problem(call, 409, "giba is no in the configuration: no address is taken",
			       "set it, and read docs/hss.md before, if users are to be "
			       "authenticated by the address of their bearer");
		return;
	}
	if (read_body(call, &address, &seconds))
		return;
	err = provision_bearer_set(svc->store, slice_str(call->path.seg[3]), slice_str(address),
				   seconds, (int64_t)time(NULL), &b, why, sizeof(why));
	if (err == 0 || err == STORE_ENOTFOUND)
		service_changed(svc);
	if (err) {
		answer_refused(call, err, why);
		return;
	}
	answer_json(call, 200, of_bearer(&b));
}

void api_bearer(struct api_call *call)
{
	char why[API_WHY_SIZE];
	int err;

	if (strcmp(call->route->method, "PUT") == 0) {
		set(call);
		return;
	}
	err = provision_bearer_remove(call->daemon->svc->store, slice_str(call->path.seg[3]),
				      (int64_t)time(NULL), why, sizeof(why));
	if (err) {
		answer_refused(call, err, why);
		return;
	}
	service_changed(call->daemon->svc);
	answer_json(call, 200, json_pack("{s:s}", "imsi", call->path.seg[3]));
}
