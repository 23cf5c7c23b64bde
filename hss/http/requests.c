/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/requests.h"

#include <stdio.h>

#include "hss/http/auth.h"
#include "hss/http/exchange.h"
#include "hss/http/json.h"
#include "http/head.h"
#include "http/server.h"

enum { IMPORT_STEP = 16384 }; /* an import that makes such a step has its time anew */

static const struct api_daemon *hss;

void requests_begin(const struct api_daemon *daemon)
{
	hss = daemon;
}

static enum MHD_Result on_argument(void *arg, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct exchange *x = arg;

	(void)kind;
	if (query_add(&x->call.query, slice_str(name), slice_str(value ? value : "")) == 0)
		return MHD_YES;
	answer_problem(&x->call, 400, "the arguments behind the '?' are malformed",
		       "each stands there once, encoded as RFC 3986 says");
	return MHD_NO;
}

/* Is what comes what the route takes? */
static void check_type(struct exchange *x)
{
	const char *type = head_field(x->connection, "Content-Type");
	const char *wanted = x->call.route->body == BODY_IMPORT ? "text/plain" : "application/json";

	if (x->call.route->body == BODY_NONE || !type)
		return;
	if (strncasecmp(type, wanted, strlen(wanted)) != 0)
		answer_problem(&x->call, 415, "the body is of a type that is not taken here",
			       "send application/json, or text/plain to import");
}

/* Conditions of the head (RFC 9110 13.1); several lines of one field are one list. */
static enum MHD_Result on_condition(void *arg, enum MHD_ValueKind kind, const char *name,
				    const char *value)
{
	struct api_call *call = arg;
	const char *list = value ? value : "";

	(void)kind;
	if (strcasecmp(name, "If-Match") == 0 && strcmp(list, "*") != 0) {
		call->conditional = true;
		tag_list_add(call->if_match, list);
	} else if (strcasecmp(name, "If-None-Match") == 0) {
		call->only_new |= strcmp(list, "*") == 0;
		tag_list_add(call->if_none_match, list);
	}
	return MHD_YES;
}

/*
 * Who asks for a change of what has no ETag on condition of one is told, and nothing changes. The same goes for who asks
 * for it only where nothing is: that is not looked at before. If-Match of a GET is passed over.
 */
static void check_conditions(struct exchange *x)
{
	struct api_call *call = &x->call;
	bool reads = strcmp(call->route->method, "GET") == 0;

	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, on_condition, call);
	if (reads)
		call->conditional = false;
	else if (call->only_new || (call->conditional && !(call->route->flags & TAGGED)))
		answer_unmet(call);
}

/* The head of the request is there. */
static void on_head(struct exchange *x, const char *url)
{
	struct netaddr from = head_peer(x->connection);

	x->call.daemon = hss;
	x->last = head_unclear(x->connection);
	if (x->last) {
		answer_problem(
		    &x->call, 400, "the head of the request can be read in two ways",
		    "send one Host, Authorization and Content-Length, or Transfer-Encoding: "
		    "chunked without Content-Length, and no blank in front of a ':'");
		return;
	}
	if (api_find(&x->call, x->method, slice_str(url)))
		return;
	if (auth_check(&x->call, head_field(x->connection, MHD_HTTP_HEADER_AUTHORIZATION), &from,
		       x->call.now_ms, x->who))
		return;
	MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, on_argument, x);
	if (!x->call.answer.status)
		check_conditions(x);
	if (!x->call.answer.status)
		check_type(x);
	if (x->call.answer.status)
		return;
	if (x->call.route->body == BODY_IMPORT)
		api_handle(&x->call);
	/* more than is passed over: it is refused before the body, and who waits for 100 sends none */
	else if (head_announces_over(x->connection, HTTP_BODY_MAX))
		exchange_too_big(x);
}

/* A part of the body. Returns MHD_NO to close the connection. */
static enum MHD_Result on_body(struct exchange *x, const char *data, size_t len)
{
	if (x->call.importing) {
		api_import_feed(&x->call, slice_make(data, len));
		x->passed += len;
		if (x->passed >= IMPORT_STEP) {
			x->passed = 0;
			deadline_again(x->deadline, x->call.now_ms);
		}
		return MHD_YES;
	}
	/* what nobody wants is passed over, so that the answer is read, but not without end */
	if (x->call.answer.status || x->call.route->body == BODY_NONE ||
	    exchange_body(x, data, len)) {
		x->passed += len;
		return x->passed > HTTP_BODY_MAX ? MHD_NO : MHD_YES;
	}
	return MHD_YES;
}

static void read_body(struct exchange *x)
{
	char why[API_WHY_SIZE];

	if (x->call.route->body == BODY_NONE ||
	    (x->call.route->body == BODY_OPTIONAL && x->body.len == 0))
		return;
	x->call.body = json_read(x->body.p, x->body.len, why, sizeof(why));
	if (!x->call.body)
		answer_problem(&x->call, 400, why, "send a JSON document as /openapi.json has it");
}

/* The whole request is there. */
static enum MHD_Result on_whole(struct exchange *x)
{
	if (x->followed || x->stopped) {
		exchange_resumed(x);
		return exchange_answer(x);
	}
	if (x->call.importing)
		api_import_end(&x->call);
	if (!x->call.answer.status)
		read_body(x);
	if (!x->call.answer.status)
		api_handle(&x->call);
	if (!x->call.answer.status && x->call.follow) {
		if (exchange_wait(x))
			return MHD_YES;
		exchange_resumed(x);
	}
	return exchange_answer(x);
}

enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
			   const char *version, const char *data, size_t *len, void **state)
{
	struct exchange *x = *state;

	(void)cls;
	(void)version;
	if (!x) {
		x = *state = exchange_new(c);
		if (!x)
			return MHD_NO;
		x->deadline = http_server_deadline(c);
		if (!x->deadline)
			return MHD_NO;
		x->call.now_ms = http_now_ms();
		snprintf(x->method, sizeof(x->method), "%s", method);
		snprintf(x->target, sizeof(x->target), "%s", url);
		on_head(x, url);
		return x->last || (x->call.answer.status && head_announces_over(c, HTTP_BODY_MAX))
			   ? exchange_answer(x)
			   : MHD_YES;
	}
	x->call.now_ms = http_now_ms();
	if (*len) {
		enum MHD_Result rc = on_body(x, data, *len);

		*len = 0;
		return rc;
	}
	return on_whole(x);
}

void on_completed(void *cls, struct MHD_Connection *c, void **state,
		  enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)cls;
	(void)c;
	(void)code;
	if (!x)
		return;
	deadline_again(x->deadline, http_now_ms());
	exchange_end(x);
	*state = NULL;
}
